//! Rows of a table, as many at a time as the processor works on at once.

use minster_machine::F;
use minster_machine::chips::segment::Segment;
use p3_field::PackedValue;

use super::linear::Packed;

/// No table is shorter than what is loaded at once.
const _: () = assert!(Packed::WIDTH <= 1 << Segment::LOG_HEIGHT);

/// Columns that a run fills, next to columns that the key fixes. Both are stored row by row.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    main: &'a [F],
    main_width: usize,
    fixed: &'a [F],
    fixed_width: usize,
    height: usize,
}

impl<'a> Rows<'a> {
    /// Rows of `main_width` cells, and of `fixed_width` cells, which may be none.
    pub fn new(main: &'a [F], main_width: usize, fixed: &'a [F], fixed_width: usize) -> Self {
        Self { main, main_width, fixed, fixed_width, height: main.len() / main_width }
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// A buffer for rows, with these public values at the end.
    pub fn buffer(&self, public: &[F]) -> Vec<Packed> {
        let mut buffer = vec![Packed::default(); self.main_width + self.fixed_width];
        buffer.extend(public.iter().map(|value| Packed::from(*value)));
        buffer
    }

    /// Loads the rows from `start` on.
    pub fn load(&self, start: usize, buffer: &mut [Packed]) {
        for lane in 0..Packed::WIDTH {
            let row = start + lane;
            let main = &self.main[row * self.main_width..][..self.main_width];
            let fixed = &self.fixed[row * self.fixed_width..][..self.fixed_width];
            let (main_cells, fixed_cells) = buffer.split_at_mut(self.main_width);
            for (cell, value) in main_cells.iter_mut().zip(main) {
                cell.as_slice_mut()[lane] = *value;
            }
            for (cell, value) in fixed_cells.iter_mut().zip(fixed) {
                cell.as_slice_mut()[lane] = *value;
            }
        }
    }
}
