//! Columns of the call chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One ECALL that calls a precompile.
    pub struct CallRow<T> {
        /// 1 on a row of a call, 0 on padding.
        pub real: T,
        /// Whether the function has a second, a third and a fourth operand.
        pub more: [T; 3],
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// Number of the function.
        pub number: T,
        /// What a0 holds.
        pub a0: Word<T>,
        /// What a1 holds, 0 if the function has no second operand.
        pub a1: Word<T>,
        /// What a2 holds, 0 if the function has no third operand.
        pub a2: Word<T>,
        /// What a3 holds, 0 if the function has no fourth operand.
        pub a3: Word<T>,
        /// Previous access of a7.
        pub number_age: Age<T>,
        /// Previous access of a0.
        pub a0_age: Age<T>,
        /// Previous access of a1.
        pub a1_age: Age<T>,
        /// Previous access of a2.
        pub a2_age: Age<T>,
        /// Previous access of a3.
        pub a3_age: Age<T>,
    }
}
