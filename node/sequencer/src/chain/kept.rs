//! How far back the chain goes: what was pruned, and what may be.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use alloy_primitives::B256;

use super::{
    Arc, Chain,
    index::{Index, Place, keys},
};
use crate::{SequencerError, block::Block};

/// What is kept of old blocks, and what is needed of them.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Block 0, which stays.
    genesis: OnceLock<Arc<Block>>,
    /// The oldest block besides.
    oldest: AtomicU64,
    /// The last block that is in a proven batch, with all before it.
    proven: AtomicU64,
}

impl Chain {
    /// The oldest block that is kept besides genesis; 0 when all of them are.
    #[must_use]
    pub fn oldest_block(&self) -> u64 {
        self.kept.oldest.load(Ordering::Acquire)
    }

    /// Takes note that all blocks up to this one are in batches that are proven, or, when there is
    /// an L1, final there. None after it is ever pruned, and on a chain where nobody calls this,
    /// none at all: a later start may have to batch them.
    pub fn set_proven_through(&self, block: u64) {
        self.kept.proven.fetch_max(block, Ordering::AcqRel);
    }

    /// The last block of which that was said.
    #[must_use]
    pub fn proven_through(&self) -> u64 {
        self.kept.proven.load(Ordering::Acquire)
    }

    /// Transactions whose place is known by their hash. Those of pruned blocks go from this number
    /// later than the blocks.
    #[must_use]
    pub fn indexed(&self) -> u64 {
        self.index.count()
    }

    /// Whether the index has a transaction at this place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn is_indexed(&self, hash: B256, place: Place) -> Result<bool, SequencerError> {
        if let Some(recent) = self.index.recent_transaction(&hash) {
            return Ok(recent == place);
        }
        Ok(self.index.old_transactions(&hash)?.contains(&place))
    }

    /// Whether the index has the block under all that it changed, if it has it at all.
    ///
    /// # Errors
    /// When either cannot be read.
    pub(crate) fn are_changes_indexed(&self, block: u64) -> Result<bool, SequencerError> {
        if block == 0 || block > self.index.changes_through() {
            return Ok(true);
        }
        let Some(changes) = self.changes.get(block)? else { return Ok(true) };
        for key in keys(&changes) {
            if self.index.next_change(key, block - 1)? != Some(block) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where hashes are.
    pub(crate) const fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Refuses a block that was pruned.
    ///
    /// # Errors
    /// [`SequencerError::HistoryPruned`].
    pub fn refuse_pruned(&self, number: u64) -> Result<(), SequencerError> {
        let oldest = self.oldest_block();
        if number < oldest && number > 0 {
            return Err(SequencerError::HistoryPruned { oldest });
        }
        Ok(())
    }

    pub(super) fn genesis(&self) -> Option<Arc<Block>> {
        self.kept.genesis.get().cloned()
    }

    /// Keeps block 0 for good.
    pub(super) fn keep_genesis(&self, genesis: &Arc<Block>) {
        // The first start and every later one have the same.
        let _ = self.kept.genesis.set(Arc::clone(genesis));
    }

    /// Enters what an earlier run has left of the blocks: genesis, and those from `oldest` on.
    pub(crate) fn restore_kept(&self, genesis: Block, oldest: u64) {
        self.keep_genesis(&Arc::new(genesis));
        self.kept.oldest.store(oldest, Ordering::Release);
    }

    /// From now on no block before this one is answered; what was read of them is forgotten.
    pub(crate) fn prune_before(&self, block: u64) {
        self.kept.oldest.fetch_max(block, Ordering::AcqRel);
        self.index.forget_before(block);
        self.read.forget_before(block);
    }
}
