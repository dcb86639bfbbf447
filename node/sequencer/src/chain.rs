//! The chain as readers see it: only what is durable.

mod history;
pub(crate) mod index;
mod kept;
mod past;
mod read;
mod slices;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy_primitives::{B256, map::HashMap};
use minster_evm::BlockContext;
use minster_params::ChainConfig;
use minster_primitives::Header;
use minster_state::Tree;
use minster_storage::archive::Archive;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{broadcast, oneshot};

use crate::{
    SequencerError,
    block::{Block, Item, Located, Slice, seal_items},
    codec,
    config::ReceiptSource,
    state::{StateError, StateStore, StateView},
    tip::Tip,
};
pub use history::OldestPast;
use history::SealedTree;
use index::{Index, Place};
use kept::Kept;
use past::{ChangeSets, Tail};
use read::{Lately, Limits};
use slices::RecentSlices;

/// Sealed blocks that are kept decoded: at most so many, and no more transactions than so many,
/// but always some.
const RECENT_BLOCKS_MAX: usize = 32;
const RECENT_TRANSACTIONS_MAX: usize = 100_000;
const RECENT_BLOCKS_MIN: usize = 2;

/// Older blocks that are kept decoded because they were read last. Whoever asks for a block's
/// transactions one by one finds it there.
const READ_BLOCKS_MAX: usize = 8;

/// Events that a slow subscriber may lag behind before it loses some.
const EVENT_CAPACITY: usize = 1_024;

/// Something new, in order. Numbers alone, so that who lags keeps nothing in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The slice of this sequence is durable.
    Slice(u64),
    /// The block of this number is sealed and durable.
    Sealed(u64),
}

/// How much a block changed in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockChange {
    /// Accounts that it created, removed or wrote.
    pub accounts: u64,
    /// Storage slots that it wrote.
    pub slots: u64,
    /// Codes that it was the first to set.
    pub codes: u64,
    /// Bytes of those codes together.
    pub code_bytes: u64,
}

/// The open block as published so far.
#[derive(Debug)]
struct OpenBlock {
    context: BlockContext,
    slices: Vec<Arc<Slice>>,
}

/// What anybody may read of the chain. One thread publishes; any number read.
#[derive(Debug)]
pub struct Chain {
    config: ChainConfig,
    state: Arc<StateStore>,
    archive: Arc<Archive>,
    changes: Arc<ChangeSets>,
    receipts: ReceiptSource,
    index: Arc<Index>,
    kept: Kept,
    recent: RwLock<VecDeque<Arc<Block>>>,
    slices: RwLock<RecentSlices>,
    read: Lately<Block>,
    open: RwLock<Option<OpenBlock>>,
    published_version: AtomicU64,
    /// Held while a slice is published: its state is there before its transactions are found.
    publishing: RwLock<()>,
    events: broadcast::Sender<Event>,
    waiters: Mutex<HashMap<B256, Vec<oneshot::Sender<()>>>>,
    tip: Tip,
    /// After the last sealed block; `None` until one is published with its tree.
    tree: RwLock<Option<SealedTree>>,
    /// Keys that recent blocks changed, as far as somebody has asked.
    change_counts: Mutex<BTreeMap<u64, usize>>,
    /// Held by who undoes blocks.
    undoing: Mutex<Option<Arc<Tail>>>,
}

impl Chain {
    pub(crate) fn new(
        config: ChainConfig,
        state: Arc<StateStore>,
        (archive, changes): (Arc<Archive>, Arc<Archive>),
        index: Arc<Index>,
        receipts: ReceiptSource,
    ) -> Self {
        Self {
            config,
            state,
            archive,
            changes: Arc::new(ChangeSets::new(changes)),
            receipts,
            index,
            kept: Kept::default(),
            recent: RwLock::default(),
            slices: RwLock::default(),
            read: Lately::new(Limits { count: READ_BLOCKS_MAX, weight: 0, weigh: |_| 0 }),
            open: RwLock::default(),
            published_version: AtomicU64::new(0),
            publishing: RwLock::default(),
            events: broadcast::channel(EVENT_CAPACITY).0,
            waiters: Mutex::default(),
            tip: Tip::default(),
            tree: RwLock::default(),
            change_counts: Mutex::default(),
            undoing: Mutex::default(),
        }
    }

    /// The chain's parameters.
    #[must_use]
    pub const fn config(&self) -> &ChainConfig {
        &self.config
    }

    /// The last sealed block.
    #[must_use]
    pub fn latest(&self) -> Arc<Block> {
        let recent = self.recent.read();
        recent.back().cloned().unwrap_or_else(|| Arc::new(Block::nothing()))
    }

