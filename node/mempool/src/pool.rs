//! The pool without locks and clocks: everything here is a function of the calls made.
//!
//! Rules of the order of execution:
//! 1. Only heads compete: each sender's first transaction that is not in flight, where no nonce is
//!    missing before it.
//! 2. A head whose fee cap does not reach the base fee waits.
//! 3. The highest effective tip goes first; among equals the earliest arrival.
//!
//! The rules of eviction are in [`admission`].

mod admission;

use std::{cmp::Reverse, collections::BTreeMap, ops::Range, sync::Arc};

use minster_primitives::{
    Address, B256, Transaction, TransactionFields, U256,
    alloy_primitives::map::{AddressMap, B256Map},
};

pub use admission::EVICTIONS_PER_ADD_MAX;

use crate::{
    PoolConfig, Removal,
    entry::{Entry, Rank, Score},
    nonces::RecentNonces,
    queue::{Indexed, Queue},
    ranking::{Ranked, Ranking},
    removals::Removals,
};

/// Transactions that one call to expire looks at.
pub const EXPIRY_STEPS_MAX: usize = 1_024;

/// The sender's account when its transaction arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderAccount {
    /// Next nonce that the state accepts.
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
}

/// The block that a transaction would go into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeContext {
    /// Wei per gas.
    pub base_fee: u64,
    /// Gas limit of a block.
    pub block_gas_limit: u64,
}

/// How a transaction was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Whether it is pending: no nonce is missing before it.
    pub is_pending: bool,
    /// Hash of the transaction whose place it took.
    pub replaced: Option<B256>,
}

/// What is in the pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Transactions with no nonce missing before them, those in flight included.
    pub pending: usize,
    /// Transactions behind a missing nonce.
    pub queued: usize,
    /// Bytes of all their encodings.
    pub bytes: usize,
}

/// One sender's transactions, in nonce order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderContent {
    /// Those with no nonce missing before them.
    pub pending: Vec<Arc<Transaction>>,
    /// Those behind a missing nonce.
    pub queued: Vec<Arc<Transaction>>,
}

/// Highest score first, then earliest arrival.
type HeadKey = (Score, Reverse<u64>);

/// Lowest rank first, then latest arrival.
type TailKey = (Reverse<Rank>, u64);

/// What holds over all queues together.
#[derive(Debug, Default)]
struct Ledger {
    by_hash: B256Map<Arc<Transaction>>,
    /// Sender and nonce by arrival: the order of expiry.
    by_arrival: BTreeMap<u64, (Address, u64)>,
    bytes: usize,
}

impl Ledger {
    fn enter(&mut self, sender: Address, entry: &Entry) {
        self.by_hash.insert(entry.hash, Arc::clone(&entry.transaction));
        self.by_arrival.insert(entry.arrival, (sender, entry.nonce));
        self.bytes += entry.size;
    }

    fn leave(&mut self, entry: &Entry) {
        self.by_hash.remove(&entry.hash);
        self.by_arrival.remove(&entry.arrival);
        self.bytes -= entry.size;
    }
}

/// See the module documentation.
#[derive(Debug)]
pub(crate) struct Pool {
    config: PoolConfig,
    /// Smallest tip cap that is asked for beyond the configured one.
    tip_raised: u128,
    queues: AddressMap<Queue>,
    ledger: Ledger,
    /// Transactions in flight whose nonce the account has passed: executed as good as certainly,
    /// but still looked up here until the executor says so.
    settling: B256Map<Arc<Transaction>>,
    removals: Removals,
    /// Account nonces of senders who have nothing here any more.
    nonces: RecentNonces,
    heads: Ranking<HeadKey>,
    /// Base fee of the last batch.
    heads_base_fee: u64,
    tails: Ranking<TailKey>,
    tails_base_fee: admission::LaggingFee,
    arrival_next: u64,
    /// Sum of all runs.
    pending: usize,
    /// Senders with a head.
    runnable: usize,
}

impl Pool {
    pub(crate) fn new(config: PoolConfig) -> Self {
        Self {
            config,
            tip_raised: 0,
            queues: AddressMap::default(),
            ledger: Ledger::default(),
            settling: B256Map::default(),
            removals: Removals::default(),
            nonces: RecentNonces::default(),
            heads: Ranking::new(),
            heads_base_fee: 0,
            tails: Ranking::new(),
            tails_base_fee: admission::LaggingFee::default(),
            arrival_next: 0,
            pending: 0,
            runnable: 0,
        }
    }

    /// Asks for this tip cap from now on, or for the configured one where that is larger. Who is
    /// in the pool already stays.
    pub(crate) const fn raise_tip_min(&mut self, minimum: u128) {
        self.tip_raised = minimum;
    }

