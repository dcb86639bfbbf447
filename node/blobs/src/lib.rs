#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod blob;
mod cells;
mod error;
mod kzg;
#[cfg(test)]
mod testing;

pub use blob::{Blob, blobs_of};
pub use cells::{CELLS, cell_proofs, verify_cell_proofs};
pub use error::KzgError;
pub use kzg::{
    KzgCommitment, KzgProof, Opening, commit, load_setup, open, verify_opening, versioned_hash,
};
