//! The single-threaded heart: executes transactions, cuts slices, opens and ends blocks. No
//! clock, no channel, no disk: the live node and the replay after a crash run the same code.

use std::sync::Arc;

use alloy_primitives::B256;
use minster_evm::{BlockContext, EvmEnvironment};
use minster_os::{BlockExecutor, Refusal, block_context};
use minster_params::ChainConfig;
use minster_primitives::{Header, SliceHeader, StateDiff, Transaction};

use crate::{
    SequencerError,
    block::{Item, slice_hashes},
    state::{StateStore, StateView},
};

type Environment = EvmEnvironment<StateView>;

/// A slice that is executed but neither signed nor durable.
#[derive(Debug, Clone)]
pub(crate) struct ExecutedSlice {
    pub(crate) header: SliceHeader,
    pub(crate) hash: B256,
    pub(crate) items: Vec<Arc<Item>>,
    pub(crate) diff: Arc<StateDiff>,
    pub(crate) context: Arc<BlockContext>,
}

struct OpenBlock {
    executor: BlockExecutor<Environment>,
    context: Arc<BlockContext>,
    /// Items since the last slice.
    items: Vec<Arc<Item>>,
    first_index: u64,
    log_count: u64,
    slice_count: u64,
}

/// Where the chain of slices stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SliceTip {
    /// Sequence of the last slice; zero before the first.
    pub(crate) sequence: u64,
    /// Its hash; zero before the first.
    pub(crate) hash: B256,
}

pub(crate) struct Producer {
    config: ChainConfig,
    store: Arc<StateStore>,
    environment: Option<Environment>,
    open: Option<OpenBlock>,
    parent: Header,
    parent_hash: B256,
    tip: SliceTip,
}

impl Producer {
    pub(crate) fn new(
        config: ChainConfig,
        store: Arc<StateStore>,
        parent: Header,
        parent_hash: B256,
        tip: SliceTip,
    ) -> Self {
        let environment = EvmEnvironment::new(store.writer_view());
        Self { config, store, environment: Some(environment), open: None, parent, parent_hash, tip }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) const fn parent(&self) -> &Header {
        &self.parent
    }

    /// Timestamp of the last block, open or sealed.
    pub(crate) fn last_timestamp(&self) -> u64 {
        self.open.as_ref().map_or(self.parent.timestamp, |open| open.context.timestamp)
    }

    /// Base fee of the open block, or of the next one.
    pub(crate) fn base_fee(&self) -> u64 {
        match &self.open {
            Some(open) => open.context.base_fee,
            None => self.context(self.parent.timestamp.saturating_add(1)).base_fee,
        }
    }

    /// Whether the open slice holds transactions, or the open block has no slice yet.
    pub(crate) fn has_unsliced(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.items.is_empty() || open.slice_count == 0)
    }

    fn context(&self, timestamp: u64) -> BlockContext {
        let origin = Default::default();
        block_context(&self.config, &self.parent, self.parent_hash, timestamp, origin)
    }

    /// Opens the next block.
    pub(crate) fn begin_block(&mut self, timestamp: u64) -> Result<(), SequencerError> {
        let context = self.context(timestamp);
        let environment = self
            .environment
            .take()
            .unwrap_or_else(|| EvmEnvironment::new(self.store.writer_view()));
        let executor = BlockExecutor::begin(environment, context.clone())
            .map_err(|error| execution_error(context.number, error))?;
        self.open = Some(OpenBlock {
            executor,
            context: Arc::new(context),
            items: Vec::new(),
            first_index: 0,
            log_count: 0,
            slice_count: 0,
        });
        Ok(())
    }

    /// Runs a transaction in the open block. The inner error is a refusal that changed nothing.
    pub(crate) fn execute(
        &mut self,
        transaction: Arc<Transaction>,
    ) -> Result<Result<Arc<Item>, Refusal>, SequencerError> {
        let next = self.parent.number.saturating_add(1);
        let Some(open) = self.open.as_mut() else {
            return Err(execution_error(next, "no block is open"));
        };
        let result =
            open.executor.execute(&transaction).map_err(|error| execution_error(next, error))?;
        Ok(result.map(|executed| {
            let item = Arc::new(Item::new(transaction, executed, open.log_count));
            open.log_count += item.receipt.logs.len() as u64;
            open.items.push(Arc::clone(&item));
            item
        }))
    }

    /// Cuts a slice: what it changed is applied to the state and visible to the next one.
    pub(crate) fn close_slice(&mut self) -> Option<ExecutedSlice> {
        let open = self.open.as_mut()?;
        let items = std::mem::take(&mut open.items);
        let [transactions_hash, receipts_hash] = slice_hashes(&items);
        let header = SliceHeader {
            chain_id: self.config.chain_id,
            sequence: self.tip.sequence.saturating_add(1),
            parent: self.tip.hash,
            block_number: open.context.number,
            block_timestamp: open.context.timestamp,
            first_transaction_index: open.first_index,
            transactions_hash,
            receipts_hash,
        };
        let hash = header.hash();
        open.first_index += items.len() as u64;
        open.slice_count += 1;
        self.tip = SliceTip { sequence: header.sequence, hash };
        let diff = Arc::new(open.executor.take_diff());
        self.store.apply(header.sequence, Arc::clone(&diff));
        Some(ExecutedSlice { header, hash, items, diff, context: Arc::clone(&open.context) })
    }

    /// Ends the open block. Its last slice has been cut; [`Producer::set_parent`] follows when
    /// its hash is known.
    pub(crate) fn end_block(&mut self) -> Option<Arc<BlockContext>> {
        let open = self.open.take()?;
        let (environment, _) = open.executor.finish();
        self.environment = Some(environment);
        Some(open.context)
    }

    pub(crate) fn set_parent(&mut self, header: Header, hash: B256) {
        self.store.push_block_hash(header.number, hash);
        self.parent = header;
        self.parent_hash = hash;
    }
}

fn execution_error(block: u64, reason: impl ToString) -> SequencerError {
    SequencerError::Execution { block, reason: reason.to_string() }
}
