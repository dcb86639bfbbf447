//! A witness: the part of a tree that proves some of its leaves, present or absent, and allows
//! changing them (`spec/state-tree.md`, "Witness").
//!
//! Rules, checked by [`Witness::decode`] (the first) and [`Tree::from_witness`] (all):
//! - it is one subtree in pre-order, with nothing after it;
//! - every stem lies on its own path; no path has more than 248 internal nodes;
//! - it is canonical: no node with two empty children, no lone stem beside an empty child, no
//!   empty group, no zero value or hash, the items of a group sorted, aligned and disjoint, no
//!   unrevealed leaf lower than where it is alone;
//! - it shows nothing without a reason: two unrevealed halves are one unrevealed node, except where
//!   a deletion next to them needs to know their parent's kind.
//!
//! Then its hash is computed from the bottom, and must be the expected root.

use alloc::{sync::Arc, vec::Vec};

use alloy_primitives::B256;

use crate::{
    hasher::{self, Blake3},
    key::{Stem, TreeKey},
    node::{Internal, Link, Node, Path},
    tree::{Tree, TreeError},
};

mod encoding;

use encoding::{Reader, Tag, Writer};

/// A multiproof of tree leaves, in its canonical encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    bytes: Vec<u8>,
}

/// Why a witness was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The bytes end inside a node.
    #[error("the witness ends inside a node")]
    Truncated,
    /// Bytes follow the last node.
    #[error("{count} bytes follow the last node of the witness")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// No node begins with this tag.
    #[error("no node has tag {tag}")]
    UnknownTag {
        /// The tag found.
        tag: u8,
    },
    /// A group item has an unknown form.
    #[error("no group item has form {form}")]
    UnknownItemForm {
        /// The form found.
        form: u8,
    },
    /// A value or the hash of an unrevealed node is zero, which means empty.
    #[error("a value or hash of the witness is zero")]
    Zero,
    /// A group item does not begin where a subtree of its size does.
    #[error("group item at {start} is not aligned")]
    ItemMisaligned {
        /// Its first sub-index.
        start: u8,
    },
    /// Group items overlap, repeat or are out of order.
    #[error("group item at {start} is out of order")]
    ItemOutOfOrder {
        /// Its first sub-index.
        start: u8,
    },
    /// An unrevealed leaf is alone in a larger part of its group than the one it is said to be in.
    #[error("the unrevealed leaf at {start} is alone in a larger part of its group")]
    LeafTooLow {
        /// First sub-index of the part it is said to be in.
        start: u8,
    },
    /// More internal nodes on a path than a stem has bits.
    #[error("the witness is deeper than a stem has bits")]
    TooDeep,
    /// A stem node lies on a path that is not its own.
    #[error("{stem:?} does not lie on its path")]
    StemOffPath {
        /// The stem shown.
        stem: Stem,
    },
    /// An internal node holds nothing, or nothing but a lone stem.
    #[error("an internal node stands where none is needed")]
    NeedlessInternal,
    /// Something is revealed that neither a key nor a deletion can need.
    #[error("the witness shows more than anything needs")]
    Superfluous,
    /// The hash of the witness is not the expected root.
    #[error("the witness has root {found}, not {expected}")]
    RootMismatch {
        /// The root asked for.
        expected: B256,
        /// The root computed.
        found: B256,
    },
    /// The witness is sound, but does not show all that its use needs.
    #[error("the witness does not show what its use needs")]
    Insufficient(#[from] TreeError),
}

impl Witness {
    /// Reads the canonical encoding, checking that the nodes are complete and no more. Allocates no
    /// more than the input's size.
    ///
    /// # Errors
    /// When `bytes` is not one subtree in pre-order.
    pub fn decode(bytes: &[u8]) -> Result<Self, WitnessError> {
        let mut reader = Reader::new(bytes);
        let mut wanted: usize = 1;
        while let Some(others) = wanted.checked_sub(1) {
            let tag = reader.tag()?;
            reader.skip(tag)?;
            wanted = if tag == Tag::Internal { others.saturating_add(2) } else { others };
        }
        reader.finish()?;
        Ok(Self { bytes: bytes.to_vec() })
    }

    /// The canonical encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The canonical encoding, borrowed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Checks the witness against a root and builds the partial tree that it shows.
    ///
    /// # Errors
    /// When the witness is not canonical, shows what nothing needs, or has another root.
    pub fn into_tree<H: Blake3>(self, expected_root: B256) -> Result<Tree<H>, WitnessError> {
        Tree::from_witness(&self.bytes, expected_root)
    }

    /// As [`Witness::into_tree`], and refuses a witness that is not the very one
    /// [`Tree::witness_for`] makes for these reads and batches: one that shows a leaf more.
    ///
    /// # Errors
    /// As for [`Witness::into_tree`]; [`WitnessError::Insufficient`] when it shows too little, and
    /// [`WitnessError::Superfluous`] when it shows too much.
    pub fn into_tree_for<H: Blake3, B>(
        self,
        expected_root: B256,
        reads: &[TreeKey],
        batches: &[B],
    ) -> Result<Tree<H>, WitnessError>
    where
        B: AsRef<[(TreeKey, B256)]>,
    {
        let tree = Tree::from_witness(&self.bytes, expected_root)?;
        if tree.witness_for(reads, batches)? == self {
            Ok(tree)
        } else {
            Err(WitnessError::Superfluous)
        }
    }

