//! State and block overrides of calls: a state that differs in what the caller says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use alloy_primitives::{
    Address, B256, U256, keccak256,
    map::{AddressHashMap, B256HashMap, HashMap},
};
use alloy_rpc_types_eth::state::{AccountOverride, StateOverride};
use minster_evm::{BlockContext, Bytecode, Oracle, bytecode};
use minster_primitives::{Account, KECCAK256_EMPTY, StateDiff};
use minster_sequencer::{StateError, StateView};

use super::{
    redirects::{Redirects, is_precompile},
    simulate::SimulateError,
};
use crate::{error::ApiError, methods::Answer, read::BlockOverrides};

/// What differs.
#[derive(Debug, Clone, Default)]
struct Changes {
    accounts: AddressHashMap<Option<Account>>,
    slots: AddressHashMap<Slots>,
    codes: B256HashMap<Bytecode>,
    block_hashes: BTreeMap<u64, B256>,
}

/// The slots of an account that differ.
#[derive(Debug, Clone, Default)]
struct Slots {
    values: HashMap<U256, U256>,
    /// Whether those that are not named are zero.
    is_bare: bool,
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

    /// Lays state overrides over it, in the order of addresses: which of several mistakes is told
    /// does not change from one time to the next.
    pub(crate) fn lay(
        &mut self,
        overrides: StateOverride,
        limit: &mut OverrideLimit,
    ) -> Answer<()> {
        limit.charge(&overrides)?;
        let overrides: BTreeMap<_, _> = overrides.into_iter().collect();
        let addresses: BTreeSet<Address> = overrides.keys().copied().collect();
        for (address, account) in overrides {
            self.move_precompile(address, &account, &addresses)?;
            self.lay_account(address, account)?;
        }
        Ok(())
    }

    /// geth's rules: whatever is overridden is no precompile any more, and a precompile is moved to
    /// where no account is overridden; of several that are moved to one place the last is there.
    fn move_precompile(
        &mut self,
        address: Address,
        account: &AccountOverride,
        overridden: &BTreeSet<Address>,
    ) -> Answer<()> {
        if self.redirects.is_target(&address) {
            let words = format!("account {address} has already been overridden by a precompile");
            return Err(refused(words));
        }
        let is_precompile = is_precompile(&address);
        if let Some(target) = account.move_precompile_to {
            if !is_precompile {
                return Err(refused(format!("account {address} is not a precompile")));
            }
            if target == address {
                return Err(SimulateError::MovedToItself { address: target }.into());
            }
            if overridden.contains(&target) {
                return Err(refused(format!("account {target} is already overridden")));
            }
            self.redirects.add(address, target);
        }
        if is_precompile {
            self.redirects.replace(address);
        }
        Ok(())
    }

    /// Puts every precompile back to where it belongs, for the next simulated block.
    pub(crate) fn put_precompiles_back(&mut self) {
        self.redirects = Redirects::default();
    }

    /// What calls are told instead of where they go.
    pub(crate) fn redirects(&self) -> Redirects {
        self.redirects.clone()
    }

    fn lay_account(&mut self, address: Address, overrides: AccountOverride) -> Answer<()> {
        let AccountOverride { balance, nonce, code, state, state_diff, .. } = overrides;
        if state.is_some() && state_diff.is_some() {
            return Err(refused(format!("account {address} has both 'state' and 'stateDiff'")));
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
                    .map_err(|error| refused(format!("code of account {address}: {error}")))?;
                changes.codes.insert(account.code_hash, bytecode);
            }
        }
        if names_account {
            changes.accounts.insert(address, Some(account));
        }
        if state.is_some() {
            changes.slots.insert(address, Slots { is_bare: true, ..Slots::default() });
        }
        if let Some(values) = state.or(state_diff) {
            let values =
                values.into_iter().map(|(slot, value)| (U256::from_be_bytes(slot.0), value.into()));
            changes.slots.entry(address).or_default().values.extend(values);
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
        for ((address, slot), value) in diff.storage {
            changes.slots.entry(address).or_default().values.insert(slot, value);
        }
        changes.codes.extend(diff.codes.into_iter().map(|(hash, code)| (hash, bytecode(code))));
    }
}

/// How much the overrides of one request may still name: accounts and slots together.
#[derive(Debug)]
pub(crate) struct OverrideLimit {
    maximum: usize,
    left: usize,
}

impl OverrideLimit {
    pub(crate) const fn new(maximum: usize) -> Self {
        Self { maximum, left: maximum }
    }

    fn charge(&mut self, overrides: &StateOverride) -> Answer<()> {
        let slots = |account: &AccountOverride| {
            let count = |map: Option<usize>| map.unwrap_or_default();
            count(account.state.as_ref().map(|map| map.len()))
                + count(account.state_diff.as_ref().map(|map| map.len()))
        };
        let entries: usize = overrides.values().map(|account| 1 + slots(account)).sum();
        let left = self.left.checked_sub(entries);
        self.left = left.ok_or(ApiError::TooManyOverrides { maximum: self.maximum })?;
        Ok(())
    }
}

/// What a call is not told of: geth's words.
pub(crate) fn refuse_beacon_chain(block: &BlockOverrides) -> Answer<()> {
    let overridden =
        [("beaconRoot", block.beacon_root.is_some()), ("withdrawals", block.withdrawals.is_some())];
    match overridden.into_iter().find(|(_, is_overridden)| *is_overridden) {
        Some((name, _)) => {
            Err(refused(format!("block override \"{name}\" is not supported for this RPC method")))
        }
        None => Ok(()),
    }
}

/// Lays the overrides of a block over a context; gives those of `BLOCKHASH`.
pub(crate) fn override_block(
    block: BlockOverrides,
    context: &mut BlockContext,
) -> BTreeMap<u64, B256> {
    context.number = block.number.unwrap_or(context.number);
    context.timestamp = block.time.unwrap_or(context.timestamp);
    context.gas_limit = block.gas_limit.unwrap_or(context.gas_limit);
    context.coinbase = block.coinbase.unwrap_or(context.coinbase);
    context.prev_randao = block.prev_randao.unwrap_or(context.prev_randao);
    context.base_fee = block.base_fee.unwrap_or(context.base_fee);
    context.blob_base_fee = block.blob_base_fee.unwrap_or(context.blob_base_fee);
    block.block_hashes.unwrap_or_default()
}

const fn refused(reason: String) -> ApiError {
    ApiError::Override { reason }
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
        let slots = self.changes.slots.get(&address);
        match slots.and_then(|slots| slots.values.get(&slot)) {
            Some(value) => Ok(*value),
            None if slots.is_some_and(|slots| slots.is_bare) => Ok(U256::ZERO),
            None => self.below.storage(address, slot),
        }
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        match self.changes.block_hashes.get(&number) {
            Some(hash) => Ok(*hash),
            None => self.below.block_hash(number),
        }
    }
}
