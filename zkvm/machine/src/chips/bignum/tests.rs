use p3_field::PrimeCharacteristicRing;

use super::*;
use crate::checker::RowReport;
use crate::evaluation::Evaluation;

type Builder = Evaluation<'static, RowReport>;

const ONES: Block = [u32::MAX; 8];
const NUMBERS: [Block; 5] = [
    [0; 8],
    [0xff, 0, 0, 0, 0, 0, 0, 0x0100_0000],
    ONES,
    [0x89ab_cdef, 0x0123_4567, 0xff00_ff00, 0x00ff_00ff, 0x8000_0001, 0x7fff_ffff, 0, 0xffff],
    [0x0f1e_2d3c, 0x4b5a_6978, 0x8796_a5b4, 0xc3d2_e1f0, 0xdead_beef, 3, 0xffff_0000, 0xc001_d00d],
];

fn bytes_of(words: &Block) -> Vec<i64> {
    words.iter().flat_map(|word| word.to_le_bytes()).map(i64::from).collect()
}

/// Coefficients by the definition: byte by byte, two places to each.
fn by_bytes(left: &Block, right: &Block) -> [i64; COEFFICIENTS] {
    let mut product = [0; COEFFICIENTS];
    for (i, left) in bytes_of(left).into_iter().enumerate() {
        for (j, right) in bytes_of(right).into_iter().enumerate() {
            product[(i + j) / 2] += (left * right) << (8 * ((i + j) % 2));
        }
    }
    product
}

fn field(factor: &Factor<i64>) -> Factor<F> {
    Factor { limbs: factor.limbs.map(F::from_i64), highs: factor.highs.map(F::from_i64) }
}

#[test]
fn coefficients_are_those_of_the_product() {
    for left in &NUMBERS {
        for right in &NUMBERS {
            let [left_factor, right_factor] = [left, right].map(|words| Factor::of(&limbs(words)));
            let product = left_factor.times(&right_factor);
            assert_eq!(product, by_bytes(left, right));
            let cells = super::product::<Builder>(&field(&left_factor), &field(&right_factor));
            assert_eq!(cells, product.map(F::from_i64));
        }
    }
}

#[test]
fn a_difference_is_a_factor() {
    let [a, b, c] = [NUMBERS[3], NUMBERS[4], NUMBERS[2]];
    let [u, v, w] = [&a, &b, &c].map(|words| Factor::of(&limbs(words)));
    let product = u.times(&(v - w));
    let (plus, minus) = (by_bytes(&a, &b), by_bytes(&a, &c));
    assert_eq!(product, from_fn(|k| plus[k] - minus[k]));
}

#[test]
fn no_coefficient_is_larger_than_its_bound() {
    let factor = Factor::of(&limbs(&ONES));
    let largest = factor.times(&factor);
    assert_eq!(largest.iter().max(), Some(&COEFFICIENT_MAX));
    assert_eq!(largest[15], COEFFICIENT_MAX);
}

/// Carries of coefficients that are all as large as they may be.
#[test]
fn carries_stay_within_their_range() {
    for coefficient in [COMPLETE_MAX, -COMPLETE_MAX] {
        let mut carry = 0;
        for _ in 0..COEFFICIENTS {
            carry = (carry + coefficient) >> 16;
            assert!((-CARRY_OFFSET..CARRY_OFFSET).contains(&carry), "{carry}");
        }
    }
}

/// What [`less`] has to say about two numbers with these cells.
fn less_report(numbers: [&Block; 2], cells: &Less<F>, count: F) -> RowReport {
    let [smaller, larger] = numbers.map(|words| limbs(words).map(F::from_u32));
    let mut builder: Builder = Evaluation::new(&[], &[], &[], RowReport::default());
    let ids = ["bits", "one", "equal", "gap"];
    less(&mut builder, ids, [&smaller, &larger], cells, &count);
    builder.listener
}

#[test]
fn less_is_less() {
    let mut counts = LookupCounts::default();
    for smaller in &NUMBERS {
        for larger in &NUMBERS {
            let is_less = smaller.iter().rev().lt(larger.iter().rev());
            let cells = less_cells(&limbs(smaller), &limbs(larger), &mut counts);
            let honest = less_report([smaller, larger], &cells, F::ONE);
            assert_eq!(honest.violations.is_empty(), is_less);
            assert!(honest.unanswered().is_empty());
            // Every other limb, with the gap that the constraint asks for.
            for k in 0..LIMBS {
                let limb = |words: &Block| F::from_u32(limbs(words)[k]);
                let gap = limb(larger) - limb(smaller) - F::ONE;
                let mut forged = Less { gap, ..Less::default() };
                forged.first[k] = F::ONE;
                let report = less_report([smaller, larger], &forged, F::ONE);
                let accepted = report.violations.is_empty() && report.unanswered().is_empty();
                assert_eq!(accepted, is_less && forged == cells);
            }
        }
    }
    let padding = less_report([&NUMBERS[4], &NUMBERS[3]], &Less::default(), F::ZERO);
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}
