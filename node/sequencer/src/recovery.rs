//! Start and restart: snapshot (or genesis), then the log, through the same code that ran live.

mod replay;

use std::sync::Arc;

use alloy_primitives::B256;
use minster_os::genesis_header;
use minster_params::{Genesis, constants::BLOCK_HASH_WINDOW};
use minster_primitives::StateDiff;
use minster_state::Tree;
use minster_storage::{Storage, StorageError, TornTail, snapshot::Candidate};

use crate::{
    SequencerError,
    block::Block,
    chain::{
        Chain,
        index::{Index, RUN_CHANGED_BYTES, RUN_ENTRIES},
    },
    changes,
    codec::{HEADER_FRONT_BYTES, decode_block, decode_header_front, encode_block, sealed_number},
    config::SequencerConfig,
    producer::{Producer, SliceTip},
    sealer::{Sealer, state_root},
    snapshot::{self, SnapshotHead},
    state::StateStore,
};

/// A chain as the last run left it, but for the producer: its machine stays on its thread.
pub(crate) struct Recovered {
    pub(crate) chain: Arc<Chain>,
    pub(crate) store: Arc<StateStore>,
    pub(crate) sealer: Sealer,
    pub(crate) report: RecoveryReport,
    /// The tree that was wanted.
    pub(crate) batch_tree: Option<Tree>,
}

/// The block after which a start is to give the state tree too: the last of the last batch, from
/// which the next one is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeAt {
    /// Its number.
    pub block: u64,
    /// Its hash.
    pub hash: B256,
}

/// What a start found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryReport {
    /// The last sealed block.
    pub block: u64,
    /// The block of the snapshot that the start began from; 0 is genesis.
    pub snapshot_block: u64,
    /// Transactions that were replayed from the log.
    pub replayed_transactions: u64,
}

/// Where replay begins.
struct Base {
    head: SnapshotHead,
    state: StateDiff,
    wal_sequence: u64,
    /// Snapshots that were passed over.
    damaged: Vec<u64>,
}

pub(crate) fn recover(
    genesis: &Genesis,
    config: &SequencerConfig,
    storage: &Storage,
    wanted: Option<TreeAt>,
) -> Result<(Producer, Recovered), SequencerError> {
    genesis.validate()?;
    let base = load_base(genesis, storage)?;
    let version = base.head.slice_sequence;
    let store = Arc::new(StateStore::new(config.retention, version, &base.state));
    let sealer = Sealer::new(Arc::clone(&store), &base.state, version)?;
    let head = &base.head.header;
    expect_equal(
        format!("the state root of block {}", head.number),
        head.state_root,
        sealer.root(),
    )?;
    let chain_config = genesis.config.clone();
    let archives = (Arc::clone(&storage.blocks), Arc::clone(&storage.changes));
    let index = Arc::new(Index::new(storage.index.clone()));
    let chain =
        Chain::new(chain_config.clone(), Arc::clone(&store), archives, index, config.receipts);
    let chain = Arc::new(chain);
    let tip = SliceTip { sequence: version, hash: base.head.slice_hash };
    let header = base.head.header.clone();
    let producer = Producer::new(chain_config, Arc::clone(&store), header, base.head.hash, tip);
    let snapshot_block = base.head.header.number;
    let (transactions, batch_tree) = (0, None);
    let mut replay =
        Replay { storage, chain, store, producer, sealer, transactions, wanted, batch_tree };
    // Before anything on disk is touched: an older snapshot needs a log that reaches back to it.
    storage.wal.replay(base.wal_sequence)?;
    refuse_lost_end(storage, snapshot_block, base.wal_sequence)?;
    // Nor is anything of the log cut before that; and nothing of it is used before it is settled.
    if let Some(torn) = storage.wal.settle()? {
        tell_torn(&torn);
    }
    replay.restore_archive(genesis, &base.head)?;
    replay.undo_to_wanted(&base)?;
    replay.run(base.wal_sequence)?;
    let Replay { chain, store, producer, sealer, transactions, batch_tree, .. } = replay;
    let block = chain.latest().number();
    if let Some(TreeAt { block: batch_block, .. }) = wanted
        && batch_tree.is_none()
    {
        return Err(SequencerError::BatchBeyondChain { batch_block, block });
    }
    remove_damaged(storage, &base.damaged)?;
    let report = RecoveryReport { block, snapshot_block, replayed_transactions: transactions };
    Ok((producer, Recovered { chain, store, sealer, report, batch_tree }))
}

