//! One file of an archive, named after its first record; the README has the layout.
//!
//! The header of a record has a checksum of its own, so that the records up to the watermark are
//! found by stepping from header to header. A sealed segment has an index beside it that spares
//! even that; one that is missing or does not fit is ignored: nothing depends on it but time.

use std::path::Path;

use crate::{
    Folder, RECORD_BYTES_MAX, Result, StorageError, TornTail,
    folder::{OpenFile, numbered},
};

pub(super) const ENDING: &str = "archive";
const INDEX_ENDING: &str = "index";
const MAGIC: [u8; 8] = *b"MNSTRARC";
const SEGMENT_HEADER_BYTES: u64 = 20;
const RECORD_HEADER_BYTES: usize = 20;
const CHECKED_BYTES: usize = 16;

/// Record lengths fit their field.
const _: () = assert!(RECORD_BYTES_MAX <= u32::MAX as usize);

/// What an archive remembers of a segment.
#[derive(Debug)]
pub(super) struct Segment {
    first: u64,
    file: OpenFile,
    /// Where the records begin.
    offsets: Vec<u64>,
    /// Where the last record ends.
    end: u64,
    /// How often it was shortened: a place from before that may have another content now.
    cuts: u64,
}

/// Where the next record of a segment goes.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) file: OpenFile,
    pub(super) end: u64,
}

/// Where a record lies.
#[derive(Debug)]
pub(super) struct Place {
    file: OpenFile,
    offset: u64,
    end: u64,
    cuts: u64,
}

pub(super) fn name(first: u64) -> String {
    numbered(first, ENDING)
}

pub(super) fn damage(path: &Path, offset: u64, reason: &'static str) -> StorageError {
    StorageError::ArchiveDamaged { path: path.to_owned(), offset, reason }
}

/// Bytes that a record takes.
pub(super) fn record_bytes(content: &[u8]) -> u64 {
    (RECORD_HEADER_BYTES + content.len()) as u64
}

/// Encodes a record over whatever the buffer held. The caller has checked the size.
pub(super) fn encode(buffer: &mut Vec<u8>, number: u64, content: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(&number.to_le_bytes());
    buffer.extend_from_slice(&(content.len() as u32).to_le_bytes());
    buffer.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    buffer.extend_from_slice(&crc32fast::hash(buffer).to_le_bytes());
    buffer.extend_from_slice(content);
}

/// Creates an empty segment durably.
pub(super) fn create(folder: &Folder, first: u64) -> Result<Segment> {
    let mut header = Vec::with_capacity(SEGMENT_HEADER_BYTES as usize);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&first.to_le_bytes());
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    let file = folder.replace(&name(first), &header)?;
    Ok(Segment { first, file, offsets: Vec::new(), end: SEGMENT_HEADER_BYTES, cuts: 0 })
}

/// Removes a segment durably: first the index, which would mean nothing without it.
pub(super) fn remove(folder: &Folder, first: u64) -> Result<()> {
    remove_index(folder, first)?;
    folder.remove(&name(first))
}

pub(super) fn remove_index(folder: &Folder, first: u64) -> Result<()> {
    let index = numbered(first, INDEX_ENDING);
    if folder.exists(&index)? { folder.remove(&index) } else { Ok(()) }
}

/// A whole segment as the torn tail that it is.
pub(super) fn as_torn(folder: &Folder, first: u64) -> Result<TornTail> {
    let file = folder.open(&name(first))?;
    Ok(TornTail { path: file.path().to_owned(), offset: 0, bytes: file.length()? })
}

/// Finds the records of a segment. Damage up to the watermark is refused; behind it the segment
/// ends where the first broken record begins.
pub(super) fn open(
    folder: &Folder,
    first: u64,
    watermark: Option<u64>,
) -> Result<(Segment, Option<TornTail>)> {
    let file = folder.open(&name(first))?;
    check_header(&file, first)?;
    let file_end = file.length()?;
    if let Some(segment) = read_index(folder, &file, first, file_end)?
        && segment.last() <= watermark
    {
        return Ok((segment, None));
    }
    let mut segment =
        Segment { first, file, offsets: Vec::new(), end: SEGMENT_HEADER_BYTES, cuts: 0 };
    while segment.end < file_end {
        let durable = watermark >= Some(segment.next());
        match step(&segment, file_end, durable)? {
            Ok(bytes) => segment.push(bytes),
            Err(reason) if durable => return Err(damage(segment.path(), segment.end, reason)),
            Err(_) => break,
        }
    }
    let bytes = file_end.saturating_sub(segment.end);
    let torn = TornTail { path: segment.path().to_owned(), offset: segment.end, bytes };
    Ok((segment, (bytes > 0).then_some(torn)))
}

