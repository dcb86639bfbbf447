//! Which blocks a simulation has: numbers and timestamps, and empty blocks in the gaps.

use alloy_rpc_types_eth::{
    TransactionRequest, simulate::MAX_SIMULATE_BLOCKS, state::StateOverride,
};
use minster_primitives::Header;

use super::{SimulateError, payload::BlockCalls};
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

/// The blocks that follow `base`, `block_seconds` apart where no time is named.
pub(super) fn plan(
    blocks: Vec<BlockCalls>,
    base: &Header,
    block_seconds: u64,
) -> Result<Vec<PlannedBlock>, SimulateError> {
    let too_many = SimulateError::TooManyBlocks { maximum: MAX_SIMULATE_BLOCKS };
    if blocks.is_empty() {
        return Err(SimulateError::Empty);
    }
    if blocks.len() as u64 > MAX_SIMULATE_BLOCKS {
        return Err(too_many);
    }
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
        if next.saturating_sub(base.number) > MAX_SIMULATE_BLOCKS {
            return Err(too_many);
        }
        for _ in number.saturating_add(1)..next {
            timestamp = timestamp.saturating_add(block_seconds);
            planned.push(PlannedBlock { timestamp, ..PlannedBlock::default() });
        }
        number = next;
        let before = timestamp;
        let time = block_overrides.time.take();
        timestamp = time.unwrap_or_else(|| before.saturating_add(block_seconds));
        if timestamp <= before {
            return Err(SimulateError::BlockTimestamp { timestamp, before });
        }
        planned.push(PlannedBlock { timestamp, block_overrides, state_overrides, calls });
    }
    Ok(planned)
}

#[cfg(test)]
mod tests;
