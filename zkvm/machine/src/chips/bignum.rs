//! Numbers of 256 bits in constraints: products without wrapping, sums that are zero, comparison.
//!
//! A number is 16 **limbs** of 16 bits, as memory holds it. A product of limbs does not fit the
//! field, so a **factor** also shows the high byte of each limb. With `h` for high bytes,
//!
//! ```text
//! X·Y = (X·Y - 2^16·h(X)·h(Y)) + 2^16·h(X)·h(Y)
//! ```
//!
//! leaves `2^8·(h·l' + l·h') + l·l'` at the limb's own weight, at most [`PAIR_MAX`], and `h·h'`, at
//! most [`HIGH_PAIR_MAX`], at the next one. The sum of all that has weight `2^(16k)` is
//! **coefficient** `k`, at most [`COEFFICIENT_MAX`], below p / 3. The equations are polynomials, so
//! it does not matter that their parts wrap: only the integer that they stand for counts.
//!
//! A number is zero if carries lead from each coefficient to the next: [`vanish`].

use core::array::from_fn;
use core::ops::Sub;

use minster_precompiles::Block;
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, constant};
use crate::lookups::LookupCounts;
use crate::{F, columns};

#[cfg(test)]
mod tests;

/// Limbs of a number.
pub const LIMBS: usize = 16;
/// Coefficients of a product.
pub const COEFFICIENTS: usize = 2 * LIMBS;
/// Carries between them.
pub const CARRIES: usize = COEFFICIENTS - 1;
/// The most that a pair of limbs adds at its own weight: `513·255^2`.
pub const PAIR_MAX: i64 = 513 * 255 * 255;
/// The most that a pair of limbs adds at the next weight: `255^2`.
pub const HIGH_PAIR_MAX: i64 = 255 * 255;
/// The largest coefficient of a product of two numbers: of weight `2^(16·15)`.
pub const COEFFICIENT_MAX: i64 = 16 * PAIR_MAX + 15 * HIGH_PAIR_MAX;
/// Carries lie in `[-CARRY_OFFSET, CARRY_OFFSET)`.
pub const CARRY_OFFSET: i64 = 1 << 13;
/// Coefficients up to this size never need a carry out of its range.
pub const COMPLETE_MAX: i64 = (CARRY_OFFSET - 2) << 16;
/// Coefficients up to this size make, with both carries, equations of integers: none reaches p.
pub const SOUND_MAX: i64 = 1_500_000_000;

const _: () = assert!(SOUND_MAX + CARRY_OFFSET + (CARRY_OFFSET << 16) < F::ORDER_U32 as i64);
const _: () = assert!(COEFFICIENT_MAX < COMPLETE_MAX && COMPLETE_MAX < SOUND_MAX);

columns! {
    /// A number as bytes: limb `k` is `low[k] + 2^8·high[k]`.
    pub struct Bytes<T> {
        /// The low byte of each limb, that of the lowest limb first.
        pub low: [T; 16],
        /// The high byte of each limb.
        pub high: [T; 16],
    }
}

columns! {
    /// What shows that a number is below another one.
    pub struct Less<T> {
        /// 1 for the highest limb in which they differ.
        pub first: [T; 16],
        /// How much they differ there, less 1.
        pub gap: T,
    }
}

/// One side of a product, of expressions or of integers. Bytes, or a sum of such with any signs:
/// coefficients are linear in both.
#[derive(Clone, Debug)]
pub struct Factor<E> {
    /// The limbs.
    pub limbs: [E; LIMBS],
    /// The high byte of each limb.
    pub highs: [E; LIMBS],
}

impl<E: Clone + Sub<Output = E>> Sub for Factor<E> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let minus = |left: &[E; LIMBS], right: &[E; LIMBS]| {
            from_fn(|index| left[index].clone() - right[index].clone())
        };
        Self { limbs: minus(&self.limbs, &other.limbs), highs: minus(&self.highs, &other.highs) }
    }
}

impl<T: Copy> Bytes<T> {
    /// The number as a factor.
    pub fn factor<AB: ChipBuilder<Var = T>>(&self) -> Factor<AB::Expr>
    where
        T: Into<AB::Expr>,
    {
        let base = constant::<AB>(1 << 8);
        let highs: [AB::Expr; LIMBS] = self.high.map(Into::into);
        let limb = |k: usize| self.low[k].into() + highs[k].clone() * base.clone();
        Factor { limbs: from_fn(limb), highs }
    }

    /// Requires bytes.
    pub fn range<AB: ChipBuilder<Var = T>>(&self, builder: &mut AB, count: &AB::Expr)
    where
        T: Into<AB::Expr>,
    {
        for (low, high) in self.low.into_iter().zip(self.high) {
            buses::bytes(builder, [low.into(), high.into()], count.clone());
        }
    }
}

/// The coefficients of a product.
pub fn product<AB: ChipBuilder>(
    left: &Factor<AB::Expr>,
    right: &Factor<AB::Expr>,
) -> [AB::Expr; COEFFICIENTS] {
    let limbs = convolution::<AB>(&left.limbs, &right.limbs);
    let highs = convolution::<AB>(&left.highs, &right.highs);
    let base = constant::<AB>(1 << 16);
    from_fn(|k| {
        let own = limbs[k].clone() - highs[k].clone() * base.clone();
        if k == 0 { own } else { own + highs[k - 1].clone() }
    })
}

