//! A stem's group: up to 256 leaves under a complete binary tree of height eight, in which a leaf
//! that is alone in its part moves up to where it is not.
//!
//! Kept sparse: a sorted list of items, each a leaf or, in a partial tree, an unrevealed subtree.
//! What no item covers is empty. Larger groups keep the hashes of their inner nodes, so that a
//! changed leaf costs its path only.
//!
//! An unrevealed subtree is either two leaves or more, or one: its hash says which. One leaf keeps
//! its hash wherever it stands, so what stands beside it may come and go while it is unrevealed.

use alloc::{boxed::Box, vec::Vec};

use alloy_primitives::B256;

use crate::{
    hasher::{self, Blake3},
    key::Stem,
};

/// Height of a whole group.
pub(crate) const GROUP_HEIGHT: u8 = 8;

/// Groups up to this many items are hashed from scratch.
const UNCACHED_ITEMS_MAX: usize = 4;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemKind {
    /// A leaf; the item holds its value.
    Leaf,
    /// A leaf that is alone in a part of the group, and shown only because its place proves other
    /// leaves absent; the item holds its value, which the tree does not answer with.
    Neighbor,
    /// An unrevealed, non-empty subtree of this height (0 to 8); the item holds its hash.
    Opaque,
}

/// A leaf or an unrevealed subtree. In whole words, which are copied faster than bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(4))]
pub(crate) struct Item {
    /// Value or hash; never zero.
    pub(crate) bytes: B256,
    /// First sub-index that the item covers.
    pub(crate) start: u8,
    /// The item covers 2^height sub-indices; zero for leaves.
    pub(crate) height: u8,
    pub(crate) kind: ItemKind,
}

impl Item {
    /// The leaf at `start`.
    pub(crate) const fn leaf(start: u8, value: B256) -> Self {
        Self { bytes: value, start, height: 0, kind: ItemKind::Leaf }
    }

    /// The unrevealed subtree at `place`.
    pub(crate) const fn opaque(place: Place, hash: B256) -> Self {
        Self { bytes: hash, start: place.start, height: place.height, kind: ItemKind::Opaque }
    }

    /// The last sub-index that the item covers.
    pub(crate) fn last(&self) -> u8 {
        self.start | low_bits(self.height)
    }

    /// Whether this is one leaf of which neither value nor place is shown.
    pub(crate) fn hides_leaf(&self) -> bool {
        self.kind == ItemKind::Opaque && hasher::is_leaf(&self.bytes)
    }

    /// Hash of the node at `place`, if the item is all there is in it and decides that alone.
    fn hash_alone<H: Blake3>(&self, place: Place) -> Option<B256> {
        match self.kind {
            ItemKind::Leaf | ItemKind::Neighbor => Some(hasher::leaf::<H>(self.start, &self.bytes)),
            ItemKind::Opaque if self.covers(place) || self.hides_leaf() => Some(self.bytes),
            ItemKind::Opaque => None,
        }
    }

    const fn covers(&self, place: Place) -> bool {
        self.height >= place.height
    }
}

/// 2^height - 1, for heights up to eight.
pub(crate) fn low_bits(height: u8) -> u8 {
    0xff_u8.checked_shr(u32::from(GROUP_HEIGHT.saturating_sub(height))).unwrap_or(0)
}

/// A node of the group's complete binary tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) start: u8,
    pub(crate) height: u8,
}

impl Place {
    pub(crate) const ROOT: Self = Self { start: 0, height: GROUP_HEIGHT };

    /// Both children; of a leaf, the leaf itself.
    fn children(self) -> (Self, Self) {
        let height = self.height.saturating_sub(1);
        let middle = self.start | (low_bits(self.height) ^ low_bits(height));
        (Self { start: self.start, height }, Self { start: middle, height })
    }

    /// Number of the node in level order, the root being 1. Heights above zero only.
    fn number(self) -> u8 {
        let first = 0x100_u16 | u16::from(self.start);
        u8::try_from(first.wrapping_shr(u32::from(self.height))).unwrap_or(0)
    }
}

/// Hashes of inner nodes, by their number; zero where the hash is out of date.
type Cache = Vec<(u8, B256)>;

/// The leaves of one stem. Never empty inside a tree.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) stem: Stem,
    items: Vec<Item>,
    cache: Option<Box<Cache>>,
}

/// An unrevealed part of the group was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unrevealed {
    pub(crate) sub_index: u8,
}

impl Group {
    pub(crate) fn new(stem: Stem, capacity: usize) -> Self {
        Self { stem, items: Vec::with_capacity(capacity), cache: None }
    }

