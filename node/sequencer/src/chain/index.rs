//! From hashes to places: transactions by theirs, blocks by theirs and by those of their slices;
//! and from keys of the state to the blocks that changed them.
//!
//! 1. What is new is in memory, in tables by full hash. [`Index::roll`] ends a table after a block,
//!    and [`Index::write`] makes a [`Run`] of it on the disk, once the archive holds its blocks for
//!    certain. Runs of like size become one, so there are few of them however long the chain is.
//! 2. A run knows a hash by its first eight bytes alone: it names candidates, and the block that is
//!    there says which is right.
//! 3. Nothing is here that the archive does not know: of runs that are damaged, or of other blocks,
//!    a start makes new ones.
//! 4. What blocks changed is in runs alone: of newer ones the archive says it, block by block.
//! 5. Who does not find a hash in memory looks into the runs after that, never before: a table goes
//!    from memory when its run is there.

mod changes;
mod run;
mod table;
#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use alloy_primitives::B256;
use minster_storage::{archive::Archive, document::Documents};
use parking_lot::RwLock;

use crate::{
    SequencerError,
    block::Block,
    codec::{HEADER_FRONT_BYTES, decode_header_front},
};
pub(super) use changes::{account_key, keys, slot_key};
use run::{Content, Run};
use table::Recent;

/// Hashes after which a start that makes the index again writes a run.
pub(crate) const RUN_ENTRIES: usize = 250_000;

/// Bytes of change sets after which it does so, too: a run's keys are sorted in memory, of which
/// each takes as much.
pub(crate) const RUN_CHANGED_BYTES: usize = 128 << 20;

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) block: u64,
    pub(crate) index: u64,
}

/// The runs that are damaged, and why: a start makes them again.
pub(crate) fn damaged(documents: &Documents) -> Result<Vec<(u64, SequencerError)>, SequencerError> {
    let mut found = Vec::new();
    for number in documents.numbers()? {
        match Run::open(documents, number) {
            Ok(_) => {}
            Err(error) if error.is_failure() => return Err(error),
            Err(error) => found.push((number, error)),
        }
    }
    Ok(found)
}

/// What is not in a run yet.
#[derive(Debug, Default)]
struct Memory {
    /// The table before, which is to be written.
    ended: Option<Arc<Recent>>,
    current: Recent,
}

/// The places of all transactions and blocks that are kept.
#[derive(Debug)]
pub(crate) struct Index {
    documents: Documents,
    memory: RwLock<Memory>,
    /// One behind the other, the oldest first.
    runs: RwLock<Vec<Arc<Run>>>,
    /// The oldest block whose places matter.
    oldest: AtomicU64,
    /// The oldest block that a start after a crash may find: what is before it may be left out.
    removed_before: AtomicU64,
}

impl Index {
    /// An index in which nothing is; see [`Index::restore`].
    pub(crate) fn new(documents: Documents) -> Self {
        Self {
            documents,
            memory: RwLock::default(),
            runs: RwLock::default(),
            oldest: AtomicU64::new(0),
            removed_before: AtomicU64::new(0),
        }
    }

    /// Takes up the runs that an earlier start has left, as far as they are about the blocks of
    /// this archive up to `last`, and removes the others. Returns the first block that is in none.
    pub(crate) fn restore(&self, blocks: &Archive, last: u64) -> Result<u64, SequencerError> {
        let first = blocks.first().unwrap_or(0);
        self.oldest.store(first, Ordering::Release);
        self.removed_before.store(first, Ordering::Release);
        let mut runs: Vec<Arc<Run>> = Vec::new();
        for number in self.documents.numbers()? {
            // The first may begin with blocks that were pruned since.
            let next = runs.last().map_or(number.min(first), |last| last.next());
            let run = if number == next { self.open(number, blocks)? } else { None };
            match run.filter(|run| run.next() > first && run.last() <= last) {
                Some(run) => runs.push(Arc::new(run)),
                None => self.documents.remove(number)?,
            }
        }
        let next = runs.last().map_or(first, |last| last.next());
        self.memory.write().current = Recent::from_block(next);
        *self.runs.write() = runs;
        Ok(next)
    }

