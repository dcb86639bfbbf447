//! The memory tree: a Poseidon2 Merkle tree over all cells, sparse, with the same function for
//! leaves and nodes.
//!
//! A leaf is 8 neighbouring cells as 16 limbs; a node compresses the 16 elements of its children.
//! There are 2^27 leaves, so cells are below 2^30 and the root is at level 27. The depth is fixed
//! and a node's place is its level and index, so a leaf cannot be taken for a node. What a program
//! does not bring along is zero: the digest of an empty subtree depends on its level alone.

#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minster_emulator::{LEAF_WORDS, Leaf as LeafRecord, NODE_LEVELS};
use p3_field::PrimeCharacteristicRing;
use p3_symmetric::Permutation as _;

use crate::F;
use crate::config::{DIGEST_ELEMENTS, Digest, Permutation, permutation};

/// Cells of a leaf.
pub const LEAF_CELLS: u32 = LEAF_WORDS as u32;
/// Level of the root; leaves are at level 0.
pub const ROOT_LEVEL: u32 = 27;

const _: () = assert!(LEAF_CELLS == 8 && NODE_LEVELS == ROOT_LEVEL);

/// The two digests that a compression takes.
pub fn halves<T>(whole: [T; 2 * DIGEST_ELEMENTS]) -> ([T; DIGEST_ELEMENTS], [T; DIGEST_ELEMENTS]) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = whole;
    ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p])
}

/// The limbs of a leaf's words, low before high.
pub fn limbs(words: &[u32; LEAF_WORDS]) -> [F; 2 * LEAF_WORDS] {
    core::array::from_fn(|index| F::from_u32(words[index / 2] >> (16 * (index % 2)) & 0xffff))
}

/// The hash of the tree: Poseidon2 with its input's first half added to its output's.
#[derive(Clone, Debug)]
pub struct Compressor(Permutation);

impl Default for Compressor {
    fn default() -> Self {
        Self(permutation())
    }
}

impl Compressor {
    /// Compresses 16 elements.
    pub fn compress(&self, input: [F; 2 * DIGEST_ELEMENTS]) -> Digest {
        let output = self.0.permute(input);
        core::array::from_fn(|index| output[index] + input[index])
    }

    /// Compresses two digests.
    pub fn node(&self, left: &Digest, right: &Digest) -> Digest {
        self.compress(join(left, right))
    }
}

/// Two digests as one input.
pub fn join(left: &Digest, right: &Digest) -> [F; 2 * DIGEST_ELEMENTS] {
    core::array::from_fn(|index| match index.checked_sub(DIGEST_ELEMENTS) {
        None => left[index],
        Some(index) => right[index],
    })
}

/// A child of an updated node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Whether a touched leaf is below it, or is it.
    pub touched: bool,
    /// Digest before.
    pub before: Digest,
    /// Digest after.
    pub after: Digest,
}

/// An inner node above a touched leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeUpdate {
    /// Level, 1 to [`ROOT_LEVEL`].
    pub level: u32,
    /// Position in the level.
    pub index: u32,
    /// The children, left before right.
    pub children: [Child; 2],
    /// Digest before.
    pub before: Digest,
    /// Digest after.
    pub after: Digest,
}

/// What a segment does to the tree.
#[derive(Clone, Debug, Default)]
pub struct TreeUpdate {
    /// Root before.
    pub root_before: Digest,
    /// Root after.
    pub root_after: Digest,
    /// Digests of the touched leaves before and after, in the order of the leaves.
    pub leaves: Vec<[Digest; 2]>,
    /// The inner nodes, level by level from the leaves up.
    pub nodes: Vec<NodeUpdate>,
}

/// The tree, of which only what is not empty is kept.
#[derive(Clone, Debug)]
pub struct MemoryTree {
    compressor: Compressor,
    /// By level and index.
    levels: Vec<BTreeMap<u32, Digest>>,
    /// Digest of an empty subtree by level.
    empty: Vec<Digest>,
}

impl Default for MemoryTree {
    fn default() -> Self {
        let compressor = Compressor::default();
        let mut digest = compressor.compress(limbs(&[0; LEAF_WORDS]));
        let mut empty = Vec::new();
        for _ in 0..=ROOT_LEVEL {
            empty.push(digest);
            digest = compressor.node(&digest, &digest);
        }
        let levels = empty.iter().map(|_| BTreeMap::new()).collect();
        Self { compressor, levels, empty }
    }
}

