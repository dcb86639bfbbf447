use crate::{Folder, Result, folder::OpenFile};

use super::{
    frame::{self, Found, Frame},
    segment::{self, HEADER_BYTES, Segment},
};

/// The records of a log with their sequence numbers, read as they are asked for. Ends after the
/// first error.
#[derive(Debug)]
pub struct Replay {
    /// `None` when there is nothing to read.
    folder: Option<Folder>,
    /// What is still to read, the next one last.
    segments: Vec<Segment>,
    current: Option<Reading>,
    from_sequence: u64,
}

#[derive(Debug)]
struct Reading {
    file: OpenFile,
    segment: Segment,
    offset: u64,
    frame: Option<Frame>,
    /// The next record of the frame.
    index: usize,
}

impl Replay {
    pub(super) fn new(folder: Folder, segments: &[Segment], from_sequence: u64) -> Self {
        let start = segments.partition_point(|segment| segment.first_sequence <= from_sequence);
        let segments = segments[start.saturating_sub(1)..].iter().rev().copied().collect();
        Self { folder: Some(folder), segments, current: None, from_sequence }
    }

    pub(super) fn nothing() -> Self {
        Self { folder: None, segments: Vec::new(), current: None, from_sequence: 0 }
    }

    fn advance(&mut self) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            let Some(reading) = &mut self.current else {
                let (Some(folder), Some(segment)) = (&self.folder, self.segments.pop()) else {
                    return Ok(None);
                };
                let file = folder.open(&segment::name(segment.first_sequence))?;
                let offset = HEADER_BYTES;
                self.current = Some(Reading { file, segment, offset, frame: None, index: 0 });
                continue;
            };
            match reading.advance(self.from_sequence)? {
                Some(record) => return Ok(Some(record)),
                None => self.current = None,
            }
        }
    }
}

impl Reading {
    fn advance(&mut self, from_sequence: u64) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            if let Some(frame) = &self.frame {
                // Records before the start are skipped without being copied.
                let wanted = from_sequence.saturating_sub(frame.first_sequence);
                let index = self.index.max(usize::try_from(wanted).unwrap_or(usize::MAX));
                if index < frame.record_count() {
                    self.index = index + 1;
                    let sequence = frame.first_sequence + index as u64;
                    return Ok(Some((sequence, frame.record(index).to_vec())));
                }
            }
            if self.offset >= self.segment.end {
                return Ok(None);
            }
            let Segment { end, marker, .. } = self.segment;
            match frame::read(&self.file, self.offset, end, marker)? {
                Found::Whole(frame) => {
                    self.offset += frame.length();
                    (self.frame, self.index) = (Some(frame), 0);
                }
                Found::Broken(reason) => {
                    return Err(segment::damage(&self.file, self.offset, reason));
                }
            }
        }
    }
}

impl Iterator for Replay {
    type Item = Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.advance();
        if result.is_err() {
            (self.current, self.folder) = (None, None);
        }
        result.transpose()
    }
}
