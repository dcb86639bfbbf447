//! How much history a node keeps, and the thread that removes the rest.
//!
//! 1. Nothing goes that anything still needs, however little is asked for: a start from either
//!    snapshot, a batch that is not proven (it is built from blocks, over a tree that is undone by
//!    their changes), a state or a proof that may be asked for. Proofs are kept by themselves: what
//!    serves one reads no block.
//! 2. A block is first answered no more, then its segment goes. A crash in between leaves a segment
//!    whole or gone. What the index has of it counts no more, and goes when that is next written.
//! 3. No writer of an archive waits for the thread.

use std::{
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::park_timeout,
    time::Duration,
};

use minster_storage::archive::{Archive, Removed};

use crate::{SequencerError, chain::Chain};

/// How often the thread looks whether there is something to remove.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// A segment has at most this part of what is kept, so that little more is kept than was asked for.
const SEGMENT_PART: u64 = 8;

/// How much history stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistoryConfig {
    /// The last blocks that stay, with transactions and receipts; all when `None`.
    pub blocks: Option<NonZeroU64>,
    /// The blocks before the last whose state may be found; as many as there are blocks when
    /// `None`.
    pub state_blocks: Option<NonZeroU64>,
}

/// What is needed, whatever an operator wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    /// The last sealed block.
    pub(crate) latest: u64,
    /// The block of the oldest snapshot.
    pub(crate) snapshot: u64,
    /// The last block of the last batch that is proven with all before it.
    pub(crate) proven: u64,
}

/// The first numbers that stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floors {
    pub(crate) blocks: u64,
    pub(crate) changes: u64,
}

impl HistoryConfig {
    /// Whether everything stays.
    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// What of the archives may go.
    pub(crate) fn floors(&self, needs: Needs) -> Floors {
        let Needs { latest, snapshot, proven } = needs;
        let kept = |count: Option<NonZeroU64>| {
            count.map_or(0, |count| latest.saturating_add(1).saturating_sub(count.get()))
        };
        // The block itself stays, too: a start and the next batch hold their trees against it.
        let needed = snapshot.min(proven);
        Floors {
            blocks: kept(self.blocks).min(needed),
            changes: kept(self.state_blocks.or(self.blocks)).min(needed),
        }
    }
}

/// The thread.
pub(crate) struct Pruner {
    pub(crate) config: HistoryConfig,
    pub(crate) chain: Arc<Chain>,
    pub(crate) blocks: Arc<Archive>,
    pub(crate) changes: Arc<Archive>,
    /// The block of the oldest snapshot.
    pub(crate) snapshot: Arc<AtomicU64>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Pruner {
    /// Makes segments so short that they can go soon; before the first block is written.
    pub(crate) fn limit_segments(&self) {
        let records = |count: Option<NonZeroU64>| count.map(|count| count.get() / SEGMENT_PART);
        if let Some(records) = records(self.config.blocks) {
            self.blocks.limit_segments(records);
        }
        if let Some(records) = records(self.config.state_blocks.or(self.config.blocks)) {
            self.changes.limit_segments(records);
        }
    }

    /// Runs until it is told to stop; unparking it makes that soon.
    pub(crate) fn run(&self) -> Result<(), SequencerError> {
        while !self.is_stopping() {
            if !self.step()? {
                park_timeout(LOOK_INTERVAL);
            }
        }
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn floors(&self) -> Floors {
        self.config.floors(Needs {
            latest: self.chain.latest().number(),
            snapshot: self.snapshot.load(Ordering::Acquire),
            proven: self.chain.proven_through(),
        })
    }

    /// Removes a segment of each archive. Whether there was one.
    fn step(&self) -> Result<bool, SequencerError> {
        let floors = self.floors();
        // The index is made of them.
        let indexed = self.chain.index().changes_through();
        let changes = self.changes.remove_oldest_before(floors.changes.min(indexed))?;
        if let Some(Removed { first, last, bytes }) = changes {
            tracing::info!(first, last, bytes, "removed what old blocks changed");
        }
        let Some((_, last)) = self.blocks.oldest_before(floors.blocks) else {
            return Ok(changes.is_some());
        };
        let next = last.saturating_add(1);
        self.chain.prune_before(next);
        let removed = self.blocks.remove_oldest_before(next)?;
        if let Some(Removed { first, last, bytes }) = removed {
            self.chain.index().removed_before(next);
            tracing::info!(first, last, bytes, oldest = next, "removed old blocks");
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
