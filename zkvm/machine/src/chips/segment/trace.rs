//! The one row of the segment chip.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use super::{Segment, SegmentRow};
use crate::F;
use crate::table::matrix;

impl Segment {
    /// Base-2 logarithm of the number of rows: the fewest that a table can have.
    pub const LOG_HEIGHT: u8 = 4;

    /// The preprocessed column: 1 on the first row, 0 elsewhere.
    pub fn preprocessed() -> RowMajorMatrix<F> {
        matrix(core::iter::once(F::ONE), 1 << Self::LOG_HEIGHT)
    }

    /// The main columns.
    pub fn trace(row: SegmentRow<F>) -> RowMajorMatrix<F> {
        matrix(core::iter::once(row), 1 << Self::LOG_HEIGHT)
    }
}
