//! Stems named by their paths in a tree that the reader has (ST-14).
//!
//! Who has the tree needs to know only where the paths part. So the code is a number of stems,
//! then in pre-order, at each internal node on their paths with two children, how many of those
//! below turn right. Stems are hashes, so shares near one half are the likeliest and get the short
//! words. A stem that is alone costs one bit at each node, its own; a node with an empty child
//! costs nothing.

use alloc::vec::Vec;

use crate::{
    key::Stem,
    node::{Internal, Link, Node},
    tree::{Tree, TreeError},
};

mod bits;

use bits::{BitReader, BitWriter};

/// Why paths were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathsError {
    /// The bits end inside a path.
    #[error("the paths end too early")]
    Truncated,
    /// The number of stems does not fit 32 bits.
    #[error("the number of paths does not fit 32 bits")]
    TooMany,
    /// Paths lead to one stem or to none, and not as many as there are.
    #[error("{count} paths lead where no more than one stem is")]
    NotSoMany {
        /// How many paths.
        count: u32,
    },
    /// Bits follow the last path that are not the zeros which fill its byte.
    #[error("something follows the last path")]
    TrailingBits,
    /// The tree is partial and does not show where a path leads.
    #[error("the partial tree does not show where a path leads")]
    Missing,
}

impl<H> Tree<H> {
    /// The stems among these that the tree has, as paths in it, and the others, sorted. The order
    /// of `stems` does not matter, and a stem counts once. A partial tree gives the same answer as
    /// the whole one.
    ///
    /// # Errors
    /// [`TreeError::Missing`] when the tree is partial and does not show whether it has a stem.
    pub fn encode_paths(&self, stems: &[Stem]) -> Result<(Vec<u8>, Vec<Stem>), TreeError> {
        let mut sorted = Vec::new();
        let stems = if stems.is_sorted_by(|a, b| a < b) {
            stems
        } else {
            sorted.extend_from_slice(stems);
            sorted.sort_unstable();
            sorted.dedup();
            &sorted
        };
        let mut found = Found::default();
        found.visit(&self.root, 0, stems)?;
        let mut bits = BitWriter::default();
        if !found.present.is_empty() {
            bits.number(length(&found.present));
            write(&self.root, 0, &found.present, &mut bits);
        }
        Ok((bits.finish(), found.absent))
    }

    /// The stems that these paths lead to, sorted. Takes memory and time for no more than 248
    /// nodes for each bit.
    ///
    /// # Errors
    /// When the bytes are not what [`Tree::encode_paths`] makes of stems of this tree, or the tree
    /// is partial and does not show them.
    pub fn decode_paths(&self, bytes: &[u8]) -> Result<Vec<Stem>, PathsError> {
        let mut stems = Vec::new();
        let mut bits = BitReader::new(bytes);
        if !bytes.is_empty() {
            let count = bits.number()?;
            read(&self.root, count, &mut bits, &mut stems)?;
        }
        bits.finish()?;
        Ok(stems)
    }
}

/// Stems by whether the tree has them.
#[derive(Default)]
struct Found {
    present: Vec<Stem>,
    absent: Vec<Stem>,
}

impl Found {
    fn visit(&mut self, link: &Link, depth: u8, stems: &[Stem]) -> Result<(), TreeError> {
        let Some(first) = stems.first() else { return Ok(()) };
        match &link.node {
            Node::Empty => self.absent.extend_from_slice(stems),
            Node::Opaque => return Err(TreeError::Missing { key: first.with_sub_index(0) }),
            Node::Internal(node) => {
                let (left, right) = split(stems, depth);
                let below = depth.saturating_add(1);
                self.visit(&node.left, below, left)?;
                self.visit(&node.right, below, right)?;
            }
            Node::Group(group) => {
                for stem in stems {
                    let list =
                        if *stem == group.stem { &mut self.present } else { &mut self.absent };
                    list.push(*stem);
                }
            }
        }
        Ok(())
    }
}

/// Writes the paths of stems that all are below this link.
fn write(link: &Link, depth: u8, stems: &[Stem], bits: &mut BitWriter) {
    let Node::Internal(node) = &link.node else { return };
    if stems.is_empty() {
        return;
    }
    let (left, right) = split(stems, depth);
    if parts(node) {
        bits.share(length(right), length(stems));
    }
    let below = depth.saturating_add(1);
    write(&node.left, below, left, bits);
    write(&node.right, below, right, bits);
}

/// Reads `count` paths below this link.
fn read(
    link: &Link,
    count: u32,
    bits: &mut BitReader<'_>,
    stems: &mut Vec<Stem>,
) -> Result<(), PathsError> {
    match &link.node {
        _ if count == 0 => {}
        Node::Opaque => return Err(PathsError::Missing),
        Node::Group(group) if count == 1 => stems.push(group.stem),
        Node::Empty | Node::Group(_) => return Err(PathsError::NotSoMany { count }),
        Node::Internal(node) => {
            let right = match (parts(node), node.left.is_empty()) {
                (true, _) => bits.share(count)?,
                (false, true) => count,
                (false, false) => 0,
            };
            read(&node.left, count.saturating_sub(right), bits, stems)?;
            read(&node.right, right, bits, stems)?;
        }
    }
    Ok(())
}

/// Whether paths can part here.
const fn parts(node: &Internal) -> bool {
    !node.left.is_empty() && !node.right.is_empty()
}

/// Splits sorted stems that share a path down to `depth` by their next bit.
fn split(stems: &[Stem], depth: u8) -> (&[Stem], &[Stem]) {
    stems.split_at(stems.partition_point(|stem| !stem.bit(depth)))
}

/// A list of 2^32 stems does not fit a machine that runs this.
fn length(stems: &[Stem]) -> u32 {
    u32::try_from(stems.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
