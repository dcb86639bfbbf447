//! What a block tells its transactions.

use alloy_primitives::{Address, B256, U256};
use minster_params::constants;
use revm::{
    context::{BlockEnv, CfgEnv},
    context_interface::block::BlobExcessGasAndPrice,
    primitives::hardfork::SpecId,
};

/// The L1 block that an L2 block builds on. A chain without an L1 has the default origin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct L1Origin {
    /// L1 block number.
    pub number: u64,
    /// L1 block hash.
    pub hash: B256,
}

/// The block context: an input of the OS, never computed inside the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockContext {
    /// Chain id.
    pub chain_id: u64,
    /// Block number.
    pub number: u64,
    /// Timestamp in seconds.
    pub timestamp: u64,
    /// Gas limit of the block.
    pub gas_limit: u64,
    /// Base fee in wei per gas.
    pub base_fee: u64,
    /// Value of `COINBASE`, recipient of tips.
    pub coinbase: Address,
    /// Value of `PREVRANDAO`.
    pub prev_randao: B256,
    /// Hash of the parent block.
    pub parent_hash: B256,
    /// The L1 origin.
    pub l1_origin: L1Origin,
    /// Value of `BLOBBASEFEE` in wei per blob gas.
    pub blob_base_fee: u128,
    /// Proving budget of one transaction in cycle-equivalents.
    pub transaction_cycles_max: u64,
    /// Proving budget of the block in cycle-equivalents.
    pub block_cycles_max: u64,
}

impl BlockContext {
    pub(crate) fn block_env(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.number),
            beneficiary: self.coinbase,
            timestamp: U256::from(self.timestamp),
            gas_limit: self.gas_limit,
            basefee: self.base_fee,
            difficulty: U256::ZERO,
            prevrandao: Some(self.prev_randao),
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
                excess_blob_gas: 0,
                blob_gasprice: self.blob_base_fee,
            }),
            slot_num: 0,
        }
    }

    pub(crate) fn cfg_env(&self) -> CfgEnv {
        let mut cfg = CfgEnv::new_with_spec(SpecId::OSAKA).with_chain_id(self.chain_id);
        cfg.tx_gas_limit_cap = Some(constants::TRANSACTION_GAS_LIMIT_MAX);
        cfg
    }
}
