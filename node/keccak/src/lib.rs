#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod trie;

use core::array;

use minster_primitives::{B256, keccak256};
use p3_keccak::{KeccakF, VECTOR_LEN};
use p3_symmetric::Permutation;
pub use trie::ordered_root;

/// Messages that are hashed side by side.
const LANES: usize = VECTOR_LEN;

/// With fewer lanes, or fewer messages in them, the ordinary hash function is as fast.
const LANES_MIN: usize = 4;

/// Words of Keccak's state.
const STATE_WORDS: usize = 25;

/// Words of the state that a block of the message goes into: all but twice the hash's length.
const RATE_WORDS: usize = 17;

/// Bytes of a block.
const RATE: usize = 8 * RATE_WORDS;

/// The padding's first bit, in the byte after the message, and its last, in the block's last byte.
const PADDING_FIRST: u8 = 0x01;
const PADDING_LAST: u8 = 0x80;

/// A word of the state of every lane.
type Word = [u64; LANES];

/// Keccak-256 of each message, in their order.
#[must_use]
pub fn hash_all<M: AsRef<[u8]>>(messages: &[M]) -> Vec<B256> {
    if LANES < LANES_MIN || messages.len() < LANES_MIN {
        return messages.iter().map(keccak256).collect();
    }
    let mut hashes = vec![B256::ZERO; messages.len()];
    let mut waiting = messages.iter().map(AsRef::as_ref).zip(&mut hashes);
    let mut lanes: [Option<Lane<'_>>; LANES] = array::from_fn(|_| waiting.next().map(Lane::new));
    let mut state = [[0; LANES]; STATE_WORDS];
    // All ones where a lane goes on with its message, zero where another message begins.
    let mut kept: Word = [0; LANES];
    while lanes.iter().any(Option::is_some) {
        let mut blocks = [[[0; 8]; RATE_WORDS]; LANES];
        for (lane, block) in lanes.iter_mut().zip(&mut blocks) {
            if let Some(lane) = lane {
                lane.take_block(block.as_flattened_mut());
            }
        }
        absorb(&mut state, &kept, &blocks);
        KeccakF.permute_mut(&mut state);
        for (index, lane) in lanes.iter_mut().enumerate() {
            let is_done = lane.as_ref().is_none_or(|lane| lane.is_done);
            kept[index] = if is_done { 0 } else { u64::MAX };
            if let Some(done) = lane.take_if(|lane| lane.is_done) {
                for (bytes, word) in done.hash.0.as_chunks_mut().0.iter_mut().zip(&state) {
                    *bytes = word[index].to_le_bytes();
                }
                *lane = waiting.next().map(Lane::new);
            }
        }
    }
    drop(waiting);
    hashes
}

/// A message that is being hashed.
struct Lane<'a> {
    rest: &'a [u8],
    hash: &'a mut B256,
    /// Whether the last block, which has the padding, was taken.
    is_done: bool,
}

impl<'a> Lane<'a> {
    const fn new((rest, hash): (&'a [u8], &'a mut B256)) -> Self {
        Self { rest, hash, is_done: false }
    }

    /// Moves the next block of the message to a block of zeros.
    fn take_block(&mut self, block: &mut [u8]) {
        if let Some((bytes, rest)) = self.rest.split_at_checked(RATE) {
            block.copy_from_slice(bytes);
            self.rest = rest;
            return;
        }
        block[..self.rest.len()].copy_from_slice(self.rest);
        block[self.rest.len()] ^= PADDING_FIRST;
        block[RATE - 1] ^= PADDING_LAST;
        self.is_done = true;
    }
}

/// Adds a block to the state of each lane, or to zeros where a message begins.
fn absorb(state: &mut [Word; STATE_WORDS], kept: &Word, blocks: &[[[u8; 8]; RATE_WORDS]; LANES]) {
    for (index, word) in state.iter_mut().enumerate() {
        *word = array::from_fn(|lane| {
            let added = blocks[lane].get(index).map_or(0, |bytes| u64::from_le_bytes(*bytes));
            word[lane] & kept[lane] ^ added
        });
    }
}

#[cfg(test)]
mod tests;
