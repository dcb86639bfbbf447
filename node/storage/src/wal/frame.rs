//! The bytes of a frame; the README has the layout.

use std::ops::Range;

use crate::{Result, folder::OpenFile};

use super::FRAME_BYTES_MAX;

pub(super) const HEADER_BYTES: usize = 28;
const CHECKED_FROM: usize = 12;
const LENGTH_BYTES: usize = 4;

/// Payload lengths fit their field.
const _: () = assert!(FRAME_BYTES_MAX <= u32::MAX as usize);

/// A frame that was read and found whole.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) first_sequence: u64,
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
}

/// What is at a position of a segment.
#[derive(Debug)]
pub(super) enum Found {
    Whole(Frame),
    Broken(&'static str),
}

pub(super) fn payload_bytes(records: &[&[u8]]) -> usize {
    let lengths = records.iter().map(|record| record.len().saturating_add(LENGTH_BYTES));
    lengths.fold(0, usize::saturating_add)
}

pub(super) fn encoded_bytes(records: &[&[u8]]) -> u64 {
    (HEADER_BYTES + payload_bytes(records)) as u64
}

/// Encodes a frame over whatever the buffer held. The caller has checked the sizes.
pub(super) fn encode(buffer: &mut Vec<u8>, marker: u64, first_sequence: u64, records: &[&[u8]]) {
    buffer.clear();
    buffer.extend_from_slice(&marker.to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&(payload_bytes(records) as u32).to_le_bytes());
    buffer.extend_from_slice(&first_sequence.to_le_bytes());
    buffer.extend_from_slice(&(records.len() as u32).to_le_bytes());
    for record in records {
        buffer.extend_from_slice(&(record.len() as u32).to_le_bytes());
        buffer.extend_from_slice(record);
    }
    let checksum = checksum(buffer);
    buffer[8..12].copy_from_slice(&checksum.to_le_bytes());
}

fn checksum(frame: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame[..8]);
    hasher.update(&frame[CHECKED_FROM..]);
    hasher.finalize()
}

/// Reads the frame at a position before the end of the file.
pub(super) fn read(file: &OpenFile, offset: u64, file_end: u64, marker: u64) -> Result<Found> {
    let mut bytes = vec![0; HEADER_BYTES];
    if file.read_at(offset, &mut bytes)? < HEADER_BYTES {
        return Ok(Found::Broken("a frame header is incomplete"));
    }
    if u64_at(&bytes, 0) != marker {
        return Ok(Found::Broken("a frame does not begin with the marker of its segment"));
    }
    let payload = u32_at(&bytes, 12) as usize;
    let room = file_end.saturating_sub(offset + HEADER_BYTES as u64);
    if payload > FRAME_BYTES_MAX || payload as u64 > room {
        return Ok(Found::Broken("a frame is longer than what follows it"));
    }
    bytes.resize(HEADER_BYTES + payload, 0);
    let filled = file.read_at(offset + HEADER_BYTES as u64, &mut bytes[HEADER_BYTES..])?;
    if filled < payload || checksum(&bytes) != u32_at(&bytes, 8) {
        return Ok(Found::Broken("the checksum of a frame does not match"));
    }
    let Some(records) = parse_records(&bytes, u32_at(&bytes, 24)) else {
        return Ok(Found::Broken("the records of a frame do not fill it"));
    };
    Ok(Found::Whole(Frame { first_sequence: u64_at(&bytes, 16), bytes, records }))
}

/// Where the records lie, when there are as many as announced and they fill the frame exactly.
fn parse_records(frame: &[u8], count: u32) -> Option<Vec<Range<usize>>> {
    let mut records = Vec::new();
    let mut position = HEADER_BYTES;
    for _ in 0..count {
        let start = position + LENGTH_BYTES;
        let length = u32::from_le_bytes(frame.get(position..start)?.try_into().ok()?);
        position = start.checked_add(length as usize)?;
        frame.get(start..position)?;
        records.push(start..position);
    }
    (count > 0 && position == frame.len()).then_some(records)
}

impl Frame {
    /// The length of the whole frame.
    pub(super) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The sequence number after the last record; `None` when the numbers run out.
    pub(super) fn next_sequence(&self) -> Option<u64> {
        self.first_sequence.checked_add(self.records.len() as u64)
    }

    pub(super) fn record_count(&self) -> usize {
        self.records.len()
    }

    /// A record by its place in the frame.
    pub(super) fn record(&self, index: usize) -> &[u8] {
        &self.bytes[self.records[index].clone()]
    }

    /// The frame as it is on the disk.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[offset..offset + 4]);
    u32::from_le_bytes(number)
}

fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[offset..offset + 8]);
    u64::from_le_bytes(number)
}
