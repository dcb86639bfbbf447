#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::ProgramRow;

/// The chip of the program's lines.
#[derive(Clone, Copy, Debug)]
pub struct Program;
