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
        /// The time that each starts with.
        pub starts: [T; 8],
        /// Time of the last access of each; where it starts if there is none.
        pub stamps: [T; 8],
        /// Digest of `before`.
        pub digest_before: [T; 8],
        /// Digest of `after`.
        pub digest_after: [T; 8],
    }
}

impl<T: Copy> LeafRow<T> {
    /// One of the cells, before and after: its value and its time.
    pub fn cell(&self, index: usize) -> Option<[(Word<T>, T); 2]> {
        let word = |limbs: &[T; 16]| {
            let [low, high] = *limbs.as_chunks().0.get(index)?;
            Some(Word { low, high })
        };
        let before = (word(&self.before)?, *self.starts.get(index)?);
        Some([before, (word(&self.after)?, *self.stamps.get(index)?)])
    }
}
