//! The state after an old block: what the next block that changed a key found there.

use std::{fmt, sync::Arc, time::Instant};

use alloy_primitives::{Address, B256, U256};
use minster_primitives::Account;
use minster_storage::archive::Archive;

use super::{
    index::{Index, account_key, slot_key},
    read::{Lately, Limits},
};
use crate::{
    SequencerError, changes,
    codec::ChangeSet,
    state::{Earlier, StateError},
    undo::Undo,
};

/// Change sets that are kept decoded, at most, and the keys in them; one is kept whatever it has.
const RECENT_SETS_MAX: usize = 256;
const RECENT_KEYS_MAX: usize = 1 << 18;

/// What sealed blocks changed.
#[derive(Debug)]
pub(super) struct ChangeSets {
    archive: Arc<Archive>,
    read: Lately<ChangeSet>,
}

impl ChangeSets {
    pub(super) const fn new(archive: Arc<Archive>) -> Self {
        let limits =
            Limits { count: RECENT_SETS_MAX, weight: RECENT_KEYS_MAX, weigh: ChangeSet::len };
        Self { archive, read: Lately::new(limits) }
    }

    /// The oldest block whose changes are kept.
    pub(super) fn first(&self) -> Option<u64> {
        self.archive.first()
    }

    /// What a block changed, if it is there.
    pub(super) fn find(&self, block: u64) -> Result<Option<ChangeSet>, SequencerError> {
        changes::find(&self.archive, block)
    }

    /// What a sealed block changed; `None` when that is no longer kept.
    pub(super) fn get(&self, block: u64) -> Result<Option<ChangeSet>, SequencerError> {
        changes::get(&self.archive, block)
    }

    /// The same, for whoever will ask again for the same blocks.
    fn get_often(&self, block: u64) -> Result<Option<Arc<ChangeSet>>, SequencerError> {
        if let Some(changes) = self.read.get(block) {
            return Ok(Some(changes));
        }
        let Some(changes) = self.get(block)?.map(Arc::new) else { return Ok(None) };
        self.read.insert(block, &changes);
        Ok(Some(changes))
    }
}

/// What the newest blocks changed, which the index may not know yet: back from a state that is
/// held.
#[derive(Debug)]
pub(super) struct Tail {
    /// The last block, and the version of its state.
    pub(super) from: u64,
    pub(super) version: u64,
    /// The block after which the state is found.
    pub(super) to: u64,
    pub(super) undo: Undo,
}

/// What differed after a block from the state that a view has.
pub(super) struct Past {
    pub(super) index: Arc<Index>,
    pub(super) changes: Arc<ChangeSets>,
    /// The block, its hash, and the version of its state.
    pub(super) block: u64,
    pub(super) hash: B256,
    pub(super) version: u64,
    /// What later ones changed, up to the state that the view has.
    pub(super) tail: Arc<Tail>,
    /// Until when it may be read: a key may ask for many reads of the disk.
    pub(super) until: Instant,
}

impl fmt::Debug for Past {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it looks into is far too long to print.
        formatter.debug_struct("Past").field("block", &self.block).finish_non_exhaustive()
    }
}

impl Past {
    /// What `before` finds in the first change set that has this key, of those that the index
    /// knows.
    fn find<T>(
        &self,
        key: u64,
        before: impl Fn(&ChangeSet) -> Option<T>,
    ) -> Result<Option<T>, StateError> {
        let unreadable =
            |error: SequencerError| StateError::Unreadable { reason: error.to_string() };
        let pruned = StateError::Pruned { version: self.version, oldest: self.tail.version };
        let mut after = self.block;
        let mut found = None;
        while found.is_none() {
            if Instant::now() > self.until {
                return Err(StateError::OutOfTime);
            }
            let next = self.index.next_change(key, after).map_err(unreadable)?;
            let Some(block) = next.filter(|block| *block <= self.tail.to) else { break };
            let changes = self.changes.get_often(block).map_err(unreadable)?;
            let Some(changes) = changes else { return Err(pruned) };
            found = before(&changes);
            after = block;
        }
        // After the look, because what was found before the index forgot is right.
        if self.block.saturating_add(1) < self.index.oldest() { Err(pruned) } else { Ok(found) }
    }
}

impl Earlier for Past {
    fn account(&self, address: Address) -> Result<Option<Option<Account>>, StateError> {
        let found = self.find(account_key(address), |changes| changes.account(address))?;
        Ok(found.or_else(|| self.tail.undo.account(address)))
    }

    fn slot(&self, address: Address, slot: U256) -> Result<Option<U256>, StateError> {
        let found = self.find(slot_key(address, slot), |changes| changes.slot(address, slot))?;
        Ok(found.or_else(|| self.tail.undo.slot(address, slot)))
    }

    fn last_block(&self) -> (u64, B256) {
        (self.block, self.hash)
    }
}
