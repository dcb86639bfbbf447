//! What a request can fail with, and its translation to codes and words: the only place where an
//! inner error becomes an answer. Texts are geth's, because wallets, libraries and tests match on
//! them. What a caller cannot act on is logged and answered as "internal error".

use std::num::NonZeroU32;

use alloy_primitives::{B256, Bytes};
use jsonrpsee::types::{
    ErrorObjectOwned,
    error::{
        INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE, INVALID_REQUEST_CODE, METHOD_NOT_FOUND_CODE,
        OVERSIZED_RESPONSE_CODE, OVERSIZED_RESPONSE_MSG, PARSE_ERROR_CODE,
    },
};
use minster_batcher::BatcherError;
use minster_evm::{ExecutionError, InvalidTransaction};
use minster_primitives::TransactionError;
use minster_sequencer::{ControlError, SequencerError, StateError, SubmitError};
use thiserror::Error;

use crate::{eth::simulate::SimulateError, quota::Exhausted, revert::revert_reason};

mod duration;
mod refusal;

use self::refusal::invalid_message;
pub(crate) use self::{
    duration::go_duration,
    refusal::{CallRefusal, Frame},
};

/// geth's code for every error that has no better one.
pub(crate) const SERVER_ERROR: i32 = -32_000;
/// A limit of this node stands in the way (EIP-1474).
pub(crate) const LIMIT_EXCEEDED: i32 = -32_005;
/// The call reverted; the data is the revert data.
pub(crate) const EXECUTION_REVERTED: i32 = 3;
/// The transaction is in the pool but was not executed in time (EIP-7966).
pub(crate) const SEND_TIMEOUT: i32 = 4;
/// geth's code for blocks, transactions, receipts and logs that were pruned.
const HISTORY_PRUNED: i32 = 4_444;
/// geth's code for a request that is past a limit on requests of its kind.
pub(crate) const CLIENT_LIMIT_EXCEEDED: i32 = -38_026;
/// geth's code for an answer that is too large.
const RESPONSE_TOO_LARGE: i32 = -32_003;

