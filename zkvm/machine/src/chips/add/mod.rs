#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::AddRow;

/// The chip of ADD and SUB.
#[derive(Clone, Copy, Debug)]
pub struct Add;
