#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::BranchRow;

/// The chip of the branches.
#[derive(Clone, Copy, Debug)]
pub struct Branch;
