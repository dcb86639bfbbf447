//! The sum of a register and an immediate as an address: what jumps, loads and stores share.
//!
//! The sum is taken limb by limb. Its low limb is split by the bus of aligned numbers, which also
//! bounds it, so that only the true carry is left; the high limb is bounded by the chip: below
//! 2^15 for an address of RAM, which leaves only the true carry again.

use p3_field::PrimeCharacteristicRing;

use crate::access::{Word, word};
use crate::builder::ChipBuilder;
use crate::buses::{constant, inverse_power};
use crate::{F, columns};

columns! {
    /// A register, an immediate, and the carries of their sum, which the chip constrains to bits.
    pub struct Address<T> {
        /// What the register holds.
        pub base: Word<T>,
        /// The immediate.
        pub immediate: Word<T>,
        /// Carry out of the low limbs.
        pub carry_low: T,
        /// Carry out of the high limbs; it is dropped.
        pub carry_high: T,
    }
}

/// The low limb of the sum, in words: the offset within the word is `offset`.
pub fn words<AB: ChipBuilder>(address: &Address<AB::Var>, offset: AB::Expr) -> AB::Expr {
    let carry: AB::Expr = address.carry_low.into() * constant::<AB>(1 << 16);
    let low = address.base.low.into() + address.immediate.low - carry;
    (low - offset) * inverse_power::<AB>(2)
}

/// The high limb of the sum.
pub fn high<AB: ChipBuilder>(address: &Address<AB::Var>) -> AB::Expr {
    let carry: AB::Expr = address.carry_high.into() * constant::<AB>(1 << 16);
    address.base.high.into() + address.immediate.high + address.carry_low - carry
}

/// The address in words.
pub fn cell<AB: ChipBuilder>(words: AB::Expr, high: AB::Expr) -> AB::Expr {
    words + high * constant::<AB>(1 << 14)
}

/// The columns of a sum, and the sum.
pub fn fill(base: u32, immediate: u32) -> (Address<F>, u32) {
    let (sum, carry_high) = base.overflowing_add(immediate);
    let carry_low = (base & 0xffff) + (immediate & 0xffff) > 0xffff;
    let address = Address {
        base: word(base),
        immediate: word(immediate),
        carry_low: F::from_bool(carry_low),
        carry_high: F::from_bool(carry_high),
    };
    (address, sum)
}
