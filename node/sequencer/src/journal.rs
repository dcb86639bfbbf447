//! The journal thread: makes slices and blocks durable, then publishes them.
//!
//! Everything that waits is written as one frame with one sync. Nothing is published before the
//! sync that covers it, so what a reader has seen survives any crash.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender},
    },
    time::Instant,
};

use minster_mempool::Mempool;
use minster_params::constants::BLOCK_RLP_SIZE_MAX;
use minster_primitives::DEPOSIT_TYPE;
use minster_storage::{
    archive::Archive,
    wal::{FRAME_BYTES_MAX, Wal},
};

use crate::{
    SequencerError,
    block::Slice,
    chain::Chain,
    codec::{encode, encode_block, encode_seal, encode_slice},
    key::SliceKey,
    producer::ExecutedSlice,
    sealer::SealedBlock,
    snapshot::SnapshotRequest,
    stats::Stats,
};

/// What the journal is told, in the order in which it becomes durable.
pub(crate) enum JournalMessage {
    /// A slice, unsigned.
    Slice {
        /// What was executed.
        slice: ExecutedSlice,
        /// Whether it has taken the turn that only so many slices have; see [`Journal::turns`].
        has_turn: bool,
    },
    /// A block, after all of its slices.
    Block(SealedBlock),
    /// A snapshot covers every record before this sequence.
    SnapshotDone {
        /// The first sequence that is still needed; `None` when no snapshot came of it.
        wal_sequence: Option<u64>,
    },
    /// The executor has sent its last slice.
    Stop,
}

/// EIP-7702: an authorization uses a nonce of its authority.
const SET_CODE_TYPE: u8 = 4;

/// Slices and blocks that go into one frame, at most.
const GROUP_MAX: usize = 16;

/// Bytes of a block's slices in the log, at most: to each transaction, of more than 70 bytes, come
/// a sender and some lengths.
const LOGGED_BLOCK_BYTES_MAX: usize = BLOCK_RLP_SIZE_MAX / 2 * 3;

/// Each block but the last one in a group takes two places there, and all of them fit a frame.
const _: () = assert!((GROUP_MAX / 2 + 1) * LOGGED_BLOCK_BYTES_MAX <= FRAME_BYTES_MAX);

/// Transactions that the pool hears of at once, at most: the lock is others' too.
const SETTLED_AT_ONCE: usize = 64;

/// Changed keys between snapshots, at most: with a snapshot the index is written, which sorts them.
const SNAPSHOT_KEYS_MAX: usize = 1 << 22;

pub(crate) struct Journal {
    pub(crate) wal: Wal,
    pub(crate) blocks: Arc<Archive>,
    pub(crate) changes: Arc<Archive>,
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Mempool>,
    pub(crate) key: Arc<SliceKey>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) snapshots: SnapshotTrigger,
    /// Of slices that wait here.
    pub(crate) turns: Receiver<()>,
}

/// Decides when a snapshot is due.
pub(crate) struct SnapshotTrigger {
    pub(crate) requests: Sender<SnapshotRequest>,
    pub(crate) blocks_max: u64,
    pub(crate) transactions_max: u64,
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    /// Keys of the state that those blocks changed.
    pub(crate) keys: usize,
    pub(crate) is_running: bool,
}

/// A message whose record is in the frame being written.
enum Ready {
    Slice(Arc<minster_evm::BlockContext>, Arc<Slice>),
    Block(SealedBlock),
}

/// Removes what no snapshot needs any more.
pub(crate) fn prune(wal: &mut Wal, wal_sequence: u64) -> Result<(), SequencerError> {
    wal.rotate()?;
    wal.remove_before(wal_sequence)?;
    Ok(())
}

impl Journal {
    /// Runs until it is told to stop, and gives the log back.
    pub(crate) fn run(
        mut self,
        messages: &Receiver<JournalMessage>,
    ) -> Result<Wal, SequencerError> {
        while let Ok(first) = messages.recv() {
            let mut group = vec![first];
            while group.len() < GROUP_MAX {
                let Ok(next) = messages.try_recv() else { break };
                group.push(next);
            }
            self.stats.journal_begins();
            let is_last = self.write_group(group)?;
            self.stats.journal_waits();
            if is_last {
                break;
            }
        }
        Ok(self.wal)
    }

