#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::JalrRow;

/// The chip of JALR.
#[derive(Clone, Copy, Debug)]
pub struct Jalr;
