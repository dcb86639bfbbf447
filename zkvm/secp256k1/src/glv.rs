//! A scalar u as k1 + k2·λ with halves of 128 bits, and the halves in signed odd digits.
//!
//! The digits come as advice in the order in which a walk down the bits needs them. For each byte
//! of bits, from bits 127..120 down to 7..0: how many digits follow, at most [`COUNT_MAX`], and
//! then each digit in a byte:
//!
//! | bits | |
//! | --- | --- |
//! | 7 to 4 | by how many bits it is below the one before, or below the upper end of the byte |
//! | 3 to 2 | i, of the digit 2·i + 1 |
//! | 1 | 0: a digit of k1; 1: of k2 |
//! | 0 | 1: the digit is negative |
//!
//! The walk sums the digits up, so what they stand for is known when it ends, and is checked then.

use alloc::vec::Vec;

use minster_guest::precompiles::{Block, mod_add, mod_mul, mod_sub};

use crate::number::{LAMBDA, ORDER, ZERO, is_below};

/// Bits that a walk goes down.
pub const BITS: usize = 128;
/// The most digits in a byte of bits.
pub const COUNT_MAX: u8 = 16;
/// The kinds of digits: bits 3 to 0 of their bytes.
pub const KINDS: usize = 16;

/// 2^128.
const HALF_END: Block = [0, 0, 0, 0, 1, 0, 0, 0];
/// λ·2^128 mod n.
const LAMBDA_HALF_END: Block = [
    0x7cdd_ab26,
    0xca62_ac2c,
    0x239d_c82e,
    0xb564_8599,
    0x0211_f8e1,
    0xb3f1_f961,
    0x45b7_9a17,
    0x7c26_1be5,
];
/// (n - 1) / 2.
const ORDER_HALF: Block = [
    0x681b_20a0,
    0xdfe9_2f46,
    0x57a4_501d,
    0x5d57_6e73,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0x7fff_ffff,
];

/// Limbs of 16 bits of a half, each too large or negative, highest first.
pub type Limbs = [i32; BITS / 16];

/// The number k1 + k2·λ mod n; nothing if a half is not of -2^128..2^128.
pub fn compose(first: &Limbs, second: &Limbs) -> Option<Block> {
    let (first, first_is_negative) = carried(first)?;
    let (second, second_is_negative) = carried(second)?;
    let mut sum = mod_add(&first, &mod_mul(&second, &LAMBDA, &ORDER), &ORDER);
    if first_is_negative {
        sum = mod_sub(&sum, &HALF_END, &ORDER);
    }
    if second_is_negative {
        sum = mod_sub(&sum, &LAMBDA_HALF_END, &ORDER);
    }
    Some(sum)
}

/// The number of some limbs modulo 2^128, and whether 2^128 is to be taken from it.
fn carried(limbs: &Limbs) -> Option<(Block, bool)> {
    let mut number = ZERO;
    let mut carry = 0;
    for (word, pair) in number.iter_mut().zip(limbs.as_chunks().0.iter().rev()) {
        let [high, low]: [i32; 2] = *pair;
        let low = low + carry;
        let high = high + (low >> 16);
        carry = high >> 16;
        *word = (high << 16 | low & 0xffff).cast_unsigned();
    }
    match carry {
        0 => Some((number, false)),
        -1 => Some((number, true)),
        _ => None,
    }
}

/// The digits of a scalar, as the walk wants them.
pub fn digits(scalar: &Block) -> Vec<u8> {
    let halves = halves(scalar).map(half_digits);
    let mut bytes = Vec::new();
    for start in (0..BITS).step_by(8).rev() {
        let count_at = bytes.len();
        bytes.push(0);
        let mut steps = 0;
        for bit in (start..start + 8).rev() {
            steps += 1;
            for (half, digits) in (0..).zip(&halves) {
                let digit = digits.get(bit).copied().unwrap_or(0);
                if digit != 0 {
                    let index = digit.unsigned_abs() / 2;
                    let sign = u8::from(digit < 0);
                    bytes.push(steps << 4 | index << 2 | half << 1 | sign);
                    steps = 0;
                }
            }
        }
        let count = bytes.len() - count_at - 1;
        if let Some(to) = bytes.get_mut(count_at) {
            *to = u8::try_from(count).unwrap_or(u8::MAX);
        }
    }
    bytes
}

