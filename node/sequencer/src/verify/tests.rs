use std::{io::Write, path::Path, sync::Arc};

use alloy_primitives::Address;
use minster_storage::{
    Storage,
    directory::Identity,
    disk::{OverlayDisk, ReadOnlyDisk},
};

use super::{Verified, verify};
use crate::{
    Block, Mining, Running, SequencerConfig, StartConfig,
    codec::{ChangeSet, decode, decode_block, encode, encode_block},
    open_storage,
    sender::{genesis, transfer},
    snapshot::{self, SnapshotHead},
};

const BLOCKS: u64 = 9;

/// A chain of a few blocks, stopped in order.
fn chain() -> (tempfile::TempDir, Address) {
    let directory = tempfile::tempdir().unwrap();
    let sequencer =
        SequencerConfig { mining: Mining::Instant, snapshot_blocks: 4, ..Default::default() };
    let path = Some(directory.path().to_path_buf());
    let config = StartConfig { directory: path, sequencer, ..Default::default() };
    let running = Running::start(&genesis(), config).unwrap();
    for nonce in 0..BLOCKS {
        running.handle().submit(&transfer(nonce, 100_000_000_000, 1)).unwrap();
    }
    assert_eq!(running.drain(std::time::Duration::from_secs(30)), 0);
    let signer = running.handle().slice_signer();
    running.stop().unwrap();
    (directory, signer)
}

fn opened(directory: &Path) -> Storage {
    let identity = Identity { chain_id: 99, genesis_hash: genesis().hash().0 };
    let disk = Arc::new(ReadOnlyDisk::open(directory).unwrap());
    Storage::open_on(Arc::new(OverlayDisk::new(disk)), &identity).unwrap()
}

fn verified(directory: &Path, signers: &[Address]) -> Verified {
    let storage = opened(directory);
    let (mut last, mut heard) = (None, 0);
    let verified = verify(&genesis(), &storage, signers, &mut |block, of| {
        last = Some(of);
        heard = block;
    });
    let verified = verified.unwrap();
    if verified.findings.is_empty() {
        assert_eq!((heard, last), (BLOCKS, Some(BLOCKS)));
    }
    verified
}

#[test]
fn a_chain_that_was_stopped_is_right() {
    let (directory, signer) = chain();
    let verified = verified(directory.path(), &[signer]);
    assert_eq!(verified.findings, Vec::<String>::new());
    assert_eq!((verified.blocks, verified.transactions), (BLOCKS + 1, BLOCKS));
    assert!(verified.snapshots > 0 && verified.log_records > 0 && verified.slices > 0);
    assert_eq!(verified.block_hashes.len() as u64, BLOCKS + 1);
    assert_eq!(verified.signers, [(signer, verified.slices)].into());
}

/// Rewrites what the archives hold, with checksums that fit: a directory that somebody forged.
fn forge(
    directory: &Path,
    number: u64,
    block: impl FnOnce(&mut Block),
    changes: impl FnOnce(&mut ChangeSet),
) {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let read = |number| storage.blocks.get(number).unwrap().unwrap();
    let mut blocks: Vec<Block> =
        (number..=BLOCKS).map(|number| decode_block(&read(number)).unwrap()).collect();
    let read = |number| storage.changes.get(number).unwrap().unwrap();
    let mut sets: Vec<ChangeSet> =
        (number..=BLOCKS).map(|number| decode("change set", &read(number)).unwrap()).collect();
    block(&mut blocks[0]);
    changes(&mut sets[0]);
    storage.blocks.truncate_after(number - 1).unwrap();
    storage.changes.truncate_after(number - 1).unwrap();
    for (number, (block, changes)) in (number..).zip(blocks.iter().zip(&sets)) {
        storage.blocks.append(number, &encode_block(block)).unwrap();
        storage.changes.append(number, &encode(changes)).unwrap();
    }
    storage.blocks.sync().unwrap();
    storage.changes.sync().unwrap();
}

/// Gives the older snapshot, from which no start begins, another head.
fn forge_snapshot(directory: &Path, change: impl FnOnce(&mut SnapshotHead)) {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let [_, older] = *storage.snapshots.sequences().unwrap() else { panic!("two are kept") };
    let (mut head, state) = snapshot::read(storage.snapshots.load(older).unwrap()).unwrap();
    change(&mut head);
    let codes: Vec<_> = state.codes.values().cloned().collect();
    let fill = |out: &mut dyn Write| snapshot::write_state(out, &head, &state, &codes);
    storage.snapshots.write(older, fill).unwrap();
}

