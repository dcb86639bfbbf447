//! What the sequencer is doing, for a status line and for metrics.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use alloy_primitives::{B256, map::HashMap};
use parking_lot::Mutex;

use crate::block::Item;

/// Latencies that are kept for percentiles.
const LATENCIES_MAX: usize = 4_096;

/// Submissions whose publication is still awaited, at most.
const AWAITED_MAX: usize = 65_536;

/// Counters since the node started.
#[derive(Debug, Default)]
pub struct Stats {
    transactions: AtomicU64,
    slices: AtomicU64,
    blocks: AtomicU64,
    syncs: AtomicU64,
    sync_micros: AtomicU64,
    submitted: Mutex<HashMap<B256, Instant>>,
    latencies: Mutex<VecDeque<Duration>>,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatsSnapshot {
    /// Transactions in durable slices.
    pub transactions: u64,
    /// Durable slices.
    pub slices: u64,
    /// Sealed blocks.
    pub blocks: u64,
    /// Syncs of the write-ahead log.
    pub syncs: u64,
    /// Time they took together, in microseconds.
    pub sync_micros: u64,
}

/// Time from submission to a durable slice, over the last few thousand transactions.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Median.
    pub p50: Duration,
    /// 99th percentile.
    pub p99: Duration,
}

impl Stats {
    /// The counters now.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StatsSnapshot {
            transactions: load(&self.transactions),
            slices: load(&self.slices),
            blocks: load(&self.blocks),
            syncs: load(&self.syncs),
            sync_micros: load(&self.sync_micros),
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

    pub(crate) fn submitted(&self, hash: B256) {
        let mut submitted = self.submitted.lock();
        if submitted.len() >= AWAITED_MAX {
            // Mostly transactions that will never run; what is lost is a few measurements.
            submitted.clear();
        }
        submitted.insert(hash, Instant::now());
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
                latencies.push_back(started.elapsed());
            }
        }
    }

    pub(crate) fn sealed(&self) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn synced(&self, took: Duration) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sync_micros.fetch_add(micros, Ordering::Relaxed);
    }
}
