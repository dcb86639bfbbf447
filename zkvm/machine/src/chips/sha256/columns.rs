//! Columns of the SHA-256 chip.

use super::{BITS, SLOTS};
use crate::access::Word;
use crate::columns;

/// Cells whose meaning is that of the row's kind.
pub const SHARED: usize = 24;

columns! {
    /// One row of a compression: the call, eight words of the block, four new words of the message
    /// schedule, or two rounds.
    pub struct Sha256Row<T> {
        /// 1 for the row of the call.
        pub is_call: T,
        /// 1 for the row of the block's first eight words.
        pub is_first: T,
        /// 1 for the row of the block's last eight words.
        pub is_second: T,
        /// 1 for four new words of the schedule, other than the last four.
        pub is_schedule: T,
        /// 1 for the last four words of the schedule.
        pub is_last: T,
        /// 1 for the first two rounds of four.
        pub is_even: T,
        /// 1 for the last two rounds of four.
        pub is_odd: T,
        /// Tick of the call.
        pub clock: T,
        /// The first cell of the block.
        pub cell: T,
        /// Of rounds: which two. Of words: the number of the last quad.
        pub index: T,
        /// Eight words as bits, the lowest bit first.
        pub bits: [T; SLOTS * BITS],
        /// For each of two rounds, the sum of Σ1 and Ch as two limbs.
        pub choose: [T; 4],
        /// For each of two rounds, the sum of Σ0 and Maj as two limbs.
        pub majority: [T; 4],
        /// For each of four words, the sum of σ0 and σ1 as two limbs.
        pub expansion: [T; 8],
        /// Carries, or their upper bits.
        pub carries: [T; 16],
        /// Limbs of twelve words.
        pub shared: [T; SHARED],
    }
}

impl<T: Copy> Sha256Row<T> {
    /// The words that the row holds as bits.
    pub fn slots(&self) -> [[T; BITS]; SLOTS] {
        core::array::from_fn(|slot| core::array::from_fn(|bit| self.bits[slot * BITS + bit]))
    }

    /// The words that the row holds as limbs.
    pub fn words(&self) -> [Word<T>; SHARED / 2] {
        let limb = |index: usize| self.shared[index];
        core::array::from_fn(|index| Word { low: limb(2 * index), high: limb(2 * index + 1) })
    }
}
