//! The genesis state with its precontracts: constructors run here, in the same machine.

use alloc::vec::Vec;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use minster_evm::{BlockContext, EvmEnvironment, MapOracle, Outcome};
use minster_params::{
    ChainConfig, Genesis, GenesisAccount,
    constants::{BLOB_BASE_FEE, TRANSACTION_GAS_LIMIT_MAX},
    precontracts::{CREATE2_DEPLOYER, PRECONTRACTS, Precontract, PrecontractCode},
};
use minster_primitives::{Envelope, StateDiff, Transaction, TxDeposit, alloy_consensus::Sealable};
use thiserror::Error;

/// Why the precontracts could not be installed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PrecontractError {
    /// The genesis gives one of their addresses to something else.
    #[error("genesis already has an account at {address}, where the precontract {name} belongs")]
    Occupied {
        /// Name of the precontract.
        name: &'static str,
        /// Its address.
        address: Address,
    },
    /// A constructor failed.
    #[error("the constructor of {name} failed: {outcome:?}")]
    Constructor {
        /// Name of the precontract.
        name: &'static str,
        /// How it ended.
        outcome: Outcome,
    },
    /// A constructor ran, but left no code where it should.
    #[error("the constructor of {name} left no code at {address}")]
    NoCode {
        /// Name of the precontract.
        name: &'static str,
        /// Where code should be.
        address: Address,
    },
}

/// Adds every precontract of spec/precontracts.md to a genesis.
///
/// # Errors
/// When an address is taken or a constructor fails.
pub fn install_precontracts(genesis: &mut Genesis) -> Result<(), PrecontractError> {
    for precontract in &PRECONTRACTS {
        let Precontract { name, address, code } = *precontract;
        if genesis.accounts.contains_key(&address) {
            return Err(PrecontractError::Occupied { name, address });
        }
        match code {
            PrecontractCode::Runtime(code) => {
                let account = GenesisAccount {
                    nonce: 1,
                    code: Bytes::from_static(code),
                    ..Default::default()
                };
                genesis.accounts.insert(address, account);
            }
            PrecontractCode::Constructor { salt, init_code, creates } => {
                let mut input = Vec::from(salt.as_slice());
                input.extend_from_slice(init_code);
                let diff = construct(genesis, name, input.into())?;
                for address in core::iter::once(&address).chain(creates) {
                    let account = created_account(&diff, *address)
                        .ok_or(PrecontractError::NoCode { name, address: *address })?;
                    genesis.accounts.insert(*address, account);
                }
            }
        }
    }
    Ok(())
}

/// Calls the CREATE2 deployer and returns all that changed.
fn construct(
    genesis: &Genesis,
    name: &'static str,
    input: Bytes,
) -> Result<StateDiff, PrecontractError> {
    let mut oracle = MapOracle::default();
    oracle.apply(genesis.state());
    let mut machine = EvmEnvironment::new(oracle);
    machine.set_block(&genesis_context(&genesis.config, genesis.timestamp));
    let call = TxDeposit {
        to: TxKind::Call(CREATE2_DEPLOYER),
        gas_limit: TRANSACTION_GAS_LIMIT_MAX,
        input,
        ..Default::default()
    };
    let transaction =
        Transaction::from_trusted_parts(Envelope::Deposit(call.seal_slow()), Address::ZERO);
    let outcome = match machine.execute(&transaction) {
        Ok(execution) => execution.outcome,
        Err(error) => Outcome::Halt { reason: alloc::format!("{error}") },
    };
    if outcome != Outcome::Success {
        return Err(PrecontractError::Constructor { name, outcome });
    }
    Ok(machine.take_diff())
}

fn created_account(diff: &StateDiff, address: Address) -> Option<GenesisAccount> {
    let account = diff.accounts.get(&address).copied().flatten()?;
    let code = diff.codes.get(&account.code_hash)?.clone();
    let first = (address, U256::ZERO);
    let last = (address, U256::MAX);
    let storage = diff.storage.range(first..=last).map(|((_, slot), value)| (*slot, *value));
    Some(GenesisAccount {
        nonce: account.nonce,
        balance: account.balance,
        code,
        storage: storage.collect(),
    })
}

fn genesis_context(config: &ChainConfig, timestamp: u64) -> BlockContext {
    BlockContext {
        chain_id: config.chain_id,
        number: 0,
        timestamp,
        gas_limit: config.block_gas_limit,
        base_fee: config.base_fee_initial,
        coinbase: config.fee_vault,
        prev_randao: Default::default(),
        parent_hash: Default::default(),
        l1_origin: Default::default(),
        blob_base_fee: BLOB_BASE_FEE,
        transaction_cycles_max: u64::MAX,
        block_cycles_max: u64::MAX,
    }
}

#[cfg(test)]
mod tests;
