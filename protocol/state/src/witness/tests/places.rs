//! Where a leaf of a group stands, when it is hidden and when only its place is shown.

use alloy_primitives::B256;

use super::{Forged, accept, at, refused, refused_by_root};
use crate::{
    SoftwareBlake3, Tree, TreeError, WitnessError, hasher,
    reference::{Batch, value},
};

/// A tree of one stem with leaves at these sub-indices, and the same as a group to forge.
fn one_group(sub_indices: &[u8]) -> (Tree, Vec<(u8, u8, B256)>) {
    let items: Vec<_> = sub_indices.iter().zip(1..).map(|(at, n)| (*at, 0xff, value(n))).collect();
    let mut tree = Tree::new();
    let leaf = |(start, _, value): &(u8, u8, B256)| (at(0).with_sub_index(*start), *value);
    tree.update(&items.iter().map(leaf).collect::<Batch>()).unwrap();
    (tree, items)
}

/// A lone leaf has one hash at every height: nothing but the rules says where it is.
#[test]
fn a_hidden_leaf_that_could_be_elsewhere_is_refused_even_with_the_right_hash() {
    let hash = |start, number| hasher::leaf::<SoftwareBlake3>(start, &value(number));
    let (tree, items) = one_group(&[5]);
    for (start, form) in [(5, 0), (9, 0), (4, 1), (8, 2), (0, 7), (128, 7)] {
        let forged = Forged::Group(at(0), vec![(start, form, hash(5, 1))]);
        assert_eq!(forged.hash::<SoftwareBlake3>(), tree.root());
        refused(&forged, tree.root(), WitnessError::LeafTooLow { start });
    }
    let hidden = Forged::Group(at(0), vec![(0, 8, hash(5, 1))]);
    assert!(accept(&hidden.encode(), tree.root()).is_ok());
    for form in [0xfe, 0xff] {
        let moved = Forged::Group(at(0), vec![(6, form, items[0].2)]);
        refused_by_root(&moved, tree.root());
    }

    // Leaf 5 is alone in the lower half, beside leaf 130; so it is hidden as that half only.
    let (tree, items) = one_group(&[5, 130]);
    for (start, form, error) in [
        (0, 7, None),
        (5, 0, Some(WitnessError::LeafTooLow { start: 5 })),
        (64, 6, Some(WitnessError::LeafTooLow { start: 64 })),
    ] {
        let forged = Forged::Group(at(0), vec![(start, form, hash(5, 1)), items[1]]);
        assert_eq!(forged.hash::<SoftwareBlake3>(), tree.root());
        let result = accept(&forged.encode(), tree.root()).map(|tree| tree.root());
        assert_eq!(result, error.map_or(Ok(tree.root()), Err));
    }
    let later = Forged::Group(at(0), vec![items[0], (130, 0, hash(130, 2))]);
    refused(&later, tree.root(), WitnessError::LeafTooLow { start: 130 });
}

#[test]
fn a_place_is_shown_only_where_it_proves_something_absent() {
    let (tree, mut items) = one_group(&[4, 5]);
    items[1].1 = 0xfe;
    let forged = Forged::Group(at(0), items);
    assert_eq!(forged.hash::<SoftwareBlake3>(), tree.root());
    refused(&forged, tree.root(), WitnessError::Superfluous);

    let (tree, items) = one_group(&[4]);
    let absent = [7, 200].map(|sub_index| at(0).with_sub_index(sub_index));
    let witness = tree.witness(&absent, &[]).unwrap();
    let shown = Forged::Group(at(0), vec![(4, 0xfe, items[0].2)]);
    assert_eq!(shown.encode(), witness.as_bytes());
    let mut partial = accept(witness.as_bytes(), tree.root()).unwrap();
    assert_eq!(absent.map(|key| partial.get(&key)), [Ok(None), Ok(None)]);
    let key = at(0).with_sub_index(4);
    assert_eq!(partial.get(&key), Err(TreeError::Missing { key }));
    assert_eq!(partial.leaves().count(), 0);
    assert_eq!(partial.witness(&[key], &[]), Err(TreeError::Missing { key }));
    assert_eq!(partial.update(&[(key, value(9))]), Err(TreeError::Missing { key }));
}

/// Two hidden children may be passed by only beside what can vanish, and a place that shows no
/// value cannot.
#[test]
fn beside_a_shown_place_no_kind_is_shown() {
    let mut tree: Tree = Tree::new();
    let leaf = |first, sub_index, number| (at(first).with_sub_index(sub_index), value(number));
    tree.update(&[leaf(0, 4, 1), leaf(0x80, 0, 2), leaf(0xc0, 0, 3)]).unwrap();
    let hidden = |first, number| {
        let group = Forged::Group(at(first), vec![(0, 0xff, value(number))]);
        Forged::Opaque(group.hash::<SoftwareBlake3>())
    };
    let kind_only = Forged::internal(hidden(0x80, 2), hidden(0xc0, 3));
    for (form, result) in [(0xff, Ok(tree.root())), (0xfe, Err(WitnessError::Superfluous))] {
        let shown = Forged::Group(at(0), vec![(4, form, value(1))]);
        let forged = Forged::internal(shown, kind_only.clone());
        assert_eq!(forged.hash::<SoftwareBlake3>(), tree.root());
        assert_eq!(accept(&forged.encode(), tree.root()).map(|tree| tree.root()), result);
    }
}