/// Why a request has no result.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    /// A message that is no JSON.
    #[error("parse error")]
    Parse,
    /// JSON that is no request.
    #[error("invalid request")]
    InvalidRequest,
    #[error("empty batch")]
    EmptyBatch,
    #[error("batch too large")]
    BatchTooLarge { maximum: usize },
    /// The answers to a batch.
    #[error("response too large")]
    ResponseTooLarge { maximum: usize },
    /// The answer to a request.
    #[error("{OVERSIZED_RESPONSE_MSG}")]
    AnswerTooLarge { maximum: usize },
    #[error("non-array args")]
    ArgumentsNotAList,
    #[error("expected subscription name as first argument")]
    NoSubscriptionName,
    #[error("missing value for required argument {index}")]
    MissingArgument { index: usize },
    #[error("too many arguments, want at most {maximum}")]
    TooManyArguments { maximum: usize },
    #[error("invalid argument {index}: {reason}")]
    InvalidArgument { index: usize, reason: String },
    /// Said as it is, without the argument's place.
    #[error("{reason}")]
    StorageKey { reason: String },
    #[error("{}", unknown_method(.name))]
    UnknownMethod { name: String },
    #[error("the method {name} is for development chains only")]
    DevelopmentOnly { name: String },
    /// The node has no key of it.
    #[error("unknown account")]
    UnknownAccount,
    /// A transaction that the node is to complete or sign, and cannot as it is.
    #[error("{reason}")]
    Incomplete { reason: &'static str },
    #[error(transparent)]
    Control(ControlError),
    #[error("typed data: {reason}")]
    TypedData { reason: String },
    #[error("notifications not supported")]
    NotificationsUnsupported,
    /// State of a block that does not exist.
    #[error("header not found")]
    HeaderNotFound,
    /// The same, of a block named by its hash.
    #[error("header for hash not found")]
    HeaderForHashNotFound,
    /// An encoding of a block that does not exist, with each byte of the hash in decimal: geth
    /// formats it as a number.
    #[error("{part} #{} not found", in_decimal(.hash))]
    UnknownHash { part: &'static str, hash: B256 },
    /// Logs of a block that does not exist.
    #[error("unknown block")]
    UnknownBlock,
    #[error(
        "historical state of block {block} is not available; eth_capabilities says from which \
         block on it is"
    )]
    StatePruned { block: u64 },
    /// Nobody knows whether there was a block of this hash.
    #[error("pruned history unavailable: no block from {oldest} on has this hash")]
    HashPruned { oldest: u64 },
    #[error("{}", submit_message(.0))]
    Submit(Box<SubmitError>),
    #[error("typed transaction too short")]
    ShortTransaction,
    #[error(
        "The transaction was added to the transaction pool but wasn't processed in {}",
        go_duration(*timeout_ms)
    )]
    SendTimeout { hash: B256, timeout_ms: u64 },
    /// The transaction left the pool while its sender waited for the receipt.
    #[error("{reason}")]
    Dropped { reason: String },
    #[error(transparent)]
    Refused(Box<CallRefusal>),
    #[error("{}", revert_message(.output))]
    Reverted { output: Bytes },
    /// The machine stopped, in geth's words.
    #[error("{words}")]
    Halted { words: String },
    #[error("insufficient funds for transfer")]
    TransferFunds,
    #[error("gas required exceeds allowance ({allowance})")]
    GasExceedsAllowance { allowance: u64 },
    #[error("exceeds the proving budget of one transaction ({limit} cycles)")]
    ProvingBudget { limit: u64 },
    #[error("chainId does not match node's (have={have}, want={want})")]
    ChainId { have: u64, want: u64 },
    #[error("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")]
    MixedFees,
    #[error("maxFeePerGas ({fee:#x}) < maxPriorityFeePerGas ({tip:#x})")]
    TipAboveFee { fee: u128, tip: u128 },
    #[error(
        "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass \
             transaction call data"
    )]
    DataAndInput,
    #[error("transaction type not supported")]
    BlobTransaction,
    #[error("{reason}")]
    Override { reason: String },
    #[error(
        "proofs in block {block} are not available; this node has them for the last {blocks_max} \
         blocks, fewer when those changed very much"
    )]
    ProofUnavailable { block: u64, blocks_max: u64 },
    #[error("too many slots; at most {maximum} in one request (proof_slots_max)")]
    TooManySlots { maximum: usize },
    /// More of them than `proof_slots_max`, in geth's words.
    #[error("too many slots (max {maximum})")]
    TooManyStorageValues { maximum: usize },
    #[error("empty request")]
    NoStorageValues,
    #[error("EIP-7702 transaction cannot be used to create contract")]
    AuthorizingCreation,
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    #[error("more than {maximum} requests in a second from one address (requests_per_second_max)")]
    TooManyRequests { maximum: NonZeroU32 },
    #[error("the request has more than {maximum} values (request_values_max)")]
    TooManyValues { maximum: usize },
    #[error(
        "there are more than {maximum} subscriptions on this node, or one client has half of them \
         (subscriptions_max)"
    )]
    TooManySubscriptions { maximum: usize },
    #[error(
        "requests of all clients take more than {maximum} bytes, or those of one half of that \
         (requests_bytes_max); try again later"
    )]
    RequestsFull { maximum: usize },
    #[error(
        "answers that wait to be sent take more than {maximum} bytes, or those of one client half \
         of that (unsent_bytes_max); try again later"
    )]
    UnsentFull { maximum: usize },
    #[error("transaction not found")]
    TransactionNotFound,
    #[error("block {name} not found")]
    BlockNotFound { name: String },
    #[error("genesis is not traceable")]
    GenesisNotTraceable,
    #[error("{reason}")]
    Tracer { reason: String },
    #[error("the trace is larger than {maximum} bytes (trace_bytes_max); ask for less of it")]
    TraceTooLarge { maximum: usize },
    #[error("more than {maximum} accounts and slots are overridden (overrides_max)")]
    TooManyOverrides { maximum: usize },
    #[error("invalid block range params")]
    BlockRange,
    #[error("block range extends beyond current head block")]
    BlockRangeInFuture,
    #[error(
        "block range of {count} blocks is too large; at most {maximum} in one query \
         (logs_range_max)"
    )]
    RangeTooLarge { count: u64, maximum: u64 },
    #[error(
        "query returns more than {maximum} logs (logs_count_max); narrow the filter or the range"
    )]
    TooManyLogs { maximum: usize },
    #[error(
        "query returns more than {maximum} bytes (response_bytes_max); narrow the filter or the \
         range"
    )]
    LogsTooLarge { maximum: u32 },
    #[error("exceed max addresses or topics per search position")]
    TooManyAlternatives,
    #[error("filter not found")]
    FilterNotFound,
    #[error(
        "there are more than {maximum} filters on this node, or one client has half of them \
         (filters_max)"
    )]
    TooManyFilters { maximum: usize },
    #[error(
        "filters and subscriptions name more than {maximum} addresses and topics, or those of one \
         client half of that (filter_values_max)"
    )]
    TooManyFilterValues { maximum: usize },
    #[error("subscription not found")]
    SubscriptionNotFound,
    #[error("invalid reward percentile: {value}")]
    RewardPercentile { value: String },
    #[error("invalid reward percentile: over the query limit {maximum}")]
    TooManyPercentiles { maximum: usize },
    #[error("request beyond head block: requested {requested}, head {head}")]
    BeyondHead { requested: u64, head: u64 },
    #[error("the node is busy with {running} such requests, and {waiting} wait; try again later")]
    Busy { running: usize, waiting: usize },
    #[error("execution aborted (timeout = {})", go_duration(*timeout_ms))]
    Timeout { timeout_ms: u64 },
    #[error("no {:?} subscription in {namespace} namespace", shortened(.name))]
    UnknownSubscription { namespace: &'static str, name: String },
    #[error("this node neither batches nor proves (--proofs off)")]
    ProofsOff,
    #[error("the proof of batch {batch} was removed to make room (proof_bytes_max)")]
    ProofRemoved { batch: u64 },
    #[error(transparent)]
    Batcher(#[from] BatcherError),
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("answer: {0}")]
    Json(#[from] serde_json::Error),
    /// The machine refused its own context, or a thread died: a bug.
    #[error("{reason}")]
    Internal { reason: String },
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        Self::Submit(Box::new(error))
    }
}

