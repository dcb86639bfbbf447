//! Keccak-f\[1600\], by the `keccak` crate.

use crate::{BLOCKS_MAX, Block};

#[cfg(test)]
mod tests;

/// What each round adds to the first lane.
pub const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Permutes the 25 lanes, each with its low word first. The six words behind them stay.
pub fn permute(state: &mut [Block; BLOCKS_MAX]) {
    let words = state.as_flattened_mut();
    let mut lanes = [0; 25];
    for (lane, [low, high]) in lanes.iter_mut().zip(words.as_chunks().0) {
        *lane = u64::from(*low) | u64::from(*high) << 32;
    }
    keccak::Keccak::new().with_f1600(|f1600| f1600(&mut lanes));
    for (lane, [low, high]) in lanes.iter().zip(words.as_chunks_mut().0) {
        (*low, *high) = (*lane as u32, (*lane >> 32) as u32);
    }
}
