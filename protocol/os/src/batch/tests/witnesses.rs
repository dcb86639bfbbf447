//! Witnesses, codes and hashes of blobs that lie.

use alloc::collections::BTreeSet;

use super::*;

/// The story's range, and its only batch to lie in.
fn range() -> (Chain, RangeInput) {
    let chain = Chain::new();
    let input = chain.range(story(&chain)).0;
    (chain, input)
}

fn with(input: &RangeInput, lie: impl FnOnce(&mut BatchInput)) -> RangeInput {
    let mut input = input.clone();
    lie(&mut input.batches[0]);
    input
}

/// The reads and writes of the story.
fn needs(chain: &Chain) -> (Vec<TreeKey>, Vec<Vec<(TreeKey, B256)>>) {
    let mut oracle = chain.oracle();
    let blocks = story(chain);
    let run = run_blocks(&chain.config, &chain.header, &blocks, &mut oracle, &Names).unwrap();
    (oracle.reads().collect(), run.updates)
}

/// Without any one key that the blocks read or write, there is no run.
#[test]
fn everything_in_the_witness_is_needed() {
    let (chain, input) = range();
    let (reads, updates) = needs(&chain);
    let written = updates.iter().flatten().map(|update| update.0);
    let keys: BTreeSet<TreeKey> = reads.iter().copied().chain(written).collect();
    let mut missing = 0;
    for hidden in &keys {
        let reads: Vec<_> = reads.iter().filter(|key| *key != hidden).copied().collect();
        let updates: Vec<Vec<_>> = updates
            .iter()
            .map(|block| block.iter().filter(|(key, _)| key != hidden).copied().collect())
            .collect();
        let witness = chain.tree.witness_for(&reads, &updates).unwrap().encode();
        if witness == input.batches[0].witness {
            // Another key shows the same.
            continue;
        }
        missing += 1;
        let error = refused(&with(&input, |batch| batch.witness = witness.into()));
        assert!(
            matches!(
                error,
                BatchError::Block { .. } | BatchError::Tree(_) | BatchError::TreeUpdate(_)
            ),
            "{hidden:?}: {error:?}"
        );
    }
    assert!(missing > keys.len() / 2, "{missing} of {}", keys.len());
}

