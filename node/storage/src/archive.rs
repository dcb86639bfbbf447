//! Numbered byte records, one file row per archive: blocks by number, state changes by number.
//!
//! 1. An archive holds nothing that cannot be rebuilt from a snapshot and the write-ahead log.
//!    Appends are therefore not synced one by one; [`Archive::sync`] makes all of them durable and
//!    then moves the *watermark*, a small file that names the last durable record.
//! 2. Up to the watermark nothing may be missing or broken: opening refuses damage in a header
//!    there, reading refuses damage in a record. Behind it a crash may have kept any part of what
//!    was written: opening checks every record in full and cuts from the first broken one on.
//! 3. A segment is synced, indexed and under the watermark before the next one is begun.
//! 4. Readers share the archive with the one writer; they wait for it only while it publishes the
//!    place of a new record, never while it writes or syncs.
//! 5. The writer waits for somebody else's sync only where a segment ends: that a sync fails is
//!    said once, and who finishes the segment has to know.
//! 6. After a failed write or sync the archive takes no more until it is opened again.
//! 7. History goes by whole segments, the oldest first, and never one of the last two: what stays
//!    is durable already, so that nobody who writes waits for a removal.

mod segment;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod watermark;

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};

use crate::{Folder, RECORD_BYTES_MAX, Result, StorageError, TornTail};
use segment::{Place, Segment, Tail};

/// How an archive is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveConfig {
    /// A new segment is begun when the next record would take the current one beyond this. Old
    /// history is removed by whole segments.
    pub segment_bytes: u64,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self { segment_bytes: 256 << 20 }
    }
}

/// A segment that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its first record.
    pub first: u64,
    /// Its last record.
    pub last: u64,
    /// Its bytes on the disk, without its index.
    pub bytes: u64,
}

/// An archive: one writer, any number of readers.
#[derive(Debug)]
pub struct Archive {
    folder: Folder,
    config: ArchiveConfig,
    /// Records after which a new segment is begun, however few bytes they have.
    segment_records: AtomicU64,
    /// Held by who removes the oldest segment. Taken before `segments`, never with `writer`.
    removal: Mutex<()>,
    /// Ascending; every one holds at least one record. Taken after `writer`, never before.
    segments: RwLock<Vec<Segment>>,
    writer: Mutex<Writer>,
    /// Told when somebody has synced.
    synced: Condvar,
}

#[derive(Debug)]
struct Writer {
    /// The last record that is certainly on the disk.
    watermark: Option<u64>,
    /// The bytes of the record being written; kept for its allocation.
    buffer: Vec<u8>,
    /// Whether somebody syncs the last segment, without the lock.
    is_syncing: bool,
    poisoned_by: Option<String>,
}

impl Archive {
    /// Opens the archive in a folder, creating it where there is none, and cuts what a crash left
    /// behind the watermark.
    pub fn open(folder: Folder, config: ArchiveConfig) -> Result<(Self, Vec<TornTail>)> {
        folder.settle()?;
        let watermark = watermark::read(&folder)?;
        let mut segments: Vec<Segment> = Vec::new();
        let (mut torn, mut doomed) = (Vec::new(), Vec::new());
        for first in folder.numbers(segment::ENDING)? {
            let next = segments.last().map_or(first, Segment::next);
            if next != first && watermark >= Some(next) {
                let reason = "the segment before it is missing or incomplete";
                return Err(segment::damage(&folder.locate(&segment::name(first)), 0, reason));
            }
            if next != first || !torn.is_empty() {
                doomed.push(first);
                torn.push(segment::as_torn(&folder, first)?);
                continue;
            }
            let (segment, tail) = segment::open(&folder, first, watermark)?;
            torn.extend(tail);
            segments.push(segment);
        }
        // The last segment may be empty: begun, and nothing written to it before the crash.
        if watermark >= Some(segments.last().map_or(0, Segment::next)) {
            let path = segments.last().map_or(folder.path(), |last| last.path().to_owned());
            let offset = segments.last().map_or(0, Segment::end);
            return Err(segment::damage(&path, offset, "records that were synced are missing"));
        }
        // Only now that nothing is refused does anything change; newest first, so that a crash in
        // between leaves a shorter tail and no hole.
        for first in doomed.into_iter().rev() {
            segment::remove(&folder, first)?;
        }
        settle_last(&folder, &mut segments)?;
        let (buffer, is_syncing, poisoned_by) = (Vec::new(), false, None);
        let writer = Writer { watermark, buffer, is_syncing, poisoned_by };
        let archive = Self {
            folder,
            config,
            segment_records: AtomicU64::new(u64::MAX),
            removal: Mutex::new(()),
            segments: RwLock::new(segments),
            writer: Mutex::new(writer),
            synced: Condvar::new(),
        };
        archive.sync()?;
        Ok((archive, torn))
    }

