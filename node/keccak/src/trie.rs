//! The trie over a list, a level at a time.

use std::ops::Range;

use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header, encode_fixed_size};
use minster_primitives::{B256, keccak256};

use crate::hash_all;

/// Nodes that are encoded before they are hashed.
const GROUP: usize = 64;

/// Numbers whose RLP is one byte of their own value. Zero is none: it is the empty string, which
/// comes after them.
const BYTES: Range<usize> = 1..0x80;

/// Nibbles of a key: the RLP of a number has at most nine bytes.
const NIBBLES_MAX: usize = 18;

/// Bytes of a node that its parent holds as it is.
const INLINE_MAX: usize = 31;

/// What a path's first nibble says (Yellow Paper, appendix C).
const LEAF: u8 = 2;
const EXTENSION: u8 = 0;
const ODD: u8 = 1;

/// Root of the trie that has the items of a list by their indexes, as `transactionsRoot` and
/// `receiptsRoot` are. `encode` appends an item's bytes; it is called once for each, in no order.
#[must_use]
pub fn ordered_root(count: usize, mut encode: impl FnMut(usize, &mut Vec<u8>)) -> B256 {
    if count == 0 {
        return keccak256([EMPTY_STRING_CODE]);
    }
    let keys: Vec<Key> = in_order(count).map(Key::new).collect();
    let mut shape = Shape { keys: &keys, levels: Vec::new() };
    shape.add(0..count, 0, 0);
    let mut lower = Vec::new();
    for nodes in shape.levels.iter().rev() {
        lower = references(nodes, &keys, &lower, &mut encode);
    }
    // The highest level has one node, which is hashed however short it is.
    lower.first().map_or(B256::ZERO, |root| root.hash)
}

/// The numbers below `count` in the order of their RLP.
fn in_order(count: usize) -> impl Iterator<Item = usize> {
    let bytes = BYTES.start..BYTES.end.min(count);
    bytes.chain(std::iter::once(0)).chain(BYTES.end..count)
}

/// An index as the trie's key.
struct Key {
    index: usize,
    nibbles: [u8; NIBBLES_MAX],
    length: usize,
}

impl Key {
    fn new(index: usize) -> Self {
        let bytes = encode_fixed_size(&index);
        let mut nibbles = [0; NIBBLES_MAX];
        for (pair, byte) in nibbles.as_chunks_mut().0.iter_mut().zip(&bytes) {
            *pair = [byte >> 4, byte & 0xf];
        }
        Self { index, nibbles, length: 2 * bytes.len() }
    }

    fn path(&self) -> &[u8] {
        &self.nibbles[..self.length]
    }
}

/// A node. Those below it follow each other in the next level.
enum Node {
    Leaf { key: usize, depth: usize },
    Extension { key: usize, path: Range<usize>, child: usize },
    Branch { nibbles: u16, first: usize },
}

/// Which nodes there are.
struct Shape<'a> {
    keys: &'a [Key],
    /// From the root down.
    levels: Vec<Vec<Node>>,
}

impl Shape<'_> {
    /// Adds the node over some keys that have `depth` nibbles in common, and all below it; returns
    /// where in its level it is.
    fn add(&mut self, keys: Range<usize>, depth: usize, level: usize) -> usize {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        let node = self.node(keys, depth, level + 1);
        let nodes = &mut self.levels[level];
        nodes.push(node);
        nodes.len() - 1
    }

    fn node(&mut self, keys: Range<usize>, depth: usize, below: usize) -> Node {
        let key = keys.start;
        if keys.len() == 1 {
            return Node::Leaf { key, depth };
        }
        let (first, last) = (self.keys[key].path(), self.keys[keys.end - 1].path());
        let both = first.iter().zip(last).skip(depth);
        let common = depth + both.take_while(|(first, last)| first == last).count();
        if common > depth {
            let child = self.add(keys, common, below);
            return Node::Extension { key, path: depth..common, child };
        }
        let first = self.levels.get(below).map_or(0, Vec::len);
        let (mut nibbles, mut start) = (0, keys.start);
        while start < keys.end {
            // No key begins another, so each goes on here.
            let nibble = self.keys[start].nibbles[depth];
            let rest = &self.keys[start..keys.end];
            let end = start + rest.partition_point(|key| key.nibbles[depth] <= nibble);
            self.add(start..end, depth + 1, below);
            nibbles |= 1 << nibble;
            start = end;
        }
        Node::Branch { nibbles, first }
    }
}

