//! The compression of BLAKE3 (section 2.2 of its paper).

use crate::Block;

#[cfg(test)]
mod tests;

/// The initialization vector: that of SHA-256.
pub const IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// Which word of a round's message each word of the next round's message is.
pub const SCHEDULE: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
/// Rounds.
pub const ROUNDS: usize = 7;
/// The words that each of a round's eight steps mixes: the columns, then the diagonals.
pub const QUADS: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// Compresses a block of 64 bytes into the chaining value. The parameters are the counter's low
/// and high word, the block's length in bytes, and the flags; the other four words are ignored.
pub fn compress(value: &mut Block, block: [&Block; 2], parameters: &Block) {
    let [counter_low, counter_high, length, flags, ..] = *parameters;
    let mut state = [0; 16];
    state[..8].copy_from_slice(value);
    state[8..12].copy_from_slice(&IV[..4]);
    state[12..].copy_from_slice(&[counter_low, counter_high, length, flags]);
    let mut message = [0; 16];
    message.iter_mut().zip(block.into_iter().flatten()).for_each(|(to, word)| *to = *word);
    for _ in 0..ROUNDS {
        for (quad, words) in QUADS.iter().zip(message.as_chunks().0) {
            mix(&mut state, *quad, *words);
        }
        message = SCHEDULE.map(|index| message[index]);
    }
    for (index, word) in value.iter_mut().enumerate() {
        *word = state[index] ^ state[index + 8];
    }
}

fn mix(state: &mut [u32; 16], [a, b, c, d]: [usize; 4], words: [u32; 2]) {
    for (word, [turn_d, turn_b]) in words.into_iter().zip([[16, 12], [8, 7]]) {
        state[a] = state[a].wrapping_add(state[b]).wrapping_add(word);
        state[d] = (state[d] ^ state[a]).rotate_right(turn_d);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_right(turn_b);
    }
}
