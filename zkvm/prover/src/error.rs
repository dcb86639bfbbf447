//! Why a run has no proof.

use minster_emulator::RunError;
use minster_machine::trace::ForeignRecord;
use minster_verifier::{DecodeError, KeyError, VerifyError};

use crate::stark::PlanError;

/// A run was not proven.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The program's key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A chip is none that this prover is made for.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The program stopped without halting.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The program halted with an exit code that is not 0: no proof says that this is a success.
    #[error("the program ended with exit code {exit_code}: only a run that ends with 0 is proven")]
    Failed {
        /// The exit code.
        exit_code: u32,
    },
    /// The record is of another program.
    #[error(transparent)]
    Foreign(#[from] ForeignRecord),
    /// No shape holds the segment's record.
    #[error("segment {segment} fits no shape")]
    Shape {
        /// Position in the run.
        segment: u32,
    },
    /// The proof system failed.
    #[error("segment {segment} could not be proven: {reason}")]
    Stark {
        /// Position in the run.
        segment: u32,
        /// What the proof system says.
        reason: String,
    },
    /// The proof could not be encoded.
    #[error(transparent)]
    Encode(#[from] DecodeError),
    /// The proof that was made does not verify: a bug in this prover.
    #[error("the proof that was made does not verify: {0}")]
    Unsound(#[source] VerifyError),
    /// Whoever takes the segments stopped.
    #[error("the proof could not be written: {0}")]
    Write(#[source] std::io::Error),
    /// No workers can come any more.
    #[error("no worker can come any more: {0}")]
    Listen(#[source] std::io::Error),
}
