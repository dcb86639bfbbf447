//! The tree: values, root and batched updates.

use alloc::{vec, vec::Vec};
use core::marker::PhantomData;

use alloy_primitives::B256;

use crate::{
    group::{Group, Item, ItemKind},
    hasher::{Blake3, SoftwareBlake3},
    key::{Stem, TreeKey},
    node::{Link, Node, Update},
    update::{self, NothingHidden},
};

/// A unified binary tree, whole or partial.
///
/// Its root is a pure function of the values it holds. A partial tree, built from a
/// [`Witness`](crate::Witness), gives the same answers and the same roots as the whole one for
/// everything that it shows, and an error for everything else.
///
/// A clone costs no more than a pointer, and keeps its root, leaves and witnesses whatever happens
/// to the other. Both share what is the same: an update of either copies the paths it touches.
pub struct Tree<H = SoftwareBlake3> {
    pub(crate) root: Link,
    hasher: PhantomData<fn() -> H>,
}

/// Why a tree could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The partial tree does not show what this key needs.
    #[error("the partial tree does not show {key:?}")]
    Missing {
        /// The key asked for.
        key: TreeKey,
    },
    /// A deletion leaves a node alone, and the partial tree does not show its kind, which decides
    /// whether it moves up.
    #[error("the partial tree does not show the sibling of {stem:?} at depth {depth}")]
    MissingSibling {
        /// A stem on the side that became empty.
        stem: Stem,
        /// Depth of the parent node.
        depth: u8,
    },
    /// One batch sets the same key twice.
    #[error("the batch sets {key:?} twice")]
    DuplicateKey {
        /// The key in question.
        key: TreeKey,
    },
}

impl Tree {
    /// The empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self::from_root(Link::EMPTY)
    }
}

impl<H> Tree<H> {
    pub(crate) const fn from_root(root: Link) -> Self {
        Self { root, hasher: PhantomData }
    }

    /// The root hash; zero when the tree is empty.
    #[must_use]
    pub const fn root(&self) -> B256 {
        self.root.hash
    }

    /// The value of a leaf, `None` when absent.
    ///
    /// # Errors
    /// [`TreeError::Missing`] when the tree is partial and does not show the leaf.
    pub fn get(&self, key: &TreeKey) -> Result<Option<B256>, TreeError> {
        Ok(self.leaf(key)?.copied())
    }

    /// As [`Tree::get`], without a copy.
    ///
    /// # Errors
    /// As for [`Tree::get`].
    pub fn leaf(&self, key: &TreeKey) -> Result<Option<&B256>, TreeError> {
        let mut link = &self.root;
        // Bit by bit. Below the last bit of the stem there is no internal node.
        'path: for byte in key.as_bytes() {
            let mut bits = *byte;
            for _ in 0..u8::BITS {
                let Node::Internal(node) = &link.node else { break 'path };
                link = node.child(bits & 0x80 != 0);
                bits = bits.wrapping_shl(1);
            }
        }
        match &link.node {
            Node::Empty => Ok(None),
            Node::Group(group) if !key.has_stem(&group.stem) => Ok(None),
            Node::Group(group) => match group.get(key.sub_index()) {
                Ok(leaf) => Ok(leaf),
                Err(_) => Err(TreeError::Missing { key: *key }),
            },
            Node::Opaque | Node::Internal(_) => Err(TreeError::Missing { key: *key }),
        }
    }

    /// Every leaf that the tree shows, in the order of their keys.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        Leaves { links: vec![&self.root], group: None }
    }
}

impl<H: Blake3> Tree<H> {
    /// Sets the leaves of a batch, in any order; a zero value deletes. The root is up to date
    /// afterwards.
    ///
    /// # Errors
    /// [`TreeError::DuplicateKey`] leaves the tree as it was. The other errors arise in partial
    /// trees only, and leave a tree with its old root that shows nothing at all, so that no later
    /// call can answer from a half-applied batch.
    pub fn update(&mut self, batch: &[(TreeKey, B256)]) -> Result<(), TreeError> {
        self.update_revealing(batch, &mut NothingHidden)
    }

    pub(crate) fn update_revealing(
        &mut self,
        batch: &[Update],
        reveal: &mut dyn update::Reveal,
    ) -> Result<(), TreeError> {
        let mut sorted = Vec::new();
        let updates = if batch.is_sorted_by(|a, b| a.0 < b.0) {
            batch
        } else {
            sorted.extend_from_slice(batch);
            sorted.sort_unstable_by_key(|update| update.0);
            reject_duplicates(&sorted)?;
            &sorted
        };
        let before = self.root.hash;
        let result = update::apply::<H>(&mut self.root, 0, updates, reveal);
        if result.is_err() {
            self.root = Link::opaque(before);
        }
        result.map(|_| ())
    }
}

fn reject_duplicates(sorted: &[Update]) -> Result<(), TreeError> {
    match sorted.iter().zip(sorted.iter().skip(1)).find(|(a, b)| a.0 == b.0) {
        Some((update, _)) => Err(TreeError::DuplicateKey { key: update.0 }),
        None => Ok(()),
    }
}

impl<H> Default for Tree<H> {
    fn default() -> Self {
        Self::from_root(Link::EMPTY)
    }
}

impl<H> Clone for Tree<H> {
    fn clone(&self) -> Self {
        Self::from_root(self.root.clone())
    }
}

impl<H> core::fmt::Debug for Tree<H> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tree").field("root", &self.root.hash).finish_non_exhaustive()
    }
}

/// The leaves of a tree, in the order of their keys. See [`Tree::leaves`].
#[derive(Debug)]
pub struct Leaves<'a> {
    links: Vec<&'a Link>,
    group: Option<(&'a Group, core::slice::Iter<'a, Item>)>,
}

impl Iterator for Leaves<'_> {
    type Item = (TreeKey, B256);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((group, items)) = &mut self.group
                && let Some(item) = items.find(|item| item.kind == ItemKind::Leaf)
            {
                return Some((group.stem.with_sub_index(item.start), item.bytes));
            }
            match &self.links.pop()?.node {
                Node::Empty | Node::Opaque => {}
                Node::Internal(node) => self.links.extend([&node.right, &node.left]),
                Node::Group(group) => self.group = Some((group, group.items().iter())),
            }
        }
    }
}

#[cfg(test)]
mod tests;
