//! Everything in a data directory, held against the rules: nothing is believed because it is there.
//!
//! Every record of the log is read, and every snapshot stands where the log says; each gives the
//! root that its header has; a start succeeds; and every block from genesis on is executed again,
//! which gives its receipts, its state root and so its hash. What each block is said to have
//! changed leads back to the root before it. The slices of a block are held against the log; of
//! blocks from before the log their number alone, because nothing else is known of them. Of a chain
//! that was pruned this begins with the oldest state that is left, see [`pruned`].
//!
//! The storage should lie over an [`OverlayDisk`](minster_storage::disk::OverlayDisk): a start
//! writes.

mod log;
mod pruned;

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, B256};
use minster_os::genesis_header;
use minster_params::Genesis;
use minster_primitives::Transaction;
use minster_recovery::Libsecp;
use minster_state::Tree;
use minster_storage::{Storage, snapshot::Candidate};

use crate::{
    Retention, SequencerError,
    block::{Block, Item},
    chain::{
        Chain,
        index::{self, Place},
    },
    changes,
    codec::decode_block,
    config::SequencerConfig,
    producer::{Producer, SliceTip},
    recovery::recover,
    sealer::{Sealer, state_root},
    snapshot::{self, SnapshotHead},
    state::StateStore,
    undo::Undo,
};
use log::Logged;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Records of the log.
    pub log_records: u64,
    /// Slices in it, each with its signature.
    pub slices: u64,
    /// Who signed how many of them.
    pub signers: BTreeMap<Address, u64>,
    /// Snapshots.
    pub snapshots: u64,
    /// Blocks that are right.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// The first block that is there: genesis, unless old ones were pruned.
    pub first_block: u64,
    /// The first block that was executed again; genesis counts as executed.
    pub first_executed: u64,
    /// Hashes of the blocks from the first one on; as far as they are right.
    pub block_hashes: Vec<B256>,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<String>,
}