/// Says what a crash left.
pub(crate) fn tell_torn(torn: &TornTail) {
    tracing::warn!(path = %torn.path.display(), bytes = torn.bytes, "cut an unfinished write");
}

/// Refuses a log that ends before a block of the archives. They are written after the log is
/// synced, so no crash leaves them so; and what is beyond the log's end is about to be cut off,
/// there and at the end of the log itself.
fn refuse_lost_end(
    storage: &Storage,
    snapshot_block: u64,
    wal_sequence: u64,
) -> Result<(), SequencerError> {
    let archived = storage.blocks.last().max(storage.changes.last());
    let Some(archived) = archived.filter(|last| *last > snapshot_block) else { return Ok(()) };
    let mut logged = snapshot_block;
    for record in storage.wal.replay(wal_sequence)? {
        let (_, bytes) = record?;
        logged = sealed_number(&bytes)?.unwrap_or(logged);
    }
    if logged < archived {
        return Err(SequencerError::LogEndLost { archived, logged });
    }
    Ok(())
}

/// Removes the snapshots that are of no use, once the chain is whole without them. One that stayed
/// would be taken for the one to fall back on, and the right one would go in its place.
fn remove_damaged(storage: &Storage, damaged: &[u64]) -> Result<(), SequencerError> {
    for sequence in damaged {
        storage.snapshots.remove(*sequence)?;
        tracing::warn!(sequence, "removed a damaged snapshot; what it held is there without it");
    }
    Ok(())
}

