#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod build;
mod cryptography;

pub use build::{Base, BuildError, Built, build};
pub use cryptography::NativeCryptography;
