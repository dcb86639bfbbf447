#![doc = include_str!("README.md")]

mod columns;
mod constraints;
pub mod messages;
mod schedule;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{Blake3Row, Half, Lane};
pub use schedule::{HALF_ROUNDS, LANES, WORD_ORDER, before_permutation};

/// Rows of a call: one for each half round, and one that feeds the halves of the state forward.
pub const ROWS: usize = HALF_ROUNDS + 1;
/// Added to the first cell of the result, this is where [`crate::buses::BLAKE3_WORDS`] has the
/// chaining value: behind the half rounds, which have the message.
pub const VALUE_PLACE: u32 = 16;

const _: () = assert!(HALF_ROUNDS < VALUE_PLACE as usize, "places of half rounds come before");

/// The chip of the half rounds of BLAKE3.
#[derive(Clone, Copy, Debug)]
pub struct Blake3;
