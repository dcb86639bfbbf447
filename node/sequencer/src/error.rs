//! Why the sequencer cannot start or go on.

use alloy_primitives::B256;
use minster_params::GenesisError;
use minster_storage::StorageError;
use thiserror::Error;

use crate::state::StateError;

/// A failure of the sequencer. All of them stop the node: nothing limps on.
#[derive(Debug, Error)]
pub enum SequencerError {
    /// The disk failed or holds something unexpected.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// State that must be there is not.
    #[error(transparent)]
    State(#[from] StateError),
    /// The state tree and the state disagree.
    #[error("state tree: {reason}")]
    Tree {
        /// What was found.
        reason: String,
    },
    /// Execution failed for a reason that is not the transaction's.
    #[error("execution of block {block}: {reason}")]
    Execution {
        /// Block number.
        block: u64,
        /// What was found.
        reason: String,
    },
    /// A stored record does not decode, although its checksum is right.
    #[error(
        "{what} in the data directory does not decode: {reason}; was it written by another \
             version?"
    )]
    Record {
        /// Which record.
        what: &'static str,
        /// What was found.
        reason: String,
    },
    /// Replaying the log gave another result than the log says.
    #[error(
        "replaying the log gave {found} for {what}, but {expected} was signed; the data directory \
         is damaged or was written by another version"
    )]
    ReplayMismatch {
        /// Which value.
        what: String,
        /// As recorded.
        expected: B256,
        /// As recomputed.
        found: B256,
    },
    /// A block was pruned.
    #[error("pruned history unavailable: blocks are kept from {oldest} on")]
    HistoryPruned {
        /// The oldest block that is kept.
        oldest: u64,
    },
    /// A batch holds a block that the chain does not reach: the end of the log was lost.
    #[error(
        "the last batch ends with block {batch_block}, but the chain in the data directory ends \
         with block {block}: the end of the log is lost; restore it from a backup"
    )]
    BatchBeyondChain {
        /// Last block of the last batch.
        batch_block: u64,
        /// Last block of the chain.
        block: u64,
    },
    /// The archives hold blocks that the log does not reach.
    #[error(
        "the log in the data directory ends with block {logged}, but the archives go on to block \
         {archived}: the end of the log is lost; restore the directory from a backup"
    )]
    LogEndLost {
        /// Last block of the archives.
        archived: u64,
        /// Last block of the log.
        logged: u64,
    },
    /// What a block changed is not in the archive, although a later snapshot is there.
    #[error("the changes of block {block} are missing; restore the data directory from a backup")]
    ChangesMissing {
        /// Block number.
        block: u64,
    },
    /// The caller waits no longer.
    #[error("state of the past was not found in time")]
    OutOfTime,
    /// The slice key file is unusable.
    #[error("slice key {path}: {reason}")]
    SliceKey {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The slice key is gone, though slices were signed with it.
    #[error(
        "the slice key {path} is lost, and clients hold the node to its address: put it back from \
         a backup, or name where it is with sequencer.slice_key_file; to go on under another \
         address, make a key on purpose: openssl rand -hex 32 > {path}"
    )]
    SliceKeyLost {
        /// Where it was expected.
        path: String,
    },
    /// A thread could not be started or ended without saying why.
    #[error("the {thread} thread stopped: {reason}")]
    Thread {
        /// Its name.
        thread: &'static str,
        /// The cause.
        reason: String,
    },
}

impl SequencerError {
    /// Whether the system failed, which says nothing about what is on the disk.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_failure(),
            _ => false,
        }
    }
}
