//! What every method works with, and how a block parameter is answered.

use std::sync::Arc;

use alloy_primitives::B256;
use minster_batcher::Batches;
use minster_evm::{BlockContext, L1Origin};
use minster_mempool::Mempool;
use minster_params::constants;
use minster_primitives::{Header, transactions_root};
use minster_sequencer::{Block, Chain, Sequencer, SequencerError, StateView};
use tokio::sync::broadcast;

use crate::{
    RpcConfig,
    block_parameter::BlockParameter,
    error::ApiError,
    eth::{filters::Filters, overrides::OverrideLimit},
    gate::{Deadline, Gate},
    quota::Quota,
};

/// Transaction hashes that a slow reader of the pool's feed may lag behind before it loses some.
pub(crate) const POOLED_FEED_CAPACITY: usize = 16_384;

/// What every method works with.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) config: RpcConfig,
    pub(crate) sequencer: Sequencer,
    /// `None` on a node that neither batches nor proves.
    pub(crate) batches: Option<Batches>,
    pub(crate) gate: Gate,
    pub(crate) filters: Filters,
    /// Bytes of answers that are made or wait to be sent.
    pub(crate) answers: Arc<Quota>,
    /// Addresses and topics of installed filters and of subscriptions.
    pub(crate) filter_values: Arc<Quota>,
    /// Hashes of transactions that entered the pool through this server.
    pub(crate) pooled_feed: broadcast::Sender<B256>,
}

impl Api {
    pub(crate) fn new(config: RpcConfig, sequencer: Sequencer, batches: Option<Batches>) -> Self {
        Self {
            gate: Gate::new(&config),
            filters: Filters::new(&config),
            answers: Quota::new(config.unsent_bytes_max),
            filter_values: Quota::new(config.filter_values_max),
            pooled_feed: broadcast::channel(POOLED_FEED_CAPACITY).0,
            config,
            sequencer,
            batches,
        }
    }

    pub(crate) fn chain(&self) -> &Arc<Chain> {
        self.sequencer.chain()
    }

    pub(crate) fn pool(&self) -> &Arc<Mempool> {
        self.sequencer.pool()
    }

    pub(crate) const fn override_limit(&self) -> OverrideLimit {
        OverrideLimit::new(self.config.overrides_max)
    }

    /// The block that a block read means. `None` when there is no such block; one that was pruned
    /// is an error.
    pub(crate) fn block(&self, parameter: BlockParameter) -> Result<Option<Arc<Block>>, ApiError> {
        let chain = self.chain();
        Ok(match parameter {
            BlockParameter::Latest => Some(chain.latest()),
            BlockParameter::Pending => Some(self.pending_block()),
            // Nothing is settled yet.
            BlockParameter::Safe | BlockParameter::Finalized => chain.block(0)?,
            // As geth has it: the oldest that can be had.
            BlockParameter::Earliest => chain.block(chain.oldest_block())?,
            BlockParameter::Number(number) => chain.block(number)?,
            BlockParameter::Hash(hash) => {
                match (chain.block_by_hash(hash)?, chain.oldest_block()) {
                    (None, oldest) if oldest > 0 => return Err(ApiError::HashPruned { oldest }),
                    (block, _) => block,
                }
            }
        })
    }

    /// The block whose state a request means.
    pub(crate) fn state_block(&self, parameter: BlockParameter) -> Result<Arc<Block>, ApiError> {
        match (self.block(parameter), parameter) {
            (Ok(block), _) => block.ok_or_else(|| no_header(parameter)),
            // Of a block that is gone the state is, too.
            (
                Err(ApiError::Sequencer(SequencerError::HistoryPruned { .. })),
                BlockParameter::Number(block),
            ) => Err(ApiError::StatePruned { block }),
            (Err(error), _) => Err(error),
        }
    }

    /// The open block so far, or an empty next one.
    fn pending_block(&self) -> Arc<Block> {
        self.chain().pending().unwrap_or_else(|| {
            let context = self.chain().next_context(self.sequencer.now());
            Arc::new(Block {
                header: minster_os::seal(&context, transactions_root(&[]), &[], B256::ZERO),
                hash: B256::ZERO,
                is_open: true,
                items: Vec::new(),
                slice_hashes: Vec::new(),
                state_version: self.chain().latest().state_version,
            })
        })
    }

    /// The state that a state read means, and the number of its block for messages.
    pub(crate) fn state(&self, parameter: BlockParameter) -> Result<(StateView, u64), ApiError> {
        if matches!(parameter, BlockParameter::Latest | BlockParameter::Pending) {
            return Ok((self.chain().state()?, self.chain().latest().number()));
        }
        self.state_after(&*self.state_block(parameter)?)
    }

    pub(crate) fn state_after(&self, block: &Block) -> Result<(StateView, u64), ApiError> {
        let (number, deadline) = (block.number(), Deadline::new(&self.config));
        let state = self.chain().state_after(block, deadline.at());
        Ok((state.map_err(|error| deadline.word(error).at_block(number))?, number))
    }

    /// The state and the block context that a call at this block runs in: at `latest` that of the
    /// open block or, when none is open, that of the last one, but for the time; at `pending` that
    /// of the open block or of the next one.
    pub(crate) fn call_site(&self, parameter: BlockParameter) -> Result<CallSite, ApiError> {
        let now = self.sequencer.now();
        // Once, because the block may be sealed meanwhile.
        let coming = match parameter {
            BlockParameter::Latest => self.chain().open_context(),
            BlockParameter::Pending => Some(self.chain().next_context(now)),
            _ => None,
        };
        if let Some(context) = coming {
            let (state, block) = self.state(parameter)?;
            return Ok(CallSite { state, block, context });
        }
        let block = self.state_block(parameter)?;
        let (state, number) = self.state_after(&block)?;
        let mut context = self.context_of(&block.header);
        if parameter == BlockParameter::Latest {
            // There is no block while there is nothing to do, and a call that asks whether the time
            // has come is not to wait for one.
            context.timestamp = context.timestamp.max(now);
        }
        Ok(CallSite { state, block: number, context })
    }

    /// The context in which a block was executed, from its header.
    pub(crate) fn context_of(&self, header: &Header) -> BlockContext {
        let config = self.chain().config();
        BlockContext {
            chain_id: config.chain_id,
            number: header.number,
            timestamp: header.timestamp,
            gas_limit: header.gas_limit,
            base_fee: header.base_fee_per_gas.unwrap_or_default(),
            coinbase: header.beneficiary,
            prev_randao: header.mix_hash,
            parent_hash: header.parent_hash,
            l1_origin: L1Origin {
                number: 0,
                hash: header.parent_beacon_block_root.unwrap_or_default(),
            },
            blob_base_fee: constants::BLOB_BASE_FEE,
            transaction_cycles_max: config.transaction_cycles_max,
            block_cycles_max: config.block_cycles_max,
        }
    }
}

/// geth's refusals of state whose block does not exist.
const fn no_header(parameter: BlockParameter) -> ApiError {
    match parameter {
        BlockParameter::Hash(_) => ApiError::HeaderForHashNotFound,
        _ => ApiError::HeaderNotFound,
    }
}

/// Where a call runs.
#[derive(Debug)]
pub(crate) struct CallSite {
    pub(crate) state: StateView,
    /// Number of the block whose state it is, for messages.
    pub(crate) block: u64,
    pub(crate) context: BlockContext,
}
