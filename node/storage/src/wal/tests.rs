use std::sync::Arc;

use super::{FRAME_BYTES_MAX, Wal, WalConfig, frame, segment};
use crate::{
    Folder, RECORD_BYTES_MAX, StorageError, TornTail,
    disk::{Disk, MemoryDisk},
    testing::{Fault, FaultyDisk, read_file, write_file},
};

const SEGMENT: &str = "wal/00000000000000000000.wal";

fn try_open(disk: &MemoryDisk) -> Result<(Wal, Option<TornTail>), StorageError> {
    let folder = Folder::unlocked(Arc::new(disk.clone()), "wal").unwrap();
    settled(Wal::open(folder, WalConfig::default())?)
}

fn settled(wal: Wal) -> Result<(Wal, Option<TornTail>), StorageError> {
    let torn = wal.settle()?;
    Ok((wal, torn))
}

fn open(disk: &MemoryDisk) -> Wal {
    let (wal, torn) = try_open(disk).unwrap();
    assert_eq!(torn, None);
    wal
}

fn records(wal: &Wal, from: u64) -> Vec<(u64, Vec<u8>)> {
    wal.replay(from).unwrap().map(Result::unwrap).collect()
}

fn assert_damaged(disk: &MemoryDisk, context: &str) {
    let files = |disk: &MemoryDisk| -> Vec<(String, Vec<u8>)> {
        let names = disk.list("wal").unwrap().into_iter();
        names.map(|name| (name.clone(), read_file(disk, &format!("wal/{name}")))).collect()
    };
    let before = files(disk);
    match try_open(disk) {
        Err(StorageError::WalDamaged { .. }) => {}
        other => panic!("{context}: not refused: {other:?}"),
    }
    assert_eq!(files(disk), before, "{context}: something was changed");
}

/// Three frames with four records, and where each frame begins.
fn three_frames(disk: &MemoryDisk) -> [usize; 3] {
    let mut wal = open(disk);
    let mut starts = [0; 3];
    let groups: [&[&[u8]]; 3] = [&[b"one"], &[b"", b"three"], &[b"the fourth record"]];
    for (start, group) in starts.iter_mut().zip(groups) {
        *start = read_file(disk, SEGMENT).len();
        wal.append(group).unwrap();
    }
    starts
}

#[test]
fn records_come_back_in_order() {
    let disk = MemoryDisk::default();
    three_frames(&disk);
    let mut wal = open(&disk);
    assert_eq!((wal.first_sequence(), wal.next_sequence()), (0, 4));
    wal.append(&[b"five"]).unwrap();
    wal.append(&[]).unwrap();
    let wal = open(&disk);
    let expected: [(u64, &[u8]); 5] =
        [(0, b"one"), (1, b""), (2, b"three"), (3, b"the fourth record"), (4, b"five")];
    let expected = expected.map(|(sequence, record)| (sequence, record.to_vec()));
    for from in 0..=5 {
        assert_eq!(records(&wal, from as u64), expected[from..]);
    }
    let outside = wal.replay(6).map(drop);
    assert!(matches!(outside, Err(StorageError::SequenceUnavailable { requested: 6, .. })));
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_reported() {
    let disk = MemoryDisk::default();
    let last = three_frames(&disk)[2];
    let whole = read_file(&disk, SEGMENT);
    for length in last..whole.len() {
        write_file(&disk, SEGMENT, &whole[..length]);
        let (mut wal, torn) = try_open(&disk).unwrap();
        assert_eq!(wal.next_sequence(), 3, "cut at {length}");
        assert_eq!(torn.map_or(0, |torn| torn.bytes), (length - last) as u64);
        assert_eq!(read_file(&disk, SEGMENT), whole[..last]);
        wal.append(&[b"again"]).unwrap();
        assert_eq!(records(&open(&disk), 3), [(3, b"again".to_vec())]);
    }
}

#[test]
fn a_hole_in_the_last_frame_is_a_torn_tail() {
    let disk = MemoryDisk::default();
    let last = three_frames(&disk)[2];
    let whole = read_file(&disk, SEGMENT);
    for position in last..whole.len() {
        let mut torn = whole.clone();
        torn[position] ^= 1;
        write_file(&disk, SEGMENT, &torn);
        let (wal, torn) = try_open(&disk).unwrap();
        assert_eq!(wal.next_sequence(), 3);
        assert_eq!(torn.unwrap().bytes, (whole.len() - last) as u64);
    }
}

#[test]
fn a_flipped_bit_before_the_last_frame_is_refused() {
    let disk = MemoryDisk::default();
    let last = three_frames(&disk)[2];
    let whole = read_file(&disk, SEGMENT);
    for bit in 0..last * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        write_file(&disk, SEGMENT, &flipped);
        assert_damaged(&disk, &format!("bit {bit}"));
    }
}

