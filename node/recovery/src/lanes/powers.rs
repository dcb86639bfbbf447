//! Roots and inverses in the field, by powers with the exponents' long runs of ones.

use super::field::Fe;

/// Powers of an element whose exponents are so many ones in binary.
struct Ones {
    two: Fe,
    twenty_two: Fe,
    two_hundred_twenty_three: Fe,
}

#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn ones(base: &Fe) -> Ones {
    let two = base.square().mul(base);
    let three = two.square().mul(base);
    let six = three.square_times(3).mul(&three);
    let nine = six.square_times(3).mul(&three);
    let eleven = nine.square_times(2).mul(&two);
    let twenty_two = eleven.square_times(11).mul(&eleven);
    let forty_four = twenty_two.square_times(22).mul(&twenty_two);
    let eighty_eight = forty_four.square_times(44).mul(&forty_four);
    let long = eighty_eight.square_times(88).mul(&eighty_eight);
    let longer = long.square_times(44).mul(&forty_four);
    let two_hundred_twenty_three = longer.square_times(3).mul(&three);
    Ones { two, twenty_two, two_hundred_twenty_three }
}

/// A square root where there is one, by the exponent `(p + 1) / 4`.
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
pub fn square_root(square: &Fe) -> Fe {
    let ones = ones(square);
    let high = ones.two_hundred_twenty_three.square_times(23).mul(&ones.twenty_two);
    high.square_times(6).mul(&ones.two).square_times(2)
}

/// The inverse, and zero for zero, by the exponent `p - 2`.
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
pub fn inverse(base: &Fe) -> Fe {
    let ones = ones(base);
    let high = ones.two_hundred_twenty_three.square_times(23).mul(&ones.twenty_two);
    let middle = high.square_times(5).mul(base).square_times(3).mul(&ones.two);
    middle.square_times(2).mul(base)
}
