//! Which blocks a simulation has: numbers and timestamps, and empty blocks in the gaps.

use alloy_rpc_types_eth::{TransactionRequest, state::StateOverride};
use minster_primitives::Header;

use super::{
    SimulateError,
    payload::{BLOCKS_MAX, BlockCalls},
};
use crate::read::BlockOverrides;

/// A block to be simulated. Its number is one more than that of the block before.
#[derive(Debug, Default)]
pub(super) struct PlannedBlock {
    pub(super) timestamp: u64,
    /// Without number and time.
    pub(super) block_overrides: BlockOverrides,
    pub(super) state_overrides: Option<StateOverride>,
    pub(super) calls: Vec<TransactionRequest>,
}

/// When blocks are that name no time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long after the block before.
    pub(super) block_seconds: u64,
    /// Not before this: there may be no block for a long time while there is nothing to do.
    pub(super) soonest: u64,
}

impl Times {
    fn after(self, before: u64) -> u64 {
        before.saturating_add(self.block_seconds).max(self.soonest)
    }
}

/// The blocks that follow `base`.
pub(super) fn plan(
    blocks: Vec<BlockCalls>,
    base: &Header,
    times: Times,
) -> Result<Vec<PlannedBlock>, SimulateError> {
    let mut planned = Vec::with_capacity(blocks.len());
    let (mut number, mut timestamp) = (base.number, base.timestamp);
    for block in blocks {
        block.check()?;
        let BlockCalls { mut block_overrides, state_overrides, calls } = block;
        let wanted = block_overrides.number.take();
        let next = wanted.unwrap_or(number.saturating_add(1));
        if next <= number {
            return Err(SimulateError::BlockNumber { number: next, before: number });
        }
        if next.saturating_sub(base.number) > BLOCKS_MAX {
            return Err(SimulateError::TooManyBlocks);
        }
        for _ in number.saturating_add(1)..next {
            timestamp = times.after(timestamp);
            planned.push(PlannedBlock { timestamp, ..PlannedBlock::default() });
        }
        number = next;
        let before = timestamp;
        let time = block_overrides.time.take();
        timestamp = time.unwrap_or_else(|| times.after(before));
        if timestamp <= before {
            return Err(SimulateError::BlockTimestamp { timestamp, before });
        }
        planned.push(PlannedBlock { timestamp, block_overrides, state_overrides, calls });
    }
    Ok(planned)
}

#[cfg(test)]
mod tests;