/// The length of the record at the end of what is known, or why there is none. What is not known
/// to be durable is checked in full and written once more: an earlier sync of it may have failed,
/// and then it can be read but is not on the disk.
fn step(segment: &Segment, file_end: u64, durable: bool) -> Result<Result<u64, &'static str>> {
    let mut record = vec![0; RECORD_HEADER_BYTES];
    if segment.file.read_at(segment.end, &mut record)? < record.len() {
        return Ok(Err("a record header is incomplete"));
    }
    let length = match check_record_header(&record, segment.next()) {
        Ok(length) => length,
        Err(reason) => return Ok(Err(reason)),
    };
    let bytes = (RECORD_HEADER_BYTES + length) as u64;
    if bytes > file_end - segment.end {
        return Ok(Err("a record is longer than what follows it"));
    }
    if !durable {
        record.resize(RECORD_HEADER_BYTES + length, 0);
        segment.file.read_at(segment.end, &mut record)?;
        if let Err(reason) = check_content(&record) {
            return Ok(Err(reason));
        }
        segment.file.write_at(segment.end, &record)?;
    }
    Ok(Ok(bytes))
}

impl Segment {
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number that the next record gets.
    pub(super) fn next(&self) -> u64 {
        self.first.saturating_add(self.offsets.len() as u64)
    }

    pub(super) fn last(&self) -> Option<u64> {
        let last = self.offsets.len().checked_sub(1)?;
        Some(self.first + last as u64)
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn tail(&self) -> Tail {
        Tail { file: self.file.clone(), end: self.end }
    }

    pub(super) fn push(&mut self, bytes: u64) {
        self.offsets.push(self.end);
        self.end += bytes;
    }

    /// Forgets the records after this one, which is not before the segment.
    pub(super) fn shorten(&mut self, number: u64) {
        let kept = usize::try_from(number - self.first).map_or(usize::MAX, |index| index + 1);
        if let Some(&end) = self.offsets.get(kept) {
            self.cuts += 1;
            self.offsets.truncate(kept);
            self.end = end;
        }
    }

    pub(super) fn place(&self, number: u64) -> Option<Place> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let offset = *self.offsets.get(index)?;
        let end = self.offsets.get(index + 1).copied().unwrap_or(self.end);
        Some(Place { file: self.file.clone(), offset, end, cuts: self.cuts })
    }
}

impl Place {
    /// Whether nothing can have changed between the two.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.file.is(&other.file)
            && (self.offset, self.end, self.cuts) == (other.offset, other.end, other.cuts)
    }

    /// Reads the first bytes of the record's content, unchecked.
    pub(super) fn read_front(&self, bytes: usize) -> Result<Vec<u8>> {
        let start = self.offset + RECORD_HEADER_BYTES as u64;
        let there = self.end.saturating_sub(start);
        let mut front = vec![0; usize::try_from(there).map_or(bytes, |there| there.min(bytes))];
        if self.file.read_at(start, &mut front)? < front.len() {
            return Err(damage(self.file.path(), self.offset, "a record is incomplete"));
        }
        Ok(front)
    }

    /// Reads the record and checks it.
    pub(super) fn read(&self, number: u64) -> Result<Vec<u8>> {
        let damaged = |reason| damage(self.file.path(), self.offset, reason);
        let bytes = usize::try_from(self.end - self.offset)
            .map_err(|_| damaged("a record is larger than the memory of this machine"))?;
        let mut record = vec![0; bytes];
        if self.file.read_at(self.offset, &mut record)? < bytes || bytes < RECORD_HEADER_BYTES {
            return Err(damaged("a record is incomplete"));
        }
        let length = check_record_header(&record, number).map_err(damaged)?;
        if RECORD_HEADER_BYTES + length != bytes {
            return Err(damaged("the length of a record is not that in the index"));
        }
        check_content(&record).map_err(damaged)?;
        record.drain(..RECORD_HEADER_BYTES);
        Ok(record)
    }
}

