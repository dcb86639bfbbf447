use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes, U256, keccak256};
use minster_state::{BasicData, SoftwareBlake3, Stem, Tree, TreeKey, keys};
use proptest::prelude::*;

use super::{MESSAGE_COUNT_MAX, MESSAGE_SIZE_MAX, Pubdata, PubdataError, decode, encode};
use crate::PUBDATA_BYTES_MAX;

mod bounds;
mod limits;
mod properties;
mod vectors;
mod workloads;

type Leaves = BTreeMap<TreeKey, B256>;

fn tree_of(leaves: &Leaves) -> Tree {
    let mut tree = Tree::new();
    tree.update(&list(leaves)).unwrap();
    tree
}

fn list(leaves: &Leaves) -> Vec<(TreeKey, B256)> {
    leaves.iter().map(|(key, value)| (*key, *value)).collect()
}

fn word(number: u64) -> B256 {
    U256::from(number).into()
}

fn stem(byte: u8) -> Stem {
    Stem::new([byte; 31])
}

fn basic(nonce: u64, balance: u128) -> B256 {
    BasicData { nonce, balance, code_size: 0 }.encode().unwrap()
}

fn mark(code: &[u8]) -> (TreeKey, B256) {
    (keys::published_code_key::<SoftwareBlake3>(keccak256(code)), keys::PUBLISHED)
}

/// Codes in the order of their hashes.
fn sorted(mut codes: Vec<Bytes>) -> Vec<Bytes> {
    codes.sort_by_key(|code| keccak256(code));
    codes.dedup();
    codes
}

/// Encodes on the whole tree and on the witness of the batch, decodes, and applies.
fn round_trip(old: &Tree, pubdata: &Pubdata) -> Vec<u8> {
    let bytes = pubdata.encode(old).unwrap();
    let witness = old.witness_for(&[], &[list(&pubdata.updates)]).unwrap();
    let partial: Tree = witness.into_tree(old.root()).unwrap();
    assert_eq!(pubdata.encode(&partial).unwrap(), bytes);

    let decoded = decode(old, &bytes).unwrap();
    let changes = pubdata
        .updates
        .iter()
        .filter(|(key, new)| old.get(key).unwrap().unwrap_or_default() != **new);
    let expected: Leaves = changes.map(|(key, new)| (*key, *new)).collect();
    assert_eq!(decoded, Pubdata { updates: expected, ..pubdata.clone() });

    let (mut through, mut direct) = (old.clone(), old.clone());
    through.update(&list(&decoded.updates)).unwrap();
    direct.update(&list(&pubdata.updates)).unwrap();
    assert_eq!(through.root(), direct.root());
    bytes
}

/// The bytes of a diff behind its stems.
fn leaf_bytes(old: &[(TreeKey, B256)], new: &[(TreeKey, B256)]) -> Vec<u8> {
    let tree = tree_of(&old.iter().copied().collect());
    let updates = new.iter().copied().collect();
    let bytes = round_trip(&tree, &Pubdata { updates, ..Pubdata::default() });
    let (prefix, leaves) = bytes.split_at(bytes.len() - diff_size(&tree, &bytes));
    assert!(!prefix.is_empty());
    leaves.to_vec()
}

/// Bytes behind the stems in pubdata without header, codes and messages.
fn diff_size(tree: &Tree, bytes: &[u8]) -> usize {
    let mut reader = super::Reader::new(bytes);
    reader.bytes(4).unwrap();
    super::read_stems(&mut reader, tree).unwrap();
    reader.rest_size()
}

#[test]
fn nothing_is_a_version_and_six_zeros() {
    for leaves in [Leaves::new(), Leaves::from([(stem(1).with_sub_index(0), word(1))])] {
        let bytes = round_trip(&tree_of(&leaves), &Pubdata::default());
        assert_eq!(bytes, [1, 0, 0, 0, 0, 0]);
    }
}

