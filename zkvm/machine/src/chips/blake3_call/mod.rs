#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::Blake3CallRow;
pub use trace::first_state;

/// The chip of the calls of BLAKE3.
#[derive(Clone, Copy, Debug)]
pub struct Blake3Call;
