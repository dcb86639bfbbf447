use alloy_primitives::B256;
use proptest::prelude::*;

use super::{Group, ItemKind, Place, Unrevealed, low_bits};
use crate::{
    SoftwareBlake3, Stem,
    reference::{cases, group_root, value},
};

const STEM: Stem = Stem::new([9; 31]);

#[test]
fn places_form_a_complete_binary_tree() {
    assert_eq!([low_bits(0), low_bits(1), low_bits(7), low_bits(8)], [0, 1, 127, 255]);
    let (left, right) = Place::ROOT.children();
    assert_eq!((left.start, left.height, left.number()), (0, 7, 2));
    assert_eq!((right.start, right.height, right.number()), (128, 7, 3));
    let (_, last) = Place { start: 252, height: 2 }.children();
    assert_eq!((last.start, last.height, last.number()), (254, 1, 255));
}

/// Applies changes one by one, comparing value, root and item order with a dense array.
fn check(changes: &[(u8, u64)]) -> Result<(), TestCaseError> {
    let mut dense = [B256::ZERO; 256];
    let mut group = Group::new(STEM, 0);
    for (sub_index, number) in changes {
        let before = dense[usize::from(*sub_index)];
        prop_assert_eq!(group.get(*sub_index), Ok(Some(&before).filter(|value| !value.is_zero())));
        let changed = group.set(*sub_index, &value(*number));
        prop_assert_eq!(changed, Ok(before != value(*number)));
        dense[usize::from(*sub_index)] = value(*number);
        prop_assert_eq!(group.root::<SoftwareBlake3>(), group_root::<SoftwareBlake3>(&dense));
        prop_assert_eq!(group.is_empty(), dense.iter().all(|value| value.is_zero()));
    }
    prop_assert!(group.items().is_sorted_by(|a, b| a.start < b.start));
    Ok(())
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn roots_match_the_definition(
        changes in proptest::collection::vec((any::<u8>(), 0_u64..4), 0..60),
    ) {
        check(&changes)?;
    }

    #[test]
    fn small_groups_match_the_definition(
        changes in proptest::collection::vec((0_u8..7, 0_u64..3), 0..60),
    ) {
        check(&changes)?;
    }

    #[test]
    fn a_pruned_group_keeps_root_and_chosen_leaves(
        leaves in proptest::collection::btree_map(any::<u8>(), 1_u64..4, 1..40),
        chosen in proptest::collection::btree_set(any::<u8>(), 0..6),
    ) {
        let mut group = Group::new(STEM, 0);
        for (sub_index, number) in &leaves {
            group.set(*sub_index, &value(*number)).unwrap();
        }
        let root = group.root::<SoftwareBlake3>();
        let chosen: Vec<u8> = chosen.into_iter().collect();
        let mut pruned = group.pruned::<SoftwareBlake3>(&chosen).unwrap();
        prop_assert_eq!(pruned.root::<SoftwareBlake3>(), root);
        for sub_index in 0..=255 {
            let shown = pruned.get(sub_index);
            if chosen.contains(&sub_index) {
                prop_assert!(shown.is_ok());
            }
            let hidden = Err(Unrevealed { sub_index });
            prop_assert!(shown == group.get(sub_index) || shown == hidden);
        }
        let leaf_count = pruned.items().iter().filter(|i| i.kind == ItemKind::Leaf).count();
        prop_assert_eq!(leaf_count, chosen.iter().filter(|i| leaves.contains_key(i)).count());
        let mut both = (group, pruned.clone());
        for sub_index in chosen {
            both.0.set(sub_index, &value(9)).unwrap();
            both.1.set(sub_index, &value(9)).unwrap();
            prop_assert_eq!(both.0.root::<SoftwareBlake3>(), both.1.root::<SoftwareBlake3>());
        }
    }
}

#[test]
fn the_cache_keeps_only_what_the_path_leaves() {
    let mut group = Group::new(STEM, 0);
    for sub_index in 0..=255 {
        group.set(sub_index, &value(1)).unwrap();
    }
    group.root::<SoftwareBlake3>();
    let stale = |group: &Group| {
        group.cache.iter().flat_map(|cache| cache.iter()).filter(|entry| entry.1.is_zero()).count()
    };
    assert_eq!((group.cache.as_ref().unwrap().len(), stale(&group)), (255, 0));
    group.set(77, &value(2)).unwrap();
    assert_eq!(stale(&group), 8, "one node of each height");
}
