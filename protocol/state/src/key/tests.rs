use std::cmp::Ordering;

use proptest::prelude::*;

use super::{Stem, TreeKey};
use crate::reference::key;

#[test]
fn a_key_is_its_stem_and_sub_index() {
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::try_from(index).unwrap();
    }
    let key = key(bytes);
    assert_eq!(key.stem().as_bytes()[..], bytes[..31]);
    assert_eq!(key.sub_index(), 31);
    assert_eq!(key.stem().with_sub_index(31), key);
    assert_eq!(key.as_bytes(), &bytes);
}

#[test]
fn bits_run_from_the_most_significant() {
    let mut bytes = [0; 31];
    bytes[0] = 0b1010_0000;
    bytes[30] = 0b0000_0001;
    let stem = Stem::new(bytes);
    let set: Vec<u8> = (0..=255).filter(|depth| stem.bit(*depth)).collect();
    assert_eq!(set, [0, 2, 247]);
}

#[test]
fn keys_sort_by_their_paths() {
    let low = Stem::new([0x7f; 31]).with_sub_index(255);
    let high = Stem::new([0x80; 31]).with_sub_index(0);
    assert!(low < high);
    assert!(TreeKey::from(alloy_primitives::B256::ZERO) < low);
}

proptest! {
    #[test]
    fn prefixes_agree_with_bits(a: [u8; 31], at in 0_u8..248, count in 0_u8..=248) {
        let a = Stem::new(a);
        let b = a.with_bit(at, !a.bit(at));
        prop_assert_ne!(a, b);
        prop_assert_eq!(b.with_bit(at, a.bit(at)), a);
        prop_assert!(a.shares_prefix(&a, count));
        prop_assert_eq!(a.shares_prefix(&b, count), count <= at);
    }
}

#[test]
fn a_key_has_the_stem_of_its_first_bytes() {
    let key = key([7; 32]);
    for sub_index in [0, 7, 255] {
        assert!(key.stem().with_sub_index(sub_index).has_stem(&key.stem()));
    }
    for at in 0..31 {
        let mut other = [7; 31];
        other[at] ^= 0x80;
        assert!(!key.has_stem(&Stem::new(other)), "byte {at}");
    }
}

/// The order is that of the bytes, whichever byte decides.
#[test]
fn keys_and_stems_are_ordered_as_bytes() {
    for at in 0..32 {
        let (mut low, mut high) = ([7; 32], [7; 32]);
        high[at] = 8;
        if at < 31 {
            (low[31], high[31]) = (9, 0);
        }
        let [low, high] = [low, high].map(key);
        assert_eq!(low.cmp(&high), Ordering::Less, "byte {at}");
        assert_eq!(high.cmp(&low), Ordering::Greater, "byte {at}");
        assert_eq!(low.stem() < high.stem(), at < 31, "byte {at}");
    }
}
