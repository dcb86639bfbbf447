//! What `eth_simulateV1` alone refuses, with the codes of its specification.

use alloy_primitives::Address;
use jsonrpsee::types::error::{INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE};
use minster_evm::InvalidTransaction;
use thiserror::Error;

use crate::error::{CLIENT_LIMIT_EXCEEDED, CallRefusal, SERVER_ERROR, go_duration};

/// Why a simulation has no result.
#[derive(Debug, Error)]
pub(crate) enum SimulateError {
    #[error("empty input")]
    Empty,
    #[error("too many blocks")]
    TooManyBlocks,
    #[error("too many calls in block: {count} > {maximum}")]
    TooManyBlockCalls { count: usize, maximum: usize },
    #[error("too many calls: {count} > {maximum}")]
    TooManyCalls { count: usize, maximum: usize },
    #[error("block numbers must be in order: {number} <= {before}")]
    BlockNumber { number: u64, before: u64 },
    #[error("block timestamps must be in order: {timestamp} <= {before}")]
    BlockTimestamp { timestamp: u64, before: u64 },
    #[error("block gas limit reached: remaining: {remaining}, required: {required}")]
    BlockGasLimit { remaining: u64, required: u64 },
    #[error("execution aborted (timeout = {})", go_duration(*timeout_ms))]
    Timeout { timeout_ms: u64 },
    #[error("MovePrecompileToAddress of {address} references itself")]
    MovedToItself { address: Address },
    #[error("block override \"{name}\" is not supported: there is no beacon chain")]
    NoBeaconChain { name: &'static str },
    #[error(transparent)]
    Refused(Box<CallRefusal>),
}

impl SimulateError {
    pub(crate) const fn code(&self) -> i32 {
        match self {
            Self::Empty => INVALID_PARAMS_CODE,
            Self::Timeout { .. } => -32_016,
            Self::BlockGasLimit { .. } => -38_015,
            Self::BlockNumber { .. } => -38_020,
            Self::BlockTimestamp { .. } => -38_021,
            Self::MovedToItself { .. } => -38_022,
            Self::TooManyBlocks | Self::TooManyBlockCalls { .. } | Self::TooManyCalls { .. } => {
                CLIENT_LIMIT_EXCEEDED
            }
            Self::NoBeaconChain { .. } => SERVER_ERROR,
            Self::Refused(refusal) => refusal_code(&refusal.reason),
        }
    }
}

const fn refusal_code(reason: &InvalidTransaction) -> i32 {
    use InvalidTransaction as Invalid;
    match reason {
        Invalid::NonceTooLow { .. } => -38_010,
        Invalid::NonceTooHigh { .. } => -38_011,
        Invalid::GasPriceLessThanBasefee => -38_012,
        Invalid::CallGasCostMoreThanGasLimit { .. } => -38_013,
        Invalid::LackOfFundForMaxFee { .. } | Invalid::OverflowPaymentInTransaction => -38_014,
        Invalid::RejectCallerWithCode => -38_024,
        Invalid::CreateInitCodeSizeLimit => -38_025,
        Invalid::PriorityFeeGreaterThanMaxFee => INVALID_PARAMS_CODE,
        // geth's, too, for all that its specification names no code for.
        _ => INTERNAL_ERROR_CODE,
    }
}
