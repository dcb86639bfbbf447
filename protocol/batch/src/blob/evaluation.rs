//! The value of a blob's polynomial at any point (BL-4, BL-6), without a division.
//!
//! The elements of a blob are the values of a polynomial `p` of degree below 4096 at the roots of
//! unity in bit-reversed order, so elements `2i` and `2i + 1` are `p(x)` and `p(-x)` for some `x`.
//! Write `p(x) = e(x²) + x·o(x²)`. Then `q(y) = 2·(e(y) + z·o(y))` has half the degree,
//! `q(z²) = 2·p(z)`, and its values are `q(x²) = p(x) + p(-x) + (z/x)·(p(x) - p(-x))`, again at all
//! roots of unity of an order, bit-reversed. Twelve such folds leave the one value `4096·p(z)`.
//!
//! `z` may be one of the roots: nothing is divided. Zeros at the end stay zeros at the end, so the
//! cost follows the elements that are used: one pair for each, with two products, two sums and a
//! difference.

use alloc::vec::Vec;
use core::mem;

use alloy_primitives::U256;

use super::{Elements, FIELD_MODULUS, ModularArithmetic};

/// Inverses of the principal roots of unity of order 4, 8, … 4096. The last is the inverse of
/// `7^((m - 1) / 4096)` (EIP-4844, `PRIMITIVE_ROOT_OF_UNITY` = 7), and each is the square of the
/// next.
///
/// The `x` of pair `2^k + i`, where `i < 2^k`, is that of pair `i` times the root of order
/// `2^(k + 2)`; the `x` of pair 0 is 1. This holds in every fold.
const INVERSE_ROOTS: [U256; 11] = [
    U256::from_limbs([
        0xfffe_ffff_0000_0001,
        0x67ba_a400_89fb_5bfe,
        0xa5e8_0b39_939e_d334,
        0x73ed_a753_299d_7d47,
    ]),
    U256::from_limbs([
        0x9fc8_017d_5166_afd3,
        0xc549_13cc_6b4e_0c26,
        0x787d_7d08_3f1b_189f,
        0x60b9_f524_ccbc_6d03,
    ]),
    U256::from_limbs([
        0x5e54_4cdf_4c88_7948,
        0xfc01_0d53_ccb2_2542,
        0x687a_73c9_2f18_8612,
        0x3b25_b475_ab91_194b,
    ]),
    U256::from_limbs([
        0xae34_a81e_1cfc_a2ec,
        0x6c78_76bf_0928_e68f,
        0xae25_b21d_f6c5_2b2a,
        0x5e73_ed8c_4324_05d0,
    ]),
    U256::from_limbs([
        0x8d28_c143_168b_ba2c,
        0xdb87_2ef3_dce2_8e78,
        0x4e84_b3cd_7dc7_5b61,
        0x640d_0974_61a2_eeaf,
    ]),
    U256::from_limbs([
        0x6207_cd2f_20df_9d12,
        0x0081_066e_578d_78bf,
        0x725c_e48f_79bf_9cd6,
        0x60c7_efec_3409_3e9a,
    ]),
    U256::from_limbs([
        0x7d01_866a_dd95_8780,
        0xdf7b_4ee6_6e4c_accb,
        0x67e7_01a9_45e9_b713,
        0x18ba_7658_084c_71a4,
    ]),
    U256::from_limbs([
        0x1665_4b4e_3193_f385,
        0x7dd3_4dc4_8b54_2a79,
        0x881d_ab49_e15d_3727,
        0x6a61_dbd7_81fc_6d1c,
    ]),
    U256::from_limbs([
        0x1b56_1347_c6a4_7727,
        0x9ce8_6248_7904_d0ab,
        0x942c_20e4_5c3a_d14d,
        0x5164_ca4c_f745_6c9b,
    ]),
    U256::from_limbs([
        0xdc98_2dea_b639_eb06,
        0xa954_d02f_f707_ac89,
        0xae65_b5bd_d485_b39a,
        0x5561_2c87_9036_d62f,
    ]),
    U256::from_limbs([
        0x961a_252d_d854_3362,
        0x5046_d178_6418_3203,
        0x4ae2_5ffa_b9dc_5986,
        0x391b_2856_c609_b478,
    ]),
];

/// Folds from 4096 values to one.
const FOLDS: usize = 12;

/// 1 / 4096.
const INVERSE_COUNT: U256 = U256::from_limbs([
    0x400f_ffff_0010_0001,
    0xd368_6828_bfce_5c19,
    0x5eb6_a46a_8921_3de7,
    0x73e6_6878_b46a_e370,
]);

/// The value at `point`, which is below [`FIELD_MODULUS`], of the polynomial that a blob is.
#[must_use]
pub fn evaluate<A: ModularArithmetic>(elements: Elements, point: &U256) -> U256 {
    let mut values = elements.0;
    let pairs = values.len().div_ceil(2);
    let (mut folded, mut factors) = (Vec::with_capacity(pairs), Vec::with_capacity(pairs));
    let mut power = *point;
    for _ in 0..FOLDS {
        set_factors::<A>(&mut factors, &power, values.len().div_ceil(2));
        let pairs = values.chunks(2).zip(&factors);
        folded.clear();
        folded.extend(pairs.map(|(pair, factor)| fold::<A>(pair, factor)));
        mem::swap(&mut values, &mut folded);
        power = A::mul_mod(&power, &power, &FIELD_MODULUS);
    }
    let sum = values.first().copied().unwrap_or_default();
    A::mul_mod(&sum, &INVERSE_COUNT, &FIELD_MODULUS)
}

/// `z/x` for the first `count` pairs (one more costs nothing), where `z` is the fold's point.
fn set_factors<A: ModularArithmetic>(factors: &mut Vec<U256>, z: &U256, count: usize) {
    factors.clear();
    factors.push(*z);
    for root in &INVERSE_ROOTS {
        let known = factors.len();
        factors.extend_from_within(..known.min(count.saturating_sub(known)));
        for factor in factors.iter_mut().skip(known) {
            *factor = A::mul_mod(factor, root, &FIELD_MODULUS);
        }
    }
}

/// `q(x²)` from `p(x)` and `p(-x)`.
fn fold<A: ModularArithmetic>(pair: &[U256], factor: &U256) -> U256 {
    let (a, b) = match pair {
        [a, b] => (a, b),
        [a] => (a, &U256::ZERO),
        _ => return U256::ZERO,
    };
    let sum = A::add_mod(a, b, &FIELD_MODULUS);
    let difference = A::sub_mod(a, b, &FIELD_MODULUS);
    let product = A::mul_mod(&difference, factor, &FIELD_MODULUS);
    A::add_mod(&sum, &product, &FIELD_MODULUS)
}

#[cfg(test)]
mod tests;
