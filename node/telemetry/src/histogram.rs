//! Durations, counted in buckets. One observation is two additions to atomic numbers: threads that
//! must not wait for each other may share a histogram.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the buckets, in microseconds; one more bucket has no bound. The same ones for
/// every histogram, so that panels can be laid over each other.
pub const BOUNDS_MICROS: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// How often something took how long.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS_MICROS.len()],
    unbounded: AtomicU64,
    /// Sum of all durations. Nanoseconds last for 584 years.
    sum_nanos: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistogramCounts {
    /// Observations by bucket, each alone; the bounds are [`BOUNDS_MICROS`].
    pub buckets: [u64; BOUNDS_MICROS.len()],
    /// Observations beyond the last bound.
    pub unbounded: u64,
    /// Sum of all durations.
    pub sum: Duration,
}

impl Histogram {
    /// Counts one duration. A bound belongs to the bucket below it, as Prometheus has it.
    pub fn observe(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let index = BOUNDS_MICROS.partition_point(|bound| bound.saturating_mul(1_000) < nanos);
        self.buckets.get(index).unwrap_or(&self.unbounded).fetch_add(1, Ordering::Relaxed);
        self.sum_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// The counts now. While others observe, the sum may be ahead of the buckets or behind them.
    #[must_use]
    pub fn counts(&self) -> HistogramCounts {
        HistogramCounts {
            buckets: self.buckets.each_ref().map(|bucket| bucket.load(Ordering::Relaxed)),
            unbounded: self.unbounded.load(Ordering::Relaxed),
            sum: Duration::from_nanos(self.sum_nanos.load(Ordering::Relaxed)),
        }
    }
}

impl HistogramCounts {
    /// All observations.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.buckets.iter().fold(self.unbounded, |sum, bucket| sum.saturating_add(*bucket))
    }
}

#[cfg(test)]
mod tests;
