//! The latest state in memory, readable at any recent version while one writer moves on.
//!
//! A version is the sequence of a slice. Each key holds its current value and, for as long as the
//! retention window reaches back, the value before each change. A reader at version `v` takes the
//! value before the first change after `v`. So a reader sees one consistent state however long it
//! runs, and never blocks the writer for longer than one map access.

use std::{
    collections::VecDeque,
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{DefaultHashBuilder, HashMap},
};
use minster_evm::{Bytecode, Oracle, bytecode};
use minster_params::constants::{BLOCK_HASH_WINDOW, HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use minster_primitives::{Account, KECCAK256_EMPTY, StateDiff};
use parking_lot::{Mutex, RwLock};
use thiserror::Error;

const SHARD_COUNT: usize = 64;

/// Block hashes that are kept: as far back as any retained version, and that block's own window.
const BLOCK_HASHES_MAX: usize = (1 << 16) + BLOCK_HASH_WINDOW as usize;

/// One part in this many of the versions that are held goes so soon that nobody should begin to
/// read there.
const GOING_PART: usize = 8;

/// Versions that are held, by how long they will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// The oldest one that stays for a while.
    pub(crate) safe: u64,
    /// As many are older as are newer.
    pub(crate) middle: u64,
}

/// A value and what it was before.
#[derive(Debug, Clone)]
struct Versioned<T> {
    current: T,
    /// `(version, value before it)`, ascending.
    changes: VecDeque<(u64, T)>,
}

impl<T: Copy> Versioned<T> {
    fn at(&self, version: u64) -> T {
        // What the writer asks for, also of an account that every transaction changes.
        if self.changes.back().is_none_or(|(changed, _)| *changed <= version) {
            return self.current;
        }
        let first_after = self.changes.partition_point(|(changed, _)| *changed <= version);
        self.changes.get(first_after).map_or(self.current, |(_, before)| *before)
    }

    fn set(&mut self, version: u64, value: T) {
        self.changes.push_back((version, self.current));
        self.current = value;
    }

    fn forget_until(&mut self, version: u64) {
        while self.changes.front().is_some_and(|(changed, _)| *changed <= version) {
            self.changes.pop_front();
        }
    }
}

type Shard<K, T> = RwLock<HashMap<K, Versioned<T>>>;

/// Keys spread over locks.
struct Shards<K, T> {
    shards: Vec<Shard<K, T>>,
    hasher: DefaultHashBuilder,
}

impl<K: Copy + Eq + std::hash::Hash, T: Copy + Default> Shards<K, T> {
    fn new() -> Self {
        Self {
            shards: (0..SHARD_COUNT).map(|_| RwLock::default()).collect(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn shard(&self, key: &K) -> &Shard<K, T> {
        let index = self.hasher.hash_one(key) as usize % self.shards.len();
        &self.shards[index]
    }

    fn current(&self, key: &K) -> T {
        self.shard(key).read().get(key).map_or_else(T::default, |value| value.current)
    }

    fn at(&self, key: &K, version: u64) -> T {
        self.shard(key).read().get(key).map_or_else(T::default, |value| value.at(version))
    }

    fn set(&self, key: K, version: u64, value: T) {
        self.shard(&key)
            .write()
            .entry(key)
            .or_insert_with(|| Versioned { current: T::default(), changes: VecDeque::new() })
            .set(version, value);
    }

    fn insert(&self, key: K, value: T) {
        let value = Versioned { current: value, changes: VecDeque::new() };
        self.shard(&key).write().insert(key, value);
    }

    fn forget_until(&self, key: &K, version: u64, is_nothing: impl Fn(&T) -> bool) {
        let mut shard = self.shard(key).write();
        let Some(value) = shard.get_mut(key) else { return };
        value.forget_until(version);
        if value.changes.is_empty() && is_nothing(&value.current) {
            shard.remove(key);
        }
    }

    fn for_each_at(&self, version: u64, mut visit: impl FnMut(K, T)) {
        for shard in &self.shards {
            // Copied out, so that a slow visitor never holds up the writer.
            let values: Vec<_> =
                shard.read().iter().map(|(key, value)| (*key, value.at(version))).collect();
            for (key, value) in values {
                visit(key, value);
            }
        }
    }
}

/// How much history the state keeps.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Versions that stay readable, at most.
    pub versions_max: usize,
    /// Changed keys that are remembered, at most; bounds memory under load. As many may be undone
    /// for one proof, and for one look at a state that is no longer held.
    pub changes_max: usize,
    /// Blocks that may be undone for one proof.
    pub proof_blocks_max: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { versions_max: 1 << 16, changes_max: 1 << 20, proof_blocks_max: 1_024 }
    }
}

#[derive(Debug, Default)]
struct History {
    /// Applied versions that are still readable, with what they changed.
    applied: VecDeque<(u64, Arc<StateDiff>)>,
    change_count: usize,
}

/// The whole state of the chain.
pub struct StateStore {
    accounts: Shards<Address, Option<Account>>,
    storage: Shards<(Address, U256), U256>,
    /// Codes, each with the version that first set it.
    codes: RwLock<HashMap<B256, (u64, Bytecode)>>,
    block_hashes: RwLock<VecDeque<(u64, B256)>>,
    history: Mutex<History>,
    /// The oldest version that can be read; moved before anything of it is forgotten.
    oldest: AtomicU64,
    /// The version that stays readable however many come after it.
    needed: AtomicU64,
    retention: Retention,
}

impl std::fmt::Debug for StateStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The state itself is far too long to print.
        formatter.debug_struct("StateStore").field("retention", &self.retention).finish()
    }
}

