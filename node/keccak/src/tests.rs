use proptest::prelude::*;

use super::*;

fn one_by_one(messages: &[Vec<u8>]) -> Vec<B256> {
    messages.iter().map(keccak256).collect()
}

fn message(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 + seed * 17 + length) as u8).collect()
}

#[test]
fn all_lengths_around_three_blocks() {
    let messages: Vec<_> = (0..3 * RATE + 2).map(|length| message(length, 0)).collect();
    assert_eq!(hash_all(&messages), one_by_one(&messages));
}

#[test]
fn all_counts_around_the_lanes() {
    for length in [0, 1, RATE - 1, RATE, 2 * RATE] {
        for count in 0..=2 * LANES + 1 {
            let messages: Vec<_> = (0..count).map(|seed| message(length, seed)).collect();
            assert_eq!(hash_all(&messages), one_by_one(&messages), "{count} of {length}");
        }
    }
}

proptest! {
    #[test]
    fn any_lengths_beside_each_other(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 0..80),
    ) {
        prop_assert_eq!(hash_all(&messages), one_by_one(&messages));
    }
}
