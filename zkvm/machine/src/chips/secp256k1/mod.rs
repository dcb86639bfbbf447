#![doc = include_str!("README.md")]

mod columns;
mod constraints;
#[cfg(test)]
mod tests;
mod trace;

pub use columns::{Below, Distance, Secp256k1Row};

/// `2^256` modulo the field's modulus is `2^32 + FOLD`.
const FOLD: u32 = 977;
/// The weight of a bit of [`Secp256k1Row::old`] in a carry of a doubling.
const EXCESS: u32 = 3 << 12;
/// The first coefficient whose carry has such a bit.
const EXCESS_START: usize = 8;
/// The limbs of the field's modulus, lowest first.
const MODULUS: [u32; 16] = {
    let mut limbs = [0xffff; 16];
    limbs[0] -= FOLD - 1;
    limbs[2] -= 1;
    limbs
};

/// The chip of points of secp256k1.
#[derive(Clone, Copy, Debug)]
pub struct Secp256k1;