/// Why state cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StateError {
    /// The version is older than the retention window.
    #[error("state is no longer held: version {version} is older than {oldest}")]
    Pruned {
        /// The version asked for.
        version: u64,
        /// The oldest one held.
        oldest: u64,
    },
    /// The reader waits no longer.
    #[error("state of the past was not found in time")]
    OutOfTime,
    /// The disk does not give what it held.
    #[error("state of the past cannot be read: {reason}")]
    Unreadable {
        /// What was found.
        reason: String,
    },
    /// An account names code that is not here: a bug or a damaged snapshot.
    #[error("code {code_hash} is missing")]
    CodeMissing {
        /// The hash.
        code_hash: B256,
    },
}

impl StateStore {
    /// The state at a version, with no history before it.
    #[must_use]
    pub fn new(retention: Retention, version: u64, state: &StateDiff) -> Self {
        let store = Self {
            accounts: Shards::new(),
            storage: Shards::new(),
            codes: RwLock::default(),
            block_hashes: RwLock::default(),
            history: Mutex::default(),
            oldest: AtomicU64::new(version),
            needed: AtomicU64::new(u64::MAX),
            retention,
        };
        store.add_codes(version, state);
        for (address, account) in &state.accounts {
            store.accounts.insert(*address, *account);
        }
        for (key, value) in &state.storage {
            store.storage.insert(*key, *value);
        }
        store
    }

    fn add_codes(&self, version: u64, diff: &StateDiff) {
        if !diff.codes.is_empty() {
            let mut codes = self.codes.write();
            for (hash, code) in &diff.codes {
                codes.entry(*hash).or_insert_with(|| (version, bytecode(code.clone())));
            }
        }
    }

    /// Applies what the slice with this sequence changed. Called by one writer, in order.
    pub fn apply(&self, version: u64, diff: Arc<StateDiff>) {
        self.add_codes(version, &diff);
        for (address, account) in &diff.accounts {
            self.accounts.set(*address, version, *account);
        }
        for (key, value) in &diff.storage {
            self.storage.set(*key, version, *value);
        }
        let mut history = self.history.lock();
        history.change_count += diff.accounts.len() + diff.storage.len();
        history.applied.push_back((version, diff));
        let needed = self.needed.load(Ordering::Acquire);
        let may_go = |history: &History| {
            let is_long = history.applied.len() > self.retention.versions_max;
            let is_large =
                history.change_count > self.retention.changes_max && history.applied.len() > 1;
            (is_long || is_large)
                && history.applied.front().is_some_and(|(version, _)| *version <= needed)
        };
        while may_go(&history) {
            self.forget_oldest(&mut history);
        }
    }

    /// Keeps a version readable until another one is named: the end of a block wants the state
    /// before it, and a block may have any number of slices.
    pub(crate) fn need(&self, version: u64) {
        self.needed.store(version, Ordering::Release);
    }

