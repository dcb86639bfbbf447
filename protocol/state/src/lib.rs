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

mod account;
mod group;
mod hasher;
mod key;
pub mod keys;
mod node;
mod paths;
#[cfg(feature = "proofs")]
pub mod proof;
mod sparse;
mod tree;
mod update;
mod witness;

#[cfg(test)]
mod reference;

pub use account::{BasicData, BasicDataError, CODE_SIZE_MAX};
pub use hasher::{Blake3, GROUP_KEY, INTERNAL_KEY, LEAF_KEY, STEM_KEY, SoftwareBlake3};
pub use key::{Stem, TreeKey};
pub use paths::PathsError;
pub use tree::{Leaves, Tree, TreeError};
pub use witness::{Witness, WitnessError};
