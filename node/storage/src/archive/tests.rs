use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use super::{Archive, ArchiveConfig, Removed};
use crate::{
    Folder, RECORD_BYTES_MAX, StorageError, TornTail,
    disk::{Disk, MemoryDisk},
    testing::{Fault, FaultyDisk, HookedDisk, Random, read_file, simulate, write_file},
};

/// Room for the header of a segment and four records of [`record`].
const SMALL: ArchiveConfig = ArchiveConfig { segment_bytes: 20 + 4 * (20 + 12) };

fn try_open(disk: &MemoryDisk) -> Result<(Archive, Vec<TornTail>), StorageError> {
    let folder = Folder::unlocked(Arc::new(disk.clone()), "blocks").unwrap();
    Archive::open(folder, SMALL)
}

fn open(disk: &MemoryDisk) -> Archive {
    let (archive, torn) = try_open(disk).unwrap();
    assert_eq!(torn, []);
    archive
}

fn record(number: u64) -> Vec<u8> {
    let mut record = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes().to_vec();
    record.extend_from_slice(b"tail");
    record
}

fn fill(archive: &Archive, numbers: std::ops::Range<u64>) {
    numbers.for_each(|number| archive.append(number, &record(number)).unwrap());
}

fn segment(first: u64) -> String {
    format!("blocks/{first:020}.archive")
}

fn index(first: u64) -> String {
    format!("blocks/{first:020}.index")
}

fn assert_holds(archive: &Archive, numbers: std::ops::Range<u64>) {
    let bounds = (!numbers.is_empty()).then(|| (numbers.start, numbers.end - 1));
    assert_eq!(archive.first().zip(archive.last()), bounds);
    for number in numbers.clone() {
        assert_eq!(archive.get(number).unwrap(), Some(record(number)), "{number}");
    }
    assert_eq!(archive.get(numbers.end).unwrap(), None);
    assert_eq!(archive.get(numbers.start.wrapping_sub(1)).unwrap(), None);
}

fn assert_refused(disk: &MemoryDisk, context: &str) {
    match try_open(disk) {
        Err(StorageError::ArchiveDamaged { .. }) => {}
        other => panic!("{context}: not refused: {other:?}"),
    }
}

#[test]
fn records_come_back_by_number() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    assert_holds(&archive, 0..0);
    fill(&archive, 100..111);
    assert_holds(&archive, 100..111);
    for number in [0, 110, 112, u64::MAX - 1] {
        let refused = archive.append(number, b"");
        assert!(matches!(refused, Err(StorageError::NotConsecutive { expected: 111, .. })));
    }
    let refused = archive.append(u64::MAX, b"");
    assert!(matches!(refused, Err(StorageError::NumbersUsedUp { .. })));
    let refused = archive.append(111, &vec![0; RECORD_BYTES_MAX + 1]);
    assert!(matches!(refused, Err(StorageError::TooLarge { .. })));
    drop(archive);
    let archive = open(&disk);
    assert_holds(&archive, 100..111);
    fill(&archive, 111..120);
    assert_holds(&archive, 100..120);
}

#[test]
fn empty_and_large_records_are_kept() {
    let disk = MemoryDisk::default();
    let large = vec![3; 100_000];
    let archive = open(&disk);
    for number in 0..6 {
        archive.append(number, if number % 2 == 0 { &large } else { &[] }).unwrap();
    }
    let archive = open(&disk);
    assert_eq!(archive.get(4).unwrap().unwrap(), large);
    assert_eq!(archive.get(5).unwrap().unwrap(), b"");
}

#[test]
fn a_torn_tail_is_cut_at_the_first_broken_record() {
    let disk = MemoryDisk::default();
    fill(&open(&disk), 0..3);
    let whole = read_file(&disk, &segment(0));
    for length in 20..=whole.len() {
        let torn_disk = MemoryDisk::default();
        torn_disk.create_folder("blocks").unwrap();
        write_file(&torn_disk, &segment(0), &whole[..length]);
        let (archive, torn) = try_open(&torn_disk).unwrap();
        let kept = (length - 20) / 32;
        assert_holds(&archive, 0..kept as u64);
        let cut: u64 = torn.iter().map(|torn| torn.bytes).sum();
        assert_eq!(cut, ((length - 20) % 32) as u64);
        fill(&archive, kept as u64..10);
        drop(archive);
        assert_holds(&open(&torn_disk), 0..10);
    }
    // A hole in the middle of what was never synced: what follows goes too.
    for position in 20..whole.len() {
        let torn_disk = MemoryDisk::default();
        torn_disk.create_folder("blocks").unwrap();
        let mut torn = whole.clone();
        torn[position] ^= 1;
        write_file(&torn_disk, &segment(0), &torn);
        assert_holds(&try_open(&torn_disk).unwrap().0, 0..((position - 20) / 32) as u64);
    }
}

