//! Why a batch has no proof, and why the queue ends.

use std::{io, process::ExitStatus};

use minster_batcher::{BatcherError, NoRoom};
use minster_riscv::ElfError;
use minster_storage::StorageError;
use minster_verifier::KeyError;
use thiserror::Error;

use crate::ProofError;

/// One attempt at a proof that came to nothing; the batch is tried again.
#[derive(Debug, Error)]
pub enum ProofFailure {
    /// The prover could not be started or talked to.
    #[error("the prover: {0}")]
    Io(#[from] io::Error),
    /// The prover ended without success.
    #[error("the prover ended with {status}: {reason}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// The last that it said.
        reason: String,
    },
    /// The prover hangs.
    #[error("the prover said nothing for {seconds} s")]
    Silent {
        /// For how long.
        seconds: u64,
    },
    /// The proof is beyond every limit.
    #[error("the prover wrote more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The disk has no room for the proof.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The proof could not be written down or read back.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The proof could not be begun or kept.
    #[error(transparent)]
    Keep(BatcherError),
    /// What was made is no proof of the guest.
    #[error("what the prover made is refused: {0}")]
    Refused(#[from] ProofError),
    /// It is a proof of something else.
    #[error("the prover proved another batch")]
    OtherClaim,
    /// The node stops.
    #[error("the node is stopping")]
    Stopped,
}

/// Why the queue cannot go on. All of them stop the node.
#[derive(Debug, Error)]
pub enum QueueError {
    /// Batches cannot be read.
    #[error(transparent)]
    Batcher(#[from] BatcherError),
    /// The guest is no program.
    #[error("the batch guest: {0}")]
    Elf(#[from] ElfError),
    /// The guest has no key.
    #[error("the batch guest: {0}")]
    Key(#[from] KeyError),
}
