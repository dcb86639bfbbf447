#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod elf_file;
mod instruction;
mod opcode;
mod program;
mod symbols;

pub use elf_file::{ELF_SIZE_MAX, ElfError, SEGMENTS_MAX};
pub use instruction::{Instruction, decode, encode};
pub use opcode::{Format, Opcode};
pub use program::{CODE_WORDS_MAX, IMAGE_SIZE_MAX, LayoutError, Program, RAM_SIZE};
pub use symbols::{SYMBOL_NAME_SIZE_MAX, SYMBOLS_MAX, Symbol};

#[cfg(test)]
mod tests;