/// Changes the only transaction of a block.
fn item(change: impl FnOnce(&mut crate::Item)) -> impl FnOnce(&mut Block) {
    |block| change(Arc::make_mut(&mut block.items[0]))
}

#[test]
fn what_is_forged_is_found() {
    type Forge = fn(&Path);
    /// Where the log begins with the snapshot, it is what comes after that does not fit.
    const SNAPSHOT: &str = "the log does not stand after block|does not follow the one before it";
    let cases: [(&str, Forge); 10] = [
        ("block 2: its hash is not that of its header", |path| {
            forge(path, 2, |block| block.header.timestamp += 1, |_| {});
        }),
        ("block 3: it does not follow", |path| {
            let reseal = |block: &mut Block| {
                block.header.parent_hash = [1; 32].into();
                block.hash = block.header.hash_slow();
            };
            forge(path, 3, reseal, |_| {});
        }),
        ("block 4: transaction 0: executing it gives another receipt", |path| {
            forge(path, 4, item(|item| item.receipt.success = false), |_| {});
        }),
        ("block 5: its state root is", |path| {
            let reseal = |block: &mut Block| {
                block.header.state_root = [1; 32].into();
                block.hash = block.header.hash_slow();
            };
            forge(path, 5, reseal, |_| {});
        }),
        ("block 6: transaction 0: executing it gives another receipt", |path| {
            forge(path, 6, item(|item| item.cycles += 1), |_| {});
        }),
        ("block 7: what it is said to have changed", |path| {
            forge(path, 7, |_| {}, |changes| changes.accounts[0].nonce += 1);
        }),
        ("block 2: its last slice is said to be 3", |path| {
            forge(path, 2, |block| block.state_version += 1, |_| {});
        }),
        ("block 9: its slices are not those of the log", |path| {
            forge(path, 9, |block| block.slice_hashes[0] = [1; 32].into(), |_| {});
        }),
        (SNAPSHOT, |path| {
            forge_snapshot(path, |head| head.slice_hash = [1; 32].into());
        }),
        (SNAPSHOT, |path| {
            forge_snapshot(path, |head| head.slice_sequence += 1);
        }),
    ];
    for (expected, forge) in cases {
        let (directory, signer) = chain();
        forge(directory.path());
        let findings = verified(directory.path(), &[signer]).findings;
        let is_expected = |finding: &String| expected.split('|').any(|word| finding.contains(word));
        let is_found = findings.iter().any(is_expected);
        assert!(is_found, "{expected}: {findings:?}");
    }
}

#[test]
fn slices_of_another_signer_are_found_where_it_is_known_who_signs() {
    let (directory, signer) = chain();
    let other = Address::with_last_byte(1);
    let found = verified(directory.path(), &[other]);
    assert!(found.findings[0].contains(&format!("is signed by {signer}")), "{:?}", found.findings);
    for signers in [[].as_slice(), &[other, signer]] {
        assert_eq!(verified(directory.path(), signers).findings, Vec::<String>::new());
    }
}

/// A directory that cannot be read is not a damaged one.
#[test]
fn what_fails_to_be_read_is_no_damage() {
    let (directory, _) = chain();
    for (folder, fails_at) in [("wal", None), ("blocks", Some(0)), ("changes", Some(5))] {
        let storage = opened(directory.path());
        let files = std::fs::read_dir(directory.path().join(folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        let files: Vec<_> = files.filter(|path| !path.ends_with("SYNCED")).collect();
        let whole: Vec<_> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
        // Whoever has it open finds that it ends too early, as where a disk fails; the log is
        // opened when it is read.
        let fail = || files.iter().for_each(|path| std::fs::write(path, "").unwrap());
        if fails_at.is_none() {
            files.iter().for_each(|path| std::fs::remove_file(path).unwrap());
        }
        let mut progress = |block, _| {
            if Some(block) == fails_at {
                fail();
            }
        };
        let error = verify(&genesis(), &storage, &[], &mut progress).unwrap_err();
        assert!(error.is_failure(), "{folder}: {error}");
        drop(storage);
        files.iter().zip(whole).for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    }
}
