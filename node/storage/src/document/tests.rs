use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use super::{Document, Documents, Kind, LABEL_BYTES};
use crate::{
    Folder, StorageError,
    disk::{Disk, MemoryDisk},
    testing::{HookedDisk, Random, read_file, write_file},
};

fn open(disk: &MemoryDisk) -> Documents {
    let folder = Folder::unlocked(Arc::new(disk.clone()), "proofs").unwrap();
    Documents::open(folder, Kind::PROOF).unwrap()
}

fn path(number: u64) -> String {
    format!("proofs/{number:020}.proof")
}

fn content(document: &Document) -> Vec<u8> {
    let mut content = Vec::new();
    let mut reader = document.reader();
    assert_eq!(reader.remaining(), document.size());
    reader.read_to_end(&mut content).unwrap();
    assert_eq!(reader.remaining(), 0);
    content
}

fn is_damaged<T>(result: Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::DocumentDamaged { .. }))
}

#[test]
fn what_is_kept_comes_back_and_what_is_removed_does_not() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    assert!(documents.get(3).unwrap().is_none());
    documents.write(9, b"").unwrap();
    let kept = documents.write(3, b"three").unwrap();
    let documents = open(&disk);
    assert_eq!(documents.numbers().unwrap(), [3, 9]);
    let found = documents.get(3).unwrap().unwrap();
    assert_eq!(content(&found), b"three");
    assert_eq!(found.digest(), blake3::hash(b"three").as_bytes());
    assert_eq!((found.size(), found.digest()), (kept.size(), kept.digest()));
    assert_eq!(found.size_on_disk(), read_file(&disk, &path(3)).len() as u64);
    assert_eq!(content(&documents.get(9).unwrap().unwrap()), b"");
    documents.remove(3).unwrap();
    documents.remove(3).unwrap();
    assert!(documents.get(3).unwrap().is_none());
    assert_eq!(documents.numbers().unwrap(), [9]);
    // Who had it open reads on.
    assert_eq!(content(&found), b"three");
}

/// Somebody's draft may go late, when the next one of the same number is begun already.
#[test]
fn drafts_of_one_number_do_not_touch_each_other() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    let mut first = documents.draft(1).unwrap();
    first.append(b"first").unwrap();
    first.flush().unwrap();
    let mut second = documents.clone().draft(1).unwrap();
    second.append(b"second").unwrap();
    second.flush().unwrap();
    first.append(b" and more").unwrap();
    first.flush().unwrap();
    drop(first);
    let mut third = documents.draft(1).unwrap();
    third.append(b"third").unwrap();
    assert_eq!(content(&second.keep().unwrap()), b"second");
    assert_eq!(content(&third.keep().unwrap()), b"third");
    assert_eq!(content(&open(&disk).get(1).unwrap().unwrap()), b"third");
    assert_eq!(disk.list("proofs").unwrap().len(), 1);
}

#[test]
fn a_draft_is_nothing_until_it_is_kept() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    let mut draft = documents.draft(1).unwrap();
    draft.append(b"never ").unwrap();
    draft.write_all(b"mind").unwrap();
    assert_eq!(draft.size(), 10);
    // None of what is done to others ends it.
    documents.remove(2).unwrap();
    documents.write(2, b"two").unwrap();
    documents.remove(2).unwrap();
    assert_eq!(disk.list("proofs").unwrap().len(), 1);
    assert!(documents.get(1).unwrap().is_none());
    assert!(documents.numbers().unwrap().is_empty());
    drop(draft);
    assert!(disk.list("proofs").unwrap().is_empty());
    write_file(&disk, &format!("{}.tmp", path(1)), b"left over");
    open(&disk);
    assert!(disk.list("proofs").unwrap().is_empty());
}

/// A proof is judged by what lies in the file, and grows on after it was looked at.
/// The log's syncs may wait for what is not synced of a draft. One that failed is not repeated.
#[test]
fn a_long_draft_is_synced_on_the_way() {
    const BYTES: usize = 24 << 20;
    for pieces in [BYTES >> 20, 1] {
        let disk = HookedDisk::default();
        let folder = Folder::unlocked(Arc::new(disk.clone()), "proofs").unwrap();
        let documents = Documents::open(folder, Kind::PROOF).unwrap();
        let piece = vec![7; BYTES / pieces];
        let mut draft = documents.draft(1).unwrap();
        disk.at_sync(|| Err(io::Error::other("it fails")));
        let mut appended = (0..pieces).map(|_| draft.append(&piece)).enumerate();
        let (count, failed) = appended.find(|(_, result)| result.is_err()).unwrap();
        assert!(matches!(failed, Err(StorageError::Io { .. })), "{failed:?}");
        assert!(count <= 9, "{count} MiB, and no sync");
        let refused = [draft.append(b"more"), draft.keep().map(drop)];
        for refused in refused {
            assert!(matches!(refused, Err(StorageError::Poisoned { .. })), "{refused:?}");
        }
        assert!(documents.get(1).unwrap().is_none());
        let mut draft = documents.draft(1).unwrap();
        (0..pieces).for_each(|_| draft.append(&piece).unwrap());
        assert!(content(&draft.keep().unwrap()) == vec![7; BYTES]);
    }
}

