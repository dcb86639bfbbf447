//! The state before block 1.

use alloc::{collections::BTreeMap, vec::Vec};

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use minster_primitives::{Account, StateDiff};
use thiserror::Error;

use crate::{ChainConfig, ChainConfigError, constants};

/// One account of the genesis state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Runtime code.
    pub code: Bytes,
    /// Storage; zero values are left out.
    pub storage: BTreeMap<U256, U256>,
}

/// Config, time and accounts at block 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// The chain's parameters.
    pub config: ChainConfig,
    /// Timestamp of block 0 in seconds.
    pub timestamp: u64,
    /// Every account that exists.
    pub accounts: BTreeMap<Address, GenesisAccount>,
}

/// Why a genesis is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GenesisError {
    /// The config is out of range.
    #[error("genesis config: {source}")]
    Config {
        /// Which field.
        #[from]
        source: ChainConfigError,
    },
    /// Balances are 128-bit and must stay so.
    #[error("the genesis balances add up to more than {maximum} wei")]
    Supply {
        /// Largest sum.
        maximum: u128,
    },
    /// No account gets storage before it has a nonce (EIP-7610's check rests on it).
    #[error("genesis account {address} has storage but neither nonce nor code")]
    StorageAlone {
        /// The account.
        address: Address,
    },
}

impl Genesis {
    /// Checks the config, the sum of balances, and that storage belongs to contracts.
    ///
    /// # Errors
    /// Says what is out of range.
    pub fn validate(&self) -> Result<(), GenesisError> {
        self.config.validate()?;
        let maximum = U256::from(constants::GENESIS_SUPPLY_MAX);
        let mut supply = U256::ZERO;
        for (address, account) in &self.accounts {
            supply = supply.saturating_add(account.balance);
            let has_storage = account.storage.values().any(|value| !value.is_zero());
            if has_storage && account.nonce == 0 && account.code.is_empty() {
                return Err(GenesisError::StorageAlone { address: *address });
            }
        }
        if supply > maximum {
            return Err(GenesisError::Supply { maximum: constants::GENESIS_SUPPLY_MAX });
        }
        Ok(())
    }

    /// The whole state as a diff from nothing.
    #[must_use]
    pub fn state(&self) -> StateDiff {
        let mut diff = StateDiff::default();
        for (address, genesis) in &self.accounts {
            let code_hash =
                if genesis.code.is_empty() { KECCAK256_EMPTY } else { keccak256(&genesis.code) };
            let account = Account { nonce: genesis.nonce, balance: genesis.balance, code_hash };
            if account.is_empty() {
                continue;
            }
            diff.accounts.insert(*address, Some(account));
            if code_hash != KECCAK256_EMPTY {
                diff.codes.insert(code_hash, genesis.code.clone());
            }
            for (slot, value) in &genesis.storage {
                if !value.is_zero() {
                    diff.storage.insert((*address, *slot), *value);
                }
            }
        }
        diff
    }

    /// Names the chain on disk: keccak256 over the config's hash, the timestamp and every account.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut out = Vec::new();
        out.extend_from_slice(self.config.hash().as_slice());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        for (address, account) in &self.accounts {
            out.extend_from_slice(address.as_slice());
            out.extend_from_slice(&account.nonce.to_be_bytes());
            out.extend_from_slice(&account.balance.to_be_bytes::<32>());
            out.extend_from_slice(keccak256(&account.code).as_slice());
            for (slot, value) in &account.storage {
                out.extend_from_slice(&slot.to_be_bytes::<32>());
                out.extend_from_slice(&value.to_be_bytes::<32>());
            }
        }
        keccak256(out)
    }
}

#[cfg(test)]
mod tests;
