//! The nodes above the groups.
//!
//! Trees share subtrees: a clone costs a counter, and who changes a node that another tree holds
//! too copies that node first. A node with one owner is changed in place.

use alloc::sync::Arc;

use alloy_primitives::B256;

use crate::{
    group::Group,
    hasher::{self, Blake3},
    key::{Stem, TreeKey},
};

/// A leaf to set; zero deletes it.
pub(crate) type Update = (TreeKey, B256);

/// A subtree and its hash. The hash lies beside the link and not in the node, so that hashing a
/// parent does not visit its untouched child.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Zero if and only if the subtree is empty.
    pub(crate) hash: B256,
    pub(crate) node: Node,
}

/// What a link leads to.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// No leaves.
    Empty,
    /// Leaves that this partial tree does not show.
    Opaque,
    /// Two subtrees that are not both empty, nor one empty and one a lone stem.
    Internal(Arc<Internal>),
    /// All leaves share one stem.
    Group(Arc<Group>),
}

/// An internal node.
#[derive(Debug, Clone)]
pub(crate) struct Internal {
    pub(crate) left: Link,
    pub(crate) right: Link,
}

impl Link {
    pub(crate) const EMPTY: Self = Self { hash: B256::ZERO, node: Node::Empty };

    pub(crate) const fn opaque(hash: B256) -> Self {
        Self { hash, node: Node::Opaque }
    }

    pub(crate) fn group<H: Blake3>(mut group: Group) -> Self {
        let hash = group.hash::<H>();
        Self { hash, node: Node::Group(Arc::new(group)) }
    }

    pub(crate) fn internal<H: Blake3>(left: Self, right: Self) -> Self {
        let hash = hasher::internal::<H>(&left.hash, &right.hash);
        Self { hash, node: Node::Internal(Arc::new(Internal { left, right })) }
    }

    /// The link, leaving an empty one in its place.
    pub(crate) const fn take(&mut self) -> Self {
        core::mem::replace(self, Self::EMPTY)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self.node, Node::Empty)
    }

    pub(crate) const fn is_opaque(&self) -> bool {
        matches!(self.node, Node::Opaque)
    }

    pub(crate) const fn is_group(&self) -> bool {
        matches!(self.node, Node::Group(_))
    }
}

impl Internal {
    pub(crate) const fn child(&self, right: bool) -> &Link {
        if right { &self.right } else { &self.left }
    }

    pub(crate) const fn child_mut(&mut self, right: bool) -> &mut Link {
        if right { &mut self.right } else { &mut self.left }
    }
}

/// The place of a node: the first `depth` bits of `stem`, whose other bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) stem: Stem,
    pub(crate) depth: u8,
}

impl Path {
    pub(crate) const ROOT: Self = Self { stem: Stem::new([0; 31]), depth: 0 };

    /// The place of the child beside `stem`'s path at `depth`.
    pub(crate) fn sibling(stem: &Stem, depth: u8) -> Self {
        let mut path = Self::ROOT;
        for above in 0..depth {
            path = path.child(stem.bit(above));
        }
        path.child(!stem.bit(depth))
    }

    pub(crate) fn child(self, right: bool) -> Self {
        let stem = self.stem.with_bit(self.depth, right);
        Self { stem, depth: self.depth.saturating_add(1) }
    }
}

/// Splits sorted entries that share a path down to `depth` by their next bit.
pub(crate) fn split_at_bit<T>(
    entries: &[T],
    depth: u8,
    key: impl Fn(&T) -> &TreeKey,
) -> (&[T], &[T]) {
    entries.split_at(entries.partition_point(|entry| !key(entry).bit(depth)))
}
