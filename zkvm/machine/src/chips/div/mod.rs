#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::DivRow;

/// The chip of divisions and remainders.
#[derive(Clone, Copy, Debug)]
pub struct Div;
