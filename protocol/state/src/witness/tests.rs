use std::time::{Duration, Instant};

use alloy_primitives::{B256, hex, keccak256};
use proptest::prelude::*;

use super::{Witness, WitnessError};
use crate::{
    Blake3, SoftwareBlake3, Stem, Tree, TreeError, TreeKey,
    group::{Group, Item, ItemKind, Place},
    hasher,
    node::{Link, Node},
    reference::{Batch, Eip7864Hasher, value},
};

mod places;
mod vectors;

/// A witness that can be anything.
#[derive(Debug, Clone)]
enum Forged {
    Empty,
    Opaque(B256),
    Internal(Box<Self>, Box<Self>),
    /// Items are start, form and bytes.
    Group(Stem, Vec<(u8, u8, B256)>),
}

impl Forged {
    fn of(link: &Link) -> Self {
        match &link.node {
            Node::Empty => Self::Empty,
            Node::Opaque => Self::Opaque(link.hash),
            Node::Internal(node) => Self::internal(Self::of(&node.left), Self::of(&node.right)),
            Node::Group(group) => {
                let form = |item: &Item| match item.kind {
                    ItemKind::Leaf => 0xff,
                    ItemKind::Neighbor => 0xfe,
                    ItemKind::Opaque => item.height,
                };
                let items = group.items().iter();
                Self::Group(
                    group.stem,
                    items.map(|item| (item.start, form(item), item.bytes)).collect(),
                )
            }
        }
    }

