#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::LanesRow;

/// The chip of the lanes of Keccak-f where they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct Lanes;
