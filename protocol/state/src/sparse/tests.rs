use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::B256;
use proptest::prelude::*;

use crate::{
    SoftwareBlake3, Tree, TreeError, TreeKey, Witness,
    group::{GROUP_HEIGHT, Group, Item, ItemKind, Place, low_bits},
    hasher,
    node::{Link, Node},
    reference::{Batch, Model, batches, cases, key, tree_keys, value},
};

fn tree_of(leaves: &[(TreeKey, B256)]) -> Tree {
    let mut tree = Tree::new();
    tree.update(leaves).unwrap();
    tree
}

/// A use of a tree: what is read, and the batches that follow each other.
#[derive(Debug, Clone)]
struct Use {
    reads: Vec<TreeKey>,
    batches: Vec<Batch>,
}

impl Use {
    fn keys(&self) -> impl Iterator<Item = TreeKey> {
        let written = self.batches.iter().flatten().map(|update| update.0);
        self.reads.iter().copied().chain(written)
    }

    /// Does all of it, and returns every value read and every root on the way.
    fn run(&self, mut tree: Tree) -> Result<Vec<Option<B256>>, TreeError> {
        let mut seen = Vec::new();
        for batch in &self.batches {
            for key in self.keys() {
                seen.push(tree.get(&key)?);
            }
            tree.update(batch)?;
            seen.push(Some(tree.root()));
        }
        for key in self.keys() {
            seen.push(tree.get(&key)?);
        }
        Ok(seen)
    }
}

fn uses() -> impl Strategy<Value = Use> {
    let reads = proptest::collection::vec(tree_keys(), 0..6);
    (reads, proptest::collection::vec(batches(10), 0..4))
        .prop_map(|(reads, batches)| Use { reads, batches })
}

/// The same under one stem and few sub-indices, so that leaves move up and down inside a group.
fn crowded(batch: Batch) -> Batch {
    let updates = batch.into_iter().map(|(key, value)| (crowded_key(key), value));
    updates.collect::<BTreeMap<_, _>>().into_iter().collect()
}

fn crowded_key(key: TreeKey) -> TreeKey {
    at(0).stem().with_sub_index(key.sub_index() & 0b1100_0011)
}

impl Use {
    fn crowded(self) -> Self {
        let reads = self.reads.into_iter().map(crowded_key).collect();
        Self { reads, batches: self.batches.into_iter().map(crowded).collect() }
    }
}

fn the_partial_tree_is_enough(
    leaves: &[(TreeKey, B256)],
    work: &Use,
    probes: Vec<TreeKey>,
) -> Result<(), TestCaseError> {
    let whole = tree_of(leaves);
    let witness = whole.witness_for(&work.reads, &work.batches).unwrap();
    prop_assert_eq!(&Witness::decode(&witness.encode()).unwrap(), &witness);
    let partial: Tree = witness.clone().into_tree(whole.root()).unwrap();
    prop_assert_eq!(work.run(partial.clone()), work.run(whole.clone()));

    // What it does not show it does not answer.
    for probe in probes {
        let answer = partial.get(&probe);
        let missing = Err(TreeError::Missing { key: probe });
        prop_assert!(answer == whole.get(&probe) || answer == missing);
    }
    // It is enough to make the very same witness again.
    prop_assert_eq!(partial.witness_for(&work.reads, &work.batches).unwrap(), witness);
    Ok(())
}

