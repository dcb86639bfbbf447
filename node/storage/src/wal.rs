//! The write-ahead log: what is in it survives, in order.
//!
//! A log is a row of segment files; a segment is a header and a row of *frames*; a frame is one
//! group commit: several records made durable by one sync. The README has the layout.
//!
//! 1. A frame is written only after the one before it is synced. So a crash can tear the last
//!    frame of the last segment and nothing else, and that frame was never acknowledged.
//! 2. A frame begins with the *marker* of its segment, 64 random bits that nobody outside the
//!    machine can know. So a marker behind a broken frame proves that a later frame was begun and
//!    the broken one had been acknowledged: that is damage, and opening refuses. Users cannot
//!    forge such a frame inside a transaction.
//! 3. Records have consecutive sequence numbers through all segments. Whatever breaks the row is
//!    damage.
//! 4. After a failed write or sync the log takes no more: what the disk holds is unknown. The next
//!    opening writes the last frame once more before it trusts it, because a sync that failed
//!    may have left bytes that can be read but are not on the disk.

mod frame;
mod replay;
mod segment;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use replay::Replay;

use crate::{Folder, RECORD_BYTES_MAX, Result, StorageError, TornTail, folder::OpenFile};
use frame::Frame;
use parking_lot::Mutex;
use segment::{Segment, scan};

/// Largest sum of the records of one frame with their length fields.
pub const FRAME_BYTES_MAX: usize = 2 * RECORD_BYTES_MAX;

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalConfig {
    /// A new segment is begun when the next frame would take the current one beyond this. A frame
    /// larger than this has a segment of its own.
    pub segment_bytes: u64,
}

impl Default for WalConfig {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20 }
    }
}

/// The log, owned by the one thread that appends.
#[derive(Debug)]
pub struct Wal {
    next_sequence: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Kept(Box<KeptLog>),
    /// Accepts everything and keeps nothing.
    Discarded,
}

#[derive(Debug)]
struct KeptLog {
    folder: Folder,
    config: WalConfig,
    /// Ascending and never empty; the last one is written to.
    segments: Vec<Segment>,
    active: OpenFile,
    /// What [`Wal::settle`] is still to do.
    unsettled: Mutex<Option<Unsettled>>,
    /// The bytes of the frame being written; kept for its allocation.
    buffer: Vec<u8>,
    poisoned_by: Option<String>,
}

/// A log that was opened, and in which nothing is changed yet.
#[derive(Debug)]
struct Unsettled {
    /// The last whole frame of the last segment.
    last_frame: Option<Frame>,
}

impl Wal {
    /// Opens the log in a folder, creating it where there is none. What is there is only read: what
    /// looks like a torn tail is there until [`Wal::settle`].
    pub fn open(folder: Folder, config: WalConfig) -> Result<Self> {
        folder.settle()?;
        let numbers = folder.numbers(segment::ENDING)?;
        if numbers.is_empty() {
            let (segment, active) = segment::create(&folder, 0)?;
            return Ok(Self::kept(folder, config, vec![segment], (active, None), 0));
        }
        let mut segments = Vec::with_capacity(numbers.len());
        let mut next_sequence = numbers[0];
        let mut last = None;
        for (index, &first_sequence) in numbers.iter().enumerate() {
            let is_last = index + 1 == numbers.len();
            let scanned = scan(&folder, first_sequence, next_sequence, is_last)?;
            next_sequence = scanned.next_sequence;
            segments.push(scanned.segment);
            last = Some((scanned.file, scanned.last_frame));
        }
        let Some((active, last_frame)) = last else {
            return Err(StorageError::Incomplete { path: folder.path() });
        };
        let last = (active, Some(Unsettled { last_frame }));
        Ok(Self::kept(folder, config, segments, last, next_sequence))
    }

    /// Makes the log fit to be continued, and to be trusted: cuts a torn tail, and says so. Whoever
    /// opened it decides before whether what looks torn may be; an append settles it too.
    pub fn settle(&self) -> Result<Option<TornTail>> {
        match &self.kind {
            Kind::Kept(log) => log.settle(),
            Kind::Discarded => Ok(None),
        }
    }

    /// What [`Wal::settle`] would cut.
    pub fn torn_tail(&self) -> Result<Option<TornTail>> {
        match &self.kind {
            Kind::Kept(log) => log.torn_tail(),
            Kind::Discarded => Ok(None),
        }
    }

    fn kept(
        folder: Folder,
        config: WalConfig,
        segments: Vec<Segment>,
        (active, unsettled): (OpenFile, Option<Unsettled>),
        next_sequence: u64,
    ) -> Self {
        let (buffer, poisoned_by, unsettled) = (Vec::new(), None, Mutex::new(unsettled));
        let log = KeptLog { folder, config, segments, active, unsettled, buffer, poisoned_by };
        Self { next_sequence, kind: Kind::Kept(Box::new(log)) }
    }

    /// A log that accepts appends, counts them and keeps nothing: for a node without a directory.
    pub fn discarding() -> Self {
        Self { next_sequence: 0, kind: Kind::Discarded }
    }

    /// The oldest record that is kept; equal to the next one when there is none.
    pub fn first_sequence(&self) -> u64 {
        match &self.kind {
            Kind::Kept(log) => {
                log.segments.first().map_or(self.next_sequence, |segment| segment.first_sequence)
            }
            Kind::Discarded => self.next_sequence,
        }
    }

