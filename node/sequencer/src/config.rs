//! The sequencer's settings: an operator's choices, none of which changes consensus.

use std::time::Duration;

use crate::{brake::BrakeConfig, prune::HistoryConfig, state::Retention};

/// Where receipts and transactions are answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptSource {
    /// From durable slices, milliseconds after submission.
    #[default]
    Slice,
    /// From sealed blocks only, for indexers that cannot bear an alias of a block hash.
    Sealed,
}

/// When blocks are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mining {
    /// At the end of the block time.
    #[default]
    Interval,
    /// After each transaction; the chain's clock may run ahead. Development only.
    Instant,
}

/// The sequencer's settings.
#[derive(Debug, Clone)]
pub struct SequencerConfig {
    /// Where receipts are answered from.
    pub receipts: ReceiptSource,
    /// When blocks are sealed.
    pub mining: Mining,
    /// Longest execution in one slice.
    pub slice_work: Duration,
    /// How much history of the state stays readable.
    pub retention: Retention,
    /// How much history stays on the disk.
    pub history: HistoryConfig,
    /// Sealed blocks between snapshots.
    pub snapshot_blocks: u64,
    /// Transactions between snapshots, if that comes first.
    pub snapshot_transactions: u64,
    /// What a chain does that outruns its prover.
    pub brake: BrakeConfig,
    /// Whether a developer may move the clock and end blocks. Development only.
    pub is_development: bool,
}

impl Default for SequencerConfig {
    fn default() -> Self {
        Self {
            receipts: ReceiptSource::default(),
            mining: Mining::default(),
            slice_work: Duration::from_millis(20),
            retention: Retention::default(),
            history: HistoryConfig::default(),
            snapshot_blocks: 3_600,
            snapshot_transactions: 250_000,
            brake: BrakeConfig::default(),
            is_development: false,
        }
    }
}
