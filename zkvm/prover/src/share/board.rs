//! Which segments are open, with whom they are, and which are proven.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::segments::Expected;

/// A worker, by the order in which they came. The coordinator's own prover is 0.
pub type WorkerId = usize;

/// The segments of a run, so far as they are known.
pub struct Board {
    segments: Mutex<Vec<Segment>>,
    is_over: AtomicBool,
    /// After which time a segment is given to one more worker.
    again: Duration,
}

struct Segment {
    expected: Expected,
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

    /// Whether a worker may start on it.
    fn is_free(&self, worker: WorkerId, again: Duration) -> bool {
        self.takers.iter().all(|(taker, since)| *taker != worker && since.elapsed() >= again)
    }
}

impl Board {
    /// Without segments.
    pub fn new(again: Duration) -> Self {
        Self { segments: Mutex::default(), is_over: AtomicBool::new(false), again }
    }

    fn segments(&self) -> MutexGuard<'_, Vec<Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing more to do.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// There is nothing more to do.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Opens the next segment.
    pub fn open(&self, expected: Expected) {
        let segment = Segment { expected, takers: Vec::new(), proof: Proof::Missing };
        self.segments().push(segment);
    }

    /// The segments that were opened.
    pub fn count(&self) -> usize {
        self.segments().len()
    }

    /// Gives a segment to a worker that stands before `position`: the first one from there on,
    /// because a run goes forward, and otherwise the first of all. Segments that are with others
    /// for long come last.
    pub fn take(&self, worker: WorkerId, position: u32) -> Option<u32> {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let mut segments = self.segments();
        let untouched = |segment: &Segment| segment.takers.is_empty();
        let late = |segment: &Segment| segment.is_free(worker, self.again);
        let missing = |wanted: &dyn Fn(&Segment) -> bool, from: usize| {
            let mut places = segments.iter().enumerate().skip(from);
            let found = places.find(|(_, segment)| segment.is_missing() && wanted(segment));
            found.map(|(place, _)| place)
        };
        let place = missing(&untouched, position)
            .or_else(|| missing(&untouched, 0))
            .or_else(|| missing(&late, 0))?;
        segments.get_mut(place)?.takers.push((worker, Instant::now()));
        u32::try_from(place).ok()
    }

    /// Takes back what a worker has.
    pub fn release(&self, worker: WorkerId) {
        for segment in self.segments().iter_mut() {
            segment.takers.retain(|(taker, _)| *taker != worker);
        }
    }

    /// What the proof of a segment has to say.
    pub fn expected(&self, segment: u32) -> Option<Expected> {
        let place = usize::try_from(segment).ok()?;
        self.segments().get(place).map(|segment| segment.expected.clone())
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