#[test]
fn a_draft_is_read_from_its_file_while_it_grows() {
    let documents = open(&MemoryDisk::default());
    let mut draft = documents.draft(1).unwrap();
    let mut random = Random::new(1);
    let mut expected = Vec::new();
    for length in [0, 1, 1 << 20, (1 << 20) - 1, 3 << 20, 17, (1 << 20) + 1] {
        let piece: Vec<u8> = (0..length).map(|_| random.number() as u8).collect();
        expected.extend_from_slice(&piece);
        draft.append(&piece).unwrap();
        assert_eq!(draft.size(), expected.len() as u64);
        let mut found = Vec::new();
        draft.reader().unwrap().read_to_end(&mut found).unwrap();
        assert!(found == expected);
    }
    let document = draft.keep().unwrap();
    document.verify().unwrap();
    assert!(content(&document) == expected);
}

#[test]
fn a_label_comes_back_with_the_document() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    let mut draft = documents.draft(1).unwrap();
    draft.append(b"content").unwrap();
    assert_eq!(draft.keep_labelled([7; LABEL_BYTES]).unwrap().label(), &[7; LABEL_BYTES]);
    documents.write(2, b"content").unwrap();
    let documents = open(&disk);
    assert_eq!(documents.get(1).unwrap().unwrap().label(), &[7; LABEL_BYTES]);
    assert_eq!(documents.get(2).unwrap().unwrap().label(), &[0; LABEL_BYTES]);
}

#[test]
fn ranges_end_where_the_content_ends() {
    let documents = open(&MemoryDisk::default());
    let document = documents.write(1, b"0123456789").unwrap();
    let read = |offset, length| {
        let mut buffer = vec![0xff; length];
        let count = document.read_at(offset, &mut buffer).unwrap();
        buffer.truncate(count);
        String::from_utf8(buffer).unwrap()
    };
    assert_eq!(read(0, 10), "0123456789");
    assert_eq!(read(0, 99), "0123456789");
    assert_eq!(read(3, 4), "3456");
    assert_eq!(read(9, 9), "9");
    assert_eq!(read(5, 0), "");
    for beyond in [10, 11, u64::MAX] {
        assert_eq!(read(beyond, 5), "");
    }
}

#[test]
fn any_flipped_or_missing_byte_is_found() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    let size = documents.write(7, b"the content of a proof").unwrap().size() as usize;
    let whole = read_file(&disk, &path(7));
    let found = || documents.get(7).map(|found| found.unwrap());
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        write_file(&disk, &path(7), &flipped);
        if (16..16 + size).contains(&position) {
            assert!(is_damaged(found().unwrap().verify()), "{position}");
        } else {
            assert!(is_damaged(found()), "{position}");
        }
        write_file(&disk, &path(7), &whole[..position]);
        assert!(is_damaged(found()), "{position}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    write_file(&disk, &path(7), &longer);
    assert!(is_damaged(found()));
    write_file(&disk, &path(8), &whole);
    assert!(is_damaged(documents.get(8)), "the number in it is another");
    write_file(&disk, &path(7), &whole);
    let document = found().unwrap();
    write_file(&disk, &path(7), &whole[..20]);
    assert!(is_damaged(document.read_at(0, &mut [0; 10])), "it shrank under a reader");
    assert!(is_damaged(document.verify()));
}

#[test]
fn documents_of_one_kind_do_not_pass_for_another() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    documents.write(1, b"a proof").unwrap();
    let folder = Folder::unlocked(Arc::new(disk.clone()), "inputs").unwrap();
    let inputs = Documents::open(folder, Kind::INPUT).unwrap();
    let name = format!("inputs/{:020}.input", 1);
    write_file(&disk, &name, &read_file(&disk, &path(1)));
    assert!(is_damaged(inputs.get(1)));
}

#[test]
fn the_note_is_replaced_as_a_whole() {
    let disk = MemoryDisk::default();
    let documents = open(&disk);
    assert_eq!(documents.removed_through().unwrap(), None);
    for number in [0, 7, u64::MAX] {
        documents.note_removed_through(number).unwrap();
        assert_eq!(open(&disk).removed_through().unwrap(), Some(number));
    }
    assert!(documents.numbers().unwrap().is_empty(), "a note is no document");
    let whole = read_file(&disk, "proofs/NOTE");
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        write_file(&disk, "proofs/NOTE", &flipped);
        assert!(is_damaged(documents.removed_through()), "{position}");
        write_file(&disk, "proofs/NOTE", &whole[..position]);
        assert!(is_damaged(documents.removed_through()), "{position}");
    }
    write_file(&disk, "proofs/NOTE", &[whole, vec![0]].concat());
    assert!(is_damaged(documents.removed_through()));
}
