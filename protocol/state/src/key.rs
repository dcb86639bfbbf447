//! Keys of the tree: a stem of 31 bytes and a sub-index of one.

use core::{cmp::Ordering, fmt};

use alloy_primitives::{B256, hex};

/// The first 31 bytes of a key: its path through the tree, most significant bit first.
///
/// Aligned, like [`TreeKey`], because both are copied more often than anything else, and words are
/// copied faster than bytes. So there is a last byte too, which is zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(align(8))]
pub struct Stem([u8; 32]);

impl Stem {
    /// Bits in a stem, and so the most internal nodes on a path.
    pub const BITS: u8 = 248;

    /// A stem of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 31]) -> Self {
        let mut words = [0; 32];
        if let Some(stem) = words.first_chunk_mut::<31>() {
            *stem = bytes;
        }
        Self(words)
    }

    /// The bytes of the stem.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 31] {
        let [stem @ .., _] = &self.0;
        stem
    }

    /// The bytes of the stem and a zero.
    pub(crate) fn as_word(&self) -> &B256 {
        (&self.0).into()
    }

    /// The key of one leaf of this stem's group.
    #[must_use]
    pub const fn with_sub_index(&self, sub_index: u8) -> TreeKey {
        TreeKey(self.0).with_sub_index(sub_index)
    }

    /// Whether the path turns right at this depth. Past the last bit it never does.
    #[must_use]
    pub(crate) fn bit(&self, depth: u8) -> bool {
        self.0.get(usize::from(depth / 8)).is_some_and(|byte| byte & mask(depth) != 0)
    }

    /// The stem with its bit at this depth set to `right`.
    #[must_use]
    pub(crate) fn with_bit(mut self, depth: u8, right: bool) -> Self {
        self.set_bit(depth, right);
        self
    }

    /// Sets the bit at this depth, which is below 248, to `right`.
    pub(crate) fn set_bit(&mut self, depth: u8, right: bool) {
        let Some(byte) = self.0.get_mut(usize::from(depth / 8)) else { return };
        *byte = if right { *byte | mask(depth) } else { *byte & !mask(depth) };
    }

    /// Whether the first `count` bits of both stems are equal.
    #[must_use]
    pub(crate) fn shares_prefix(&self, other: &Self, count: u8) -> bool {
        let whole = usize::from(count / 8);
        let rest = !0xff_u8.wrapping_shr(u32::from(count % 8));
        self.0.iter().zip(&other.0).take(whole).all(|(a, b)| a == b)
            && match (self.0.get(whole), other.0.get(whole)) {
                (Some(a), Some(b)) => (a ^ b) & rest == 0,
                _ => true,
            }
    }
}

/// The bit of its byte that a depth names.
fn mask(depth: u8) -> u8 {
    0x80_u8.wrapping_shr(u32::from(depth % 8))
}

impl fmt::Debug for Stem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stem(0x{})", hex::encode(self.as_bytes()))
    }
}

impl Ord for Stem {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Stem {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order of the bytes. Stems are hashes, so the first byte nearly always decides, without a
/// call to compare memory.
fn compare(a: &[u8; 32], b: &[u8; 32]) -> Ordering {
    let ([first_a, ..], [first_b, ..]) = (a, b);
    match first_a.cmp(first_b) {
        Ordering::Equal => a.cmp(b),
        decided => decided,
    }
}

/// A key of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(align(8))]
pub struct TreeKey([u8; 32]);

impl TreeKey {
    /// The path of the leaf's group.
    #[must_use]
    pub const fn stem(&self) -> Stem {
        Stem(self.with_sub_index(0).0)
    }

    /// The key of another leaf of the same group.
    const fn with_sub_index(mut self, sub_index: u8) -> Self {
        let [.., last] = &mut self.0;
        *last = sub_index;
        self
    }

    /// Whether this is the path of the leaf's group.
    #[must_use]
    // Apart, and with no other function's references, it is known that both are aligned: they are
    // compared by words.
    #[inline(never)]
    pub(crate) fn has_stem(&self, stem: &Stem) -> bool {
        let (words, stem_words) = (self.0.as_chunks::<4>().0, stem.0.as_chunks::<4>().0);
        let apart = |(a, b): (&[u8; 4], &[u8; 4])| u32::from_le_bytes(*a) ^ u32::from_le_bytes(*b);
        let mut apart = words.iter().zip(stem_words).map(apart);
        // All but the sub-index, the last byte, which of a stem is zero.
        apart.by_ref().take(7).all(|bits| bits == 0) && apart.all(|bits| bits & 0x00ff_ffff == 0)
    }

    /// The place of the leaf in its group.
    #[must_use]
    pub const fn sub_index(&self) -> u8 {
        let [.., sub_index] = self.0;
        sub_index
    }

    /// Whether the path turns right at this depth, which is below 248.
    #[must_use]
    pub(crate) fn bit(&self, depth: u8) -> bool {
        self.0.get(usize::from(depth / 8)).is_some_and(|byte| byte & mask(depth) != 0)
    }

    /// The bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first four bytes, in their order as a number.
    #[must_use]
    pub const fn beginning(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl Ord for TreeKey {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for TreeKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<B256> for TreeKey {
    fn from(bytes: B256) -> Self {
        Self(bytes.0)
    }
}

impl From<TreeKey> for B256 {
    fn from(key: TreeKey) -> Self {
        Self::new(key.0)
    }
}

impl fmt::Debug for TreeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeKey(0x{})", hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests;
