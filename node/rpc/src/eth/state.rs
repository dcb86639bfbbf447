//! Accounts, and constants of the chain.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use minster_primitives::Account;

use crate::{
    api::Api, arguments::Arguments, block_parameter::BlockParameter, error::ApiError,
    methods::Answer, read::SlotKey,
};

pub(crate) fn chain_id(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    Ok(U64::from(api.chain().config().chain_id))
}

/// A sequencer has nobody to catch up with.
pub(crate) fn syncing(_: &Api, _: &Arguments<'_>) -> Answer<bool> {
    Ok(false)
}

/// Who receives the tips.
pub(crate) fn coinbase(api: &Api, _: &Arguments<'_>) -> Answer<Address> {
    Ok(api.chain().config().fee_vault)
}

pub(crate) fn balance(api: &Api, arguments: &Arguments<'_>) -> Answer<U256> {
    Ok(account(api, arguments.required(0)?, arguments.or_default(1)?)?.balance)
}

/// At `pending` the executable pool counts too.
pub(crate) fn transaction_count(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let address = arguments.required(0)?;
    let parameter = arguments.or_default(1)?;
    let nonce = account(api, address, parameter)?.nonce;
    Ok(U64::from(match parameter {
        BlockParameter::Pending => api.pool().pending_nonce(address, nonce),
        _ => nonce,
    }))
}

pub(crate) fn code(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let address = arguments.required(0)?;
    let (state, block) = api.state(arguments.or_default(1)?)?;
    let account = state.account(address).map_err(|error| ApiError::from(error).at_block(block))?;
    let Some(account) = account else { return Ok(Bytes::new()) };
    Ok(state.code(account.code_hash)?.original_bytes())
}

pub(crate) fn storage_at(api: &Api, arguments: &Arguments<'_>) -> Answer<B256> {
    let address = arguments.required(0)?;
    let key: String = arguments.required(1)?;
    let parameter = arguments.or_default(2)?;
    let (state, block) = api.state(parameter)?;
    let SlotKey { slot, .. } = slot_key(&key)?;
    let value = state.storage(address, slot);
    Ok(value.map_err(|error| ApiError::from(error).at_block(block))?.into())
}

/// Arguments `[slots by address, block]`.
pub(crate) fn storage_values(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<BTreeMap<Address, Vec<B256>>> {
    let wanted: BTreeMap<Address, Vec<B256>> = arguments.required(0)?;
    let parameter = arguments.or_default(1)?;
    let count: usize = wanted.values().map(Vec::len).sum();
    let maximum = api.config.proof_slots_max;
    if count > maximum {
        return Err(ApiError::TooManyStorageValues { maximum });
    }
    if count == 0 {
        return Err(ApiError::NoStorageValues);
    }
    let (state, block) = api.state(parameter)?;
    let value = |address, slot: B256| -> Answer<B256> {
        let value = state.storage(address, slot.into());
        Ok(value.map_err(|error| ApiError::from(error).at_block(block))?.into())
    };
    let values = wanted.into_iter().map(|(address, slots)| {
        let values = slots.into_iter().map(|slot| value(address, slot));
        Ok((address, values.collect::<Answer<_>>()?))
    });
    values.collect()
}

/// A storage key, or why it is none.
pub(super) fn slot_key(text: &str) -> Answer<SlotKey> {
    SlotKey::parse(text).map_err(|reason| ApiError::StorageKey { reason })
}

fn account(api: &Api, address: Address, parameter: BlockParameter) -> Answer<Account> {
    let (state, block) = api.state(parameter)?;
    let account = state.account(address);
    Ok(account.map_err(|error| ApiError::from(error).at_block(block))?.unwrap_or_default())
}
