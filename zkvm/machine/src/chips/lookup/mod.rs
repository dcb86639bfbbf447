#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{LookupLine, LookupRow};

/// The chip of the fixed table.
#[derive(Clone, Copy, Debug)]
pub struct Lookup;
