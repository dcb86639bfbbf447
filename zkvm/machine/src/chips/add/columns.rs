//! Columns of the addition chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One ADD or SUB.
    pub struct AddRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for ADD.
        pub is_add: T,
        /// 1 for SUB.
        pub is_sub: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the second operand.
        pub rs2: T,
        /// First operand.
        pub left: Word<T>,
        /// Second operand.
        pub right: Word<T>,
        /// What `rd` held.
        pub old: Word<T>,
        /// The result.
        pub result: Word<T>,
        /// Carry out of the low limbs.
        pub carry_low: T,
        /// Carry out of the high limbs.
        pub carry_high: T,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
