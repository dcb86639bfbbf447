//! The columns of the bus argument: for every message its count over its fingerprint.

use minster_machine::{EF, F};
use p3_field::{
    BasedVectorSpace, PackedFieldExtension, PackedValue, PrimeCharacteristicRing,
    batch_multiplicative_inverse,
};
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use super::linear::{DEGREE, Fingerprint, Linear, Message, Packed, PackedExt};
use super::rows::Rows;

/// Rows whose fractions share an inversion. The working set, three elements per fraction, fits the
/// cache of a core.
const CHUNK: usize = 512;

/// The messages that share a column, under challenges.
pub struct BusColumn<'a> {
    messages: Vec<(Fingerprint, &'a Linear)>,
}

impl<'a> BusColumn<'a> {
    /// The columns of a table. Of each column the challenges are those of its bus: two in a row.
    pub fn all(columns: &'a [Vec<Message>], challenges: &[EF]) -> Vec<Self> {
        let column = |(messages, challenges): (&'a Vec<Message>, &[EF])| {
            let [alpha, beta] = [challenges[0], challenges[1]];
            let part =
                |message: &'a Message| (Fingerprint::new(message, alpha, beta), &message.count);
            Self { messages: messages.iter().map(part).collect() }
        };
        columns.iter().zip(challenges.chunks_exact(2)).map(column).collect()
    }

    /// The sum of the column's fractions as one: numerator and denominator. None where nothing is
    /// sent, as in all rows of padding.
    fn fraction(
        &self,
        row: &[Packed],
        scratch: &mut Vec<Packed>,
    ) -> Option<(PackedExt, PackedExt)> {
        let is_sent = |(_, count): &(_, &Linear)| count.value(row) != Packed::ZERO;
        if !self.messages.iter().any(is_sent) {
            return None;
        }
        let mut sum: Option<(PackedExt, PackedExt)> = None;
        for (fingerprint, count) in &self.messages {
            let (weight, count) = (fingerprint.value(row, scratch), count.value(row));
            sum = Some(match sum {
                None => (PackedExt::from(count), weight),
                Some((numerator, denominator)) => {
                    (numerator * weight + denominator * count, denominator * weight)
                }
            });
        }
        sum
    }

    /// `denominator·fraction - numerator`: zero on a row whose fraction is right.
    pub fn constraint(
        &self,
        fraction: PackedExt,
        row: &[Packed],
        scratch: &mut Vec<Packed>,
    ) -> PackedExt {
        let mut sum: Option<(PackedExt, PackedExt)> = None;
        for (fingerprint, count) in &self.messages {
            let (weight, count) = (fingerprint.value(row, scratch), count.value(row));
            sum = Some(match sum {
                None => (fraction * weight - count, weight),
                Some((value, denominator)) => {
                    (value * weight - denominator * count, denominator * weight)
                }
            });
        }
        sum.map_or(fraction, |(value, _)| value)
    }
}

/// A fraction that waits for its inverse.
struct Waiting {
    group: usize,
    column: usize,
    numerator: PackedExt,
    denominator: PackedExt,
    /// The product of all denominators before this one.
    before: PackedExt,
}

/// The columns of the bus argument, in coordinates of the extension, and the sum over all rows.
/// First comes the running sum of the rows above, then a column for each of `columns`.
pub fn fill(columns: &[BusColumn<'_>], rows: Rows<'_>, public: &[F]) -> (RowMajorMatrix<F>, EF) {
    let width = DEGREE * (columns.len() + 1);
    let mut values = F::zero_vec(width * rows.height());
    let chunks = values.par_chunks_mut(CHUNK * width).enumerate();
    let mut sums: Vec<EF> = chunks
        .map(|(index, cells)| fill_chunk(columns, rows, public, CHUNK * index, cells))
        .collect();
    let mut total = EF::ZERO;
    for sum in &mut sums {
        total += std::mem::replace(sum, total);
    }
    values.par_chunks_mut(CHUNK * width).zip(sums).for_each(|(cells, above)| {
        for row in cells.chunks_exact_mut(width) {
            let above: &[F] = above.as_basis_coefficients_slice();
            row.iter_mut().zip(above).for_each(|(cell, above)| *cell += *above);
        }
    });
    (RowMajorMatrix::new(values, width), total)
}

/// Fills the cells of the rows from `start` on. The running sum starts with zero here; returns
/// what it comes to.
fn fill_chunk(
    columns: &[BusColumn<'_>],
    rows: Rows<'_>,
    public: &[F],
    start: usize,
    cells: &mut [F],
) -> EF {
    let group_len = DEGREE * (columns.len() + 1) * Packed::WIDTH;
    let groups = cells.len().div_ceil(group_len);
    let mut waiting = Vec::with_capacity(groups * columns.len());
    let mut product = PackedExt::ONE;
    let mut row = rows.buffer(public);
    let mut scratch = Vec::new();
    for group in 0..groups {
        rows.load(start + group * Packed::WIDTH, &mut row);
        for (column, messages) in columns.iter().enumerate() {
            let Some((numerator, denominator)) = messages.fraction(&row, &mut scratch) else {
                continue;
            };
            waiting.push(Waiting { group, column, numerator, denominator, before: product });
            product *= denominator;
        }
    }
    let mut inverse = inverses(product);
    let mut sums = vec![PackedExt::ZERO; groups];
    for Waiting { group, column, numerator, denominator, before } in waiting.into_iter().rev() {
        let fraction = numerator * (inverse * before);
        inverse *= denominator;
        sums[group] += fraction;
        let rows = cells[group * group_len..].chunks_exact_mut(DEGREE * (columns.len() + 1));
        for (lane, row) in rows.take(Packed::WIDTH).enumerate() {
            let place = &mut row[DEGREE * (column + 1)..][..DEGREE];
            write(place, fraction.extract(lane));
        }
    }
    running_sum(&sums, cells, DEGREE * (columns.len() + 1))
}

/// Writes the sum of the rows above into each row, given the sum of each row.
fn running_sum(sums: &[PackedExt], cells: &mut [F], width: usize) -> EF {
    let mut above = EF::ZERO;
    for (index, row) in cells.chunks_exact_mut(width).enumerate() {
        write(&mut row[..DEGREE], above);
        let sum: EF = sums[index / Packed::WIDTH].extract(index % Packed::WIDTH);
        above += sum;
    }
    above
}

fn write(place: &mut [F], value: EF) {
    place.copy_from_slice(value.as_basis_coefficients_slice());
}

/// The inverse in each lane, for the price of one.
fn inverses(value: PackedExt) -> PackedExt {
    let lanes: Vec<EF> = (0..Packed::WIDTH).map(|lane| value.extract(lane)).collect();
    PackedExt::from_ext_slice(&batch_multiplicative_inverse(&lanes))
}
