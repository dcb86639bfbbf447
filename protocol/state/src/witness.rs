//! A witness: the part of a tree that proves some of its leaves, present or absent, and allows
//! changing them (`spec/state-tree.md`, "Witness").
//!
//! Rules, checked by [`Witness::decode`] (bytes) and [`Witness::into_tree`] (meaning):
//! - it is one subtree in pre-order, with nothing after it;
//! - every stem lies on its own path; no path has more than 248 internal nodes;
//! - it is canonical: no node with two empty children, no lone stem beside an empty child, no
//!   empty group, no zero value or hash, the items of a group sorted, aligned and disjoint;
//! - it shows nothing without a reason: two unrevealed halves are one unrevealed node, except where
//!   a deletion next to them needs to know their parent's kind.
//!
//! Then its hash is computed from the bottom, and must be the expected root.

use alloc::{sync::Arc, vec::Vec};

use alloy_primitives::B256;

use crate::{
    group::Group,
    hasher::Blake3,
    key::{Stem, TreeKey},
    node::{Link, Node, Path},
    tree::{Tree, TreeError},
};

mod encoding;

use encoding::{Reader, Token, Writer};

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
    /// Reads the canonical encoding, checking its syntax. Allocates no more than the input's size.
    ///
    /// # Errors
    /// When `bytes` is not one subtree in pre-order with well-formed groups.
    pub fn decode(bytes: &[u8]) -> Result<Self, WitnessError> {
        let mut reader = Reader::new(bytes);
        let mut wanted: usize = 1;
        while let Some(others) = wanted.checked_sub(1) {
            wanted = match reader.token()? {
                Token::Internal => others.saturating_add(2),
                Token::Empty | Token::Opaque(_) | Token::Group(_) => others,
            };
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
        self.build(expected_root)
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
        let tree = self.build(expected_root)?;
        if tree.witness_for(reads, batches)? == self {
            Ok(tree)
        } else {
            Err(WitnessError::Superfluous)
        }
    }

    fn build<H: Blake3>(&self, expected: B256) -> Result<Tree<H>, WitnessError> {
        let mut reader = Reader::new(&self.bytes);
        let part = build::<H>(&mut reader, Path::ROOT)?;
        reader.finish()?;
        if part.kind_only {
            return Err(WitnessError::Superfluous);
        }
        let found = part.link.hash;
        if found != expected {
            return Err(WitnessError::RootMismatch { expected, found });
        }
        Ok(Tree::from_root(part.link))
    }

    /// The encoding of everything that this partial tree shows.
    pub(crate) fn of(link: &Link) -> Self {
        let mut writer = Writer::default();
        write(link, &mut writer);
        Self { bytes: writer.finish() }
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

/// A subtree of a witness, checked in itself.
struct Part {
    link: Link,
    /// Whether nothing in it is opaque. Only such a part can vanish.
    complete: bool,
    /// Whether it is an internal node that shows nothing but its kind.
    kind_only: bool,
}

fn build<H: Blake3>(reader: &mut Reader<'_>, path: Path) -> Result<Part, WitnessError> {
    match reader.token()? {
        Token::Empty => Ok(Part { link: Link::EMPTY, complete: true, kind_only: false }),
        Token::Opaque(hash) => {
            Ok(Part { link: Link::opaque(hash), complete: false, kind_only: false })
        }
        Token::Group(group) => build_group::<H>(group, path),
        Token::Internal if path.depth >= Stem::BITS => Err(WitnessError::TooDeep),
        Token::Internal => {
            let left = build::<H>(reader, path.child(false))?;
            let right = build::<H>(reader, path.child(true))?;
            join::<H>(left, right)
        }
    }
}

fn build_group<H: Blake3>(group: Group, path: Path) -> Result<Part, WitnessError> {
    if !group.stem.shares_prefix(&path.stem, path.depth) {
        return Err(WitnessError::StemOffPath { stem: group.stem });
    }
    let complete = !group.shows_opaque();
    let link = Link::group::<H>(Arc::new(group));
    Ok(Part { link, complete, kind_only: false })
}

fn join<H: Blake3>(left: Part, right: Part) -> Result<Part, WitnessError> {
    let (on_left, on_right) = (&left.link, &right.link);
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
    let complete = left.complete && right.complete;
    Ok(Part { link: Link::internal::<H>(left.link, right.link), complete, kind_only })
}

#[cfg(test)]
mod tests;
