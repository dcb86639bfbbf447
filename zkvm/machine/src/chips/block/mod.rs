#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::BlockRow;

/// The chip of the memory that precompiles access.
#[derive(Clone, Copy, Debug)]
pub struct Block;
