//! The hashes of the tree's four kinds of node.

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

/// How nodes are hashed.
///
/// Nothing empty is ever hashed: an empty subtree stands as 32 zero bytes in its parent, and a
/// node with two empty children does not exist.
pub trait NodeHasher {
    /// Hash of a leaf that holds `value`, which is not zero.
    fn leaf(value: &B256) -> B256;
    /// Hash of a node inside a group.
    fn group(left: &B256, right: &B256) -> B256;
    /// Hash of a stem node over the root of its group.
    fn stem(stem: &Stem, group_root: &B256) -> B256;
    /// Hash of an internal node.
    fn internal(left: &B256, right: &B256) -> B256;
}

/// BLAKE3 in keyed mode, one key per kind of node, so that no node passes for one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedBlake3;

impl NodeHasher for TypedBlake3 {
    fn leaf(value: &B256) -> B256 {
        keyed(LEAF_KEY, value.as_slice())
    }

    fn group(left: &B256, right: &B256) -> B256 {
        keyed(GROUP_KEY, &concat(left, right))
    }

    fn stem(stem: &Stem, group_root: &B256) -> B256 {
        keyed(STEM_KEY, &concat(&stem.with_sub_index(0).into(), group_root))
    }

    fn internal(left: &B256, right: &B256) -> B256 {
        keyed(INTERNAL_KEY, &concat(left, right))
    }
}

fn keyed(key: &[u8; 32], input: &[u8]) -> B256 {
    B256::new(*blake3::keyed_hash(key, input).as_bytes())
}

pub(crate) fn concat(left: &B256, right: &B256) -> [u8; 64] {
    let mut bytes = [0; 64];
    let (head, tail) = bytes.split_at_mut(32);
    head.copy_from_slice(left.as_slice());
    tail.copy_from_slice(right.as_slice());
    bytes
}