/// The products of all pairs, summed by the sum of their places.
fn convolution<AB: ChipBuilder>(
    left: &[AB::Expr; LIMBS],
    right: &[AB::Expr; LIMBS],
) -> [AB::Expr; COEFFICIENTS] {
    from_fn(|k| {
        let places = (k.saturating_sub(LIMBS - 1)..LIMBS).take_while(|i| *i <= k);
        places.map(|i| left[i].clone() * right[k - i].clone()).sum()
    })
}

/// Requires `Σ 2^(16k)·coefficients[k]` to be zero as an integer, by a constraint `id` for each
/// coefficient: what the carry brings in is `2^16` times what it takes out.
///
/// Sound if every coefficient is an integer of at most [`SOUND_MAX`] in size, complete if it is one
/// of at most [`COMPLETE_MAX`].
pub fn vanish<AB: ChipBuilder>(
    builder: &mut AB,
    id: &'static str,
    coefficients: [AB::Expr; COEFFICIENTS],
    carries: &[AB::Var; CARRIES],
    count: &AB::Expr,
) {
    let base = constant::<AB>(1 << 16);
    for (k, coefficient) in coefficients.into_iter().enumerate() {
        let before = k.checked_sub(1).and_then(|k| carries.get(k).copied());
        let carried = before.map_or(coefficient.clone(), |carry| coefficient + carry);
        let after = carries.get(k).map_or(AB::Expr::ZERO, |carry| (*carry).into());
        builder.constrain(id, carried - after * base.clone());
    }
    for carry in carries {
        let word = (*carry).into() + constant::<AB>(CARRY_OFFSET as u32);
        buses::send(builder, ALIGN, [word, AB::Expr::ZERO], count.clone());
    }
}

/// Requires one number to be below another one where `count`, a bit, is 1. All limbs are below
/// 2^16. The ids are those of four constraints: `first` are bits; there is one if `count`; limbs
/// above it are equal; `gap` is what it says.
pub fn less<AB: ChipBuilder>(
    builder: &mut AB,
    ids: [&'static str; 4],
    [smaller, larger]: [&[AB::Expr; LIMBS]; 2],
    cells: &Less<AB::Var>,
    count: &AB::Expr,
) {
    let [bits, one, equal, gap] = ids;
    let mut above = count.clone();
    let mut difference = -count.clone();
    for k in (0..LIMBS).rev() {
        let here = larger[k].clone() - smaller[k].clone();
        builder.constrain_bool(bits, cells.first[k]);
        above -= cells.first[k].into();
        builder.constrain(equal, above.clone() * here.clone());
        difference += here * cells.first[k];
    }
    builder.constrain(one, above);
    builder.constrain(gap, difference - cells.gap);
    buses::range(builder, cells.gap, count.clone());
}

/// The limbs of a number in memory.
pub fn limbs(words: &Block) -> [u32; LIMBS] {
    from_fn(|k| words[k / 2] >> (16 * (k % 2)) & 0xffff)
}

impl Factor<i64> {
    /// A number as a factor.
    pub fn of(limbs: &[u32; LIMBS]) -> Self {
        Self { limbs: limbs.map(i64::from), highs: limbs.map(|limb| i64::from(limb >> 8)) }
    }

    /// The coefficients of a product.
    pub fn times(&self, other: &Self) -> [i64; COEFFICIENTS] {
        let mut product = [0; COEFFICIENTS];
        for (i, (limb, high)) in self.limbs.into_iter().zip(self.highs).enumerate() {
            for (j, (limb_, high_)) in other.limbs.into_iter().zip(other.highs).enumerate() {
                let highs = high * high_;
                product[i + j] += limb * limb_ - (highs << 16);
                product[i + j + 1] += highs;
            }
        }
        product
    }
}

/// The cells of a number's bytes, with their lookups counted.
pub fn bytes(limbs: &[u32; LIMBS], counts: &mut LookupCounts) -> Bytes<F> {
    for limb in limbs {
        counts.bytes(limb & 0xff, limb >> 8);
    }
    Bytes {
        low: limbs.map(|limb| F::from_u32(limb & 0xff)),
        high: limbs.map(|limb| F::from_u32(limb >> 8)),
    }
}

/// The cells of the carries out of the coefficients of a number that is zero, with their lookups
/// counted.
pub fn carries(coefficients: &[i64; COEFFICIENTS], counts: &mut LookupCounts) -> [F; CARRIES] {
    let mut carry = 0;
    from_fn(|k| {
        carry = (carry + coefficients[k]) >> 16;
        if let Ok(word) = u32::try_from(carry + CARRY_OFFSET) {
            counts.align(word, 0);
        }
        F::from_i64(carry)
    })
}

/// The cells that show one number to be below another one, with their lookups counted. All zero,
/// and no lookup, if it is not.
pub fn less_cells(
    smaller: &[u32; LIMBS],
    larger: &[u32; LIMBS],
    counts: &mut LookupCounts,
) -> Less<F> {
    let mut cells = Less::default();
    let first = (0..LIMBS).rev().find(|k| smaller[*k] != larger[*k]);
    if let Some(k) = first.filter(|k| smaller[*k] < larger[*k]) {
        let gap = larger[k] - smaller[k] - 1;
        counts.range(gap);
        cells.first[k] = F::ONE;
        cells.gap = F::from_u32(gap);
    }
    cells
}
