//! Ethereum headers, and the context that a header follows from.

use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header,
    constants::{EMPTY_RECEIPTS, EMPTY_TRANSACTIONS, EMPTY_WITHDRAWALS},
};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{B64, B256, Bloom, Bytes, U256};
use minster_evm::{BlockContext, L1Origin};
use minster_params::{ChainConfig, Genesis, constants};
use minster_primitives::{Receipt, receipts_root};

/// The context of the block after `parent`.
///
/// The caller chooses the timestamp, which must be above the parent's, and the origin.
#[must_use]
pub fn block_context(
    config: &ChainConfig,
    parent: &Header,
    parent_hash: B256,
    timestamp: u64,
    l1_origin: L1Origin,
) -> BlockContext {
    // Block 0 only carries the initial base fee: nothing was executed in it.
    let base_fee = match parent.base_fee_per_gas {
        Some(base_fee) if parent.number > 0 => config.next_base_fee(base_fee, parent.gas_used),
        _ => config.base_fee_initial,
    };
    BlockContext {
        chain_id: config.chain_id,
        number: parent.number.saturating_add(1),
        timestamp,
        gas_limit: config.block_gas_limit,
        base_fee,
        coinbase: config.fee_vault,
        prev_randao: l1_origin.hash,
        parent_hash,
        l1_origin,
        blob_base_fee: constants::BLOB_BASE_FEE,
        transaction_cycles_max: config.transaction_cycles_max,
        block_cycles_max: config.block_cycles_max,
    }
}

/// The header of an executed block. Everything but `state_root` recomputes as on Ethereum; of the
/// transactions it takes the root, which some callers have an own way to.
#[must_use]
pub fn seal(
    context: &BlockContext,
    transactions_root: B256,
    receipts: &[&Receipt],
    state_root: B256,
) -> Header {
    let mut bloom = Bloom::ZERO;
    for receipt in receipts.iter().filter(|receipt| !receipt.logs.is_empty()) {
        bloom.accrue_bloom(receipt.bloom());
    }
    Header {
        parent_hash: context.parent_hash,
        beneficiary: context.coinbase,
        state_root,
        transactions_root,
        receipts_root: receipts_root(receipts),
        logs_bloom: bloom,
        number: context.number,
        gas_limit: context.gas_limit,
        gas_used: receipts.last().map_or(0, |receipt| receipt.cumulative_gas_used),
        timestamp: context.timestamp,
        mix_hash: context.prev_randao,
        base_fee_per_gas: Some(context.base_fee),
        parent_beacon_block_root: Some(context.l1_origin.hash),
        ..empty_header()
    }
}

/// The header of block 0.
#[must_use]
pub fn genesis_header(genesis: &Genesis, state_root: B256) -> Header {
    Header {
        beneficiary: genesis.config.fee_vault,
        state_root,
        gas_limit: genesis.config.block_gas_limit,
        timestamp: genesis.timestamp,
        base_fee_per_gas: Some(genesis.config.base_fee_initial),
        // The chain's config is part of its identity.
        extra_data: Bytes::copy_from_slice(genesis.config.hash().as_slice()),
        ..empty_header()
    }
}

/// An Osaka header of nothing.
fn empty_header() -> Header {
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        transactions_root: EMPTY_TRANSACTIONS,
        receipts_root: EMPTY_RECEIPTS,
        withdrawals_root: Some(EMPTY_WITHDRAWALS),
        difficulty: U256::ZERO,
        nonce: B64::ZERO,
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

#[cfg(test)]
mod tests;