/// The halves of a scalar: magnitudes below 0.64·2^128, and whether each is negative.
fn halves(scalar: &Block) -> [(u128, bool); 2] {
    // Babai's rounding in the lattice of all (a, b) with a + b·λ = 0 mod n, whose short basis is
    // (A1, B1), (A2, A1): G1 and G2 are 2^384·A1/n and -2^384·B1/n, rounded.
    const G1: Block = [
        0x45db_b031,
        0xe893_209a,
        0x71e8_ca7f,
        0x3daa_8a14,
        0x9284_eb15,
        0xe86c_90e4,
        0xa7d4_6bcd,
        0x3086_d221,
    ];
    const G2: Block = [
        0x8ac4_7f71,
        0x1571_b4ae,
        0x9df5_06c6,
        0x2212_08ac,
        0x0abf_e4c4,
        0x6f54_7fa9,
        0x010e_8828,
        0xe443_7ed6,
    ];
    const MINUS_B1: Block = [0x0abf_e4c3, 0x6f54_7fa9, 0x010e_8828, 0xe443_7ed6, 0, 0, 0, 0];
    const A1: Block = [0x9284_eb15, 0xe86c_90e4, 0xa7d4_6bcd, 0x3086_d221, 0, 0, 0, 0];
    let [first, second] = [G1, G2].map(|g| scaled(scalar, &g));
    let [first, second] = [mod_mul(&first, &MINUS_B1, &ORDER), mod_mul(&second, &A1, &ORDER)];
    let k2 = mod_sub(&first, &second, &ORDER);
    let k1 = mod_sub(scalar, &mod_mul(&k2, &LAMBDA, &ORDER), &ORDER);
    [k1, k2].map(|half| {
        let is_negative = is_below(&ORDER_HALF, &half);
        let half = if is_negative { mod_sub(&ZERO, &half, &ORDER) } else { half };
        let low = half.iter().take(4).rev();
        (low.fold(0, |high, word| high << 32 | u128::from(*word)), is_negative)
    })
}

/// a·b / 2^384, rounded.
fn scaled(a: &Block, b: &Block) -> Block {
    let mut product = [0_u32; 16];
    for (start, a) in a.iter().enumerate() {
        let mut carry = 0;
        let words = product.iter_mut().skip(start);
        for (word, b) in words.zip(b.iter().chain([&0])) {
            let sum = u64::from(*a) * u64::from(*b) + u64::from(*word) + carry;
            *word = (sum & 0xffff_ffff) as u32;
            carry = sum >> 32;
        }
    }
    let mut result = ZERO;
    let [.., below, w0, w1, w2, w3] = product;
    let mut carry = below >> 31;
    for (to, word) in result.iter_mut().zip([w0, w1, w2, w3, 0]) {
        let (sum, is_over) = word.overflowing_add(carry);
        (*to, carry) = (sum, is_over.into());
    }
    result
}

/// The digit at each bit: 0, or odd from -7 to 7, with three zeros above it.
fn half_digits((mut rest, is_negative): (u128, bool)) -> [i8; BITS] {
    let mut digits = [0; BITS];
    let mut bit = 0;
    while rest != 0 {
        let zeros = rest.trailing_zeros();
        rest >>= zeros;
        bit += zeros;
        // The last digits are positive even if that makes one more of them: so there is none
        // above bit 127.
        let low = (rest & 15) as i8;
        let digit = match low {
            _ if rest < 8 => low,
            _ if rest < 16 => low & 7,
            0..8 => low,
            _ => low - 16,
        };
        rest = rest.wrapping_sub_signed(digit.into());
        if let Some(to) = usize::try_from(bit).ok().and_then(|bit| digits.get_mut(bit)) {
            *to = if is_negative { -digit } else { digit };
        }
    }
    digits
}

#[cfg(test)]
mod tests;