    /// The open block so far, if there is one and the `receipts` setting shows it.
    #[must_use]
    pub fn pending(&self) -> Option<Arc<Block>> {
        self.open_slices(|open| Some(open.slices.len())).map(OpenBlock::into_block)
    }

    /// A copy of the first slices of the open block, as many as `count` says. Putting a block
    /// together takes long enough that the journal must not wait for it.
    fn open_slices(&self, count: impl FnOnce(&OpenBlock) -> Option<usize>) -> Option<OpenBlock> {
        if self.receipts == ReceiptSource::Sealed {
            return None;
        }
        let open = self.open.read();
        let open = open.as_ref()?;
        let slices = open.slices.get(..count(open)?)?.to_vec();
        Some(OpenBlock { context: open.context.clone(), slices })
    }

    /// A block by number: sealed, or the open one.
    ///
    /// # Errors
    /// [`SequencerError::HistoryPruned`] of a block that is no longer kept; others when the archive
    /// cannot be read.
    pub fn block(&self, number: u64) -> Result<Option<Arc<Block>>, SequencerError> {
        if number == 0
            && let Some(genesis) = self.genesis()
        {
            return Ok(Some(genesis));
        }
        self.refuse_pruned(number)?;
        {
            let recent = self.recent.read();
            if let Some(first) = recent.front()
                && let Some(offset) = number.checked_sub(first.number())
            {
                let index = usize::try_from(offset).unwrap_or(usize::MAX);
                if let Some(block) = recent.get(index) {
                    return Ok(Some(Arc::clone(block)));
                }
                drop(recent);
                let open = self.open_slices(|open| {
                    (open.context.number == number).then_some(open.slices.len())
                });
                return Ok(open.map(OpenBlock::into_block));
            }
        }
        if let Some(block) = self.read.get(number) {
            return Ok(Some(block));
        }
        let Some(bytes) = self.archive.get(number)? else {
            // Not there, or gone since.
            self.refuse_pruned(number)?;
            return Ok(None);
        };
        let block = Arc::new(codec::decode_block(&bytes)?);
        self.read.insert(number, &block);
        Ok(Some(block))
    }

    /// Whether [`Chain::block`] answers without the disk.
    #[must_use]
    pub fn has_at_hand(&self, number: u64) -> bool {
        self.recent.read().front().is_some_and(|first| number >= first.number())
    }

    /// Whether [`Chain::transaction`] answers without the disk.
    #[must_use]
    pub fn has_transaction_at_hand(&self, hash: B256) -> bool {
        match self.index.recent_transaction(&hash) {
            Some(place) => self.has_at_hand(place.block),
            None => !self.index.reads_for_transaction(&hash),
        }
    }

    /// A slice by its sequence, and its block's base fee in wei per gas. `None` when it is not
    /// there yet, or long gone: only those of recent blocks are kept.
    #[must_use]
    pub fn slice(&self, sequence: u64) -> Option<(Arc<Slice>, u64)> {
        self.slices.read().get(sequence)
    }

