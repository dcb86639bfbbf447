//! Why transactions are refused, as metrics name it: a few words, where an error has numbers.

use minster_mempool::PoolError;

use crate::SubmitError;

/// Why a transaction was not taken into the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// The bytes are no transaction, or no valid signature is on it.
    Malformed,
    /// It could never run on this chain.
    Invalid,
    /// The pool has it.
    Known,
    /// It is longer than the pool takes.
    Oversized,
    /// Its nonce is used, or too far ahead.
    Nonce,
    /// Its sender cannot pay.
    Funds,
    /// It pays too little.
    Underpriced,
    /// Another one has its nonce, and it does not pay enough more.
    Replacement,
    /// Its sender has too many.
    SenderFull,
    /// The pool has too many.
    PoolFull,
    /// Too many wait to be checked.
    Overloaded,
    /// The prover is too far behind.
    ProofBacklog,
    /// The node stops.
    Stopping,
}

impl RefusalReason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::Invalid,
        Self::Known,
        Self::Oversized,
        Self::Nonce,
        Self::Funds,
        Self::Underpriced,
        Self::Replacement,
        Self::SenderFull,
        Self::PoolFull,
        Self::Overloaded,
        Self::ProofBacklog,
        Self::Stopping,
    ];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::Known => "known",
            Self::Oversized => "oversized",
            Self::Nonce => "nonce",
            Self::Funds => "funds",
            Self::Underpriced => "underpriced",
            Self::Replacement => "replacement",
            Self::SenderFull => "sender_full",
            Self::PoolFull => "pool_full",
            Self::Overloaded => "overloaded",
            Self::ProofBacklog => "proof_backlog",
            Self::Stopping => "stopping",
        }
    }

    /// Its place in [`RefusalReason::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    pub(crate) const fn of(error: &SubmitError) -> Self {
        match error {
            SubmitError::Transaction(_) => Self::Malformed,
            SubmitError::Invalid(_)
            | SubmitError::WrongChain { .. }
            | SubmitError::InitCodeTooLarge { .. }
            | SubmitError::SenderHasCode { .. } => Self::Invalid,
            SubmitError::FeeCapBelowMinimum { .. } => Self::Underpriced,
            SubmitError::Overloaded { .. } => Self::Overloaded,
            SubmitError::ProofBacklog { .. } => Self::ProofBacklog,
            SubmitError::Stopping => Self::Stopping,
            SubmitError::Pool(error) => Self::of_pool(error),
        }
    }

    const fn of_pool(error: &PoolError) -> Self {
        match error {
            PoolError::UnsupportedType => Self::Malformed,
            PoolError::ExceedsBlockGasLimit | PoolError::TipAboveFeeCap => Self::Invalid,
            PoolError::OversizedData { .. } => Self::Oversized,
            PoolError::NonceMax
            | PoolError::NonceTooLow { .. }
            | PoolError::NonceTooHigh { .. } => Self::Nonce,
            PoolError::InsufficientFunds { .. }
            | PoolError::InsufficientFundsQueued { .. }
            | PoolError::InsufficientFundsBumped { .. } => Self::Funds,
            PoolError::Underpriced { .. } => Self::Underpriced,
            PoolError::AlreadyKnown => Self::Known,
            PoolError::ReplacementUnderpriced => Self::Replacement,
            PoolError::AccountLimitExceeded { .. } => Self::SenderFull,
            PoolError::PoolFull => Self::PoolFull,
        }
    }
}
