//! What a check of everything finds in batches that were damaged or forged.

use std::{fs, io, path::Path};

use alloy_primitives::{B256, U256};
use alloy_rlp::Decodable;
use minster_batcher::{BatchHead, Inspector, Judgement, VerifiedBatches};
use minster_os::batch::RangeClaim;
use minster_sequencer::open_storage;
use minster_storage::document::Document;

use super::{Node, RECORD, genesis, job, limits};

/// A chain that was stopped, with the number of its last batch. All batches are proven but so many
/// at its end.
fn chain(unproven: u64) -> (tempfile::TempDir, u64) {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path(), limits(2));
    // Batches of at most two blocks: three of them, or more.
    node.send(0..6);
    node.catch_up();
    let last = node.batches.summary().sealed;
    for _ in unproven..last {
        let batch = job(&node.batches).batch;
        let mut draft = node.batches.proof_draft(batch).unwrap();
        draft.append(&[7; 100]).unwrap();
        node.batches.verified(batch, draft, &RECORD).unwrap();
    }
    node.stop();
    (directory, last)
}

fn verified(directory: &Path, inspector: &mut dyn Inspector) -> VerifiedBatches {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let chain = minster_sequencer::verify(&genesis(), &storage, &[], &mut |_, _| {}).unwrap();
    assert_eq!(chain.findings, Vec::<String>::new());
    minster_batcher::verify(&genesis(), &storage, &chain, inspector).unwrap()
}

fn findings(directory: &Path) -> Vec<String> {
    verified(directory, &mut ()).findings
}

#[test]
fn nothing_is_found_in_what_is_whole() {
    let (directory, last) = chain(1);
    let expected = VerifiedBatches {
        batches: last,
        remade: last,
        proofs: last - 1,
        inputs: 1,
        ..VerifiedBatches::default()
    };
    assert_eq!(verified(directory.path(), &mut ()), expected);
}

type Forge = fn(&mut BatchHead);

/// Writes something else into the last head, with a checksum that fits, for each of these; every
/// one has to be found. `is_alone`: as one thing and no more.
fn forged(directory: &Path, last: u64, is_alone: bool, cases: &[(&str, Forge)]) {
    let storage = || open_storage(&genesis(), Some(directory)).unwrap();
    let replace = |head: &[u8]| {
        let batches = storage().batches;
        batches.truncate_after(last - 1).unwrap();
        batches.append(last, head).unwrap();
        batches.sync().unwrap();
    };
    let whole = storage().batches.get(last).unwrap().unwrap();
    for (expected, forge) in cases {
        let mut head = BatchHead::decode(&mut whole.as_slice()).unwrap();
        forge(&mut head);
        replace(&alloy_rlp::encode(&head));
        let findings = findings(directory);
        assert!(findings.iter().any(|one| one.contains(expected)), "{expected}: {findings:?}");
        assert!(findings.iter().all(|one| one.contains(&format!("batch {last}"))), "{findings:?}");
        assert!(!is_alone || findings.len() == 1, "{findings:?}");
    }
    replace(&whole);
    assert_eq!(findings(directory), Vec::<String>::new());
}

/// Whatever somebody writes into a batch, with checksums that fit, is found.
#[test]
fn what_is_forged_in_a_batch_is_found() {
    let (directory, last) = chain(2);
    let directory = directory.path();
    let cases: [(&str, Forge); 8] = [
        ("does not follow", |head| head.commitment.parent.0[0] ^= 1),
        ("does not follow", |head| head.commitment.config_hash.0[0] ^= 1),
        ("does not follow", |head| head.commitment.old_state_root.0[0] ^= 1),
        ("ends with another block", |head| head.commitment.new_state_root.0[0] ^= 1),
        ("ends with another block", |head| head.commitment.last_timestamp += 1),
        ("ends with another block", |head| head.header.gas_used += 1),
        ("makes another commitment", |head| head.commitment.pubdata_hash.0[0] ^= 1),
        ("makes another commitment", |head| head.commitment.blobs[0].value += U256::from(1)),
    ];
    forged(directory, last, false, &cases);
    // The input of another batch, whole as it is.
    let inputs = open_storage(&genesis(), Some(directory)).unwrap().inputs;
    let other = inputs.get(last - 1).unwrap().unwrap();
    let mut bytes = vec![0; other.size() as usize];
    other.read_at(0, &mut bytes).unwrap();
    inputs.write(last, &bytes).unwrap();
    drop((inputs, other));
    assert_eq!(findings(directory).len(), 1);
}

