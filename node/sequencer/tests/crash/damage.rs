//! Directories that no crash leaves: each is refused with a reason and left as it is, or what is
//! damaged is made good from what is there twice.

use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use minster_sequencer::{Mining, Running, SequencerConfig, SequencerError, StartConfig};
use minster_storage::StorageError;

use crate::{
    genesis, transfer,
    witness::{Witness, check_whole},
};

fn try_start(directory: &Path) -> Result<Running, SequencerError> {
    let sequencer =
        SequencerConfig { mining: Mining::Instant, snapshot_blocks: 1_000, ..Default::default() };
    let directory = Some(directory.to_path_buf());
    Running::start(&genesis(), StartConfig { directory, sequencer, ..Default::default() })
}

/// Sends transfers of one sender, each into a block of its own, and waits for their receipts.
fn send(running: &Running, witness: &mut Witness, sender: usize, nonces: Range<u64>) {
    let mut events = running.handle().chain().subscribe();
    let submit = |nonce| running.handle().submit(&transfer(sender, nonce)).unwrap();
    let hashes: Vec<B256> = nonces.map(submit).collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !hashes.iter().all(|hash| witness.has(hash)) {
        witness.hear(running.handle().chain(), &mut events);
        assert!(Instant::now() < deadline, "no receipts");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A life of a chain with nothing else.
fn live(directory: &Path, witness: &mut Witness, sender: usize, nonces: Range<u64>) {
    let running = try_start(directory).unwrap();
    send(&running, witness, sender, nonces);
    running.stop().unwrap();
}

fn check(directory: &Path, witness: &Witness) -> u64 {
    let running = try_start(directory).unwrap();
    witness.check(running.handle().chain());
    check_whole(running.handle().chain());
    let snapshot_block = running.report().snapshot_block;
    running.stop().unwrap();
    snapshot_block
}

/// The files of one folder, oldest first.
fn files(directory: &Path, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn content(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let folders = ["wal", "blocks", "changes", "snapshots"];
    let paths = folders.iter().flat_map(|folder| files(directory, folder));
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Any byte that acknowledged records follow, in a segment that is the last one and in one that is
/// not.
#[test]
fn damage_in_the_middle_of_the_log_is_refused_and_nothing_changed() {
    let directory = tempfile::tempdir().unwrap();
    let mut witness = Witness::default();
    live(directory.path(), &mut witness, 0, 0..3);
    let running = try_start(directory.path()).unwrap();
    send(&running, &mut witness, 0, 3..8);
    // The first segment is of the life before, and goes when there is a second snapshot.
    let log = files(directory.path(), "wal").remove(1);
    let followed = fs::read(&log).unwrap().len();
    send(&running, &mut witness, 0, 8..10);
    running.stop().unwrap();
    // Without the snapshot of its end, a start needs the log; the last segment has nothing in it.
    fs::remove_file(files(directory.path(), "snapshots").remove(1)).unwrap();
    let [_, empty] = &files(directory.path(), "wal")[..] else { panic!("two segments") };
    for is_last in [false, true] {
        if is_last {
            fs::remove_file(empty).unwrap();
        }
        let whole = content(directory.path());
        for at in (0..followed).step_by(followed / 40) {
            flip(&log, at);
            let before = content(directory.path());
            let error = try_start(directory.path()).unwrap_err();
            let is_damage =
                matches!(error, SequencerError::Storage(StorageError::WalDamaged { .. }));
            assert!(is_damage, "byte {at} of {followed}: {error}");
            assert_eq!(content(directory.path()), before, "byte {at}");
            flip(&log, at);
        }
        assert_eq!(content(directory.path()), whole);
    }
    check(directory.path(), &witness);
}

/// The snapshot before and the log behind it say the same.
#[test]
fn a_damaged_snapshot_is_passed_over_for_the_one_before() {
    let directory = tempfile::tempdir().unwrap();
    let mut witness = Witness::default();
    live(directory.path(), &mut witness, 0, 0..3);
    live(directory.path(), &mut witness, 0, 3..7);
    let snapshots = files(directory.path(), "snapshots");
    assert_eq!(snapshots.len(), 2);
    flip(&snapshots[1], fs::read(&snapshots[1]).unwrap().len() / 2);
    assert_eq!(check(directory.path(), &witness), 3);
}

/// It is not kept as one of the two, in the place of the one that was started from.
#[test]
fn a_damaged_snapshot_is_none_to_fall_back_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut witness = Witness::default();
    live(directory.path(), &mut witness, 0, 0..3);
    live(directory.path(), &mut witness, 0, 3..7);
    let damage = |index: usize| {
        let snapshots = files(directory.path(), "snapshots");
        assert_eq!(snapshots.len(), 2);
        flip(&snapshots[index], fs::read(&snapshots[index]).unwrap().len() / 2);
    };
    damage(1);
    live(directory.path(), &mut witness, 0, 7..9);
    damage(1);
    assert_eq!(check(directory.path(), &witness), 3);
}

/// Nothing is wrong with the snapshot, but that another history led to it. The archives go on
/// behind its block, and the log reaches back to it.
#[test]
fn a_snapshot_of_another_chain_is_refused_and_nothing_changed() {
    let (ours, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut witness = Witness::default();
    live(ours.path(), &mut witness, 0, 0..3);
    live(ours.path(), &mut witness, 0, 3..7);
    live(other.path(), &mut Witness::default(), 1, 0..3);
    let snapshots = files(ours.path(), "snapshots");
    let own = fs::read(&snapshots[0]).unwrap();
    let [wrong] = &files(other.path(), "snapshots")[..] else { panic!("one snapshot") };
    assert_eq!(wrong.file_name(), snapshots[0].file_name());
    fs::remove_file(&snapshots[1]).unwrap();
    fs::copy(wrong, &snapshots[0]).unwrap();
    let before = content(ours.path());
    let error = try_start(ours.path()).unwrap_err();
    assert!(matches!(error, SequencerError::ReplayMismatch { .. }), "{error}");
    assert!(error.to_string().contains("block 3"), "{error}");
    assert_eq!(content(ours.path()), before);
    fs::write(&snapshots[0], own).unwrap();
    check(ours.path(), &witness);
}
