#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::TransferRow;
pub use constraints::output_block;

/// The chip of words that calls move.
#[derive(Clone, Copy, Debug)]
pub struct Transfer;