/// The same where the batch was proven and its input is gone: its blocks say what has to be there.
#[test]
fn what_is_forged_in_the_data_of_a_proven_batch_is_found() {
    let (directory, last) = chain(0);
    let cases: [(&str, Forge); 13] = [
        ("bytes of pubdata", |head| head.commitment.pubdata_hash.0[0] ^= 1),
        ("bytes of pubdata", |head| head.commitment.pubdata_length += 1),
        ("its blob 0 is 0x01", |head| head.commitment.blobs[0].versioned_hash.0[9] ^= 1),
        ("opens its blob 0 wrongly", |head| head.commitment.blobs[0].value += U256::from(1)),
        ("opens its blob 0 wrongly", |head| head.commitment.blobs[0].point += U256::from(1)),
        ("fills 1 blobs, and its commitment has 0", |head| head.commitment.blobs.clear()),
        ("fills 1 blobs, and its commitment has 2", |head| {
            let blob = head.commitment.blobs[0];
            head.commitment.blobs.push(blob);
        }),
        ("another first timestamp", |head| head.commitment.first_timestamp += 1),
        ("another L1 origin", |head| head.commitment.l1_origin_hash = B256::repeat_byte(1)),
        ("another inbox", |head| head.commitment.inbox_index_after += 1),
        ("another message root", |head| head.commitment.message_count += 1),
        ("another interop root", |head| head.commitment.interop_root = B256::repeat_byte(1)),
        ("another data mode", |head| head.commitment.data_mode += 1),
    ];
    forged(directory.path(), last, true, &cases);
    // A batch that ends elsewhere: the data of its blocks is another one too.
    let shorter: [(&str, Forge); 1] =
        [("cannot be made again", |head| head.commitment.last_block = 0)];
    forged(directory.path(), last, false, &shorter);
}

#[test]
fn what_is_missing_or_damaged_of_a_proof_is_found() {
    let (directory, last) = chain(0);
    let file = |batch: u64| directory.path().join("proofs").join(format!("{batch:020}.proof"));
    let whole = fs::read(file(1)).unwrap();
    let expect = |expected: &str| {
        let findings = findings(directory.path());
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].contains("batch 1") && findings[0].contains(expected), "{findings:?}");
    };
    fs::remove_file(file(1)).unwrap();
    expect("neither its proof nor its input is here");
    let mut changed = whole.clone();
    changed[50] ^= 1;
    fs::write(file(1), &changed).unwrap();
    expect("its content does not fit its checksum");
    fs::write(file(1), &whole[..whole.len() - 1]).unwrap();
    expect("its trailer does not fit its checksum");
    fs::write(file(1), &whole[..20]).unwrap();
    expect("it is too short");
    fs::write(file(1), fs::read(file(last)).unwrap()).unwrap();
    expect("its number is not that in its name");
    fs::write(file(1), &whole).unwrap();
    assert_eq!(findings(directory.path()), Vec::<String>::new());
}

/// Finds one proof wrong, and knows nothing of another.
struct Doubter {
    claims: Vec<RangeClaim>,
    heard: Vec<(u64, u64)>,
}

impl Inspector for Doubter {
    fn batch(&mut self, number: u64, last: u64) {
        self.heard.push((number, last));
    }

    fn proof(&mut self, proof: &Document, claim: &RangeClaim) -> io::Result<Judgement> {
        assert_eq!(proof.size(), 100);
        self.claims.push(*claim);
        Ok(match self.claims.len() {
            2 => Judgement::Refused("it is a lie".into()),
            3 => Judgement::Unknown("who knows".into()),
            _ => Judgement::Proven,
        })
    }
}

#[test]
fn proofs_are_verified_again_where_somebody_does() {
    let (directory, last) = chain(0);
    let mut doubter = Doubter { claims: Vec::new(), heard: Vec::new() };
    let verified = verified(directory.path(), &mut doubter);
    assert_eq!(verified.findings, ["batch 2: its proof does not prove it: it is a lie"]);
    assert_eq!(verified.unverified, ["batch 3: who knows"]);
    assert_eq!((verified.proofs, verified.proofs_verified), (last, last - 2));
    assert_eq!(doubter.heard, (1..=last).map(|batch| (batch, last)).collect::<Vec<_>>());
    // Each leads from the batch before it to the next one.
    for pair in doubter.claims.windows(2) {
        assert_eq!(pair[0].after, pair[1].before);
    }
}
