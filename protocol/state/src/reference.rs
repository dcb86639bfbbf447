//! The tree straight from its definition: slow, recursive, with no structure shared with the real
//! one. And the EIP's own groups and hash, for its reference roots.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use proptest::{prelude::*, sample};

use crate::{
    Blake3, SoftwareBlake3, Stem, TreeKey,
    hasher::{group, internal, leaf, stem},
};

/// A batch of leaves to set.
pub(crate) type Batch = Vec<(TreeKey, B256)>;

/// The hash of EIP-7864's draft, which knows no keys.
#[derive(Debug)]
pub(crate) struct Eip7864Hasher;

impl Blake3 for Eip7864Hasher {
    fn hash(_key: Option<&[u8; 32]>, left: &B256, right: Option<&B256>) -> B256 {
        SoftwareBlake3::hash(None, left, right)
    }
}

/// A map of leaves whose root is computed from nothing, every time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model(pub(crate) BTreeMap<TreeKey, B256>);

impl Model {
    pub(crate) fn apply(&mut self, batch: &[(TreeKey, B256)]) {
        for (key, value) in batch {
            if value.is_zero() {
                self.0.remove(key);
            } else {
                self.0.insert(*key, *value);
            }
        }
    }

    pub(crate) fn get(&self, key: &TreeKey) -> Option<B256> {
        self.0.get(key).copied()
    }

    pub(crate) fn root<H: Blake3>(&self) -> B256 {
        subtree_root::<H>(&self.groups(), 0, group_root::<H>)
    }

    /// The root by the EIP's rules for groups, under its hash.
    pub(crate) fn eip_root(&self) -> B256 {
        subtree_root::<Eip7864Hasher>(&self.groups(), 0, eip_group_root)
    }

    fn groups(&self) -> Vec<(Stem, [B256; 256])> {
        let mut groups: BTreeMap<Stem, [B256; 256]> = BTreeMap::new();
        for (key, value) in &self.0 {
            let group = groups.entry(key.stem()).or_insert([B256::ZERO; 256]);
            group[usize::from(key.sub_index())] = *value;
        }
        groups.into_iter().collect()
    }
}

fn subtree_root<H: Blake3>(
    groups: &[(Stem, [B256; 256])],
    depth: usize,
    group_root: fn(&[B256; 256]) -> B256,
) -> B256 {
    match groups {
        [] => B256::ZERO,
        [(only, values)] => stem::<H>(only, &group_root(values)),
        _ => {
            let is_right = |stem: &Stem| stem.as_bytes()[depth / 8] >> (7 - depth % 8) & 1 == 1;
            let (right, left): (Vec<_>, Vec<_>) =
                groups.iter().copied().partition(|(stem, _)| is_right(stem));
            let root_of = |half: &[_]| subtree_root::<H>(half, depth + 1, group_root);
            internal::<H>(&root_of(&left), &root_of(&right))
        }
    }
}

pub(crate) fn group_root<H: Blake3>(values: &[B256; 256]) -> B256 {
    let leaves: Vec<(u8, B256)> =
        (0..=255).zip(values.iter().copied()).filter(|(_, value)| !value.is_zero()).collect();
    part_root::<H>(&leaves, 0, 256)
}

/// The node of `size` places from `start` on, over the leaves in it.
fn part_root<H: Blake3>(leaves: &[(u8, B256)], start: usize, size: usize) -> B256 {
    match leaves {
        [] => B256::ZERO,
        [(sub_index, value)] => leaf::<H>(*sub_index, value),
        _ => {
            let (half, middle) = (size / 2, start + size / 2);
            let (left, right): (Vec<_>, Vec<_>) =
                leaves.iter().copied().partition(|(at, _)| usize::from(*at) < middle);
            let left = part_root::<H>(&left, start, half);
            group::<H>(&left, &part_root::<H>(&right, middle, half))
        }
    }
}

fn eip_group_root(values: &[B256; 256]) -> B256 {
    let hash = |left: &B256, right: Option<&B256>| Eip7864Hasher::hash(None, left, right);
    let place = |value: &B256| if value.is_zero() { B256::ZERO } else { hash(value, None) };
    let mut level: Vec<B256> = values.iter().map(place).collect();
    while level.len() > 1 {
        let node = |pair: &[B256]| match pair[0].is_zero() && pair[1].is_zero() {
            true => B256::ZERO,
            false => hash(&pair[0], Some(&pair[1])),
        };
        level = level.chunks(2).map(node).collect();
    }
    level[0]
}

/// This many cases, or as many as `PROPTEST_CASES` asks for.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(count)
    }
}

/// A key of these bytes.
pub(crate) fn key(bytes: [u8; 32]) -> TreeKey {
    TreeKey::from(B256::new(bytes))
}

/// A value that is this number.
pub(crate) fn value(number: u64) -> B256 {
    B256::left_padding_from(&number.to_be_bytes())
}

/// Stems that share prefixes of every length, in number few enough to meet again and again.
pub(crate) fn stems() -> impl Strategy<Value = Stem> {
    let flips = sample::select(vec![0_u8, 1, 2, 7, 8, 9, 63, 120, 245, 246, 247]);
    (sample::select(vec![0x00_u8, 0x55, 0xff]), flips, any::<bool>()).prop_map(
        |(fill, at, flip)| {
            let stem = Stem::new([fill; 31]);
            if flip { stem.with_bit(at, !stem.bit(at)) } else { stem }
        },
    )
}

/// Keys under [`stems`], mostly at the sub-indices that accounts use.
pub(crate) fn tree_keys() -> impl Strategy<Value = TreeKey> {
    let usual = sample::select(vec![0_u8, 1, 2, 3, 64, 65, 127, 128, 254, 255]);
    let sub_indices = prop_oneof![3 => usual, 1 => any::<u8>()];
    (stems(), sub_indices).prop_map(|(stem, sub_index)| stem.with_sub_index(sub_index))
}

/// Batches without duplicate keys, in any order; a third of the values delete.
pub(crate) fn batches(size: usize) -> impl Strategy<Value = Batch> {
    let values = prop_oneof![1 => Just(0_u64), 2 => 1_u64..5];
    proptest::collection::hash_map(tree_keys(), values, 0..size)
        .prop_map(|batch| batch.into_iter().map(|(key, number)| (key, value(number))).collect())
}
