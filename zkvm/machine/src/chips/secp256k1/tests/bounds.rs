//! The coefficients of the equation, in their worst cases: term by term.

use super::super::{EXCESS, EXCESS_START, FOLD, MODULUS};
use crate::chips::bignum::{
    CARRY_OFFSET, COEFFICIENTS, COMPLETE_MAX as COMPLETE, SOUND_MAX as SOUND,
};

const DIGITS: [i64; 2] = [-128, 127];
const BYTES: [i64; 2] = [0, 255];
const LIMB: i64 = 0xffff;

/// The least and the largest value of a coefficient.
type Range = (i64, i64);

fn range(values: impl Iterator<Item = i64> + Clone) -> Range {
    (values.clone().min().unwrap(), values.max().unwrap())
}

fn plus(sum: &mut Range, part: Range, weight: i64) {
    let ends = [part.0 * weight, part.1 * weight];
    sum.0 += ends[0].min(ends[1]);
    sum.1 += ends[0].max(ends[1]);
}

/// The coefficients of a product are these products of bytes i and j with these weights.
fn terms() -> impl Iterator<Item = (usize, i64, usize, usize)> {
    (0..32).flat_map(|i| {
        (0..32).map(move |j| match (i % 2, j % 2) {
            (0, 0) => (i / 2 + j / 2, 1, i, j),
            (1, 1) => (i / 2 + j / 2 + 1, 1, i, j),
            _ => (i / 2 + j / 2, 1 << 8, i, j),
        })
    })
}

/// `times·u·d`, both in digits.
fn products(times: i64) -> [Range; COEFFICIENTS] {
    let mut sums = [(0, 0); COEFFICIENTS];
    for (k, weight, _, _) in terms() {
        let pairs = DIGITS.into_iter().flat_map(|u| DIGITS.map(|d| u * d));
        plus(&mut sums[k], range(pairs), times * weight);
    }
    sums
}

/// `3·v·(v - m)`. The terms of bytes i and j, and j and i, are one bilinear function of both, whose
/// ends are at the ends of the bytes.
fn square() -> [Range; COEFFICIENTS] {
    let modulus = |i: usize| i64::from(MODULUS[i / 2] >> (8 * (i % 2)) & 0xff);
    let mut sums = [(0, 0); COEFFICIENTS];
    for (k, weight, i, j) in terms().filter(|(_, _, i, j)| i <= j) {
        let part = if i == j {
            range((0..256).map(|v| v * (v - modulus(i))))
        } else {
            let pair = |v, w| v * (w - modulus(j)) + w * (v - modulus(i));
            range(BYTES.into_iter().flat_map(|v| BYTES.map(|w| pair(v, w))))
        };
        plus(&mut sums[k], part, 3 * weight);
    }
    sums
}

/// Adds the quotient: its top limb is what the top equation makes it.
fn add_quotient(sums: &mut [Range; COEFFICIENTS]) {
    let top = (sums[31].0 - CARRY_OFFSET, sums[31].1 + CARRY_OFFSET);
    let limbs: Vec<Range> = (0..16).map(|k| if k == 15 { top } else { (0, LIMB) }).collect();
    for (k, limb) in limbs.into_iter().enumerate() {
        plus(&mut sums[k], limb, i64::from(FOLD));
        plus(&mut sums[k + 2], limb, 1);
        plus(&mut sums[k + 16], limb, -1);
    }
}

#[test]
fn coefficients_of_additions_and_coordinates_fit_their_carries() {
    let mut sums = products(-1);
    // At most `v + other + 2·point`, where `other` may be negative, or a difference of two.
    sums.iter_mut().take(16).for_each(|sum| plus(sum, (-2 * LIMB, 4 * LIMB), 1));
    add_quotient(&mut sums);
    for (low, high) in sums {
        assert!(-COMPLETE <= low && high <= COMPLETE, "{low} {high}");
    }
}

#[test]
fn coefficients_of_doublings_fit_their_carries() {
    let mut sums = products(-2);
    sums.iter_mut().zip(square()).for_each(|(sum, square)| plus(sum, square, 1));
    add_quotient(&mut sums);
    let excess = i64::from(EXCESS);
    let may_exceed = |k: usize| (EXCESS_START..EXCESS_START + 16).contains(&k);
    let lowest = super::super::trace::LOW_COEFFICIENT;
    for (k, (low, high)) in sums.into_iter().enumerate() {
        let lowered = if k > 0 && may_exceed(k - 1) { excess } else { 0 };
        let raised = if may_exceed(k) { excess << 16 } else { 0 };
        // Whatever the bits are.
        assert!(-SOUND < low - lowered && high + raised < SOUND, "{k}: {low} {high}");
        // With the bits as they are filled: set for what is too low.
        let without = if may_exceed(k) { low.max(lowest) } else { low };
        assert!(-COMPLETE <= without - lowered && high <= COMPLETE, "{k}: {low} {high}");
        if may_exceed(k) {
            assert!(-COMPLETE <= low + raised - lowered, "{k}: {low} {high}");
            assert!(lowest + raised <= COMPLETE, "{k}");
        }
    }
}