    fn forget_oldest(&self, history: &mut History) {
        let Some((version, diff)) = history.applied.pop_front() else { return };
        history.change_count -= diff.accounts.len() + diff.storage.len();
        self.oldest.store(version, Ordering::Release);
        for address in diff.accounts.keys() {
            self.accounts.forget_until(address, version, Option::is_none);
        }
        for key in diff.storage.keys() {
            self.storage.forget_until(key, version, U256::is_zero);
        }
    }

    /// Makes a sealed block's hash known to `BLOCKHASH`.
    pub fn push_block_hash(&self, number: u64, hash: B256) {
        let mut hashes = self.block_hashes.write();
        hashes.push_back((number, hash));
        while hashes.len() > BLOCK_HASHES_MAX {
            hashes.pop_front();
        }
    }

    /// Hash of a recent sealed block.
    #[must_use]
    pub fn block_hash(&self, number: u64) -> Option<B256> {
        let hashes = self.block_hashes.read();
        let first = hashes.front()?.0;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        hashes.get(index).map(|(_, hash)| *hash)
    }

    /// Whether a block's hash is no longer known here, and EIP-2935's contract still has it.
    fn is_in_history(&self, number: u64) -> bool {
        let hashes = self.block_hashes.read();
        let (Some((first, _)), Some((last, _))) = (hashes.front(), hashes.back()) else {
            return false;
        };
        number < *first && last.saturating_sub(number) < HISTORY_SERVE_WINDOW
    }

    /// The account as last applied, durable or not: for the executor and the pool.
    #[must_use]
    pub fn account(&self, address: Address) -> Option<Account> {
        self.accounts.current(&address)
    }

    /// The code behind a hash.
    ///
    /// # Errors
    /// [`StateError::CodeMissing`].
    pub fn code(&self, code_hash: B256) -> Result<Bytecode, StateError> {
        if code_hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        let code = self.codes.read().get(&code_hash).map(|(_, code)| code.clone());
        code.ok_or(StateError::CodeMissing { code_hash })
    }

    /// Every code that was ever set up to a version, in the order of their hashes.
    #[must_use]
    pub fn codes_at(&self, version: u64) -> Vec<Bytes> {
        let codes = self.codes.read();
        let mut sorted: Vec<_> = codes.iter().filter(|(_, (set, _))| *set <= version).collect();
        sorted.sort_unstable_by_key(|(hash, _)| **hash);
        sorted.into_iter().map(|(_, (_, code))| code.original_bytes()).collect()
    }

    /// A consistent view at a version.
    ///
    /// # Errors
    /// [`StateError::Pruned`].
    pub fn view(self: &Arc<Self>, version: u64) -> Result<StateView, StateError> {
        let oldest = self.oldest.load(Ordering::Acquire);
        if version < oldest {
            return Err(StateError::Pruned { version, oldest });
        }
        Ok(StateView { store: Arc::clone(self), version, earlier: None })
    }

    /// A view of whatever was applied last: for the executor alone.
    #[must_use]
    pub fn writer_view(self: &Arc<Self>) -> StateView {
        StateView { store: Arc::clone(self), version: u64::MAX, earlier: None }
    }

    pub(crate) const fn retention(&self) -> Retention {
        self.retention
    }

    /// How long the versions that are held will be held.
    pub(crate) fn held(&self) -> Held {
        let history = self.history.lock();
        let oldest = self.oldest.load(Ordering::Acquire);
        let count = history.applied.len();
        let at = |index: usize| history.applied.get(index).map_or(oldest, |(version, _)| *version);
        let Retention { versions_max, changes_max, .. } = self.retention;
        let is_nearly_full = |used: usize, max: usize| used >= max - max / GOING_PART;
        let is_going = is_nearly_full(count, versions_max)
            || is_nearly_full(history.change_count, changes_max);
        Held { safe: if is_going { at(count / GOING_PART) } else { oldest }, middle: at(count / 2) }
    }
}

/// What differed at an earlier time from the state at a version.
pub(crate) trait Earlier: std::fmt::Debug + Send + Sync {
    /// The account at that time, where it differed or may have.
    fn account(&self, address: Address) -> Result<Option<Option<Account>>, StateError>;

