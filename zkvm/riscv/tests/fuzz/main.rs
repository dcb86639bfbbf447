//! Fuzzing of the loader and of the decoder, without a tool beside the compiler: mutators that know
//! the structure of an ELF file, a corpus that grows by inputs with a new outcome, and an allocator
//! that counts. A failure names the state of the sequence from which its input can be made again.
//!
//! The tests named `long_run_` are those of `cargo xtask long zkvm`.

mod corpus;
mod decoder;
mod elf_files;
#[path = "../elf_writer/mod.rs"]
mod elf_writer;
mod engine;
mod mutator;
