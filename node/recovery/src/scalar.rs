//! Scalars modulo the group's order: what the generator and the signature's point are multiplied
//! by, in digits.

use k256::{
    Scalar,
    elliptic_curve::{
        PrimeField,
        bigint::U256,
        ops::Reduce,
        scalar::IsHigh,
        subtle::{Choice, ConditionallySelectable},
    },
};

/// Bits of a digit of a half.
pub const WINDOW: usize = 5;
/// Digits of a half: 128 bits and a sign.
pub const HALF_WINDOWS: usize = 26;
/// The largest digit of a half, without its sign.
pub const MULTIPLES_MAX: usize = 1 << (WINDOW - 1);
/// Bits of a digit of what the generator is multiplied by.
pub const BASE_WINDOW: usize = 8;
/// Digits of what the generator is multiplied by.
pub const BASE_WINDOWS: usize = 256 / BASE_WINDOW;
/// The largest digit of what the generator is multiplied by, without its sign.
pub const BASE_MULTIPLES_MAX: usize = 1 << (BASE_WINDOW - 1);

/// A signed number in each lane, as two's complement.
pub type Digits = [u64; 8];
/// The digits of a half in each lane, the least significant first.
pub type Half = [Digits; HALF_WINDOWS];
/// The digits of what the generator is multiplied by.
pub type Base = [Digits; BASE_WINDOWS];

/// The scalar that multiplies points as a root of one multiplies their `x`.
const LAMBDA: [u64; 4] =
    [0xdf02_967c_1b23_bd72, 0x122e_22ea_2081_6678, 0xa526_1c02_8812_645a, 0x5363_ad4c_c05c_30e0];
/// The short vectors `(a, b)` with `a + b LAMBDA = 0`, as `-b` modulo the order.
const SHORT: [[u64; 4]; 2] = [
    [0x6f54_7fa9_0abf_e4c3, 0xe443_7ed6_010e_8828, 0, 0],
    [0xd765_cda8_3db1_562c, 0x8a28_0ac5_0774_346d, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff],
];
/// How much of each vector is nearest to a scalar, `2^384` times.
const NEAREST: [[u64; 4]; 2] = [
    [0xe893_209a_45db_b031, 0x3daa_8a14_71e8_ca7f, 0xe86c_90e4_9284_eb15, 0x3086_d221_a7d4_6bcd],
    [0x1571_b4ae_8ac4_7f71, 0x2212_08ac_9df5_06c6, 0x6f54_7fa9_0abf_e4c4, 0xe443_7ed6_010e_8828],
];

/// The scalar of 32 bytes that are below the order and not all zero.
pub fn parse(bytes: [u8; 32]) -> Option<Scalar> {
    let scalar = Option::<Scalar>::from(Scalar::from_repr(bytes.into()))?;
    (!bool::from(scalar.is_zero())).then_some(scalar)
}

/// The scalar that 32 bytes are modulo the order.
pub fn reduced(bytes: [u8; 32]) -> Scalar {
    <Scalar as Reduce<U256>>::reduce_bytes(&bytes.into())
}

/// Replaces each scalar, none of which is zero, by its inverse.
pub fn invert_all(scalars: &mut [Scalar]) {
    let mut products = Vec::with_capacity(scalars.len());
    let mut product = Scalar::ONE;
    for scalar in scalars.iter() {
        products.push(product);
        product *= scalar;
    }
    let mut inverse = product.invert().unwrap_or(Scalar::ZERO);
    for (scalar, product) in scalars.iter_mut().zip(products).rev() {
        let own = product * inverse;
        inverse *= *scalar;
        *scalar = own;
    }
}

/// A scalar as `k1 + k2 LAMBDA`: sizes below `2^128`, and whether each is negative.
pub fn split(scalar: &Scalar) -> [(u128, bool); 2] {
    let limbs = limbs(scalar);
    let [first, second] = NEAREST.map(|nearest| from_limbs(scaled(&limbs, &nearest)));
    let [short_first, short_second] = SHORT.map(from_limbs);
    let k2 = first * short_first + second * short_second;
    let k1 = *scalar - k2 * from_limbs(LAMBDA);
    [k1, k2].map(|half| {
        let (size, negative) = absolute(&half);
        let [low, high, ..] = self::limbs(&size);
        (u128::from(high) << 64 | u128::from(low), negative)
    })
}

/// Writes the digits of a half in a lane.
pub fn write_half(half: &mut Half, lane: usize, (mut size, negative): (u128, bool)) {
    for digits in half {
        let mut digit = (size & 31) as i64;
        size >>= WINDOW;
        if digit > MULTIPLES_MAX as i64 {
            digit -= 2 * MULTIPLES_MAX as i64;
            size += 1;
        }
        digits[lane] = (if negative { -digit } else { digit }).cast_unsigned();
    }
}

/// Writes the digits of what the generator is multiplied by in a lane.
pub fn write_base(base: &mut Base, lane: usize, scalar: &Scalar) {
    // Below half the order, the last digit carries nothing on.
    let (size, negative) = absolute(scalar);
    let bytes = size.to_bytes();
    let mut carried = 0;
    for (digits, byte) in base.iter_mut().zip(bytes.iter().rev()) {
        let mut digit = i64::from(*byte) + carried;
        carried = i64::from(digit > BASE_MULTIPLES_MAX as i64);
        digit -= carried << BASE_WINDOW;
        digits[lane] = (if negative { -digit } else { digit }).cast_unsigned();
    }
}

/// The scalar or its opposite, whichever is at most half the order.
fn absolute(scalar: &Scalar) -> (Scalar, bool) {
    let negative: Choice = scalar.is_high();
    (Scalar::conditional_select(scalar, &-scalar, negative), negative.into())
}

fn limbs(scalar: &Scalar) -> [u64; 4] {
    let bytes: [u8; 32] = scalar.to_bytes().into();
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().rev().zip(bytes.as_chunks().0) {
        *limb = u64::from_be_bytes(*bytes);
    }
    limbs
}

fn from_limbs(limbs: [u64; 4]) -> Scalar {
    let mut bytes = [0; 32];
    for (bytes, limb) in bytes.as_chunks_mut().0.iter_mut().zip(limbs.into_iter().rev()) {
        *bytes = limb.to_be_bytes();
    }
    reduced(bytes)
}

/// The product over `2^384`, to the nearest.
fn scaled(left: &[u64; 4], right: &[u64; 4]) -> [u64; 4] {
    let mut product = [0; 8];
    for (i, left) in left.iter().enumerate() {
        let mut carried = 0;
        for (j, right) in right.iter().enumerate() {
            let wide = u128::from(*left) * u128::from(*right);
            let sum = wide + u128::from(product[i + j]) + u128::from(carried);
            product[i + j] = sum as u64;
            carried = (sum >> 64) as u64;
        }
        product[i + 4] = carried;
    }
    let half = product[5] >> 63;
    let whole = (u128::from(product[7]) << 64 | u128::from(product[6])) + u128::from(half);
    [whole as u64, (whole >> 64) as u64, 0, 0]
}

#[cfg(test)]
mod tests;
