//! Rows of the program chip.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use super::{Program, ProgramRow};
use crate::F;
use crate::rom::{LINE_WIDTH, Rom};
use crate::table::matrix;

impl Program {
    /// The preprocessed columns: a line each, then lines of zeros, which are no operation.
    pub fn preprocessed(rom: &Rom) -> RowMajorMatrix<F> {
        matrix(rom.lines().iter().map(|line| line.cells()), rom.height())
    }

    /// Number of preprocessed columns.
    pub const PREPROCESSED_WIDTH: usize = LINE_WIDTH;

    /// The main columns: how often each line was run.
    pub fn trace(rom: &Rom, counts: &[u32]) -> RowMajorMatrix<F> {
        let rows = counts.iter().map(|count| ProgramRow { count: F::from_u32(*count) });
        matrix(rows, rom.height())
    }
}