impl ApiError {
    /// There is no room for an answer.
    pub(crate) const fn from_unsent(full: Exhausted) -> Self {
        Self::UnsentFull { maximum: full.maximum }
    }

    /// There is no room for a request.
    pub(crate) const fn from_requests(full: Exhausted) -> Self {
        Self::RequestsFull { maximum: full.maximum }
    }

    /// A call's failure, given what it is worded with.
    pub(crate) fn from_execution(
        error: ExecutionError<StateError>,
        refusal: impl FnOnce(InvalidTransaction) -> CallRefusal,
    ) -> Self {
        match error {
            ExecutionError::Invalid(reason) => Self::Refused(Box::new(refusal(reason))),
            ExecutionError::Oracle(error) => Self::State(error),
            ExecutionError::Context(reason) => Self::Internal { reason },
        }
    }

    /// Names the block whose state is gone.
    pub(crate) fn at_block(self, block: u64) -> Self {
        match self {
            Self::State(StateError::Pruned { .. })
            | Self::Sequencer(SequencerError::State(StateError::Pruned { .. })) => {
                Self::StatePruned { block }
            }
            other => other,
        }
    }

    fn code(&self) -> i32 {
        match self {
            Self::Parse => PARSE_ERROR_CODE,
            Self::InvalidRequest | Self::EmptyBatch | Self::BatchTooLarge { .. } => {
                INVALID_REQUEST_CODE
            }
            Self::ResponseTooLarge { .. } => RESPONSE_TOO_LARGE,
            Self::AnswerTooLarge { .. } => OVERSIZED_RESPONSE_CODE,
            Self::ArgumentsNotAList
            | Self::NoSubscriptionName
            | Self::MissingArgument { .. }
            | Self::TooManyArguments { .. }
            | Self::InvalidArgument { .. }
            | Self::StorageKey { .. }
            | Self::BlockRange
            | Self::BlockRangeInFuture
            | Self::NoStorageValues => INVALID_PARAMS_CODE,
            Self::TooManyStorageValues { .. } => CLIENT_LIMIT_EXCEEDED,
            Self::UnknownMethod { .. }
            | Self::DevelopmentOnly { .. }
            | Self::NotificationsUnsupported
            | Self::UnknownSubscription { .. } => METHOD_NOT_FOUND_CODE,
            Self::RangeTooLarge { .. }
            | Self::TooManyLogs { .. }
            | Self::TooManyFilters { .. }
            | Self::TooManyFilterValues { .. }
            | Self::TraceTooLarge { .. }
            | Self::TooManySlots { .. }
            | Self::TooManyRequests { .. }
            | Self::TooManyValues { .. }
            | Self::TooManySubscriptions { .. }
            | Self::RequestsFull { .. }
            | Self::UnsentFull { .. }
            | Self::LogsTooLarge { .. }
            | Self::TooManyOverrides { .. }
            | Self::Busy { .. } => LIMIT_EXCEEDED,
            Self::Submit(error) if is_limit(error) => LIMIT_EXCEEDED,
            Self::Simulate(error) => error.code(),
            Self::Reverted { .. } => EXECUTION_REVERTED,
            Self::SendTimeout { .. } => SEND_TIMEOUT,
            Self::HashPruned { .. } | Self::Sequencer(SequencerError::HistoryPruned { .. }) => {
                HISTORY_PRUNED
            }
            Self::Sequencer(_)
            | Self::Batcher(_)
            | Self::State(StateError::CodeMissing { .. } | StateError::Unreadable { .. })
            | Self::Json(_)
            | Self::Internal { .. } => INTERNAL_ERROR_CODE,
            _ => SERVER_ERROR,
        }
    }
}

