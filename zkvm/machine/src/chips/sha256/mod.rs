#![doc = include_str!("README.md")]

mod columns;
mod constraints;
mod messages;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::Sha256Row;

/// The chip of SHA-256's compression.
#[derive(Clone, Copy, Debug)]
pub struct Sha256;

/// Words that the rows of a call hold as bits.
const SLOTS: usize = 8;
/// Bits of a word.
const BITS: usize = 32;
/// Quads, four words each, of the message schedule.
const QUADS: u32 = 16;
/// Pairs of rounds.
const PAIRS: u32 = 32;

/// Distances by which a sigma rotates a word; the last one of a small sigma is a shift.
type Distances = [u32; 3];

/// Σ0 of FIPS 180-4, section 4.1.2.
const BIG_SIGMA_0: Distances = [2, 13, 22];
/// Σ1 of the same.
const BIG_SIGMA_1: Distances = [6, 11, 25];
/// σ0 of the same.
const SMALL_SIGMA_0: Distances = [7, 18, 3];
/// σ1 of the same.
const SMALL_SIGMA_1: Distances = [17, 19, 10];

/// For each of a row's two rounds, the slots of e, f and g.
const CHOOSE_SLOTS: [[usize; 3]; 2] = [[5, 6, 7], [4, 5, 6]];
/// For each of a row's two rounds, the slots of a, b and c.
const MAJORITY_SLOTS: [[usize; 3]; 2] = [[1, 2, 3], [0, 1, 2]];
/// For each of a row's four new words, the slots of the words 15 and 2 before it.
const EXPANSION_SLOTS: [[usize; 2]; 4] = [[0, 6], [1, 7], [2, 4], [3, 5]];
