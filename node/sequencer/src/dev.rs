//! What a developer may ask of a development chain: to end a block, and to let its clock run
//! ahead. Neither forges anything: the chain that comes of it is one that could have come of
//! waiting, and it is replayed and proven as any other.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use thiserror::Error;

use crate::clock::now_ms;

/// How far ahead the clock may run, in seconds: beyond what any contract waits for, and far from
/// where arithmetic ends.
const AHEAD_SECONDS_MAX: u64 = 1 << 40;

/// Why the clock does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClockError {
    /// Time only goes on.
    #[error("timestamp {timestamp} is not above the last block's, {last}")]
    Backwards {
        /// The timestamp asked for.
        timestamp: u64,
        /// That of the last block, open or sealed.
        last: u64,
    },
    /// Too far ahead.
    #[error("the clock runs at most {maximum} seconds ahead")]
    TooFar {
        /// The limit.
        maximum: u64,
    },
}

/// The clock and the block button of a development chain.
#[derive(Debug, Default)]
pub struct DevControls {
    ahead_seconds: AtomicU64,
    next_timestamp: Mutex<Option<u64>>,
    /// Blocks that are asked for and not begun.
    blocks_wanted: AtomicU64,
}

impl DevControls {
    /// Lets the clock run further ahead; gives how far it is ahead now, in seconds.
    ///
    /// # Errors
    /// When that is too far.
    pub fn increase_time(&self, seconds: u64) -> Result<u64, ClockError> {
        let add =
            |ahead: u64| ahead.checked_add(seconds).filter(|ahead| *ahead <= AHEAD_SECONDS_MAX);
        self.ahead_seconds
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add)
            .map(|before| before.saturating_add(seconds))
            .map_err(|_| ClockError::TooFar { maximum: AHEAD_SECONDS_MAX })
    }

    /// Gives the next block this timestamp; the clock goes on from there. `last` is the timestamp
    /// of the last block, open or sealed.
    ///
    /// # Errors
    /// When it is not above the last block's, or too far ahead.
    pub fn set_next_timestamp(&self, timestamp: u64, last: u64) -> Result<(), ClockError> {
        if timestamp <= last {
            return Err(ClockError::Backwards { timestamp, last });
        }
        if timestamp.saturating_sub(now_ms() / 1_000) > AHEAD_SECONDS_MAX {
            return Err(ClockError::TooFar { maximum: AHEAD_SECONDS_MAX });
        }
        *self.next_timestamp.lock() = Some(timestamp);
        Ok(())
    }

    /// Asks for the end of the open block or, when none is open, for an empty one.
    pub fn mine(&self) {
        self.blocks_wanted.fetch_add(1, Ordering::AcqRel);
    }

    /// The chain's time in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        let ahead_ms = self.ahead_seconds.load(Ordering::Acquire).saturating_mul(1_000);
        now_ms().saturating_add(ahead_ms)
    }

    /// The timestamp that was asked for the next block, if one was.
    pub(crate) fn next_timestamp(&self) -> Option<u64> {
        *self.next_timestamp.lock()
    }

    /// The same, for the block that begins now: the clock goes on from it.
    pub(crate) fn take_next_timestamp(&self) -> Option<u64> {
        let timestamp = self.next_timestamp.lock().take()?;
        let ahead = timestamp.saturating_sub(now_ms() / 1_000).min(AHEAD_SECONDS_MAX);
        self.ahead_seconds.store(ahead, Ordering::Release);
        Some(timestamp)
    }

    pub(crate) fn take_wanted_block(&self) -> bool {
        let take = |wanted: u64| wanted.checked_sub(1);
        self.blocks_wanted.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok()
    }
}

#[cfg(test)]
mod tests;