    /// A group of items that the caller knows to be sorted, aligned, disjoint and not zero.
    pub(crate) const fn from_items(stem: Stem, items: Vec<Item>) -> Self {
        Self { stem, items, cache: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether some of the group is unrevealed.
    pub(crate) fn shows_opaque(&self) -> bool {
        self.items.iter().any(|item| item.kind != ItemKind::Leaf)
    }

    /// The value of a leaf, `None` when absent.
    pub(crate) fn get(&self, sub_index: u8) -> Result<Option<&B256>, Unrevealed> {
        Ok(self.find(sub_index)?.1.map(|item| &item.bytes))
    }

    /// Sets a leaf, or deletes it when the value is zero. Says whether anything changed.
    pub(crate) fn set(&mut self, sub_index: u8, value: &B256) -> Result<bool, Unrevealed> {
        let (position, present) = self.find(sub_index)?;
        if present.map_or(&B256::ZERO, |item| &item.bytes) == value {
            return Ok(false);
        }
        match (present.is_some(), value.is_zero()) {
            (true, true) => {
                self.items.remove(position);
            }
            (true, false) => {
                if let Some(item) = self.items.get_mut(position) {
                    item.bytes = *value;
                }
            }
            (false, _) => {
                // One by one: most groups hold a leaf or two for good.
                self.items.reserve_exact(1);
                self.items.insert(position, Item::leaf(sub_index, *value));
            }
        }
        self.forget_path(sub_index);
        Ok(true)
    }

    /// The leaf at a sub-index and its position among the items, or where it would be inserted.
    fn find(&self, sub_index: u8) -> Result<(usize, Option<&Item>), Unrevealed> {
        let position = self.items.partition_point(|item| item.last() < sub_index);
        match self.items.get(position).filter(|item| item.start <= sub_index) {
            Some(item) if item.kind == ItemKind::Leaf => Ok((position, Some(item))),
            Some(_) => Err(Unrevealed { sub_index }),
            None => Ok((position, None)),
        }
    }

    fn forget_path(&mut self, sub_index: u8) {
        let Some(cache) = &mut self.cache else { return };
        for height in 1..=GROUP_HEIGHT {
            let number = Place { start: sub_index, height }.number();
            if let Ok(at) = cache.binary_search_by_key(&number, |entry| entry.0)
                && let Some(entry) = cache.get_mut(at)
            {
                entry.1 = B256::ZERO;
            }
        }
    }

    /// The hash of the group's stem node.
    pub(crate) fn hash<H: Blake3>(&mut self) -> B256 {
        let root = self.root::<H>();
        hasher::stem::<H>(&self.stem, &root)
    }

    /// The root of the group; remembers what it computed.
    pub(crate) fn root<H: Blake3>(&mut self) -> B256 {
        if self.items.len() <= UNCACHED_ITEMS_MAX {
            self.cache = None;
            return subtree::<H>(&self.items, Place::ROOT, None);
        }
        let cache = self.cache.get_or_insert_default();
        subtree::<H>(&self.items, Place::ROOT, Some(cache))
    }

    /// The group with only the leaves at `sub_indices` (sorted) revealed; of one that is alone
    /// where one of them would be, only the place.
    pub(crate) fn pruned<H: Blake3>(&self, sub_indices: &[u8]) -> Result<Self, Unrevealed> {
        let mut pruner = Pruner { cache: self.cache.as_deref().cloned(), kept: Vec::new() };
        pruner.visit::<H>(&self.items, Place::ROOT, sub_indices)?;
        Ok(Self::from_items(self.stem, pruner.kept))
    }
}

/// Splits items between the two children of a node.
fn split_items(items: &[Item], right: Place) -> (&[Item], &[Item]) {
    items.split_at(items.partition_point(|item| item.start < right.start))
}

/// The hash of the node at `place`, over the items in its range.
fn subtree<H: Blake3>(items: &[Item], place: Place, mut cache: Option<&mut Cache>) -> B256 {
    match items {
        [] => return B256::ZERO,
        [only] => {
            if let Some(hash) = only.hash_alone::<H>(place) {
                return hash;
            }
        }
        _ => {}
    }
    let number = place.number();
    if let Some(known) = cache.as_deref_mut().and_then(|cache| lookup(cache, number)) {
        return known;
    }
    let (left, right) = place.children();
    let (left_items, right_items) = split_items(items, right);
    let left_hash = subtree::<H>(left_items, left, cache.as_deref_mut());
    let right_hash = subtree::<H>(right_items, right, cache.as_deref_mut());
    let hash = hasher::group::<H>(&left_hash, &right_hash);
    if let Some(cache) = cache {
        store(cache, number, hash);
    }
    hash
}

fn lookup(cache: &Cache, number: u8) -> Option<B256> {
    let at = cache.binary_search_by_key(&number, |entry| entry.0).ok()?;
    cache.get(at).map(|entry| entry.1).filter(|hash| !hash.is_zero())
}

fn store(cache: &mut Cache, number: u8, hash: B256) {
    match cache.binary_search_by_key(&number, |entry| entry.0) {
        Ok(at) => {
            if let Some(entry) = cache.get_mut(at) {
                entry.1 = hash;
            }
        }
        Err(at) => cache.insert(at, (number, hash)),
    }
}

/// Builds the items of a group of which only some leaves are revealed.
struct Pruner {
    cache: Option<Cache>,
    kept: Vec<Item>,
}

impl Pruner {
    fn visit<H: Blake3>(
        &mut self,
        items: &[Item],
        place: Place,
        sub_indices: &[u8],
    ) -> Result<(), Unrevealed> {
        if items.is_empty() {
            return Ok(());
        }
        let Some(sub_index) = sub_indices.first() else {
            let hash = subtree::<H>(items, place, self.cache.as_mut());
            self.kept.push(Item::opaque(place, hash));
            return Ok(());
        };
        if let [only] = items {
            let wanted = sub_indices.contains(&only.start);
            match only.kind {
                ItemKind::Neighbor if wanted => {
                    return Err(Unrevealed { sub_index: only.start });
                }
                ItemKind::Leaf | ItemKind::Neighbor => {
                    let kind = if wanted { ItemKind::Leaf } else { ItemKind::Neighbor };
                    self.kept.push(Item { kind, ..*only });
                    return Ok(());
                }
                ItemKind::Opaque if only.covers(place) || only.hides_leaf() => {
                    return Err(Unrevealed { sub_index: *sub_index });
                }
                ItemKind::Opaque => {}
            }
        }
        let (left, right) = place.children();
        let (left_items, right_items) = split_items(items, right);
        let middle = sub_indices.partition_point(|sub_index| *sub_index < right.start);
        let (left_keys, right_keys) = sub_indices.split_at(middle);
        self.visit::<H>(left_items, left, left_keys)?;
        self.visit::<H>(right_items, right, right_keys)
    }
}

#[cfg(test)]
mod tests;
