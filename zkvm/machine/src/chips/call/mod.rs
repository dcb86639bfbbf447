#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::CallRow;

/// The chip of calls of precompiles.
#[derive(Clone, Copy, Debug)]
pub struct Call;