/// Each leaf by itself, on a tree that holds another one.
#[test]
fn leaves_are_written_as_specified() {
    let account = stem(1).with_sub_index(0);
    let slot = stem(1).with_sub_index(9);
    let check = |key, old: B256, new: B256, expected: &[u8]| {
        assert_eq!(leaf_bytes(&[(key, old)], &[(key, new)]), expected, "{old} to {new}");
    };
    // Form * 24 + size code; a nonce that rises by one adds 72.
    check(account, basic(1, 500), basic(1, 507), &[1, 7]);
    check(account, basic(1, 5), basic(2, 1005), &[72 + 2, 0x03, 0xe8]);
    check(account, basic(1, 500), basic(2, 493), &[72 + 24 + 1, 7]);
    check(account, basic(1, 70_000), basic(1, 0), &[48]);
    check(account, basic(1, 5), basic(2, 5), &[72]);
    check(account, B256::ZERO, basic(0, 3_000_000_000_000_000), &[20, 3]);
    // General heads: last, nonce by two; then the value byte.
    check(account, basic(1, 5), basic(3, 5), &[222 + 6 + 2, 2, 0]);
    check(
        account,
        basic(3, 5),
        B256::ZERO,
        &[222 + 6 + 2, 253, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0x80],
    );
    check(slot, word(1000), word(999), &[144 + 24 + 1, 9, 1]);
    check(slot, word(1000), word(0), &[144 + 48, 9]);
    check(slot, word(0), word(256), &[144 + 2, 9, 1, 0]);
    let hash = B256::repeat_byte(0x5a);
    let mut full = vec![216 + 3 + 1, 9, 46];
    full.extend_from_slice(hash.as_slice());
    check(slot, word(0), hash, &full);
    // Not basic data: the version is not zero.
    let mut full = vec![216 + 3 + 1, 0, 46];
    full.extend_from_slice(hash.as_slice());
    check(account, word(0), hash, &full);
}

#[test]
fn neighbours_in_a_group_are_written_as_specified() {
    let at = |sub_index| stem(3).with_sub_index(sub_index);
    let old = [(at(7), word(7)), (at(8), word(8)), (at(9), word(9))];
    let new = [(at(7), word(8)), (at(8), word(9)), (at(9), word(10))];
    assert_eq!(leaf_bytes(&old, &new), [217, 7, 1, 1, 218, 1, 1, 145, 9, 1]);

    let hash = B256::repeat_byte(0x77);
    let deployed = BasicData { nonce: 1, balance: 0, code_size: 300 }.encode().unwrap();
    let mut expected = vec![222 + 3 + 1, 0xac, 2, 0, 219, 46];
    expected.extend_from_slice(hash.as_slice());
    assert_eq!(leaf_bytes(&[], &[(at(0), deployed), (at(1), hash)]), expected);
}

/// A new contract names its code by its place, and no mark is written.
#[test]
fn codes_are_named_by_their_place() {
    let codes = sorted((0_u8..3).map(|byte| Bytes::from(vec![byte; 2])).collect());
    let mut updates: Leaves = codes.iter().map(|code| mark(code)).collect();
    for (byte, code) in (0..).zip(&codes) {
        updates.insert(stem(byte).with_sub_index(1), keccak256(code));
    }
    let tree = Tree::new();
    let pubdata = Pubdata { updates, codes: codes.clone(), ..Pubdata::default() };
    let bytes = round_trip(&tree, &pubdata);
    assert!(
        bytes.ends_with(&[219, 0xc0, 219, 0xc1, 0, 219, 0xc1, 1][..])
            || bytes.ends_with(&[219, 0xc0, 219, 0xc1, 1, 219, 0xc1, 2])
    );
    // Version, no header, three codes, no messages, no path, three stems, eight bytes of leaves.
    assert_eq!(bytes.len(), 1 + 1 + 1 + 3 * 3 + 1 + 1 + 1 + 3 * 31 + 8);
}

