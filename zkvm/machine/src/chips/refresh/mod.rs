#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::RefreshRow;

/// The refresh chip.
#[derive(Clone, Copy, Debug)]
pub struct Refresh;
