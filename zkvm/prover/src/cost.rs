//! What tables cost, in elements of the field that a prover commits to, the quotient left out.

use minster_emulator::{Io, RunError};
use minster_machine::shape::{CLOCK_MAX, SHAPES, Shape};
use minster_riscv::Program;
use minster_verifier::VerifyingKey;
use p3_air::BaseAir;

use crate::cuts::Cutter;

/// Elements of the field in an element of its extension, of which the columns of the buses are.
pub const EXTENSION_DEGREE: u64 = 5;

/// The columns of the extension field that balance the buses, by table.
pub fn bus_columns(key: &VerifyingKey) -> impl Iterator<Item = u64> {
    key.shared().lookups.iter().map(|lookups| match lookups.len() as u64 {
        0 => 0,
        // The library adds one column for the sum of the others.
        count => count + 1,
    })
}

/// The cells of a row, by table.
pub fn row_cells(key: &VerifyingKey) -> impl Iterator<Item = u64> {
    let tables = key.chips().iter().zip(bus_columns(key));
    tables.map(|(chip, bus_columns)| chip.width() as u64 + EXTENSION_DEGREE * bus_columns)
}

/// The cells of a segment.
pub fn cells(key: &VerifyingKey, shape: &Shape) -> u64 {
    let tables = row_cells(key).zip(key.log_heights(shape));
    tables.map(|(row, log_height)| log_height.map_or(0, |log_height| row << log_height)).sum()
}

/// The cells of all segments of a run, cut as for a proof.
///
/// # Errors
/// When the run fails.
pub fn run_cells(
    program: &Program,
    key: &VerifyingKey,
    io: Io,
    cycles_max: u64,
) -> Result<u64, RunError> {
    let (mut cutter, _) = Cutter::new(program, key, io, cycles_max, CLOCK_MAX);
    let mut sum = 0;
    while let Some(cut) = cutter.next_cut()? {
        sum += cells(key, &SHAPES[usize::from(cut.shape)]);
    }
    Ok(sum)
}
