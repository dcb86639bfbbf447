//! State and block overrides of calls: a state that differs in what the caller says.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{
    Address, B256, U256, keccak256,
    map::{AddressHashMap, AddressHashSet, B256HashMap, HashMap},
};
use alloy_rpc_types_eth::{
    BlockOverrides,
    state::{AccountOverride, StateOverride},
};
use minster_evm::{BlockContext, Bytecode, Oracle, bytecode};
use minster_primitives::{Account, KECCAK256_EMPTY, StateDiff};
use minster_sequencer::{StateError, StateView};

use super::{
    redirects::{Redirects, is_precompile},
    simulate::SimulateError,
};
use crate::{error::ApiError, methods::Answer};

/// What differs.
#[derive(Debug, Clone, Default)]
struct Changes {
    accounts: AddressHashMap<Option<Account>>,
    slots: HashMap<(Address, U256), U256>,
    /// Accounts whose slots are zero unless `slots` has them.
    bare: AddressHashSet,
    codes: B256HashMap<Bytecode>,
    block_hashes: BTreeMap<u64, B256>,
}

/// A state with changes laid over it.
#[derive(Debug, Clone)]
pub(crate) struct OverriddenState {
    below: StateView,
    redirects: Redirects,
    changes: Arc<Changes>,
}

impl OverriddenState {
    /// A state as it is.
    pub(crate) fn new(below: StateView) -> Self {
        Self { below, redirects: Redirects::default(), changes: Arc::default() }
    }

    /// Lays state overrides over it. `argument` is their index among the request's, for messages.
    pub(crate) fn lay(
        &mut self,
        overrides: StateOverride,
        limit: &OverrideLimit,
        argument: usize,
    ) -> Answer<()> {
        limit.check(&overrides)?;
        self.move_precompiles(&overrides, argument)?;
        for (address, account) in overrides {
            self.lay_account(address, account, argument)?;
        }
        Ok(())
    }

    /// geth's rules: whatever is overridden is no precompile any more, and a precompile is moved to
    /// where nothing else is put.
    fn move_precompiles(&mut self, overrides: &StateOverride, argument: usize) -> Answer<()> {
        for (address, account) in overrides {
            if self.redirects.is_target(address) {
                let reason =
                    format!("account {address} has already been overridden by a precompile");
                return Err(refused(argument, &reason));
            }
            let is_precompile = is_precompile(address);
            if let Some(target) = account.move_precompile_to {
                if !is_precompile {
                    let reason = format!("account {address} is not a precompile");
                    return Err(refused(argument, &reason));
                }
                if target == *address {
                    return Err(SimulateError::MovedToItself { address: target }.into());
                }
                if self.redirects.is_target(&target) {
                    return Err(SimulateError::MovedTwice { address: target }.into());
                }
                if overrides.contains_key(&target) {
                    let reason = format!("account {target} is already overridden");
                    return Err(refused(argument, &reason));
                }
                self.redirects.add(*address, target);
            }
            if is_precompile {
                self.redirects.replace(*address);
            }
        }
        Ok(())
    }

    /// What calls are told instead of where they go.
    pub(crate) fn redirects(&self) -> Redirects {
        self.redirects.clone()
    }

    fn lay_account(
        &mut self,
        address: Address,
        overrides: AccountOverride,
        argument: usize,
    ) -> Answer<()> {
        let refused = |reason: &str| refused(argument, reason);
        let AccountOverride { balance, nonce, code, state, state_diff, .. } = overrides;
        if state.is_some() && state_diff.is_some() {
            return Err(refused("account has both 'state' and 'stateDiff'"));
        }
        let names_account = balance.is_some() || nonce.is_some() || code.is_some();
        let mut account = self.account(address)?.unwrap_or_default();
        account.balance = balance.unwrap_or(account.balance);
        account.nonce = nonce.unwrap_or(account.nonce);
        let changes = Arc::make_mut(&mut self.changes);
        if let Some(code) = code {
            account.code_hash = KECCAK256_EMPTY;
            if !code.is_empty() {
                account.code_hash = keccak256(&code);
                let bytecode = Bytecode::new_raw_checked(code)
                    .map_err(|error| refused(&format!("code: {error}")))?;
                changes.codes.insert(account.code_hash, bytecode);
            }
        }
        if names_account {
            changes.accounts.insert(address, Some(account));
        }
        if state.is_some() {
            changes.slots.retain(|(owner, _), _| *owner != address);
            changes.bare.insert(address);
        }
        for (slot, value) in state.or(state_diff).into_iter().flatten() {
            changes.slots.insert((address, slot.into()), value.into());
        }
        Ok(())
    }

