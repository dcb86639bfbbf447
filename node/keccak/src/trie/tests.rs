use alloy_trie::root::ordered_trie_root_encoded;

use super::*;

fn check(items: &[Vec<u8>]) {
    let root = ordered_root(items.len(), |index, out| out.extend_from_slice(&items[index]));
    assert_eq!(root, ordered_trie_root_encoded(items), "{} items", items.len());
}

/// Items of different lengths up to a longest one.
fn items(count: usize, longest: usize) -> Vec<Vec<u8>> {
    let length = |index: usize| longest - index * 7 % longest.clamp(1, 40);
    (0..count).map(|index| vec![index as u8; length(index)]).collect()
}

#[test]
fn small_counts() {
    for count in 0..=300 {
        check(&items(count, 300));
    }
}

#[test]
fn short_items_stand_in_their_parents() {
    for longest in [1, 2, 26, 27, 28, 29, 30, 31, 32, 33] {
        for count in [1, 2, 3, 15, 16, 17, 18, 127, 128, 129, 130, 145, 256, 257] {
            check(&items(count, longest));
        }
    }
}

#[test]
fn keys_of_two_and_three_bytes() {
    for count in [1_000, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 66_000] {
        check(&items(count, 60));
    }
}

#[test]
fn every_item_is_encoded_once() {
    let mut asked = vec![0; 1_000];
    let _ = ordered_root(asked.len(), |index, out| {
        asked[index] += 1;
        out.push(1);
    });
    assert!(asked.iter().all(|count| *count == 1));
}
