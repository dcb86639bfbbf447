//! Why the pool refuses a transaction. The texts are geth's, because wallets, libraries and tests
//! match on them.

use minster_primitives::U256;
use thiserror::Error;

/// Why a transaction was not admitted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PoolError {
    /// A deposit: those come from L1 only.
    #[error("transaction type not supported")]
    UnsupportedType,
    /// The encoding is too long.
    #[error("oversized data: transaction size {size}, limit {limit}")]
    OversizedData {
        /// Bytes of the encoding.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// No block can hold the transaction.
    #[error("exceeds block gas limit")]
    ExceedsBlockGasLimit,
    /// The tip cap is above the fee cap (EIP-1559).
    #[error("max priority fee per gas higher than max fee per gas")]
    TipAboveFeeCap,
    /// The nonce cannot be incremented (EIP-2681).
    #[error("nonce has max value")]
    NonceMax,
    /// The tip cap is below the operator's minimum.
    #[error("transaction gas price below minimum: gas tip cap {tip}, minimum needed {minimum}")]
    Underpriced {
        /// Wei per gas.
        tip: u128,
        /// Wei per gas.
        minimum: u128,
    },
    /// This very transaction is in the pool.
    #[error("already known")]
    AlreadyKnown,
    /// The nonce is used up, or the transaction that uses it is being executed.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The lowest nonce that can still be sent.
        next: u64,
        /// The transaction's.
        nonce: u64,
    },
    /// The nonce lies too far above the sender's first missing one.
    #[error("nonce too high: tx nonce {nonce}, gapped nonce {gapped}")]
    NonceTooHigh {
        /// The transaction's.
        nonce: u64,
        /// The first missing one.
        gapped: u64,
    },
    /// The sender cannot pay for the transaction alone.
    #[error(
        "insufficient funds for gas * price + value: balance {balance}, tx cost {cost}, \
         overshot {}", cost.saturating_sub(*balance)
    )]
    InsufficientFunds {
        /// Wei.
        balance: U256,
        /// Wei.
        cost: U256,
    },
    /// The sender cannot pay for the transaction after those it has in the pool.
    #[error(
        "insufficient funds for gas * price + value: balance {balance}, queued cost {queued}, \
         tx cost {cost}, overshot {}", queued.saturating_add(*cost).saturating_sub(*balance)
    )]
    InsufficientFundsQueued {
        /// Wei.
        balance: U256,
        /// Wei, all of the sender's pooled transactions.
        queued: U256,
        /// Wei.
        cost: U256,
    },
    /// The sender cannot pay for all of its transactions once the replacement is among them.
    #[error(
        "insufficient funds for gas * price + value: balance {balance}, queued cost {queued}, \
         tx bumped {}, overshot {}",
        needed.saturating_sub(*queued),
        needed.saturating_sub(*balance)
    )]
    InsufficientFundsBumped {
        /// Wei.
        balance: U256,
        /// Wei, all of the sender's pooled transactions as they are.
        queued: U256,
        /// Wei, all of them after the replacement.
        needed: U256,
    },
    /// The sender has as many transactions in the pool as it may.
    #[error("account limit exceeded: pooled {pooled} txs")]
    AccountLimitExceeded {
        /// How many.
        pooled: usize,
    },
    /// Another transaction has this nonce, and this one does not pay enough more.
    #[error("replacement transaction underpriced")]
    ReplacementUnderpriced,
    /// The pool is full of transactions that rank no lower.
    #[error("txpool is full")]
    PoolFull,
}
