//! Sorting: loads, stores and branches that follow the data.

use alloc::vec::Vec;

#[cfg(test)]
mod tests;

/// The input's little-endian words in ascending order. Bytes that make no whole word are left out.
pub fn run(input: &[u8]) -> Vec<u8> {
    let (words, _) = input.as_chunks::<4>();
    let mut words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    words.sort_unstable();
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}
