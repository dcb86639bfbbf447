#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::ModularRow;

/// The chip of arithmetic modulo any number.
#[derive(Clone, Copy, Debug)]
pub struct Modular;
