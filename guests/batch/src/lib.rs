#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

mod cryptography;

use minster_os::batch::{BatchError, RangeClaim, RangeInput, Salt, execute_range};

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
pub fn run(input: &[u8]) -> Result<RangeClaim, Refusal> {
    let (salt, list) = RangeInput::split_salt(input).map_err(Refusal::Input)?;
    seed_tables(salt);
    minster_guest_contracts::install();
    let range = alloy_rlp::decode_exact::<RangeInput>(list).map_err(Refusal::Input)?;
    execute_range(range, &GuestCryptography).map_err(Refusal::Batch)
}

/// Keys for the hash tables, before there is one.
#[cfg(target_os = "none")]
fn seed_tables(salt: &Salt) {
    let mut keys = [0; foldhash::KEYS];
    let mut block = alloy_primitives::B256::from(*salt);
    for keys in keys.chunks_mut(8) {
        block = alloy_primitives::keccak256(block);
        for (key, bytes) in keys.iter_mut().zip(block.0.as_chunks::<4>().0) {
            *key = u32::from_le_bytes(*bytes);
        }
    }
    foldhash::seed(&keys);
}

/// Elsewhere the operating system has given keys.
#[cfg(not(target_os = "none"))]
const fn seed_tables(_: &Salt) {}

#[cfg(test)]
mod tests;
