use std::{fs, io::Read, path::Path, sync::Arc, thread};

use super::{Storage, StorageConfig};
use crate::{
    StorageError,
    directory::Identity,
    testing::{Fault, FaultyDisk},
};

const IDENTITY: Identity = Identity { chain_id: 7, genesis_hash: [1; 32] };

fn open(root: &Path) -> Result<Storage, StorageError> {
    Storage::open(StorageConfig { root: Some(root.to_owned()), identity: IDENTITY })
}

fn fill(storage: &mut Storage) {
    storage.wal.append(&[b"first", b"second"]).unwrap();
    storage.wal.append(&[b"third"]).unwrap();
    for number in 0..3 {
        storage.blocks.append(number, b"block").unwrap();
        storage.changes.append(number, b"changes").unwrap();
    }
    storage.snapshots.write(2, |writer| writer.write_all(b"state")).unwrap();
    storage.batches.append(0, b"batch").unwrap();
    storage.inputs.write(0, b"input").unwrap();
    storage.proofs.write(0, b"proof").unwrap();
}

#[test]
fn everything_comes_back_from_a_real_directory() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    fill(&mut open(&path).unwrap());
    let storage = open(&path).unwrap();
    assert_eq!(storage.torn_tails, []);
    let (sequence, mut state) = storage.snapshots.load_latest().unwrap().unwrap();
    let mut content = String::new();
    state.read_to_string(&mut content).unwrap();
    assert_eq!((sequence, content.as_str()), (2, "state"));
    let replayed: Vec<_> = storage.wal.replay(sequence).unwrap().map(Result::unwrap).collect();
    assert_eq!(replayed, [(2, b"third".to_vec())]);
    assert_eq!(storage.blocks.get(2).unwrap().unwrap(), b"block");
    assert_eq!(storage.changes.get(2).unwrap().unwrap(), b"changes");
    assert_eq!(storage.batches.get(0).unwrap().unwrap(), b"batch");
    for (documents, expected) in [(&storage.inputs, "input"), (&storage.proofs, "proof")] {
        let document = documents.get(0).unwrap().unwrap();
        document.verify().unwrap();
        content.clear();
        document.reader().read_to_string(&mut content).unwrap();
        assert_eq!(content, expected);
    }
}

#[test]
fn a_torn_log_in_a_real_directory_is_cut_and_reported() {
    let root = tempfile::tempdir().unwrap();
    fill(&mut open(root.path()).unwrap());
    let segment = root.path().join("wal/00000000000000000000.wal");
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, &whole[..whole.len() - 1]).unwrap();
    let storage = open(root.path()).unwrap();
    assert_eq!(storage.wal.next_sequence(), 2);
    let torn = storage.wal.settle().unwrap().unwrap();
    assert_eq!(torn.path, segment);
    assert_eq!(fs::metadata(&segment).unwrap().len(), torn.offset);
}

#[test]
fn the_directory_stays_locked_while_any_part_is_in_use() {
    let root = tempfile::tempdir().unwrap();
    let Storage { wal, blocks, .. } = open(root.path()).unwrap();
    let in_use = || matches!(open(root.path()), Err(StorageError::Locked { .. }));
    assert!(in_use());
    drop(wal);
    assert!(in_use());
    drop(blocks);
    assert!(!in_use());
}

#[test]
fn a_log_that_ends_before_the_newest_snapshot_is_refused() {
    let root = tempfile::tempdir().unwrap();
    fill(&mut open(root.path()).unwrap());
    fs::remove_file(root.path().join("wal/00000000000000000000.wal")).unwrap();
    let refused = open(root.path()).map(drop);
    let expected = matches!(refused, Err(StorageError::WalBehindSnapshot { snapshot: 2, .. }));
    assert!(expected, "{refused:?}");
}

#[test]
fn without_a_root_everything_but_the_log_is_in_memory() {
    let mut storage = Storage::open(StorageConfig { root: None, identity: IDENTITY }).unwrap();
    fill(&mut storage);
    assert_eq!((storage.wal.first_sequence(), storage.wal.next_sequence()), (3, 3));
    assert_eq!(storage.blocks.last(), Some(2));
    assert_eq!(storage.snapshots.sequences().unwrap(), [2]);
}

#[test]
fn the_parts_work_on_threads_of_their_own() {
    let Storage { mut wal, blocks, changes, snapshots, inputs, .. } =
        Storage::open(StorageConfig { root: None, identity: IDENTITY }).unwrap();
    let threads = [
        thread::spawn(move || wal.append(&[b"record"]).unwrap()),
        thread::spawn(move || blocks.append(0, b"block").unwrap()),
        thread::spawn(move || changes.append(0, b"changes").unwrap()),
        thread::spawn(move || snapshots.write(0, |_| Ok(())).unwrap()),
        thread::spawn(move || drop(inputs.write(0, b"input").unwrap())),
    ];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_first_start_interrupted_anywhere_can_be_repeated() {
    for seed in 0..10 {
        for operations in 0.. {
            let disk = FaultyDisk::new(seed);
            disk.fail_after(operations, Fault::PowerCut);
            let opened = Storage::open_on(Arc::new(disk.clone()), &IDENTITY);
            if disk.take_fault() {
                fill(&mut opened.unwrap());
                break;
            }
            drop(opened);
            disk.crash();
            fill(&mut Storage::open_on(Arc::new(disk.clone()), &IDENTITY).unwrap());
        }
    }
}
