//! Columns of the bitwise chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One AND, OR or XOR.
    pub struct LogicRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for AND.
        pub is_and: T,
        /// 1 for OR.
        pub is_or: T,
        /// 1 for XOR.
        pub is_xor: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the second operand, 0 for an immediate.
        pub rs2: T,
        /// The immediate, 0 for a register.
        pub immediate: Word<T>,
        /// Bytes of the first operand, the lowest first.
        pub left: [T; 4],
        /// Bytes of the second operand: register plus immediate.
        pub right: [T; 4],
        /// Bytes of the operands' exclusive or.
        pub xor: [T; 4],
        /// What `rd` held.
        pub old: Word<T>,
        /// The result.
        pub result: Word<T>,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
