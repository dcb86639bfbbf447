//! Columns of the ecall chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One ECALL.
    pub struct EcallRow<T> {
        /// 1 for HALT.
        pub is_halt: T,
        /// 1 for WRITE.
        pub is_write: T,
        /// 1 for READ_INPUT.
        pub is_input: T,
        /// 1 for READ_HINT.
        pub is_hint: T,
        /// 1 for COMMIT.
        pub is_commit: T,
        /// Address of the instruction in words.
        pub pc: T,
        /// Address of the next instruction in words.
        pub next: T,
        /// Tick of the instruction.
        pub clock: T,
        /// What a0 holds before.
        pub a0: Word<T>,
        /// What a1 holds.
        pub a1: Word<T>,
        /// What a2 holds.
        pub a2: Word<T>,
        /// What a0 holds after.
        pub result: Word<T>,
        /// Previous access of a7.
        pub a7_age: Age<T>,
        /// Previous access of a1.
        pub a1_age: Age<T>,
        /// Previous access of a2.
        pub a2_age: Age<T>,
        /// Previous access of a0.
        pub a0_age: Age<T>,
        /// Of a transfer: the cell after its last one.
        pub end: T,
        /// Low limb of the cells of RAM from `end` on.
        pub room_low: T,
        /// Upper part of the cells of RAM from `end` on, below 2^14.
        pub room_high: T,
        /// Of a commit: words of output before.
        pub position: T,
        /// Of a commit: words of output after. Of a read the same as `position`.
        pub position_end: T,
        /// Of a commit: tick of the previous one, 0 if there is none in this segment.
        pub commit_clock: T,
        /// Of a commit: upper part of the ticks since then.
        pub commit_gap_high: T,
    }
}