    /// Smallest tip cap, in wei per gas.
    pub(crate) fn tip_min(&self) -> u128 {
        self.tip_raised.max(self.config.tip_min_wei)
    }

    pub(crate) fn take_batch(&mut self, base_fee: u64, limit: usize) -> Vec<Arc<Transaction>> {
        self.heads_base_fee = base_fee;
        if !self.heads.is_current(base_fee) {
            let items = self
                .queues
                .iter()
                .filter_map(|(sender, queue)| head_item(*sender, queue.head()?, base_fee))
                .collect();
            self.heads.rebuild(base_fee, items);
        }
        let mut batch = Vec::with_capacity(limit.min(self.pending));
        while batch.len() < limit {
            let Some(item) = self.heads.pop() else { break };
            let Some(queue) = self.queues.get_mut(&item.sender) else { continue };
            if queue.head().is_none_or(|head| Reverse(head.arrival) != item.key.1) {
                continue;
            }
            batch.extend(queue.take_head().map(|entry| Arc::clone(&entry.transaction)));
            self.reindex(item.sender);
        }
        batch
    }

    pub(crate) fn executed(&mut self, hash: B256) {
        if self.settling.remove(&hash).is_some() {
            return;
        }
        if let Some((sender, nonce)) = self.locate(hash) {
            self.pass_nonces(sender, nonce.saturating_add(1), Some(hash));
        }
    }

    pub(crate) fn rejected(&mut self, hash: B256, message: &str) {
        let found = self.settling.remove(&hash).is_some()
            || self
                .locate(hash)
                .is_some_and(|(sender, nonce)| self.remove(sender, nonce).is_some());
        if found {
            self.removals.record(hash, Removal::Rejected { message: message.into() });
        }
    }

    pub(crate) fn give_back(&mut self, hash: B256) {
        if let Some(transaction) = self.settling.remove(&hash) {
            let next = self.queues.get(&transaction.sender()).map_or(0, Queue::nonce);
            let next = next.max(transaction.envelope().nonce().saturating_add(1));
            self.removals.record(hash, Removal::NonceUsed { next });
        } else if let Some((sender, nonce)) = self.locate(hash)
            && let Some(queue) = self.queues.get_mut(&sender)
        {
            queue.give_back(nonce);
            self.reindex(sender);
        }
    }

    /// Moves a sender's account nonce.
    pub(crate) fn set_nonce(&mut self, sender: Address, nonce: u64) {
        self.pass_nonces(sender, nonce, None);
    }

    /// Moves a sender's account nonce and lets go of the transactions below it, of which one may
    /// be known to be executed.
    fn pass_nonces(&mut self, sender: Address, nonce: u64, executed: Option<B256>) {
        let Some(queue) = self.queues.get_mut(&sender) else {
            self.nonces.correct(sender, nonce);
            return;
        };
        while let Some(entry) = queue.pop_below(nonce) {
            self.ledger.leave(&entry);
            if executed == Some(entry.hash) {
                continue;
            }
            if entry.in_flight {
                self.settling.insert(entry.hash, entry.transaction);
            } else {
                self.removals.record(entry.hash, Removal::NonceUsed { next: nonce });
            }
        }
        queue.set_nonce(nonce);
        self.reindex(sender);
    }

    pub(crate) fn raise_nonce(&mut self, sender: Address, nonce: u64) {
        if self.queues.get(&sender).is_some_and(|queue| queue.nonce() < nonce) {
            self.set_nonce(sender, nonce);
        }
    }

    pub(crate) fn expire(&mut self, now_ms: u64) -> usize {
        let lifetime_ms = self.config.lifetime_ms;
        let queues = &self.queues;
        let old: Vec<(Address, u64, B256)> = self
            .ledger
            .by_arrival
            .values()
            .take(EXPIRY_STEPS_MAX)
            .filter_map(|(sender, nonce)| Some((*sender, queues.get(sender)?.get(*nonce)?)))
            .take_while(|(_, entry)| now_ms.saturating_sub(entry.added_ms) >= lifetime_ms)
            .filter(|(_, entry)| !entry.in_flight)
            .map(|(sender, entry)| (sender, entry.nonce, entry.hash))
            .collect();
        for (sender, nonce, hash) in &old {
            self.remove(*sender, *nonce);
            self.removals.record(*hash, Removal::Expired);
        }
        old.len()
    }

    pub(crate) fn has_runnable(&self) -> bool {
        self.runnable > 0
    }

    pub(crate) fn pending_nonce(&self, sender: Address, account_nonce: u64) -> u64 {
        match self.queues.get(&sender) {
            Some(queue) => queue.next_nonce_from(account_nonce),
            // The caller may have read the account before its last transaction was executed.
            None => self.nonces.newest(sender, account_nonce),
        }
    }

