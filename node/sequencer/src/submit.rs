//! Why a transaction is not taken. The texts are geth's, because wallets, libraries and tests match
//! on them.

use std::time::Duration;

use alloy_primitives::Address;
use minster_evm::{BlockContext, InvalidTransaction};
use minster_mempool::PoolError;
use minster_primitives::{Transaction, TransactionError, TransactionFields};
use thiserror::Error;

/// Bytes of init code that a creation may have (EIP-3860).
const INIT_CODE_SIZE_MAX: usize = 49_152;

/// Why a transaction was not taken into the pool.
#[derive(Debug, Error)]
pub enum SubmitError {
    /// The bytes are not a transaction with a sender.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// It could never run on this chain as it is.
    #[error("{0}")]
    Invalid(InvalidTransaction),
    /// It is another chain's.
    #[error("invalid sender: invalid chain id for signer: have {have} want {want}")]
    WrongChain {
        /// The chain that it names.
        have: u64,
        /// This chain.
        want: u64,
    },
    /// It creates a contract with too much init code (EIP-3860).
    #[error("max initcode size exceeded: code size {size} limit {}", INIT_CODE_SIZE_MAX)]
    InitCodeTooLarge {
        /// Bytes of it.
        size: usize,
    },
    /// Below the chain's lowest base fee: it could never run.
    #[error(
        "max fee per gas less than block base fee: address {address}, maxFeePerGas: {fee_cap}, \
         baseFee: {base_fee}"
    )]
    FeeCapBelowMinimum {
        /// The sender.
        address: Address,
        /// Its fee cap in wei per gas.
        fee_cap: u128,
        /// The base fee now in wei per gas, which is the chain's `base_fee_min` or more.
        base_fee: u64,
    },
    /// The sender is a contract (EIP-3607).
    #[error("sender not an eoa: address {address}")]
    SenderHasCode {
        /// The sender.
        address: Address,
    },
    /// The pool refuses it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The chain is too far ahead of its prover.
    #[error(
        "the chain has {:.1} h of unproven work, more than the {:.1} h that this node allows; try \
         again later", hours(*backlog), hours(*limit)
    )]
    ProofBacklog {
        /// The time that the prover needs.
        backlog: Duration,
        /// The node's limit.
        limit: Duration,
    },
    /// More come than can be checked.
    #[error(
        "the node is overloaded: {waiting} transactions wait to be checked; send it again later"
    )]
    Overloaded {
        /// How many wait.
        waiting: usize,
    },
    /// The node is shutting down.
    #[error("the node is stopping")]
    Stopping,
}

/// Why a node takes no transactions at all, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It stops.
    Stopping,
    /// It is too far ahead of its prover.
    ProofBacklog {
        /// The time that the prover needs.
        backlog: Duration,
        /// The node's limit.
        limit: Duration,
    },
}

impl From<Closed> for SubmitError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Stopping => Self::Stopping,
            Closed::ProofBacklog { backlog, limit } => Self::ProofBacklog { backlog, limit },
        }
    }
}

/// Words a refusal with what the transaction says.
pub(crate) fn invalid(
    reason: InvalidTransaction,
    transaction: &Transaction,
    context: &BlockContext,
) -> SubmitError {
    let envelope = transaction.envelope();
    match reason {
        InvalidTransaction::InvalidChainId => SubmitError::WrongChain {
            have: envelope.chain_id().unwrap_or_default(),
            want: context.chain_id,
        },
        InvalidTransaction::CreateInitCodeSizeLimit => {
            SubmitError::InitCodeTooLarge { size: envelope.input().len() }
        }
        other => SubmitError::Invalid(other),
    }
}

fn hours(time: Duration) -> f64 {
    time.as_secs_f64() / 3_600.0
}
