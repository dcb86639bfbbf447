//! Random trees and batches; edited encodings.

use proptest::sample;

use super::*;

/// Stems that share prefixes of many lengths.
fn stems() -> impl Strategy<Value = Stem> {
    let fills = sample::select(vec![0x00_u8, 0x55, 0xaa, 0xff]);
    let flips = sample::select(vec![0_usize, 1, 2, 5, 8, 13, 100, 246, 247, 300]);
    (fills, flips, flips_low()).prop_map(|(fill, at, low)| {
        let mut bytes = [fill; 31];
        for bit in [at, low].into_iter().filter(|bit| *bit < 248) {
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
        Stem::new(bytes)
    })
}

fn flips_low() -> impl Strategy<Value = usize> {
    sample::select(vec![3_usize, 4, 247, 300])
}

fn tree_keys() -> impl Strategy<Value = TreeKey> {
    let usual = sample::select(vec![0_u8, 0, 0, 1, 1, 2, 3, 64, 65, 66, 255]);
    let sub_indices = prop_oneof![4 => usual, 1 => any::<u8>()];
    (stems(), sub_indices).prop_map(|(stem, sub_index)| stem.with_sub_index(sub_index))
}

/// Values of all forms, few enough for some to be equal or a round distance apart.
fn values() -> impl Strategy<Value = B256> {
    let powers = sample::select(vec![0_u32, 6, 10, 15, 18]);
    let round = (0_u64..5, powers).prop_map(|(multiple, power)| word(multiple * 10_u64.pow(power)));
    let accounts = (0_u64..4, 0_u128..1 << 70, 0_u32..3).prop_map(|(nonce, balance, code_size)| {
        BasicData { nonce, balance, code_size: code_size * 100 }.encode().unwrap()
    });
    let bits = (any::<[u8; 32]>(), 0_usize..256)
        .prop_map(|(bytes, shift)| B256::from(U256::from_be_bytes(bytes) >> shift));
    prop_oneof![2 => Just(B256::ZERO), 3 => round, 3 => accounts, 2 => bits,
        1 => sample::select(vec![B256::repeat_byte(0xff), B256::repeat_byte(0xee)])]
}

fn leaves(count: usize) -> impl Strategy<Value = Leaves> {
    proptest::collection::btree_map(tree_keys(), values(), 0..count)
}

fn byte_strings(count: usize) -> impl Strategy<Value = Vec<Bytes>> {
    let strings = proptest::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from);
    proptest::collection::vec(strings, 0..count)
}

/// A tree, and a batch that changes some of its leaves and some others.
pub(super) fn batches() -> impl Strategy<Value = (Tree, Pubdata)> {
    let choices = proptest::collection::vec((any::<sample::Index>(), values()), 0..12);
    let parts = (leaves(40), choices, leaves(16), byte_strings(4), byte_strings(4));
    parts.prop_map(|(old, choices, fresh, codes, messages)| {
        let mut updates = fresh;
        let existing: Vec<TreeKey> = old.keys().copied().collect();
        for (choice, value) in choices.iter().filter(|_| !existing.is_empty()) {
            updates.insert(*choice.get(&existing), *value);
        }
        let codes = sorted(codes);
        let code_leaves = updates.iter_mut().filter(|(key, _)| key.sub_index() == 1);
        for ((_, value), code) in code_leaves.zip(&codes) {
            *value = keccak256(code);
        }
        updates.extend(codes.iter().map(|code| mark(code)));
        let header = messages.first().cloned().unwrap_or_default();
        (tree_of(&old), Pubdata { updates, codes, messages, header })
    })
}

/// Whatever is accepted is the encoding of what it decodes to.
fn accepted_is_canonical(tree: &Tree, bytes: &[u8]) -> Option<Pubdata> {
    let decoded = decode(tree, bytes).ok()?;
    assert_eq!(decoded.encode(tree).unwrap(), bytes);
    let mut after = tree.clone();
    after.update(&list(&decoded.updates)).unwrap();
    Some(decoded)
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn batches_survive((tree, pubdata) in batches()) {
        round_trip(&tree, &pubdata);
    }

    #[test]
    fn edited_bytes_are_refused_or_canonical(
        (tree, pubdata) in batches(),
        edits in proptest::collection::vec((any::<sample::Index>(), any::<u8>(), 0_u8..3), 1..20),
    ) {
        let bytes = round_trip(&tree, &pubdata);
        for (index, byte, kind) in edits {
            let (mut edited, at) = (bytes.clone(), index.index(bytes.len()));
            match kind {
                0 => edited.insert(at, byte),
                1 => drop(edited.remove(at)),
                _ => edited[at] = byte,
            }
            accepted_is_canonical(&tree, &edited);
        }
    }

    /// Bytes that pass for a version and empty lists, and then anything.
    #[test]
    fn any_bytes_are_read_or_refused(
        old in leaves(20),
        rest in proptest::collection::vec(prop_oneof![any::<u8>(), 0_u8..4, 216_u8..240], 0..120),
    ) {
        let tree = tree_of(&old);
        accepted_is_canonical(&tree, &rest);
        accepted_is_canonical(&tree, &[&[1, 0, 0, 0], rest.as_slice()].concat());
    }
}

// Each case decodes hundreds of times.
proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn no_prefix_is_accepted((tree, pubdata) in batches()) {
        let bytes = round_trip(&tree, &pubdata);
        for end in 0..bytes.len() {
            prop_assert!(decode(&tree, &bytes[..end]).is_err());
        }
    }

    /// Whatever bit is flipped.
    #[test]
    fn other_bytes_are_another_batch((tree, pubdata) in batches()) {
        let mut bytes = round_trip(&tree, &pubdata);
        let original = decode(&tree, &bytes).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let other = accepted_is_canonical(&tree, &bytes);
            prop_assert!(other.is_none_or(|other| other != original));
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// This many cases, or as many as `PROPTEST_CASES` asks for.
fn cases(count: u32) -> ProptestConfig {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(count)
    }
}

/// A tree that does not show a leaf of the batch is no tree to encode on.
#[test]
fn a_witness_of_something_else_is_not_enough() {
    let (shown, hidden) = (stem(1).with_sub_index(0), stem(2).with_sub_index(0));
    let tree = tree_of(&Leaves::from([(shown, word(1)), (hidden, word(2))]));
    let partial: Tree = tree.witness(&[shown], &[]).unwrap().into_tree(tree.root()).unwrap();
    let updates = Leaves::from([(hidden, word(3))]);
    let missing = minster_state::TreeError::Missing { key: hidden };
    assert_eq!(encode(&partial, &list(&updates), &[], &[], &[]), Err(PubdataError::Tree(missing)));
    assert!(encode(&tree, &list(&updates), &[], &[], &[]).is_ok());
}
