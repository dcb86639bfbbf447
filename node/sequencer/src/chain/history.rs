//! The state as it was: trees and views of blocks whose state is no longer held, made from a later
//! one by undoing what each block between changed.
//!
//! How far back that goes is bounded twice, by blocks and by changed keys, so that one request
//! costs seconds at most; whoever asks runs it on a thread of its own, and says until when.
//! One at a time undoes, because what is undone takes memory.

use std::{sync::Arc, time::Instant};

use minster_state::Tree;
use parking_lot::MutexGuard;

use super::Chain;
use crate::{
    Block, SequencerError,
    codec::{ChangeSet, decode},
    state::{StateError, StateView},
    undo::Undo,
};

/// The state tree after a sealed block.
#[derive(Debug, Clone)]
pub(super) struct SealedTree {
    pub(super) block: u64,
    pub(super) tree: Tree,
}

/// How far back a chain can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldestPast {
    /// The oldest block whose state can be had.
    pub state: u64,
    /// The oldest block in which proofs can be had.
    pub proofs: u64,
}

impl Chain {
    /// The state after a block: held, or found by undoing later blocks.
    ///
    /// # Errors
    /// [`StateError::Pruned`] when that would undo more than [`Retention`](crate::Retention)
    /// allows; [`SequencerError::OutOfTime`] when it takes longer than `until`; others when the
    /// archive cannot be read.
    pub fn state_after(&self, block: &Block, until: Instant) -> Result<StateView, SequencerError> {
        let held = self.state.held();
        if !block.is_open && block.state_version < held.safe {
            // Whoever reads the oldest version finds it gone a moment later. What is undone is
            // undone from one that stays.
            let base = self.first_at(held.middle, block.number())?;
            let _permit = self.undo_permit(until)?;
            let undo = self.undo(base.number(), block.number(), until)?;
            let view = self.state.view(base.state_version);
            if let (Some(undo), Ok(view)) = (undo, view) {
                return Ok(view.undone(Arc::new(undo)));
            }
        }
        Ok(self.state.view(block.state_version)?)
    }

    /// The oldest blocks whose state and whose proofs can be had. It reads what blocks changed,
    /// those that no call before this one has read.
    ///
    /// # Errors
    /// [`SequencerError::OutOfTime`] when it takes longer than `until`; others when the archive
    /// cannot be read.
    pub fn oldest_past(&self, until: Instant) -> Result<OldestPast, SequencerError> {
        let latest = self.latest().number();
        let retention = self.state.retention();
        let mut counts = self.change_counts.lock();
        let (mut proofs, mut sum) = (latest, 0_usize);
        while proofs > 0 && latest.saturating_sub(proofs) < retention.past_blocks_max {
            if Instant::now() > until {
                return Err(SequencerError::OutOfTime);
            }
            let count = match counts.get(&proofs) {
                Some(count) => *count,
                None => match self.change_set(proofs)? {
                    Some(changes) => changes.len(),
                    None => break,
                },
            };
            counts.insert(proofs, count);
            sum = sum.saturating_add(count);
            if sum > retention.changes_max {
                break;
            }
            proofs = proofs.saturating_sub(1);
        }
        *counts = counts.split_off(&proofs);
        let held = self.first_at(self.state.held().safe, self.oldest_block())?.number();
        // The block itself may be pruned sooner than what it changed.
        let kept = self.oldest_block();
        Ok(OldestPast { state: held.min(proofs).max(kept), proofs: proofs.max(kept) })
    }

    /// The state tree after a sealed block.
    ///
    /// # Errors
    /// [`StateError::Pruned`] when the block is too far back, or is not sealed;
    /// [`SequencerError::OutOfTime`] when it takes longer than `until`; others when the archive
    /// cannot be read.
    pub fn tree_after(&self, block: &Block, until: Instant) -> Result<Tree, SequencerError> {
        let pruned = || StateError::Pruned {
            version: block.state_version,
            oldest: self.latest().state_version,
        };
        let latest = self.tree.read().clone().ok_or_else(pruned)?;
        if block.is_open || block.number() > latest.block {
            return Err(pruned().into());
        }
        let is_past = block.number() < latest.block;
        let _permit = is_past.then(|| self.undo_permit(until)).transpose()?;
        let undo = self.undo(latest.block, block.number(), until)?.ok_or_else(pruned)?;
        let SealedTree { mut tree, .. } = latest;
        let code = |hash| self.state.code(hash).ok().map(|code| code.original_bytes());
        undo.apply(&mut tree, code)?;
        let (expected, found) = (block.header.state_root, tree.root());
        if expected != found {
            let what = format!("the state root of block {}", block.number());
            return Err(SequencerError::ReplayMismatch { what, expected, found });
        }
        Ok(tree)
    }

    /// Blocks before the last one whose state and proofs can be had, as far as their changes allow.
    #[must_use]
    pub fn past_blocks_max(&self) -> u64 {
        self.state.retention().past_blocks_max
    }

    /// The oldest sealed block, not before this number, whose state is of this version or later.
    fn first_at(&self, version: u64, number: u64) -> Result<Arc<Block>, SequencerError> {
        let mut first = self.latest();
        let (mut low, mut high) = (number, first.number());
        while low < high {
            let middle = low.midpoint(high);
            match self.block(middle) {
                Ok(Some(block)) if block.state_version >= version => {
                    high = middle;
                    first = block;
                }
                // What was pruned is older.
                Ok(_) | Err(SequencerError::HistoryPruned { .. }) => {
                    low = middle.saturating_add(1);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(first)
    }

    /// Waits for the turn to undo.
    fn undo_permit(&self, until: Instant) -> Result<MutexGuard<'_, ()>, SequencerError> {
        self.undoing.try_lock_until(until).ok_or(SequencerError::OutOfTime)
    }

    /// What takes the state back from after one block to after an earlier one; `None` when that is
    /// too much.
    fn undo(&self, from: u64, to: u64, until: Instant) -> Result<Option<Undo>, SequencerError> {
        let retention = self.state.retention();
        if from.saturating_sub(to) > retention.past_blocks_max {
            return Ok(None);
        }
        let mut undo = Undo::default();
        for block in (to.saturating_add(1)..=from).rev() {
            if Instant::now() > until {
                return Err(SequencerError::OutOfTime);
            }
            let Some(changes) = self.change_set(block)? else { return Ok(None) };
            undo.push(changes);
            if undo.len() > retention.changes_max {
                return Ok(None);
            }
        }
        Ok(Some(undo))
    }

    /// What a sealed block changed; `None` when that is no longer kept.
    fn change_set(&self, block: u64) -> Result<Option<ChangeSet>, SequencerError> {
        match self.changes.get(block)? {
            Some(bytes) => decode("change set", &bytes).map(Some),
            None if self.changes.first() > Some(block) => Ok(None),
            None => Err(SequencerError::ChangesMissing { block }),
        }
    }
}
