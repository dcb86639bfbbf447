//! What a block has touched so far, and what it owes the meter for that.

use alloc::{collections::BTreeSet, vec::Vec};

use alloy_primitives::{Address, B256, U256};

use crate::cost::table;

/// Something whose proof a batch pays once, however often it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// An account that is read.
    Account(Address),
    /// A slot that is read.
    Slot(Address, U256),
    /// The hash of an earlier block.
    BlockHash(u64),
    /// An account that is written.
    ChangedAccount(Address),
    /// A slot that is written.
    ChangedSlot(Address, U256),
    /// A code that is run or looked at.
    Code(B256),
}

/// The things that a block has touched, and cycle-equivalents that are not charged yet.
///
/// The first touch in a block pays for the proof of a thing, later ones for finding it. What a
/// transaction that is refused has touched is forgotten, because no other node sees it.
#[derive(Debug)]
pub struct Touched {
    things: BTreeSet<Thing>,
    /// What the transaction has added.
    new: Vec<Thing>,
    due: u64,
}

impl Touched {
    /// Before the first block.
    pub(crate) const fn new() -> Self {
        Self { things: BTreeSet::new(), new: Vec::new(), due: 0 }
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
        for thing in self.new.drain(..) {
            self.things.remove(&thing);
        }
        self.due = 0;
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

    fn touch(&mut self, thing: Thing, cycles: u64) {
        if self.things.insert(thing.clone()) {
            self.new.push(thing);
            self.owe(cycles);
        }
    }

    /// A read of an account, once in a transaction.
    pub(crate) fn account(&mut self, address: Address) {
        self.owe(table::RELOAD);
        self.touch(Thing::Account(address), table::COLD_ACCOUNT);
    }

    /// A read of a slot, once in a transaction.
    pub(crate) fn slot(&mut self, address: Address, slot: U256) {
        self.owe(table::RELOAD);
        self.touch(Thing::Slot(address, slot), table::COLD_SLOT);
    }

    /// A question for the hash of a block.
    pub(crate) fn block_hash(&mut self, number: u64) {
        self.owe(table::RELOAD);
        self.touch(Thing::BlockHash(number), table::COLD_SLOT);
    }

    /// A write to an account: its balance, nonce or code.
    pub(crate) fn account_change(&mut self, address: Address) {
        self.touch(Thing::ChangedAccount(address), table::CHANGED_ACCOUNT);
    }

    /// A write to a slot.
    pub(crate) fn slot_change(&mut self, address: Address, slot: U256) {
        self.touch(Thing::ChangedSlot(address, slot), table::CHANGED_SLOT);
    }

    /// A code of so many bytes.
    pub(crate) fn code(&mut self, code_hash: B256, size: usize) {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        self.touch(Thing::Code(code_hash), table::CODE_BYTE.saturating_mul(size));
    }
}
