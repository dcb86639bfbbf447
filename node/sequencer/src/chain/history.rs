//! The state as it was: trees and views of blocks whose state is no longer held, made from a later
//! one by undoing what each block between changed.
//!
//! 1. A view undoes the newest blocks, those that the index does not know yet; before them it asks
//!    the index for each key that is read. So it goes back as far as changes are kept.
//! 2. A tree undoes all blocks between, so it goes back for so many.
//! 3. What is undone is bounded by changed keys, so that one request costs seconds at most; whoever
//!    asks runs it on a thread of its own, and says until when. One at a time undoes, because that
//!    takes memory.

use std::{sync::Arc, time::Instant};

use minster_state::Tree;
use parking_lot::MutexGuard;

use super::{
    Chain,
    past::{Past, Tail},
};
use crate::{
    Block, SequencerError,
    state::{Held, StateError, StateView},
    undo::Undo,
};

/// Whoever undoes holds it, and with it what the last one undid for views.
type UndoPermit<'a> = MutexGuard<'a, Option<Arc<Tail>>>;

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
    /// The state after a block: held, or found by what later blocks changed.
    ///
    /// # Errors
    /// [`StateError::Pruned`] when that is no longer kept, or when the newest blocks changed more
    /// keys than [`Retention`](crate::Retention) allows; [`SequencerError::OutOfTime`] when it
    /// takes longer than `until`; others when the archive cannot be read.
    pub fn state_after(&self, block: &Block, until: Instant) -> Result<StateView, SequencerError> {
        let held = self.state.held();
        if block.is_open || block.state_version >= held.safe {
            return Ok(self.state.view(block.state_version)?);
        }
        let pruned =
            || StateError::Pruned { version: block.state_version, oldest: held.safe }.into();
        let number = block.number();
        let tail = self.tail(number, held, until)?.ok_or_else(pruned)?;
        // After the tail, which knows up to where the index goes: that has nothing of what was
        // pruned before it was written.
        let is_kept = |first| number.saturating_add(1) >= first;
        if !self.changes.first().is_some_and(is_kept) || !is_kept(self.index.oldest()) {
            return Err(pruned());
        }
        // It may be gone by now, on a chain that is fast.
        let view = self.state.view(tail.version)?;
        Ok(view.before(Arc::new(Past {
            index: Arc::clone(&self.index),
            changes: Arc::clone(&self.changes),
            block: number,
            hash: block.hash,
            version: block.state_version,
            tail,
            until,
        })))
    }

    /// What takes the state back from one that stays held to after the last block whose changes are
    /// in the index, or to after a later block; `None` when that is too much.
    fn tail(
        &self,
        block: u64,
        held: Held,
        until: Instant,
    ) -> Result<Option<Arc<Tail>>, SequencerError> {
        let mut last = self.undo_permit(until)?;
        let indexed = self.index.changes_through();
        // Whoever asks for one old block asks for more.
        let to = |from: u64| indexed.min(from).max(block);
        let is_right = |tail: &&Arc<Tail>| tail.version >= held.safe && tail.to == to(tail.from);
        if let Some(tail) = last.as_ref().filter(is_right) {
            return Ok(Some(Arc::clone(tail)));
        }
        // Whoever reads the oldest version finds it gone a moment later. What is undone is undone
        // from one that stays.
        let base = self.first_at(held.middle, block)?;
        let (from, version) = (base.number(), base.state_version);
        let to = to(from);
        // Its memory is for the next.
        *last = None;
        let undo = self.undo(from, to, until)?;
        let tail = undo.map(|undo| Arc::new(Tail { from, version, to, undo }));
        last.clone_from(&tail);
        Ok(tail)
    }

    /// The oldest blocks whose state and whose proofs can be had. It reads what blocks changed,
    /// those that no call before this one has read.
    ///
    /// # Errors
    /// [`SequencerError::OutOfTime`] when it takes longer than `until`; others when the archive
    /// cannot be read.
    pub fn oldest_past(&self, until: Instant) -> Result<OldestPast, SequencerError> {
        let latest = self.latest().number();
        let changed = self.changes.first().map_or(latest, |first| first.saturating_sub(1));
        let provable = latest.saturating_sub(self.proof_blocks_max()).max(changed);
        let indexed = self.index.changes_through();
        let undone = self.undoable(latest, provable.min(indexed.max(changed)), until)?;
        // Where the index begins, nothing more is undone.
        let past = if undone <= indexed { changed } else { undone };
        let held = self.first_at(self.state.held().safe, self.oldest_block())?.number();
        // The block itself may be pruned sooner than what it changed.
        let kept = self.oldest_block();
        Ok(OldestPast { state: held.min(past).max(kept), proofs: undone.max(provable).max(kept) })
    }

    /// The oldest block, not before this one, to after which the latest state can be taken back.
    fn undoable(&self, latest: u64, floor: u64, until: Instant) -> Result<u64, SequencerError> {
        let mut counts = self.change_counts.lock();
        let (mut oldest, mut sum) = (latest, 0_usize);
        while oldest > floor {
            if Instant::now() > until {
                return Err(SequencerError::OutOfTime);
            }
            let count = match counts.get(&oldest) {
                Some(count) => *count,
                None => match self.changes.get(oldest)? {
                    Some(changes) => changes.len(),
                    None => break,
                },
            };
            counts.insert(oldest, count);
            sum = sum.saturating_add(count);
            if sum > self.state.retention().changes_max {
                break;
            }
            oldest = oldest.saturating_sub(1);
        }
        *counts = counts.split_off(&oldest);
        Ok(oldest)
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
        if latest.block.saturating_sub(block.number()) > self.proof_blocks_max() {
            return Err(pruned().into());
        }
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

    /// Blocks before the last one whose proofs can be had, as far as their changes allow.
    #[must_use]
    pub fn proof_blocks_max(&self) -> u64 {
        self.state.retention().proof_blocks_max
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
    fn undo_permit(&self, until: Instant) -> Result<UndoPermit<'_>, SequencerError> {
        self.undoing.try_lock_until(until).ok_or(SequencerError::OutOfTime)
    }

    /// What takes the state back from after one block to after an earlier one; `None` when that is
    /// too much.
    fn undo(&self, from: u64, to: u64, until: Instant) -> Result<Option<Undo>, SequencerError> {
        let changes_max = self.state.retention().changes_max;
        let mut undo = Undo::default();
        for block in (to.saturating_add(1)..=from).rev() {
            if Instant::now() > until {
                return Err(SequencerError::OutOfTime);
            }
            let Some(changes) = self.changes.get(block)? else { return Ok(None) };
            undo.push(changes);
            if undo.len() > changes_max {
                return Ok(None);
            }
        }
        Ok(Some(undo))
    }
}