/// Hides each thing that a witness shows, one at a time: the work must then fail.
fn all_of_it_is_needed(leaves: &[(TreeKey, B256)], work: &Use) -> Result<(), TestCaseError> {
    let whole = tree_of(leaves);
    let witness = whole.witness_for(&work.reads, &work.batches).unwrap();
    let partial: Tree = witness.into_tree(whole.root()).unwrap();
    for number in 0_u32.. {
        let mut dimmed = partial.clone();
        let mut countdown = Some(number);
        hide(&mut dimmed.root, &mut countdown);
        if countdown.is_some() {
            break;
        }
        prop_assert_eq!(dimmed.root(), whole.root());
        prop_assert!(work.run(dimmed).is_err(), "item {} is not needed", number);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_partial_tree_does_all_that_the_whole_one_does(
        leaves in batches(40),
        work in uses(),
        probes in proptest::collection::vec(tree_keys(), 0..24),
    ) {
        the_partial_tree_is_enough(&leaves, &work, probes)?;
    }

    #[test]
    fn nothing_is_shown_without_need(leaves in batches(30), work in uses()) {
        all_of_it_is_needed(&leaves, &work)?;
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn inside_a_group_it_is_the_same(
        leaves in batches(8),
        work in uses(),
        probes in proptest::collection::vec(tree_keys(), 0..24),
    ) {
        let (leaves, work) = (crowded(leaves), work.crowded());
        let probes = probes.into_iter().map(crowded_key).collect();
        the_partial_tree_is_enough(&leaves, &work, probes)?;
        all_of_it_is_needed(&leaves, &work)?;
    }
}

/// Makes the `countdown`th shown node or leaf opaque; leaves `None` when it found it.
fn hide(link: &mut Link, countdown: &mut Option<u32>) {
    let found = |countdown: &mut Option<u32>| match countdown {
        Some(0) => {
            *countdown = None;
            true
        }
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    };
    match &mut link.node {
        Node::Empty | Node::Opaque => {}
        Node::Internal(node) => {
            if found(countdown) {
                *link = Link::opaque(link.hash);
                return;
            }
            let node = Arc::make_mut(node);
            hide(&mut node.left, countdown);
            hide(&mut node.right, countdown);
        }
        Node::Group(group) => {
            if found(countdown) {
                *link = Link::opaque(link.hash);
                return;
            }
            let mut items = group.items().to_vec();
            for number in 0..items.len() {
                if items[number].kind != ItemKind::Opaque && found(countdown) {
                    items[number] = hidden_leaf(&items, number);
                }
            }
            *group = Arc::new(Group::from_items(group.stem, items));
        }
    }
}

/// The leaf as it stands where it is not shown.
fn hidden_leaf(items: &[Item], number: usize) -> Item {
    let Item { start, bytes, .. } = items[number];
    let place = |height| Place { start: start & !low_bits(height), height };
    let meets = |item: &Item, height| {
        item.last() >= place(height).start && item.start <= start | low_bits(height)
    };
    let alone = |height: &u8| items.iter().filter(|item| meets(item, *height)).count() == 1;
    let height = (0..=GROUP_HEIGHT).rev().find(alone).unwrap();
    Item::opaque(place(height), hasher::leaf::<SoftwareBlake3>(start, &bytes))
}

/// Keys whose first byte alone differs.
fn at(first: u8) -> TreeKey {
    let mut bytes = [0; 32];
    bytes[0] = first;
    key(bytes)
}

#[test]
fn a_deletion_shows_the_kind_of_what_it_leaves_alone() {
    // 0x00 and 0x40 are siblings at depth 2; 0x80 stands on the other side of the root.
    let whole = tree_of(&[(at(0), value(1)), (at(0x40), value(2)), (at(0x80), value(3))]);
    let delete = vec![(at(0), B256::ZERO)];
    let overwrite = vec![(at(0), value(9))];
    let for_deletion = whole.witness(&[], &delete).unwrap();
    let for_overwrite = whole.witness(&[], &overwrite).unwrap();
    assert!(for_overwrite.as_bytes().len() < for_deletion.as_bytes().len());

    let mut lacking: Tree = for_overwrite.into_tree(whole.root()).unwrap();
    let stem = at(0).stem();
    assert_eq!(lacking.update(&delete), Err(TreeError::MissingSibling { stem, depth: 1 }));
    // Nothing can be had from a tree whose update failed, but its root is the old one.
    assert_eq!(lacking.root(), whole.root());
    assert_eq!(lacking.get(&at(0)), Err(TreeError::Missing { key: at(0) }));
    assert_eq!(lacking.update(&overwrite), Err(TreeError::Missing { key: at(0) }));

    let mut enough: Tree = for_deletion.into_tree(whole.root()).unwrap();
    enough.update(&delete).unwrap();
    assert_eq!(enough.root(), tree_of(&[(at(0x40), value(2)), (at(0x80), value(3))]).root());
}

#[test]
fn later_batches_see_what_earlier_ones_left_alone() {
    // The first batch removes one of four stems, the second its sibling: only then is the other
    // pair's kind needed. The third puts both back.
    let leaves: Batch = [0, 0x40, 0x80, 0xc0].iter().map(|first| (at(*first), value(1))).collect();
    let whole = tree_of(&leaves);
    let work = Use {
        reads: vec![],
        batches: vec![
            vec![(at(0), B256::ZERO)],
            vec![(at(0x40), B256::ZERO)],
            vec![(at(0x40), value(1)), (at(0), value(1))],
        ],
    };
    let witness = whole.witness_for(&work.reads, &work.batches).unwrap();
    let partial: Tree = witness.into_tree(whole.root()).unwrap();
    let seen = work.run(partial).unwrap();
    assert_eq!(seen, work.run(whole.clone()).unwrap());
    assert!(seen.contains(&Some(whole.root())));
}

#[test]
fn absence_is_proved_by_nothing_by_another_stem_and_by_a_gap() {
    let present = at(0).stem().with_sub_index(4);
    let other_sub_index = at(0).stem().with_sub_index(5);
    let other_stem = key([0x01; 32]);
    let leaves = [(present, value(1)), (at(0x80), value(2)), (at(0xc0), value(2))];
    let whole = tree_of(&leaves);
    // 0x80 and 0xc0 share one bit, so 0x00 is a lone stem: keys below 0x80 end in it. Below
    // 0xa0.. a second pair would leave an empty side.
    let paired = tree_of(&[(at(0x80), value(2)), (at(0x90), value(2))]);
    for (tree, absent) in [(&whole, other_sub_index), (&whole, other_stem), (&paired, at(0))] {
        let partial: Tree = tree.witness(&[absent], &[]).unwrap().into_tree(tree.root()).unwrap();
        assert_eq!(partial.get(&absent), Ok(None));
        assert_eq!(partial.leaves().count(), 0, "absence is proved without any leaf");
        assert!(partial.get(&at(0x80)).is_err());
    }
}

#[test]
fn a_partial_tree_cannot_show_what_it_does_not_know() {
    let leaves: Batch = [0, 0x40, 0x80, 0xc0].iter().map(|first| (at(*first), value(1))).collect();
    let whole = tree_of(&leaves);
    let partial: Tree = whole.witness(&[at(0)], &[]).unwrap().into_tree(whole.root()).unwrap();
    assert_eq!(partial.witness(&[at(0x80)], &[]), Err(TreeError::Missing { key: at(0x80) }));
    let deletion = [(at(0), B256::ZERO)];
    let stem = at(0).stem();
    let lacking = TreeError::MissingSibling { stem, depth: 1 };
    assert_eq!(partial.witness(&[], &deletion), Err(lacking));
}

#[test]
fn the_witness_of_a_model_block_is_small() {
    let mut model = Model::default();
    let keys: Vec<TreeKey> = (0..1000_u64)
        .map(|n| TreeKey::from(alloy_primitives::keccak256(n.to_be_bytes())))
        .collect();
    model.apply(&keys.iter().map(|key| (*key, value(1))).collect::<Batch>());
    let whole = tree_of(&model.0.into_iter().collect::<Batch>());
    let one = whole.witness(&keys[..1], &[]).unwrap().encode().len();
    // Ten siblings or so of 33 bytes, and a stem with one leaf.
    assert!((32 * 8..32 * 24).contains(&one), "{one}");
    let nothing = whole.witness(&[], &[]).unwrap();
    assert_eq!(nothing.encode().len(), 33, "the root alone");
    assert!(nothing.into_tree::<SoftwareBlake3>(whole.root()).is_ok());
}
