//! What enters the pool, and what leaves to make room for it.
//!
//! Rules of eviction, when the pool is full in count or bytes:
//! 1. Only tails are evicted: a sender's last transaction, never one in flight. So eviction never
//!    opens a gap before a transaction that stays.
//! 2. Tails that cannot execute go first: those behind a gap and those whose fee cap does not
//!    reach the base fee. Within each kind the lowest effective tip goes first, among equals the
//!    latest arrival.
//! 3. A newcomer evicts only what ranks strictly below it in this order; otherwise it is refused
//!    and nothing is evicted. So one that can execute displaces any that cannot, and one that
//!    cannot never displaces one that can.
//! 4. A newcomer never evicts a transaction of its own sender with a lower nonce.

use minster_primitives::{Address, U256};

use super::{Admission, FeeContext, Pool, SenderAccount, TailKey, tail_item};
use crate::{
    PoolError, Removal,
    entry::{Entry, Rank},
    queue::Queue,
    ranking::Ranked,
};

/// Transactions that one newcomer may displace; one that needs more room is refused.
pub const EVICTIONS_PER_ADD_MAX: usize = 64;

/// The base fee at which tails are ranked. It follows that of the callers after at most a quarter
/// as many additions as there are senders: ranking all tails anew then costs each addition a
/// constant, also while callers disagree, as they do at the edge of a block.
#[derive(Debug, Default)]
pub(super) struct LaggingFee {
    base_fee: u64,
    additions: usize,
}

impl LaggingFee {
    pub(super) fn get(&self) -> u64 {
        self.base_fee
    }

    /// Says whether the fee changed, and with it the rank of every tail.
    fn observe(&mut self, base_fee: u64, senders: usize) -> bool {
        self.additions += 1;
        let changes = base_fee != self.base_fee && self.additions >= senders / 4;
        if changes {
            *self = Self { base_fee, additions: 0 };
        }
        changes
    }
}

/// Who asks for room.
#[derive(Clone, Copy)]
struct Newcomer {
    sender: Address,
    nonce: u64,
    rank: Rank,
    /// Entries that it adds: one, or none where it replaces.
    count: usize,
    /// Bytes that it adds, and bytes that leave with the transaction it replaces.
    size: usize,
    size_replaced: usize,
}

/// An evicted entry, with what it takes to put it back.
struct Evicted {
    sender: Address,
    account_nonce: u64,
    entry: Entry,
}

impl Pool {
    pub(crate) fn add(
        &mut self,
        mut entry: Entry,
        account: SenderAccount,
        fees: FeeContext,
    ) -> Result<Admission, PoolError> {
        self.check_alone(&entry, fees)?;
        if self.get(entry.hash).is_some() {
            return Err(PoolError::AlreadyKnown);
        }
        let sender = entry.transaction.sender();
        if self.tails_base_fee.observe(fees.base_fee, self.queues.len()) {
            self.tails.clear();
        }
        self.trim();
        if self.queues.get(&sender).is_some_and(|queue| queue.nonce() < account.nonce) {
            self.set_nonce(sender, account.nonce);
        }
        let queue = self.queues.get(&sender);
        // The pool may know more than the caller did when it read the account.
        let nonce = queue.map_or_else(|| self.nonces.newest(sender, account.nonce), Queue::nonce);
        self.check_sender(&entry, SenderAccount { nonce, ..account }, queue)?;

        let is_pending = entry.nonce <= queue.map_or(nonce, Queue::next_nonce);
        let old = queue.and_then(|queue| queue.get(entry.nonce));
        let replaced = old.map(|old| old.hash);
        let newcomer = Newcomer {
            sender,
            nonce: entry.nonce,
            rank: entry.rank(is_pending, self.tails_base_fee.get()),
            count: usize::from(old.is_none()),
            size: entry.size,
            size_replaced: old.map_or(0, |old| old.size),
        };
        self.make_room(newcomer)?;

        entry.arrival = self.arrival_next;
        self.arrival_next += 1;
        match replaced {
            Some(_) => self.replace(sender, entry),
            None => self.insert(sender, nonce, entry),
        }
        Ok(Admission { is_pending, replaced })
    }

    /// What can be said of a transaction without knowing its sender.
    fn check_alone(&self, entry: &Entry, fees: FeeContext) -> Result<(), PoolError> {
        let limit = self.config.transaction_size_max;
        let minimum = self.tip_min();
        if entry.transaction.is_deposit() {
            Err(PoolError::UnsupportedType)
        } else if entry.size > limit {
            Err(PoolError::OversizedData { size: entry.size, limit })
        } else if entry.gas_limit > fees.block_gas_limit {
            Err(PoolError::ExceedsBlockGasLimit)
        } else if entry.tip_cap > entry.fee_cap {
            Err(PoolError::TipAboveFeeCap)
        } else if entry.nonce == u64::MAX {
            Err(PoolError::NonceMax)
        } else if entry.tip_cap < minimum {
            Err(PoolError::Underpriced { tip: entry.tip_cap, minimum })
        } else {
            Ok(())
        }
    }

