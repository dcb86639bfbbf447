#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod fibonacci;
pub mod json;
pub mod keccak;
pub mod keccak_precompile;
pub mod mixed;
pub mod recover;
pub mod sha256;
pub mod sort;