    /// Makes `BLOCKHASH` answer so.
    pub(crate) fn lay_block_hashes(&mut self, hashes: impl IntoIterator<Item = (u64, B256)>) {
        let mut hashes = hashes.into_iter().peekable();
        if hashes.peek().is_some() {
            Arc::make_mut(&mut self.changes).block_hashes.extend(hashes);
        }
    }

    /// Lays what a run changed over it.
    pub(crate) fn apply(&mut self, diff: StateDiff) {
        let changes = Arc::make_mut(&mut self.changes);
        changes.accounts.extend(diff.accounts);
        changes.slots.extend(diff.storage);
        changes.codes.extend(diff.codes.into_iter().map(|(hash, code)| (hash, bytecode(code))));
    }
}

/// How much the overrides of one request may name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OverrideLimit {
    /// Accounts and slots together.
    pub(crate) maximum: usize,
}

impl OverrideLimit {
    fn check(&self, overrides: &StateOverride) -> Answer<()> {
        let slots = |account: &AccountOverride| {
            let count = |map: Option<usize>| map.unwrap_or_default();
            count(account.state.as_ref().map(|map| map.len()))
                + count(account.state_diff.as_ref().map(|map| map.len()))
        };
        let entries: usize = overrides.values().map(|account| 1 + slots(account)).sum();
        if entries > self.maximum {
            return Err(ApiError::TooManyOverrides { maximum: self.maximum });
        }
        Ok(())
    }
}

/// Lays the overrides of a block over a context; gives those of `BLOCKHASH`.
pub(crate) fn override_block(
    block: BlockOverrides,
    context: &mut BlockContext,
    argument: usize,
) -> Answer<BTreeMap<u64, B256>> {
    let too_large = |bits: u32| refused(argument, &format!("hex number > {bits} bits"));
    if let Some(number) = block.number {
        context.number = u64::try_from(number).map_err(|_| too_large(64))?;
    }
    if let Some(base_fee) = block.base_fee {
        context.base_fee = u64::try_from(base_fee).map_err(|_| too_large(64))?;
    }
    if let Some(blob_base_fee) = block.blob_base_fee {
        context.blob_base_fee = u128::try_from(blob_base_fee).map_err(|_| too_large(128))?;
    }
    context.timestamp = block.time.unwrap_or(context.timestamp);
    context.gas_limit = block.gas_limit.unwrap_or(context.gas_limit);
    context.coinbase = block.coinbase.unwrap_or(context.coinbase);
    context.prev_randao = block.random.unwrap_or(context.prev_randao);
    Ok(block.block_hash.unwrap_or_default())
}

fn refused(index: usize, reason: &str) -> ApiError {
    ApiError::InvalidArgument { index, reason: reason.to_owned() }
}

impl Oracle for OverriddenState {
    type Error = StateError;

    fn account(&mut self, address: Address) -> Result<Option<Account>, StateError> {
        match self.changes.accounts.get(&address) {
            Some(account) => Ok(*account),
            None => self.below.account(address),
        }
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, StateError> {
        match self.changes.codes.get(&code_hash) {
            Some(code) => Ok(code.clone()),
            None => self.below.code(code_hash),
        }
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(value) = self.changes.slots.get(&(address, slot)) {
            return Ok(*value);
        }
        if self.changes.bare.contains(&address) {
            return Ok(U256::ZERO);
        }
        self.below.storage(address, slot)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        match self.changes.block_hashes.get(&number) {
            Some(hash) => Ok(*hash),
            None => self.below.block_hash(number),
        }
    }
}
