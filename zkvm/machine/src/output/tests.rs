use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;

use super::OutputDigest;
use crate::F;
use crate::config::Digest;
use crate::tree::{Compressor, join};

/// The digest from its definition.
fn chain(blocks: &[(u32, u32)]) -> Digest {
    let mut digest = [F::ZERO; 8];
    for (word, bytes) in blocks {
        let mut block = [F::ZERO; 8];
        [block[0], block[1], block[2]] = [word & 0xffff, word >> 16, *bytes].map(F::from_u32);
        digest = Compressor::default().compress(join(&digest, &block));
    }
    digest
}

#[test]
fn digests_are_chains_of_words() {
    assert_eq!(OutputDigest::of(&[]), [F::ZERO; 8]);
    assert_eq!(OutputDigest::of(&[1]), chain(&[(1, 1)]));
    assert_eq!(OutputDigest::of(&[1, 2, 3]), chain(&[(0x0003_0201, 3)]));
    assert_eq!(OutputDigest::of(&[1, 2, 3, 0x84]), chain(&[(0x8403_0201, 4)]));
    assert_eq!(OutputDigest::of(&[0, 0, 0, 0, 5]), chain(&[(0, 4), (5, 1)]));
}

#[test]
fn trailing_zeros_count() {
    let digests: Vec<Digest> = (0..12).map(|length| OutputDigest::of(&vec![0; length])).collect();
    for (length, digest) in digests.iter().enumerate() {
        assert!(!digests[..length].contains(digest), "{length}");
    }
}

proptest! {
    #[test]
    fn outputs_that_differ_have_other_digests(
        left in prop::collection::vec(any::<u8>(), 0..20),
        right in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        prop_assert_eq!(OutputDigest::of(&left) == OutputDigest::of(&right), left == right);
    }

    #[test]
    fn a_bit_changes_the_digest(
        bytes in prop::collection::vec(any::<u8>(), 1..20),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= 1 << bit;
        prop_assert_ne!(OutputDigest::of(&bytes), OutputDigest::of(&changed));
    }

    /// Segments take over where the last one stopped.
    #[test]
    fn digests_grow(words in prop::collection::vec(any::<u32>(), 0..6), cut in 0..6_usize) {
        let mut digest = OutputDigest::default();
        let (first, rest) = words.split_at(cut.min(words.len()));
        first.iter().for_each(|word| digest.absorb(*word, 4));
        prop_assert_eq!(digest.digest(), chain(&blocks(first)));
        rest.iter().for_each(|word| digest.absorb(*word, 4));
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        prop_assert_eq!(digest.digest(), OutputDigest::of(&bytes));
    }
}

fn blocks(words: &[u32]) -> Vec<(u32, u32)> {
    words.iter().map(|word| (*word, 4)).collect()
}
