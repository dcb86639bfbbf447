#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::LeafRow;

/// The chip of the touched memory.
#[derive(Clone, Copy, Debug)]
pub struct Leaf;
