//! What a witness shows: the paths of the keys it is for, and the kinds of the nodes that
//! deletions leave alone.

use alloc::{sync::Arc, vec::Vec};

use alloy_primitives::B256;

use crate::{
    hasher::Blake3,
    key::TreeKey,
    node::{Internal, Link, Node, Path, split_at_bit},
    tree::{Tree, TreeError},
    update::Reveal,
    witness::Witness,
};

impl<H: Blake3> Tree<H> {
    /// The witness for reading `reads` and applying one batch of `writes`.
    ///
    /// # Errors
    /// As for [`Tree::witness_for`].
    pub fn witness(
        &self,
        reads: &[TreeKey],
        writes: &[(TreeKey, B256)],
    ) -> Result<Witness, TreeError> {
        self.witness_for(reads, &[writes])
    }

    /// The witness for reading `reads` at any time, and applying these batches one after the
    /// other: the tree built from it answers for every key named here, before and after each
    /// batch, and has the root of the whole tree after each.
    ///
    /// It shows nothing else, and is the same whichever tree with this root it is built from.
    ///
    /// # Errors
    /// [`TreeError::DuplicateKey`] when a batch sets a key twice; the others when this tree is
    /// itself partial and does not show enough.
    pub fn witness_for<B>(&self, reads: &[TreeKey], batches: &[B]) -> Result<Witness, TreeError>
    where
        B: AsRef<[(TreeKey, B256)]>,
    {
        let mut keys = reads.to_vec();
        keys.extend(batches.iter().flat_map(|batch| batch.as_ref()).map(|update| update.0));
        keys.sort_unstable();
        keys.dedup();

        let mut sparse = prune::<H>(&self.root, 0, &keys)?;
        for path in self.revealed_by(batches, Self::from_root(sparse.clone()))? {
            if let Some(shown) = self.shallow(path) {
                plant(&mut sparse, path, shown);
            }
        }
        Ok(Witness::of(&sparse))
    }

    /// The places of the nodes that these batches leave alone and that `partial` does not show.
    fn revealed_by<B>(&self, batches: &[B], mut partial: Self) -> Result<Vec<Path>, TreeError>
    where
        B: AsRef<[(TreeKey, B256)]>,
    {
        let mut recorder = Recorder { whole: self, paths: Vec::new() };
        for batch in batches {
            partial.update_revealing(batch.as_ref(), &mut recorder)?;
        }
        Ok(recorder.paths)
    }

    /// The node at `path` with its children, or its group, opaque.
    fn shallow(&self, path: Path) -> Option<Link> {
        let mut link = &self.root;
        for depth in 0..path.depth {
            let Node::Internal(node) = &link.node else { return None };
            link = node.child(path.stem.bit(depth));
        }
        let node = match &link.node {
            Node::Empty | Node::Opaque => return None,
            Node::Internal(node) => Node::Internal(Arc::new(Internal {
                left: hidden(&node.left),
                right: hidden(&node.right),
            })),
            Node::Group(group) => Node::Group(Arc::new(group.pruned::<H>(&[]).ok()?)),
        };
        Some(Link { hash: link.hash, node })
    }
}

/// Answers from the whole tree, and remembers for what it was asked.
///
/// An opaque node never moves, so in the replayed tree it stands where it stands in the whole one.
struct Recorder<'a, H> {
    whole: &'a Tree<H>,
    paths: Vec<Path>,
}

impl<H: Blake3> Reveal for Recorder<'_, H> {
    fn reveal(&mut self, path: Path) -> Option<Link> {
        self.paths.push(path);
        self.whole.shallow(path)
    }
}

/// The link without what lies below it.
fn hidden(link: &Link) -> Link {
    if link.is_empty() { Link::EMPTY } else { Link::opaque(link.hash) }
}

/// The subtree with only the paths of `keys` (sorted) revealed.
fn prune<H: Blake3>(link: &Link, depth: u8, keys: &[TreeKey]) -> Result<Link, TreeError> {
    let Some(first) = keys.first() else { return Ok(hidden(link)) };
    let node = match &link.node {
        Node::Empty => return Ok(Link::EMPTY),
        Node::Opaque => return Err(TreeError::Missing { key: *first }),
        Node::Internal(node) => {
            let (left, right) = split_at_bit(keys, depth, |key| key);
            let below = depth.saturating_add(1);
            Node::Internal(Arc::new(Internal {
                left: prune::<H>(&node.left, below, left)?,
                right: prune::<H>(&node.right, below, right)?,
            }))
        }
        Node::Group(group) => {
            let inside: Vec<u8> = keys
                .iter()
                .filter(|key| key.has_stem(&group.stem))
                .map(TreeKey::sub_index)
                .collect();
            let pruned = group.pruned::<H>(&inside).map_err(|hole| TreeError::Missing {
                key: group.stem.with_sub_index(hole.sub_index),
            })?;
            Node::Group(Arc::new(pruned))
        }
    };
    Ok(Link { hash: link.hash, node })
}

/// Puts `shown` in the place of the opaque node at `path`.
fn plant(root: &mut Link, path: Path, shown: Link) {
    let mut link = root;
    for depth in 0..path.depth {
        let Node::Internal(node) = &mut link.node else { return };
        link = Arc::make_mut(node).child_mut(path.stem.bit(depth));
    }
    if link.is_opaque() {
        *link = shown;
    }
}

#[cfg(test)]
mod tests;