    /// The sequence number that the next record gets.
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Makes a group of records durable with one sync; they take the next sequence numbers in the
    /// order given. When this returns an error, the next opening may still find all of them.
    pub fn append(&mut self, records: &[&[u8]]) -> Result<()> {
        self.refuse_poisoned()?;
        if records.is_empty() {
            return Ok(());
        }
        let next = self.next_sequence.checked_add(records.len() as u64);
        match &mut self.kind {
            Kind::Discarded => {
                self.next_sequence = next.unwrap_or(self.next_sequence);
            }
            Kind::Kept(log) => {
                let used_up = || StorageError::NumbersUsedUp { path: log.folder.path() };
                let next = next.ok_or_else(used_up)?;
                check_sizes(records)?;
                let first = self.next_sequence;
                log.guarded(|log| log.write(first, records))?;
                self.next_sequence = next;
            }
        }
        Ok(())
    }

    /// Begins a new segment, so that [`Self::remove_before`] can remove all that is there now.
    pub fn rotate(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Kept(log) => {
                let next = self.next_sequence;
                log.guarded(|log| log.rotate(next))
            }
            Kind::Discarded => Ok(()),
        }
    }

    /// Removes the segments that hold nothing but records before this one; never the last segment.
    pub fn remove_before(&mut self, sequence: u64) -> Result<()> {
        match &mut self.kind {
            Kind::Kept(log) => log.guarded(|log| log.remove_before(sequence)),
            Kind::Discarded => Ok(()),
        }
    }

    /// Reads the records from a sequence number up to the end that the log has now, one frame in
    /// memory at a time.
    pub fn replay(&self, from_sequence: u64) -> Result<Replay> {
        let (first, next) = (self.first_sequence(), self.next_sequence);
        if !(first..=next).contains(&from_sequence) {
            return Err(StorageError::SequenceUnavailable {
                requested: from_sequence,
                first,
                next,
            });
        }
        self.refuse_poisoned()?;
        Ok(match &self.kind {
            Kind::Kept(log) => Replay::new(log.folder.clone(), &log.segments, from_sequence),
            Kind::Discarded => Replay::nothing(),
        })
    }

    fn refuse_poisoned(&self) -> Result<()> {
        match &self.kind {
            Kind::Kept(log) => log.refuse_poisoned(),
            Kind::Discarded => Ok(()),
        }
    }
}

impl KeptLog {
    /// Runs a step that changes the disk; the first failure ends all writing.
    fn guarded(&mut self, step: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.refuse_poisoned()?;
        let result = self.settle().and_then(|_| step(self));
        if let Err(error) = &result {
            self.poisoned_by = Some(error.to_string());
        }
        result
    }

    fn refuse_poisoned(&self) -> Result<()> {
        match self.poisoned_by.clone() {
            Some(cause) => Err(StorageError::Poisoned { path: self.folder.path(), cause }),
            None => Ok(()),
        }
    }

    fn settle(&self) -> Result<Option<TornTail>> {
        let mut unsettled = self.unsettled.lock();
        let (Some(to_do), Some(segment)) = (&*unsettled, self.segments.last()) else {
            return Ok(None);
        };
        let torn = segment::settle(&self.active, segment, to_do.last_frame.as_ref())?;
        *unsettled = None;
        Ok(torn)
    }

    fn torn_tail(&self) -> Result<Option<TornTail>> {
        match (&*self.unsettled.lock(), self.segments.last()) {
            (Some(_), Some(segment)) => segment::torn_tail(&self.active, segment),
            _ => Ok(None),
        }
    }

    fn write(&mut self, first_sequence: u64, records: &[&[u8]]) -> Result<()> {
        let bytes = frame::encoded_bytes(records);
        if self.end() + bytes > self.config.segment_bytes {
            self.rotate(first_sequence)?;
        }
        let Some(segment) = self.segments.last_mut() else { return Ok(()) };
        frame::encode(&mut self.buffer, segment.marker, first_sequence, records);
        self.active.write_at(segment.end, &self.buffer)?;
        self.active.sync()?;
        segment.end += bytes;
        Ok(())
    }

    fn end(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    fn rotate(&mut self, next_sequence: u64) -> Result<()> {
        if self.end() <= segment::HEADER_BYTES {
            return Ok(());
        }
        let (segment, active) = segment::create(&self.folder, next_sequence)?;
        self.segments.push(segment);
        self.active = active;
        Ok(())
    }

    fn remove_before(&mut self, sequence: u64) -> Result<()> {
        while self.segments.get(1).is_some_and(|second| second.first_sequence <= sequence) {
            // Oldest first and each one for good, so that a crash leaves no hole in the row.
            self.folder.remove(&segment::name(self.segments[0].first_sequence))?;
            self.segments.remove(0);
        }
        Ok(())
    }
}

fn check_sizes(records: &[&[u8]]) -> Result<()> {
    let largest = records.iter().map(|record| record.len()).max().unwrap_or(0);
    if largest > RECORD_BYTES_MAX {
        return Err(StorageError::TooLarge { size: largest, max: RECORD_BYTES_MAX });
    }
    let size = frame::payload_bytes(records);
    if size > FRAME_BYTES_MAX {
        return Err(StorageError::TooLarge { size, max: FRAME_BYTES_MAX });
    }
    Ok(())
}
