//! How much pubdata a block makes at most, counted while it runs (PD-10).

use alloc::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    vec::Vec,
};

use alloy_primitives::{Address, B256, U256};
use minster_batch::pubdata::{account_size_max, code_size_max, slot_size_max, stem_size_max};
use minster_primitives::{Account, Change};
use minster_state::keys;

/// More than any account or slot that changes is counted with, its stem included.
const CHANGE_SIZE_MAX: u64 = 128;

/// An upper bound on the bytes of the diff and the codes of a block. After a transaction it does
/// not depend on the order of its changes, which machines may have in any.
///
/// Changes are counted when it matters: while all of them together cannot reach the limit, nobody
/// has to know which of them name the same stem.
#[derive(Debug, Default)]
pub(super) struct PubdataBound {
    /// What is counted of the changes that are not pending.
    size: u64,
    /// Those of each transaction.
    pending: Vec<Vec<Change>>,
    /// What the pending changes are counted with at most.
    pending_size_max: u64,
    /// What changed accounts were before the block.
    accounts: BTreeMap<Address, Option<Account>>,
    /// What changed slots were before the block.
    slots: BTreeMap<(Address, U256), U256>,
    /// Stems that something changed in, by address and tree index (ST-3), and whether one of the
    /// leaves that changed was there before the block.
    stems: BTreeMap<(Address, U256), bool>,
    codes: BTreeSet<B256>,
}

impl PubdataBound {
    /// Whether the bound is at most this.
    pub(super) fn is_at_most(&mut self, limit: u64) -> bool {
        self.size.saturating_add(self.pending_size_max) <= limit || self.size() <= limit
    }

    /// The bound: what is changed back costs no more than the name of its stem.
    pub(super) fn size(&mut self) -> u64 {
        self.pending_size_max = 0;
        for change in core::mem::take(&mut self.pending).into_iter().flatten() {
            match change {
                Change::Account { address, before, after } => {
                    self.account(address, before, after);
                }
                Change::Slot { address, slot, before, after } => {
                    self.slot(address, slot, before, after);
                }
                Change::Code { code_hash, size } => {
                    if self.codes.insert(code_hash) {
                        self.replace(0, code_size_max(size));
                    }
                }
            }
        }
        self.size
    }

    /// Takes in what was changed last.
    pub(super) fn count(&mut self, changes: Vec<Change>) {
        for change in &changes {
            let size_max = match change {
                Change::Account { .. } | Change::Slot { .. } => CHANGE_SIZE_MAX,
                Change::Code { size, .. } => code_size_max(*size),
            };
            self.pending_size_max = self.pending_size_max.saturating_add(size_max);
        }
        self.pending.push(changes);
    }

    fn account(&mut self, address: Address, before: Option<Account>, after: Option<Account>) {
        let start = *self.accounts.entry(address).or_insert(before);
        self.name(address, U256::ZERO, start.is_some());
        let start = start.unwrap_or_default();
        let size =
            |account: Option<Account>| account_size_max(&start, &account.unwrap_or_default());
        self.replace(size(before), size(after));
    }

    fn slot(&mut self, address: Address, slot: U256, before: U256, after: U256) {
        let (tree_index, sub_index) = keys::storage_place(slot);
        let start = *self.slots.entry((address, slot)).or_insert(before);
        self.name(address, tree_index, !start.is_zero());
        let size = |value| slot_size_max(sub_index, start, value);
        self.replace(size(before), size(after));
    }

    /// A stem is named once.
    fn name(&mut self, address: Address, tree_index: U256, is_old: bool) {
        let before = match self.stems.entry((address, tree_index)) {
            Entry::Occupied(known) if *known.get() || !is_old => return,
            Entry::Occupied(mut known) => {
                known.insert(true);
                stem_size_max(false)
            }
            Entry::Vacant(unknown) => {
                unknown.insert(is_old);
                0
            }
        };
        self.replace(before, stem_size_max(is_old));
    }

    const fn replace(&mut self, old: u64, new: u64) {
        self.size = self.size.saturating_sub(old).saturating_add(new);
    }
}

#[cfg(test)]
mod tests;