    /// The slot at that time, where it differed or may have.
    fn slot(&self, address: Address, slot: U256) -> Result<Option<U256>, StateError>;

    /// The last block at that time, and its hash.
    fn last_block(&self) -> (u64, B256);
}

/// The state at one version, or at a time before it.
#[derive(Debug, Clone)]
pub struct StateView {
    store: Arc<StateStore>,
    version: u64,
    earlier: Option<Arc<dyn Earlier>>,
}

impl StateView {
    /// The state at an earlier time.
    pub(crate) fn before(self, earlier: Arc<dyn Earlier>) -> Self {
        Self { earlier: Some(earlier), ..self }
    }

    /// What `find` finds that differed.
    fn earlier<T>(
        &self,
        find: impl FnOnce(&dyn Earlier) -> Result<Option<T>, StateError>,
    ) -> Result<Option<T>, StateError> {
        self.earlier.as_deref().map_or(Ok(None), find)
    }

    /// The account, if it exists.
    ///
    /// # Errors
    /// [`StateError::Pruned`], when the view has been held for so long that its version is gone;
    /// [`StateError::Unreadable`] where what was before it is read from the disk.
    pub fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        if let Some(before) = self.earlier(|earlier| earlier.account(address))? {
            return Ok(before);
        }
        let account = self.store.accounts.at(&address, self.version);
        self.check_held()?;
        Ok(account)
    }

    /// The value of a storage slot.
    ///
    /// # Errors
    /// As [`StateView::account`].
    pub fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(before) = self.earlier(|earlier| earlier.slot(address, slot))? {
            return Ok(before);
        }
        let value = self.store.storage.at(&(address, slot), self.version);
        self.check_held()?;
        Ok(value)
    }

    /// The code behind a hash.
    ///
    /// # Errors
    /// [`StateError::CodeMissing`].
    pub fn code(&self, code_hash: B256) -> Result<Bytecode, StateError> {
        self.store.code(code_hash)
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Every account and slot of a version that is held, in no order.
    ///
    /// # Errors
    /// [`StateError::Pruned`].
    pub(crate) fn for_each(
        &self,
        mut account: impl FnMut(Address, Account),
        mut slot: impl FnMut(Address, U256, U256),
    ) -> Result<(), StateError> {
        self.store.accounts.for_each_at(self.version, |address, value| {
            if let Some(value) = value {
                account(address, value);
            }
        });
        self.store.storage.for_each_at(self.version, |(address, key), value| {
            if !value.is_zero() {
                slot(address, key, value);
            }
        });
        self.check_held()
    }

    /// After the read, because what was read before the version went is right.
    fn check_held(&self) -> Result<(), StateError> {
        if self.version == u64::MAX {
            return Ok(());
        }
        let oldest = self.store.oldest.load(Ordering::Acquire);
        if self.version < oldest {
            return Err(StateError::Pruned { version: self.version, oldest });
        }
        Ok(())
    }
}

impl Oracle for StateView {
    type Error = StateError;

    fn account(&mut self, address: Address) -> Result<Option<Account>, StateError> {
        Self::account(self, address)
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, StateError> {
        Self::code(self, code_hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        Self::storage(self, address, slot)
    }

    /// Of a block that was pruned, and of old ones, what EIP-2935's contract remembered: more
    /// blocks than `BLOCKHASH` may ask for.
    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        if let Some(hash) = self.store.block_hash(number) {
            return Ok(hash);
        }
        let is_remembered = match self.earlier.as_deref().map(Earlier::last_block) {
            // A block's hash is put there when the next one begins.
            Some((last, hash)) if number == last => return Ok(hash),
            // In the place of an older one.
            Some((last, _)) => number < last && last.saturating_sub(number) <= HISTORY_SERVE_WINDOW,
            None => self.store.is_in_history(number),
        };
        if !is_remembered {
            return Ok(B256::ZERO);
        }
        let slot = U256::from(number % HISTORY_SERVE_WINDOW);
        Ok(Self::storage(self, HISTORY_STORAGE_ADDRESS, slot)?.into())
    }
}

#[cfg(test)]
mod tests;