#[test]
fn a_broken_frame_before_a_torn_one_is_refused() {
    let disk = MemoryDisk::default();
    let [_, second, last] = three_frames(&disk);
    let whole = read_file(&disk, SEGMENT);
    // The marker of the last frame is down: so the second one had been acknowledged.
    for length in last + 8..whole.len() {
        let mut torn = whole[..length].to_vec();
        torn[second + 30] ^= 1;
        write_file(&disk, SEGMENT, &torn);
        assert_damaged(&disk, &format!("torn at {length}"));
    }
}

#[test]
fn a_frame_forged_in_a_record_does_not_pass_for_a_later_frame() {
    let disk = MemoryDisk::default();
    let mut forged = Vec::new();
    frame::encode(&mut forged, 0x1234_5678, 1, &[b"forged"]);
    let mut record = forged.clone();
    record.extend_from_slice(&[0; 100]);
    let mut wal = open(&disk);
    wal.append(&[b"one"]).unwrap();
    wal.append(&[&record]).unwrap();
    let whole = read_file(&disk, SEGMENT);
    write_file(&disk, SEGMENT, &whole[..whole.len() - 1]);
    let (wal, torn) = try_open(&disk).unwrap();
    assert!(torn.is_some());
    assert_eq!(wal.next_sequence(), 1);
}

/// Segments of sequences 0, 1 and 2, and an empty one of 3.
fn four_segments(disk: &MemoryDisk) -> Wal {
    let mut wal = open(disk);
    for record in [b"a", b"b", b"c"] {
        wal.append(&[record]).unwrap();
        wal.rotate().unwrap();
        wal.rotate().unwrap();
    }
    wal
}

fn segment_path(first_sequence: u64) -> String {
    format!("wal/{}", segment::name(first_sequence))
}

#[test]
fn rotation_and_removal_work_on_whole_segments() {
    let disk = MemoryDisk::default();
    let mut wal = four_segments(&disk);
    assert_eq!(disk.list("wal").unwrap().len(), 4);
    wal.remove_before(0).unwrap();
    assert_eq!(wal.first_sequence(), 0);
    wal.remove_before(2).unwrap();
    assert_eq!(wal.first_sequence(), 2);
    let outside = wal.replay(1).map(drop);
    assert!(matches!(outside, Err(StorageError::SequenceUnavailable { first: 2, .. })));
    assert_eq!(records(&wal, 2), [(2, b"c".to_vec())]);
    wal.remove_before(u64::MAX).unwrap();
    assert_eq!((wal.first_sequence(), wal.next_sequence()), (3, 3));
    let mut wal = open(&disk);
    assert_eq!((wal.first_sequence(), wal.next_sequence()), (3, 3));
    wal.append(&[b"d"]).unwrap();
    assert_eq!(records(&open(&disk), 3), [(3, b"d".to_vec())]);
}

#[test]
fn a_segment_is_full_at_its_size() {
    let disk = MemoryDisk::default();
    let folder = Folder::unlocked(Arc::new(disk.clone()), "wal").unwrap();
    let frame = frame::encoded_bytes(&[b"1234"]);
    let segment_bytes = segment::HEADER_BYTES + 2 * frame;
    let (mut wal, _) = settled(Wal::open(folder, WalConfig { segment_bytes }).unwrap()).unwrap();
    for count in [1, 1, 2, 2, 3] {
        wal.append(&[b"1234"]).unwrap();
        assert_eq!(disk.list("wal").unwrap().len(), count);
    }
    // A frame over the size of a segment gets one of its own.
    wal.append(&[&[7; 1000]]).unwrap();
    wal.append(&[b"1234"]).unwrap();
    assert_eq!(disk.list("wal").unwrap().len(), 5);
    assert_eq!(records(&open(&disk), 0).len(), 7);
}

#[test]
fn a_missing_or_broken_segment_is_refused() {
    for missing in 1..3 {
        let disk = MemoryDisk::default();
        four_segments(&disk);
        disk.remove(&segment_path(missing)).unwrap();
        assert_damaged(&disk, &format!("segment {missing} missing"));
    }
    for broken in 0..4 {
        let disk = MemoryDisk::default();
        four_segments(&disk);
        let path = segment_path(broken);
        let whole = read_file(&disk, &path);
        // In the last segment, which is empty, every byte is of the header.
        for length in 0..whole.len() {
            write_file(&disk, &path, &whole[..length]);
            assert_damaged(&disk, &format!("segment {broken} cut at {length}"));
        }
    }
    let disk = MemoryDisk::default();
    four_segments(&disk);
    write_file(&disk, &segment_path(1), &read_file(&disk, SEGMENT));
    assert_damaged(&disk, "a segment under the name of another");
}

#[test]
fn unfinished_segments_are_removed_and_strange_files_left_alone() {
    let disk = MemoryDisk::default();
    three_frames(&disk);
    write_file(&disk, "wal/00000000000000000004.wal.tmp", b"half");
    write_file(&disk, "wal/7.wal", b"not ours");
    assert_eq!(open(&disk).next_sequence(), 4);
    assert!(!disk.exists("wal/00000000000000000004.wal.tmp").unwrap());
    assert!(disk.exists("wal/7.wal").unwrap());
}

