//! Columns of the branch chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One branch.
    pub struct BranchRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for BEQ and BNE.
        pub is_equality: T,
        /// 1 for BLT and BGE.
        pub is_signed: T,
        /// 1 for BLTU and BGEU.
        pub is_unsigned: T,
        /// 1 for BNE, BGE and BGEU: taken if the comparison does not hold.
        pub negated: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the second operand.
        pub rs2: T,
        /// Address of the next instruction if the branch is taken, in words.
        pub target: T,
        /// Address of the next instruction in words.
        pub next_pc: T,
        /// First operand.
        pub left: Word<T>,
        /// Second operand.
        pub right: Word<T>,
        /// The first operand is negative; 0 unless signed.
        pub left_sign: T,
        /// The second operand is negative; 0 unless signed.
        pub right_sign: T,
        /// The high limbs differ.
        pub high_differs: T,
        /// Difference of the highest limbs that differ.
        pub difference: T,
        /// Inverse of `difference` where it has to be shown not to be zero.
        pub inverse: T,
        /// The comparison holds: equal, or less.
        pub holds: T,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
    }
}