    /// Whether the transaction fits its sender's account and its other transactions.
    fn check_sender(
        &self,
        entry: &Entry,
        account: SenderAccount,
        queue: Option<&Queue>,
    ) -> Result<(), PoolError> {
        let nonce = entry.nonce;
        if nonce < account.nonce {
            return Err(PoolError::NonceTooLow { next: account.nonce, nonce });
        }
        let old = queue.and_then(|queue| queue.get(nonce));
        if old.is_some_and(|old| old.in_flight) {
            return Err(PoolError::NonceTooLow { next: nonce + 1, nonce });
        }
        check_funds(entry, account.balance, queue.map_or(U256::ZERO, Queue::cost_total), old)?;
        if let Some(old) = old {
            let is_enough = entry.replaces(old, self.config.replacement_bump_percent);
            return if is_enough { Ok(()) } else { Err(PoolError::ReplacementUnderpriced) };
        }
        let pooled = queue.map_or(0, Queue::len);
        if pooled >= self.config.per_sender_max {
            return Err(PoolError::AccountLimitExceeded { pooled });
        }
        let gapped = queue.map_or(account.nonce, Queue::next_nonce);
        if nonce.saturating_sub(gapped) > self.config.gap_max {
            return Err(PoolError::NonceTooHigh { nonce, gapped });
        }
        Ok(())
    }

    fn replace(&mut self, sender: Address, entry: Entry) {
        let by = entry.hash;
        self.ledger.enter(sender, &entry);
        let old = self.queues.get_mut(&sender).and_then(|queue| queue.replace(entry));
        if let Some(old) = old {
            self.ledger.leave(&old);
            self.removals.record(old.hash, Removal::Replaced { by });
        }
        self.reindex(sender);
    }

    fn fits(&self, newcomer: Newcomer) -> bool {
        let count = self.ledger.by_hash.len() + newcomer.count;
        let bytes = self.ledger.bytes + newcomer.size - newcomer.size_replaced;
        count <= self.config.transactions_max && bytes <= self.config.bytes_max
    }

    /// Evicts by the module's rules until the newcomer fits, or evicts nothing.
    fn make_room(&mut self, newcomer: Newcomer) -> Result<(), PoolError> {
        let mut evicted = Vec::new();
        let mut spared = Vec::new();
        while !self.fits(newcomer) && evicted.len() < EVICTIONS_PER_ADD_MAX {
            let Some((item, nonce)) = self.pop_tail() else { break };
            if item.sender == newcomer.sender && nonce <= newcomer.nonce {
                spared.push(item);
            } else if item.key.0.0 >= newcomer.rank {
                self.tails.push(item);
                break;
            } else {
                let account_nonce = self.queues.get(&item.sender).map_or(0, Queue::nonce);
                evicted.extend(self.remove(item.sender, nonce).map(|entry| Evicted {
                    sender: item.sender,
                    account_nonce,
                    entry,
                }));
            }
        }
        spared.into_iter().for_each(|item| self.tails.push(item));
        if self.fits(newcomer) {
            for Evicted { entry, .. } in evicted {
                self.removals.record(entry.hash, Removal::Evicted);
            }
            return Ok(());
        }
        for Evicted { sender, account_nonce, entry } in evicted.into_iter().rev() {
            self.insert(sender, account_nonce, entry);
        }
        Err(PoolError::PoolFull)
    }

    /// The tail to be evicted next and its nonce, out of the ranking but still in its queue.
    fn pop_tail(&mut self) -> Option<(Ranked<TailKey>, u64)> {
        let base_fee = self.tails_base_fee.get();
        if !self.tails.is_current(base_fee) {
            let items = self
                .queues
                .iter()
                .filter_map(|(sender, queue)| {
                    let (tail, in_run) = queue.tail()?;
                    Some(tail_item(*sender, tail, in_run, base_fee))
                })
                .collect();
            self.tails.rebuild(base_fee, items);
        }
        loop {
            let item = self.tails.pop()?;
            let tail = self.queues.get(&item.sender).and_then(Queue::tail);
            if let Some((tail, in_run)) = tail
                && tail_item(item.sender, tail, in_run, base_fee) == item
            {
                return Some((item, tail.nonce));
            }
        }
    }

    /// Keeps dead items in the rankings from piling up.
    fn trim(&mut self) {
        self.heads.trim(self.queues.len());
        self.tails.trim(self.queues.len());
    }
}

/// Whether the balance covers the transaction on top of the sender's others, as in geth (which
/// counts the pending ones only, where this counts all).
fn check_funds(
    entry: &Entry,
    balance: U256,
    queued: U256,
    old: Option<&Entry>,
) -> Result<(), PoolError> {
    let cost = entry.cost;
    if cost > balance {
        return Err(PoolError::InsufficientFunds { balance, cost });
    }
    let replaced = old.map_or(U256::ZERO, |old| old.cost);
    let needed = queued.saturating_sub(replaced).saturating_add(cost);
    if needed <= balance {
        Ok(())
    } else if old.is_some() {
        Err(PoolError::InsufficientFundsBumped { balance, queued, needed })
    } else {
        Err(PoolError::InsufficientFundsQueued { balance, queued, cost })
    }
}
