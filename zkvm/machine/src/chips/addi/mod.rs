#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::AddiRow;

/// The chip of additions of a constant: ADDI, LUI, AUIPC, JAL, FENCE.
#[derive(Clone, Copy, Debug)]
pub struct Addi;