    pub(crate) fn get(&self, hash: B256) -> Option<Arc<Transaction>> {
        self.ledger.by_hash.get(&hash).or_else(|| self.settling.get(&hash)).cloned()
    }

    pub(crate) fn removal(&self, hash: B256) -> Option<Removal> {
        let is_known = self.ledger.by_hash.contains_key(&hash) || self.settling.contains_key(&hash);
        if is_known { None } else { self.removals.get(&hash).cloned() }
    }

    pub(crate) fn status(&self) -> PoolStatus {
        PoolStatus {
            pending: self.pending,
            queued: self.ledger.by_hash.len() - self.pending,
            bytes: self.ledger.bytes,
        }
    }

    /// The numbers of all arrivals so far.
    pub(crate) const fn arrivals(&self) -> Range<u64> {
        0..self.arrival_next
    }

    /// Adds all that the senders of some arrivals have. Looks at so many transactions, and ends
    /// with the sender that it is at then; gives the arrivals that are left.
    pub(crate) fn add_content(
        &self,
        content: &mut BTreeMap<Address, SenderContent>,
        mut arrivals: Range<u64>,
        count: usize,
    ) -> Range<u64> {
        let mut left = count;
        for (arrival, (sender, _)) in self.ledger.by_arrival.range(arrivals.clone()) {
            if left == 0 {
                arrivals.start = *arrival;
                return arrivals;
            }
            left -= 1;
            if !content.contains_key(sender) {
                let found = self.content_from(*sender);
                left = left.saturating_sub(found.pending.len() + found.queued.len());
                content.insert(*sender, found);
            }
        }
        arrivals.start = arrivals.end;
        arrivals
    }

    pub(crate) fn content_from(&self, sender: Address) -> SenderContent {
        self.queues.get(&sender).map(content_of).unwrap_or_default()
    }

    fn locate(&self, hash: B256) -> Option<(Address, u64)> {
        let transaction = self.ledger.by_hash.get(&hash)?;
        Some((transaction.sender(), transaction.envelope().nonce()))
    }

    /// Puts an entry in its sender's queue; a new queue starts at the given account nonce.
    fn insert(&mut self, sender: Address, account_nonce: u64, entry: Entry) {
        self.ledger.enter(sender, &entry);
        self.queues.entry(sender).or_insert_with(|| Queue::new(account_nonce)).insert(entry);
        self.reindex(sender);
    }

    fn remove(&mut self, sender: Address, nonce: u64) -> Option<Entry> {
        let entry = self.queues.get_mut(&sender)?.remove(nonce)?;
        self.ledger.leave(&entry);
        self.reindex(sender);
        Some(entry)
    }

    /// Brings counters and rankings up to date with one queue; every change of a queue ends here.
    fn reindex(&mut self, sender: Address) {
        let Some(queue) = self.queues.get_mut(&sender) else { return };
        let before = queue.indexed;
        let head = queue.head();
        let tail = queue.tail();
        let after = Indexed {
            run: queue.run(),
            head: head.map(|head| head.arrival),
            tail: tail.map(|(tail, in_run)| (tail.arrival, in_run)),
        };
        self.pending = self.pending - before.run + after.run;
        self.runnable =
            self.runnable - usize::from(before.head.is_some()) + usize::from(after.head.is_some());
        if before.head != after.head
            && self.heads.is_current(self.heads_base_fee)
            && let Some(item) = head.and_then(|head| head_item(sender, head, self.heads_base_fee))
        {
            self.heads.push(item);
        }
        let tails_base_fee = self.tails_base_fee.get();
        if before.tail != after.tail
            && self.tails.is_current(tails_base_fee)
            && let Some((tail, in_run)) = tail
        {
            self.tails.push(tail_item(sender, tail, in_run, tails_base_fee));
        }
        queue.indexed = after;
        if queue.is_empty() {
            self.nonces.remember(sender, queue.nonce());
            self.queues.remove(&sender);
        }
    }
}

fn head_item(sender: Address, head: &Entry, base_fee: u64) -> Option<Ranked<HeadKey>> {
    let score = head.score(base_fee);
    score.is_covered().then_some(Ranked { key: (score, Reverse(head.arrival)), sender })
}

fn tail_item(sender: Address, tail: &Entry, in_run: bool, base_fee: u64) -> Ranked<TailKey> {
    Ranked { key: (Reverse(tail.rank(in_run, base_fee)), tail.arrival), sender }
}

fn content_of(queue: &Queue) -> SenderContent {
    let mut pending: Vec<_> = queue.entries().map(|entry| Arc::clone(&entry.transaction)).collect();
    let queued = pending.split_off(queue.run());
    SenderContent { pending, queued }
}

#[cfg(test)]
mod tests;
