//! A table of one kind of rows: its columns, its constraints, and how its rows are filled.

use alloc::string::String;
use alloc::vec::Vec;

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::builder::ChipBuilder;
use crate::cells::Cells;
use crate::lookups::LookupCounts;
use crate::rom::Line;

/// A chip: one kind of rows and what every row has to satisfy. Constraints see one row alone;
/// rows speak to each other on buses.
pub trait Table {
    /// Name in reports.
    const NAME: &'static str;

    /// The columns.
    type Row<T: Copy>: Cells<T> + Copy;

    /// States the constraints of a row and its messages.
    fn eval<AB: ChipBuilder>(row: &Self::Row<AB::Var>, builder: &mut AB);

    /// Number of columns.
    fn width() -> usize {
        <Self::Row<F> as Cells<F>>::WIDTH
    }

    /// Names of the columns.
    fn column_names() -> Vec<String> {
        let mut names = Vec::new();
        <Self::Row<F> as Cells<F>>::names("", &mut names);
        names
    }
}

/// A chip with one row per instruction of its class.
pub trait InstructionTable: Table {
    /// The row of a step, with its lookups counted.
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> Self::Row<F>;
}

/// Rows on top of one another, then rows of zeros up to the height. A row of zeros satisfies every
/// chip but that of the compressions, which brings its own padding, and sends nothing.
pub fn matrix<R: Cells<F>>(rows: impl Iterator<Item = R>, height: usize) -> RowMajorMatrix<F> {
    let mut values = F::zero_vec(R::WIDTH * height);
    for (row, cells) in rows.zip(values.chunks_exact_mut(R::WIDTH)) {
        row.write(&mut cells.iter_mut());
    }
    RowMajorMatrix::new(values, R::WIDTH)
}
