#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::ShiftRow;

/// The chip of the shifts.
#[derive(Clone, Copy, Debug)]
pub struct Shift;
