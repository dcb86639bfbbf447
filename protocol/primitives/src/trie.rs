//! The trie over a list (Yellow Paper, appendix D), whose keys are the RLP of indexes.
//!
//! The keys are known before the items are, so the trie is walked from its root, and no more of it
//! is kept than one path. Items are encoded where they are hashed.

use alloc::vec::Vec;
use core::iter;

use alloy_consensus::EMPTY_ROOT_HASH;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header, encode_fixed_size};

/// Nibbles of a key: the RLP of a number has at most nine bytes.
const NIBBLES_MAX: usize = 18;

/// Room for what comes before the item in a leaf: two headers of at most nine bytes, and a path.
/// Whole words.
const PREFIX_MAX: usize = 32;

/// Bytes of the longest branch: its header, and references to sixteen children.
const BRANCH_SIZE_MAX: usize = 3 + 16 * 33 + 1;

/// Shorter nodes stand in their parents as they are, and others by their hashes.
const HASHED_SIZE_MIN: usize = 32;

/// What a path's first nibble says (Yellow Paper, appendix C).
const LEAF: u8 = 2;
const EXTENSION: u8 = 0;
const ODD: u8 = 1;

/// The last index whose RLP is one byte of its own value. Zero has another byte, which is above
/// those.
const BYTE_MAX: usize = 0x7f;

/// Root of the trie that has the items of a list by their indexes. `encode` appends an item's
/// bytes.
pub(crate) fn ordered_root<T>(items: &[T], encode: impl Fn(&T, &mut Vec<u8>)) -> B256 {
    if items.is_empty() {
        return EMPTY_ROOT_HASH;
    }
    let all = items.iter().enumerate();
    let bytes = all.clone().skip(1).take(BYTE_MAX);
    let in_order = bytes.chain(all.clone().take(1)).chain(all.skip(BYTE_MAX.saturating_add(1)));
    let entries: Vec<Entry<'_, T>> = in_order.map(Entry::new).collect();
    let mut hasher = Hasher { encode, leaf: Vec::new(), prefix: Vec::new() };
    match entries.as_slice() {
        [only] => keccak256(hasher.leaf(only, 0)),
        entries => keccak256(hasher.upper(entries, 0)),
    }
}

/// An item and its key.
struct Entry<'a, T> {
    item: &'a T,
    nibbles: [u8; NIBBLES_MAX],
    length: usize,
}

impl<'a, T> Entry<'a, T> {
    fn new((index, item): (usize, &'a T)) -> Self {
        let bytes = encode_fixed_size(&index);
        let mut nibbles = [0; NIBBLES_MAX];
        for (pair, byte) in nibbles.as_chunks_mut().0.iter_mut().zip(&bytes) {
            *pair = [byte.wrapping_shr(4), byte & 0xf];
        }
        Self { item, nibbles, length: bytes.len().saturating_mul(2) }
    }

    /// The key from a depth on.
    fn path(&self, depth: usize) -> &[u8] {
        self.nibbles.get(depth..self.length).unwrap_or_default()
    }

    fn nibble(&self, depth: usize) -> Option<&u8> {
        self.path(depth).first()
    }
}

/// Encodes and hashes nodes.
struct Hasher<F> {
    encode: F,
    /// The last leaf, behind room for what is before its item.
    leaf: Vec<u8>,
    prefix: Vec<u8>,
}

impl<F> Hasher<F> {
    /// The node that has one entry.
    fn leaf<T>(&mut self, entry: &Entry<'_, T>, depth: usize) -> &[u8]
    where
        F: Fn(&T, &mut Vec<u8>),
    {
        // Most leaves have as many bytes before their items as the last one. They begin at a word
        // then, and words are hashed faster.
        let room = PREFIX_MAX.saturating_add(self.prefix.len() % 4);
        self.leaf.clear();
        self.leaf.resize(room, 0);
        (self.encode)(entry.item, &mut self.leaf);
        let item = self.leaf.get(room..).unwrap_or_default();

        let path = compact(entry.path(depth), LEAF);
        let payload_length = path.as_slice().length().saturating_add(item.length());
        self.prefix.clear();
        Header { list: true, payload_length }.encode(&mut self.prefix);
        path.as_slice().encode(&mut self.prefix);
        // A short number is its own string.
        if !matches!(item, [..=0x7f]) {
            Header { list: false, payload_length: item.len() }.encode(&mut self.prefix);
        }
        let start = room.saturating_sub(self.prefix.len());
        if let Some(before) = self.leaf.get_mut(start..room) {
            before.copy_from_slice(&self.prefix);
        }
        self.leaf.get(start..).unwrap_or_default()
    }

    /// The node over two entries or more that have `depth` nibbles in common.
    fn upper<T>(&mut self, entries: &[Entry<'_, T>], depth: usize) -> Vec<u8>
    where
        F: Fn(&T, &mut Vec<u8>),
    {
        let mut payload = Vec::with_capacity(BRANCH_SIZE_MAX);
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return payload };
        let both = first.path(depth).iter().zip(last.path(depth));
        let common = both.take_while(|(first, last)| first == last).count();
        if common > 0 {
            let path = first.path(depth).get(..common).unwrap_or_default();
            compact(path, EXTENSION).as_slice().encode(&mut payload);
            self.reference(entries, depth.saturating_add(common), &mut payload);
            return list(&payload);
        }
        let mut rest = entries;
        for nibble in 0..16 {
            // No key begins another, so each goes on here.
            let (here, after) =
                rest.split_at(rest.partition_point(|entry| {
                    entry.nibble(depth).is_some_and(|next| *next <= nibble)
                }));
            rest = after;
            self.reference(here, depth.saturating_add(1), &mut payload);
        }
        // A branch has no value of its own.
        payload.push(EMPTY_STRING_CODE);
        list(&payload)
    }

    /// Writes what a parent says of the node over these entries.
    fn reference<T>(&mut self, entries: &[Entry<'_, T>], depth: usize, out: &mut Vec<u8>)
    where
        F: Fn(&T, &mut Vec<u8>),
    {
        match entries {
            [] => out.push(EMPTY_STRING_CODE),
            [only] => refer(self.leaf(only, depth), out),
            entries => refer(&self.upper(entries, depth), out),
        }
    }
}

fn refer(node: &[u8], out: &mut Vec<u8>) {
    match node.len() < HASHED_SIZE_MIN {
        true => out.extend_from_slice(node),
        false => keccak256(node).encode(out),
    }
}

fn list(payload: &[u8]) -> Vec<u8> {
    let mut node = Vec::with_capacity(BRANCH_SIZE_MAX);
    Header { list: true, payload_length: payload.len() }.encode(&mut node);
    node.extend_from_slice(payload);
    node
}

/// A path in bytes: its kind, whether its nibbles are odd, and they (Yellow Paper, appendix C).
fn compact(path: &[u8], kind: u8) -> Vec<u8> {
    let (odd, pairs) = path.as_rchunks::<2>();
    let first =
        odd.first().map_or(kind.wrapping_shl(4), |nibble| (kind | ODD).wrapping_shl(4) | nibble);
    let pairs = pairs.iter().map(|[high, low]| high.wrapping_shl(4) | low);
    iter::once(first).chain(pairs).collect()
}

#[cfg(test)]
mod tests;
