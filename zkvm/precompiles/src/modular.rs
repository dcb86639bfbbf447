//! Arithmetic modulo any number of 256 bits, by the `ruint` crate.

use ruint::Uint;
use ruint::aliases::{U256, U512};

use crate::{Block, Refusal};

#[cfg(test)]
mod tests;

/// What a function shows of its operands: `a·b = q·m + r`, `a + b = q·m + r` or `r + b = q·m + a`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// q.
    pub quotient: Block,
    /// r, below m.
    pub result: Block,
}

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
pub fn mul(a: &Block, b: &Block, m: &Block) -> Result<Division, Refusal> {
    let product: U512 = number(a).widening_mul(number(b));
    divide(product, m)
}

/// `(a + b) mod m`.
pub fn add(a: &Block, b: &Block, m: &Block) -> Result<Division, Refusal> {
    divide(U512::from(number(a)) + U512::from(number(b)), m)
}

/// `(a - b) mod m`, where `a` minus the result is at most `b`.
pub fn sub(a: &Block, b: &Block, m: &Block) -> Result<Division, Refusal> {
    let [a, b, m] = [a, b, m].map(|words| U512::from(number(words)));
    if m.is_zero() {
        return Err(Refusal::NoRemainder);
    }
    let result = (a + (m - b % m)) % m;
    let quotient = (result + b).checked_sub(a).ok_or(Refusal::NoRemainder)? / m;
    division(quotient, result)
}

fn divide(number_: U512, m: &Block) -> Result<Division, Refusal> {
    let m = U512::from(number(m));
    if m.is_zero() {
        return Err(Refusal::NoRemainder);
    }
    let (quotient, result) = number_.div_rem(m);
    division(quotient, result)
}

/// Refuses a quotient of over 256 bits.
fn division(quotient: U512, result: U512) -> Result<Division, Refusal> {
    if quotient.bit_len() > 256 {
        return Err(Refusal::NoRemainder);
    }
    Ok(Division { quotient: words(quotient.to()), result: words(result.to()) })
}
