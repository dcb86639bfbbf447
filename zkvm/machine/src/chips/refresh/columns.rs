//! Columns of the refresh chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One cell that gets a new time.
    pub struct RefreshRow<T> {
        /// 1 on a row of a cell, 0 on padding.
        pub real: T,
        /// The cell.
        pub cell: T,
        /// What it holds, before and after.
        pub value: Word<T>,
        /// When it was accessed or stamped anew last.
        pub age: Age<T>,
        /// Upper part of the time since then.
        pub age_high: T,
        /// The new time: the low 16 bits.
        pub stamp_low: T,
        /// The new time: the 7 bits above.
        pub stamp_high: T,
    }
}
