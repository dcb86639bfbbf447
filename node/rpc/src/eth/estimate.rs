//! `eth_estimateGas`: the smallest gas limit at which a call succeeds, found as geth finds it.

use alloy_primitives::{TxKind, U64, U256};
use minster_evm::{InvalidTransaction, Oracle, Outcome};
use minster_params::constants::TRANSACTION_GAS_LIMIT_MAX;
use minster_primitives::KECCAK256_EMPTY;

use super::call::{PreparedCall, Spent};
use crate::{
    api::Api, arguments::Arguments, error::ApiError, gate::Deadline, halt, methods::Answer,
};

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;

/// Gas that a call with value hands on for free: a limit must cover it although it is not used.
const CALL_STIPEND: u64 = 2_300;

/// The search ends when the answer is at most this much above the truth (1.5 %), as in geth.
const ERROR_RATIO_DIVISOR: u64 = 66;

pub(crate) fn estimate_gas(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let deadline = Deadline::new(&api.config);
    let call = PreparedCall::to_send(api, arguments)?;
    Ok(U64::from(estimate(call, deadline)?))
}

/// The estimate. The search for it is given up when nobody waits for it any more.
pub(crate) fn estimate(mut call: PreparedCall, deadline: Deadline) -> Answer<u64> {
    // Less than a transfer takes is as good as none, as in geth.
    let named = call.named_gas.filter(|gas| *gas >= TRANSFER_GAS);
    let maximum = named.unwrap_or(call.context.gas_limit).min(TRANSACTION_GAS_LIMIT_MAX);
    let mut high = maximum.min(affordable(&mut call)?).min(call.gas_max);
    // When this fails for another reason than its gas, the next run says so.
    if is_transfer(&mut call)? && succeeds_at(&call, TRANSFER_GAS).unwrap_or(false) {
        return Ok(TRANSFER_GAS);
    }
    let Spent { execution, gas } = match call.spend_at(high) {
        Ok(ran) => ran,
        Err(ApiError::Refused(refusal)) if is_short_of_gas(&refusal.reason) => {
            return Err(ApiError::GasExceedsAllowance { allowance: high });
        }
        Err(error) => return Err(error),
    };
    match call.failure(&execution, high) {
        Some(ApiError::Halted { words }) if halt::is_out_of_gas(&words) => {
            return Err(ApiError::GasExceedsAllowance { allowance: high });
        }
        Some(error) => return Err(error),
        None => {}
    }
    // Less than what was used can never do: refunds come after.
    let mut low = execution.gas_used.saturating_sub(1);
    // 63/64 of the gas is handed on; mostly this is enough, and saves the search. What was used is
    // more than what was spent where the floor (EIP-7623) is.
    let spent = gas.max(execution.gas_used);
    let guess = spent.saturating_add(CALL_STIPEND).saturating_mul(64) / 63;
    if guess < high {
        deadline.check()?;
        if succeeds_at(&call, guess)? {
            high = guess;
        } else {
            low = guess;
        }
    }
    while low.saturating_add(1) < high {
        if high - low < high / ERROR_RATIO_DIVISOR {
            break;
        }
        deadline.check()?;
        // Most calls need little more than they use: start the search at the low end.
        let middle = low.midpoint(high).min(low.saturating_mul(2).max(low + 1));
        if succeeds_at(&call, middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// The most gas that the sender can pay for at the price it names.
fn affordable(call: &mut PreparedCall) -> Answer<u64> {
    if call.described.request.gas_price == 0 {
        return Ok(u64::MAX);
    }
    let from = call.state.account(call.described.request.from)?;
    let balance = from.map_or(U256::ZERO, |account| account.balance);
    // One that has just its value cannot pay for any gas.
    let rest = balance.saturating_sub(call.described.request.value);
    if rest.is_zero() {
        return Err(ApiError::TransferFunds);
    }
    Ok(u64::try_from(rest / U256::from(call.described.request.gas_price)).unwrap_or(u64::MAX))
}

/// Whether this only moves ether to an account without code.
fn is_transfer(call: &mut PreparedCall) -> Answer<bool> {
    let TxKind::Call(to) = call.described.request.kind else { return Ok(false) };
    if !call.described.request.input.is_empty()
        || !call.described.request.authorization_list.is_empty()
    {
        return Ok(false);
    }
    let account = call.state.account(to)?;
    Ok(account.is_none_or(|account| account.code_hash == KECCAK256_EMPTY))
}

/// Whether the call succeeds at this gas limit.
fn succeeds_at(call: &PreparedCall, gas_limit: u64) -> Answer<bool> {
    match call.run_at(gas_limit) {
        Ok(execution) => Ok(execution.outcome == Outcome::Success),
        Err(ApiError::Refused(refusal)) if is_short_of_gas(&refusal.reason) => Ok(false),
        Err(error) => Err(error),
    }
}

const fn is_short_of_gas(reason: &InvalidTransaction) -> bool {
    matches!(reason, InvalidTransaction::CallGasCostMoreThanGasLimit { .. })
}
