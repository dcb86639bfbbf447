use alloy_primitives::hex;
use proptest::{prelude::*, sample};
use serde_json::Value;

use super::PathsError;
use crate::{
    SoftwareBlake3, Stem, Tree, TreeError, TreeKey,
    reference::{batches, cases, stems, value},
};

fn tree_of(stems: &[Stem]) -> Tree {
    let leaves: Vec<_> = stems.iter().map(|stem| (stem.with_sub_index(0), value(1))).collect();
    let mut tree = Tree::new();
    tree.update(&leaves).unwrap();
    tree
}

/// The stem of these first bits, other bits zero.
fn stem(bits: u8) -> Stem {
    let mut bytes = [0; 31];
    bytes[0] = bits;
    Stem::new(bytes)
}

/// The `number`th stem of a fixed pseudo-random sequence.
fn random(number: u32) -> Stem {
    TreeKey::from(alloy_primitives::keccak256(number.to_be_bytes())).stem()
}

/// The example of the specification.
#[test]
fn an_example() {
    let all = [0x00, 0x40, 0x80, 0xc0, 0xe0].map(stem);
    let tree = tree_of(&all);
    let encode = |bits: &[u8]| {
        let stems: Vec<Stem> = bits.iter().copied().map(stem).collect();
        tree.encode_paths(&stems).unwrap()
    };
    for (bits, word) in [
        (&[][..], ""),
        (&[0x00], "1 0 0"),
        (&[0xe0], "1 1 1 1"),
        (&[0x00, 0x40], "010 11 0"),
        (&[0x40, 0x80], "010 0 1 0"),
        (&[0x40, 0xc0, 0xe0], "011 01 1 10 0"),
        (&[0x00, 0x40, 0x80, 0xc0, 0xe0], "00101 01 0 01 0"),
    ] {
        let (bytes, new) = encode(bits);
        let found: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
        let word = word.replace(' ', "");
        let width = word.len().next_multiple_of(8);
        assert_eq!(found, format!("{word:0<width$}"), "{bits:02x?}");
        assert_eq!(new, []);
    }
    // Neither an empty place, nor a place that another stem has.
    let (bytes, new) = encode(&[0x01, 0xe0, 0xff]);
    assert_eq!((bytes, new), (encode(&[0xe0]).0, vec![stem(0x01), stem(0xff)]));
}