/// Looks at all that the sequencer has in a storage. `signers` are whose slices are to be there;
/// anybody's, when there are none. `progress` hears the number of each block and of the last one.
///
/// # Errors
/// When the system fails to read, which says nothing about what is there.
pub fn verify(
    genesis: &Genesis,
    storage: &Storage,
    signers: &[Address],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verified, SequencerError> {
    let mut verified = Verified::default();
    let snapshots = verified.snapshots(storage)?;
    let logged = verified.log(storage, signers, &snapshots)?;
    // Brings the archives to where the log ends.
    // Before a start mends it.
    for (run, error) in index::damaged(&storage.index)? {
        verified.found(&format!("index {run}, which the next start makes again"), error)?;
    }
    let mut chain = None;
    match recover(genesis, &SequencerConfig::default(), storage, None) {
        Ok((_, recovered)) => chain = Some(recovered.chain),
        Err(error) => verified.found("a node would not start", error)?,
    }
    let held = Held { logged: &logged, snapshots: &snapshots, chain: chain.as_deref() };
    if let Err(error) = verified.blocks(genesis, storage, &held, progress) {
        verified.found("the blocks", error)?;
    }
    for (sequence, SnapshotHead { header, hash, .. }) in &snapshots {
        let number = header.number;
        let is_right = match verified.block_hash(number) {
            Some(found) => found == *hash,
            None => !verified.findings.is_empty(),
        };
        verified.expect(is_right, || {
            format!("snapshot {sequence}: the chain has not its block {number} ({hash})")
        });
    }
    Ok(verified)
}

impl Verified {
    /// The hash of a block that is there and right.
    #[must_use]
    pub fn block_hash(&self, number: u64) -> Option<B256> {
        let index = usize::try_from(number.checked_sub(self.first_block)?).ok()?;
        self.block_hashes.get(index).copied()
    }

    /// Notes what is wrong; a failure of the system is none of what is here.
    fn found(&mut self, what: &str, error: SequencerError) -> Result<(), SequencerError> {
        if error.is_failure() {
            return Err(error);
        }
        self.findings.push(format!("{what}: {error}"));
        Ok(())
    }

    fn expect(&mut self, is_right: bool, finding: impl FnOnce() -> String) -> bool {
        if !is_right {
            self.findings.push(finding());
        }
        is_right
    }

    /// Heads of the snapshots that are right, by sequence.
    fn snapshots(
        &mut self,
        storage: &Storage,
    ) -> Result<BTreeMap<u64, SnapshotHead>, SequencerError> {
        let mut heads = BTreeMap::new();
        for Candidate { sequence, content } in storage.snapshots.candidates()? {
            self.snapshots += 1;
            let read = content.map_err(SequencerError::from).and_then(snapshot::read);
            let rooted = read.and_then(|(head, state)| Ok((head, state_root(&state)?)));
            match rooted {
                Ok((head, root)) => {
                    let is_right =
                        head.header.state_root == root && head.header.hash_slow() == head.hash;
                    if self.expect(is_right, || {
                        format!("snapshot {sequence}: its state has not the root of its block")
                    }) {
                        heads.insert(sequence, head);
                    }
                }
                Err(error) => self.found(&format!("snapshot {sequence}"), error)?,
            }
        }
        Ok(heads)
    }

    /// A transaction of the block is found by its hash, and the block by what it changed.
    fn index(&mut self, chain: &Chain, block: &Block) -> Result<(), SequencerError> {
        for (index, item) in (0..).zip(&block.items) {
            let (hash, place) = (item.transaction.hash(), Place { block: block.number(), index });
            let is_found = chain.is_indexed(hash, place)?;
            self.expect(is_found, || {
                format!("index: transaction {hash} is not where it is: {place:?}")
            });
        }
        let number = block.number();
        let is_found = chain.are_changes_indexed(number)?;
        self.expect(is_found, || format!("index: what block {number} changed is not found there"));
        Ok(())
    }

    fn blocks(
        &mut self,
        genesis: &Genesis,
        storage: &Storage,
        held: &Held<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), SequencerError> {
        let Some(last) = storage.blocks.last() else { return Ok(()) };
        self.first_block = storage.blocks.first().unwrap_or_default();
        let oldest = pruned::oldest_state(storage);
        let mut executor = match oldest {
            None => Executor::new(genesis, storage)?,
            Some(oldest) => match pruned::executor(genesis, storage, held.snapshots, oldest)? {
                Ok(executor) => executor,
                Err(wrong) => {
                    self.findings.push(format!("the blocks: {wrong}"));
                    return Ok(());
                }
            },
        };
        self.first_executed = oldest.map_or(0, |oldest| oldest.saturating_add(1));
        let mut before: Option<Block> = None;
        for number in self.first_block..=last {
            progress(number, last);
            let Some(bytes) = storage.blocks.get(number)? else {
                self.findings.push(format!("block {number} is not in the archive"));
                return Ok(());
            };
            let block = decode_block(&bytes)?;
            let wrong = held.logged.get(&number).and_then(|logged| logged.wrong(&block));
            self.findings.extend(wrong.map(|wrong| format!("block {number}: {wrong}")));
            let wrong = match number < self.first_executed {
                true => pruned::wrong(&block, before.as_ref()).map(str::to_owned),
                false => executor.execute(&block)?,
            };
            // One wrong block makes all after it wrong.
            if let Some(wrong) = wrong {
                self.findings.push(format!("block {number}: {wrong}"));
                return Ok(());
            }
            if let Some(chain) = held.chain {
                self.index(chain, &block)?;
            }
            self.blocks += 1;
            self.transactions += block.items.len() as u64;
            self.block_hashes.push(block.hash);
            before = Some(block);
        }
        Ok(())
    }
}

/// What blocks are held against.
struct Held<'a> {
    logged: &'a BTreeMap<u64, Logged>,
    snapshots: &'a BTreeMap<u64, SnapshotHead>,
    /// As a start would bring it up.
    chain: Option<&'a Chain>,
}

/// Executes a chain from genesis or a later state on.
struct Executor<'a> {
    storage: &'a Storage,
    store: Arc<StateStore>,
    producer: Producer,
    sealer: Sealer,
    /// Hash of the last block.
    hash: B256,
    number: u64,
    /// Slices up to it.
    version: u64,
    genesis_hash: B256,
}

impl<'a> Executor<'a> {
    fn new(genesis: &Genesis, storage: &'a Storage) -> Result<Self, SequencerError> {
        let state = genesis.state();
        let store = Arc::new(StateStore::new(Retention::default(), 0, &state));
        let sealer = Sealer::new(Arc::clone(&store), &state, 0)?;
        let header = genesis_header(genesis, sealer.root());
        let hash = header.hash_slow();
        let tip = SliceTip { sequence: 0, hash: B256::ZERO };
        let producer = Producer::new(genesis.config.clone(), Arc::clone(&store), header, hash, tip);
        store.push_block_hash(0, hash);
        let (number, version, genesis_hash) = (0, 0, hash);
        Ok(Self { storage, store, producer, sealer, hash, number, version, genesis_hash })
    }

