//! State and block overrides of calls: a state that differs in what the caller says.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{
    Address, B256, U256, keccak256,
    map::{AddressHashMap, B256HashMap, HashMap},
};
use alloy_rpc_types_eth::{
    BlockOverrides,
    state::{AccountOverride, StateOverride},
};
use minster_evm::{BlockContext, Bytecode, Oracle};
use minster_primitives::{Account, KECCAK256_EMPTY};
use minster_sequencer::{StateError, StateView};

use crate::error::ApiError;

/// Index of the state overrides among a call's arguments.
const STATE_ARGUMENT: usize = 2;
/// Index of the block overrides among a call's arguments.
const BLOCK_ARGUMENT: usize = 3;

/// What differs.
#[derive(Debug, Default)]
struct Changes {
    accounts: AddressHashMap<AccountChange>,
    codes: B256HashMap<Bytecode>,
    block_hashes: BTreeMap<u64, B256>,
}

#[derive(Debug, Default)]
struct AccountChange {
    balance: Option<U256>,
    nonce: Option<u64>,
    code_hash: Option<B256>,
    slots: HashMap<U256, U256>,
    /// Whether slots that are not named are zero.
    is_whole_storage: bool,
}

/// A state with changes laid over it.
#[derive(Debug, Clone)]
pub(crate) struct OverriddenState {
    below: StateView,
    changes: Arc<Changes>,
}

impl OverriddenState {
    /// Lays the overrides over a state, and those of the block over a context.
    pub(crate) fn new(
        below: StateView,
        state: Option<StateOverride>,
        block: Option<BlockOverrides>,
        context: &mut BlockContext,
    ) -> Result<Self, ApiError> {
        let mut changes = Changes::default();
        for (address, account) in state.into_iter().flatten() {
            let change = account_change(account, &mut changes.codes)?;
            changes.accounts.insert(address, change);
        }
        if let Some(block) = block {
            changes.block_hashes = override_block(block, context)?;
        }
        Ok(Self { below, changes: Arc::new(changes) })
    }
}

fn account_change(
    account: AccountOverride,
    codes: &mut B256HashMap<Bytecode>,
) -> Result<AccountChange, ApiError> {
    if account.move_precompile_to.is_some() {
        return Err(refused(STATE_ARGUMENT, "movePrecompileToAddress is not supported"));
    }
    if account.state.is_some() && account.state_diff.is_some() {
        return Err(refused(STATE_ARGUMENT, "account has both 'state' and 'stateDiff'"));
    }
    let is_whole_storage = account.state.is_some();
    let slots = account.state.or(account.state_diff).unwrap_or_default();
    let mut change = AccountChange {
        balance: account.balance,
        nonce: account.nonce,
        slots: slots.into_iter().map(|(slot, value)| (slot.into(), value.into())).collect(),
        is_whole_storage,
        ..Default::default()
    };
    if let Some(code) = account.code {
        let hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(&code) };
        let bytecode = Bytecode::new_raw_checked(code)
            .map_err(|error| refused(STATE_ARGUMENT, &format!("code: {error}")))?;
        codes.insert(hash, bytecode);
        change.code_hash = Some(hash);
    }
    Ok(change)
}

fn override_block(
    block: BlockOverrides,
    context: &mut BlockContext,
) -> Result<BTreeMap<u64, B256>, ApiError> {
    let too_large = |bits: u32| refused(BLOCK_ARGUMENT, &format!("hex number > {bits} bits"));
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
        let below = self.below.account(address)?;
        let Some(change) = self.changes.accounts.get(&address) else { return Ok(below) };
        let below = below.unwrap_or_default();
        Ok(Some(Account {
            nonce: change.nonce.unwrap_or(below.nonce),
            balance: change.balance.unwrap_or(below.balance),
            code_hash: change.code_hash.unwrap_or(below.code_hash),
        }))
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, StateError> {
        match self.changes.codes.get(&code_hash) {
            Some(code) => Ok(code.clone()),
            None => self.below.code(code_hash),
        }
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(change) = self.changes.accounts.get(&address) {
            if let Some(value) = change.slots.get(&slot) {
                return Ok(*value);
            }
            if change.is_whole_storage {
                return Ok(U256::ZERO);
            }
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
