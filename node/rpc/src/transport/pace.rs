//! How slowly a client may send one message.

use std::time::Duration;

use tokio::time::Instant;

/// A message that comes more slowly than this on the whole, in bytes a second, is not waited for.
const RATE_MIN: u64 = 16 << 10;

/// A message on its way in.
#[derive(Debug)]
pub(crate) struct Pace {
    pause_max: Duration,
    started: Instant,
    bytes: u64,
}

impl Pace {
    /// A message that begins now and comes with pauses no longer than this.
    pub(crate) const fn new(pause_max: Duration, now: Instant) -> Self {
        Self { pause_max, started: now, bytes: 0 }
    }

    /// Counts bytes that came.
    pub(crate) const fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    /// When the next piece must be there.
    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let earned = Duration::from_secs(self.bytes / RATE_MIN);
        (self.started + earned).min(now) + self.pause_max
    }
}

#[cfg(test)]
mod tests;
