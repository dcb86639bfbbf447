//! Rows of the fixed table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use super::{Lookup, LookupLine, LookupRow};
use crate::F;
use crate::access::word;
use crate::lookups::{FACTOR_LINES, LOOKUP_LINES, LookupCounts, constants};
use crate::table::matrix;

/// The line of a number below 2^16.
fn line(value: u32, constant: Option<u32>) -> LookupLine<F> {
    let (first, second) = (value & 0xff, value >> 8);
    let has_factor = (value as usize) < FACTOR_LINES;
    let (right, distance) = (has_factor && value >= 8, value % 8);
    let factor = match (has_factor, right) {
        (false, _) => 0,
        (true, false) => 1 << distance,
        (true, true) => 1 << (8 - distance),
    };
    LookupLine {
        value: F::from_u32(value),
        second: F::from_u32(second),
        xor: F::from_u32(first ^ second),
        word: F::from_u32(value >> 2),
        are_septets: F::from_bool(first < 1 << 7 && second < 1 << 7),
        has_factor: F::from_bool(has_factor),
        right: F::from_bool(right),
        factor: F::from_u32(factor),
        has_constant: F::from_bool(constant.is_some()),
        constant: word(constant.unwrap_or_default()),
    }
}

impl Lookup {
    /// Base-2 logarithm of the number of rows.
    pub const LOG_HEIGHT: u8 = 16;

    /// The preprocessed columns. They are the same in every key.
    pub fn preprocessed() -> RowMajorMatrix<F> {
        let constants = constants().map(Some).chain(core::iter::repeat(None));
        let lines = (0..LOOKUP_LINES as u32).zip(constants);
        matrix(lines.map(|(value, constant)| line(value, constant)), LOOKUP_LINES)
    }

    /// The main columns: how often each answer was asked for.
    pub fn trace(counts: &LookupCounts) -> RowMajorMatrix<F> {
        let count = |counts: &[u32], line: usize| F::from_u32(counts[line]);
        let rows = (0..LOOKUP_LINES).map(|line| LookupRow {
            range: count(&counts.range, line),
            septets: count(&counts.septets, line),
            bytes: count(&counts.bytes, line),
            xor: count(&counts.xor, line),
            align: count(&counts.align, line),
            factor: count(&counts.factor, line),
            constant: count(&counts.constant, line),
        });
        matrix(rows, LOOKUP_LINES)
    }
}
