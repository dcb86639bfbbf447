#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

mod cryptography;

use alloy_rlp::Decodable;
use minster_os::batch::{BatchError, RangeClaim, RangeInput, execute_range};

pub use cryptography::GuestCryptography;

/// The compiled guest: what proofs of batches are proofs of. `cargo xtask guests` makes it.
#[cfg(not(target_os = "none"))]
pub static ELF: &[u8] = include_bytes!("../elf/batch.elf");

/// Why the guest proves nothing.
#[derive(Debug)]
pub enum Refusal {
    /// The input is no range of batches.
    Input(alloy_rlp::Error),
    /// The range is not one that the rules allow.
    Batch(BatchError),
}

/// Runs the range of batches in the input. Everything that makes a proof worthless is a refusal.
///
/// # Errors
/// When the input is malformed, lies, or breaks a rule.
pub fn run(mut input: &[u8]) -> Result<RangeClaim, Refusal> {
    minster_guest_contracts::install();
    let range = RangeInput::decode(&mut input).map_err(Refusal::Input)?;
    if !input.is_empty() {
        return Err(Refusal::Input(alloy_rlp::Error::UnexpectedLength));
    }
    execute_range(range, &GuestCryptography).map_err(Refusal::Batch)
}

#[cfg(test)]
mod tests;
