//! Columns of the comparison chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One SLT or SLTU, with a register or an immediate.
    pub struct CompareRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for SLT.
        pub is_slt: T,
        /// 1 for SLTU.
        pub is_sltu: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the second operand, x0 for an immediate.
        pub rs2: T,
        /// The immediate, 0 for a register.
        pub immediate: Word<T>,
        /// First operand.
        pub left: Word<T>,
        /// What `rs2` holds.
        pub right: Word<T>,
        /// What `rd` held.
        pub old: Word<T>,
        /// The first operand is negative; 0 for SLTU.
        pub left_sign: T,
        /// The second operand is negative; 0 for SLTU.
        pub right_sign: T,
        /// Inverse of the difference of the high limbs, or 0.
        pub inverse: T,
        /// Difference of the highest limbs that differ.
        pub difference: T,
        /// The first operand is less than the second: the result.
        pub less: T,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
