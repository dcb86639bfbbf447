//! Calls of Keccak-f, for measurements of its chip.

use alloc::vec::Vec;

use minster_guest::precompiles::{KeccakState, keccak_f};

#[cfg(test)]
mod tests;

/// As many permutations of a state of zeros as the input's first four bytes say (little-endian,
/// missing ones are zero). The output is the first 32 bytes of the state.
pub fn run(input: &[u8]) -> Vec<u8> {
    let mut count = [0; 4];
    for (to, from) in count.iter_mut().zip(input) {
        *to = *from;
    }
    let mut state = KeccakState::default();
    for _ in 0..u32::from_le_bytes(count) {
        keccak_f(&mut state);
    }
    state.lanes.iter().take(4).flat_map(|lane| lane.to_le_bytes()).collect()
}
