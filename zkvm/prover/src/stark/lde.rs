//! Low-degree extension: the columns of a table on more points, in the order in which they are
//! committed.
//!
//! The library transforms rows where they lie, and what of a row does not fill the processor's
//! lanes goes element by element: all of it in a quotient's part, which is five columns wide. Here
//! every task copies its rows into memory that its core's cache holds, a few columns at a time and
//! padded to full lanes. Rows are put in bit-reversed order by where they are copied to, in no
//! step of its own, and a table is read and written three times in all.
//!
//! Both directions take rows in natural order to bit-reversed ones, by decimation in time with
//! roots of unity in bit-reversed order: then whole blocks of rows share a factor, one list of
//! roots serves all heights, and the shift of a coset is a factor of them. A table of `low · high`
//! rows goes through three passes:
//!
//! 1. rows that are `low` apart together: the first half of the inverse transform;
//! 2. `low` rows that then lie together: its other half, which ends with the coefficients whose
//!    indices are `high` apart, and with them the first half of a transform for each coset;
//! 3. `high` rows that then lie together: the other half of these transforms.

mod kernel;
#[cfg(test)]
mod tests;

use minster_machine::F;
use p3_field::{Field, PrimeCharacteristicRing, TwoAdicField};
use p3_matrix::dense::RowMajorMatrix;
use p3_util::{log2_strict_usize, reverse_bits_len};
use rayon::prelude::*;

use self::kernel::{STRIP, Strip, transform};

/// Cells that a copy of the first pass moves at once, at least: of narrow tables several rows, if
/// these lie together.
const CELLS_MIN: usize = 32;

/// Roots of unity in bit-reversed order: at `i` the one whose exponent is `i` with its bits
/// reversed, of twice the order of the list's length.
pub struct Roots {
    forward: Vec<F>,
    inverse: Vec<F>,
}

impl Roots {
    /// The roots for tables of up to `2^log_height` rows.
    pub fn new(log_height: usize) -> Self {
        let list = |of: fn(F) -> F| {
            let mut roots = vec![F::ONE];
            for log_len in 0..log_height.saturating_sub(1) {
                let root = of(F::two_adic_generator(log_len + 2));
                roots.extend_from_within(..);
                roots[1 << log_len..].iter_mut().for_each(|value| *value *= root);
            }
            roots
        };
        Self { forward: list(|root| root), inverse: list(|root| root.inverse()) }
    }
}

/// In which order the rows of a table lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first row is the value at the first point, and so on.
    Natural,
    /// The bits of a row's number are those of its point's, reversed.
    BitReversed,
}

/// A table whose columns are values of polynomials on a subgroup.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    /// Row by row; as many rows as a power of two.
    pub values: &'a [F],
    /// How many there are.
    pub width: usize,
    /// Of the rows.
    pub order: Order,
}

impl Columns<'_> {
    /// The same polynomials on `2^log_blowup` times as many points, those of a coset: `shift` is
    /// its shift, divided by that of the table if it is on a coset as well. Rows are in
    /// bit-reversed order.
    pub fn extend(self, log_blowup: usize, shift: F, roots: &Roots) -> RowMajorMatrix<F> {
        let plan = Passes::new(self, log_blowup, shift);
        let columns = self.first_pass(&plan, roots);
        let cosets = plan.second_pass(&columns, roots);
        drop(columns);
        RowMajorMatrix::new(plan.third_pass(&cosets, roots), self.width)
    }

    /// Of each task, the chunk of the result is `high` rows of `together` rows of the table.
    fn first_pass(self, plan: &Passes, roots: &Roots) -> Vec<F> {
        let Passes { width, low, high, together, .. } = *plan;
        let cells = width * together;
        let mut result = F::zero_vec(self.values.len());
        let chunks = result.par_chunks_mut(high * cells).enumerate();
        chunks.for_each_init(Vec::new, |memory, (group, chunk)| {
            for start in (0..cells).step_by(STRIP) {
                let mut rows = Strip::new(memory, high, STRIP.min(cells - start));
                for row in 0..high {
                    let place = self.place(row * low + group * together, plan.log_height);
                    rows.read(row, &self.values[place * width + start..]);
                }
                transform(&mut rows, |_, block| roots.inverse[block]);
                rows.write_all(chunk, start, cells);
            }
        });
        result
    }

    fn place(self, row: usize, log_height: usize) -> usize {
        match self.order {
            Order::Natural => row,
            Order::BitReversed => reverse_bits_len(row, log_height),
        }
    }
}