impl MemoryTree {
    /// The tree of a memory of these words, by cell in increasing order; everything else is zero.
    pub fn new(words: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut leaves: Vec<(u32, [u32; LEAF_WORDS])> = Vec::new();
        for (cell, word) in words {
            let (index, place) = (cell / LEAF_CELLS, (cell % LEAF_CELLS) as usize);
            if leaves.last().is_none_or(|(last, _)| *last != index) {
                leaves.push((index, [0; LEAF_WORDS]));
            }
            if let Some((_, leaf)) = leaves.last_mut() {
                leaf[place] = word;
            }
        }
        let mut tree = Self::default();
        let digests: Vec<(u32, Digest)> = leaves
            .iter()
            .map(|(index, leaf)| (*index, tree.compressor.compress(limbs(leaf))))
            .collect();
        tree.replace(digests);
        tree
    }

    /// The root.
    pub fn root(&self) -> Digest {
        self.get(ROOT_LEVEL as usize, 0)
    }

    fn get(&self, level: usize, index: u32) -> Digest {
        self.levels[level].get(&index).copied().unwrap_or(self.empty[level])
    }

    /// Sets digests of leaves, in increasing order, and all nodes above them.
    fn replace(&mut self, leaves: Vec<(u32, Digest)>) {
        let mut indices: Vec<u32> = leaves.iter().map(|(index, _)| *index).collect();
        self.levels[0].extend(leaves);
        for level in 1..=ROOT_LEVEL as usize {
            indices.iter_mut().for_each(|index| *index /= 2);
            indices.dedup();
            for index in &indices {
                let left = self.get(level - 1, 2 * index);
                let right = self.get(level - 1, 2 * index + 1);
                let digest = self.compressor.node(&left, &right);
                self.levels[level].insert(*index, digest);
            }
        }
    }

    /// Takes a segment's leaves, in increasing order, from before to after.
    pub fn update(&mut self, leaves: &[LeafRecord]) -> TreeUpdate {
        let root_before = self.root();
        let digest = |words| self.compressor.compress(limbs(words));
        let digests: Vec<[Digest; 2]> = leaves
            .iter()
            .map(|leaf| {
                let before = digest(&leaf.before);
                [before, if leaf.before == leaf.after { before } else { digest(&leaf.after) }]
            })
            .collect();
        let mut touched: Vec<(u32, [Digest; 2])> =
            leaves.iter().map(|leaf| leaf.index).zip(digests.iter().copied()).collect();
        self.set(0, &touched);
        let mut nodes = Vec::new();
        for level in 1..=ROOT_LEVEL {
            let updates = self.level_updates(level, &touched);
            touched = updates.iter().map(|node| (node.index, [node.before, node.after])).collect();
            self.set(level as usize, &touched);
            nodes.extend(updates);
        }
        TreeUpdate { root_before, root_after: self.root(), leaves: digests, nodes }
    }

    fn set(&mut self, level: usize, digests: &[(u32, [Digest; 2])]) {
        self.levels[level].extend(digests.iter().map(|(index, [_, after])| (*index, *after)));
    }

    /// The updates of one level, from those of the level below.
    fn level_updates(&self, level: u32, below: &[(u32, [Digest; 2])]) -> Vec<NodeUpdate> {
        let mut updates = Vec::with_capacity(below.len());
        for siblings in below.chunk_by(|(left, _), (right, _)| left / 2 == right / 2) {
            let Some((first, _)) = siblings.first() else { continue };
            let index = first / 2;
            let children = [2 * index, 2 * index + 1].map(|child| {
                let found = siblings.iter().find(|(index, _)| *index == child);
                match found {
                    Some((_, [before, after])) => {
                        Child { touched: true, before: *before, after: *after }
                    }
                    None => {
                        let digest = self.get(level as usize - 1, child);
                        Child { touched: false, before: digest, after: digest }
                    }
                }
            });
            let [left, right] = &children;
            let before = self.compressor.node(&left.before, &right.before);
            let unchanged = left.before == left.after && right.before == right.after;
            let after = match unchanged {
                true => before,
                false => self.compressor.node(&left.after, &right.after),
            };
            updates.push(NodeUpdate { level, index, children, before, after });
        }
        updates
    }
}
