use std::collections::HashSet;
use std::hash::{BuildHasher, Hash};

use proptest::prelude::*;

use super::fast::{FoldHasher, RandomState};

/// What a table of fixed names does: no length, words of the machine.
fn hash(state: &RandomState, words: &[u64]) -> u64 {
    let mut hasher: FoldHasher<'static> = state.build_hasher();
    words.iter().for_each(|word| word.hash(&mut hasher));
    std::hash::Hasher::finish(&hasher)
}

/// Different low bits of the hashes, of 2^16, where as many names are hashed.
fn places(names: impl Iterator<Item = [u64; 4]>) -> usize {
    let state = RandomState::default();
    names.take(1 << 16).map(|name| hash(&state, &name) & 0xffff).collect::<HashSet<_>>().len()
}

/// The original's seed where it has no other: a word that it multiplies by zero.
const KNOWN: u64 = 0xc0ac_29b7_c97c_50dd;

#[test]
fn chosen_names_are_spread_as_random_ones() {
    let families: [fn(u64) -> [u64; 4]; 8] = [
        |i| [i, 0, 0, 0],
        |i| [0, 0, 0, i],
        |i| [0, 0, 0, i << 48],
        |i| [i, i, i, i],
        |i| [i << 32, i, i << 32, i],
        |i| [KNOWN, KNOWN, i, i],
        |i| [i, KNOWN, i, KNOWN],
        |i| [u64::MAX - i, u64::MAX, i.wrapping_mul(KNOWN), 0],
    ];
    for (index, family) in families.into_iter().enumerate() {
        // 2^16 balls in as many bins leave e^-1 of them empty: 41,427 are filled, give or take 120.
        let filled = places((0..).map(family));
        // Numbers in a row may be spread better than that, never much worse.
        assert!(filled > 36_000, "family {index}: {filled}");
    }
}

#[test]
fn tables_of_one_process_have_different_orders() {
    let (one, other) = (RandomState::default(), RandomState::default());
    let same = (0..1_000).filter(|i| hash(&one, &[*i]) == hash(&other, &[*i])).count();
    assert_eq!(same, 0);
}

#[test]
fn long_names_go_into_the_hash_whole() {
    let state = RandomState::default();
    let name = [7; 100];
    let hashes: HashSet<u64> = (0..100)
        .map(|at| {
            let mut name = name;
            name[at] ^= 1 << 63;
            hash(&state, &name)
        })
        .chain([hash(&state, &name)])
        .collect();
    assert_eq!(hashes.len(), 101);
}

proptest! {
    #[test]
    fn bytes_are_hashed_as_the_words_that_they_are(
        words in prop::collection::vec(any::<u32>(), 0..80)
    ) {
        let state = RandomState::default();
        let (mut one, mut other) = (state.build_hasher(), state.build_hasher());
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        words.iter().for_each(|word| std::hash::Hasher::write_u32(&mut one, *word));
        std::hash::Hasher::write(&mut other, &bytes);
        prop_assert_eq!(std::hash::Hasher::finish(&one), std::hash::Hasher::finish(&other));
    }

    #[test]
    fn a_change_of_one_bit_is_another_hash(name in any::<[u64; 4]>(), bit in 0..256_usize) {
        let state = RandomState::default();
        let mut other = name;
        other[bit / 64] ^= 1 << (bit % 64);
        prop_assert_ne!(hash(&state, &name), hash(&state, &other));
    }
}
