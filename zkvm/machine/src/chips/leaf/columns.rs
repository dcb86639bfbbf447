//! Columns of the leaf chip.

use crate::access::Word;
use crate::columns;

columns! {
    /// Eight neighbouring cells, of which the segment may access some.
    pub struct LeafRow<T> {
        /// 1 on a row of a leaf, 0 on padding.
        pub real: T,
        /// The first cell divided by 8.
        pub index: T,
        /// What the cells hold before the segment.
        pub before: [T; 16],
        /// What they hold after it.
        pub after: [T; 16],
        /// Time of the last access of each, 0 if there is none.
        pub stamps: [T; 8],
        /// Digest of `before`.
        pub digest_before: [T; 8],
        /// Digest of `after`.
        pub digest_after: [T; 8],
    }
}

impl<T: Copy> LeafRow<T> {
    /// One of the cells: its value before, its value after, its last access.
    pub fn cell(&self, index: usize) -> Option<(Word<T>, Word<T>, T)> {
        let word = |limbs: &[T; 16]| {
            let [low, high] = *limbs.as_chunks().0.get(index)?;
            Some(Word { low, high })
        };
        Some((word(&self.before)?, word(&self.after)?, *self.stamps.get(index)?))
    }
}
