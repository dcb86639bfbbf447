//! Columns of the chip of lanes.

use crate::chips::keccak::{HALF_LANES, QUARTERS};
use crate::columns;

/// Limbs of the lanes of a row.
pub const LIMBS: usize = QUARTERS * HALF_LANES;
/// Limbs behind the last lane, up to the end of its block.
pub const TAIL: usize = 12;

columns! {
    /// Half of the lanes of a call: the lower half has 12, the upper half 13.
    pub struct LanesRow<T> {
        /// 1 for the lower half.
        pub is_low: T,
        /// 1 for the upper half.
        pub is_high: T,
        /// Tick of the call.
        pub clock: T,
        /// The first cell of the half.
        pub cell: T,
        /// Limbs of the lanes before, four of each, low ones first.
        pub before: [T; LIMBS],
        /// Limbs of the lanes after.
        pub after: [T; LIMBS],
        /// Of the upper half: limbs of the words behind the last lane, which stay.
        pub tail: [T; TAIL],
    }
}
