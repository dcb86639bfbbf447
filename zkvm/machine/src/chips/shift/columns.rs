//! Columns of the shift chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One SLL, SRL or SRA.
    pub struct ShiftRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for SLL.
        pub is_sll: T,
        /// 1 for SRL.
        pub is_srl: T,
        /// 1 for SRA.
        pub is_sra: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the distance, 0 for an immediate.
        pub rs2: T,
        /// The immediate distance, 0 for a register.
        pub immediate: T,
        /// First operand.
        pub left: Word<T>,
        /// The distance modulo 8.
        pub distance: T,
        /// One-hot: whole bytes of the distance modulo 32, none of them set for 0.
        pub whole: [T; 3],
        /// The low limb of register plus immediate without its low five bits, over 32; two bytes.
        pub rest: [T; 2],
        /// High limb of the register of the distance.
        pub right_high: T,
        /// `2^distance` to the left, `2^(8 - distance)` to the right.
        pub factor: T,
        /// Bytes of `left.low · factor`.
        pub low: [T; 3],
        /// Bytes of `left.high · factor`.
        pub high: [T; 3],
        /// The operand's sign for SRA, otherwise 0.
        pub sign: T,
        /// What the sign adds to the operand's shifted top byte.
        pub fill: T,
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
