//! The chips, one folder each: `columns`, `constraints`, `trace`, and a README that is their
//! documentation.

pub mod add;
pub mod addi;
pub mod address;
pub mod bignum;
pub mod blake3;
pub mod blake3_call;
pub mod block;
pub mod branch;
pub mod call;
pub mod compare;
pub mod compression;
pub mod div;
pub mod ecall;
pub mod jalr;
pub mod keccak;
pub mod lanes;
pub mod leaf;
pub mod logic;
pub mod lookup;
pub mod modular;
pub mod mul;
pub mod node;
pub mod precompile;
pub mod program;
pub mod ram;
pub mod refresh;
pub mod registers;
pub mod secp256k1;
pub mod segment;
pub mod sha256;
pub mod shift;
pub mod subword;
pub mod transfer;
pub mod word;
