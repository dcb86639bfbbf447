//! Arithmetic modulo any number of 256 bits, by the `ruint` crate.

use ruint::Uint;
use ruint::aliases::{U256, U512};

use crate::{Block, Refusal};

/// A number, its lowest word first.
pub fn number(words: &Block) -> U256 {
    let limb = |index: usize| u64::from(words[2 * index]) | u64::from(words[2 * index + 1]) << 32;
    Uint::from_limbs([limb(0), limb(1), limb(2), limb(3)])
}

/// The words of a number, lowest first.
pub fn words(number: U256) -> Block {
    let mut words = Block::default();
    for (pair, limb) in words.as_chunks_mut().0.iter_mut().zip(number.as_limbs()) {
        *pair = [*limb as u32, (*limb >> 32) as u32];
    }
    words
}

/// `a·b mod m`.
pub fn mul(a: &Block, b: &Block, m: &Block) -> Result<Block, Refusal> {
    let product: U512 = number(a).widening_mul(number(b));
    remainder(product, m)
}

/// `(a + b) mod m`.
pub fn add(a: &Block, b: &Block, m: &Block) -> Result<Block, Refusal> {
    remainder(U512::from(number(a)) + U512::from(number(b)), m)
}

/// `(a - b) mod m`, where `a` minus the result is at most `b`.
pub fn sub(a: &Block, b: &Block, m: &Block) -> Result<Block, Refusal> {
    let [a, b, m] = [a, b, m].map(|words| U512::from(number(words)));
    if m.is_zero() {
        return Err(Refusal::NoRemainder);
    }
    let result = (a + (m - b % m)) % m;
    let quotient = (result + b).checked_sub(a).ok_or(Refusal::NoRemainder)? / m;
    bounded(quotient)?;
    Ok(words(result.to()))
}

/// What is left of a number after a quotient of at most 256 bits.
fn remainder(number_: U512, m: &Block) -> Result<Block, Refusal> {
    let m = U512::from(number(m));
    if m.is_zero() {
        return Err(Refusal::NoRemainder);
    }
    let (quotient, remainder) = number_.div_rem(m);
    bounded(quotient)?;
    Ok(words(remainder.to()))
}

fn bounded(quotient: U512) -> Result<(), Refusal> {
    if quotient.bit_len() > 256 { Err(Refusal::NoRemainder) } else { Ok(()) }
}
