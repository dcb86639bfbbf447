#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod check;
mod child;
mod error;
mod key;
mod run;

pub use check::{Checked, ProofError, check_proof, check_proof_head};
pub use child::{ChildProver, Progress};
pub use error::{ProofFailure, QueueError};
pub use key::{GuestKey, key_digest};
pub use run::{Monitor, ProveBatch, run, verify_claim, verify_submissions};
