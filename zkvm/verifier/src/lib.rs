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

mod error;
mod key;
mod proof;
mod verify;

pub use error::{DecodeError, KeyError, SeamPart, StarkError, VerifyError};
pub use key::{Opening, ProvingParts, VerifyingKey};
pub use proof::{
    BLOCK_HEAD_SIZE, BlockKind, EncodedProof, HEAD_SIZE, MAGIC, OUTPUT_SIZE_MAX, SEGMENT_SIZE_MAX,
    SEGMENTS_MAX, SegmentProof, VERSION, decode_block_head, decode_head, encode_head,
    encode_output, encode_segment,
};
pub use verify::{RunCheck, Verification};
