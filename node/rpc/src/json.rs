//! The JSON shapes of blocks, transactions, receipts, logs, slices and
//! commitments.

mod block;
mod commitment;
mod receipt;
mod slice;
mod transaction;

pub(crate) use block::{block, block_rlp, header};
pub use commitment::CommitmentJson;
pub(crate) use receipt::{LogJson, ReceiptJson, log, receipt, receipts};
pub(crate) use slice::slice;
pub(crate) use transaction::{TransactionJson, mined, pooled};

use alloy_primitives::B256;
use minster_sequencer::{Block, Located};

/// The block that a transaction's JSON names as its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Hash of the sealed block, or of a slice while the block is open.
    pub(crate) block_hash: B256,
    pub(crate) block_number: u64,
    pub(crate) block_timestamp: u64,
    pub(crate) base_fee: u64,
}

impl From<&Block> for Place {
    fn from(block: &Block) -> Self {
        Self {
            block_hash: block.hash,
            block_number: block.number(),
            block_timestamp: block.header.timestamp,
            base_fee: block.header.base_fee_per_gas.unwrap_or_default(),
        }
    }
}

impl From<&Located> for Place {
    fn from(located: &Located) -> Self {
        Self {
            block_hash: located.block_hash,
            block_number: located.block_number,
            block_timestamp: located.block_timestamp,
            base_fee: located.base_fee,
        }
    }
}

#[cfg(test)]
mod tests;