/// Records 0..10 in segments of 0, 4 and 8, all synced.
fn synced() -> MemoryDisk {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    fill(&archive, 0..10);
    archive.sync().unwrap();
    assert!(disk.exists(&index(0)).unwrap() && disk.exists(&index(4)).unwrap());
    assert!(!disk.exists(&index(8)).unwrap());
    disk
}

#[test]
fn a_flipped_bit_in_what_was_synced_is_refused() {
    for first in [0, 4, 8] {
        let disk = synced();
        if first != 8 {
            disk.remove(&index(first)).unwrap();
        }
        let whole = read_file(&disk, &segment(first));
        for bit in 0..whole.len() * 8 {
            let byte = bit / 8;
            let mut flipped = whole.clone();
            flipped[byte] ^= 1 << (bit % 8);
            write_file(&disk, &segment(first), &flipped);
            let in_header = byte < 20 || (byte - 20) % 32 < 20;
            if in_header {
                assert_refused(&disk, &format!("bit {bit} of segment {first}"));
                continue;
            }
            let number = first + (byte as u64 - 20) / 32;
            let archive = open(&disk);
            let refused = archive.get(number);
            assert!(matches!(refused, Err(StorageError::ArchiveDamaged { .. })));
        }
    }
}

#[test]
fn what_was_synced_and_is_missing_is_refused() {
    for first in [0, 4, 8] {
        let disk = synced();
        disk.remove(&segment(first)).unwrap();
        match first {
            // The same as history that was pruned.
            0 => assert_eq!(open(&disk).first(), Some(4)),
            _ => assert_refused(&disk, &format!("segment {first} missing")),
        }
        let disk = synced();
        let whole = read_file(&disk, &segment(first));
        for length in 0..whole.len() {
            write_file(&disk, &segment(first), &whole[..length]);
            assert_refused(&disk, &format!("segment {first} cut at {length}"));
        }
    }
}

#[test]
fn a_broken_watermark_is_refused() {
    let disk = synced();
    let whole = read_file(&disk, "blocks/SYNCED");
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        write_file(&disk, "blocks/SYNCED", &flipped);
        assert_refused(&disk, &format!("byte {position}"));
        write_file(&disk, "blocks/SYNCED", &whole[..position]);
        assert_refused(&disk, &format!("cut at {position}"));
    }
}

#[test]
fn an_index_that_does_not_fit_is_ignored() {
    let disk = synced();
    let whole = read_file(&disk, &index(4));
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        write_file(&disk, &index(4), &flipped);
        assert_holds(&open(&disk), 0..10);
        write_file(&disk, &index(4), &whole[..position]);
        assert_holds(&open(&disk), 0..10);
    }
    write_file(&disk, &index(4), &read_file(&disk, &index(0)));
    assert_holds(&open(&disk), 0..10);
}

#[test]
fn truncation_removes_the_end() {
    for last in 0..12 {
        let disk = synced();
        let archive = open(&disk);
        archive.truncate_after(last).unwrap();
        let end = (last + 1).min(10);
        assert_holds(&archive, 0..end);
        drop(archive);
        let archive = open(&disk);
        assert_holds(&archive, 0..end);
        fill(&archive, end..20);
        archive.sync().unwrap();
        drop(archive);
        assert_holds(&open(&disk), 0..20);
    }
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    fill(&archive, 100..110);
    archive.truncate_after(99).unwrap();
    assert_holds(&archive, 0..0);
    fill(&archive, 5..7);
    drop(archive);
    assert_holds(&open(&disk), 5..7);
}

