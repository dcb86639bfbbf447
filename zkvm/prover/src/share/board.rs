//! Which segments are open, with whom they are, and which are proven.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::segments::Expected;

/// A worker, by the order in which they came. The coordinator's own prover is 0.
pub type WorkerId = usize;

/// How far ahead of the first proof that is still to be written a segment may be given out:
/// verified proofs wait in memory for those before them.
const AHEAD_MAX: usize = 512;

/// The segments of a run, so far as they are known.
pub struct Board {
    segments: Mutex<Vec<Segment>>,
    /// When there was nothing more to do.
    over: OnceLock<Instant>,
    /// After which time a segment is given to whoever has nothing else to do.
    again: Duration,
}

struct Segment {
    expected: Expected,
    /// When it was first given to anybody. Nobody can keep it from the others for longer by taking
    /// it again and again.
    given: Option<Instant>,
    takers: Vec<(WorkerId, Instant)>,
    proof: Proof,
}

enum Proof {
    Missing,
    Here(Vec<u8>),
    Collected,
}

impl Segment {
    fn is_missing(&self) -> bool {
        matches!(self.proof, Proof::Missing)
    }

    /// Whether another worker may start on it while somebody has it.
    fn is_late(&self, worker: WorkerId, again: Duration) -> bool {
        self.given.is_some_and(|given| given.elapsed() >= again)
            && self.takers.iter().all(|(taker, _)| *taker != worker)
    }
}

impl Board {
    /// Without segments.
    pub fn new(again: Duration) -> Self {
        Self { segments: Mutex::default(), over: OnceLock::new(), again }
    }

    fn segments(&self) -> MutexGuard<'_, Vec<Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing more to do.
    pub fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    /// Whether there has been nothing more to do for some time.
    pub fn is_over_for(&self, time: Duration) -> bool {
        self.over.get().is_some_and(|end| end.elapsed() >= time)
    }

    /// There is nothing more to do.
    pub fn end(&self) {
        self.over.get_or_init(Instant::now);
    }

    /// Opens the next segment.
    pub fn open(&self, expected: Expected) {
        let (takers, proof) = (Vec::new(), Proof::Missing);
        self.segments().push(Segment { expected, given: None, takers, proof });
    }

    /// The segments that were opened.
    pub fn count(&self) -> usize {
        self.segments().len()
    }

    /// Gives a segment to a worker that stands before `position`: the first one from there on,
    /// because a run goes forward, and otherwise the first of all. Segments that are with others
    /// for long come last, and first the one that the fewest have.
    pub fn take(&self, worker: WorkerId, position: u32) -> Option<u32> {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let mut segments = self.segments();
        let is_collected = |segment: &Segment| matches!(segment.proof, Proof::Collected);
        let first = segments.iter().position(|segment| !is_collected(segment))?;
        let near = || segments.iter().enumerate().skip(first).take(AHEAD_MAX);
        let missing = || near().filter(|(_, segment)| segment.is_missing());
        let untouched = || missing().filter(|(_, segment)| segment.takers.is_empty());
        let late = missing().filter(|(_, segment)| segment.is_late(worker, self.again));
        let (place, _) = untouched()
            .find(|(place, _)| *place >= position)
            .or_else(|| untouched().next())
            .or_else(|| late.min_by_key(|(_, segment)| segment.takers.len()))?;
        let (now, segment) = (Instant::now(), segments.get_mut(place)?);
        segment.given.get_or_insert(now);
        segment.takers.push((worker, now));
        u32::try_from(place).ok()
    }

    /// Takes back what a worker has.
    pub fn release(&self, worker: WorkerId) {
        for segment in self.segments().iter_mut() {
            segment.takers.retain(|(taker, _)| *taker != worker);
        }
    }

    /// What the proof of a segment has to say, if it is still wanted.
    pub fn wanted(&self, segment: u32) -> Option<Expected> {
        let (place, segments) = (usize::try_from(segment).ok()?, self.segments());
        let segment = segments.get(place).filter(|segment| segment.is_missing())?;
        (!self.is_over()).then(|| segment.expected.clone())
    }

    /// Takes a verified proof; the first one counts. Returns how long the worker had the segment.
    pub fn deliver(&self, worker: WorkerId, segment: u32, part: Vec<u8>) -> Option<Duration> {
        let mut segments = self.segments();
        let segment = segments.get_mut(usize::try_from(segment).ok()?)?;
        let since = segment.takers.iter().find(|(taker, _)| *taker == worker)?.1;
        segment.takers.retain(|(taker, _)| *taker != worker);
        if !segment.is_missing() {
            return None;
        }
        segment.proof = Proof::Here(part);
        Some(since.elapsed())
    }

    /// The proof of a segment, once, if it is here.
    pub fn collect(&self, place: usize) -> Option<(Expected, Vec<u8>)> {
        let mut segments = self.segments();
        let segment = segments.get_mut(place)?;
        match std::mem::replace(&mut segment.proof, Proof::Collected) {
            Proof::Here(part) => Some((segment.expected.clone(), part)),
            other => {
                segment.proof = other;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