    /// The oldest record kept.
    pub fn first(&self) -> Option<u64> {
        self.segments.read().first().map(|segment| segment.first())
    }

    /// The newest record.
    pub fn last(&self) -> Option<u64> {
        self.segments.read().last().and_then(Segment::last)
    }

    /// Reads a record and checks it; `None` when the archive does not hold the number.
    pub fn get(&self, number: u64) -> Result<Option<Vec<u8>>> {
        self.get_by(number, |place| place.read(number))
    }

    /// Reads the first so many bytes of a record, or all where there are fewer. They are not
    /// checked: for a caller who knows what they hash to.
    pub fn get_front(&self, number: u64, bytes: usize) -> Result<Option<Vec<u8>>> {
        self.get_by(number, |place| place.read_front(bytes))
    }

    fn get_by(
        &self,
        number: u64,
        read: impl Fn(&Place) -> Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        let mut place = self.place(number);
        while let Some(tried) = place {
            let result = read(&tried);
            if result.is_ok() {
                return result.map(Some);
            }
            // A writer may have cut the record away while it was read.
            place = self.place(number);
            if place.as_ref().is_some_and(|place| place.is(&tried)) {
                return result.map(Some);
            }
        }
        Ok(None)
    }

    fn place(&self, number: u64) -> Option<Place> {
        let segments = self.segments.read();
        let after = segments.partition_point(|segment| segment.first() <= number);
        segments.get(after.checked_sub(1)?)?.place(number)
    }

