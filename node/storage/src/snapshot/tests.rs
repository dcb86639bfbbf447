use std::{
    io::{self, Read},
    num::NonZeroUsize,
    sync::Arc,
};

use super::{Candidate, DocumentReader, Snapshots};
use crate::{
    Folder, Result, StorageError,
    disk::{Disk, MemoryDisk},
    testing::{Fault, FaultyDisk, Random, read_file, write_file},
};

fn open(disk: &MemoryDisk) -> Snapshots {
    let folder = Folder::unlocked(Arc::new(disk.clone()), "snapshots").unwrap();
    Snapshots::open(folder).unwrap()
}

fn path(sequence: u64) -> String {
    format!("snapshots/{sequence:020}.snapshot")
}

fn write(snapshots: &Snapshots, sequence: u64, content: &[u8]) -> Result<()> {
    snapshots.write(sequence, |writer| writer.write_all(content))
}

fn content(mut reader: DocumentReader) -> Vec<u8> {
    let mut content = Vec::new();
    let announced = reader.remaining();
    reader.read_to_end(&mut content).unwrap();
    assert_eq!(announced, content.len() as u64);
    assert_eq!(reader.remaining(), 0);
    content
}

fn latest(snapshots: &Snapshots) -> Option<(u64, Vec<u8>)> {
    let latest = snapshots.load_latest().unwrap();
    latest.map(|(sequence, reader)| (sequence, content(reader)))
}

#[test]
fn the_newest_snapshot_is_loaded() {
    let disk = MemoryDisk::default();
    let snapshots = open(&disk);
    assert!(latest(&snapshots).is_none());
    write(&snapshots, 7, b"seven").unwrap();
    write(&snapshots, 100, b"").unwrap();
    assert_eq!(latest(&snapshots), Some((100, Vec::new())));
    write(&snapshots, 20, b"twenty").unwrap();
    write(&snapshots, 100, b"hundred").unwrap();
    let snapshots = open(&disk);
    assert_eq!(latest(&snapshots), Some((100, b"hundred".to_vec())));
    assert_eq!(content(snapshots.load(20).unwrap()), b"twenty");
    assert_eq!(snapshots.sequences().unwrap(), [100, 20, 7]);
    let missing = snapshots.load(8).map(drop);
    assert!(matches!(missing, Err(StorageError::SnapshotMissing { sequence: 8, .. })));
}

#[test]
fn large_contents_stream_in_pieces_of_any_size() {
    let snapshots = open(&MemoryDisk::default());
    let mut random = Random::new(1);
    let mut expected = Vec::new();
    snapshots
        .write(1, |writer| {
            for length in [0, 1, 1 << 20, (1 << 20) - 1, 3 << 20, 17, (1 << 20) + 1] {
                let piece: Vec<u8> = (0..length).map(|_| random.number() as u8).collect();
                expected.extend_from_slice(&piece);
                writer.write_all(&piece)?;
            }
            Ok(())
        })
        .unwrap();
    assert!(content(snapshots.load(1).unwrap()) == expected);
}

#[test]
fn any_flipped_or_missing_byte_is_found() {
    let disk = MemoryDisk::default();
    let snapshots = open(&disk);
    write(&snapshots, 7, b"the content of a snapshot").unwrap();
    let whole = read_file(&disk, &path(7));
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        write_file(&disk, &path(7), &flipped);
        let result = snapshots.load(7).map(drop);
        assert!(matches!(result, Err(StorageError::SnapshotDamaged { .. })), "{position}");
        write_file(&disk, &path(7), &whole[..position]);
        let result = snapshots.load(7).map(drop);
        assert!(matches!(result, Err(StorageError::SnapshotDamaged { .. })), "{position}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    write_file(&disk, &path(7), &longer);
    assert!(snapshots.load(7).is_err());
    write_file(&disk, &path(8), &whole);
    assert!(snapshots.load(8).is_err());
}

#[test]
fn a_damaged_snapshot_is_reported_and_older_ones_are_offered() {
    let disk = MemoryDisk::default();
    let snapshots = open(&disk);
    write(&snapshots, 1, b"one").unwrap();
    write(&snapshots, 2, b"two").unwrap();
    write_file(&disk, &path(2), b"broken");
    assert!(matches!(snapshots.load_latest(), Err(StorageError::SnapshotDamaged { .. })));
    let candidates: Vec<Candidate> = snapshots.candidates().unwrap().collect();
    let [newest, older] = <[Candidate; 2]>::try_from(candidates).unwrap();
    assert_eq!((newest.sequence, older.sequence), (2, 1));
    assert!(newest.content.is_err());
    assert_eq!(content(older.content.unwrap()), b"one");
}

#[test]
fn only_the_newest_are_kept() {
    let disk = MemoryDisk::default();
    let snapshots = open(&disk);
    (1..=5).for_each(|sequence| write(&snapshots, sequence, b"x").unwrap());
    snapshots.keep(NonZeroUsize::new(9).unwrap()).unwrap();
    assert_eq!(snapshots.sequences().unwrap().len(), 5);
    snapshots.keep(NonZeroUsize::new(2).unwrap()).unwrap();
    assert_eq!(snapshots.sequences().unwrap(), [5, 4]);
}

#[test]
fn a_snapshot_that_fails_leaves_nothing() {
    let disk = MemoryDisk::default();
    let snapshots = open(&disk);
    let failed = snapshots.write(1, |writer| {
        writer.write_all(b"half")?;
        Err(io::Error::other("the state went away"))
    });
    assert!(failed.unwrap_err().to_string().contains("the state went away"));
    assert!(disk.list("snapshots").unwrap().is_empty());
    write_file(&disk, &format!("{}.tmp", path(1)), b"left over");
    let snapshots = open(&disk);
    assert!(disk.list("snapshots").unwrap().is_empty());
    assert!(latest(&snapshots).is_none());
}

/// The power goes at each operation in turn; the old snapshot or the new one is there, whole.
fn check_power_cuts(seed: u64, new_sequence: u64) {
    let (old, new) = (b"old".repeat(500), b"new".repeat(700));
    for operations in 0.. {
        let disk = FaultyDisk::new(seed + operations);
        let open = || -> Result<Snapshots> {
            Snapshots::open(Folder::unlocked(Arc::new(disk.clone()), "snapshots")?)
        };
        let snapshots = open().unwrap();
        write(&snapshots, 1, &old).unwrap();
        disk.fail_after(operations, Fault::PowerCut);
        let written = write(&snapshots, new_sequence, &new);
        if disk.take_fault() {
            assert!(written.is_ok() && operations > 4);
            return;
        }
        disk.crash();
        let found = latest(&open().unwrap()).unwrap();
        let whole = [(1, old.clone()), (new_sequence, new.clone())];
        assert!(whole.contains(&found), "operation {operations}, seed {seed}");
        assert!(written.is_err() || found == whole[1]);
    }
}

#[test]
fn a_power_cut_leaves_the_old_snapshot_or_the_new() {
    for seed in 0..200 {
        check_power_cuts(seed * 1000, 2);
        check_power_cuts(seed * 1000, 1);
    }
}
