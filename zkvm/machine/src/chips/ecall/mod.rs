#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::EcallRow;
pub use trace::OutputPlace;

/// The chip of calls of the environment.
#[derive(Clone, Copy, Debug)]
pub struct Ecall;