/// How a table is transformed.
struct Passes {
    width: usize,
    log_height: usize,
    low: usize,
    high: usize,
    /// Rows that are copied as one in the first pass.
    together: usize,
    /// Of the shift of each coset, in the order in which they lie, its powers by powers of two.
    powers: Vec<Vec<F>>,
}

impl Passes {
    fn new(table: Columns<'_>, log_blowup: usize, shift: F) -> Self {
        let log_height = log2_strict_usize(table.values.len() / table.width);
        let low = 1 << (log_height / 2);
        let wanted = CELLS_MIN.div_ceil(table.width).next_power_of_two();
        let root = F::two_adic_generator(log_height + log_blowup);
        let powers = |coset| {
            let shift = shift * root.exp_u64(reverse_bits_len(coset, log_blowup) as u64);
            let next = |power: &F| Some(power.square());
            core::iter::successors(Some(shift), next).take(log_height).collect()
        };
        Self {
            width: table.width,
            log_height,
            low,
            high: 1 << log_height.div_ceil(2),
            together: if table.order == Order::Natural { wanted.min(low) } else { 1 },
            powers: (0..1 << log_blowup).map(powers).collect(),
        }
    }

    /// Of each task, the chunk of the result is `low` rows for each coset.
    fn second_pass(&self, columns: &[F], roots: &Roots) -> Vec<F> {
        let Self { width, low, high, together, .. } = *self;
        let scale = F::ONE.div_2exp_u64(self.log_height as u64);
        let log_low = log2_strict_usize(low);
        let mut result = F::zero_vec(columns.len() * self.powers.len());
        let chunks = result.par_chunks_mut(low * width * self.powers.len()).enumerate();
        chunks.for_each_init(Default::default, |(memory, other), (block, chunk)| {
            for start in (0..width).step_by(STRIP) {
                let mut rows = Strip::new(memory, low, STRIP.min(width - start));
                for row in 0..low {
                    let (group, within) = (row / together, row % together);
                    let place = (group * high + block) * together + within;
                    rows.read(row, &columns[place * width + start..]);
                }
                transform(&mut rows, |half, local| roots.inverse[block * (low / 2 / half) + local]);
                rows.scale(scale);
                for (powers, chunk) in self.powers.iter().zip(chunk.chunks_exact_mut(low * width)) {
                    let mut coset = Strip::new(other, low, rows.width());
                    for row in 0..low {
                        coset.copy(row, &rows, reverse_bits_len(row, log_low));
                    }
                    transform(&mut coset, |half, block| {
                        roots.forward[block] * powers[log2_strict_usize(half * high)]
                    });
                    coset.write_all(chunk, start, width);
                }
            }
        });
        result
    }

    fn third_pass(&self, cosets: &[F], roots: &Roots) -> Vec<F> {
        let Self { width, low, high, .. } = *self;
        let log_high = log2_strict_usize(high);
        let mut result = F::zero_vec(cosets.len());
        let chunks = result.par_chunks_mut(high * width).enumerate();
        chunks.for_each_init(Vec::new, |memory, (task, chunk)| {
            let (coset, block) = (task / low, task % low);
            let powers = &self.powers[coset];
            for start in (0..width).step_by(STRIP) {
                let mut rows = Strip::new(memory, high, STRIP.min(width - start));
                for row in 0..high {
                    let task = reverse_bits_len(row, log_high);
                    let place = (task * self.powers.len() + coset) * low + block;
                    rows.read(row, &cosets[place * width + start..]);
                }
                transform(&mut rows, |half, local| {
                    let power = powers[log2_strict_usize(half)];
                    roots.forward[block * (high / 2 / half) + local] * power
                });
                rows.write_all(chunk, start, width);
            }
        });
        result
    }
}
