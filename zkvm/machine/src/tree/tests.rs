use alloc::collections::BTreeMap;

use minster_emulator::{LEAF_WORDS, Leaf as LeafRecord};
use p3_field::PrimeCharacteristicRing;
use p3_symmetric::Permutation as _;
use proptest::prelude::*;

use super::{LEAF_CELLS, MemoryTree, ROOT_LEVEL, TreeUpdate, limbs};
use crate::F;
use crate::access::{RAM_CELLS, REGISTER_CELL};
use crate::config::{Digest, permutation};

/// Memory as a map; a cell that is not in it is zero.
type Words = BTreeMap<u32, u32>;

const CELLS: u32 = 1 << 30;

/// The hash, from the permutation alone.
fn compress(left: Digest, right: Digest) -> Digest {
    let mut state = [F::ZERO; 16];
    state[..8].copy_from_slice(&left);
    state[8..].copy_from_slice(&right);
    let output = permutation().permute(state);
    core::array::from_fn(|index| output[index] + left[index])
}

/// A leaf from the definition: 8 words, low limbs before high ones.
fn leaf(words: &Words, index: u32) -> Digest {
    let mut state = [F::ZERO; 16];
    for (place, limbs) in (8 * index..8 * index + 8).zip(state.as_chunks_mut::<2>().0) {
        let word = words.get(&place).copied().unwrap_or_default();
        *limbs = [F::from_u32(word & 0xffff), F::from_u32(word >> 16)];
    }
    let (left, right) = super::halves(state);
    compress(left, right)
}

/// Every node below, one by one: no knowledge of what is empty.
fn dense(words: &Words, level: u32, index: u32) -> Digest {
    match level.checked_sub(1) {
        None => leaf(words, index),
        Some(below) => compress(dense(words, below, 2 * index), dense(words, below, 2 * index + 1)),
    }
}

/// The same from the definition, but a subtree without words is computed once per level.
fn sparse(words: &Words, empty: &[Digest], level: u32, index: u32) -> Digest {
    let first = u64::from(index) << (level + 3);
    let range = first as u32..(first + (1 << (level + 3))) as u32;
    match level.checked_sub(1) {
        _ if words.range(range).next().is_none() => empty[level as usize],
        None => leaf(words, index),
        Some(below) => {
            let child = |index| sparse(words, empty, below, index);
            compress(child(2 * index), child(2 * index + 1))
        }
    }
}

fn empty_digests() -> Vec<Digest> {
    let first = leaf(&Words::new(), 0);
    core::iter::successors(Some(first), |digest| Some(compress(*digest, *digest)))
        .take(ROOT_LEVEL as usize + 1)
        .collect()
}

fn root(words: &Words) -> Digest {
    sparse(words, &empty_digests(), ROOT_LEVEL, 0)
}

fn tree(words: &Words) -> MemoryTree {
    MemoryTree::new(words.iter().map(|(cell, word)| (*cell, *word)))
}

/// The leaves that lie between two memories, and some more that do not change.
fn records(before: &Words, after: &Words, more: &[u32]) -> Vec<LeafRecord> {
    let mut indices: Vec<u32> = before.keys().chain(after.keys()).map(|cell| cell / 8).collect();
    indices.extend(more);
    indices.sort_unstable();
    indices.dedup();
    let part = |words: &Words, index| {
        core::array::from_fn(|place| {
            words.get(&(8 * index + place as u32)).copied().unwrap_or_default()
        })
    };
    let record = |index| LeafRecord {
        index,
        before: part(before, index),
        after: part(after, index),
        starts: [0; LEAF_WORDS],
        stamps: [0; LEAF_WORDS],
    };
    indices.into_iter().map(record).collect()
}

/// What the node chip and the segment chip will demand of an update.
fn assert_consistent(update: &TreeUpdate, leaves: &[LeafRecord]) {
    let mut children: BTreeMap<(u32, u32), [Digest; 2]> =
        leaves.iter().zip(&update.leaves).map(|(leaf, pair)| ((0, leaf.index), *pair)).collect();
    for node in &update.nodes {
        let [left, right] = &node.children;
        assert_eq!(node.before, compress(left.before, right.before));
        assert_eq!(node.after, compress(left.after, right.after));
        for (side, child) in (0..).zip([left, right]) {
            let place = (node.level - 1, 2 * node.index + side);
            let below = children.remove(&place);
            assert_eq!(below, child.touched.then_some([child.before, child.after]), "{place:?}");
            assert!(child.touched || child.before == child.after, "{place:?}");
        }
        let again = children.insert((node.level, node.index), [node.before, node.after]);
        assert_eq!(again, None, "two nodes at one place");
    }
    let roots = [((ROOT_LEVEL, 0), [update.root_before, update.root_after])];
    assert_eq!(children, BTreeMap::from(roots));
}

