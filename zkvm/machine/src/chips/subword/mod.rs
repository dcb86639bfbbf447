#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::SubwordRow;

/// The chip of loads and stores of bytes and half words.
#[derive(Clone, Copy, Debug)]
pub struct SubwordAccess;
