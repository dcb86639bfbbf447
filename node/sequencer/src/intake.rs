//! Transactions that came in and are not checked yet.
//!
//! Who brings one waits for the answer, not for a thread: those that are here at one time are
//! checked together, because eight signatures at once cost a fifth of eight alone, and each group
//! wakes a thread after another on its way. Where few come, nobody waits for others.

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::oneshot;

use crate::SubmitError;

/// Transactions that are checked together: so many that another hundred would save no more, and so
/// few that the first does not wait a millisecond for the last.
const GROUP_MAX: usize = 64;

/// So many are worth a group while more are coming.
const GROUP_MIN: usize = 16;

/// Many come when a group was taken within this time; they are given [`PAUSE`] to become more.
const RUSH: Duration = Duration::from_micros(500);

/// What a rush costs in latency: a small part of a sync to disk.
const PAUSE: Duration = Duration::from_micros(100);

/// Transactions that may wait: a quarter of a second's work.
const WAITING_MAX: usize = 8_192;

/// Bytes of all that wait.
const WAITING_BYTES_MAX: usize = 32 << 20;

/// What became of a transaction.
pub(crate) type Answer = Result<B256, SubmitError>;

/// A transaction and who waits for its answer.
pub(crate) struct Waiting {
    pub(crate) bytes: Vec<u8>,
    pub(crate) answer: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct Queue {
    waiting: std::collections::VecDeque<Waiting>,
    bytes: usize,
    /// When the last group was taken.
    taken: Option<Instant>,
    is_closed: bool,
}

impl Queue {
    /// Whether it pays to wait for more.
    fn is_rush(&self) -> bool {
        let is_recent = self.taken.is_some_and(|taken| taken.elapsed() < RUSH);
        is_recent && self.waiting.len() < GROUP_MIN && !self.is_closed
    }
}

/// The queue before the pool.
#[derive(Default)]
pub(crate) struct Intake {
    queue: Mutex<Queue>,
    work: Condvar,
}

impl Intake {
    /// Puts a transaction at the end.
    pub(crate) fn offer(&self, bytes: Vec<u8>) -> Result<oneshot::Receiver<Answer>, SubmitError> {
        let (answer, receiver) = oneshot::channel();
        let mut queue = self.queue.lock();
        if queue.is_closed {
            return Err(SubmitError::Stopping);
        }
        let is_full = queue.waiting.len() >= WAITING_MAX;
        if is_full || queue.bytes.saturating_add(bytes.len()) > WAITING_BYTES_MAX {
            return Err(SubmitError::Overloaded { waiting: queue.waiting.len() });
        }
        queue.bytes += bytes.len();
        queue.waiting.push_back(Waiting { bytes, answer });
        drop(queue);
        self.work.notify_one();
        Ok(receiver)
    }

    /// Waits for transactions and takes those at the front; `None` once it is closed.
    pub(crate) fn take_group(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue.lock();
        self.work.wait_while(&mut queue, |queue| queue.waiting.is_empty() && !queue.is_closed);
        if queue.is_rush() {
            MutexGuard::unlocked(&mut queue, || thread::sleep(PAUSE));
        }
        queue.taken = Some(Instant::now());
        if queue.is_closed {
            return None;
        }
        let count = queue.waiting.len().min(GROUP_MAX);
        let group: Vec<Waiting> = queue.waiting.drain(..count).collect();
        queue.bytes -= group.iter().map(|waiting| waiting.bytes.len()).sum::<usize>();
        Some(group)
    }

    /// Ends every [`Intake::take_group`]. Who waits for an answer learns that there is none.
    pub(crate) fn close(&self) {
        let mut queue = self.queue.lock();
        queue.is_closed = true;
        queue.waiting.clear();
        queue.bytes = 0;
        drop(queue);
        self.work.notify_all();
    }
}

#[cfg(test)]
mod tests;