#[test]
fn sizes_are_bounded_and_the_bound_is_usable() {
    let disk = MemoryDisk::default();
    let mut wal = open(&disk);
    let largest = vec![1; RECORD_BYTES_MAX];
    let larger = vec![1; RECORD_BYTES_MAX + 1];
    let refused = wal.append(&[&larger]);
    assert!(matches!(refused, Err(StorageError::TooLarge { max: RECORD_BYTES_MAX, .. })));
    let refused = wal.append(&[&largest, &largest]);
    assert!(matches!(refused, Err(StorageError::TooLarge { max: FRAME_BYTES_MAX, .. })));
    wal.append(&[&largest]).unwrap();
    wal.append(&[b"after"]).unwrap();
    let records = records(&open(&disk), 0);
    assert!(records[0].1 == largest);
    assert_eq!(records[1].1, b"after");
}

#[test]
fn a_failed_write_or_sync_ends_all_writing() {
    for (operation, fault) in
        [(0, Fault::Full), (0, Fault::Broken), (1, Fault::Full), (1, Fault::Broken)]
    {
        let disk = FaultyDisk::new(1);
        let folder = || Folder::unlocked(Arc::new(disk.clone()), "wal").unwrap();
        let (mut wal, _) = settled(Wal::open(folder(), WalConfig::default()).unwrap()).unwrap();
        wal.append(&[b"good"]).unwrap();
        disk.fail_after(operation, fault);
        assert!(matches!(wal.append(&[b"bad"]), Err(StorageError::Io { .. })));
        for result in [
            wal.append(&[b"more"]),
            wal.append(&[]),
            wal.rotate(),
            wal.remove_before(0),
            wal.replay(0).map(drop),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, StorageError::Poisoned { .. }), "{error}");
        }
        drop(wal);
        disk.crash();
        let (wal, _) = settled(Wal::open(folder(), WalConfig::default()).unwrap()).unwrap();
        assert_eq!(records(&wal, 0)[0], (0, b"good".to_vec()));
    }
}

/// A sync that fails may leave bytes that can be read and never reach the disk.
#[test]
fn what_opening_finds_is_durable_even_after_a_failed_sync() {
    for seed in 0..50 {
        let disk = FaultyDisk::new(seed);
        let folder = || Folder::unlocked(Arc::new(disk.clone()), "wal").unwrap();
        let (mut wal, _) = settled(Wal::open(folder(), WalConfig::default()).unwrap()).unwrap();
        disk.fail_after(1, Fault::Broken);
        wal.append(&[b"in doubt"]).unwrap_err();
        drop(wal);
        disk.restart();
        let (wal, _) = settled(Wal::open(folder(), WalConfig::default()).unwrap()).unwrap();
        assert_eq!(wal.next_sequence(), 1);
        drop(wal);
        disk.crash();
        let (wal, _) = settled(Wal::open(folder(), WalConfig::default()).unwrap()).unwrap();
        assert_eq!(records(&wal, 0), [(0, b"in doubt".to_vec())], "seed {seed}");
    }
}

#[test]
fn a_discarding_log_counts_and_keeps_nothing() {
    let mut wal = Wal::discarding();
    assert_eq!(records(&wal, 0), []);
    wal.append(&[b"a", b"b"]).unwrap();
    wal.rotate().unwrap();
    wal.remove_before(1).unwrap();
    assert_eq!((wal.first_sequence(), wal.next_sequence()), (2, 2));
    assert!(matches!(wal.replay(0), Err(StorageError::SequenceUnavailable { .. })));
    assert_eq!(records(&wal, 2), []);
}

#[test]
fn opening_changes_nothing_until_the_log_is_settled() {
    let disk = MemoryDisk::default();
    open(&disk).append(&[b"first"]).unwrap();
    open(&disk).append(&[b"second"]).unwrap();
    let whole = read_file(&disk, SEGMENT);
    let torn = &whole[..whole.len() - 1];
    write_file(&disk, SEGMENT, torn);
    let folder = || Folder::unlocked(Arc::new(disk.clone()), "wal").unwrap();
    let mut wal = Wal::open(folder(), WalConfig::default()).unwrap();
    assert_eq!(records(&wal, 0), [(0, b"first".to_vec())]);
    assert_eq!(wal.torn_tail().unwrap().unwrap().path, disk.locate(SEGMENT));
    assert_eq!(read_file(&disk, SEGMENT), torn, "still there");
    wal.append(&[b"other"]).unwrap();
    assert_eq!(records(&wal, 0)[1], (1, b"other".to_vec()), "an append settles by itself");
    assert_eq!((wal.torn_tail().unwrap(), wal.settle().unwrap()), (None, None), "once");
}
