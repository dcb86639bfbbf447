//! Start and restart: snapshot (or genesis), then the log, through the same code that ran live.

use std::sync::Arc;

use alloy_primitives::B256;
use minster_os::genesis_header;
use minster_params::Genesis;
use minster_primitives::StateDiff;
use minster_state::Tree;
use minster_storage::{Storage, StorageError, TornTail, snapshot::Candidate};

use crate::{
    SequencerError,
    block::{Block, Slice},
    chain::Chain,
    codec::{LogRecord, decode, decode_block, decode_record, encode, encode_block, sealed_number},
    config::SequencerConfig,
    producer::{ExecutedSlice, Producer, SliceTip},
    sealer::{SealedBlock, Sealer, state_root},
    snapshot::{self, SnapshotHead},
    state::StateStore,
    undo::Undo,
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
    let chain = Chain::new(chain_config.clone(), Arc::clone(&store), archives, config.receipts);
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

fn load_base(genesis: &Genesis, storage: &Storage) -> Result<Base, SequencerError> {
    for candidate in storage.snapshots.candidates()? {
        let Candidate { sequence, content } = candidate;
        match content {
            Ok(reader) => {
                let (head, state) = snapshot::read(reader)?;
                return Ok(Base { head, state, wal_sequence: sequence });
            }
            Err(error @ StorageError::SnapshotDamaged { .. }) => {
                tracing::warn!(%error, "snapshot is damaged; trying the one before")
            }
            Err(error) => return Err(error.into()),
        }
    }
    let state = genesis.state();
    let Block { header, hash, .. } = genesis_block(genesis, state_root(&state)?);
    let head = SnapshotHead { header, hash, slice_sequence: 0, slice_hash: B256::ZERO };
    Ok(Base { head, state, wal_sequence: 0 })
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
        if let Some(oldest) = archive.first().filter(|oldest| *oldest > 0) {
            let genesis = genesis_block(genesis, state_root(&genesis.state())?);
            self.chain.restore_pruned(genesis, oldest);
        }
        let mut found = B256::ZERO;
        for number in archive.first().unwrap_or(0)..=number {
            let Some(bytes) = archive.get(number)? else {
                return Err(mismatch(format!("block {number} of the archive"), head.hash, found));
            };
            let block = decode_block(&bytes)?;
            found = block.hash;
            self.store.push_block_hash(block.number(), block.hash);
            self.chain.restore_block(block);
        }
        expect_equal(format!("block {number}"), head.hash, found)?;
        // Only now: of a snapshot that is not this chain's nothing follows.
        if archive.last().is_some_and(|last| last > number) {
            archive.truncate_after(number)?;
        }
        if self.storage.changes.last().is_some_and(|last| last > number) {
            self.storage.changes.truncate_after(number)?;
        }
        self.chain.restore_tree(self.sealer.tree().clone());
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
        let mut undo = Undo::default();
        for block in (wanted.block + 1..=snapshot_block).rev() {
            let Some(bytes) = self.storage.changes.get(block)? else {
                return Err(SequencerError::ChangesMissing { block });
            };
            undo.push(decode("change set", &bytes)?);
        }
        let mut tree = self.sealer.tree().clone();
        undo.apply(&mut tree, |hash| base.state.codes.get(&hash).cloned())?;
        expect_equal(format!("the state root of block {}", wanted.block), root, tree.root())?;
        self.batch_tree = Some(tree);
        Ok(())
    }

    fn run(&mut self, wal_sequence: u64) -> Result<(), SequencerError> {
        for record in self.storage.wal.replay(wal_sequence)? {
            let (_, bytes) = record?;
            match decode_record(&bytes)? {
                LogRecord::Slice { header, signature, transactions } => {
                    if !self.producer.is_open() {
                        self.producer.begin_block(header.block_timestamp)?;
                    }
                    self.transactions += transactions.len() as u64;
                    for transaction in transactions {
                        let hash = transaction.hash();
                        let result = self.producer.execute(transaction)?;
                        if result.is_err() {
                            return Err(mismatch(format!("transaction {hash}"), hash, B256::ZERO));
                        }
                    }
                    let what = || format!("slice {}", header.sequence);
                    let Some(executed) = self.producer.close_slice() else {
                        return Err(mismatch(what(), header.hash(), B256::ZERO));
                    };
                    expect_equal(what(), header.hash(), executed.hash)?;
                    self.sealer.add_slice(&executed)?;
                    let ExecutedSlice { header, hash, items, diff, context } = executed;
                    let slice = Slice { header, hash, signature, items, diff };
                    self.chain.publish_slice(&context, Arc::new(slice));
                }
                LogRecord::Seal { number, hash } => self.seal(number, hash)?,
            }
        }
        Ok(())
    }

    fn seal(&mut self, number: u64, hash: B256) -> Result<(), SequencerError> {
        let what = || format!("block {number}");
        let Some(context) = self.producer.end_block() else {
            return Err(mismatch(what(), hash, B256::ZERO));
        };
        let SealedBlock { block, changes, tree } = self.sealer.seal(&context)?;
        self.sealer.forget_old_trees();
        expect_equal(what(), hash, block.hash)?;
        if let Some(wanted) = self.wanted.filter(|wanted| wanted.block == number) {
            expect_equal(last_of_batch(number), wanted.hash, hash)?;
            self.batch_tree = Some(tree.clone());
        }
        self.producer.set_parent(block.header.clone(), block.hash);
        self.storage.blocks.append(number, &encode_block(&block))?;
        self.storage.changes.append(number, &encode(&changes))?;
        self.chain.publish_block(block, tree);
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
