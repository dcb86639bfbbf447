//! What tables cost, in elements of the field that a prover commits to, the quotient left out.

use minster_machine::shape::Shape;
use minster_verifier::VerifyingKey;
use p3_air::BaseAir;

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
