#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{PublicCells, SegmentRow};

/// The chip of the segment's ends.
#[derive(Clone, Copy, Debug)]
pub struct Segment;

/// Number of public values.
pub const PUBLIC_WIDTH: usize = 5 + 4 * 8;