    /// Whether this was the last group.
    fn write_group(&mut self, group: Vec<JournalMessage>) -> Result<bool, SequencerError> {
        let mut is_last = false;
        let mut records = Vec::with_capacity(group.len());
        let mut ready = Vec::with_capacity(group.len());
        let mut covered = None;
        for message in group {
            match message {
                JournalMessage::Slice { slice, has_turn } => {
                    if has_turn {
                        // Given back before the sync, so that the next one is ready after it.
                        let _ = self.turns.try_recv();
                    }
                    let context = Arc::clone(&slice.context);
                    let slice = Arc::new(self.sign(slice));
                    records.push(encode_slice(&slice));
                    ready.push(Ready::Slice(context, slice));
                }
                JournalMessage::Block(sealed) => {
                    records.push(encode_seal(&sealed.block));
                    ready.push(Ready::Block(sealed));
                }
                JournalMessage::SnapshotDone { wal_sequence } => covered = Some(wal_sequence),
                JournalMessage::Stop => is_last = true,
            }
        }
        let first_sequence = self.wal.next_sequence();
        if !records.is_empty() {
            let started = Instant::now();
            let borrowed: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
            self.wal.append(&borrowed)?;
            self.stats.synced(started.elapsed());
        }
        for (sequence, ready) in (first_sequence..).zip(ready) {
            self.publish(sequence, ready)?;
        }
        if let Some(covered) = covered {
            self.snapshots.is_running = false;
            match covered {
                Some(wal_sequence) => prune(&mut self.wal, wal_sequence)?,
                // At the next block again, not thousands later.
                None => self.snapshots.blocks = self.snapshots.blocks_max,
            }
        }
        Ok(is_last)
    }

    fn sign(&self, executed: ExecutedSlice) -> Slice {
        let ExecutedSlice { header, hash, items, diff, .. } = executed;
        Slice { header, hash, signature: self.key.sign(hash), items, diff }
    }

    fn publish(&mut self, sequence: u64, ready: Ready) -> Result<(), SequencerError> {
        match ready {
            Ready::Slice(context, slice) => {
                self.chain.publish_slice(&context, Arc::clone(&slice));
                self.stats.published(&slice.items);
                self.settle_pool(&slice);
            }
            Ready::Block(SealedBlock { block, changes, tree }) => {
                let number = block.number();
                self.blocks.append(number, &encode_block(&block))?;
                self.changes.append(number, &encode(&changes))?;
                self.chain.publish_block(Arc::clone(&block), tree);
                self.stats.sealed(&block);
                self.snapshots.keys += changes.len();
                self.consider_snapshot(&block, sequence + 1);
            }
        }
        Ok(())
    }

    /// Tells the pool what became of its transactions.
    fn settle_pool(&self, slice: &Slice) {
        let mut changes_other_nonces = false;
        for items in slice.items.chunks(SETTLED_AT_ONCE) {
            self.pool.executed(items.iter().map(|item| item.transaction.hash()));
            changes_other_nonces |= items
                .iter()
                .any(|item| matches!(item.receipt.tx_type, SET_CODE_TYPE | DEPOSIT_TYPE));
        }
        if changes_other_nonces {
            for (address, account) in &slice.diff.accounts {
                let nonce = account.map_or(0, |account| account.nonce);
                self.pool.nonce_reached(*address, nonce);
            }
        }
    }

    fn consider_snapshot(&mut self, block: &Arc<crate::Block>, wal_sequence: u64) {
        let trigger = &mut self.snapshots;
        trigger.blocks += 1;
        trigger.transactions += block.items.len() as u64;
        let is_due = trigger.blocks >= trigger.blocks_max
            || trigger.transactions >= trigger.transactions_max
            || trigger.keys >= SNAPSHOT_KEYS_MAX;
        if is_due && !trigger.is_running {
            (trigger.blocks, trigger.transactions, trigger.keys) = (0, 0, 0);
            self.chain.index().roll();
            // The snapshot thread is gone only when the node is stopping.
            let request = SnapshotRequest { block: Arc::clone(block), wal_sequence };
            trigger.is_running = trigger.requests.send(request).is_ok();
        }
    }
}
