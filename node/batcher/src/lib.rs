#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod batches;
mod build;
mod cryptography;
mod cut;
mod error;
mod ledger;
mod proof;
mod run;
mod shelf;
mod store;
mod verify;

pub use batches::{BatchView, Batches, Failure, Job, ProofState, Proving, Summary};
pub use batches::{LOAN_SILENCE_MAX, Lent, LoanId, NoRoom, Submission};
pub use batches::{Upload, UploadRefusal, Verdict};
pub use build::{Base, BuildError, Built, build};
pub use cryptography::NativeCryptography;
pub use cut::{BlockCost, CutLimits, Cutter, SealReason};
pub use error::BatcherError;
pub use proof::{KeptProof, PROOF_BYTES_MAX, ProofRecord};
pub use run::{Batcher, BatcherConfig};
pub use store::BatchHead;
pub use verify::{Inspector, Judgement, VerifiedBatches, verify};
