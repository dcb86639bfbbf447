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
    codec::decode,
    state::{StateError, StateView},
    undo::Undo,
};

/// The state tree after a sealed block.
#[derive(Debug, Clone)]
pub(super) struct SealedTree {
    pub(super) block: u64,
    pub(super) tree: Tree,
}

impl Chain {
    /// The state after a block: held, or found by undoing later blocks.
    ///
    /// # Errors
    /// [`StateError::Pruned`] when that would undo more than [`Retention`](crate::Retention)
    /// allows; [`SequencerError::OutOfTime`] when it takes longer than `until`; others when the
    /// archive cannot be read.
    pub fn state_after(&self, block: &Block, until: Instant) -> Result<StateView, SequencerError> {
        let pruned = match self.state.view(block.state_version) {
            Err(error) if !block.is_open => error,
            held => return Ok(held?),
        };
        let first_held = self.first_held(block.number())?;
        let view = self.state.view(first_held.state_version)?;
        let _permit = self.undo_permit(until)?;
        match self.undo(first_held.number(), block.number(), until)? {
            Some(undo) => Ok(view.undone(Arc::new(undo))),
            None => Err(pruned.into()),
        }
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

    /// The oldest sealed block, not before this number, whose state is held.
    fn first_held(&self, number: u64) -> Result<Arc<Block>, SequencerError> {
        let oldest = self.state.oldest();
        let mut first = self.latest();
        let (mut low, mut high) = (number, first.number());
        while low < high {
            let middle = low.midpoint(high);
            match self.block(middle)? {
                Some(block) if block.state_version >= oldest => {
                    high = middle;
                    first = block;
                }
                _ => low = middle.saturating_add(1),
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
            let Some(bytes) = self.changes.get(block)? else {
                return Err(SequencerError::ChangesMissing { block });
            };
            undo.push(decode("change set", &bytes)?);
            if undo.len() > retention.changes_max {
                return Ok(None);
            }
        }
        Ok(Some(undo))
    }
}
