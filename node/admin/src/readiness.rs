//! Whether the node is alive, and whether it is ready: decided from facts alone.

use std::time::Duration;

use crate::{AdminConfig, directory::Disk};

/// Why a node is not ready for its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It opens its data directory and replays the log.
    Starting,
    /// It was told to stop, and ends what it has begun.
    Draining,
    /// The execution thread does not answer.
    ExecutorStalled,
    /// The journal is at one write for too long: receipts wait for it.
    JournalStalled,
    /// The disk of the data directory is nearly full.
    DiskFull,
    /// The disk of the data directory takes no writes.
    DiskReadOnly,
    /// The system does not say how full the disk of the data directory is: something is wrong.
    DiskUnknown,
    /// Transactions are refused, because the prover is too far behind.
    Backpressure,
    /// No batches are made: a block fits none, or the batcher does not answer.
    BatcherStuck,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Draining,
        Self::ExecutorStalled,
        Self::JournalStalled,
        Self::DiskFull,
        Self::DiskReadOnly,
        Self::DiskUnknown,
        Self::Backpressure,
        Self::BatcherStuck,
    ];

    /// The reason as `/ready` and the label of `minster_not_ready` have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Draining => "draining",
            Self::ExecutorStalled => "executor_stalled",
            Self::JournalStalled => "journal_stalled",
            Self::DiskFull => "disk_full",
            Self::DiskReadOnly => "disk_read_only",
            Self::DiskUnknown => "disk_unknown",
            Self::Backpressure => "backpressure",
            Self::BatcherStuck => "batcher_stuck",
        }
    }
}

/// What is known of a node at one moment. What does not exist is fine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    pub(crate) is_starting: bool,
    pub(crate) is_draining: bool,
    pub(crate) executor_age: Option<Duration>,
    pub(crate) batcher_age: Option<Duration>,
    pub(crate) journal_age: Option<Duration>,
    pub(crate) is_refusing: bool,
    pub(crate) is_halted: bool,
    pub(crate) disk: Option<Disk>,
    /// There is a data directory, and the system does not say anything of its disk.
    pub(crate) is_disk_unknown: bool,
}

/// Why the node is not ready.
pub(crate) fn reasons(facts: &Facts, config: &AdminConfig) -> Vec<Reason> {
    let is_low = |disk: Disk| disk.free_bytes < config.disk_free_min_bytes;
    let is_late = is_older(facts.batcher_age, config.batcher_age_max_ms);
    // A node that drains ends its threads one after the other.
    let is_working = !facts.is_draining;
    let holds = |reason: Reason| match reason {
        Reason::Starting => facts.is_starting,
        Reason::Draining => facts.is_draining,
        Reason::ExecutorStalled => !is_alive(facts, config),
        // Also while it drains: the journal ends last, and a drain waits for it.
        Reason::JournalStalled => is_older(facts.journal_age, config.journal_age_max_ms),
        Reason::DiskFull => facts.disk.is_some_and(is_low),
        Reason::DiskReadOnly => facts.disk.is_some_and(|disk| disk.is_read_only),
        Reason::DiskUnknown => facts.is_disk_unknown,
        Reason::Backpressure => facts.is_refusing,
        Reason::BatcherStuck => facts.is_halted || (is_working && is_late),
    };
    Reason::ALL.into_iter().filter(|reason| holds(*reason)).collect()
}

/// Whether the execution thread answers, as long as it has to.
pub(crate) fn is_alive(facts: &Facts, config: &AdminConfig) -> bool {
    facts.is_draining || !is_older(facts.executor_age, config.executor_age_max_ms)
}

fn is_older(age: Option<Duration>, maximum_ms: u64) -> bool {
    age.is_some_and(|age| age > Duration::from_millis(maximum_ms))
}

#[cfg(test)]
mod tests;
