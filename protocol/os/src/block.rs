//! The block loop.

mod pubdata;

use alloc::vec::Vec;

use minster_batch::{PUBDATA_BYTES_MAX, pubdata::transaction_size_max};
use minster_evm::{BlockContext, Execution, ExecutionError, InvalidTransaction};
use minster_params::constants::{BLOCK_LOG_BYTES_MAX, BLOCK_RLP_SIZE_MAX, LOG_GAS_PER_BYTE};
use minster_primitives::{Log, Receipt, StateDiff, Transaction, TransactionFields, Typed2718};
use thiserror::Error;

use crate::ExecutionEnvironment;
use pubdata::PubdataBound;

/// RLP bytes that a block has besides its transactions: the header and three list prefixes.
const BLOCK_RLP_OVERHEAD: usize = 2_048;

/// RLP bytes that a transaction costs besides its own encoding: a string prefix.
const TRANSACTION_RLP_OVERHEAD: usize = 9;

/// One of a block's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Gas.
    Gas,
    /// Proving cycles.
    Cycles,
    /// RLP size (EIP-7934).
    Size,
    /// Bytes of logs.
    Logs,
    /// Bytes of pubdata.
    Pubdata,
}

/// Why a transaction is not in the block. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It may not run on this state.
    #[error("{0}")]
    Invalid(InvalidTransaction),
    /// It does not fit what is left of the block, but fits an empty one.
    #[error("the block is full: {0:?}")]
    BlockFull(Limit),
    /// It fits no block at all.
    #[error("exceeds block {0:?} limit")]
    TooLarge(Limit),
}

/// Why a block could not be executed.
#[derive(Debug, Error)]
pub enum BlockError<E: core::error::Error> {
    /// A transaction may not be where it is.
    #[error("transaction {index} is refused: {refusal}")]
    Refused {
        /// Its index in the block.
        index: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The oracle or the context failed.
    #[error(transparent)]
    Execution(ExecutionError<E>),
}

/// How much of a block is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlockProgress {
    /// Transactions so far.
    pub transaction_count: u64,
    /// Gas used so far.
    pub gas_used: u64,
    /// Cycle-equivalents used so far.
    pub cycles_used: u64,
    /// RLP bytes of the transactions so far, prefixes included.
    pub rlp_size: usize,
    /// Bytes of logs so far: address, topics and data.
    pub log_bytes: u64,
}

/// An executed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// As the receipts root commits to it.
    pub receipt: Receipt,
    /// What else is known of it: everything but the logs, which are in the receipt.
    pub execution: Execution,
}

/// The block loop, a transaction at a time.
#[derive(Debug)]
pub struct BlockExecutor<X> {
    environment: X,
    context: BlockContext,
    progress: BlockProgress,
    pubdata: PubdataBound,
}

impl<X: ExecutionEnvironment> BlockExecutor<X> {
    /// Opens a block.
    ///
    /// # Errors
    /// When the oracle fails.
    pub fn begin(
        mut environment: X,
        context: BlockContext,
    ) -> Result<Self, ExecutionError<X::Error>> {
        environment.begin_block(&context)?;
        let pubdata = PubdataBound::default();
        Ok(Self { environment, context, progress: BlockProgress::default(), pubdata })
    }

    /// The block's context.
    pub const fn context(&self) -> &BlockContext {
        &self.context
    }

    /// How much of the block is used.
    pub const fn progress(&self) -> BlockProgress {
        self.progress
    }

