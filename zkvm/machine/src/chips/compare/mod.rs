#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::CompareRow;

/// The chip of SLT and SLTU.
#[derive(Clone, Copy, Debug)]
pub struct Compare;
