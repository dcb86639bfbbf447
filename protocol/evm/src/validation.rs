//! Checks of a transaction that need no state, for a pool that wants to refuse early.

use minster_primitives::Transaction;
use revm::{
    context::{Cfg, Context, TxEnv, result::InvalidTransaction},
    context_interface::ContextTr,
    database_interface::EmptyDB,
    handler::{
        MainnetContext,
        validation::{validate_initial_tx_gas_with_gas_params, validate_tx_env},
    },
    interpreter::InitialAndFloorGas,
    primitives::hardfork::SpecId,
};

use crate::{BlockContext, transaction::tx_env};

/// Checks everything that the block context and the transaction alone decide: chain id, gas cap,
/// fee fields, init code size, authorization list, intrinsic gas and the EIP-7623 floor.
///
/// # Errors
/// The same refusal that execution would give.
pub fn validate_transaction(
    transaction: &Transaction,
    context: &BlockContext,
) -> Result<(), InvalidTransaction> {
    let mut machine: MainnetContext<EmptyDB> = Context::new(EmptyDB::new(), SpecId::OSAKA);
    machine.cfg = context.cfg_env();
    machine.block = context.block_env();
    // A pool keeps what a later, lower base fee will admit.
    machine.block.basefee = 0;
    machine.tx = tx_env(transaction);
    validate_tx_env(&mut machine, SpecId::OSAKA)?;
    initial_gas(machine.tx(), machine.cfg()).map(|_| ())
}

/// Gas that a transaction pays before its first instruction, and its EIP-7623 floor.
///
/// # Errors
/// When the gas limit does not cover one of them.
pub fn intrinsic_gas(
    transaction: &Transaction,
    context: &BlockContext,
) -> Result<InitialAndFloorGas, InvalidTransaction> {
    initial_gas(&tx_env(transaction), &context.cfg_env())
}

fn initial_gas(tx: &TxEnv, cfg: &impl Cfg) -> Result<InitialAndFloorGas, InvalidTransaction> {
    validate_initial_tx_gas_with_gas_params(
        tx,
        SpecId::OSAKA,
        cfg.gas_params(),
        cfg.is_eip7623_disabled(),
        cfg.is_amsterdam_eip8037_enabled(),
        cfg.tx_gas_limit_cap(),
        None,
    )
}
