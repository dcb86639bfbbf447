use proptest::prelude::*;

use super::*;
use crate::number::{BETA, FIELD, ONE};

#[test]
fn roots_of_one() {
    for (root, modulus) in [(LAMBDA, ORDER), (BETA, FIELD)] {
        let square = mod_mul(&root, &root, &modulus);
        assert_ne!(square, ONE);
        assert_eq!(mod_mul(&square, &root, &modulus), ONE);
    }
    assert_eq!(LAMBDA_HALF_END, mod_mul(&LAMBDA, &HALF_END, &ORDER));
}

/// What digits stand for, by the definition.
fn sum(digits: &[u8]) -> Block {
    let mut sum = ZERO;
    let mut bytes = digits.iter();
    let double = |sum: &mut Block| *sum = mod_add(sum, sum, &ORDER);
    for _ in 0..BITS / 8 {
        let mut left = 8;
        for _ in 0..*bytes.next().unwrap() {
            let digit = bytes.next().unwrap();
            for _ in 0..digit >> 4 {
                double(&mut sum);
                left -= 1;
            }
            let magnitude = 2 * u32::from(digit >> 2 & 3) + 1;
            let mut weight = [magnitude, 0, 0, 0, 0, 0, 0, 0];
            if digit & 2 != 0 {
                weight = mod_mul(&weight, &LAMBDA, &ORDER);
            }
            let operation = if digit & 1 != 0 { mod_sub } else { mod_add };
            sum = operation(&sum, &weight, &ORDER);
        }
        (0..left).for_each(|_| double(&mut sum));
    }
    assert_eq!(bytes.next(), None);
    sum
}

fn check(scalar: &Block) {
    let digits = digits(scalar);
    assert_eq!(sum(&digits), *scalar);
    assert!(digits.len() <= 16 + 2 * 34, "{}", digits.len());
}

#[test]
fn edges() {
    let mut last = ORDER;
    last[0] -= 1;
    for scalar in [ZERO, ONE, last, LAMBDA, HALF_END, LAMBDA_HALF_END, ORDER_HALF] {
        check(&scalar);
    }
    for bit in 0..255 {
        let mut power = ZERO;
        power[bit / 32] = 1 << (bit % 32);
        check(&power);
        check(&mod_sub(&ZERO, &power, &ORDER));
        check(&mod_sub(&ZERO, &mod_mul(&power, &LAMBDA, &ORDER), &ORDER));
    }
}

#[test]
fn the_largest_halves_fit() {
    // The bound of the lattice: (A1 + A2) / 2 is below 0.64·2^128.
    let largest = u128::MAX / 100 * 64;
    let near = (0..2000).map(|off| largest - off);
    let all = near.chain((0..128).map(|bit| largest >> bit));
    let patterns = [u128::MAX / 15 * 8, u128::MAX / 3, u128::MAX / 17 * 9, u128::MAX >> 1];
    for half in all.chain(patterns) {
        for is_negative in [false, true] {
            let digits = half_digits((half, is_negative));
            let value = digits.iter().rev().fold(0_u128, |sum, digit| {
                sum.wrapping_mul(2).wrapping_add_signed(i128::from(*digit))
            });
            let value = if is_negative { value.wrapping_neg() } else { value };
            assert_eq!(value, half);
            assert!(digits.iter().filter(|digit| **digit != 0).count() <= 34);
        }
    }
}

#[test]
fn limbs_carry() {
    let number = |low| [low, 0, 0, 0, 0, 0, 0, 0];
    let zeros = [0; 8];
    let last = |value| [0, 0, 0, 0, 0, 0, 0, value];
    let first = |value| [value, 0, 0, 0, 0, 0, 0, 0];
    let minus = |number: &Block| mod_sub(&ZERO, number, &ORDER);
    assert_eq!(compose(&last(0x7fff_0000), &zeros), Some(number(0x7fff_0000)));
    assert_eq!(compose(&last(-3), &zeros), Some(minus(&number(3))));
    assert_eq!(compose(&zeros, &last(-1)), Some(minus(&LAMBDA)));
    assert_eq!(compose(&first(0x1_0000), &zeros), None);
    assert_eq!(compose(&zeros, &first(0x1_0000)), None);
    assert_eq!(compose(&first(-0x1_0001), &zeros), None);
    assert_eq!(compose(&first(-0x1_0000), &zeros), Some(minus(&HALF_END)));
}

proptest! {
    #[test]
    fn any_scalar(words: Block) {
        let mut scalar = words;
        scalar[7] >>= 1;
        check(&scalar);
        check(&mod_sub(&ZERO, &scalar, &ORDER));
    }
}
