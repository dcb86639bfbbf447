//! What the run has changed so far, over an oracle of what was there before.

use alloc::{
    collections::{BTreeMap, btree_map::Entry},
    vec::Vec,
};

use alloy_primitives::{Address, B256, Bytes, U256};
use minster_primitives::{Account, AddressWords, Change, KECCAK256_EMPTY, StateDiff};
use revm::{
    Database,
    bytecode::Bytecode,
    database_interface::DBErrorMarker,
    state::AccountInfo,
    state::{AccountStatus, EvmState},
};
use thiserror::Error;

use crate::{Oracle, touched::Touched};

/// An oracle's error in the form that the machine carries.
#[derive(Debug, Error)]
#[error("state oracle: {0}")]
pub struct OracleError<E: core::error::Error>(pub E);

impl<E: core::error::Error + Send + Sync + 'static> DBErrorMarker for OracleError<E> {}

/// Reads fall through to the oracle; writes stay here until `take_diff`.
#[derive(Debug)]
pub struct Overlay<O> {
    oracle: O,
    /// What [`Overlay::take_diff`] gives, under names that are compared faster. Accounts are beside
    /// the tree of their names, because a tree moves what it holds.
    account_places: BTreeMap<AddressWords, usize>,
    accounts: Vec<Option<Account>>,
    storage: BTreeMap<(AddressWords, U256), U256>,
    new_codes: BTreeMap<B256, Bytes>,
    codes: BTreeMap<B256, Bytecode>,
    changes: Vec<Change>,
    touched: Touched,
}

impl<O: Oracle> Overlay<O> {
    pub(crate) const fn new(oracle: O) -> Self {
        Self {
            oracle,
            account_places: BTreeMap::new(),
            accounts: Vec::new(),
            storage: BTreeMap::new(),
            new_codes: BTreeMap::new(),
            codes: BTreeMap::new(),
            changes: Vec::new(),
            touched: Touched::new(),
        }
    }

    /// What the block has touched so far.
    pub(crate) const fn touched_mut(&mut self) -> &mut Touched {
        &mut self.touched
    }

    /// The oracle below.
    pub const fn oracle_mut(&mut self) -> &mut O {
        &mut self.oracle
    }

    /// The account as the run left it.
    pub(crate) fn account(&mut self, address: Address) -> Result<Option<Account>, O::Error> {
        let place = self.account_places.get(&address.into());
        match place.and_then(|place| self.accounts.get(*place)) {
            Some(account) => Ok(*account),
            None => self.oracle.account(address),
        }
    }

    pub(crate) fn set_account(
        &mut self,
        address: Address,
        account: Account,
    ) -> Result<(), O::Error> {
        let before = self.account(address)?;
        self.keep_account(address, before, (!account.is_empty()).then_some(account));
        Ok(())
    }

    /// Takes everything that changed since the last take or [`Overlay::forget_changes`], in order.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        core::mem::take(&mut self.changes)
    }

    pub(crate) fn forget_changes(&mut self) {
        self.changes.clear();
    }

    /// Takes what changed since the last take. From then on the oracle must answer with it.
    pub(crate) fn take_diff(&mut self) -> StateDiff {
        self.codes.clear();
        let accounts = core::mem::take(&mut self.accounts);
        let account = |place: usize| accounts.get(place).copied().flatten();
        let places = core::mem::take(&mut self.account_places).into_iter();
        let storage = core::mem::take(&mut self.storage).into_iter();
        // The order is the same, so nothing is sorted.
        StateDiff {
            accounts: places.map(|(address, place)| (address.into(), account(place))).collect(),
            storage: storage.map(|((of, slot), value)| ((of.into(), slot), value)).collect(),
            codes: core::mem::take(&mut self.new_codes),
        }
    }

    /// Keeps what a transaction changed.
    pub(crate) fn commit(&mut self, mut state: EvmState) {
        for (address, touched) in &mut state {
            let address = *address;
            if !touched.is_touched() {
                continue;
            }
            // As the transaction found it.
            let existed = !touched.status.contains(AccountStatus::LoadedAsNotExisting);
            let before = existed.then(|| account_of(touched.original_info_mut()));
            // EIP-6780: only an account created in this very transaction destroys itself, so
            // nothing it stored was ever kept.
            if touched.is_selfdestructed() {
                self.keep_account(address, before, None);
                continue;
            }
            let after = account_of(&touched.info);
            let after = (!after.is_empty()).then_some(after);
            let code_hash = touched.info.code_hash;
            let is_new_code = before.is_none_or(|before| before.code_hash != code_hash)
                && code_hash != KECCAK256_EMPTY;
            if let (true, Some(code)) = (is_new_code, touched.info.code.take()) {
                let bytes = code.original_bytes();
                let size = bytes.len();
                self.changes.push(Change::Code { code_hash, size });
                self.new_codes.insert(code_hash, bytes);
                self.codes.insert(code_hash, code);
            }
            self.keep_account(address, before, after);
            for (slot, value) in &touched.storage {
                let slot = *slot;
                if value.is_changed() {
                    let (before, after) = (value.original_value(), value.present_value());
                    self.changes.push(Change::Slot { address, slot, before, after });
                    self.storage.insert((address.into(), slot), after);
                }
            }
        }
    }

    fn keep_account(&mut self, address: Address, before: Option<Account>, after: Option<Account>) {
        if before != after {
            self.changes.push(Change::Account { address, before, after });
            match self.account_places.entry(address.into()) {
                Entry::Vacant(place) => {
                    place.insert(self.accounts.len());
                    self.accounts.push(after);
                }
                Entry::Occupied(place) => {
                    if let Some(account) = self.accounts.get_mut(*place.get()) {
                        *account = after;
                    }
                }
            }
        }
    }
}

/// An account from the machine's form of it.
const fn account_of(info: &AccountInfo) -> Account {
    let AccountInfo { nonce, balance, code_hash, .. } = *info;
    Account { nonce, balance, code_hash }
}

impl<O: Oracle> Database for Overlay<O> {
    type Error = OracleError<O::Error>;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Self::Error> {
        self.touched.account(address);
        let account = self.account(address).map_err(OracleError)?;
        Ok(account.as_ref().map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            code: (account.code_hash == KECCAK256_EMPTY).then(Bytecode::default),
        }))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, Self::Error> {
        if code_hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        let code = match self.codes.get(&code_hash) {
            Some(code) => code.clone(),
            None => self.oracle.code(code_hash).map_err(OracleError)?,
        };
        self.touched.code(code_hash, code.len());
        Ok(code)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        self.touched.slot(address, slot);
        match self.storage.get(&(address.into(), slot)) {
            Some(value) => Ok(*value),
            None => self.oracle.storage(address, slot).map_err(OracleError),
        }
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Self::Error> {
        self.touched.block_hash(number);
        self.oracle.block_hash(number).map_err(OracleError)
    }
}