/// Made by an implementation in another language, from the text of the specification.
#[test]
fn paths_match_the_vectors() {
    let text = include_str!("../../../../spec/vectors/state-tree/paths.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 13);
    let list = |list: &Value| -> Vec<Stem> {
        let text = |stem: &Value| hex::decode_to_array(stem.as_str().unwrap()).unwrap();
        list.as_array().unwrap().iter().map(|stem| Stem::new(text(stem))).collect()
    };
    for case in &cases {
        let tree = tree_of(&list(&case["stems"]));
        let named = list(&case["named"]);
        let bytes = hex::decode(case["paths"].as_str().unwrap()).unwrap();
        assert_eq!(tree.encode_paths(&named), Ok((bytes.clone(), vec![])), "{case}");
        assert_eq!(tree.decode_paths(&bytes), Ok(named), "{case}");
    }
}

#[test]
fn a_lone_stem_and_no_stem_differ() {
    let tree = tree_of(&[stem(7)]);
    assert_eq!(tree.encode_paths(&[]), Ok((vec![], vec![])));
    assert_eq!(tree.encode_paths(&[stem(7)]), Ok((vec![0x80], vec![])));
    assert_eq!(tree.decode_paths(&[]), Ok(vec![]));
    assert_eq!(tree.decode_paths(&[0x80]), Ok(vec![stem(7)]));
    assert_eq!(Tree::new().encode_paths(&[stem(7)]), Ok((vec![], vec![stem(7)])));
    assert_eq!(Tree::new().decode_paths(&[]), Ok(vec![]));
}

#[test]
fn what_is_never_written_is_refused() {
    let tree = tree_of(&[0x00, 0x40, 0x80, 0xc0, 0xe0].map(stem));
    for (bytes, error) in [
        (&[][..], None),
        (&[0b1000_0000], None),
        (&[0b0000_0001], Some(PathsError::Truncated)),
        (&[0; 8], Some(PathsError::TooMany)),
        // Two paths, both to the left and there both to the right.
        (&[0b0101_1100], Some(PathsError::NotSoMany { count: 2 })),
        (&[0b1000_0001], Some(PathsError::TrailingBits)),
        (&[0b1001_0000], Some(PathsError::TrailingBits)),
        (&[0b1000_0000, 0], Some(PathsError::TrailingBits)),
    ] {
        assert_eq!(tree.decode_paths(bytes).err(), error, "{bytes:02x?}");
    }
    let none = PathsError::NotSoMany { count: 1 };
    assert_eq!(Tree::new().decode_paths(&[0x80]), Err(none));
    let hidden: Tree = tree.witness(&[], &[]).unwrap().into_tree(tree.root()).unwrap();
    assert_eq!(hidden.decode_paths(&[0x80]), Err(PathsError::Missing));
    let missing = TreeError::Missing { key: stem(1).with_sub_index(0) };
    assert_eq!(hidden.encode_paths(&[stem(2), stem(1)]), Err(missing));
}

#[test]
fn paths_cost_little_more_than_the_choice_of_stems_does() {
    let all: Vec<Stem> = (0..100_000).map(random).collect();
    let tree = tree_of(&all);
    // The choice of k among n is log2(n / k) + 1.44 bits for each.
    for (touched, least, most) in [(100, 11.3, 12.3), (1000, 8.0, 9.0)] {
        let chosen: Vec<Stem> = (0..touched).map(|number| random(number * 97)).collect();
        let (bytes, new) = tree.encode_paths(&chosen).unwrap();
        let bits = 8.0 * bytes.len() as f64 / f64::from(touched);
        assert!((least..most).contains(&bits), "{bits} bits for each of {touched}");
        assert!(new.is_empty());
        let mut sorted = chosen;
        sorted.sort_unstable();
        assert_eq!(tree.decode_paths(&bytes), Ok(sorted));
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn paths_lead_to_their_stems(
        leaves in batches(40),
        asked in proptest::collection::vec(stems(), 0..24),
    ) {
        let mut tree = Tree::new();
        tree.update(&leaves).unwrap();
        let has = |stem: &Stem| tree.leaves().any(|(key, _)| key.stem() == *stem);
        let mut sorted = asked.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let (present, absent): (Vec<Stem>, Vec<Stem>) = sorted.iter().partition(|stem| has(stem));

        let (bytes, new) = tree.encode_paths(&asked).unwrap();
        prop_assert_eq!(&new, &absent);
        prop_assert_eq!(tree.decode_paths(&bytes), Ok(present));
        prop_assert_eq!(tree.encode_paths(&sorted).unwrap(), (bytes.clone(), new));
        // Never more than the bits of the stems and their number.
        prop_assert!(bytes.len() <= 31 * sorted.len() + 8);

        // The witness of a batch shows what its paths need, and nothing else is answered.
        let keys: Vec<TreeKey> = asked.iter().map(|stem| stem.with_sub_index(9)).collect();
        let witness = tree.witness(&keys, &[]).unwrap();
        let partial = witness.into_tree::<SoftwareBlake3>(tree.root()).unwrap();
        prop_assert_eq!(partial.encode_paths(&asked), tree.encode_paths(&asked));
        prop_assert_eq!(partial.decode_paths(&bytes), tree.decode_paths(&bytes));
        for (key, _) in &leaves {
            let answer = partial.encode_paths(&[key.stem()]);
            let missing = TreeError::Missing { key: key.stem().with_sub_index(0) };
            prop_assert!(answer == tree.encode_paths(&[key.stem()]) || answer == Err(missing));
        }
    }

    #[test]
    fn any_bytes_are_paths_of_one_set_or_refused(
        leaves in batches(60),
        asked in proptest::collection::vec(stems(), 0..24),
        edits in proptest::collection::vec((any::<sample::Index>(), 0..8_u32), 0..3),
        noise in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut tree = Tree::new();
        tree.update(&leaves).unwrap();
        let mut edited = tree.encode_paths(&asked).unwrap().0;
        for (index, bit) in edits {
            if !edited.is_empty() {
                let at = index.index(edited.len());
                edited[at] ^= 1 << bit;
            }
        }
        for bytes in [edited, noise] {
            if let Ok(stems) = tree.decode_paths(&bytes) {
                prop_assert!(stems.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(tree.encode_paths(&stems), Ok((bytes, vec![])));
            }
        }
    }
}
