//! Columns of the chip of loads and stores of parts of a word.

use crate::access::{Age, Word};
use crate::chips::address::Address;
use crate::columns;

columns! {
    /// One LB, LBU, LH, LHU, SB or SH.
    pub struct SubwordRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for LB.
        pub is_lb: T,
        /// 1 for LBU.
        pub is_lbu: T,
        /// 1 for LH.
        pub is_lh: T,
        /// 1 for LHU.
        pub is_lhu: T,
        /// 1 for SB.
        pub is_sb: T,
        /// 1 for SH.
        pub is_sh: T,
        /// The register that is loaded or stored.
        pub register: T,
        /// The register of the address.
        pub rs1: T,
        /// Address of the part.
        pub address: Address<T>,
        /// Bit 0 of the address: the upper byte of a limb.
        pub odd: T,
        /// Bit 1 of the address: the upper limb of a word.
        pub upper: T,
        /// What the loaded or stored register held.
        pub held: Word<T>,
        /// What the word of RAM held.
        pub memory: Word<T>,
        /// What the register holds afterwards.
        pub value: Word<T>,
        /// What the word of RAM holds afterwards.
        pub stored: Word<T>,
        /// Lower byte of the addressed limb of RAM.
        pub low_byte: T,
        /// Upper byte of the addressed limb of RAM.
        pub high_byte: T,
        /// Of a load, the top bit of the loaded part.
        pub sign: T,
        /// Of a store, the lowest byte of the register. Of a load, twice the top byte of the loaded
        /// part, without its sign.
        pub tested: T,
        /// Of a store, the second byte of the register; 0 of a load.
        pub rest: T,
        /// Previous access of `rs1`.
        pub base_age: Age<T>,
        /// Previous access of `register`.
        pub register_age: Age<T>,
        /// Previous access of the word of RAM.
        pub memory_age: Age<T>,
    }
}
