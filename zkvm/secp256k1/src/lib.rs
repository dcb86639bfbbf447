#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

mod advice;
mod ethereum;
mod glv;
pub mod hints;
mod multiply;
mod number;
mod recover;

pub use ethereum::{address, ecrecover};
pub use recover::{EXIT_ADVICE, RecoverError, Signature, recover};
