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

mod blob;
mod commitment;
pub mod pubdata;

pub use blob::{
    BLOB_BYTES, BLOB_ELEMENTS, BLOB_PUBDATA_BYTES, BLOBS_MAX, Blob, BlobError, Elements,
    FIELD_MODULUS, ModularArithmetic, PUBDATA_BYTES_MAX, Software, blob_count, evaluate,
    evaluation_point, openings, pack, unpack,
};
pub use commitment::{BlobOpening, Commitment, PROTOCOL_VERSION};
