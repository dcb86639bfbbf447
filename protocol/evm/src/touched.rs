//! What a block has touched so far, and what it owes the meter for that.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use alloy_primitives::{Address, B256, U256};
use minster_primitives::AddressWords;

use crate::cost::table;

/// Something whose proof a batch pays once, however often it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    /// An account that is read.
    Account(AddressWords),
    /// A slot that is read.
    Slot(SlotName),
    /// The hash of an earlier block.
    BlockHash(u64),
    /// An account that is written.
    ChangedAccount(AddressWords),
    /// A slot that is written.
    ChangedSlot(SlotName),
    /// A code that is run or looked at.
    Code(B256),
}

/// A slot, by its account and its number.
type SlotName = (AddressWords, U256);

/// How an account or a slot has been touched.
#[derive(Debug, Clone, Copy, Default)]
struct Touches {
    is_read: bool,
    is_changed: bool,
}

/// The things that a block has touched, and cycle-equivalents that are not charged yet.
///
/// The first touch in a block pays for the proof of a thing, later ones for finding it. What a
/// transaction that is refused has touched is forgotten, because no other node sees it.
#[derive(Debug)]
pub struct Touched {
    // Trees, because whoever sends transactions chooses the names, and could make them collide in
    // any table whose hashes can be computed.
    accounts: BTreeMap<AddressWords, Touches>,
    slots: BTreeMap<SlotName, Touches>,
    block_hashes: BTreeSet<u64>,
    codes: BTreeSet<B256>,
    /// What the transaction has added.
    new: Vec<Thing>,
    due: u64,
}

impl Touched {
    /// Before the first block.
    pub(crate) const fn new() -> Self {
        Self {
            accounts: BTreeMap::new(),
            slots: BTreeMap::new(),
            block_hashes: BTreeSet::new(),
            codes: BTreeSet::new(),
            new: Vec::new(),
            due: 0,
        }
    }

    /// Starts a block.
    pub(crate) fn begin_block(&mut self) {
        *self = Self::new();
    }

    /// Starts a transaction.
    pub(crate) fn begin(&mut self) {
        self.new.clear();
        self.due = 0;
    }

    /// Ends a transaction that is not in the block.
    /// Its reads and writes count for no later one.
    pub(crate) fn refuse(&mut self) {
        let Self { accounts, slots, block_hashes, codes, new, due } = self;
        for thing in new.drain(..) {
            match thing {
                Thing::Account(name) => accounts.entry(name).or_default().is_read = false,
                Thing::Slot(name) => slots.entry(name).or_default().is_read = false,
                Thing::ChangedAccount(name) => accounts.entry(name).or_default().is_changed = false,
                Thing::ChangedSlot(name) => slots.entry(name).or_default().is_changed = false,
                Thing::BlockHash(number) => drop(block_hashes.remove(&number)),
                Thing::Code(code_hash) => drop(codes.remove(&code_hash)),
            }
        }
        *due = 0;
    }

    /// Takes what is to be charged.
    pub(crate) const fn take_due(&mut self) -> u64 {
        // Asked before each instruction, and seldom has it something: no store for nothing.
        if self.due == 0 {
            return 0;
        }
        core::mem::replace(&mut self.due, 0)
    }

    fn owe(&mut self, cycles: u64) {
        self.due = self.due.saturating_add(cycles);
    }

    /// Something that is touched for the first time.
    fn add(&mut self, thing: Thing, cycles: u64) {
        self.new.push(thing);
        self.owe(cycles);
    }

    /// A read of an account, once in a transaction.
    pub(crate) fn account(&mut self, address: Address) {
        self.owe(table::RELOAD);
        let name = AddressWords::from(address);
        let touches = self.accounts.entry(name).or_default();
        if !core::mem::replace(&mut touches.is_read, true) {
            self.add(Thing::Account(name), table::COLD_ACCOUNT);
        }
    }

    /// A read of a slot, once in a transaction.
    pub(crate) fn slot(&mut self, address: Address, slot: U256) {
        self.owe(table::RELOAD);
        let name = (AddressWords::from(address), slot);
        let touches = self.slots.entry(name).or_default();
        if !core::mem::replace(&mut touches.is_read, true) {
            self.add(Thing::Slot(name), table::COLD_SLOT);
        }
    }

    /// A question for the hash of a block.
    pub(crate) fn block_hash(&mut self, number: u64) {
        self.owe(table::RELOAD);
        if self.block_hashes.insert(number) {
            self.add(Thing::BlockHash(number), table::COLD_SLOT);
        }
    }

    /// A write to an account: its balance, nonce or code.
    pub(crate) fn account_change(&mut self, address: Address) {
        let name = AddressWords::from(address);
        let touches = self.accounts.entry(name).or_default();
        if !core::mem::replace(&mut touches.is_changed, true) {
            self.add(Thing::ChangedAccount(name), table::CHANGED_ACCOUNT);
        }
    }

    /// A write to a slot.
    pub(crate) fn slot_change(&mut self, address: Address, slot: U256) {
        let name = (AddressWords::from(address), slot);
        let touches = self.slots.entry(name).or_default();
        if !core::mem::replace(&mut touches.is_changed, true) {
            self.add(Thing::ChangedSlot(name), table::CHANGED_SLOT);
        }
    }

    /// A code of so many bytes.
    pub(crate) fn code(&mut self, code_hash: B256, size: usize) {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if self.codes.insert(code_hash) {
            self.add(Thing::Code(code_hash), table::CODE_BYTE.saturating_mul(size));
        }
    }
}

#[cfg(test)]
mod tests;
