//! One file of the log, named after its first sequence number; the README has the layout.
//!
//! A segment gets its name when its header is durable, so a header that does not fit is damage.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::{
    Folder, Result, StorageError, TornTail,
    folder::{OpenFile, numbered},
};

use super::frame::{self, Found, Frame};

pub(super) const ENDING: &str = "wal";
pub(super) const HEADER_BYTES: u64 = 28;
const MAGIC: [u8; 8] = *b"MNSTRWAL";
const CHECKED_BYTES: usize = 24;
/// How much of a tail is searched for a marker at a time.
const SEARCH_BYTES: usize = 1 << 20;

/// What the log remembers of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) first_sequence: u64,
    pub(super) marker: u64,
    /// Where the last whole frame ends.
    pub(super) end: u64,
}

/// The outcome of reading a segment through.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) segment: Segment,
    pub(super) file: OpenFile,
    pub(super) next_sequence: u64,
    pub(super) last_frame: Option<Frame>,
}

pub(super) fn name(first_sequence: u64) -> String {
    numbered(first_sequence, ENDING)
}

/// Creates an empty segment durably.
pub(super) fn create(folder: &Folder, first_sequence: u64) -> Result<(Segment, OpenFile)> {
    // The standard library's hash keys come from the randomness of the operating system.
    let marker = RandomState::new().build_hasher().finish();
    let mut header = Vec::with_capacity(HEADER_BYTES as usize);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&first_sequence.to_le_bytes());
    header.extend_from_slice(&marker.to_le_bytes());
    header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
    let file = folder.replace(&name(first_sequence), &header)?;
    Ok((Segment { first_sequence, marker, end: HEADER_BYTES }, file))
}

/// Reads a segment through and checks every frame. In the last segment a broken frame ends the
/// scan when nothing follows it; everything else that does not fit is damage.
pub(super) fn scan(
    folder: &Folder,
    first_sequence: u64,
    expected_sequence: u64,
    is_last: bool,
) -> Result<Scanned> {
    let file = folder.open(&name(first_sequence))?;
    let damaged = |offset, reason| Err(damage(&file, offset, reason));
    if first_sequence != expected_sequence {
        return damaged(0, "the segment before it is missing or incomplete");
    }
    let file_end = file.length()?;
    let marker = match read_header(&file, first_sequence)? {
        Ok(marker) => marker,
        Err(reason) => return damaged(0, reason),
    };
    let mut segment = Segment { first_sequence, marker, end: HEADER_BYTES };
    let (mut next_sequence, mut last_frame) = (first_sequence, None);
    while segment.end < file_end {
        let frame = match frame::read(&file, segment.end, file_end, marker)? {
            Found::Whole(frame) => frame,
            Found::Broken(reason) if !is_last => return damaged(segment.end, reason),
            Found::Broken(reason) => {
                if has_marker(&file, segment.end + 1, marker)? {
                    return damaged(segment.end, reason);
                }
                break;
            }
        };
        if frame.first_sequence != next_sequence {
            return damaged(segment.end, "the sequence numbers have a gap");
        }
        let Some(next) = frame.next_sequence() else {
            return damaged(segment.end, "the sequence numbers overflow");
        };
        next_sequence = next;
        segment.end += frame.length();
        last_frame = Some(frame);
    }
    Ok(Scanned { segment, file, next_sequence, last_frame })
}

/// Makes the last segment fit to be continued: cuts the torn tail and writes the last frame once
/// more, so that what was read is on the disk even if an earlier sync of it failed.
pub(super) fn settle(
    file: &OpenFile,
    segment: &Segment,
    last_frame: Option<&Frame>,
) -> Result<Option<TornTail>> {
    if let Some(frame) = last_frame {
        file.write_at(segment.end - frame.length(), frame.bytes())?;
    }
    let torn = torn_tail(file, segment)?;
    match torn {
        Some(_) => file.truncate(segment.end)?,
        None => file.sync()?,
    }
    Ok(torn)
}

/// What follows the last whole frame of the last segment.
pub(super) fn torn_tail(file: &OpenFile, segment: &Segment) -> Result<Option<TornTail>> {
    let bytes = file.length()?.saturating_sub(segment.end);
    let torn = TornTail { path: file.path().to_owned(), offset: segment.end, bytes };
    Ok((bytes > 0).then_some(torn))
}

pub(super) fn damage(file: &OpenFile, offset: u64, reason: &'static str) -> StorageError {
    StorageError::WalDamaged { path: file.path().to_owned(), offset, reason }
}

/// The marker of the segment, or why the header is no header of it.
fn read_header(file: &OpenFile, first_sequence: u64) -> Result<Result<u64, &'static str>> {
    let mut header = [0; HEADER_BYTES as usize];
    if file.read_at(0, &mut header)? < header.len() {
        return Ok(Err("the segment header is incomplete"));
    }
    let (checked, checksum) = header.split_at(CHECKED_BYTES);
    if crc32fast::hash(checked).to_le_bytes() != checksum {
        return Ok(Err("the checksum of the segment header does not match"));
    }
    if !checked.starts_with(&MAGIC) {
        return Ok(Err("the file is not a segment of a write-ahead log"));
    }
    if checked[8..16] != first_sequence.to_le_bytes() {
        return Ok(Err("the segment belongs elsewhere in the log"));
    }
    let mut marker = [0; 8];
    marker.copy_from_slice(&checked[16..24]);
    Ok(Ok(u64::from_le_bytes(marker)))
}

/// Whether the marker occurs anywhere from a position on.
fn has_marker(file: &OpenFile, mut offset: u64, marker: u64) -> Result<bool> {
    let marker = marker.to_le_bytes();
    let mut chunk = vec![0; SEARCH_BYTES];
    loop {
        let filled = file.read_at(offset, &mut chunk)?;
        if chunk[..filled].windows(marker.len()).any(|window| window == marker) {
            return Ok(true);
        }
        if filled < chunk.len() {
            return Ok(false);
        }
        // The next chunk overlaps this one, for a marker that lies across the border.
        offset += (filled - (marker.len() - 1)) as u64;
    }
}