    /// A block by its hash, or by the hash of one of its slices. A slice hash of the open block
    /// gives the block as that slice left it.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<Block>>, SequencerError> {
        let open = self
            .open_slices(|open| Some(open.slices.iter().position(|slice| slice.hash == hash)? + 1));
        if let Some(open) = open {
            return Ok(Some(open.into_block()));
        }
        if let Some(number) = self.index.recent_block(&hash) {
            return self.kept_block(number);
        }
        if let Some(genesis) = self.genesis().filter(|genesis| genesis.hash == hash) {
            return Ok(Some(genesis));
        }
        for place in self.index.old_blocks(&hash)? {
            let block = self.kept_block(place.block)?;
            let is_it =
                |block: &Arc<Block>| block.hash == hash || block.slice_hashes.contains(&hash);
            if block.as_ref().is_some_and(is_it) {
                return Ok(block);
            }
        }
        Ok(None)
    }

    /// A block that the index knows; `None` when it is just being pruned, as it will be a moment
    /// later.
    fn kept_block(&self, number: u64) -> Result<Option<Arc<Block>>, SequencerError> {
        match self.block(number) {
            Err(SequencerError::HistoryPruned { .. }) => Ok(None),
            block => block,
        }
    }

    /// How much a sealed block changed; `None` for genesis and for a block that is not sealed.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn block_change(&self, number: u64) -> Result<Option<BlockChange>, SequencerError> {
        let Some(changes) = self.changes.find(number)? else { return Ok(None) };
        Ok(Some(BlockChange {
            accounts: (changes.accounts.len() + changes.created.len()) as u64,
            slots: changes.slots.len() as u64,
            codes: changes.published.len() as u64,
            code_bytes: changes.published.iter().map(|code| code.size).sum(),
        }))
    }

    /// Where a transaction is. Whoever has seen in [`Chain::state`] what it did finds it.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn transaction(&self, hash: B256) -> Result<Option<Located>, SequencerError> {
        let recent = || self.index.recent_transaction(&hash).map(|place| self.locate(place));
        if let Some(located) = recent().transpose()?.flatten() {
            return Ok(Some(located));
        }
        for place in self.index.old_transactions(&hash)? {
            let located = self.locate(place)?;
            if located.as_ref().is_some_and(|located| located.item.transaction.hash() == hash) {
                return Ok(located);
            }
        }
        // Not there, or of a slice that is just being published: free when that is over.
        drop(self.publishing.read());
        Ok(recent().transpose()?.flatten())
    }

    fn locate(&self, place: Place) -> Result<Option<Located>, SequencerError> {
        if let Some(open) = self.open.read().as_ref()
            && open.context.number == place.block
        {
            if self.receipts == ReceiptSource::Sealed {
                return Ok(None);
            }
            return Ok(open.locate(place.index));
        }
        let Some(block) = self.kept_block(place.block)? else { return Ok(None) };
        let item = usize::try_from(place.index).ok().and_then(|index| block.items.get(index));
        Ok(item.map(|item| Located {
            item: Arc::clone(item),
            index: place.index,
            block_number: block.number(),
            block_hash: block.hash,
            block_timestamp: block.header.timestamp,
            base_fee: block.header.base_fee_per_gas.unwrap_or_default(),
            is_sealed: true,
        }))
    }

    /// The state after the last durable slice.
    ///
    /// # Errors
    /// [`StateError::Pruned`] only if readers overtake the writer, which is a bug.
    pub fn state(&self) -> Result<StateView, StateError> {
        self.state.view(self.published_version.load(Ordering::Acquire))
    }

    /// The state as last applied, durable or not: for admission to the pool.
    #[must_use]
    pub const fn state_store(&self) -> &Arc<StateStore> {
        &self.state
    }

    /// Slices and blocks from now on. A subscriber that lags loses events and is told so.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Blocks the thread until a later block than this is sealed and durable, [`Chain::nudge`] is
    /// called, or the time is up. Returns the number of the last sealed block. For one thread.
    #[must_use]
    pub fn wait_past(&self, block: u64, wait: Duration) -> u64 {
        self.tip.wait_past(block, wait)
    }

    /// Blocks the thread until this block is sealed and durable, or the time is up; says whether it
    /// is.
    #[must_use]
    pub fn wait_for_block(&self, block: u64, wait: Duration) -> bool {
        self.tip.wait_for(block, wait)
    }

    /// Ends one [`Chain::wait_past`]: the one that goes on, or else the next.
    pub fn nudge(&self) {
        self.tip.nudge();
    }

    /// Resolves when the transaction is in a durable slice (with `receipts = "sealed"`, in a
    /// sealed block). Register first, then look whether it is there already.
    #[must_use]
    pub fn wait_for(&self, hash: B256) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.waiters.lock();
        let list = waiters.entry(hash).or_default();
        list.retain(|waiter| !waiter.is_closed());
        list.push(sender);
        receiver
    }

    /// Forgets waiters of a hash whose callers have gone.
    pub fn stop_waiting(&self, hash: B256) {
        let mut waiters = self.waiters.lock();
        if let Some(list) = waiters.get_mut(&hash) {
            list.retain(|waiter| !waiter.is_closed());
            if list.is_empty() {
                waiters.remove(&hash);
            }
        }
    }

    /// The context of the open block, if there is one.
    #[must_use]
    pub fn open_context(&self) -> Option<BlockContext> {
        self.open.read().as_ref().map(|open| open.context.clone())
    }

    /// What the next block would look like if it opened at this timestamp: the context for calls
    /// at `pending`, and for estimates.
    #[must_use]
    pub fn next_context(&self, timestamp: u64) -> BlockContext {
        if let Some(context) = self.open_context() {
            return context;
        }
        let latest = self.latest();
        let timestamp = timestamp.max(latest.header.timestamp.saturating_add(1));
        minster_os::block_context(
            &self.config,
            &latest.header,
            latest.hash,
            timestamp,
            Default::default(),
        )
    }

    /// Publishes a durable slice.
    pub(crate) fn publish_slice(&self, context: &BlockContext, slice: Arc<Slice>) {
        let _publishing = self.publishing.write();
        // First, so that whoever sees a receipt reads a state that has it.
        self.published_version.store(slice.header.sequence, Ordering::Release);
        let hashes = slice.items.iter().map(|item| item.transaction.hash());
        self.index.add_transactions(context.number, slice.header.first_transaction_index, hashes);
        {
            let mut open = self.open.write();
            match open.as_mut() {
                Some(open) if open.context.number == context.number => {
                    open.slices.push(Arc::clone(&slice));
                }
                _ => {
                    *open =
                        Some(OpenBlock { context: context.clone(), slices: vec![slice.clone()] });
                }
            }
        }
        if self.receipts == ReceiptSource::Slice {
            self.wake(&slice.items);
        }
        let sequence = slice.header.sequence;
        self.slices.write().push(slice, context.base_fee);
        // Nobody subscribed is no failure.
        let _ = self.events.send(Event::Slice(sequence));
    }

    /// Publishes a durable sealed block and the state tree after it.
    pub(crate) fn publish_block(&self, block: Arc<Block>, tree: Tree) {
        *self.tree.write() = Some(SealedTree { block: block.number(), tree });
        self.publish(block);
    }

    fn publish(&self, block: Arc<Block>) {
        self.index.add_block(&block);
        self.show(block);
    }

    fn show(&self, block: Arc<Block>) {
        if block.number() == 0 {
            self.keep_genesis(&block);
        }
        let mut old = Vec::new();
        let closed = {
            // Both at once, so that no reader finds the block in neither place.
            let mut open = self.open.write();
            let mut recent = self.recent.write();
            recent.push_back(Arc::clone(&block));
            while is_too_much(&recent) {
                old.extend(recent.pop_front());
            }
            if let Some(first) = recent.front() {
                self.slices.write().forget_before(first.number());
            }
            open.take()
        };
        if self.receipts == ReceiptSource::Sealed {
            self.wake(&block.items);
        }
        let number = block.number();
        let _ = self.events.send(Event::Sealed(number));
        self.tip.reach(number);
        // When nobody waits any more: to free a full block takes a while.
        drop((old, closed));
    }

    /// Enters the last block that was archived before the restart, and the state tree after it.
    pub(crate) fn restore(&self, block: Block, tree: Tree) {
        *self.tree.write() = Some(SealedTree { block: block.number(), tree });
        self.published_version.store(block.state_version, Ordering::Release);
        self.show(Arc::new(block));
    }

    fn wake(&self, items: &[Arc<Item>]) {
        let mut waiters = self.waiters.lock();
        if waiters.is_empty() {
            return;
        }
        for item in items {
            for waiter in waiters.remove(&item.transaction.hash()).into_iter().flatten() {
                let _ = waiter.send(());
            }
        }
    }
}