    /// Runs the next transaction of the block.
    ///
    /// # Errors
    /// The inner error is a refusal, with nothing changed; the outer one ends the block.
    pub fn execute(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Result<Executed, Refusal>, ExecutionError<X::Error>> {
        let rlp_size = transaction.encoded_size().saturating_add(TRANSACTION_RLP_OVERHEAD);
        if let Err(refusal) = self.check_room(transaction, rlp_size) {
            return Ok(Err(refusal));
        }
        let mut execution = match self.environment.execute(transaction) {
            Ok(execution) => execution,
            Err(ExecutionError::Invalid(invalid)) => return Ok(Err(Refusal::Invalid(invalid))),
            Err(error) => return Err(error),
        };
        let progress = &mut self.progress;
        progress.transaction_count = progress.transaction_count.saturating_add(1);
        progress.gas_used = progress.gas_used.saturating_add(execution.gas_used);
        progress.cycles_used = progress.cycles_used.saturating_add(execution.cycles);
        progress.rlp_size = progress.rlp_size.saturating_add(rlp_size);
        progress.log_bytes = progress.log_bytes.saturating_add(log_bytes(&execution.logs));
        self.pubdata.count(self.environment.take_changes());
        let receipt = Receipt::new(
            transaction.envelope().ty(),
            execution.is_success(),
            progress.gas_used,
            core::mem::take(&mut execution.logs),
            execution.deposit_nonce,
        );
        Ok(Ok(Executed { receipt, execution }))
    }

    /// Takes what changed since the last take; from then on the oracle must answer with it.
    pub fn take_diff(&mut self) -> StateDiff {
        self.environment.take_diff()
    }

    /// Ends the block and gives the environment back for the next one.
    pub fn finish(self) -> (X, BlockProgress) {
        (self.environment, self.progress)
    }

    /// Gas, cycles, log bytes and pubdata are reserved in full, so that what a transaction turns
    /// out to use can never carry the block over a limit.
    fn check_room(&mut self, transaction: &Transaction, rlp_size: usize) -> Result<(), Refusal> {
        let context = &self.context;
        let size_max = BLOCK_RLP_SIZE_MAX.saturating_sub(BLOCK_RLP_OVERHEAD);
        let gas = transaction.envelope().gas_limit();
        if gas > context.gas_limit {
            return Err(Refusal::TooLarge(Limit::Gas));
        }
        if rlp_size > size_max {
            return Err(Refusal::TooLarge(Limit::Size));
        }
        // No byte of a log costs less gas than this, so gas bounds what a transaction may add.
        let log_bytes = gas.checked_div(LOG_GAS_PER_BYTE).unwrap_or(u64::MAX);
        if log_bytes > BLOCK_LOG_BYTES_MAX {
            return Err(Refusal::TooLarge(Limit::Logs));
        }
        // What the opening of the block changes is in here, once for the block.
        let pubdata_max = u64::try_from(PUBDATA_BYTES_MAX).unwrap_or(u64::MAX);
        let pubdata_size = transaction_size_max(gas);
        if pubdata_size > pubdata_max {
            return Err(Refusal::TooLarge(Limit::Pubdata));
        }
        if log_bytes > BLOCK_LOG_BYTES_MAX.saturating_sub(self.progress.log_bytes) {
            return Err(Refusal::BlockFull(Limit::Logs));
        }
        if !self.pubdata.is_at_most(pubdata_max.saturating_sub(pubdata_size)) {
            return Err(Refusal::BlockFull(Limit::Pubdata));
        }
        if gas > context.gas_limit.saturating_sub(self.progress.gas_used) {
            return Err(Refusal::BlockFull(Limit::Gas));
        }
        let cycles_left = context.block_cycles_max.saturating_sub(self.progress.cycles_used);
        if context.transaction_cycles_max > cycles_left {
            return Err(Refusal::BlockFull(Limit::Cycles));
        }
        if rlp_size > size_max.saturating_sub(self.progress.rlp_size) {
            return Err(Refusal::BlockFull(Limit::Size));
        }
        Ok(())
    }
}

fn log_bytes(logs: &[Log]) -> u64 {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    logs.iter().fold(0, |sum: u64, log| {
        let topics = count(log.topics().len()).saturating_mul(32);
        sum.saturating_add(20).saturating_add(topics).saturating_add(count(log.data.data.len()))
    })
}

/// What a whole block did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockOutput {
    /// One for each transaction, in order. What the transactions returned is not kept: that is
    /// bounded for each of them only.
    pub receipts: Vec<Receipt>,
    /// What the block changed, the protocol's own writes included.
    pub diff: StateDiff,
    /// How much of the block was used.
    pub progress: BlockProgress,
}

/// Executes a block whose transactions are known.
///
/// # Errors
/// At the first transaction that may not be there, or when the oracle fails.
pub fn execute_block<X: ExecutionEnvironment>(
    environment: X,
    context: &BlockContext,
    transactions: &[Transaction],
) -> Result<BlockOutput, BlockError<X::Error>> {
    let mut block =
        BlockExecutor::begin(environment, context.clone()).map_err(BlockError::Execution)?;
    let mut receipts = Vec::with_capacity(transactions.len());
    for (index, transaction) in transactions.iter().enumerate() {
        match block.execute(transaction) {
            Ok(Ok(executed)) => receipts.push(executed.receipt),
            Ok(Err(refusal)) => return Err(BlockError::Refused { index, refusal }),
            Err(error) => return Err(BlockError::Execution(error)),
        }
    }
    let diff = block.take_diff();
    Ok(BlockOutput { receipts, diff, progress: block.progress() })
}

#[cfg(test)]
mod tests;
