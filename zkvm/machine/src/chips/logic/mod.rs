#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::LogicRow;

/// The chip of AND, OR and XOR.
#[derive(Clone, Copy, Debug)]
pub struct Logic;
