use alloc::collections::BTreeMap;

use minster_emulator::{LEAF_WORDS, Leaf as LeafRecord};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use proptest::prelude::*;

use super::{Node, NodeRow};
use crate::F;
use crate::buses::{self, COMPRESSION, NODE};
use crate::checker::{Balance, Message, canonical, flatten, free_columns, report};
use crate::chips::leaf::{Leaf, LeafRow};
use crate::config::Digest;
use crate::lookups::LookupCounts;
use crate::tree::{Compressor, MemoryTree, ROOT_LEVEL, TreeUpdate, join};

/// The rows of the tree of a segment, and the roots that its public values say.
#[derive(Clone)]
struct Forest {
    leaves: Vec<LeafRow<F>>,
    nodes: Vec<NodeRow<F>>,
    roots: [Digest; 2],
}

const START: [(u32, u32); 5] = [(24, 7), (25, 8), (33, 1), (4_000_000, 5), (1 << 29 | 2, 9)];

/// Leaves 3 and 4 (neighbours, but no siblings), 6 and 7 (siblings), a far one and a register's.
const TOUCHED: [u32; 6] = [3, 4, 6, 7, 500_000, 1 << 26];

fn records(indices: &[u32]) -> Vec<LeafRecord> {
    let start = BTreeMap::from(START);
    let record = |index: u32| {
        let word = |at| start.get(&(8 * index + at)).copied().unwrap_or_default();
        let before: [u32; LEAF_WORDS] = core::array::from_fn(|at| word(at as u32));
        let mut after = before;
        after[1] ^= 0xdead_beef;
        let mut stamps = [0; LEAF_WORDS];
        stamps[1] = 4;
        LeafRecord { index, before, after, starts: [0; LEAF_WORDS], stamps }
    };
    indices.iter().map(|index| record(*index)).collect()
}

fn update(leaves: &[LeafRecord]) -> TreeUpdate {
    MemoryTree::new(START.into_iter()).update(leaves)
}

fn forest(indices: &[u32]) -> Forest {
    let leaves = records(indices);
    let update = update(&leaves);
    let pairs = leaves.iter().zip(&update.leaves);
    let fill = |(leaf, digests): (&LeafRecord, &[Digest; 2])| {
        Leaf::fill(leaf, *digests, &mut LookupCounts::default())
    };
    Forest {
        leaves: pairs.map(fill).collect(),
        nodes: update.nodes.iter().map(Node::fill).collect(),
        roots: [update.root_before, update.root_after],
    }
}

impl Forest {
    fn node(&mut self, level: u32, index: u32) -> &mut NodeRow<F> {
        let place = [level, index].map(F::from_u32);
        let found = self.nodes.iter_mut().find(|node| [node.level, node.index] == place);
        found.expect("a row at this place")
    }

    /// Computes the digests of the nodes anew, as a forger would.
    fn rehash(&mut self) {
        let hash = |left, right| Compressor::default().node(&left, &right);
        for node in &mut self.nodes {
            node.before = hash(node.left_before, node.right_before);
            node.after = hash(node.left_after, node.right_after);
        }
    }

    /// What stops this from being proved: ids of constraints, false compressions, and what is
    /// left on the node bus when the segment chip has received the root.
    fn faults(&self) -> Vec<String> {
        let leaves = self.leaves.iter().map(|row| report::<Leaf>(&flatten(*row)));
        let nodes = self.nodes.iter().map(|row| report::<Node>(&flatten(*row)));
        let [before, after] = self.roots;
        let root = buses::Node { level: F::from_u32(ROOT_LEVEL), index: F::ZERO, before, after };
        let mut balance = Balance::default();
        let mut faults = Vec::new();
        balance.add(&Message { bus: NODE.into(), tuple: canonical(&root.tuple()), count: -F::ONE });
        for report in leaves.chain(nodes) {
            faults.extend(report.unanswered().iter().map(|message| message.bus.clone()));
            for message in &report.messages {
                match message.bus.as_str() {
                    NODE => balance.add(message),
                    COMPRESSION if !is_compression(&message.tuple) => {
                        faults.push("false compression".into());
                    }
                    _ => {}
                }
            }
            faults.extend(report.violations.into_iter().map(String::from));
        }
        balance.settle();
        faults.extend(
            balance.0.into_keys().map(|(bus, tuple)| format!("{bus} {} {}", tuple[0], tuple[1])),
        );
        faults
    }
}

