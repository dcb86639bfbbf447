//! The execution-environment seam.

use alloc::vec::Vec;

use minster_evm::{BlockContext, EvmEnvironment, Execution, ExecutionError, Oracle};
use minster_params::constants::HISTORY_STORAGE_ADDRESS;
use minster_primitives::{Change, StateDiff, Transaction};

/// A machine that runs the transactions of blocks and keeps what they change.
pub trait ExecutionEnvironment {
    /// The oracle's error.
    type Error: core::error::Error;

    /// Opens a block: its context holds for what follows, and what the protocol itself does at
    /// the start of a block is done.
    ///
    /// # Errors
    /// When the oracle fails.
    fn begin_block(&mut self, context: &BlockContext) -> Result<(), ExecutionError<Self::Error>>;

    /// Runs one transaction and keeps what it changed.
    ///
    /// # Errors
    /// When it may not be in this block, with nothing changed, or when the oracle fails.
    fn execute(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Execution, ExecutionError<Self::Error>>;

    /// Takes everything that the last transaction changed, in order.
    fn take_changes(&mut self) -> Vec<Change>;

    /// Takes what changed since the last take; from then on the oracle must answer with it.
    fn take_diff(&mut self) -> StateDiff;
}

impl<O: Oracle> ExecutionEnvironment for EvmEnvironment<O> {
    type Error = O::Error;

    fn begin_block(&mut self, context: &BlockContext) -> Result<(), ExecutionError<O::Error>> {
        self.set_block(context);
        // EIP-2935: the history contract learns the parent's hash. Without the contract the call
        // finds no code and changes nothing.
        self.system_call(HISTORY_STORAGE_ADDRESS, context.parent_hash.into())
    }

    fn execute(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Execution, ExecutionError<O::Error>> {
        Self::execute(self, transaction)
    }

    fn take_changes(&mut self) -> Vec<Change> {
        Self::take_changes(self)
    }

    fn take_diff(&mut self) -> StateDiff {
        Self::take_diff(self)
    }
}
