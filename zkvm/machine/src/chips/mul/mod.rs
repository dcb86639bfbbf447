#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{Factor, MulRow};

/// The chip of the multiplications.
#[derive(Clone, Copy, Debug)]
pub struct Mul;