fn cell() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..64_u32,
        0..CELLS,
        RAM_CELLS - 16..RAM_CELLS,
        REGISTER_CELL..REGISTER_CELL + 33,
        CELLS - 16..CELLS,
    ]
}

fn memory() -> impl Strategy<Value = Words> {
    prop::collection::btree_map(cell(), prop_oneof![Just(0), any::<u32>()], 0..12)
}

#[test]
fn small_trees_agree_with_every_node_computed() {
    let low: Words = (0..8 * 64_u32).map(|cell| (cell, cell.wrapping_mul(0x9e37_79b9))).collect();
    let few: Words = [(3, 7), (4, u32::MAX), (100, 1), (511, 0x8000_0000)].into();
    for words in [Words::new(), low, few] {
        let empty = empty_digests();
        let empty = &empty[6..ROOT_LEVEL as usize];
        let dense = dense(&words, 6, 0);
        let digest = empty.iter().fold(dense, |digest, empty| compress(digest, *empty));
        assert_eq!(tree(&words).root(), digest);
    }
    assert_eq!(dense(&Words::new(), 6, 5), empty_digests()[6]);
}

#[test]
fn every_place_counts() {
    let places = [0, 1, 7, 8, 9, 64, RAM_CELLS - 1, REGISTER_CELL, REGISTER_CELL + 1, CELLS - 1];
    let words = |cell| Words::from([(cell, 1)]);
    let mut roots: Vec<Digest> = places.map(|cell| tree(&words(cell)).root()).to_vec();
    roots.push(tree(&Words::from([(0, 1 << 16)])).root());
    roots.push(MemoryTree::default().root());
    for (index, root) in roots.iter().enumerate() {
        assert!(!roots[..index].contains(root), "{index}");
    }
}

#[test]
fn registers_are_the_leaves_after_those_of_ram() {
    assert_eq!(RAM_CELLS / LEAF_CELLS, 1 << 26);
    assert_eq!(REGISTER_CELL / LEAF_CELLS, 1 << 26);
    let update = tree(&Words::new()).update(&records(
        &Words::new(),
        &Words::from([(REGISTER_CELL + 5, 9)]),
        &[],
    ));
    let parent = update.nodes.first().expect("the path to the root");
    assert_eq!((parent.level, parent.index), (1, 1 << 25));
    assert_eq!(update.nodes.len(), ROOT_LEVEL as usize);
}

#[test]
fn nothing_touched_changes_nothing() {
    let words = Words::from([(5, 6), (REGISTER_CELL + 1, 2)]);
    let mut tree = tree(&words);
    let before = tree.root();
    let update = tree.update(&[]);
    assert_eq!((update.root_before, update.root_after), (before, before));
    assert!(update.nodes.is_empty() && update.leaves.is_empty());
    // A leaf that is read has its path, and the roots stay.
    let leaves = records(&words, &words, &[77]);
    let update = tree.update(&leaves);
    assert_consistent(&update, &leaves);
    assert_eq!((update.root_before, update.root_after, tree.root()), (before, before, before));
}

#[test]
fn limbs_are_low_before_high() {
    let limbs = limbs(&[0xabcd_1234, 1, 0, 0, 0, 0, 0, 0xffff_0000]);
    assert_eq!(limbs[..4], [0x1234, 0xabcd, 1, 0].map(F::from_u32));
    assert_eq!(limbs[14..], [0, 0xffff].map(F::from_u32));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn roots_agree_with_the_definition(words in memory()) {
        prop_assert_eq!(tree(&words).root(), root(&words));
    }

    #[test]
    fn zeros_need_not_be_written(words in memory()) {
        let mut dense = words.clone();
        dense.retain(|_, word| *word != 0);
        prop_assert_eq!(tree(&words).root(), tree(&dense).root());
    }

    #[test]
    fn updates_lead_from_root_to_root(
        before in memory(),
        after in memory(),
        more in prop::collection::vec(0..CELLS / 8, 0..3),
    ) {
        let leaves = records(&before, &after, &more);
        let mut tree = tree(&before);
        let update = tree.update(&leaves);
        if !leaves.is_empty() {
            assert_consistent(&update, &leaves);
        }
        prop_assert_eq!(update.root_before, root(&before));
        prop_assert_eq!(update.root_after, root(&after));
        prop_assert_eq!(tree.root(), root(&after));
        // And back, from the tree that the update left.
        let back = tree.update(&records(&after, &before, &[]));
        prop_assert_eq!((back.root_before, back.root_after), (root(&after), root(&before)));
    }

    #[test]
    fn a_lie_about_what_was_there_shows(words in memory(), at in cell(), word in any::<u32>()) {
        let mut claimed = words.clone();
        claimed.insert(at, word);
        prop_assume!(words.get(&at).copied().unwrap_or_default() != word);
        let update = tree(&words).update(&records(&claimed, &claimed, &[]));
        let top = update.nodes.last().expect("the path to the root");
        prop_assert_ne!(top.before, update.root_before);
    }
}
