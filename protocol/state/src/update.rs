//! Batched updates: one descent per shared prefix, hashes and canonical form restored on the way
//! back up.

use alloc::sync::Arc;

use crate::{
    group::Group,
    hasher::{self, Blake3},
    key::{Stem, TreeKey},
    node::{Internal, Link, Node, Path, Update, split_at_bit},
    tree::TreeError,
};

/// Shows the kind of an opaque node that a deletion left alone.
pub(crate) trait Reveal {
    /// The node at `path` with its children, or its group, opaque. `None` when unknown.
    fn reveal(&mut self, path: Path) -> Option<Link>;
}

/// The tree itself is all there is.
pub(crate) struct NothingHidden;

impl Reveal for NothingHidden {
    fn reveal(&mut self, _path: Path) -> Option<Link> {
        None
    }
}

/// Applies sorted updates, which share their path down to this link at `depth`. Says whether
/// anything changed.
pub(crate) fn apply<H: Blake3>(
    link: &mut Link,
    depth: u8,
    updates: &[Update],
    reveal: &mut dyn Reveal,
) -> Result<bool, TreeError> {
    let (Some((key, _)), Some((last, _))) = (updates.first(), updates.last()) else {
        return Ok(false);
    };
    match &mut link.node {
        Node::Opaque => return Err(TreeError::Missing { key: *key }),
        Node::Group(group) if key.has_stem(&group.stem) && last.has_stem(&group.stem) => {
            return fill::<H>(link, updates);
        }
        Node::Empty | Node::Group(_) => {
            let before = link.hash;
            *link = grow::<H>(link.take(), depth, updates)?;
            return Ok(link.hash != before);
        }
        Node::Internal(node) => {
            let node = Arc::make_mut(node);
            let (left, right) = split_at_bit(updates, depth, |update| &update.0);
            let below = depth.saturating_add(1);
            let on_left = apply::<H>(&mut node.left, below, left, reveal)?;
            let on_right = apply::<H>(&mut node.right, below, right, reveal)?;
            if !on_left && !on_right {
                return Ok(false);
            }
            settle(node, key, depth, reveal)?;
            if let Some(replacement) = collapsed(node) {
                *link = replacement;
                return Ok(true);
            }
            link.hash = hasher::internal::<H>(&node.left.hash, &node.right.hash);
        }
    }
    Ok(true)
}

/// Makes sure that the kind of a child left alone is known.
fn settle(
    node: &mut Internal,
    key: &TreeKey,
    depth: u8,
    reveal: &mut dyn Reveal,
) -> Result<(), TreeError> {
    let (alone, right) = match (node.left.is_empty(), node.right.is_empty()) {
        (true, false) => (&mut node.right, true),
        (false, true) => (&mut node.left, false),
        _ => return Ok(()),
    };
    if !alone.is_opaque() {
        return Ok(());
    }
    let stem = key.stem();
    let beside = stem.with_bit(depth, !right);
    *alone = reveal
        .reveal(Path::sibling(&beside, depth))
        .ok_or(TreeError::MissingSibling { stem, depth })?;
    Ok(())
}

/// What stands in place of an internal node that is not canonical, if it is not.
fn collapsed(node: &mut Internal) -> Option<Link> {
    match (node.left.is_empty(), node.right.is_empty()) {
        (true, true) => Some(Link::EMPTY),
        (true, false) if node.right.is_group() => Some(node.right.take()),
        (false, true) if node.left.is_group() => Some(node.left.take()),
        _ => None,
    }
}

/// Applies updates where there is one stem or none.
fn grow<H: Blake3>(mut resident: Link, depth: u8, updates: &[Update]) -> Result<Link, TreeError> {
    let (Some((first, _)), Some((last, _))) = (updates.first(), updates.last()) else {
        return Ok(resident);
    };
    let stem = first.stem();
    let resident_stem = match &resident.node {
        Node::Group(group) => group.stem,
        _ => stem,
    };
    if last.has_stem(&stem) && stem == resident_stem {
        if resident.is_empty() {
            return new_group::<H>(stem, updates);
        }
        fill::<H>(&mut resident, updates)?;
        return Ok(resident);
    }
    let (left, right) = split_at_bit(updates, depth, |update| &update.0);
    let (on_left, on_right) =
        if resident_stem.bit(depth) { (Link::EMPTY, resident) } else { (resident, Link::EMPTY) };
    let below = depth.saturating_add(1);
    let mut node = Internal {
        left: grow::<H>(on_left, below, left)?,
        right: grow::<H>(on_right, below, right)?,
    };
    Ok(collapsed(&mut node).unwrap_or_else(|| Link::internal::<H>(node.left, node.right)))
}

/// A new group of these updates, all of one stem, which may delete what is not there.
fn new_group<H: Blake3>(stem: Stem, updates: &[Update]) -> Result<Link, TreeError> {
    let count = updates.iter().filter(|update| !update.1.is_zero()).count();
    let mut group = Group::new(stem, count);
    set_all(&mut group, updates)?;
    Ok(if group.is_empty() { Link::EMPTY } else { Link::group::<H>(group) })
}

/// Applies updates to the group that they are all in. Says whether anything changed.
fn fill<H: Blake3>(link: &mut Link, updates: &[Update]) -> Result<bool, TreeError> {
    let Node::Group(group) = &mut link.node else { return Ok(false) };
    let group = Arc::make_mut(group);
    if !set_all(group, updates)? {
        return Ok(false);
    }
    if group.is_empty() {
        *link = Link::EMPTY;
    } else {
        link.hash = group.hash::<H>();
    }
    Ok(true)
}

fn set_all(group: &mut Group, updates: &[Update]) -> Result<bool, TreeError> {
    let mut changed = false;
    for (key, value) in updates {
        let set = group.set(key.sub_index(), value);
        changed |= set.map_err(|_| TreeError::Missing { key: *key })?;
    }
    Ok(changed)
}