#[test]
fn codes_must_be_sorted_and_first() {
    let codes = sorted(vec![Bytes::from_static(b"a"), Bytes::from_static(b"b")]);
    let updates: Leaves = codes.iter().map(|code| mark(code)).collect();
    let tree = Tree::new();
    let run = |tree: &Tree, updates: &Leaves, codes: &[Bytes]| {
        encode(tree, &list(updates), codes, &[], &[])
    };
    assert!(run(&tree, &updates, &codes).is_ok());
    let swapped = [codes[1].clone(), codes[0].clone()];
    assert_eq!(run(&tree, &updates, &swapped), Err(PubdataError::CodesOutOfOrder));
    let twice = [codes[0].clone(), codes[0].clone()];
    assert_eq!(run(&tree, &updates, &twice), Err(PubdataError::CodesOutOfOrder));
    let not_first = Err(PubdataError::CodeNotFirst { code_hash: keccak256(&codes[0]) });
    assert_eq!(run(&tree, &Leaves::new(), &codes), not_first);
    assert_eq!(run(&tree_of(&Leaves::from([mark(&codes[0])])), &updates, &codes), not_first);
}

#[test]
fn messages_at_the_limits_and_one_beyond() {
    let tree = Tree::new();
    let run = |messages: &[Bytes]| encode(&tree, &[], &[], messages, &[]);
    let largest = Bytes::from(vec![7; MESSAGE_SIZE_MAX]);
    let messages = vec![largest.clone(), largest];
    round_trip(&tree, &Pubdata { messages, ..Pubdata::default() });
    let size = MESSAGE_SIZE_MAX + 1;
    let beyond = Bytes::from(vec![7; size]);
    assert_eq!(run(&[beyond]), Err(PubdataError::MessageTooLarge { size }));
    let most = vec![Bytes::from_static(b"x"); MESSAGE_COUNT_MAX];
    round_trip(&tree, &Pubdata { messages: most.clone(), ..Pubdata::default() });
    let count = MESSAGE_COUNT_MAX + 1;
    assert_eq!(run(&vec![Bytes::new(); count]), Err(PubdataError::TooManyMessages { count }));
}

#[test]
fn size_at_the_limit_and_one_beyond() {
    let tree = Tree::new();
    // Six bytes of nothing; the length of the header takes two more than the one in them.
    let header = Bytes::from(vec![1; PUBDATA_BYTES_MAX - 8]);
    let bytes = round_trip(&tree, &Pubdata { header, ..Pubdata::default() });
    assert_eq!(bytes.len(), PUBDATA_BYTES_MAX);
    let size = PUBDATA_BYTES_MAX + 1;
    let beyond = encode(&tree, &[], &[], &[], &vec![1; PUBDATA_BYTES_MAX - 7]);
    assert_eq!(beyond, Err(PubdataError::TooLarge { size }));
    assert_eq!(decode(&tree, &vec![1; size]), Err(PubdataError::TooLarge { size }));
}

#[test]
fn counts_that_lie_cost_nothing() {
    let tree = Tree::new();
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for zeros in 0..5 {
        let mut bytes = vec![1];
        bytes.extend(vec![0; zeros]);
        bytes.extend(huge);
        assert_eq!(decode(&tree, &bytes), Err(PubdataError::Truncated), "{zeros}");
        bytes.extend(vec![0; 3000]);
        assert!(decode(&tree, &bytes).is_err(), "{zeros}");
    }
    assert_eq!(decode(&tree, &[2]), Err(PubdataError::UnknownVersion { version: 2 }));
    assert_eq!(decode(&tree, &[1, 0, 0, 0, 0, 0, 0]), Err(PubdataError::NotCanonical));
    assert_eq!(decode(&tree, &[1, 0x80, 0, 0, 0, 0, 0]), Err(PubdataError::NotCanonical));
}
