//! Account nonces of senders whose last transaction left the pool.
//!
//! A caller reads the account before it calls `add`. Should the sender's last transaction be
//! executed in between, the caller's nonce is too low, and without this memory the newcomer would
//! wait behind a gap that nothing will ever fill.

use minster_primitives::{Address, alloy_primitives::map::AddressMap};

/// Senders in one generation. Two are kept, so that this many are always remembered: many times
/// what can be executed while one call to `add` is under way.
const GENERATION_SIZE: usize = 32_768;

#[derive(Debug, Default)]
pub(crate) struct RecentNonces {
    young: AddressMap<u64>,
    old: AddressMap<u64>,
}

impl RecentNonces {
    pub(crate) fn remember(&mut self, sender: Address, nonce: u64) {
        if self.young.len() >= GENERATION_SIZE {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(sender, nonce);
    }

    /// Overwrites what is remembered of a sender, if anything is: after a reorg the nonce is lower.
    pub(crate) fn correct(&mut self, sender: Address, nonce: u64) {
        for generation in [&mut self.young, &mut self.old] {
            generation.entry(sender).and_modify(|remembered| *remembered = nonce);
        }
    }

    /// The higher of the caller's nonce and the one remembered.
    pub(crate) fn newest(&self, sender: Address, account_nonce: u64) -> u64 {
        let remembered = self.young.get(&sender).or_else(|| self.old.get(&sender));
        remembered.map_or(account_nonce, |nonce| account_nonce.max(*nonce))
    }
}

#[cfg(test)]
mod tests;