fn load_base(genesis: &Genesis, storage: &Storage) -> Result<Base, SequencerError> {
    let mut damaged = Vec::new();
    for candidate in storage.snapshots.candidates()? {
        let Candidate { sequence, content } = candidate;
        match content {
            Ok(reader) => {
                let (head, state) = snapshot::read(reader)?;
                return Ok(Base { head, state, wal_sequence: sequence, damaged });
            }
            Err(error @ StorageError::SnapshotDamaged { .. }) => {
                tracing::warn!(%error, "snapshot is damaged; trying the one before");
                damaged.push(sequence);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let state = genesis.state();
    let Block { header, hash, .. } = genesis_block(genesis, state_root(&state)?);
    let head = SnapshotHead { header, hash, slice_sequence: 0, slice_hash: B256::ZERO };
    Ok(Base { head, state, wal_sequence: 0, damaged })
}

/// Block 0, over the state with this root.
pub(crate) fn genesis_block(genesis: &Genesis, root: B256) -> Block {
    let header = genesis_header(genesis, root);
    Block {
        hash: header.hash_slow(),
        header,
        is_open: false,
        items: Vec::new(),
        slice_hashes: Vec::new(),
        state_version: 0,
    }
}

struct Replay<'a> {
    storage: &'a Storage,
    chain: Arc<Chain>,
    store: Arc<StateStore>,
    producer: Producer,
    sealer: Sealer,
    transactions: u64,
    wanted: Option<TreeAt>,
    batch_tree: Option<Tree>,
}

impl Replay<'_> {
    /// Brings the archive to the snapshot's block, and the index with it.
    fn restore_archive(
        &mut self,
        genesis: &Genesis,
        head: &SnapshotHead,
    ) -> Result<(), SequencerError> {
        let number = head.header.number;
        let archive = &self.storage.blocks;
        if archive.last().is_none() && number == 0 {
            let genesis = genesis_block(genesis, head.header.state_root);
            archive.append(0, &encode_block(&genesis))?;
        }
        let oldest = archive.first().unwrap_or(0);
        // Also where the archive has block 0: it may go while the node runs.
        if number > 0 {
            let genesis = genesis_block(genesis, state_root(&genesis.state())?);
            self.chain.restore_kept(genesis, oldest);
        }
        let found = archive.get(number)?.map(|bytes| decode_block(&bytes)).transpose()?;
        let found_hash = found.as_ref().map_or(B256::ZERO, |block| block.hash);
        let what = || format!("block {number} of the archive");
        expect_equal(what(), head.hash, found_hash)?;
        let Some(block) = found else { return Err(mismatch(what(), head.hash, found_hash)) };
        self.restore_hashes(head, oldest)?;
        self.restore_index(number)?;
        // Only now: of a snapshot that is not this chain's nothing follows.
        if archive.last().is_some_and(|last| last > number) {
            archive.truncate_after(number)?;
        }
        if self.storage.changes.last().is_some_and(|last| last > number) {
            self.storage.changes.truncate_after(number)?;
        }
        self.chain.restore(block, self.sealer.tree().clone());
        Ok(())
    }

    /// The hashes of blocks up to the snapshot's, as far back as proofs go. Each is in the header
    /// after it, so nothing of the archive is believed. Older ones are in EIP-2935's contract.
    fn restore_hashes(&self, head: &SnapshotHead, oldest: u64) -> Result<(), SequencerError> {
        let number = head.header.number;
        let reach = self.store.retention().proof_blocks_max + BLOCK_HASH_WINDOW;
        let mut hashes = vec![(number, head.hash)];
        let mut parent = head.header.parent_hash;
        for number in (number.saturating_sub(reach).max(oldest)..number).rev() {
            let front = self.storage.blocks.get_front(number, HEADER_FRONT_BYTES)?;
            let header = decode_header_front(&front.unwrap_or_default())?;
            expect_equal(format!("block {number} of the archive"), parent, header.hash_slow())?;
            hashes.push((number, parent));
            parent = header.parent_hash;
        }
        // That of the last one that was pruned is known, too.
        let first = hashes.last().and_then(|(number, _)| number.checked_sub(1));
        hashes.extend(first.map(|number| (number, parent)));
        for (number, hash) in hashes.into_iter().rev() {
            self.store.push_block_hash(number, hash);
        }
        Ok(())
    }

    /// The places of transactions and blocks that no run of the index has.
    fn restore_index(&self, last: u64) -> Result<(), SequencerError> {
        let index = self.chain.index();
        let archive = &self.storage.blocks;
        let changes = &self.storage.changes;
        let (mut restored, mut changed_bytes) = (0, 0);
        for number in index.restore(archive, last)?..=last {
            let Some(bytes) = archive.get(number)? else {
                let what = format!("block {number} of the archive");
                return Err(mismatch(what, B256::ZERO, B256::ZERO));
            };
            restored += index.restore_block(&decode_block(&bytes)?);
            changed_bytes += changes.get(number)?.map_or(0, |bytes| bytes.len());
            // The last ones, too: nothing else says what they changed.
            let is_last = number == last && last > 0;
            if is_last || index.unrolled() >= RUN_ENTRIES || changed_bytes >= RUN_CHANGED_BYTES {
                index.roll();
                index.write(number, changes)?;
                changed_bytes = 0;
                tracing::info!(block = number, of = last, "making the index again");
            }
        }
        tracing::debug!(transactions = restored, "read blocks that were in no run of the index");
        Ok(())
    }

    /// The wanted tree, when its block is not after the snapshot.
    fn undo_to_wanted(&mut self, base: &Base) -> Result<(), SequencerError> {
        let snapshot_block = base.head.header.number;
        let Some(wanted) = self.wanted.filter(|wanted| wanted.block <= snapshot_block) else {
            return Ok(());
        };
        let block = self.chain.block(wanted.block)?;
        let (root, found) =
            block.map_or_else(Default::default, |block| (block.header.state_root, block.hash));
        expect_equal(last_of_batch(wanted.block), wanted.hash, found)?;
        let undo = changes::undo(&self.storage.changes, snapshot_block, wanted.block)?;
        let mut tree = self.sealer.tree().clone();
        undo.apply(&mut tree, |hash| base.state.codes.get(&hash).cloned())?;
        expect_equal(format!("the state root of block {}", wanted.block), root, tree.root())?;
        self.batch_tree = Some(tree);
        Ok(())
    }
}

fn last_of_batch(block: u64) -> String {
    format!("block {block}, the last of the last batch")
}

fn expect_equal(what: String, expected: B256, found: B256) -> Result<(), SequencerError> {
    if expected == found { Ok(()) } else { Err(mismatch(what, expected, found)) }
}

fn mismatch(what: String, expected: B256, found: B256) -> SequencerError {
    SequencerError::ReplayMismatch { what, expected, found }
}