fn is_compression(tuple: &[u32]) -> bool {
    let cells: Vec<F> = tuple.iter().map(|cell| F::from_u32(*cell)).collect();
    let (input, output) = cells.split_first_chunk().expect("16 elements in");
    Compressor::default().compress(*input).as_slice() == output
}

/// A node of one child pair, whose place is anything.
fn phantom(level: F, index: F, child: Digest) -> NodeRow<F> {
    let digest = Compressor::default().node(&child, &child);
    NodeRow {
        real: F::ONE,
        level,
        index,
        left_before: child,
        right_before: child,
        left_after: child,
        right_after: child,
        before: digest,
        after: digest,
        ..NodeRow::default()
    }
}

fn digest(seed: u32) -> Digest {
    Compressor::default().compress([F::from_u32(seed); 16])
}

#[test]
fn honest_rows_hold() {
    let forest = forest(&TOUCHED);
    assert_eq!(forest.faults(), Vec::<String>::new());
    for row in &forest.nodes {
        let messages = report::<Node>(&flatten(*row)).messages;
        let touched = [row.left_touched, row.right_touched];
        let children = touched.iter().filter(|flag| **flag == F::ONE).count();
        assert_eq!(messages.len(), 3 + children);
    }
    assert!(report::<Node>(&flatten(NodeRow::<F>::default())).messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = forest(&TOUCHED).nodes.into_iter().map(flatten).collect();
    rows.push(flatten(NodeRow::default()));
    assert_eq!(free_columns::<Node>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    // Its left child is touched and its right child is not.
    let node = *forest(&TOUCHED).node(1, 250_000);
    assert_eq!([node.left_touched, node.right_touched], [F::ONE, F::ZERO]);
    let mirrored = NodeRow {
        left_touched: F::ZERO,
        right_touched: F::ONE,
        left_before: node.right_before,
        left_after: node.right_after,
        right_before: node.left_before,
        right_after: node.left_after,
        ..node
    };
    let padding = NodeRow::default();
    let forgeries = [
        ("NODE-1", NodeRow { real: F::TWO, ..node }),
        ("NODE-1", NodeRow { real: -F::ONE, ..padding }),
        ("NODE-2", NodeRow { left_touched: F::TWO, ..node }),
        ("NODE-3", NodeRow { right_touched: -F::ONE, ..node }),
        ("NODE-4", NodeRow { real: F::ZERO, ..node }),
        ("NODE-4", NodeRow { left_touched: F::ONE, ..padding }),
        ("NODE-5", NodeRow { right_touched: F::ONE, ..padding }),
        ("NODE-6", NodeRow { left_touched: F::ZERO, ..node }),
        ("NODE-7", NodeRow { right_touched: F::ZERO, ..mirrored }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Node>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// Soundness list 14: each element of a sibling that differs between the two roots.
#[test]
fn siblings_are_the_same_under_both_roots() {
    for element in 0..8 {
        let mut forged = forest(&[1000, 1003]);
        forged.node(1, 500).right_after[element] += F::ONE;
        forged.node(1, 501).left_after[element] += F::ONE;
        forged.rehash();
        let faults = forged.faults();
        assert!(
            faults.contains(&"NODE-6".into()) && faults.contains(&"NODE-7".into()),
            "{faults:?}"
        );
    }
}

/// Soundness lists 12 and 14: a leaf twice, with one path for both, or with one for each.
#[test]
fn a_leaf_is_there_once() {
    let honest = forest(&TOUCHED);
    let mut one_path = honest.clone();
    one_path.leaves.push(honest.leaves[0]);
    assert_eq!(one_path.faults(), ["node 0 3"]);
    let mut two_paths = one_path.clone();
    let path = honest
        .nodes
        .iter()
        .filter(|node| node.index == F::from_u32(3 >> node.level.as_canonical_u32()));
    two_paths.nodes.extend(path.copied());
    // The second root has nobody to take it, and the siblings on the way are missing twice.
    assert!(two_paths.faults().contains(&format!("node {ROOT_LEVEL} 0")));
    // The second as its own sibling: the left slot is the right one's for no field element.
    let mut both = honest.clone();
    both.leaves.push(honest.leaves[0]);
    both.node(1, 1).left_touched = F::ONE;
    assert!(!both.faults().is_empty());
}

/// Soundness list 13: a touched leaf left out.
#[test]
fn a_missing_leaf_or_node_leaves_the_bus_open() {
    let honest = forest(&TOUCHED);
    let mut forged = honest.clone();
    forged.leaves.remove(2);
    assert_eq!(forged.faults(), ["node 0 6"]);
    for missing in 0..honest.nodes.len() {
        let mut forged = honest.clone();
        forged.nodes.remove(missing);
        assert!(!forged.faults().is_empty(), "{missing}");
    }
}

/// The roots belong to the segment: others do not balance, nor the same ones exchanged.
#[test]
fn roots_are_bound() {
    let honest = forest(&TOUCHED);
    let [before, after] = honest.roots;
    for roots in [[after, before], [before, before], [after, after], [digest(1), after]] {
        let forged = Forest { roots, ..honest.clone() };
        assert_eq!(forged.faults().len(), 2);
    }
}

/// A path for a leaf at any field element, up to where the root should be. At every level the
/// child is on the left or on the right; both have a parent in the field.
fn path(index: F, sides: u32) -> F {
    (0..ROOT_LEVEL).fold(index, |index, level| (index - F::from_u32(sides >> level & 1)).halve())
}

/// Only a leaf below 2^27 has a way to index 0, and only one.
#[test]
fn paths_of_leaves_that_do_not_exist_miss_the_root() {
    assert_eq!(path(F::from_u32(500_000), 500_000), F::ZERO);
    assert_ne!(path(F::from_u32(500_000), 500_001), F::ZERO);
    // A leaf whose cells begin at 3 would overlap with two honest ones.
    let misaligned = F::from_u32(3) * F::from_u32(8).inverse();
    let beyond = F::from_u32(1 << 27);
    for index in [misaligned, beyond, beyond + F::from_u32(77), -F::ONE, F::TWO.inverse()] {
        let low = index.as_canonical_u32() & ((1 << ROOT_LEVEL) - 1);
        for sides in [low, !low, 0, u32::MAX] {
            assert_ne!(path(index, sides), F::ZERO, "{index} {sides}");
        }
    }
}

proptest! {
    #[test]
    fn one_way_leads_from_a_leaf_to_the_root(index in any::<u32>(), sides in 0..1_u32 << 27) {
        let index = F::from_u32(index);
        let is_way = index == F::from_u32(sides);
        prop_assert_eq!(path(index, sides) == F::ZERO, is_way);
    }
}

/// Levels that do not exist: a node in the place of an untouched leaf says that the leaf stays,
/// which is no more than leaving it out; anything else is left on the bus.
#[test]
fn rows_at_levels_that_do_not_exist_change_nothing() {
    let level = |level: u32| F::from_u32(level);
    let honest = forest(&[6]);
    let mut forged = honest.clone();
    let node = phantom(F::ZERO, F::from_u32(7), digest(4));
    forged.nodes.push(node);
    let parent = forged.node(1, 3);
    parent.right_touched = F::ONE;
    (parent.right_before, parent.right_after) = (node.before, node.after);
    let mut child = [node.before, node.after];
    // Its preimage is unknown in the honest tree, so the roots are others. They differ by leaf 6
    // alone, and the forger cannot claim the honest ones.
    for at in 1..=ROOT_LEVEL {
        let node = forged.node(at, 7 >> at);
        if at > 1 && 7 >> (at - 1) & 1 == 1 {
            (node.right_before, node.right_after) = (child[0], child[1]);
        } else if at > 1 {
            (node.left_before, node.left_after) = (child[0], child[1]);
        }
        node.before = Compressor::default().node(&node.left_before, &node.right_before);
        node.after = Compressor::default().node(&node.left_after, &node.right_after);
        child = [node.before, node.after];
    }
    assert_eq!(forged.faults().len(), 2, "the honest roots");
    forged.roots = child;
    assert_eq!(forged.faults(), Vec::<String>::new());

    // A change below needs somebody at level p - 1, and so on without an end.
    for at in [F::ZERO, -F::ONE, level(28), level(ROOT_LEVEL)] {
        let mut forged = honest.clone();
        let changed = NodeRow {
            left_touched: F::ONE,
            left_after: digest(5),
            ..phantom(at, F::ZERO, digest(4))
        };
        forged.nodes.push(changed);
        forged.rehash();
        assert_eq!(forged.faults().len(), 2, "{at}");
        let still = phantom(at, F::ZERO, digest(4));
        let mut forged = honest.clone();
        forged.nodes.push(still);
        assert_eq!(forged.faults().len(), 1, "{at}");
    }
}

/// A cycle on the bus would start memory out of nothing. A row sends one level above what it
/// receives, so a cycle is longer than any table.
#[test]
fn rows_send_above_what_they_receive() {
    for row in forest(&TOUCHED).nodes {
        let messages = report::<Node>(&flatten(row)).messages;
        for message in messages.iter().filter(|message| message.bus == NODE) {
            let is_sent = message.count == F::ONE;
            let expected = if is_sent { row.level } else { row.level - F::ONE };
            assert_eq!(message.tuple[0], expected.as_canonical_u32());
        }
    }
    // A row that would be its own child.
    let mut forged = forest(&TOUCHED);
    let node = phantom(F::from_u32(9), F::ZERO, digest(4));
    forged.nodes.push(NodeRow { left_touched: F::ONE, ..node });
    assert_eq!(forged.faults(), ["node 8 0", "node 9 0"]);
}

/// A node's children offered as the limbs of a leaf at its place, and a leaf as a node.
#[test]
fn leaves_and_nodes_are_not_confused() {
    let honest = forest(&[6]);
    let mut forged = honest.clone();
    let node = *forged.node(1, 3);
    let fake = LeafRow {
        index: F::from_u32(3),
        before: join(&node.left_before, &node.right_before),
        after: join(&node.left_after, &node.right_after),
        digest_before: node.before,
        digest_after: node.after,
        ..honest.leaves[0]
    };
    forged.leaves = vec![fake];
    forged.nodes.remove(0);
    let faults = forged.faults();
    // Its level is 0, where its parent wants level 1; and digests are no limbs.
    assert!(faults.contains(&"node 0 3".into()) && faults.contains(&"node 1 3".into()));
    assert!(faults.contains(&"range".into()), "{faults:?}");

    let mut forged = honest.clone();
    let leaf = honest.leaves[0];
    let (left_before, right_before) = crate::tree::halves(leaf.before);
    let (left_after, right_after) = crate::tree::halves(leaf.after);
    forged.leaves.clear();
    forged.nodes.push(NodeRow {
        real: F::ONE,
        level: F::ZERO,
        index: leaf.index,
        left_before,
        right_before,
        left_after,
        right_after,
        before: leaf.digest_before,
        after: leaf.digest_after,
        ..NodeRow::default()
    });
    // It balances, but may not change: both limbs of the changed word are children that differ.
    assert_eq!(forged.faults(), ["NODE-6", "NODE-6"]);
}

/// Digests that are no compressions have no answer.
#[test]
fn digests_are_compressions_of_the_children() {
    let mut forged = forest(&TOUCHED);
    forged.node(ROOT_LEVEL, 0).after = digest(1);
    forged.roots[1] = digest(1);
    assert_eq!(forged.faults(), ["false compression"]);
}
