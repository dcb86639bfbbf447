#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::WordRow;

/// The chip of LW and SW.
#[derive(Clone, Copy, Debug)]
pub struct WordAccess;
