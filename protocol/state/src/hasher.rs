//! The hash function under the tree, and the hashes of the four kinds of node (ST-7, ST-8).

use alloy_primitives::B256;

use crate::key::Stem;

/// BLAKE3 key of leaf nodes.
pub const LEAF_KEY: &[u8; 32] = b"minster state tree: leaf node v1";
/// BLAKE3 key of the nodes inside a group of 256 leaves.
pub const GROUP_KEY: &[u8; 32] = b"minster state tree: pair node v1";
/// BLAKE3 key of stem nodes.
pub const STEM_KEY: &[u8; 32] = b"minster state tree: stem node v1";
/// BLAKE3 key of internal nodes.
pub const INTERNAL_KEY: &[u8; 32] = b"minster state tree: fork node v1";

/// All that the crate hashes with: BLAKE3 of one or two words, which is one compression.
///
/// Natively it is [`SoftwareBlake3`]; inside the zkVM, a precompile. Every implementation must
/// compute the same function: it decides roots and keys.
pub trait Blake3 {
    /// BLAKE3 of `left ‖ right`, or of `left` alone: 32 bytes of output, in keyed mode when there
    /// is a key.
    fn hash(key: Option<&[u8; 32]>, left: &B256, right: Option<&B256>) -> B256;
}

/// BLAKE3 as the processor computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftwareBlake3;

impl Blake3 for SoftwareBlake3 {
    fn hash(key: Option<&[u8; 32]>, left: &B256, right: Option<&B256>) -> B256 {
        match right {
            Some(right) => bytes_hash(key, &concat(left, right)),
            None => bytes_hash(key, left.as_slice()),
        }
    }
}

fn bytes_hash(key: Option<&[u8; 32]>, input: &[u8]) -> B256 {
    let hash = match key {
        Some(key) => blake3::keyed_hash(key, input),
        None => blake3::hash(input),
    };
    B256::new(*hash.as_bytes())
}

fn concat(left: &B256, right: &B256) -> [u8; 64] {
    let mut bytes = [0; 64];
    let (head, tail) = bytes.split_at_mut(32);
    head.copy_from_slice(left.as_slice());
    tail.copy_from_slice(right.as_slice());
    bytes
}

// One key per kind of node, so that no node passes for one of another kind. Nothing empty is ever
// hashed: an empty subtree stands as 32 zero bytes in its parent, and a node with two empty
// children does not exist. Inside a group the last bit of a hash says whether it is a leaf's, so
// that who sees nothing but the hash knows whether it moves up when it is left alone.

/// Hash of a leaf that holds `value`, which is not zero, at `sub_index`. It is odd.
pub(crate) fn leaf<H: Blake3>(sub_index: u8, value: &B256) -> B256 {
    let mut hash = H::hash(Some(LEAF_KEY), value, Some(&B256::with_last_byte(sub_index)));
    *last_mut(&mut hash) |= 1;
    hash
}

/// Hash of a node inside a group, which has two leaves or more. It is even.
pub(crate) fn group<H: Blake3>(left: &B256, right: &B256) -> B256 {
    let mut hash = H::hash(Some(GROUP_KEY), left, Some(right));
    *last_mut(&mut hash) &= !1;
    hash
}

/// Whether a hash inside a group is that of a leaf.
pub(crate) const fn is_leaf(hash: &B256) -> bool {
    let [.., last] = hash.0;
    last & 1 == 1
}

const fn last_mut(hash: &mut B256) -> &mut u8 {
    let [.., last] = &mut hash.0;
    last
}

/// Hash of a stem node over the root of its group.
pub(crate) fn stem<H: Blake3>(stem: &Stem, group_root: &B256) -> B256 {
    H::hash(Some(STEM_KEY), stem.as_word(), Some(group_root))
}

/// Hash of an internal node.
pub(crate) fn internal<H: Blake3>(left: &B256, right: &B256) -> B256 {
    H::hash(Some(INTERNAL_KEY), left, Some(right))
}