/// One leaf more than the blocks read or write, whichever, is one too many.
#[test]
fn nothing_else_is_in_the_witness() {
    let (chain, input) = range();
    let (reads, updates) = needs(&chain);
    let written = updates.iter().flatten().map(|update| update.0);
    let keys: BTreeSet<TreeKey> = reads.iter().copied().chain(written).collect();
    let others = chain.tree.leaves().map(|leaf| leaf.0).filter(|key| !keys.contains(key));
    let mut count = 0;
    for other in others {
        let more: Vec<_> = reads.iter().copied().chain([other]).collect();
        let witness = chain.tree.witness_for(&more, &updates).unwrap().encode();
        let error = refused(&with(&input, |batch| batch.witness = witness.into()));
        assert!(matches!(error, BatchError::Superfluous { what: "leaf" }), "{other:?}: {error:?}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

/// A witness of another state: with a balance that is higher, say.
#[test]
fn a_witness_of_another_state_is_refused() {
    let (mut chain, input) = range();
    let (reads, updates) = needs(&chain);
    let key = keys::account_key::<minster_state::SoftwareBlake3>(rich(0));
    let more = minster_state::BasicData { balance: u128::MAX, ..Default::default() };
    chain.tree.update(&[(key, more.encode().unwrap())]).unwrap();
    let witness = chain.tree.witness_for(&reads, &updates).unwrap().encode();
    let error = refused(&with(&input, |batch| batch.witness = witness.into()));
    assert!(matches!(error, BatchError::Witness(WitnessError::RootMismatch { .. })));
}

/// Pieces dropped, doubled or moved.
#[test]
fn an_edited_witness_is_refused() {
    let (_, input) = range();
    let bytes = input.batches[0].witness.to_vec();
    let mut edits =
        vec![Vec::new(), [&bytes[..], &[0]].concat(), [&bytes[..], &bytes[..]].concat()];
    for size in [1, 33, 34, 66] {
        for at in (0..bytes.len() - size).step_by(97) {
            let (before, after) = (&bytes[..at], &bytes[at + size..]);
            edits.push([before, after].concat());
            edits.push([before, &bytes[at..at + size], &bytes[at..at + size], after].concat());
        }
    }
    for edit in edits {
        assert_ne!(edit, bytes);
        let error = refused(&with(&input, |batch| batch.witness = edit.into()));
        assert!(matches!(error, BatchError::Witness(_)), "{error:?}");
    }
}

#[test]
fn codes_are_those_that_run() {
    let (chain, input) = range();
    let codes = &input.batches[0].codes;
    assert_eq!(codes.len(), 2, "the history and the counter");
    let check = |codes: Vec<Bytes>| refused(&with(&input, |batch| batch.codes = codes));
    for missing in 0..codes.len() {
        let mut codes = codes.clone();
        codes.remove(missing);
        assert!(matches!(check(codes), BatchError::Block { .. }), "without {missing}");
    }
    for wrong in 0..codes.len() {
        let mut codes = codes.clone();
        codes[wrong] = [&codes[wrong][..], &[0]].concat().into();
        assert!(matches!(check(codes), BatchError::Block { .. }), "another {wrong}");
    }
    let more = |code: Bytes| [&codes[..], &[code]].concat();
    // One that nobody has, one of an account that does not run, one that the batch makes itself.
    let idle = chain.codes.iter().find(|code| !codes.contains(code)).unwrap();
    for extra in [Bytes::from_static(b"new"), idle.clone(), Bytes::from_static(&[0x30, 0xff])] {
        assert!(matches!(check(more(extra)), BatchError::Superfluous { what: "code" }));
    }
    for twice in codes {
        assert!(matches!(check(more(twice.clone())), BatchError::Superfluous { what: "code" }));
    }
    // The order is a freedom without an effect (BA-10).
    let turned = codes.iter().rev().cloned().collect();
    let claim = run(&with(&input, |batch| batch.codes = turned)).unwrap();
    assert_eq!(claim, run(&input).unwrap());
}

/// The node's claim about a blob is a word of the commitment, never a way to other pubdata.
#[test]
fn hashes_of_blobs_are_as_many_as_blobs_and_move_the_points() {
    let (_, input) = range();
    for count in [0, 2, 7] {
        let hashes = vec![B256::repeat_byte(1); count];
        let error = refused(&with(&input, |batch| batch.versioned_hashes = hashes));
        assert!(matches!(error, BatchError::Blob(BlobError::WrongCount { expected: 1, .. })));
    }
    let honest = run(&input).unwrap();
    let hash = B256::repeat_byte(2);
    let other = with(&input, |batch| batch.versioned_hashes = vec![hash]);
    let commitment = |input: &RangeInput| {
        let batch = input.batches[0].clone();
        execute_batch(&input.config, &input.parent, &input.parent_header, batch, &Names).unwrap().0
    };
    let (one, two) = (commitment(&input), commitment(&other));
    assert_eq!((run(&other).unwrap().before, two.pubdata_hash), (honest.before, one.pubdata_hash));
    assert_ne!(run(&other).unwrap().after, honest.after);
    assert_eq!(two.blobs[0].versioned_hash, hash);
    assert_eq!(two.blobs[0].point, minster_batch::evaluation_point(hash, two.pubdata_hash));
    assert_ne!(two.blobs[0].point, one.blobs[0].point);
    assert_ne!(two.blobs[0].value, one.blobs[0].value);
}

/// A leaf that is no account where one is read, and an account that names no code.
#[test]
fn a_state_that_no_chain_has_is_an_error() {
    let chain = Chain::new();
    let key = keys::account_key::<minster_state::SoftwareBlake3>(rich(1));
    let code = keys::code_hash_key::<minster_state::SoftwareBlake3>(chain::COUNTER);
    for (key, value) in [(key, B256::repeat_byte(0xee)), (code, B256::ZERO)] {
        let mut chain = chain.clone();
        chain.tree.update(&[(key, value)]).unwrap();
        let blocks = [chain.block(0, vec![Written::call(1, 0, chain::COUNTER).signed()])];
        let mut oracle = chain.oracle();
        let ran = run_blocks(&chain.config, &chain.header, &blocks, &mut oracle, &Names);
        assert!(matches!(ran, Err(BatchError::Block { .. })), "{value}");
    }
}