fn is_too_much(recent: &VecDeque<Arc<Block>>) -> bool {
    let transactions = || recent.iter().map(|block| block.items.len()).sum::<usize>();
    recent.len() > RECENT_BLOCKS_MAX
        || recent.len() > RECENT_BLOCKS_MIN && transactions() > RECENT_TRANSACTIONS_MAX
}

impl OpenBlock {
    /// The block as these slices made it.
    fn into_block(self) -> Arc<Block> {
        let slices = &self.slices;
        let items: Vec<Arc<Item>> =
            slices.iter().flat_map(|slice| slice.items.iter().cloned()).collect();
        let header = seal_items(&self.context, &items, B256::ZERO);
        let last = slices.last();
        Arc::new(Block {
            header,
            hash: last.map_or(B256::ZERO, |slice| slice.hash),
            is_open: true,
            items,
            slice_hashes: slices.iter().map(|slice| slice.hash).collect(),
            state_version: last.map_or(0, |slice| slice.header.sequence),
        })
    }

    fn locate(&self, index: u64) -> Option<Located> {
        let position =
            self.slices.partition_point(|slice| slice.header.first_transaction_index <= index);
        // Empty slices share their first index with the next; look back from the last candidate.
        self.slices[..position].iter().rev().find_map(|slice| {
            let offset = usize::try_from(index - slice.header.first_transaction_index).ok()?;
            let item = slice.items.get(offset)?;
            Some(Located {
                item: Arc::clone(item),
                index,
                block_number: self.context.number,
                block_hash: slice.hash,
                block_timestamp: self.context.timestamp,
                base_fee: self.context.base_fee,
                is_sealed: false,
            })
        })
    }
}

impl Block {
    /// Stands for the time before genesis is published; never seen by a reader of a started node.
    fn nothing() -> Self {
        Self {
            header: Header::default(),
            hash: B256::ZERO,
            is_open: false,
            items: Vec::new(),
            slice_hashes: Vec::new(),
            state_version: 0,
        }
    }
}
