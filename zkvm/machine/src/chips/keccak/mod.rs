#![doc = include_str!("README.md")]

mod columns;
mod constraints;
mod layout;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::KeccakRow;
pub use layout::{LANES, QUARTERS};

/// The chip of the rounds of Keccak-f.
#[derive(Clone, Copy, Debug)]
pub struct Keccak;

/// Rounds of Keccak-f.
pub const ROUNDS: usize = minster_precompiles::keccak_f::ROUND_CONSTANTS.len();
/// Lanes that one message of [`crate::buses::KECCAK_LIMBS`] has limbs of: those of half a state,
/// of the lower half with one place to spare.
pub const HALF_LANES: usize = LANES.div_ceil(2);
/// Lanes of the lower half: whole blocks.
pub const LOW_LANES: usize = 12;