#[test]
fn removal_takes_whole_segments_from_the_front() {
    let disk = synced();
    let archive = open(&disk);
    let bytes = 20 + 4 * 32;
    let oldest = Removed { first: 0, last: 3, bytes };
    // The last two segments stay: only of them it is not certain that they are on the disk.
    for (before, removed) in [(0, None), (3, None), (4, Some(oldest)), (u64::MAX, None)] {
        assert_eq!(archive.remove_oldest_before(before).unwrap(), removed, "{before}");
        assert_holds(&archive, if before < 4 { 0..10 } else { 4..10 });
    }
    assert!(!disk.exists(&segment(0)).unwrap() && !disk.exists(&index(0)).unwrap());
    drop(archive);
    let archive = open(&disk);
    assert_holds(&archive, 4..10);
    fill(&archive, 10..30);
    // One at a time, whatever could go.
    assert_eq!(archive.oldest_before(29), Some((4, 7)));
    for first in [8, 12, 16, 20, 24, 24] {
        archive.remove_oldest_before(29).unwrap();
        assert_holds(&archive, first..30);
    }
    assert_eq!(archive.oldest_before(29), None);
    drop(archive);
    assert_holds(&open(&disk), 24..30);
}

/// Bytes alone would keep the blocks of an idle chain for weeks beyond what is asked for.
#[test]
fn segments_are_as_short_as_is_asked_for() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    fill(&archive, 0..3);
    archive.limit_segments(2);
    fill(&archive, 3..8);
    archive.limit_segments(0);
    fill(&archive, 8..10);
    let begins: Vec<u64> = (0..10).filter(|n| disk.exists(&segment(*n)).unwrap()).collect();
    assert_eq!(begins, [0, 3, 5, 7, 8, 9]);
    drop(archive);
    assert_holds(&open(&disk), 0..10);
}

/// What stays after removals is the end of what an archive without any would have.
#[test]
fn a_pruned_archive_is_the_end_of_the_whole_one() {
    simulate(200, Duration::from_secs(1), |seed| {
        let mut random = Random::new(seed);
        let (whole, pruned) = (MemoryDisk::default(), MemoryDisk::default());
        let (kept, mut archive) = (open(&whole), open(&pruned));
        let mut before = 0;
        for number in 0..40 + random.below(100) {
            fill(&kept, number..number + 1);
            fill(&archive, number..number + 1);
            match random.below(6) {
                0 => archive.limit_segments(1 + random.below(6)),
                1 => {
                    let wanted = random.below(number + 2);
                    if archive.remove_oldest_before(wanted).unwrap().is_some() {
                        before = before.max(wanted);
                    }
                }
                2 => archive = try_open(&pruned).unwrap().0,
                _ => {}
            }
            let first = archive.first().unwrap();
            assert!(first <= before, "{first} is kept, {before} was asked for");
            assert_eq!(archive.last(), kept.last());
            for number in 0..=number {
                let expected = kept.get(number).unwrap().filter(|_| number >= first);
                assert_eq!(archive.get(number).unwrap(), expected);
            }
        }
    });
}

#[test]
fn a_failed_write_ends_all_writing_but_not_reading() {
    let disk = FaultyDisk::new(1);
    let folder = Folder::unlocked(Arc::new(disk.clone()), "blocks").unwrap();
    let (archive, _) = Archive::open(folder, ArchiveConfig::default()).unwrap();
    fill(&archive, 0..3);
    disk.fail_after(0, Fault::Full);
    assert!(matches!(archive.append(3, &record(3)), Err(StorageError::Io { .. })));
    for result in [
        archive.append(3, &record(3)),
        archive.sync(),
        archive.truncate_after(0),
        archive.remove_oldest_before(0).map(drop),
    ] {
        assert!(matches!(result, Err(StorageError::Poisoned { .. })));
    }
    assert_holds(&archive, 0..3);
}

/// Reads record 6 of ten while a writer cuts after `last` and then appends `again`, either both
/// before the disk is asked or the second one after.
fn read_beside_a_cut(last: u64, again: &'static [u8], late: bool) -> Option<Vec<u8>> {
    let disk = HookedDisk::default();
    let folder = Folder::unlocked(Arc::new(disk.clone()), "blocks").unwrap();
    let archive = Arc::new(Archive::open(folder, SMALL).unwrap().0);
    fill(&archive, 0..10);
    let (cutting, filling) = (archive.clone(), archive.clone());
    let refill = move || {
        for number in last + 1..7 {
            filling.append(number, again).unwrap();
        }
    };
    if late {
        disk.around_read(move || cutting.truncate_after(last).unwrap(), refill);
    } else {
        let before = move || {
            cutting.truncate_after(last).unwrap();
            refill();
        };
        disk.around_read(before, || {});
    }
    archive.get(6).unwrap()
}

