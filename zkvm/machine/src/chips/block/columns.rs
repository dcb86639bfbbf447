//! Columns of the block chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// Eight consecutive cells that a precompile accesses at once.
    pub struct BlockRow<T> {
        /// 1 on a row of a block, 0 on padding.
        pub real: T,
        /// Tick of the call.
        pub clock: T,
        /// Slot of the access within the tick.
        pub slot: T,
        /// The first cell.
        pub cell: T,
        /// What the cells hold before, as limbs.
        pub before: [T; 16],
        /// What they hold after.
        pub after: [T; 16],
        /// Times of their previous accesses.
        pub previous: [T; 8],
        /// Upper parts of the times since then.
        pub high: [T; 8],
    }
}

impl<T: Copy> BlockRow<T> {
    /// The cells: value before, value after, previous access without the upper part of its age.
    pub fn cells(&self) -> [(Word<T>, Word<T>, Age<T>); 8] {
        let word = |limbs: &[T; 16], index: usize| {
            let [low, high] = limbs.as_chunks().0[index];
            Word { low, high }
        };
        core::array::from_fn(|index| {
            let age = Age { previous: self.previous[index] };
            (word(&self.before, index), word(&self.after, index), age)
        })
    }
}
