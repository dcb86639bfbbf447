use alloy_trie::root::ordered_trie_root_encoded;
use proptest::prelude::*;

use super::*;

fn check(items: &[Vec<u8>]) {
    let root = ordered_root(items, |item, out| out.extend_from_slice(item));
    assert_eq!(root, ordered_trie_root_encoded(items), "{} items", items.len());
}

fn item(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 + seed * 17 + length) as u8).collect()
}

/// Around the counts at which keys get a byte more.
#[test]
fn is_the_root_for_any_count() {
    for count in (0..300).chain([65_535, 65_536, 65_537]) {
        check(&(0..count).map(|seed| item(40, seed)).collect::<Vec<_>>());
    }
}

/// Nodes that are shorter than a hash, items that are their own string, headers of any length.
#[test]
fn is_the_root_for_any_length() {
    for length in (0..80).chain([255, 256, 257, 70_000]) {
        for count in [1, 2, 17] {
            check(&(0..count).map(|seed| item(length, seed)).collect::<Vec<_>>());
        }
    }
    for byte in [0, 1, 0x7f, 0x80, 0xff] {
        check(&[vec![byte], vec![byte]]);
    }
}

proptest! {
    #[test]
    fn is_the_root_for_any_items(
        items in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..200),
    ) {
        check(&items);
    }
}