#[test]
fn a_read_beside_a_cut_finds_the_old_record_the_new_one_or_none() {
    for late in [false, true] {
        for again in [&b"other bytes."[..], b"shorter", b"a good deal longer than before"] {
            for last in [5, 4] {
                assert_eq!(read_beside_a_cut(last, again, late).unwrap(), again);
            }
            // The whole segment goes, and can be read by who has it open.
            assert_eq!(read_beside_a_cut(2, again, late), Some(record(6)));
        }
        assert_eq!(read_beside_a_cut(6, b"", late), Some(record(6)));
    }
    let disk = HookedDisk::default();
    let folder = Folder::unlocked(Arc::new(disk.clone()), "blocks").unwrap();
    let archive = Arc::new(Archive::open(folder, SMALL).unwrap().0);
    fill(&archive, 0..10);
    let cutting = archive.clone();
    disk.around_read(move || cutting.truncate_after(5).unwrap(), || {});
    assert_eq!(archive.get(6).unwrap(), None);
}

/// Two records have room, the third begins a segment, which needs to know what comes of the sync.
#[test]
fn records_are_added_while_others_are_synced() {
    const SOON: Duration = Duration::from_secs(10);
    for fails in [false, true] {
        let disk = HookedDisk::default();
        let folder = Folder::unlocked(Arc::new(disk.clone()), "blocks").unwrap();
        let archive = Arc::new(Archive::open(folder, SMALL).unwrap().0);
        fill(&archive, 0..2);
        let ((appended, hears), (tell, told)) = (mpsc::channel(), mpsc::channel());
        let writer = archive.clone();
        disk.at_sync(move || {
            thread::spawn(move || {
                (2..5).for_each(|n| appended.send(writer.append(n, &record(n))).unwrap());
            });
            let with_room = [(); 2].map(|()| hears.recv_timeout(SOON).is_ok_and(|r| r.is_ok()));
            let third = hears.recv_timeout(Duration::from_millis(100));
            tell.send((with_room, third.is_err(), hears)).unwrap();
            if fails { Err(io::Error::other("it fails")) } else { Ok(()) }
        });
        let synced = archive.sync();
        let (with_room, is_waiting, hears) = told.recv().unwrap();
        assert_eq!((with_room, is_waiting), ([true; 2], true));
        let third = hears.recv_timeout(SOON).unwrap();
        if fails {
            assert!(matches!(synced, Err(StorageError::Io { .. })), "{synced:?}");
            assert!(matches!(third, Err(StorageError::Poisoned { .. })), "{third:?}");
            assert!(!disk.exists(&segment(4)).unwrap());
        } else {
            synced.and(third).unwrap();
            assert_holds(&archive, 0..5);
        }
    }
}

#[test]
fn readers_run_beside_the_writer() {
    let disk = MemoryDisk::default();
    let folder = Folder::unlocked(Arc::new(disk), "blocks").unwrap();
    let config = ArchiveConfig { segment_bytes: 5000 };
    let (archive, _) = Archive::open(folder, config).unwrap();
    let (done, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    fill(&archive, 0..1);
    thread::scope(|scope| {
        for seed in 0..3 {
            let (archive, done, reads) = (&archive, &done, &reads);
            scope.spawn(move || {
                let mut random = Random::new(seed);
                while !done.load(Ordering::Relaxed) {
                    let last = archive.last().unwrap();
                    // Half of them at the end, where the writer is.
                    let range = if random.one_in(2) { last + 1 } else { 60.min(last + 1) };
                    let number = last - random.below(range);
                    match archive.get(number).unwrap() {
                        Some(found) => assert_eq!(found, record(number)),
                        // Cut away or removed since; the first records never come back.
                        None => assert!(number >= 3000 || archive.first() > Some(number)),
                    }
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        fill(&archive, 1..10_000);
        for _ in 0..3000 {
            archive.truncate_after(3000).unwrap();
            fill(&archive, 3001..3060);
        }
        while archive.remove_oldest_before(2000).unwrap().is_some() {}
        while reads.load(Ordering::Relaxed) < 1000 {
            thread::yield_now();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(archive.last(), Some(3059));
}
