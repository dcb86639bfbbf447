//! Columns of the multiplication chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One factor of a product.
    pub struct Factor<T> {
        /// The three lower bytes, the lowest first.
        pub bytes: [T; 3],
        /// The low seven bits of the top byte.
        pub septet: T,
        /// The top bit.
        pub top_bit: T,
        /// 1 if the factor is signed and negative.
        pub sign: T,
    }
}

columns! {
    /// One MUL, MULH, MULHSU or MULHU.
    pub struct MulRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for MUL.
        pub is_mul: T,
        /// 1 for MULH.
        pub is_mulh: T,
        /// 1 for MULHSU.
        pub is_mulhsu: T,
        /// 1 for MULHU.
        pub is_mulhu: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the first operand.
        pub rs1: T,
        /// The register of the second operand.
        pub rs2: T,
        /// First operand.
        pub left: Factor<T>,
        /// Second operand.
        pub right: Factor<T>,
        /// 1 if the product is negative.
        pub negative: T,
        /// Low bytes of the carries out of the product's two lower limbs.
        pub carries: [T; 2],
        /// Bit 8 of the first carry, bits 8 and 9 of the second.
        pub carry_bits: [T; 3],
        /// The product's top limb less the product of the factors' top bytes, plus 256.
        pub excess: T,
        /// What `rd` held.
        pub old: Word<T>,
        /// The result: one half of the product.
        pub result: Word<T>,
        /// The other half.
        pub other: Word<T>,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
