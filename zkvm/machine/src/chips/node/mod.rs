#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::NodeRow;

/// The chip of the memory tree's inner nodes.
#[derive(Clone, Copy, Debug)]
pub struct Node;
