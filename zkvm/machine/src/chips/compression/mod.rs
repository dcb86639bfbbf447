#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{CompressionRow, HALF_FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};

/// The chip of Poseidon2 compressions.
#[derive(Clone, Copy, Debug)]
pub struct Compression;
