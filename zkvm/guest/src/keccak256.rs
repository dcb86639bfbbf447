//! Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06), by one call for each block.

use crate::precompiles::{KeccakState, keccak_f};
use crate::words;

#[cfg(test)]
mod tests;

const RATE_BYTES: usize = 136;

/// The Keccak-256 of the bytes.
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut state = KeccakState::default();
    let (blocks, rest) = bytes.as_chunks::<RATE_BYTES>();
    for (index, block) in blocks.iter().enumerate() {
        match index {
            // The state is zero, and most inputs are short: what is added may as well be copied.
            0 => state.bytes_mut()[..RATE_BYTES].copy_from_slice(block),
            _ => absorb(&mut state, block),
        }
        keccak_f(&mut state);
    }
    if blocks.is_empty() {
        state.bytes_mut()[..rest.len()].copy_from_slice(rest);
    } else {
        state.bytes_mut().iter_mut().zip(rest).for_each(|(to, from)| *to ^= *from);
    }
    state.bytes_mut()[rest.len()] ^= 0x01;
    state.bytes_mut()[RATE_BYTES - 1] ^= 0x80;
    keccak_f(&mut state);
    let mut digest = [0; 32];
    digest.copy_from_slice(&state.bytes_mut()[..32]);
    digest
}

/// Adds a block by words. It is copied first, since it may begin at any address.
fn absorb(state: &mut KeccakState, block: &[u8; RATE_BYTES]) {
    let mut copy = [0; RATE_BYTES / size_of::<u32>()];
    words::as_bytes_mut(&mut copy).copy_from_slice(block);
    for (lane, [low, high]) in state.lanes.iter_mut().zip(copy.as_chunks().0) {
        *lane ^= u64::from(u32::from_le(*high)) << 32 | u64::from(u32::from_le(*low));
    }
}
