//! Powers modulo a number.

use alloy_primitives::{U256, hex};

use super::{Case, word};

/// The longest operand (EIP-7823).
const SIZE_MAX: usize = 1_024;

fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let sizes = [base, exponent, modulus].map(|bytes| word(bytes.len() as u64)).concat();
    [&sizes, base, exponent, modulus].concat()
}

fn sizes(base: U256, exponent: U256, modulus: U256) -> Vec<u8> {
    [base, exponent, modulus].map(|size| size.to_be_bytes::<32>()).concat()
}

pub fn cases() -> Vec<Case> {
    // The field of secp256k1: a power of the order of its units is 1 (EIP-198).
    let prime = hex!("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    let mut units = prime;
    units[31] -= 1;
    let long = vec![0xff; SIZE_MAX];
    let even = hex!("8000000000000000000000000000000000000000000000000000000000000000");
    let max = U256::MAX;
    let (none, one) = (U256::ZERO, U256::from(1));
    let too_long = U256::from(SIZE_MAX + 1);
    vec![
        Case::is(5, power(&[3], &units, &prime), word(1)),
        Case::is(5, power(&[], &units, &prime), [0; 32]),
        Case::is(5, power(&[3], &[], &prime), word(1)),
        Case::is(5, power(&[3], &[5], &[]), []),
        Case::is(5, power(&[3], &[5], &[0]), [0]),
        Case::is(5, power(&[3], &[5], &[1]), [0]),
        Case::is(5, power(&[], &[], &[0, 7]), [0, 1]),
        Case::is(5, power(&[3, 1], &[2], &[16]), [1]),
        Case::is(5, power(&[0, 0, 2], &[0, 10], &[4, 0]), [0, 0]),
        Case::is(5, [], []),
        Case::some(5, power(&prime, &units, &even)),
        Case::some(5, power(&units, &prime, &[0xff; 33])),
        Case::some(5, power(&[2; 64], &[3; 40], &[0xfd; 96])),
        Case::some(5, power(&long, &[3], &long)),
        Case::none(5, power(&long, &long, &long)),
        Case::none(5, power(&[1], &[1], &[7; SIZE_MAX + 1])),
        Case::none(5, sizes(too_long, none, none)),
        Case::none(5, sizes(none, too_long, one)),
        Case::none(5, sizes(max, max, max)),
        // What the input lacks is zero.
        Case::is(5, [&sizes(one, one, one)[..], &[9, 1]].concat(), [0]),
        Case::is(5, sizes(one, one, one)[..90].to_vec(), []),
    ]
}
