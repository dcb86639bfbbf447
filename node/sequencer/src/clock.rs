//! The one place where the sequencer asks what time it is.
//!
//! Blocks have the time of the world, which somebody may set; how long something waits is counted
//! by a clock that nobody sets.

use std::{
    sync::LazyLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since the Unix epoch; zero before it.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The start, in seconds, of the block time in which this moment is.
pub(crate) const fn slot_start(now_ms: u64, block_time_ms: u64) -> u64 {
    now_ms / block_time_ms * (block_time_ms / 1_000)
}

/// Milliseconds since the first call: for how long things take, whatever becomes of the date.
pub(crate) fn steady_ms() -> u64 {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(STARTED.elapsed().as_millis()).unwrap_or(u64::MAX)
}