    /// Adds the next record; the first one may have any number. It can be read at once; it is
    /// durable after [`Self::sync`].
    pub fn append(&self, number: u64, record: &[u8]) -> Result<()> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(StorageError::TooLarge { size: record.len(), max: RECORD_BYTES_MAX });
        }
        if number == u64::MAX {
            return Err(StorageError::NumbersUsedUp { path: self.folder.path() });
        }
        let mut writer = self.writer()?;
        if writer.is_syncing && self.tail_for(number, segment::record_bytes(record)).is_none() {
            drop(writer);
            writer = self.settled_writer()?;
        }
        let expected = self.segments.read().last().map_or(number, Segment::next);
        if expected != number {
            return Err(StorageError::NotConsecutive { expected, found: number });
        }
        let result = self.write(&mut writer, number, record);
        writer.note(result)
    }

    /// Makes all records durable that are there now, while others are added.
    pub fn sync(&self) -> Result<()> {
        let mut writer = self.settled_writer()?;
        let Some((tail, last)) = self.unsynced(&writer) else { return Ok(()) };
        let from = writer.watermark;
        writer.is_syncing = true;
        let result = MutexGuard::unlocked(&mut writer, || {
            tail.file.sync()?;
            watermark::write(&self.folder, from, Some(last))
        });
        writer.is_syncing = false;
        self.synced.notify_all();
        if result.is_ok() {
            writer.watermark = Some(last);
        }
        writer.note(result)
    }

    /// Removes all records after this one, durably.
    pub fn truncate_after(&self, number: u64) -> Result<()> {
        let mut writer = self.settled_writer()?;
        let result = self.truncate_as(&mut writer, number);
        writer.note(result)
    }

    /// From now on a segment holds at most so many records, at least one: who removes old history
    /// before a number keeps fewer than so many records too many.
    pub fn limit_segments(&self, records: u64) {
        self.segment_records.store(records.max(1), Ordering::Relaxed);
    }

    /// The first and the last record of the oldest segment, if it may be removed: all its records
    /// are before this number, and at least two segments follow.
    pub fn oldest_before(&self, number: u64) -> Option<(u64, u64)> {
        match self.segments.read().as_slice() {
            [oldest, next, _, ..] if next.first() <= number => {
                Some((oldest.first(), next.first().saturating_sub(1)))
            }
            _ => None,
        }
    }

    /// Removes the oldest segment for good, if [`Self::oldest_before`] has one. Whoever has read
    /// its place already still reads it.
    pub fn remove_oldest_before(&self, number: u64) -> Result<Option<Removed>> {
        drop(self.writer()?);
        let _removal = self.removal.lock();
        let Some((first, last)) = self.oldest_before(number) else { return Ok(None) };
        // Nobody else removes from the front, and an end that is cut is not the oldest of three.
        let bytes = self.segments.write().remove(0).end();
        // Oldest first and each one for good, so that a crash leaves no hole in the row.
        let result = segment::remove(&self.folder, first);
        if result.is_err() {
            self.writer()?.note(result)?;
        }
        Ok(Some(Removed { first, last, bytes }))
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        self.sound(self.writer.lock())
    }

    /// The writer, when nobody syncs.
    fn settled_writer(&self) -> Result<MutexGuard<'_, Writer>> {
        let mut writer = self.writer.lock();
        while writer.is_syncing {
            self.synced.wait(&mut writer);
        }
        self.sound(writer)
    }

    /// The writer, unless it has failed.
    fn sound<'a>(&self, writer: MutexGuard<'a, Writer>) -> Result<MutexGuard<'a, Writer>> {
        match writer.poisoned_by.clone() {
            Some(cause) => Err(StorageError::Poisoned { path: self.folder.path(), cause }),
            None => Ok(writer),
        }
    }

    /// Where a record of so many bytes goes; `None` when it begins a segment.
    fn tail_for(&self, number: u64, bytes: u64) -> Option<Tail> {
        let records_max = self.segment_records.load(Ordering::Relaxed);
        let segments = self.segments.read();
        let last = segments.last()?;
        let is_full = number.saturating_sub(last.first()) >= records_max;
        (!is_full && last.end() + bytes <= self.config.segment_bytes).then(|| last.tail())
    }

    fn write(&self, writer: &mut Writer, number: u64, record: &[u8]) -> Result<()> {
        segment::encode(&mut writer.buffer, number, record);
        let bytes = writer.buffer.len() as u64;
        match self.tail_for(number, bytes) {
            Some(tail) => {
                tail.file.write_at(tail.end, &writer.buffer)?;
                if let Some(segment) = self.segments.write().last_mut() {
                    segment.push(bytes);
                }
            }
            None => {
                self.seal(writer)?;
                let mut segment = segment::create(&self.folder, number)?;
                segment.tail().file.write_at(segment.end(), &writer.buffer)?;
                segment.push(bytes);
                self.segments.write().push(segment);
            }
        }
        Ok(())
    }

    /// Finishes the last segment: nothing is appended to it any more.
    fn seal(&self, writer: &mut Writer) -> Result<()> {
        self.sync_as(writer)?;
        match self.segments.read().last() {
            Some(segment) => segment::write_index(&self.folder, segment),
            None => Ok(()),
        }
    }

    /// The last record, if that is not known to be on the disk, and its file.
    fn unsynced(&self, writer: &Writer) -> Option<(Tail, u64)> {
        let segments = self.segments.read();
        let segment = segments.last()?;
        let last = segment.last().filter(|last| Some(*last) > writer.watermark)?;
        Some((segment.tail(), last))
    }

    fn sync_as(&self, writer: &mut Writer) -> Result<()> {
        let Some((tail, last)) = self.unsynced(writer) else { return Ok(()) };
        tail.file.sync()?;
        self.move_watermark(writer, Some(last))
    }

    fn move_watermark(&self, writer: &mut Writer, to: Option<u64>) -> Result<()> {
        watermark::write(&self.folder, writer.watermark, to)?;
        writer.watermark = to;
        Ok(())
    }

    fn truncate_as(&self, writer: &mut Writer, number: u64) -> Result<()> {
        if self.last() <= Some(number) {
            return Ok(());
        }
        let last = self.first().filter(|first| *first <= number).map(|_| number);
        // First the promise, then what it was about.
        if writer.watermark > last {
            self.move_watermark(writer, last)?;
        }
        let (removed, tail) = {
            let mut segments = self.segments.write();
            let kept = segments.partition_point(|segment| segment.first() <= number);
            let removed = segments.split_off(kept);
            let tail = segments.last_mut().map(|segment| {
                segment.shorten(number);
                (segment.first(), segment.tail())
            });
            (removed, tail)
        };
        for segment in removed.iter().rev() {
            segment::remove(&self.folder, segment.first())?;
        }
        if let Some((first, tail)) = tail {
            segment::remove_index(&self.folder, first)?;
            tail.file.truncate(tail.end)?;
        }
        Ok(())
    }
}

impl Writer {
    /// Remembers the first failure.
    fn note(&mut self, result: Result<()>) -> Result<()> {
        if let Err(error) = &result {
            self.poisoned_by = Some(error.to_string());
        }
        result
    }
}

/// Makes the last segment fit to be continued: without a torn tail, without an index, not empty.
fn settle_last(folder: &Folder, segments: &mut Vec<Segment>) -> Result<()> {
    let Some(last) = segments.last() else { return Ok(()) };
    if last.last().is_none() {
        segment::remove(folder, last.first())?;
        segments.pop();
        // What is last now was sealed when the empty one was begun; its index goes below.
        return settle_last(folder, segments);
    }
    let tail = last.tail();
    // Synced even when there is nothing to cut: the process before this one may have ended between
    // shortening the file and making that durable.
    if tail.file.length()? > tail.end {
        tail.file.truncate(tail.end)?;
    } else {
        tail.file.sync()?;
    }
    segment::remove_index(folder, last.first())
}
