//! Columns of the chip of indirect jumps.

use crate::access::{Age, Word};
use crate::chips::address::Address;
use crate::columns;

columns! {
    /// One JALR.
    pub struct JalrRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for an instruction, 0 for padding.
        pub is_real: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the target.
        pub rs1: T,
        /// Address of the instruction after this one, in bytes.
        pub link: Word<T>,
        /// The target.
        pub target: Address<T>,
        /// Bit 0 of the sum, which is cleared.
        pub odd: T,
        /// Bit 30 of the sum.
        pub high_bit: T,
        /// What `rd` held.
        pub old: Word<T>,
        /// Previous access of `rs1`.
        pub base_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
