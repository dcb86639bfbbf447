//! The work of calls whose length does not bound it, by the gas that they take.

use alloy_primitives::U256;
use revm::precompile::modexp::osaka_gas_calc;

/// Bytes of a call of BLAKE2's compression (EIP-152).
const BLAKE2_SIZE: usize = 213;
/// The longest operand of a power (EIP-7823).
const OPERAND_SIZE_MAX: u64 = 1_024;
const WORD: u64 = 32;
/// Where the operands of a power begin, behind their sizes.
const OPERANDS_START: u64 = 3 * WORD;
/// Bytes of a limb of the library's numbers.
const LIMB: u64 = 8;

/// The gas that a call of the precompile with this number takes when it runs; zero of those whose
/// work their length bounds, and of calls that are refused.
pub fn gas(number: u16, input: &[u8]) -> u64 {
    match number {
        0x05 => power_gas(input),
        0x09 => blake2_gas(input),
        _ => 0,
    }
}

/// A gas for each round, of which the first four bytes are the number.
fn blake2_gas(input: &[u8]) -> u64 {
    match input.first_chunk() {
        Some(rounds) if input.len() == BLAKE2_SIZE => u32::from_be_bytes(*rounds).into(),
        _ => 0,
    }
}

/// EIP-7883.
fn power_gas(input: &[u8]) -> u64 {
    let Some([base, exponent, modulus]) = operand_sizes(input) else { return 0 };
    // The first 32 bytes of the exponent at most, as a number.
    let place = base.saturating_add(OPERANDS_START);
    let bits = usize::try_from(WORD.saturating_sub(exponent).saturating_mul(8)).unwrap_or(0);
    let highest = U256::from_be_bytes(word(input, place)).wrapping_shr(bits);
    let highest = if exponent == 0 { U256::ZERO } else { highest };
    osaka_gas_calc(base, exponent, modulus, &highest)
}

/// The bits of the power of two that divides the modulus of a power, for each limb of it. Modulo
/// that power the library finds an inverse a bit at a time, and gas does not tell.
pub fn power_halvings(input: &[u8]) -> u64 {
    let Some([base, exponent, modulus]) = operand_sizes(input) else { return 0 };
    let start = OPERANDS_START.saturating_add(base).saturating_add(exponent);
    let rest = usize::try_from(start).ok().and_then(|start| input.get(start..));
    let given = rest.unwrap_or_default().iter().zip(1..=modulus);
    // What the input lacks is zero, and so may all of it be.
    let Some((last, place)) = given.filter(|(byte, _)| **byte != 0).last() else { return 0 };
    let zero_bits = modulus.saturating_sub(place).saturating_mul(8);
    let bits = zero_bits.saturating_add(last.trailing_zeros().into());
    bits.saturating_mul(modulus.div_ceil(LIMB))
}

/// The sizes of base, exponent and modulus, if they may be as large.
fn operand_sizes(input: &[u8]) -> Option<[u64; 3]> {
    let size = |place| u64::try_from(U256::from_be_bytes(word(input, place))).ok();
    let sizes = [size(0)?, size(WORD)?, size(2 * WORD)?];
    sizes.iter().all(|size| *size <= OPERAND_SIZE_MAX).then_some(sizes)
}

/// 32 bytes of the input from this place on; what the input lacks is zero.
fn word(input: &[u8], place: u64) -> [u8; 32] {
    let mut word = [0; 32];
    let rest = usize::try_from(place).ok().and_then(|place| input.get(place..)).unwrap_or_default();
    for (to, from) in word.iter_mut().zip(rest) {
        *to = *from;
    }
    word
}

#[cfg(test)]
mod tests;
