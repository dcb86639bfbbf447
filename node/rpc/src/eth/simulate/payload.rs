//! What a simulation is asked for.

use std::borrow::Cow;

use alloy_rpc_types_eth::{TransactionRequest, state::StateOverride};
use serde_json::value::RawValue;

use super::SimulateError;
use crate::read::{BlockOverrides, FromJson, Misread, Structure};

const PAYLOAD: Structure = Structure::untagged("ethapi.simOpts");
const BLOCK: Structure = Structure::untagged("ethapi.simBlock");

/// Blocks that a simulation may have, those in the gaps included. This and the others are geth's.
pub(super) const BLOCKS_MAX: u64 = alloy_rpc_types_eth::simulate::MAX_SIMULATE_BLOCKS;
/// Calls in one block.
const BLOCK_CALLS_MAX: usize = 5_000;
/// Calls in all blocks together.
const CALLS_MAX: usize = 10_000;

/// The first argument of `eth_simulateV1`.
#[derive(Debug, Default)]
pub(super) struct Payload {
    pub(super) blocks: Vec<BlockCalls>,
    pub(super) traces_transfers: bool,
    pub(super) is_validating: bool,
    /// Whether transactions are given in full.
    pub(super) is_full: bool,
}

impl Payload {
    /// Refuses nothing at all, and too much.
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        if self.blocks.is_empty() {
            return Err(SimulateError::Empty);
        }
        if self.blocks.len() as u64 > BLOCKS_MAX {
            return Err(SimulateError::TooManyBlocks);
        }
        let mut total = 0;
        for count in self.blocks.iter().map(|block| block.calls.len()) {
            if count > BLOCK_CALLS_MAX {
                return Err(SimulateError::TooManyBlockCalls { count, maximum: BLOCK_CALLS_MAX });
            }
            total += count;
            if total > CALLS_MAX {
                return Err(SimulateError::TooManyCalls { count: total, maximum: CALLS_MAX });
            }
        }
        Ok(())
    }
}

/// A block and its calls.
#[derive(Debug, Clone, Default)]
pub(super) struct BlockCalls {
    pub(super) block_overrides: BlockOverrides,
    pub(super) state_overrides: Option<StateOverride>,
    pub(super) calls: Vec<TransactionRequest>,
}

impl BlockCalls {
    /// Refuses what only a chain with a beacon chain could have.
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        let BlockOverrides { beacon_root, withdrawals, .. } = &self.block_overrides;
        if beacon_root.is_some() {
            return Err(SimulateError::NoBeaconChain { name: "beaconRoot" });
        }
        // None is what every block here has.
        if withdrawals.is_some_and(|count| count > 0) {
            return Err(SimulateError::NoBeaconChain { name: "withdrawals" });
        }
        Ok(())
    }
}

impl<'a> FromJson<'a> for Payload {
    fn go_type() -> Cow<'static, str> {
        PAYLOAD.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut payload = Self::default();
        for member in PAYLOAD.members(json)? {
            match member.name() {
                "blockStateCalls" => payload.blocks = member.read()?.unwrap_or_default(),
                "traceTransfers" => payload.traces_transfers = member.read()?.unwrap_or_default(),
                "validation" => payload.is_validating = member.read()?.unwrap_or_default(),
                "returnFullTransactions" => payload.is_full = member.read()?.unwrap_or_default(),
                _ => {}
            }
        }
        Ok(payload)
    }
}

impl<'a> FromJson<'a> for BlockCalls {
    fn go_type() -> Cow<'static, str> {
        BLOCK.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut block = Self::default();
        for member in BLOCK.members(json)? {
            match member.name() {
                "blockOverrides" => block.block_overrides = member.read()?.unwrap_or_default(),
                "stateOverrides" => block.state_overrides = member.read()?,
                "calls" => block.calls = member.read()?.unwrap_or_default(),
                _ => {}
            }
        }
        Ok(block)
    }
}
