//! Numbers of 256 bits, lowest word first, and the moduli and constants of secp256k1 (SEC 2).

use minster_guest::precompiles::{Block, mod_mul};

/// Zero.
pub const ZERO: Block = [0; 8];
/// One.
pub const ONE: Block = small(1);
/// The constant of the curve's equation, y² = x³ + 7.
pub const SEVEN: Block = small(7);

/// The modulus p of the field: 2^256 - 2^32 - 977.
pub const FIELD: Block = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];
/// The order n of the group.
pub const ORDER: Block =
    [0xd036_4141, 0xbfd2_5e8c, 0xaf48_a03b, 0xbaae_dce6, 0xffff_fffe, !0, !0, !0];
/// p - n.
pub const FIELD_MINUS_ORDER: Block =
    [0x2fc9_baee, 0x402d_a172, 0x50b7_5fc4, 0x4551_2319, 1, 0, 0, 0];

/// A cube root of one modulo n: λ·(x, y) = (β·x, y).
pub const LAMBDA: Block = [
    0x1b23_bd72,
    0xdf02_967c,
    0x2081_6678,
    0x122e_22ea,
    0x8812_645a,
    0xa526_1c02,
    0xc05c_30e0,
    0x5363_ad4c,
];
/// The cube root of one modulo p that goes with [`LAMBDA`].
pub const BETA: Block = [
    0x7195_01ee,
    0xc139_6c28,
    0x12f5_8995,
    0x9cf0_4975,
    0xac34_34e9,
    0x6e64_479e,
    0x657c_0710,
    0x7ae9_6a2b,
];

const fn small(value: u32) -> Block {
    [value, 0, 0, 0, 0, 0, 0, 0]
}

/// The number whose highest byte comes first.
pub fn from_bytes(bytes: &[u8; 32]) -> Block {
    let mut words = ZERO;
    for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    words
}

/// The bytes of a number, highest first, into 32 bytes.
pub fn write_bytes(words: &Block, bytes: &mut [u8]) {
    for (word, bytes) in words.iter().rev().zip(bytes.as_chunks_mut().0) {
        *bytes = word.to_be_bytes();
    }
}

/// Whether a = b, by words: a comparison of slices would go by bytes.
pub fn is_same(a: &Block, b: &Block) -> bool {
    a.iter().zip(b).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

/// Whether a < b.
pub fn is_below(a: &Block, b: &Block) -> bool {
    // The moduli begin with ones, so the first comparison almost always decides.
    a.iter().rev().lt(b.iter().rev())
}

/// `base^exponent mod modulus`.
pub fn power(base: &Block, exponent: &Block, modulus: &Block) -> Block {
    let mut result = ONE;
    for word in exponent.iter().rev() {
        for bit in (0..u32::BITS).rev() {
            result = mod_mul(&result, &result, modulus);
            if word >> bit & 1 == 1 {
                result = mod_mul(&result, base, modulus);
            }
        }
    }
    result
}