    /// A run that is whole, and whose last block is that of the archive.
    fn open(&self, number: u64, blocks: &Archive) -> Result<Option<Run>, SequencerError> {
        let run = match Run::open(&self.documents, number) {
            Ok(Some(run)) => run,
            Ok(None) => return Ok(None),
            Err(error) if error.is_failure() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "a part of the index is made again from the blocks");
                return Ok(None);
            }
        };
        let front = blocks.get_front(run.last(), HEADER_FRONT_BYTES)?;
        let header = front.map(|front| decode_header_front(&front)).transpose()?;
        Ok(header.is_some_and(|header| header.hash_slow() == run.last_hash()).then_some(run))
    }

    /// Where a transaction is, if that is in memory.
    pub(super) fn recent_transaction(&self, hash: &B256) -> Option<Place> {
        self.in_memory(|table| table.transaction(hash))
    }

    /// The block of a block's or slice's hash, if that is in memory.
    pub(super) fn recent_block(&self, hash: &B256) -> Option<u64> {
        self.in_memory(|table| table.block(hash))
    }

    fn in_memory<T>(&self, find: impl Fn(&Recent) -> Option<T>) -> Option<T> {
        let memory = self.memory.read();
        find(&memory.current).or_else(|| memory.ended.as_deref().and_then(&find))
    }

    /// Where a transaction may be that is not in memory; nowhere else.
    pub(super) fn old_transactions(&self, hash: &B256) -> Result<Vec<Place>, SequencerError> {
        self.in_runs(|run| run.find(Content::Transactions, hash))
    }

    /// The blocks that a hash may be of, if none is in memory.
    pub(super) fn old_blocks(&self, hash: &B256) -> Result<Vec<Place>, SequencerError> {
        self.in_runs(|run| run.find(Content::Blocks, hash))
    }

    /// Whether looking a transaction up in the runs would read the disk.
    pub(super) fn reads_for_transaction(&self, hash: &B256) -> bool {
        self.runs.read().iter().any(|run| run.may_hold(Content::Transactions, hash))
    }

    fn in_runs(
        &self,
        find: impl Fn(&Run) -> Result<Vec<Place>, SequencerError>,
    ) -> Result<Vec<Place>, SequencerError> {
        let runs = self.runs.read().clone();
        let oldest = self.oldest.load(Ordering::Acquire);
        let mut found = Vec::new();
        for run in runs.iter().rev() {
            found.extend(find(run)?.into_iter().filter(|place| place.block >= oldest));
        }
        Ok(found)
    }

    /// Up to which block it is known here what changed; 0 where nothing is.
    pub(crate) fn changes_through(&self) -> u64 {
        self.runs.read().last().map_or(0, |run| run.last())
    }

    /// The first block after this one, among those up to [`Index::changes_through`], that changed
    /// what has this key, or has one that begins alike. Of blocks before [`Index::oldest`] nothing
    /// is known.
    pub(super) fn next_change(&self, key: u64, after: u64) -> Result<Option<u64>, SequencerError> {
        let runs = self.runs.read().clone();
        for run in runs.iter().filter(|run| run.last() > after) {
            if let Some(block) = run.next_change(key, after)? {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// The first block of which anything is certain to be known.
    pub(super) fn oldest(&self) -> u64 {
        self.oldest.load(Ordering::Acquire)
    }

    /// Enters transactions of the block that follows the last one, in their order.
    pub(super) fn add_transactions(
        &self,
        block: u64,
        first: u64,
        hashes: impl Iterator<Item = B256>,
    ) {
        let mut memory = self.memory.write();
        for (index, hash) in (first..).zip(hashes) {
            memory.current.add_transaction(hash, Place { block, index });
        }
    }

    /// Enters a block of the archive. Returns how many transactions it has.
    pub(crate) fn restore_block(&self, block: &Block) -> u64 {
        let hashes = block.items.iter().map(|item| item.transaction.hash());
        self.add_transactions(block.number(), 0, hashes);
        self.add_block(block);
        block.items.len() as u64
    }

    /// Enters a sealed block under its hash and those of its slices.
    pub(super) fn add_block(&self, block: &Block) {
        self.memory.write().current.add_block(block);
    }

    /// Ends the table with the last sealed block; there are no transactions after it yet. Where an
    /// ended one is not written yet, the table goes on: who looks for a hash looks into each.
    pub(crate) fn roll(&self) {
        let mut memory = self.memory.write();
        if memory.ended.is_some() {
            return;
        }
        let Some(last) = memory.current.last() else { return };
        let table = std::mem::replace(&mut memory.current, Recent::from_block(last + 1));
        memory.ended = Some(Arc::new(table));
    }

    /// Whether a table has ended that is not written.
    pub(crate) fn has_ended(&self) -> bool {
        self.memory.read().ended.is_some()
    }

    /// Hashes in the table that has not ended.
    pub(crate) fn unrolled(&self) -> usize {
        self.memory.read().current.entries()
    }

    /// Writes the table that ended with this block or before, and what its blocks changed; the
    /// archives hold all of it durably. Joins runs of like size, and removes those of pruned
    /// blocks. Called by one thread at a time.
    pub(crate) fn write(&self, through: u64, changes: &Archive) -> Result<(), SequencerError> {
        let ended = self.memory.read().ended.clone();
        if let Some(table) = ended.filter(|table| table.last() <= Some(through)) {
            let changed = changes::collect(changes, table.first(), table.last())?;
            let run = Run::write(&self.documents, &table, &changed)?;
            self.runs.write().push(Arc::new(run));
            self.memory.write().ended = None;
        }
        self.join()?;
        self.remove_pruned()
    }

    fn join(&self) -> Result<(), SequencerError> {
        loop {
            let runs = self.runs.read().clone();
            let [.., older, newer] = runs.as_slice() else { return Ok(()) };
            if !older.is_to_join(newer) {
                return Ok(());
            }
            let removed = self.removed_before.load(Ordering::Acquire);
            let joined = Arc::new(Run::join(&self.documents, older, newer, removed)?);
            let mut kept = runs[..runs.len() - 2].to_vec();
            kept.push(joined);
            *self.runs.write() = kept;
            // The joined one has the place of the older; a start that finds the newer removes it.
            self.documents.remove(newer.first())?;
        }
    }

    fn remove_pruned(&self) -> Result<(), SequencerError> {
        let removed = self.removed_before.load(Ordering::Acquire);
        loop {
            let first = self.runs.read().first().cloned();
            let Some(run) = first.filter(|run| run.next() <= removed) else { return Ok(()) };
            // Its entries count no more, so nobody misses it.
            self.documents.remove(run.first())?;
            self.runs.write().remove(0);
        }
    }

    /// From now on the places of blocks before this one are not found.
    pub(super) fn forget_before(&self, block: u64) {
        self.oldest.fetch_max(block, Ordering::AcqRel);
    }

    /// Blocks before this one are gone for good: no start will find them.
    pub(crate) fn removed_before(&self, block: u64) {
        self.removed_before.fetch_max(block, Ordering::AcqRel);
    }

    /// How many transactions it has, also of pruned blocks as long as they are in a run.
    pub(super) fn count(&self) -> u64 {
        let memory = self.memory.read();
        let ended = memory.ended.as_ref().map_or(0, |table| table.count());
        let in_memory = (ended + memory.current.count()) as u64;
        drop(memory);
        let runs = self.runs.read();
        in_memory + runs.iter().map(|run| run.count(Content::Transactions)).sum::<u64>()
    }
}
