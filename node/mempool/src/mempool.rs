//! The pool as threads share it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use minster_primitives::{Address, B256, Transaction};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::{
    Admission, FeeContext, PoolConfig, PoolError, PoolStatus, Removal, SenderAccount,
    SenderContent, entry::Entry, pool::Pool,
};

/// Transactions that a look at all of them takes at a time.
const CONTENT_STEPS: usize = 1_024;

/// The transaction pool: one lock, held for microseconds, and one executor that may sleep on it.
#[derive(Debug)]
pub struct Mempool {
    pool: Mutex<Pool>,
    work: Condvar,
    /// Whether [`Mempool::wake`] was called since the last sleep.
    is_woken: AtomicBool,
}

impl Mempool {
    /// An empty pool.
    #[must_use]
    pub fn new(config: PoolConfig) -> Self {
        Self {
            pool: Mutex::new(Pool::new(config)),
            work: Condvar::new(),
            is_woken: AtomicBool::new(false),
        }
    }

    /// Admits a transaction, given its sender's account as last executed and the block it would go
    /// into.
    ///
    /// # Errors
    /// Says why not, in geth's words.
    pub fn add(
        &self,
        transaction: Arc<Transaction>,
        account: SenderAccount,
        fees: FeeContext,
        now_ms: u64,
    ) -> Result<Admission, PoolError> {
        // Hashing and measuring happen outside the lock.
        let entry = Entry::new(transaction, now_ms);
        self.change(|pool| pool.add(entry, account, fees))
    }

    /// Admits transactions that came together, in their order, each as [`Self::add`] would. Holds
    /// the lock for all of them, so that the executor is woken once.
    #[must_use]
    pub fn add_all(
        &self,
        transactions: impl IntoIterator<Item = (Arc<Transaction>, SenderAccount)>,
        fees: FeeContext,
        now_ms: u64,
    ) -> Vec<Result<Admission, PoolError>> {
        let entries = transactions.into_iter();
        let entries: Vec<(Entry, SenderAccount)> = entries
            .map(|(transaction, account)| (Entry::new(transaction, now_ms), account))
            .collect();
        let add = |pool: &mut Pool, (entry, account)| pool.add(entry, account, fees);
        self.change(|pool| entries.into_iter().map(|entry| add(pool, entry)).collect())
    }

    /// Takes the best transactions at this base fee, at most `limit`, in the order of execution.
    /// They stay in the pool, in flight, until the caller says of each what became of it:
    /// [`Self::executed`], [`Self::rejected`] or [`Self::give_back`].
    #[must_use]
    pub fn take_batch(&self, base_fee: u64, limit: usize) -> Vec<Arc<Transaction>> {
        self.pool.lock().take_batch(base_fee, limit)
    }

    /// Transactions were executed, whether they were taken from here or not; their senders' nonces
    /// have passed them. Holds the lock for all of them.
    pub fn executed(&self, hashes: impl IntoIterator<Item = B256>) {
        self.change(|pool| hashes.into_iter().for_each(|hash| pool.executed(hash)));
    }

    /// Execution refused a transaction. What its sender sent after it is queued until the nonce is
    /// filled again.
    pub fn rejected(&self, hash: B256, reason: &str) {
        self.change(|pool| pool.rejected(hash, reason));
    }

    /// A transaction was taken and not run; it competes again, in its old place.
    pub fn give_back(&self, hash: B256) {
        self.change(|pool| pool.give_back(hash));
    }

    /// A sender's nonce changed by something else than a pooled transaction: one that L1 forced, a
    /// set-code authorization, or a reorg. Transactions below it leave.
    pub fn state_changed(&self, sender: Address, nonce: u64) {
        self.change(|pool| pool.set_nonce(sender, nonce));
    }

    /// A sender's nonce is at least this. Unlike [`Self::state_changed`] it never goes down, so it
    /// may be told late, when later transactions of the sender have already been taken.
    pub fn nonce_reached(&self, sender: Address, nonce: u64) {
        self.change(|pool| pool.raise_nonce(sender, nonce));
    }

    /// Removes transactions older than the configured lifetime, those in flight excepted; looks at
    /// no more than [`crate::EXPIRY_STEPS_MAX`]. Says how many it removed.
    pub fn expire(&self, now_ms: u64) -> usize {
        self.pool.lock().expire(now_ms)
    }

    /// Sleeps until some sender has a transaction that is next in line, whatever it pays, until
    /// [`Mempool::wake`], or until the timeout. Says whether there is such a transaction. For one
    /// thread.
    #[must_use]
    pub fn wait_for_work(&self, timeout: Duration) -> bool {
        let mut pool = self.pool.lock();
        let is_asleep =
            |pool: &mut Pool| !pool.has_runnable() && !self.is_woken.load(Ordering::Acquire);
        self.work.wait_while_for(&mut pool, is_asleep, timeout);
        self.is_woken.store(false, Ordering::Release);
        pool.has_runnable()
    }

    /// Ends the sleep in [`Mempool::wait_for_work`] that goes on, or else the next: its thread has
    /// something else to do.
    pub fn wake(&self) {
        self.is_woken.store(true, Ordering::Release);
        // A thread between its look at the flag and its sleep holds the lock.
        drop(self.pool.lock());
        self.work.notify_one();
    }

    /// The next nonce of a sender after its pending transactions. `account_nonce` is that of the
    /// state.
    #[must_use]
    pub fn pending_nonce(&self, sender: Address, account_nonce: u64) -> u64 {
        self.pool.lock().pending_nonce(sender, account_nonce)
    }

    /// A pooled transaction, in flight or not.
    #[must_use]
    pub fn get(&self, hash: B256) -> Option<Arc<Transaction>> {
        self.pool.lock().get(hash)
    }

    /// Why a transaction left the pool without being executed, as far back as is remembered. None
    /// while it is in the pool.
    #[must_use]
    pub fn rejection(&self, hash: B256) -> Option<Removal> {
        self.pool.lock().removal(hash)
    }

    /// Asks for this tip cap of whoever comes from now on, in wei per gas, or for the configured
    /// one where that is larger.
    pub fn raise_tip_min(&self, minimum: u128) {
        self.pool.lock().raise_tip_min(minimum);
    }

    /// Smallest tip cap that is admitted now, in wei per gas.
    #[must_use]
    pub fn tip_min(&self) -> u128 {
        self.pool.lock().tip_min()
    }

    /// Counts.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.pool.lock().status()
    }

    /// Everything in the pool, of each sender as it is at one moment. Others have the lock between
    /// two senders.
    #[must_use]
    pub fn content(&self) -> BTreeMap<Address, SenderContent> {
        let mut content = BTreeMap::new();
        // Not those that arrive meanwhile, so that there is an end.
        let mut arrivals = self.pool.lock().arrivals();
        while !arrivals.is_empty() {
            let pool = self.pool.lock();
            arrivals = pool.add_content(&mut content, arrivals, CONTENT_STEPS);
            MutexGuard::unlock_fair(pool);
        }
        content
    }

    /// One sender's transactions.
    #[must_use]
    pub fn content_from(&self, sender: Address) -> SenderContent {
        self.pool.lock().content_from(sender)
    }

    /// Changes the pool, and wakes the executor where it then has work.
    fn change<T>(&self, change: impl FnOnce(&mut Pool) -> T) -> T {
        let mut pool = self.pool.lock();
        let result = change(&mut pool);
        let has_runnable = pool.has_runnable();
        drop(pool);
        if has_runnable {
            self.work.notify_one();
        }
        result
    }
}

#[cfg(test)]
mod tests;