    /// What is wrong with the next block.
    fn execute(&mut self, block: &Block) -> Result<Option<String>, SequencerError> {
        if block.header.hash_slow() != block.hash {
            return Ok(Some("its hash is not that of its header".into()));
        }
        if block.number() == 0 {
            let is_genesis = block.hash == self.genesis_hash;
            return Ok((!is_genesis).then(|| "it is not that of the genesis".into()));
        }
        let next = self.number.saturating_add(1);
        if (block.number(), block.header.parent_hash) != (next, self.hash) {
            return Ok(Some("it does not follow the one before it".into()));
        }
        let root_before = self.sealer.root();
        self.producer.begin_block(block.header.timestamp)?;
        for (index, item) in block.items.iter().enumerate() {
            if let Some(wrong) = self.transaction(item)? {
                return Ok(Some(format!("transaction {index}: {wrong}")));
            }
        }
        if let Some(slice) = self.producer.close_slice() {
            self.sealer.add_slice(&slice)?;
        }
        let Some(context) = self.producer.end_block() else {
            return Ok(Some("it was never open: a bug".into()));
        };
        let sealed = self.sealer.seal(&context)?;
        self.sealer.forget_old_trees();
        let (expected, found) = (&block.header, &sealed.block.header);
        let roots = [
            ("state root", expected.state_root, found.state_root),
            ("transactions root", expected.transactions_root, found.transactions_root),
            ("receipts root", expected.receipts_root, found.receipts_root),
            ("hash", block.hash, sealed.block.hash),
        ];
        if let Some((what, expected, found)) = roots.into_iter().find(|(_, a, b)| a != b) {
            return Ok(Some(format!("its {what} is {expected}, and executing it gives {found}")));
        }
        self.producer.set_parent(sealed.block.header.clone(), block.hash);
        let version = self.version.saturating_add(block.slice_hashes.len() as u64);
        if block.state_version != version {
            return Ok(Some(format!(
                "its last slice is said to be {}, and by their count it is {version}",
                block.state_version
            )));
        }
        (self.hash, self.number, self.version) = (block.hash, next, version);
        self.changes(next, sealed.tree, root_before)
    }

    fn transaction(&mut self, item: &Item) -> Result<Option<String>, SequencerError> {
        let transaction = &item.transaction;
        if !is_signed(transaction) {
            return Ok(Some("its sender did not sign it".into()));
        }
        let executed = match self.producer.execute(Arc::clone(transaction))? {
            Ok(executed) => executed,
            Err(refusal) => return Ok(Some(format!("it is refused: {refusal}"))),
        };
        let is_same = executed.receipt == item.receipt
            && executed.gas_used == item.gas_used
            && executed.created == item.created
            && executed.cycles == item.cycles;
        Ok((!is_same).then(|| "executing it gives another receipt".into()))
    }

    /// What a block is said to have changed leads back to the root before it.
    fn changes(
        &self,
        number: u64,
        mut tree: Tree,
        root_before: B256,
    ) -> Result<Option<String>, SequencerError> {
        // Pruned sooner than the blocks.
        if self.storage.changes.first() > Some(number) {
            return Ok(None);
        }
        let Some(changes) = changes::find(&self.storage.changes, number)? else {
            return Ok(Some("what it changed is not in the archive".into()));
        };
        let mut undo = Undo::default();
        undo.push(changes);
        let code = |hash| self.store.code(hash).ok().map(|code| code.original_bytes());
        undo.apply(&mut tree, code)?;
        let is_right = tree.root() == root_before;
        Ok((!is_right).then(|| "what it is said to have changed is not what it changed".into()))
    }
}

/// Whether a transaction is its sender's. Deposits come from L1.
fn is_signed(transaction: &Transaction) -> bool {
    transaction.is_deposit()
        || Transaction::decode(&transaction.encoded(), &Libsecp)
            .is_ok_and(|recovered| recovered.sender() == transaction.sender())
}

#[cfg(test)]
mod tests;