impl From<ApiError> for ErrorObjectOwned {
    fn from(error: ApiError) -> Self {
        let code = error.code();
        match &error {
            ApiError::Reverted { output } => Self::owned(code, error.to_string(), Some(output)),
            ApiError::BatchTooLarge { maximum } => {
                Self::owned(code, error.to_string(), Some(format!("at most {maximum} requests")))
            }
            ApiError::ResponseTooLarge { maximum } => {
                Self::owned(code, error.to_string(), Some(format!("at most {maximum} bytes")))
            }
            // As the library says it of what it makes itself.
            ApiError::AnswerTooLarge { maximum } => {
                let data = format!("Exceeded max limit of {maximum}");
                Self::owned(code, error.to_string(), Some(data))
            }
            ApiError::SendTimeout { hash, .. } => Self::owned(code, error.to_string(), Some(hash)),
            // geth's code where the specification has none, for what is the caller's mistake.
            ApiError::Simulate(_) => Self::owned::<()>(code, error.to_string(), None),
            _ if code == INTERNAL_ERROR_CODE => {
                tracing::error!(%error, "request failed");
                Self::owned::<()>(code, "internal error", None)
            }
            _ => Self::owned::<()>(code, error.to_string(), None),
        }
    }
}

/// Namespaces of development tools in which methods set state by hand.
const FORGING_NAMESPACES: [&str; 5] = ["anvil_", "hardhat_", "evm_", "tenderly_", "ganache_"];

/// A name as it is repeated to who asked for it, who may have made up a long one.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

fn unknown_method(name: &str) -> String {
    let name = shortened(name);
    let words = format!("the method {name} does not exist/is not available");
    if FORGING_NAMESPACES.iter().any(|namespace| name.starts_with(namespace)) {
        return format!(
            "{words}: every block here can be proven, so state comes of transactions alone and \
             time only goes on; to see what would be if it were otherwise, override state in \
             eth_call, eth_simulateV1 or debug_traceCall"
        );
    }
    words
}

/// Whether a transaction is refused for what the node can bear, not for what it is.
const fn is_limit(error: &SubmitError) -> bool {
    matches!(error, SubmitError::ProofBacklog { .. } | SubmitError::Overloaded { .. })
}

fn submit_message(error: &SubmitError) -> String {
    match error {
        SubmitError::Transaction(TransactionError::UnsupportedType { .. }) => {
            "transaction type not supported".to_owned()
        }
        SubmitError::Transaction(TransactionError::TrailingBytes { .. }) => {
            "rlp: input contains more than one value".to_owned()
        }
        SubmitError::Transaction(TransactionError::HighS | TransactionError::InvalidSignature) => {
            "invalid sender: invalid transaction v, r, s values".to_owned()
        }
        SubmitError::Invalid(reason) => invalid_message(reason),
        other => other.to_string(),
    }
}

/// A list of bytes as Go writes one.
fn in_decimal(hash: &B256) -> String {
    format!("{:?}", hash.0).replace(',', "")
}

fn revert_message(output: &Bytes) -> String {
    match revert_reason(output) {
        Some(reason) => format!("execution reverted: {reason}"),
        None => "execution reverted".to_owned(),
    }
}

#[cfg(test)]
mod tests;