/// What a parent says of a node.
struct Reference {
    hash: B256,
    /// The node, where it is no longer than [`INLINE_MAX`].
    inline: Option<Vec<u8>>,
}

impl Reference {
    fn length(&self) -> usize {
        self.inline.as_ref().map_or_else(|| self.hash.length(), Vec::len)
    }

    fn write(&self, out: &mut Vec<u8>) {
        match &self.inline {
            Some(node) => out.extend_from_slice(node),
            None => self.hash.encode(out),
        }
    }
}

/// What is said of the nodes of a level, by what is said of the level below.
fn references(
    nodes: &[Node],
    keys: &[Key],
    lower: &[Reference],
    encode: &mut impl FnMut(usize, &mut Vec<u8>),
) -> Vec<Reference> {
    let mut references = Vec::with_capacity(nodes.len());
    let (mut text, mut item, mut ends) = (Vec::new(), Vec::new(), Vec::with_capacity(GROUP));
    for group in nodes.chunks(GROUP) {
        text.clear();
        ends.clear();
        for node in group {
            match node {
                Node::Leaf { key, depth } => {
                    let key = &keys[*key];
                    item.clear();
                    encode(key.index, &mut item);
                    write_leaf(&key.path()[*depth..], &item, &mut text);
                }
                Node::Extension { key, path, child } => {
                    write_extension(&keys[*key].nibbles[path.clone()], &lower[*child], &mut text);
                }
                Node::Branch { nibbles, first } => {
                    write_branch(*nibbles, &lower[*first..], &mut text);
                }
            }
            ends.push(text.len());
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let encoded: Vec<&[u8]> =
            starts.zip(&ends).map(|(start, end)| &text[start..*end]).collect();
        references.extend(hash_all(&encoded).into_iter().zip(&encoded).map(|(hash, node)| {
            Reference { hash, inline: (node.len() <= INLINE_MAX).then(|| node.to_vec()) }
        }));
    }
    references
}

fn write_list(payload_length: usize, out: &mut Vec<u8>) {
    Header { list: true, payload_length }.encode(out);
}

fn write_leaf(path: &[u8], item: &[u8], out: &mut Vec<u8>) {
    let path = compact(path, LEAF);
    write_list(path.as_slice().length() + item.length(), out);
    path.as_slice().encode(out);
    item.encode(out);
}

fn write_extension(path: &[u8], child: &Reference, out: &mut Vec<u8>) {
    let path = compact(path, EXTENSION);
    write_list(path.as_slice().length() + child.length(), out);
    path.as_slice().encode(out);
    child.write(out);
}

fn write_branch(nibbles: u16, children: &[Reference], out: &mut Vec<u8>) {
    let count = nibbles.count_ones() as usize;
    // Each nibble without a child, and the value that no branch here has, is the empty string.
    let empty = 17 - count;
    let payload = children.iter().take(count).map(Reference::length).sum::<usize>() + empty;
    write_list(payload, out);
    let mut children = children.iter();
    for nibble in 0..16 {
        match children.as_slice().first().filter(|_| nibbles & (1 << nibble) != 0) {
            Some(child) => {
                child.write(out);
                children.next();
            }
            None => out.push(EMPTY_STRING_CODE),
        }
    }
    out.push(EMPTY_STRING_CODE);
}

/// A path in bytes: its kind, whether its nibbles are odd, and they (Yellow Paper, appendix C).
fn compact(path: &[u8], kind: u8) -> Vec<u8> {
    let (odd, pairs) = path.as_rchunks::<2>();
    let first = odd.first().map_or(kind << 4, |nibble| (kind | ODD) << 4 | nibble);
    let pairs = pairs.iter().map(|[high, low]| high << 4 | low);
    std::iter::once(first).chain(pairs).collect()
}

#[cfg(test)]
mod tests;
