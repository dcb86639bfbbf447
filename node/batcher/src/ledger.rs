//! How much is executed and not proven, and how fast it becomes less. Pure: whoever calls brings
//! the numbers.

use std::time::Duration;

use crate::{BatchHead, BlockCost};

/// Proving cost of a batch beside its blocks. Measured (`cargo xtask bench batches`): a batch of
/// one transfer fills a segment of 49 million cells, which are 630,000 cycle-equivalents.
const BATCH_CYCLES: u64 = 600_000;

/// Proving cost of a block beside its transactions (`BLOCK` of `cargo xtask bench meter`).
pub(crate) const BLOCK_CYCLES: u64 = 160_000;

/// A batch is never cut below this, however slow the prover: smaller ones cost as much.
const BATCH_CYCLES_FLOOR: u64 = 2_500_000;

/// After so many proofs an old one counts half. Its eighth root is taken of one half.
const DECAY: f64 = 0.917_004_043_204_671_2;

/// As many of the last proofs are looked at when a node starts.
pub(crate) const PROOFS_REMEMBERED: usize = 32;

/// Proving cost of a whole batch, in cycle-equivalents.
pub(crate) fn work_of(head: &BatchHead) -> u64 {
    blocks_cycles(head).saturating_add(BATCH_CYCLES)
}

/// The same of its blocks alone.
fn blocks_cycles(head: &BatchHead) -> u64 {
    let commitment = &head.commitment;
    let blocks = commitment.last_block.saturating_sub(commitment.first_block).saturating_add(1);
    head.cycles.saturating_add(BLOCK_CYCLES.saturating_mul(blocks))
}

/// The sealed blocks that are in no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unbatched {
    /// The last block that was counted.
    seen: u64,
    /// Proving cost of all of them.
    cycles: u64,
    /// How many blocks without a transaction `seen` ends with.
    empty_tail: u64,
}

impl Unbatched {
    /// After the last batch's last block.
    pub(crate) const fn after(block: u64) -> Self {
        Self { seen: block, cycles: 0, empty_tail: 0 }
    }

    /// The next block to count.
    pub(crate) const fn next(&self) -> u64 {
        self.seen.saturating_add(1)
    }

    /// Counts the next block.
    pub(crate) fn add(&mut self, cost: &BlockCost) {
        self.seen = self.next();
        self.cycles = self.cycles.saturating_add(cost.cycles);
        self.empty_tail = match cost.transactions {
            0 => self.empty_tail.saturating_add(1),
            _ => 0,
        };
    }

    /// A batch was made of the first of them.
    pub(crate) fn sealed(&mut self, head: &BatchHead) {
        let last_block = head.commitment.last_block;
        if last_block >= self.seen {
            *self = Self::after(last_block);
            return;
        }
        self.cycles = self.cycles.saturating_sub(blocks_cycles(head));
        self.empty_tail = self.empty_tail.min(self.seen.saturating_sub(last_block));
    }

    /// What is to be proven of them. Empty blocks at the end are not: they wait for a transaction,
    /// and would keep the very one out that they wait for.
    pub(crate) fn cycles(&self) -> u64 {
        self.cycles.saturating_sub(BLOCK_CYCLES.saturating_mul(self.empty_tail))
    }
}

/// How fast proofs were made of late. Long proofs count more than short ones: what is wanted is
/// how long a large backlog takes, and that is proven in large batches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Capacity {
    /// Cycle-equivalents a second, while nothing was proven.
    assumed: u64,
    work: f64,
    seconds: f64,
}

impl Capacity {
    pub(crate) const fn new(assumed: u64) -> Self {
        Self { assumed, work: 0.0, seconds: 0.0 }
    }

    /// Takes note of a proof.
    pub(crate) fn proved(&mut self, work: u64, millis: u64) {
        self.work = self.work * DECAY + work as f64;
        self.seconds = self.seconds * DECAY + Duration::from_millis(millis).as_secs_f64();
    }

    /// Cycle-equivalents a second, at least one.
    pub(crate) fn rate(&self) -> f64 {
        let rate = match self.seconds > 0.0 {
            true => self.work / self.seconds,
            false => self.assumed as f64,
        };
        rate.max(1.0)
    }

    /// How much is proven in this time, as the most proving cost of a batch.
    pub(crate) fn batch_cycles(&self, time: Duration) -> u64 {
        // The conversion saturates.
        ((self.rate() * time.as_secs_f64()) as u64).max(BATCH_CYCLES_FLOOR)
    }

    /// How long so much work takes.
    pub(crate) fn time_for(&self, work: u64) -> Duration {
        Duration::try_from_secs_f64(work as f64 / self.rate()).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests;
