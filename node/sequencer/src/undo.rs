//! The state tree as it was after an earlier block: a later tree, with the blocks between undone.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256};
use minster_os::tree_updates;
use minster_primitives::{Account, KECCAK256_EMPTY, StateDiff};
use minster_state::{SoftwareBlake3, Tree, keys::published_code_key};

use crate::{
    SequencerError,
    codec::{ChangeSet, StoredSlot},
    sealer::tree_error,
    state::StateError,
};

/// The values before a run of blocks, for everything that the run changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Undo {
    accounts: BTreeMap<Address, Option<Account>>,
    slots: BTreeMap<(Address, U256), U256>,
    published: BTreeSet<B256>,
}

impl Undo {
    /// Puts a block in front of the run: the newest comes first, and what an older one found
    /// stands.
    pub(crate) fn push(&mut self, changes: ChangeSet) {
        let ChangeSet { accounts, created, slots, published } = changes;
        self.accounts.extend(created.into_iter().map(|address| (address, None)));
        for stored in accounts {
            self.accounts.insert(stored.address, Some(stored.account()));
        }
        for StoredSlot { address, slot, value } in slots {
            self.slots.insert((address, slot), value);
        }
        self.published.extend(published.into_iter().map(|code| code.hash));
    }

    /// Keys that the run changed.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len() + self.slots.len() + self.published.len()
    }

    /// The account before the run, if the run changed it.
    pub(crate) fn account(&self, address: Address) -> Option<Option<Account>> {
        self.accounts.get(&address).copied()
    }

    /// The slot before the run, if the run changed it.
    pub(crate) fn slot(&self, address: Address, slot: U256) -> Option<U256> {
        self.slots.get(&(address, slot)).copied()
    }

    /// Takes a whole state back from after the run to before it.
    pub(crate) fn rewind(self, state: &mut StateDiff) {
        let Self { accounts, slots, published } = self;
        for (address, account) in accounts {
            match account {
                Some(account) => drop(state.accounts.insert(address, Some(account))),
                None => drop(state.accounts.remove(&address)),
            }
        }
        for (key, value) in slots {
            match value.is_zero() {
                false => drop(state.storage.insert(key, value)),
                true => drop(state.storage.remove(&key)),
            }
        }
        state.codes.retain(|hash, _| !published.contains(hash));
    }

    /// Takes the tree back from after the run to before it. `code` knows all that were ever set.
    pub(crate) fn apply(
        self,
        tree: &mut Tree,
        code: impl Fn(B256) -> Option<Bytes>,
    ) -> Result<(), SequencerError> {
        let Self { accounts, slots, published } = self;
        let mut diff = StateDiff { accounts, storage: slots, codes: BTreeMap::new() };
        // The later tree may hold the size of another code, so each account brings its own. That
        // marks the code as published, which it was before the run: an account had it then.
        for account in diff.accounts.values().flatten() {
            let code_hash = account.code_hash;
            if code_hash != KECCAK256_EMPTY {
                let code = code(code_hash).ok_or(StateError::CodeMissing { code_hash })?;
                diff.codes.insert(code_hash, code);
            }
        }
        let mut updates = tree_updates(&diff, tree).map_err(tree_error)?;
        let unmarked = published.iter().map(|hash| published_code_key::<SoftwareBlake3>(*hash));
        updates.extend(unmarked.map(|key| (key, B256::ZERO)));
        tree.update(&updates).map_err(tree_error)
    }
}

#[cfg(test)]
mod tests;
