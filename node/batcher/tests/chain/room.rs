//! Proofs from elsewhere, and the part of the disk that is not theirs.

use std::{sync::Arc, time::Duration};

use minster_batcher::{BatcherConfig, UploadRefusal};
use minster_storage::{Storage, directory::Identity, testing::FaultyDisk};

use super::{CHAIN_ID, Node, RECORD, genesis, limits};

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
    let lent = || batches.lend().unwrap().map(|lent| lent.batch);
    // A batch that was refused may be among them again, by its time.
    let all_lent = || std::iter::from_fn(lent).collect::<Vec<_>>();

    // Nobody is to prove for nothing.
    disk.say_free(RESERVE - 1);
    assert_eq!(lent(), None);
    disk.say_free(RESERVE + 200);
    assert_eq!((lent(), lent(), lent()), (Some(1), Some(2), Some(3)));

    // What comes in at the same time counts.
    let (upload, mut draft) = batches.begin_upload(1, 150).unwrap().unwrap();
    assert_eq!(upload.bytes_max(), 150);
    let refusal = batches.begin_upload(2, 51).unwrap().unwrap_err();
    let expected =
        UploadRefusal::NoRoom { bytes: 51, free: RESERVE + 200, promised: 150, reserve: RESERVE };
    assert_eq!(refusal, expected);
    assert!(refusal.to_string().contains("no room for a proof of 51 bytes"), "{refusal}");

    // Everybody sees why, and the batch stays lent to who has a proof of it.
    let view = batches.get(2).unwrap().unwrap();
    assert_eq!(view.failure.unwrap().reason, refusal.to_string());
    assert!(batches.renew(2, 1, 2));
    assert_eq!(lent(), None);
    let (other, other_draft) = batches.begin_upload(3, 50).unwrap().unwrap();

    // What was taken is kept as ever, and what was broken off takes nothing.
    draft.append(&[0; 150]).unwrap();
    drop(batches.submit(upload, draft).unwrap());
    let submission = batches.next_submission(Duration::ZERO).unwrap();
    batches.verified(1, submission.draft, &RECORD).unwrap();
    drop((other, other_draft));
    // With room again, what was refused is brought again.
    assert!(batches.begin_upload(2, 51).unwrap().is_ok());
    assert!(all_lent().contains(&3));
    assert!(batches.begin_upload(3, 200).unwrap().is_ok());

    // More than any proof of a batch has, whatever the disk takes.
    assert!(all_lent().contains(&3));
    disk.say_free(u64::MAX);
    let refusal = batches.begin_upload(3, 1 << 40).unwrap().unwrap_err();
    assert_eq!(refusal, UploadRefusal::TooLarge);
    node.stop();
}
