//! Accounts and what a run of transactions changed.

use alloc::collections::BTreeMap;
use core::cmp::Ordering;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};

/// An address as words, the first bytes highest: in the order of addresses, and compared by a few
/// instructions where bytes take a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressWords([u32; 5]);

impl Ord for AddressWords {
    fn cmp(&self, other: &Self) -> Ordering {
        // Addresses are hashes, and nearly always differ in the first word.
        let ([first, rest @ ..], [first_other, rest_other @ ..]) = (&self.0, &other.0);
        match first.cmp(first_other) {
            Ordering::Equal => rest.cmp(rest_other),
            decided => decided,
        }
    }
}

impl PartialOrd for AddressWords {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Address> for AddressWords {
    fn from(address: Address) -> Self {
        let mut words = [0; 5];
        for (word, bytes) in words.iter_mut().zip(address.as_slice().as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        Self(words)
    }
}

impl From<AddressWords> for Address {
    fn from(words: AddressWords) -> Self {
        let mut address = Self::ZERO;
        for (bytes, word) in address.0.as_chunks_mut::<4>().0.iter_mut().zip(words.0) {
            *bytes = word.to_be_bytes();
        }
        address
    }
}

/// An account as execution sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Transactions sent, or for a contract, contracts created plus one.
    pub nonce: u64,
    /// Balance in wei; below 2^128 (spec/differences.md).
    pub balance: U256,
    /// keccak256 of the code; [`KECCAK256_EMPTY`] without code.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK256_EMPTY }
    }
}

impl Account {
    /// Empty in the sense of EIP-161: such an account does not exist.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}

/// The values after a run of transactions, for everything the run changed. Ordered, so that every
/// node walks it alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateDiff {
    /// Accounts; `None` where the account no longer exists.
    pub accounts: BTreeMap<Address, Option<Account>>,
    /// Storage slots; zero where the slot was cleared.
    pub storage: BTreeMap<(Address, U256), U256>,
    /// Code seen for the first time in the run, by its keccak256.
    pub codes: BTreeMap<B256, Bytes>,
}

impl StateDiff {
    /// Lays a later diff over this one.
    pub fn extend(&mut self, later: Self) {
        self.accounts.extend(later.accounts);
        self.storage.extend(later.storage);
        self.codes.extend(later.codes);
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.storage.is_empty() && self.codes.is_empty()
    }
}

/// Something that a transaction changed, with its value before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An account; `None` where there is none.
    Account {
        /// Its address.
        address: Address,
        /// What it was.
        before: Option<Account>,
        /// What it is.
        after: Option<Account>,
    },
    /// A storage slot.
    Slot {
        /// Whose it is.
        address: Address,
        /// Its number.
        slot: U256,
        /// The value that it had.
        before: U256,
        /// The value that it has.
        after: U256,
    },
    /// An account got this code.
    Code {
        /// keccak256 of the code.
        code_hash: B256,
        /// Its bytes.
        size: usize,
    },
}

#[cfg(test)]
mod tests;