    fn internal(left: Self, right: Self) -> Self {
        Self::Internal(Box::new(left), Box::new(right))
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Empty => out.push(0),
            Self::Opaque(hash) => {
                out.push(1);
                out.extend(hash);
            }
            Self::Internal(left, right) => {
                out.push(2);
                left.write(out);
                right.write(out);
            }
            Self::Group(stem, items) => {
                out.push(3);
                out.extend(stem.as_bytes());
                out.push(u8::try_from(items.len() - 1).unwrap());
                for (start, form, bytes) in items {
                    out.extend([*start, *form]);
                    out.extend(bytes);
                }
            }
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// The hash it would have, were it taken at its word.
    fn hash<H: Blake3>(&self) -> B256 {
        match self {
            Self::Empty => B256::ZERO,
            Self::Opaque(hash) => *hash,
            Self::Internal(left, right) => {
                hasher::internal::<H>(&left.hash::<H>(), &right.hash::<H>())
            }
            Self::Group(stem, items) => {
                let item = |(start, form, bytes): &(u8, u8, B256)| match form {
                    0xfe | 0xff => Item::leaf(*start, *bytes),
                    _ => Item::opaque(Place { start: *start, height: *form }, *bytes),
                };
                let group = Group::from_items(*stem, items.iter().map(item).collect());
                Link::group::<H>(group).hash
            }
        }
    }

    fn children(&mut self) -> (&mut Self, &mut Self) {
        match self {
            Self::Internal(left, right) => (left, right),
            other => panic!("no internal node: {other:?}"),
        }
    }

    fn items(&mut self) -> &mut Vec<(u8, u8, B256)> {
        match self {
            Self::Group(_, items) => items,
            other => panic!("no group: {other:?}"),
        }
    }
}

fn accept(bytes: &[u8], root: B256) -> Result<Tree, WitnessError> {
    Witness::decode(bytes)?.into_tree(root)
}

#[track_caller]
fn refused(forged: &Forged, root: B256, error: WitnessError) {
    assert_eq!(accept(&forged.encode(), root).map(|tree| tree.root()), Err(error));
}

#[track_caller]
fn refused_by_root(forged: &Forged, root: B256) {
    match accept(&forged.encode(), root) {
        Err(WitnessError::RootMismatch { expected, found }) => {
            assert_eq!((expected, found), (root, forged.hash::<SoftwareBlake3>()));
        }
        other => panic!("{other:?}"),
    }
}

fn at(first: u8) -> Stem {
    let mut bytes = [0; 31];
    bytes[0] = first;
    Stem::new(bytes)
}

/// Five stems: 0x00 and 0x40 under one node, 0x80, 0xc0 and 0xe0 under the other. The first holds
/// leaves 0, 1, 2, 3, 64 and 200, the others one each.
fn leaves() -> Batch {
    let first = [0, 1, 2, 3, 64, 200].iter().map(|sub_index| at(0).with_sub_index(*sub_index));
    let others = [0x40, 0x80, 0xc0, 0xe0].iter().map(|first| at(*first).with_sub_index(0));
    first.chain(others).zip(1..).map(|(key, number)| (key, value(number))).collect()
}

fn whole() -> Tree {
    let mut tree = Tree::new();
    tree.update(&leaves()).unwrap();
    tree
}

/// The witness for leaf 1 of stem 0x00, ready to be forged: `((group 0x00, opaque), opaque)`.
/// The group shows, besides leaf 1: opaque leaf 0, opaque 2 to 3, opaque 64 to 127, and opaque 128
/// to 255.
fn honest() -> (Forged, B256) {
    let tree = whole();
    let witness = tree.witness(&[at(0).with_sub_index(1)], &[]).unwrap();
    let root = tree.root();
    let partial: Tree = witness.clone().into_tree(root).unwrap();
    let forged = Forged::of(&partial.root);
    assert_eq!(forged.encode(), witness.encode());
    assert_eq!(forged.hash::<SoftwareBlake3>(), root);
    (forged, root)
}

fn forge(edit: impl FnOnce(&mut Forged)) -> (Forged, B256) {
    let (mut forged, root) = honest();
    edit(&mut forged);
    (forged, root)
}

fn first_group(forged: &mut Forged) -> &mut Forged {
    forged.children().0.children().0
}

#[test]
fn altered_contents_are_refused() {
    let edits: [fn(&mut Forged); 5] = [
        |w| first_group(w).items()[1].2 = value(77),
        |w| first_group(w).items()[0].2 = value(77),
        |w| *w.children().1 = Forged::Opaque(value(77)),
        |w| first_group(w).items()[0].1 = 0xff,
        |w| *first_group(w) = Forged::Empty,
    ];
    for edit in edits {
        let (forged, root) = forge(edit);
        refused_by_root(&forged, root);
    }
    // Leaf 1, gone or elsewhere, leaves leaf 0 alone, which is unrevealed.
    for elsewhere in [None, Some(0x20)] {
        let (mut forged, root) = honest();
        let items = first_group(&mut forged).items();
        let leaf = items.remove(1);
        items.extend(elsewhere.map(|start| (start, leaf.1, leaf.2)));
        items.sort();
        refused(&forged, root, WitnessError::LeafTooLow { start: 0 });
    }
    let (forged, root) = honest();
    refused_by_root(&forged, keccak256(root));
}

#[test]
fn missing_and_surplus_nodes_are_refused() {
    let (forged, root) = honest();
    let bytes = forged.encode();
    for length in 0..bytes.len() {
        assert_eq!(Witness::decode(&bytes[..length]), Err(WitnessError::Truncated));
    }
    for surplus in [&[0][..], &bytes, &[1; 33]] {
        let longer = [&bytes, surplus].concat();
        let count = surplus.len();
        assert_eq!(Witness::decode(&longer), Err(WitnessError::TrailingBytes { count }));
    }
    assert!(accept(&bytes, root).is_ok());
}

#[test]
fn duplicates_are_refused() {
    let (forged, root) = forge(|w| *w.children().1 = first_group(w).clone());
    refused(&forged, root, WitnessError::StemOffPath { stem: at(0) });
    let (forged, root) = forge(|w| *w.children().0.children().1 = first_group(w).clone());
    refused(&forged, root, WitnessError::StemOffPath { stem: at(0) });
    let (forged, root) = forge(|w| {
        let item = first_group(w).items()[1];
        first_group(w).items().insert(1, item);
    });
    refused(&forged, root, WitnessError::ItemOutOfOrder { start: 1 });
}

#[test]
fn disorder_in_groups_is_refused() {
    let (forged, root) = forge(|w| first_group(w).items().swap(0, 1));
    refused(&forged, root, WitnessError::ItemOutOfOrder { start: 0 });
    let (forged, root) = forge(|w| first_group(w).items().insert(4, (70, 0xff, value(1))));
    refused(&forged, root, WitnessError::ItemOutOfOrder { start: 70 });
    let (forged, root) = forge(|w| first_group(w).items()[2].0 = 3);
    refused(&forged, root, WitnessError::ItemMisaligned { start: 3 });
    let (forged, root) = forge(|w| first_group(w).items()[4].1 = 8);
    refused(&forged, root, WitnessError::ItemMisaligned { start: 128 });
    let (forged, root) = forge(|w| first_group(w).items()[4].1 = 9);
    refused(&forged, root, WitnessError::UnknownItemForm { form: 9 });
    assert_eq!(Witness::decode(&[4]), Err(WitnessError::UnknownTag { tag: 4 }));
}

#[test]
fn zero_is_not_a_value_nor_a_hash() {
    for edit in [
        (|w| first_group(w).items()[1].2 = B256::ZERO) as fn(&mut Forged),
        |w| first_group(w).items()[0].2 = B256::ZERO,
        |w| *w.children().1 = Forged::Opaque(B256::ZERO),
    ] {
        let (forged, root) = forge(edit);
        refused(&forged, root, WitnessError::Zero);
    }
}

/// Each has the hash that is asked for: only its form is wrong.
#[test]
fn needless_internal_nodes_are_refused_even_with_the_right_hash() {
    let group = || Forged::Group(at(0), vec![(0, 0xff, value(1))]);
    let hidden = || Forged::Group(at(0x80), vec![(0, 8, value(1))]);
    for forged in [
        Forged::internal(group(), Forged::Empty),
        Forged::internal(Forged::Empty, hidden()),
        Forged::internal(Forged::Empty, Forged::Empty),
        Forged::internal(Forged::internal(Forged::Empty, Forged::Empty), hidden()),
    ] {
        refused(&forged, forged.hash::<SoftwareBlake3>(), WitnessError::NeedlessInternal);
    }
    // Beside another internal node an empty child is as it should be.
    let pair = Forged::internal(group(), Forged::Group(at(0x40), vec![(0, 0xff, value(1))]));
    let canonical = Forged::internal(pair, Forged::Empty);
    assert!(accept(&canonical.encode(), canonical.hash::<SoftwareBlake3>()).is_ok());
}

#[test]
fn a_stem_off_its_path_is_refused_even_with_the_right_hash() {
    let group = |first| Forged::Group(at(first), vec![(0, 0xff, value(1))]);
    for (left, right, stem) in [(0x80, 0xc0, 0x80), (0, 0x7f, 0x7f), (0xff, 0, 0xff)] {
        let forged = Forged::internal(group(left), group(right));
        let error = WitnessError::StemOffPath { stem: at(stem) };
        refused(&forged, forged.hash::<SoftwareBlake3>(), error);
    }
}

#[test]
fn depth_ends_where_stems_do() {
    let chain = |bottom: Forged, count: usize| {
        (0..count).fold(bottom, |below, _| Forged::internal(below, Forged::Empty))
    };
    let last = Stem::new([0; 31]).with_bit(247, true);
    let leaf = vec![(0, 0xff, value(1))];
    let pair =
        Forged::internal(Forged::Group(at(0), leaf.clone()), Forged::Group(last, leaf.clone()));
    let deepest = chain(pair.clone(), 247);
    assert!(accept(&deepest.encode(), deepest.hash::<SoftwareBlake3>()).is_ok());
    let deeper = chain(pair, 248);
    refused(&deeper, deeper.hash::<SoftwareBlake3>(), WitnessError::TooDeep);

    let count = 1_000_000;
    let endless = vec![2; count];
    assert_eq!(Witness::decode(&endless), Err(WitnessError::Truncated));
    let closed = [endless, vec![0; count + 1]].concat();
    assert_eq!(accept(&closed, B256::ZERO).unwrap_err(), WitnessError::TooDeep);
}

/// Each has the right hash: it shows more than it must.
#[test]
fn what_nothing_needs_is_refused() {
    let tree = whole();
    let root = tree.root();
    let Node::Internal(top) = &tree.root.node else { panic!("five stems") };
    let Node::Internal(right) = &top.right.node else { panic!("three stems") };
    let halves = |node: &crate::node::Internal| {
        Forged::internal(Forged::Opaque(node.left.hash), Forged::Opaque(node.right.hash))
    };
    // The sibling of a part that is not wholly shown, the top of a tree, and half a group.
    let (forged, _) = forge(|w| *w.children().1 = halves(right));
    assert_eq!(forged.hash::<SoftwareBlake3>(), root);
    refused(&forged, root, WitnessError::Superfluous);
    refused(&halves(top), root, WitnessError::Superfluous);

    let second_leaf = hasher::leaf::<SoftwareBlake3>(1, &value(2));
    let (forged, _) = forge(|w| first_group(w).items()[1] = (1, 0, second_leaf));
    assert_eq!(forged.hash::<SoftwareBlake3>(), root);
    refused(&forged, root, WitnessError::Superfluous);
}

#[test]
fn a_witness_for_another_use_is_refused() {
    let tree = whole();
    let read = |sub_index| at(0).with_sub_index(sub_index);
    let deletion = vec![vec![(at(0xc0).with_sub_index(0), B256::ZERO)]];
    let none: [Batch; 0] = [];
    let exact = tree.witness_for(&[read(1)], &deletion).unwrap();
    let accept = |witness: &Witness, reads: &[TreeKey], batches: &[Batch]| {
        let checked = witness.clone().into_tree_for(tree.root(), reads, batches);
        checked.map(|tree: Tree| tree.root())
    };
    assert_eq!(accept(&exact, &[read(1)], &deletion), Ok(tree.root()));
    assert_eq!(accept(&exact, &[read(1)], &none), Err(WitnessError::Superfluous));
    assert_eq!(accept(&exact, &[], &deletion), Err(WitnessError::Superfluous));
    let lacking = WitnessError::Insufficient(TreeError::Missing { key: read(2) });
    assert_eq!(accept(&exact, &[read(2)], &deletion), Err(lacking));
    let reading = tree.witness(&[read(1), deletion[0][0].0], &[]).unwrap();
    let stem = at(0xc0);
    let lacking = WitnessError::Insufficient(TreeError::MissingSibling { stem, depth: 2 });
    assert_eq!(accept(&reading, &[read(1)], &deletion), Err(lacking));
}

/// A tree whose root has a left child with a hash that ends in zero, as a stem node's input does.
fn confusable<H: Blake3>() -> (Tree<H>, Forged) {
    for number in 1.. {
        let mut tree = Tree::<H>::default();
        let (left, right) = (at(0).with_sub_index(0), at(0x80).with_sub_index(0));
        tree.update(&[(left, value(number)), (right, value(1))]).unwrap();
        let Node::Internal(node) = &tree.root.node else { panic!("two stems") };
        if node.left.hash[31] == 0 {
            let stem = TreeKey::from(node.left.hash).stem();
            let forged = Forged::Group(stem, vec![(0, 8, node.right.hash)]);
            return (tree, forged);
        }
    }
    unreachable!("one hash in 256 ends in zero")
}

/// Why node hashes are typed: under the EIP's draft hash an internal node passes for a stem node
/// and proves a present leaf absent.
#[test]
fn an_internal_node_passes_for_a_stem_only_under_the_untyped_hash() {
    let present = at(0).with_sub_index(0);
    let (tree, forged) = confusable::<Eip7864Hasher>();
    let lie = Witness::decode(&forged.encode()).unwrap().into_tree::<Eip7864Hasher>(tree.root());
    assert_eq!(lie.unwrap().get(&present), Ok(None));
    assert!(tree.get(&present).unwrap().is_some());

    let (tree, forged) = confusable::<SoftwareBlake3>();
    refused_by_root(&forged, tree.root());
}

/// Every node of a forged witness, shown as each other kind with the same bytes below it.
fn recast(forged: &Forged) -> Vec<Forged> {
    let mut all = vec![Forged::Empty];
    match forged {
        Forged::Empty => all.clear(),
        Forged::Opaque(hash) => {
            all.push(Forged::Group(TreeKey::from(*hash).stem(), vec![(0, 8, *hash)]));
        }
        Forged::Internal(left, right) => {
            let (l, r) = (left.hash::<SoftwareBlake3>(), right.hash::<SoftwareBlake3>());
            all.push(Forged::Group(TreeKey::from(l).stem(), vec![(0, 8, r)]));
            all.push(Forged::Group(at(0), vec![(0, 7, l), (128, 7, r)]));
            all.extend(
                recast(left).into_iter().map(|new| Forged::internal(new, (**right).clone())),
            );
            all.extend(
                recast(right).into_iter().map(|new| Forged::internal((**left).clone(), new)),
            );
        }
        Forged::Group(stem, items) => {
            let half = B256::from(stem.with_sub_index(0));
            all.extend(
                items
                    .iter()
                    .map(|item| Forged::internal(Forged::Opaque(half), Forged::Opaque(item.2))),
            );
            for (at, item) in items.iter().enumerate() {
                let forms = if item.1 == 0xff { vec![0, 0xfe] } else { vec![0xfe, 0xff] };
                all.extend(forms.into_iter().map(|form| {
                    let mut items = items.clone();
                    items[at].1 = form;
                    Forged::Group(*stem, items)
                }));
            }
        }
    }
    all
}

#[test]
fn a_node_shown_as_another_kind_is_refused() {
    let tree = whole();
    let reads: Vec<TreeKey> = leaves().iter().step_by(2).map(|leaf| leaf.0).collect();
    let partial: Tree = tree.witness(&reads, &[]).unwrap().into_tree(tree.root()).unwrap();
    let honest = Forged::of(&partial.root);
    let forgeries = recast(&honest);
    assert!(forgeries.len() > 20, "{}", forgeries.len());
    let mut views = 0;
    for forged in forgeries {
        if accept(&forged.encode(), tree.root()).is_ok() {
            assert!(shows_the_same_leaves(&forged.encode(), &honest.encode()), "{forged:?}");
            views += 1;
        }
    }
    // Stems 0x40 and 0xc0 have one leaf each, and leaf 64 of 0x00 is alone in its quarter.
    assert_eq!(views, 3);
    assert!(accept(&honest.encode(), tree.root()).is_ok());
}

/// Whether two witnesses are the same but for the leaves whose values they let a reader have: a
/// leaf that is alone has one hash, shown for its value or for its place.
fn shows_the_same_leaves(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| a == b || [0xfe, 0xff].contains(a) && *a ^ *b == 1)
}

