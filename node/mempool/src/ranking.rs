//! A priority queue over senders that is cleaned lazily.

use std::collections::BinaryHeap;

use minster_primitives::Address;

/// One sender's place, best first by `key`. Live while the key is still that of the sender's
/// queue; the owner checks that when the item comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranked<K> {
    pub(crate) key: K,
    pub(crate) sender: Address,
}

/// A heap of [`Ranked`] items at one base fee. Dead items stay until they come up; when they
/// outnumber the senders, the owner builds the heap anew.
#[derive(Debug)]
pub(crate) struct Ranking<K> {
    heap: BinaryHeap<Ranked<K>>,
    base_fee: Option<u64>,
}

/// Dead items that are always tolerated, so that a small pool is not rebuilt all the time.
const DEAD_ALLOWANCE: usize = 1_024;

impl<K: Ord> Ranking<K> {
    pub(crate) fn new() -> Self {
        Self { heap: BinaryHeap::new(), base_fee: None }
    }

    /// Whether the items are those of this base fee. If not, pushing is useless: the owner
    /// rebuilds before it reads.
    pub(crate) fn is_current(&self, base_fee: u64) -> bool {
        self.base_fee == Some(base_fee)
    }

    pub(crate) fn rebuild(&mut self, base_fee: u64, items: Vec<Ranked<K>>) {
        self.heap = BinaryHeap::from(items);
        self.base_fee = Some(base_fee);
    }

    /// Drops everything: the owner rebuilds before it reads.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.base_fee = None;
    }

    /// Drops everything, where dead items have become too many.
    pub(crate) fn trim(&mut self, senders: usize) {
        if self.heap.len() > DEAD_ALLOWANCE + 2 * senders {
            self.clear();
        }
    }

    pub(crate) fn push(&mut self, item: Ranked<K>) {
        self.heap.push(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Ranked<K>> {
        self.heap.pop()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}
