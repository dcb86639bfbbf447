//! The transform of rows that a core's cache holds.

use minster_machine::F;
use p3_field::{PackedValue, PrimeCharacteristicRing};

use super::super::linear::Packed;

/// Columns that are transformed at once: a thousand rows of them are an eighth of a megabyte.
pub const STRIP: usize = 32;

/// A few columns of some rows, padded to full lanes.
pub struct Strip<'a> {
    cells: &'a mut [F],
    width: usize,
    padded: usize,
}

impl<'a> Strip<'a> {
    /// Rows of `width` cells, in memory that is used again. What is in them is left from before.
    pub fn new(memory: &'a mut Vec<F>, height: usize, width: usize) -> Self {
        let padded = width.next_multiple_of(Packed::WIDTH);
        memory.resize(memory.len().max(height * padded), F::ZERO);
        Self { cells: &mut memory[..height * padded], width, padded }
    }

    /// Cells of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Fills a row with what `from` begins with.
    pub fn read(&mut self, row: usize, from: &[F]) {
        copy(&mut self.cells[row * self.padded..][..self.width], &from[..self.width]);
    }

    /// Fills a row with one of other rows of the same width.
    pub fn copy(&mut self, row: usize, from: &Strip<'_>, place: usize) {
        let from = &from.cells[place * self.padded..][..self.padded];
        self.cells[row * self.padded..][..self.padded].copy_from_slice(from);
    }

    /// Writes all rows to the columns from `start` on of rows of `width` cells.
    pub fn write_all(&self, to: &mut [F], start: usize, width: usize) {
        let rows = self.cells.chunks_exact(self.padded).zip(to.chunks_exact_mut(width));
        for (row, to) in rows {
            copy(&mut to[start..][..self.width], &row[..self.width]);
        }
    }

    /// Multiplies all cells.
    pub fn scale(&mut self, by: F) {
        let by = Packed::from(by);
        Packed::pack_slice_mut(self.cells).iter_mut().for_each(|cells| *cells *= by);
    }
}

/// Most copies are of a whole strip, and take a few instructions then and no call.
fn copy(to: &mut [F], from: &[F]) {
    match (to.as_chunks_mut::<STRIP>(), from.as_chunks::<STRIP>()) {
        (([to], []), ([from], [])) => *to = *from,
        _ => to.copy_from_slice(from),
    }
}

/// Transforms rows in natural order into rows in bit-reversed order. `factor` is what the lower
/// half of a block is multiplied by, of blocks of twice so many rows and the number of the block.
pub fn transform(rows: &mut Strip<'_>, factor: impl Fn(usize, usize) -> F) {
    let height = rows.cells.len() / rows.padded;
    let lanes = rows.padded / Packed::WIDTH;
    let cells = Packed::pack_slice_mut(rows.cells);
    let mut half = height / 2;
    // Two layers at a time: half as many loads and stores.
    while half >= 2 {
        for (index, block) in cells.chunks_exact_mut(2 * half * lanes).enumerate() {
            let [first, second] = [2 * index, 2 * index + 1].map(|index| factor(half / 2, index));
            two_layers(block, [factor(half, index), first, second].map(Packed::from));
        }
        half /= 4;
    }
    if half == 1 {
        for (index, block) in cells.chunks_exact_mut(2 * lanes).enumerate() {
            one_layer(block, factor(1, index).into());
        }
    }
}

fn one_layer(block: &mut [Packed], factor: Packed) {
    let (upper, lower) = block.split_at_mut(block.len() / 2);
    for (a, b) in upper.iter_mut().zip(lower) {
        let product = *b * factor;
        *b = *a - product;
        *a += product;
    }
}

fn two_layers(block: &mut [Packed], [factor, first, second]: [Packed; 3]) {
    let (upper, lower) = block.split_at_mut(block.len() / 2);
    let (a, b) = upper.split_at_mut(upper.len() / 2);
    let (c, d) = lower.split_at_mut(lower.len() / 2);
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let [product_c, product_d] = [*c * factor, *d * factor];
        let [upper_a, upper_b] = [*a + product_c, *b + product_d];
        let [lower_a, lower_b] = [*a - product_c, *b - product_d];
        let [product_b, product_d] = [upper_b * first, lower_b * second];
        *a = upper_a + product_b;
        *b = upper_a - product_b;
        *c = lower_a + product_d;
        *d = lower_a - product_d;
    }
}