/// A deterministic source of edits.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.roll(256)).unwrap()
    }

    fn edit(&mut self, bytes: &mut Vec<u8>) {
        let place = self.roll(bytes.len());
        let other = self.roll(bytes.len());
        match self.roll(6) {
            0 => bytes[place] = self.byte(),
            1 => bytes[place] ^= 1 << self.roll(8),
            2 => bytes.insert(place, self.byte()),
            3 => drop(bytes.drain(place..=place)),
            4 => bytes.swap(place, other),
            _ => {
                let (from, to) = (place.min(other), place.max(other));
                let copy = bytes[from..to].to_vec();
                let target = self.roll(bytes.len());
                bytes.splice(target..(target + copy.len()).min(bytes.len()), copy);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

#[test]
fn no_edited_witness_is_accepted() {
    const EDITS_MIN: u32 = 20_000;
    const BUDGET: Duration = Duration::from_secs(5);
    let tree = whole();
    let deletion = [(at(0xc0).with_sub_index(0), B256::ZERO)];
    let reads = [at(0).with_sub_index(1), at(0x90).with_sub_index(3)];
    let honest = tree.witness(&reads, &deletion).unwrap().encode();
    let mut dice = Dice(0x7864);
    let (start, mut edits) = (Instant::now(), 0);
    while edits < EDITS_MIN || (start.elapsed() < BUDGET && edits < 10 * EDITS_MIN) {
        let mut bytes = honest.clone();
        for _ in 0..=dice.roll(3) {
            dice.edit(&mut bytes);
        }
        if bytes != honest {
            assert!(
                accept(&bytes, tree.root()).is_err() || shows_the_same_leaves(&bytes, &honest),
                "accepted {}",
                hex::encode(bytes),
            );
            edits += 1;
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(0_u8..5, 0..200)) {
        if let Ok(witness) = Witness::decode(&bytes) {
            prop_assert_eq!(witness.as_bytes(), &bytes[..]);
            prop_assert!(witness.into_tree::<SoftwareBlake3>(keccak256(&bytes)).is_err());
        }
    }
}
