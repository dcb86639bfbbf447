//! What the sequencer is doing, for a status line and for metrics. Counting takes no lock but for
//! the latencies of the status line.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use alloy_primitives::{B256, map::HashMap};
use minster_telemetry::{Histogram, HistogramCounts};
use parking_lot::Mutex;

use crate::{Block, SubmitError, block::Item, refusal::RefusalReason};

/// Latencies that are kept for percentiles.
const LATENCIES_MAX: usize = 4_096;

/// Submissions whose publication is still awaited, at most.
const AWAITED_MAX: usize = 65_536;

/// In the place of a time: a thread that has nothing to do, and so is not late.
const IDLE: u64 = u64::MAX;

/// Counters since the node started.
#[derive(Debug)]
pub struct Stats {
    started: Instant,
    /// When the execution thread last went round its loop, in milliseconds since `started`.
    executor_ms: AtomicU64,
    /// The same of the batcher.
    batcher_ms: AtomicU64,
    /// When the journal began what it is at, in milliseconds since `started`; [`IDLE`] else.
    journal_ms: AtomicU64,
    accepted: AtomicU64,
    refused: [AtomicU64; RefusalReason::ALL.len()],
    transactions: AtomicU64,
    slices: AtomicU64,
    blocks: AtomicU64,
    gas_used: AtomicU64,
    receipts: Histogram,
    seals: Histogram,
    syncs: Histogram,
    snapshots_skipped: AtomicU64,
    submitted: Mutex<HashMap<B256, Instant>>,
    latencies: Mutex<VecDeque<Duration>>,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy)]
pub struct StatsSnapshot {
    /// Transactions that were taken into the pool.
    pub accepted: u64,
    /// Transactions that were not, by reason.
    pub refused: [(RefusalReason, u64); RefusalReason::ALL.len()],
    /// Transactions in durable slices.
    pub transactions: u64,
    /// Durable slices.
    pub slices: u64,
    /// Sealed blocks.
    pub blocks: u64,
    /// Gas that they used.
    pub gas_used: u64,
    /// Times from submission to a durable slice.
    pub receipts: HistogramCounts,
    /// Times from a block's last transaction to its hash.
    pub seals: HistogramCounts,
    /// Times of writes to the write-ahead log with their sync.
    pub syncs: HistogramCounts,
    /// Snapshots that came to nothing, because the state moved on faster than it was copied.
    pub snapshots_skipped: u64,
    /// Time since the execution thread last went round its loop.
    pub executor_age: Duration,
    /// Time since the batcher last did, or since the start while it has not.
    pub batcher_age: Duration,
    /// For how long the journal has been at one write; zero while it waits for something to write.
    pub journal_age: Duration,
}

/// Time from submission to a durable slice, over the last few thousand transactions.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Median.
    pub p50: Duration,
    /// 99th percentile.
    pub p99: Duration,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            executor_ms: AtomicU64::default(),
            batcher_ms: AtomicU64::default(),
            journal_ms: AtomicU64::new(IDLE),
            accepted: AtomicU64::default(),
            refused: RefusalReason::ALL.map(|_| AtomicU64::default()),
            transactions: AtomicU64::default(),
            slices: AtomicU64::default(),
            blocks: AtomicU64::default(),
            gas_used: AtomicU64::default(),
            receipts: Histogram::default(),
            seals: Histogram::default(),
            syncs: Histogram::default(),
            snapshots_skipped: AtomicU64::default(),
            submitted: Mutex::default(),
            latencies: Mutex::default(),
        }
    }
}

impl Stats {
    /// The counters now.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let now = self.started.elapsed();
        let age = |beat: &AtomicU64| now.saturating_sub(Duration::from_millis(load(beat)));
        let count = |reason: RefusalReason| self.refused.get(reason.index()).map_or(0, load);
        StatsSnapshot {
            accepted: load(&self.accepted),
            refused: RefusalReason::ALL.map(|reason| (reason, count(reason))),
            transactions: load(&self.transactions),
            slices: load(&self.slices),
            blocks: load(&self.blocks),
            gas_used: load(&self.gas_used),
            receipts: self.receipts.counts(),
            seals: self.seals.counts(),
            syncs: self.syncs.counts(),
            snapshots_skipped: load(&self.snapshots_skipped),
            executor_age: age(&self.executor_ms),
            batcher_age: age(&self.batcher_ms),
            journal_age: age(&self.journal_ms),
        }
    }

    /// Latency of recent transactions; `None` before the first.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        let mut sorted: Vec<Duration> = self.latencies.lock().iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| sorted.get((sorted.len() * percent / 100).min(sorted.len() - 1));
        if sorted.is_empty() {
            return None;
        }
        Some(Latency { p50: *at(50)?, p99: *at(99)? })
    }

    /// The execution thread is alive at this moment.
    pub(crate) fn executor_beat(&self, now: Instant) {
        self.executor_ms.store(self.millis(now), Ordering::Relaxed);
    }

    /// The batcher is alive now.
    pub(crate) fn batcher_beat(&self) {
        self.batcher_ms.store(self.millis(Instant::now()), Ordering::Relaxed);
    }

    /// The journal begins to write.
    pub(crate) fn journal_begins(&self) {
        self.journal_ms.store(self.millis(Instant::now()), Ordering::Relaxed);
    }

    /// It has written, and waits for more.
    pub(crate) fn journal_waits(&self) {
        self.journal_ms.store(IDLE, Ordering::Relaxed);
    }

    fn millis(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.started);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// What became of a submission.
    pub(crate) fn answered(&self, answer: &Result<B256, SubmitError>) {
        let counter = match answer {
            Ok(_) => Some(&self.accepted),
            Err(error) => self.refused.get(RefusalReason::of(error).index()),
        };
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Transactions come to the pool, no more than wait together.
    pub(crate) fn submitted(&self, hashes: &[B256]) {
        let now = Instant::now();
        let mut submitted = self.submitted.lock();
        if submitted.len() >= AWAITED_MAX {
            // Mostly transactions that will never run; what is lost is a few measurements.
            submitted.clear();
        }
        submitted.extend(hashes.iter().map(|hash| (*hash, now)));
    }

    pub(crate) fn forget(&self, hash: B256) {
        self.submitted.lock().remove(&hash);
    }

    pub(crate) fn published(&self, items: &[Arc<Item>]) {
        self.slices.fetch_add(1, Ordering::Relaxed);
        self.transactions.fetch_add(items.len() as u64, Ordering::Relaxed);
        let mut submitted = self.submitted.lock();
        let mut latencies = self.latencies.lock();
        for item in items {
            if let Some(started) = submitted.remove(&item.transaction.hash()) {
                if latencies.len() == LATENCIES_MAX {
                    latencies.pop_front();
                }
                let latency = started.elapsed();
                latencies.push_back(latency);
                self.receipts.observe(latency);
            }
        }
    }

    pub(crate) fn sealed(&self, block: &Block) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
        self.gas_used.fetch_add(block.header.gas_used, Ordering::Relaxed);
    }

    /// The execution thread waited so long for a block's hash.
    pub(crate) fn waited_for_seal(&self, took: Duration) {
        self.seals.observe(took);
    }

    pub(crate) fn synced(&self, took: Duration) {
        self.syncs.observe(took);
    }

    pub(crate) fn snapshot_skipped(&self) {
        self.snapshots_skipped.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
