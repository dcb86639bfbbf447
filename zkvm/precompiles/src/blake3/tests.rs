use blake3::Hasher;
use blake3::hazmat::HasherExt;
use proptest::prelude::*;

use super::{IV, compress};
use crate::Block;

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;
const KEYED_HASH: u32 = 16;
const CHUNK_BYTES: usize = 1024;

fn words(bytes: &[u8]) -> Block {
    core::array::from_fn(|word| {
        let byte = |at: usize| u32::from(*bytes.get(4 * word + at).unwrap_or(&0));
        (0..4).map(|at| byte(at) << (8 * at)).sum()
    })
}

fn bytes(block: &Block) -> Vec<u8> {
    block.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The chaining value of a chunk, block by block.
fn chunk(key: Block, chunk: &[u8], counter: u64, flags: u32) -> Block {
    let mut value = key;
    let blocks: Vec<&[u8]> =
        if chunk.is_empty() { vec![chunk] } else { chunk.chunks(64).collect() };
    for (index, block) in blocks.iter().enumerate() {
        let start = if index == 0 { CHUNK_START } else { 0 };
        let is_last = index + 1 == blocks.len();
        let end = if is_last { CHUNK_END | (flags & ROOT) } else { 0 };
        let parameters = [
            counter as u32,
            (counter >> 32) as u32,
            block.len() as u32,
            start | end | (flags & !ROOT),
            // Words that count for nothing.
            index as u32,
            0xffff_ffff,
            counter as u32,
            1,
        ];
        let halves = [words(block), words(block.get(32..).unwrap_or_default())];
        compress(&mut value, [&halves[0], &halves[1]], &parameters);
    }
    value
}

/// The chaining value of a tree over an input: its left part has as many chunks as possible that
/// are a power of two.
fn tree(key: Block, input: &[u8], counter: u64, flags: u32) -> Block {
    if input.len() <= CHUNK_BYTES {
        return chunk(key, input, counter, flags);
    }
    let chunks = input.len().div_ceil(CHUNK_BYTES);
    let left = chunks.next_power_of_two() / 2;
    let (first, second) = input.split_at(left * CHUNK_BYTES);
    let first = tree(key, first, counter, flags & !ROOT);
    let second = tree(key, second, counter + left as u64, flags & !ROOT);
    let mut value = key;
    compress(&mut value, [&first, &second], &[0, 0, 64, PARENT | flags, 0, 0, 0, 0]);
    value
}

fn input(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// The lengths of the official test vectors.
#[test]
fn whole_hashes() {
    for length in [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2048, 2049, 3072,
        3073, 4096, 4097, 5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 16384, 31744, 102_400,
    ] {
        let input = input(length);
        let hash = tree(IV, &input, 0, ROOT);
        assert_eq!(bytes(&hash), blake3::hash(&input).as_bytes(), "{length}");
        let key = *b"whats the Elvish word for friend";
        let hash = tree(words(&key), &input, 0, ROOT | KEYED_HASH);
        assert_eq!(bytes(&hash), blake3::keyed_hash(&key, &input).as_bytes(), "{length}");
    }
}

/// The hash of nothing, from the official test vectors.
#[test]
fn the_hash_of_nothing() {
    assert_eq!(words(blake3::hash(&[]).as_bytes())[..2], [0xb949_13af, 0xa6a1_f9f5]);
    assert_eq!(tree(IV, &[], 0, ROOT)[..2], [0xb949_13af, 0xa6a1_f9f5]);
}

proptest! {
    /// Chunks far behind in an input, whose counter has an upper word.
    #[test]
    fn chunks_at_any_counter(
        key: [u8; 32],
        data in prop::collection::vec(any::<u8>(), 1..=CHUNK_BYTES),
        counter in 0_u64..1 << 54,
    ) {
        let mut hasher = Hasher::new_keyed(&key);
        hasher.set_input_offset(counter * CHUNK_BYTES as u64);
        let expected = hasher.update(&data).finalize_non_root();
        prop_assert_eq!(bytes(&chunk(words(&key), &data, counter, KEYED_HASH)), expected);
    }
}
