//! Columns of the immediate addition chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One addition of a constant.
    pub struct AddiRow<T> {
        /// 1 on a row of an instruction, 0 on padding.
        pub real: T,
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// Address of the next instruction in words.
        pub next: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the operand.
        pub rs1: T,
        /// The constant.
        pub immediate: Word<T>,
        /// The operand.
        pub left: Word<T>,
        /// What `rd` held.
        pub old: Word<T>,
        /// The result.
        pub result: Word<T>,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
