//! The parameters of one chain.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, keccak256};
use alloy_rlp::{Encodable, RlpDecodable, RlpEncodable};
use thiserror::Error;

use crate::constants;

/// What may differ from chain to chain. Its hash is part of what a proof is about, so a change of
/// any field is a change of the chain.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct ChainConfig {
    /// Chain id (EIP-155).
    pub chain_id: u64,
    /// Time between blocks in milliseconds; whole seconds.
    pub block_time_ms: u64,
    /// Gas limit of every block.
    pub block_gas_limit: u64,
    /// Base fee of block 1 in wei per gas.
    pub base_fee_initial: u64,
    /// The base fee never falls below this, in wei per gas.
    pub base_fee_min: u64,
    /// Largest move of the base fee from block to block is one part in this (EIP-1559: 8).
    pub base_fee_denominator: u64,
    /// The gas target is the limit divided by this (EIP-1559: 2).
    pub elasticity: u64,
    /// Value of `COINBASE`, receives the tips.
    pub fee_vault: Address,
    /// Proving budget of an L2 transaction in cycle-equivalents.
    pub transaction_cycles_max: u64,
    /// Proving budget of a block in cycle-equivalents.
    pub block_cycles_max: u64,
}

/// Why a chain config is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainConfigError {
    /// Chain id zero means "any chain" in EIP-155.
    #[error("chain_id must not be 0")]
    ChainIdZero,
    /// Headers carry whole seconds.
    #[error("block_time_ms is {value}; it must be a positive multiple of 1000")]
    BlockTime {
        /// The refused value.
        value: u64,
    },
    /// A block must hold the largest transaction, and a node must hold what a block changes.
    #[error("block_gas_limit is {value}; it must be from {minimum} to {maximum}")]
    BlockGasLimit {
        /// The refused value.
        value: u64,
        /// EIP-7825's cap.
        minimum: u64,
        /// What a node can hold of one block.
        maximum: u64,
    },
    /// The base-fee rule divides by these.
    #[error("base_fee_denominator and elasticity must be at least 1")]
    BaseFeeRule,
    /// A floor above the start cannot hold.
    #[error("base_fee_initial {initial} is below base_fee_min {minimum}")]
    BaseFeeInitial {
        /// `base_fee_initial`.
        initial: u64,
        /// `base_fee_min`.
        minimum: u64,
    },
    /// One transaction must fit an empty block.
    #[error("transaction_cycles_max {transaction} is above block_cycles_max {block}")]
    Cycles {
        /// `transaction_cycles_max`.
        transaction: u64,
        /// `block_cycles_max`.
        block: u64,
    },
}

impl ChainConfig {
    /// A chain with the defaults of spec/blocks-and-slices.md.
    #[must_use]
    pub const fn new(chain_id: u64) -> Self {
        Self {
            chain_id,
            block_time_ms: 1_000,
            block_gas_limit: 2_000_000_000,
            base_fee_initial: 1_000_000_000,
            base_fee_min: 1_000_000,
            base_fee_denominator: 100,
            elasticity: 2,
            fee_vault: constants::FEE_VAULT,
            transaction_cycles_max: constants::TRANSACTION_CYCLES_MAX,
            block_cycles_max: constants::BLOCK_CYCLES_MAX,
        }
    }

    /// Checks the relations between fields.
    ///
    /// # Errors
    /// Names the first field that is out of its range.
    pub const fn validate(&self) -> Result<(), ChainConfigError> {
        if self.chain_id == 0 {
            return Err(ChainConfigError::ChainIdZero);
        }
        if self.block_time_ms == 0 || !self.block_time_ms.is_multiple_of(1_000) {
            return Err(ChainConfigError::BlockTime { value: self.block_time_ms });
        }
        if self.block_gas_limit < constants::TRANSACTION_GAS_LIMIT_MAX
            || self.block_gas_limit > constants::BLOCK_GAS_LIMIT_MAX
        {
            return Err(ChainConfigError::BlockGasLimit {
                value: self.block_gas_limit,
                minimum: constants::TRANSACTION_GAS_LIMIT_MAX,
                maximum: constants::BLOCK_GAS_LIMIT_MAX,
            });
        }
        if self.base_fee_denominator == 0 || self.elasticity == 0 {
            return Err(ChainConfigError::BaseFeeRule);
        }
        if self.base_fee_initial < self.base_fee_min {
            return Err(ChainConfigError::BaseFeeInitial {
                initial: self.base_fee_initial,
                minimum: self.base_fee_min,
            });
        }
        if self.transaction_cycles_max > self.block_cycles_max {
            return Err(ChainConfigError::Cycles {
                transaction: self.transaction_cycles_max,
                block: self.block_cycles_max,
            });
        }
        Ok(())
    }

    /// keccak256 of the RLP of all fields in order.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut out = Vec::with_capacity(self.length());
        self.encode(&mut out);
        keccak256(out)
    }

    /// Base fee of the block after one with this base fee and gas used (EIP-1559 with this
    /// chain's denominator, elasticity and floor), in wei per gas.
    #[must_use]
    pub fn next_base_fee(&self, base_fee: u64, gas_used: u64) -> u64 {
        let target = self.block_gas_limit.checked_div(self.elasticity).unwrap_or(0).max(1);
        let delta = |gas: u64| -> u64 {
            let product = u128::from(base_fee).saturating_mul(u128::from(gas));
            let move_ = product
                .checked_div(u128::from(target))
                .and_then(|x| x.checked_div(u128::from(self.base_fee_denominator)))
                .unwrap_or(0);
            u64::try_from(move_).unwrap_or(u64::MAX)
        };
        let next = match gas_used.cmp(&target) {
            core::cmp::Ordering::Equal => base_fee,
            core::cmp::Ordering::Greater => {
                base_fee.saturating_add(delta(gas_used.saturating_sub(target)).max(1))
            }
            core::cmp::Ordering::Less => {
                base_fee.saturating_sub(delta(target.saturating_sub(gas_used)))
            }
        };
        next.max(self.base_fee_min)
    }
}

#[cfg(test)]
mod tests;