fn check_header(file: &OpenFile, first: u64) -> Result<()> {
    let mut header = [0; SEGMENT_HEADER_BYTES as usize];
    let filled = file.read_at(0, &mut header)?;
    let (checked, checksum) = header.split_at(CHECKED_BYTES);
    let reason = if filled < header.len() {
        "the segment header is incomplete"
    } else if crc32fast::hash(checked).to_le_bytes() != checksum {
        "the checksum of the segment header does not match"
    } else if !checked.starts_with(&MAGIC) {
        "the file is not a segment of an archive"
    } else if checked[8..] != first.to_le_bytes() {
        "the segment belongs elsewhere in the archive"
    } else {
        return Ok(());
    };
    Err(damage(file.path(), 0, reason))
}

/// Checks the header of a record and returns the length of its content.
fn check_record_header(record: &[u8], number: u64) -> Result<usize, &'static str> {
    let (checked, rest) = record.split_at(CHECKED_BYTES);
    if !rest.starts_with(&crc32fast::hash(checked).to_le_bytes()) {
        return Err("the checksum of a record header does not match");
    }
    if checked[..8] != number.to_le_bytes() {
        return Err("a record has another number than its place");
    }
    let length = u32_at(record, 8) as usize;
    if length > RECORD_BYTES_MAX {
        return Err("a record is longer than any can be");
    }
    Ok(length)
}

fn check_content(record: &[u8]) -> Result<(), &'static str> {
    if crc32fast::hash(&record[RECORD_HEADER_BYTES..]) != u32_at(record, 12) {
        return Err("the checksum of a record does not match");
    }
    Ok(())
}

pub(super) fn write_index(folder: &Folder, segment: &Segment) -> Result<()> {
    let mut content = Vec::with_capacity(segment.offsets.len() * 4 + 20);
    content.extend_from_slice(&segment.first.to_le_bytes());
    content.extend_from_slice(&segment.end.to_le_bytes());
    let ends = segment.offsets.iter().skip(1).chain([&segment.end]);
    for (offset, end) in segment.offsets.iter().zip(ends) {
        let length = end - offset - RECORD_HEADER_BYTES as u64;
        content.extend_from_slice(&(length as u32).to_le_bytes());
    }
    content.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
    folder.replace(&numbered(segment.first, INDEX_ENDING), &content).map(drop)
}

/// The segment as its index describes it, if there is one and it fits.
fn read_index(
    folder: &Folder,
    file: &OpenFile,
    first: u64,
    file_end: u64,
) -> Result<Option<Segment>> {
    let name = numbered(first, INDEX_ENDING);
    if !folder.exists(&name)? {
        return Ok(None);
    }
    let index = folder.open(&name)?;
    // Every record has a header, which bounds how many there are.
    let most = file_end / RECORD_HEADER_BYTES as u64 * 4 + 20;
    let length = index.length()?;
    if length > most || length < 20 {
        return Ok(None);
    }
    let mut content = vec![0; usize::try_from(length).unwrap_or(0)];
    let filled = index.read_at(0, &mut content)?;
    let (checked, checksum) = content[..filled].split_at(filled.saturating_sub(4));
    if crc32fast::hash(checked).to_le_bytes() != checksum
        || !checked.starts_with(&first.to_le_bytes())
        || checked.get(8..16) != Some(file_end.to_le_bytes().as_slice())
    {
        return Ok(None);
    }
    let lengths = checked[16..].chunks_exact(4).map(|length| u32_at(length, 0));
    let (file, end) = (file.clone(), SEGMENT_HEADER_BYTES);
    let mut segment =
        Segment { first, file, offsets: Vec::with_capacity(lengths.len()), end, cuts: 0 };
    lengths.for_each(|length| segment.push(RECORD_HEADER_BYTES as u64 + u64::from(length)));
    Ok((segment.end == file_end).then_some(segment))
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[offset..offset + 4]);
    u32::from_le_bytes(number)
}
