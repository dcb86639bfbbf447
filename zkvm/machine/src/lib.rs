#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

pub mod access;
pub mod builder;
pub mod buses;
pub mod cells;
#[cfg(feature = "checker")]
pub mod checker;
pub mod chip;
pub mod chips;
pub mod config;
pub mod evaluation;
pub mod fingerprint;
pub mod lookups;
pub mod output;
pub mod passage;
pub mod public;
pub mod rom;
pub mod shape;
pub mod table;
pub mod trace;
pub mod tree;

/// The field of every cell: KoalaBear, p = 2^31 - 2^24 + 1.
pub type F = p3_koala_bear::KoalaBear;
/// The field of every challenge: the degree-5 extension of [`F`].
pub type EF = p3_field::extension::QuinticTrinomialExtensionField<F>;
