//! Columns of the division chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One DIV, DIVU, REM or REMU.
    ///
    /// A number with its sign is held folded: `x` for `x >= 0` with sign 0, `-x - 1` for `x < 0`
    /// with sign 1. Folding inverts the bits of a negative word, so it carries nothing.
    pub struct DivRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for DIV.
        pub is_div: T,
        /// 1 for DIVU.
        pub is_divu: T,
        /// 1 for REM.
        pub is_rem: T,
        /// 1 for REMU.
        pub is_remu: T,
        /// The register that is written, or the sink.
        pub rd: T,
        /// The register of the dividend.
        pub rs1: T,
        /// The register of the divisor.
        pub rs2: T,
        /// The dividend.
        pub left: Word<T>,
        /// The divisor.
        pub right: Word<T>,
        /// 1 for a negative dividend.
        pub left_sign: T,
        /// 1 for a negative divisor.
        pub right_sign: T,
        /// 1 for a negative quotient.
        pub quotient_sign: T,
        /// 1 for a negative remainder.
        pub remainder_sign: T,
        /// 1 if one of quotient and divisor is negative.
        pub product_sign: T,
        /// 1 if the divisor is 0.
        pub by_zero: T,
        /// Bytes of the folded quotient, the lowest first.
        pub quotient: [T; 4],
        /// Bytes of the folded divisor, of the top one the low seven bits.
        pub divisor: [T; 4],
        /// Top bit of the folded divisor.
        pub divisor_bit: T,
        /// Limbs of the folded remainder.
        pub remainder: Word<T>,
        /// Borrow of the divisor's low limb less the remainder's.
        pub borrow: T,
        /// Carry out of the low limb of the product, plus 2^14: a byte and seven bits.
        pub carry: [T; 2],
        /// What `rd` held.
        pub old: Word<T>,
        /// The result: quotient or remainder.
        pub result: Word<T>,
        /// Previous access of `rs1`.
        pub left_age: Age<T>,
        /// Previous access of `rs2`.
        pub right_age: Age<T>,
        /// Previous access of `rd`.
        pub old_age: Age<T>,
    }
}
