//! Why batches cannot go on.

use std::io;

use minster_primitives::B256;
use minster_sequencer::SequencerError;
use minster_storage::StorageError;
use thiserror::Error;

use crate::BuildError;

/// A failure of the batcher. All of them stop the node.
#[derive(Debug, Error)]
pub enum BatcherError {
    /// The disk failed or holds something unexpected.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The chain could not be read.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    /// Sealed blocks are not what the rules allow: a bug.
    #[error("batch {batch}: {source}")]
    Build {
        /// Number of the batch.
        batch: u64,
        /// Why.
        source: Box<BuildError>,
    },
    /// Running a batch again came to another block: a bug.
    #[error("batch {batch} ends with block {found} when it is run again, and {sealed} was sealed")]
    Mismatch {
        /// Number of the batch.
        batch: u64,
        /// Hash of its last block as sealed.
        sealed: B256,
        /// The same, run again.
        found: B256,
    },
    /// The state of genesis does not become a tree.
    #[error("the state of genesis: {reason}")]
    Genesis {
        /// What was found.
        reason: String,
    },
    /// A sealed block is not in the archive.
    #[error("block {block} is missing in the archive; restore the data directory from a backup")]
    BlockMissing {
        /// Its number.
        block: u64,
    },
    /// What a sealed block changed is not in the archive, though no batch has the block.
    #[error(
        "what block {block} changed is missing in the archive; restore the data directory from a \
         backup"
    )]
    ChangesMissing {
        /// Its number.
        block: u64,
    },
    /// A sealed batch is not in the archive, though something else is there of it or after it.
    #[error("batch {batch} is missing in the archive; restore the data directory from a backup")]
    BatchMissing {
        /// Its number.
        batch: u64,
    },
    /// What a batch is proven from is gone before it was proven.
    #[error("the input of batch {batch} is missing; restore the data directory from a backup")]
    InputMissing {
        /// Number of the batch.
        batch: u64,
    },
    /// Salts of inputs and numbers of loans are random.
    #[error("the operating system gives no random bytes: {0}")]
    NoRandomness(#[from] getrandom::Error),
    /// A proof that is to be verified again cannot be read.
    #[error("read the proof of batch {batch}: {source}")]
    ProofUnread {
        /// Number of the batch.
        batch: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// A stored batch does not decode, although its checksum is right.
    #[error("batch {batch} does not decode: {reason}; was it written by another version?")]
    Record {
        /// Number of the batch.
        batch: u64,
        /// What was found.
        reason: String,
    },
}

impl BatcherError {
    /// Whether the system failed, which says nothing about what is on the disk.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_failure(),
            Self::Sequencer(error) => error.is_failure(),
            Self::ProofUnread { .. } => true,
            _ => false,
        }
    }
}
