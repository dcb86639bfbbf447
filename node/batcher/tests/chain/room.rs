//! Proofs from elsewhere, and the part of the disk that is not theirs.

use std::{sync::Arc, time::Duration};

use minster_batcher::{BatcherConfig, NoRoom, UploadRefusal};
use minster_storage::{Storage, directory::Identity, testing::FaultyDisk};

use super::{CHAIN_ID, Node, RECORD, borrow, genesis, job, limits};

const RESERVE: u64 = 1_000;

#[test]
fn a_proof_that_would_take_the_nodes_part_of_the_disk_is_refused() {
    let disk = FaultyDisk::new(1);
    let identity = Identity { chain_id: CHAIN_ID, genesis_hash: genesis().hash().0 };
    let storage = Storage::open_on(Arc::new(disk.clone()), &identity).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = BatcherConfig { disk_free_min_bytes: RESERVE, ..limits(1) };
    let node = Node::start_on(storage, directory.path(), config).unwrap();
    node.send(0..3);
    node.catch_up();
    let batches = &node.batches;
    let lend = || batches.lend().unwrap();
    let lent = || lend().map(|lent| lent.batch);

    // Nobody is to prove for nothing.
    disk.say_free(RESERVE - 1);
    assert_eq!(lent(), None);
    disk.say_free(RESERVE + 200);
    let loans = [lend(), lend(), lend()].map(Option::unwrap);
    assert_eq!(loans.map(|lent| lent.batch), [1, 2, 3]);
    let [first, second, third] = loans.map(|lent| lent.loan);

    // What comes in at the same time counts.
    let (upload, mut draft) = batches.begin_upload(1, first, 150).unwrap().unwrap();
    assert_eq!(upload.bytes_max(), 150);
    let refusal = batches.begin_upload(2, second, 51).unwrap().unwrap_err();
    let expected = NoRoom { bytes: 51, free: RESERVE + 200, promised: 150, reserve: RESERVE };
    assert_eq!(refusal, UploadRefusal::NoRoom(expected));
    assert!(refusal.to_string().contains("no room for 51 bytes of a proof"), "{refusal}");

    // Everybody sees why, and the batch stays lent to who has a proof of it.
    let view = batches.get(2).unwrap().unwrap();
    assert_eq!(view.failure.unwrap().reason, refusal.to_string());
    assert!(batches.renew(2, second, 1, 2));
    assert_eq!(lent(), None);
    let (other, other_draft) = batches.begin_upload(3, third, 50).unwrap().unwrap();

    // What was taken is kept as ever, and what was broken off takes nothing.
    draft.append(&[0; 150]).unwrap();
    drop(batches.submit(upload, draft).unwrap());
    let submission = batches.next_submission(Duration::ZERO).unwrap();
    batches.verified(1, submission.draft, &RECORD).unwrap();
    drop((other, other_draft));
    // With room again, what was refused is brought again.
    assert!(batches.begin_upload(2, second, 51).unwrap().is_ok());
    let third = borrow(batches, 3).loan;
    assert!(batches.begin_upload(3, third, 200).unwrap().is_ok());

    // More than any proof of a batch has, whatever the disk takes.
    let third = borrow(batches, 3).loan;
    disk.say_free(u64::MAX);
    let refusal = batches.begin_upload(3, third, 1 << 40).unwrap().unwrap_err();
    assert_eq!(refusal, UploadRefusal::TooLarge);
    node.stop();
}

/// Nor does the node itself prove for nothing.
#[test]
fn no_proof_is_begun_while_the_disk_takes_none() {
    let disk = FaultyDisk::new(1);
    let identity = Identity { chain_id: CHAIN_ID, genesis_hash: genesis().hash().0 };
    let storage = Storage::open_on(Arc::new(disk.clone()), &identity).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = BatcherConfig { disk_free_min_bytes: RESERVE, draft_bytes_max: 77, ..limits(1) };
    let node = Node::start_on(storage, directory.path(), config).unwrap();
    node.send(0..1);
    node.catch_up();
    disk.say_free(RESERVE - 1);
    assert!(node.batches.next_job(Duration::ZERO).unwrap().is_none());
    disk.say_free(RESERVE);
    assert_eq!(job(&node.batches).proof_bytes_max, 77);
    assert_eq!(node.batches.check_room(0).unwrap(), Ok(()));
    let shortage = NoRoom { bytes: 1, free: RESERVE, promised: 0, reserve: RESERVE };
    assert_eq!(node.batches.check_room(1).unwrap(), Err(shortage));
    node.stop();
}
