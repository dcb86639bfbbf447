//! Where one batch ends and the next begins. Pure: whoever calls brings the time.

use std::time::{Duration, Instant};

use minster_batch::PUBDATA_BYTES_MAX;
use minster_os::batch::BATCH_BLOCKS_MAX;
use minster_sequencer::{Block, BlockChange};

use crate::ledger::BLOCK_CYCLES;

/// The most bytes of pubdata that one changed leaf takes: its key, its length and its value.
const LEAF_PUBDATA_MAX: u64 = 72;

/// Leaves of an account in its header: the basic data and the code hash.
const ACCOUNT_LEAVES: u64 = 2;

/// What a block adds to the batch that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockCost {
    /// Its transactions.
    pub transactions: u64,
    /// Proving cost in cycle-equivalents.
    pub cycles: u64,
    /// Bytes of pubdata that it adds at most.
    pub pubdata_max: u64,
}

impl BlockCost {
    /// The cost of a sealed block that changed so much.
    #[must_use]
    pub fn new(block: &Block, change: BlockChange) -> Self {
        let leaves = ACCOUNT_LEAVES.saturating_mul(change.accounts).saturating_add(change.slots);
        let cycles =
            block.items.iter().fold(BLOCK_CYCLES, |sum, item| sum.saturating_add(item.cycles));
        Self {
            transactions: block.items.len() as u64,
            cycles,
            pubdata_max: LEAF_PUBDATA_MAX.saturating_mul(leaves).saturating_add(change.code_bytes),
        }
    }
}

/// When a batch is full or old enough: an operator's choice, no rule of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutLimits {
    /// The most proving cost in cycle-equivalents. A block above it is a batch alone.
    pub cycles_max: u64,
    /// The most bytes of pubdata, by the bounds of [`BlockCost`].
    pub pubdata_max: u64,
    /// The most blocks.
    pub blocks_max: usize,
    /// Age at which a batch is sealed while no other waits to be proven.
    pub age_idle: Duration,
    /// Age at which a batch is sealed in any case.
    pub age_max: Duration,
}

impl Default for CutLimits {
    fn default() -> Self {
        Self {
            cycles_max: 640_000_000,
            pubdata_max: PUBDATA_BYTES_MAX as u64,
            blocks_max: BATCH_BLOCKS_MAX,
            age_idle: Duration::from_secs(2),
            age_max: Duration::from_secs(60),
        }
    }
}

/// Why a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealReason {
    /// Its first transaction has waited long enough.
    Age,
    /// The next block would have cost too much to prove.
    Cycles,
    /// The next block's pubdata might not have fitted.
    Pubdata,
    /// It has as many blocks as a batch may have.
    Blocks,
}

impl SealReason {
    /// In one word, for logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Cycles => "cycles",
            Self::Pubdata => "pubdata",
            Self::Blocks => "blocks",
        }
    }
}

/// The batch in the making, as far as its end depends on it.
#[derive(Debug, Clone)]
pub struct Cutter {
    limits: CutLimits,
    blocks: usize,
    sum: BlockCost,
    /// When the first block with a transaction came.
    since: Option<Instant>,
}

impl Cutter {
    /// An empty batch.
    #[must_use]
    pub fn new(limits: CutLimits) -> Self {
        Self { limits, blocks: 0, sum: BlockCost::default(), since: None }
    }

    /// Whether the next block belongs to this batch.
    ///
    /// # Errors
    /// Why the batch ends before it.
    pub fn fits(&self, cost: &BlockCost) -> Result<(), SealReason> {
        let above = |sum: u64, more: u64, max: u64| sum.saturating_add(more) > max;
        match self.limits {
            _ if self.blocks == 0 => Ok(()),
            limits if self.blocks >= limits.blocks_max => Err(SealReason::Blocks),
            limits if above(self.sum.cycles, cost.cycles, limits.cycles_max) => {
                Err(SealReason::Cycles)
            }
            limits if above(self.sum.pubdata_max, cost.pubdata_max, limits.pubdata_max) => {
                Err(SealReason::Pubdata)
            }
            _ => Ok(()),
        }
    }

    /// Takes the next block, which was seen at this time.
    pub fn push(&mut self, cost: BlockCost, now: Instant) {
        self.blocks = self.blocks.saturating_add(1);
        self.sum = BlockCost {
            transactions: self.sum.transactions.saturating_add(cost.transactions),
            cycles: self.sum.cycles.saturating_add(cost.cycles),
            pubdata_max: self.sum.pubdata_max.saturating_add(cost.pubdata_max),
        };
        if cost.transactions > 0 {
            self.since.get_or_insert(now);
        }
    }

    /// Whether a transaction is in the batch. Without one it has no age and nobody waits for it.
    #[must_use]
    pub const fn has_transactions(&self) -> bool {
        self.sum.transactions > 0
    }

    /// When the batch is old enough; `None` while it has no transaction.
    #[must_use]
    pub fn deadline(&self, is_prover_idle: bool) -> Option<Instant> {
        let age = match is_prover_idle {
            true => self.limits.age_idle.min(self.limits.age_max),
            false => self.limits.age_max,
        };
        self.since.and_then(|since| since.checked_add(age))
    }

    /// Whether the batch ends now, without a block that does not fit.
    #[must_use]
    pub fn due(&self, now: Instant, is_prover_idle: bool) -> Option<SealReason> {
        self.deadline(is_prover_idle).filter(|at| *at <= now).map(|_| SealReason::Age)
    }
}

#[cfg(test)]
mod tests;
