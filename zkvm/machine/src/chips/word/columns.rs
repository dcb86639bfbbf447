//! Columns of the chip of word loads and stores.

use crate::access::{Age, Word};
use crate::chips::address::Address;
use crate::columns;

columns! {
    /// One LW or SW.
    pub struct WordRow<T> {
        /// Address of the instruction in words.
        pub pc: T,
        /// Tick of the instruction.
        pub clock: T,
        /// 1 for LW.
        pub is_load: T,
        /// 1 for SW.
        pub is_store: T,
        /// The register that is loaded or stored.
        pub register: T,
        /// The register of the address.
        pub rs1: T,
        /// Address of the word.
        pub address: Address<T>,
        /// What the loaded or stored register held.
        pub held: Word<T>,
        /// What the word of RAM held.
        pub memory: Word<T>,
        /// What both hold afterwards.
        pub value: Word<T>,
        /// Previous access of `rs1`.
        pub base_age: Age<T>,
        /// Previous access of `register`.
        pub register_age: Age<T>,
        /// Previous access of the word of RAM.
        pub memory_age: Age<T>,
    }
}
