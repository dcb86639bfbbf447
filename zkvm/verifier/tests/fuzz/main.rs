//! Fuzzing of the proof reader and of the verifier: no edit of a proof is accepted, none panics,
//! and each takes time and memory in proportion to its bytes.
//!
//! Proofs are edited at three levels: as a file of blocks, as a tree of every list, option, number
//! and field element that the library's type serializes (so that a field which a later version adds
//! is edited too), and as bytes. The tests named `long_run_` are those of `cargo xtask long zkvm`.

mod blocks;
#[path = "../../../riscv/tests/fuzz/engine.rs"]
mod engine;
mod honest;
mod hostile;
mod inputs;
mod serializer;
mod tree;