    /// The encoding of everything that this partial tree shows.
    pub(crate) fn of(link: &Link) -> Self {
        let mut writer = Writer::default();
        write(link, &mut writer);
        Self { bytes: writer.finish() }
    }
}

impl<H: Blake3> Tree<H> {
    /// The partial tree that a witness shows, from its encoding, which is read once. Checks it
    /// against a root, as [`Witness::decode`] and [`Witness::into_tree`] do.
    ///
    /// # Errors
    /// When the bytes are no witness, or the witness is not canonical, shows what nothing needs, or
    /// has another root.
    pub fn from_witness(bytes: &[u8], expected_root: B256) -> Result<Self, WitnessError> {
        let mut builder = Builder { reader: Reader::new(bytes), path: Path::ROOT.stem };
        let mut root = Link::EMPTY;
        let shown = builder.node::<H>(0, &mut root)?;
        builder.reader.finish()?;
        if shown.kind_only {
            return Err(WitnessError::Superfluous);
        }
        let found = root.hash;
        if found != expected_root {
            return Err(WitnessError::RootMismatch { expected: expected_root, found });
        }
        Ok(Self::from_root(root))
    }
}

fn write(link: &Link, writer: &mut Writer) {
    match &link.node {
        Node::Empty => writer.empty(),
        Node::Opaque => writer.opaque(&link.hash),
        Node::Internal(node) => {
            writer.internal();
            write(&node.left, writer);
            write(&node.right, writer);
        }
        Node::Group(group) => writer.group(group),
    }
}

/// What a subtree of a witness shows.
struct Shown {
    /// Whether nothing in it is opaque. Only such a part can vanish.
    complete: bool,
    /// Whether it is an internal node that shows nothing but its kind.
    kind_only: bool,
}

/// Builds a tree where it will be: nodes are large, and moved nowhere.
struct Builder<'a> {
    reader: Reader<'a>,
    /// The path of the node to be read, with zeros after it.
    path: Stem,
}

impl Builder<'_> {
    /// Reads the node at `depth`, with all below it, into an empty link.
    fn node<H: Blake3>(&mut self, depth: u8, link: &mut Link) -> Result<Shown, WitnessError> {
        match self.reader.tag()? {
            Tag::Empty => Ok(Shown { complete: true, kind_only: false }),
            Tag::Opaque => {
                self.reader.non_zero(&mut link.hash)?;
                link.node = Node::Opaque;
                Ok(Shown { complete: false, kind_only: false })
            }
            Tag::Internal => self.internal::<H>(depth, link),
            Tag::Group => self.group::<H>(depth, link),
        }
    }

    fn internal<H: Blake3>(&mut self, depth: u8, link: &mut Link) -> Result<Shown, WitnessError> {
        if depth >= Stem::BITS {
            return Err(WitnessError::TooDeep);
        }
        let below = depth.saturating_add(1);
        let mut node = Arc::new(Internal { left: Link::EMPTY, right: Link::EMPTY });
        let Internal { left, right } = Arc::make_mut(&mut node);
        let on_left = self.node::<H>(below, left)?;
        self.path.set_bit(depth, true);
        let on_right = self.node::<H>(below, right)?;
        self.path.set_bit(depth, false);
        let shown = join((left, on_left), (right, on_right))?;
        link.hash = hasher::internal::<H>(&left.hash, &right.hash);
        link.node = Node::Internal(node);
        Ok(shown)
    }

    fn group<H: Blake3>(&mut self, depth: u8, link: &mut Link) -> Result<Shown, WitnessError> {
        let mut group = self.reader.group()?;
        if !group.stem.shares_prefix(&self.path, depth) {
            return Err(WitnessError::StemOffPath { stem: group.stem });
        }
        let complete = !group.shows_opaque();
        link.hash = group.hash::<H>();
        link.node = Node::Group(Arc::new(group));
        Ok(Shown { complete, kind_only: false })
    }
}

/// What an internal node shows, if it may be.
fn join(left: (&Link, Shown), right: (&Link, Shown)) -> Result<Shown, WitnessError> {
    let ((on_left, left), (on_right, right)) = (left, right);
    let needless = match (on_left.is_empty(), on_right.is_empty()) {
        (true, true) => true,
        (true, false) => on_right.is_group(),
        (false, true) => on_left.is_group(),
        (false, false) => false,
    };
    if needless {
        return Err(WitnessError::NeedlessInternal);
    }
    // A kind is of use only where all that stands beside it can be deleted.
    if (left.kind_only && !right.complete) || (right.kind_only && !left.complete) {
        return Err(WitnessError::Superfluous);
    }
    let kind_only = on_left.is_opaque() && on_right.is_opaque();
    Ok(Shown { complete: left.complete && right.complete, kind_only })
}

#[cfg(test)]
mod tests;
