//! The pooled transactions of one sender, in nonce order.

use std::collections::VecDeque;

use minster_primitives::U256;

use crate::entry::Entry;

/// One sender's transactions.
///
/// `run` is how many entries at the front follow the account nonce without a gap: those are
/// pending, the rest is queued. `head` is the index of the first entry that is not in flight: it is
/// the sender's next transaction where it lies inside the run.
#[derive(Debug)]
pub(crate) struct Queue {
    nonce: u64,
    entries: VecDeque<Entry>,
    run: usize,
    head: usize,
    cost_total: U256,
    /// What the pool's indices and counters say of this queue; the pool keeps it.
    pub(crate) indexed: Indexed,
}

/// What the pool has recorded elsewhere about a queue.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Indexed {
    /// Run length in the pool's count of pending transactions.
    pub(crate) run: usize,
    /// Arrival of the head that is ranked.
    pub(crate) head: Option<u64>,
    /// Arrival of the tail that is ranked, and whether it was ranked as in the run.
    pub(crate) tail: Option<(u64, bool)>,
}

impl Queue {
    pub(crate) fn new(nonce: u64) -> Self {
        Self {
            nonce,
            entries: VecDeque::new(),
            run: 0,
            head: 0,
            cost_total: U256::ZERO,
            indexed: Indexed::default(),
        }
    }

    /// The account nonce.
    pub(crate) fn nonce(&self) -> u64 {
        self.nonce
    }

    /// The first nonce from the account's on that no entry has.
    pub(crate) fn next_nonce(&self) -> u64 {
        self.nonce + self.run as u64
    }

    /// The first nonce at or above `account_nonce` that no entry has.
    pub(crate) fn next_nonce_from(&self, account_nonce: u64) -> u64 {
        if account_nonce <= self.next_nonce() {
            return self.next_nonce();
        }
        let (Ok(start) | Err(start)) = self.position(account_nonce);
        let consecutive = self
            .entries
            .range(start..)
            .zip(account_nonce..)
            .take_while(|(entry, nonce)| entry.nonce == *nonce)
            .count();
        account_nonce + consecutive as u64
    }

    pub(crate) fn run(&self) -> usize {
        self.run
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn cost_total(&self) -> U256 {
        self.cost_total
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Index of a nonce, or where it would be.
    pub(crate) fn position(&self, nonce: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&nonce, |entry| entry.nonce)
    }

    pub(crate) fn get(&self, nonce: u64) -> Option<&Entry> {
        self.position(nonce).ok().and_then(|index| self.entries.get(index))
    }

    /// The transaction that may be executed next.
    pub(crate) fn head(&self) -> Option<&Entry> {
        if self.head < self.run { self.entries.get(self.head) } else { None }
    }

    /// The last transaction, unless it is in flight, and whether it is in the run.
    pub(crate) fn tail(&self) -> Option<(&Entry, bool)> {
        let tail = self.entries.back()?;
        (!tail.in_flight).then_some((tail, self.run == self.entries.len()))
    }

    /// Puts an entry in its place. The nonce is free and not below the account's.
    pub(crate) fn insert(&mut self, entry: Entry) {
        let (Ok(index) | Err(index)) = self.position(entry.nonce);
        self.cost_total = self.cost_total.saturating_add(entry.cost);
        self.entries.insert(index, entry);
        self.head = self.head.min(index);
        self.extend_run();
    }

    /// Puts an entry in the place of the one with its nonce, which is not in flight.
    pub(crate) fn replace(&mut self, entry: Entry) -> Option<Entry> {
        let index = self.position(entry.nonce).ok()?;
        let place = self.entries.get_mut(index)?;
        self.cost_total = self.cost_total.saturating_sub(place.cost).saturating_add(entry.cost);
        Some(std::mem::replace(place, entry))
    }

    /// Takes an entry out; those behind it are then behind a gap.
    pub(crate) fn remove(&mut self, nonce: u64) -> Option<Entry> {
        let index = self.position(nonce).ok()?;
        let entry = self.entries.remove(index)?;
        self.cost_total = self.cost_total.saturating_sub(entry.cost);
        self.run = self.run.min(index);
        if index < self.head {
            self.head -= 1;
        }
        self.skip_in_flight();
        Some(entry)
    }

    /// Marks the head as in flight.
    pub(crate) fn take_head(&mut self) -> Option<&Entry> {
        let index = self.head;
        if index >= self.run {
            return None;
        }
        self.entries.get_mut(index)?.in_flight = true;
        self.skip_in_flight();
        self.entries.get(index)
    }

    /// Undoes [`Self::take_head`].
    pub(crate) fn give_back(&mut self, nonce: u64) {
        if let Ok(index) = self.position(nonce)
            && let Some(entry) = self.entries.get_mut(index)
        {
            entry.in_flight = false;
            self.head = self.head.min(index);
        }
    }

    /// The first entry below a nonce, taken out. Repeat until there is none, then
    /// [`Self::set_nonce`].
    pub(crate) fn pop_below(&mut self, nonce: u64) -> Option<Entry> {
        let entry = self.entries.pop_front_if(|entry| entry.nonce < nonce)?;
        self.cost_total = self.cost_total.saturating_sub(entry.cost);
        if self.run > 0 {
            self.run -= 1;
            self.nonce += 1;
        }
        self.head = self.head.saturating_sub(1);
        self.skip_in_flight();
        Some(entry)
    }

    /// Moves the account nonce, up or (after a reorg) down. No entry is below it.
    pub(crate) fn set_nonce(&mut self, nonce: u64) {
        if nonce != self.nonce {
            self.nonce = nonce;
            self.run = 0;
            self.extend_run();
        }
    }

    fn extend_run(&mut self) {
        while self.entries.get(self.run).is_some_and(|entry| entry.nonce == self.next_nonce()) {
            self.run += 1;
        }
    }

    fn skip_in_flight(&mut self) {
        while self.entries.get(self.head).is_some_and(|entry| entry.in_flight) {
            self.head += 1;
        }
    }
}
