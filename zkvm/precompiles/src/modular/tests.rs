//! Against arithmetic of school: the equation and the bound fix quotient and result.

use core::cmp::Ordering;

use proptest::prelude::*;

use super::{Division, add, mul, sub};
use crate::{Block, Refusal};

/// 512 bits in words, the lowest first.
type Wide = [u32; 16];

fn wide(block: &Block) -> Wide {
    core::array::from_fn(|index| block.get(index).copied().unwrap_or(0))
}

fn times(left: &Block, right: &Block) -> Wide {
    let mut product = [0; 16];
    for (i, left) in left.iter().enumerate() {
        let mut carry = 0;
        for (j, right) in right.iter().enumerate() {
            carry += u64::from(*left) * u64::from(*right) + u64::from(product[i + j]);
            product[i + j] = carry as u32;
            carry >>= 32;
        }
        product[i + 8] = carry as u32;
    }
    product
}

fn plus(left: &Wide, right: &Wide) -> Wide {
    let mut carry = 0;
    core::array::from_fn(|index| {
        carry += u64::from(left[index]) + u64::from(right[index]);
        let word = carry as u32;
        carry >>= 32;
        word
    })
}

fn compare(left: &[u32], right: &[u32]) -> Ordering {
    left.iter().rev().cmp(right.iter().rev())
}

/// Whether the number is `q·m + r` with `r < m`, or there is no such thing.
fn check(whole: &Wide, m: &Block, division: Result<Division, Refusal>) {
    match division {
        Ok(Division { quotient, result }) => {
            assert_eq!(compare(&result, m), Ordering::Less);
            assert_eq!(*whole, plus(&times(&quotient, m), &wide(&result)));
        }
        // A quotient of 2^256 or more: the upper half of the number is m or more.
        Err(_) => assert!(compare(&whole[8..], m).is_ge(), "{whole:x?} {m:x?}"),
    }
}

/// `r + b = q·m + a`; refused if m is 0, or if b is less than a by m or more.
fn check_sub(a: &Block, b: &Block, m: &Block) {
    match sub(a, b, m) {
        Ok(Division { quotient, result }) => {
            assert_eq!(compare(&result, m), Ordering::Less);
            let multiple = times(&quotient, m);
            assert_eq!(plus(&wide(&result), &wide(b)), plus(&multiple, &wide(a)));
        }
        Err(_) => assert!(*m == [0; 8] || compare(&plus(&wide(b), &wide(m)), &wide(a)).is_le()),
    }
}

fn check_all(a: &Block, b: &Block, m: &Block) {
    check(&times(a, b), m, mul(a, b, m));
    check(&plus(&wide(a), &wide(b)), m, add(a, b, m));
    check_sub(a, b, m);
}

fn block() -> impl Strategy<Value = Block> {
    let word = prop_oneof![Just(0), Just(u32::MAX), any::<u32>()];
    (prop::array::uniform8(word), 0_usize..9).prop_map(|(words, length)| {
        core::array::from_fn(|index| if index < length { words[index] } else { 0 })
    })
}

proptest! {
    #[test]
    fn results_are_those_of_school(a in block(), b in block(), m in block()) {
        check_all(&a, &b, &m);
    }
}

#[test]
fn edge_values() {
    let power = |word: usize| core::array::from_fn(|index| u32::from(index == word));
    let ones = [u32::MAX; 8];
    let mut almost = ones;
    almost[0] -= 1;
    for a in [[0; 8], power(0), power(3), power(7), almost, ones] {
        for b in [[0; 8], power(0), power(4), almost, ones] {
            for m in [[0; 8], power(0), power(4), power(7), almost, ones] {
                check_all(&a, &b, &m);
            }
        }
    }
}

/// Numbers that can be worked out by hand.
#[test]
fn known_results() {
    let small = |value| [value, 0, 0, 0, 0, 0, 0, 0];
    let result = |division: Result<Division, Refusal>| division.map(|division| division.result);
    assert_eq!(result(mul(&small(7), &small(8), &small(17))), Ok(small(5)));
    assert_eq!(result(add(&small(9), &small(8), &small(17))), Ok(small(0)));
    assert_eq!(result(sub(&small(3), &small(17), &small(17))), Ok(small(3)));
    assert_eq!(result(sub(&small(3), &small(5), &small(17))), Ok(small(15)));
    // The field of secp256k1: 2^256 = 2^32 + 977, so 2^128·2^128 is that.
    let p = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];
    let power = [0, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(result(mul(&power, &power, &p)), Ok([977, 1, 0, 0, 0, 0, 0, 0]));
}

/// The first refusals, and the last operands before them.
#[test]
fn what_is_refused() {
    let small = |value| [value, 0, 0, 0, 0, 0, 0, 0];
    let ones = [u32::MAX; 8];
    let refused = Err(Refusal::NoRemainder);
    for function in [mul, add, sub] {
        assert_eq!(function(&small(0), &small(0), &small(0)), refused);
    }
    // Quotients 2^256 - 1 and 2^256.
    assert!(mul(&ones, &small(1), &small(1)).is_ok());
    assert_eq!(mul(&[0, 0, 0, 0, 0, 0, 0, 1 << 31], &small(2), &small(1)), refused);
    assert!(add(&ones, &small(0), &small(1)).is_ok());
    assert_eq!(add(&ones, &small(1), &small(1)), refused);
    // Quotients 0 and -1.
    assert!(sub(&small(8), &small(2), &small(7)).is_ok());
    assert_eq!(sub(&small(9), &small(2), &small(7)), refused);
}
