//! The format of a proof.
//!
//! A proof is a version, the public output, and one part for each segment: its shape, its public
//! values, and the STARK. There is one encoding of a proof: reading refuses every other.

use alloc::vec::Vec;

use minster_machine::F;
use minster_machine::chips::segment::PUBLIC_WIDTH;
use minster_machine::config::StarkProof;
use minster_machine::public::PublicValues;
use serde::{Deserialize, Serialize};

use crate::error::DecodeError;

/// Version of the format and of the machine. It is part of every key.
pub const VERSION: u32 = 6;
/// What a proof starts with.
pub const MAGIC: [u8; 8] = *b"minsterp";
/// The most bytes of public output.
pub const OUTPUT_SIZE_MAX: usize = 64 << 20;
/// The most bytes of one segment's part. Real ones have up to 4.1 MiB. Bytes that mean nothing may
/// take 25 times their size to be read, as lists of empty lists: this limit bounds that too.
pub const SEGMENT_SIZE_MAX: usize = 5 << 20;
/// The most segments of a run.
pub const SEGMENTS_MAX: usize = 1 << 20;

/// The proof of one segment.
pub struct SegmentProof {
    /// Position in [`minster_machine::shape::SHAPES`].
    pub shape: u8,
    /// The public values.
    pub public: PublicValues,
    /// The proof that the tables exist.
    pub stark: StarkProof,
}

#[derive(Serialize, Deserialize)]
struct SegmentFormat {
    shape: u8,
    public: Vec<F>,
    stark: StarkProof,
}

impl SegmentProof {
    /// The part's bytes.
    pub fn encode(self) -> Result<Vec<u8>, DecodeError> {
        let Self { shape, public, stark } = self;
        encode_format(&SegmentFormat { shape, public: public.elements().to_vec(), stark })
    }

    /// A part from its bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > SEGMENT_SIZE_MAX {
            return Err(DecodeError::TooLarge { size: bytes.len(), limit: SEGMENT_SIZE_MAX });
        }
        let format: SegmentFormat =
            postcard::from_bytes(bytes).map_err(|_| DecodeError::Malformed)?;
        if encode_format(&format)? != bytes {
            return Err(DecodeError::NotCanonical);
        }
        let elements: &[F; PUBLIC_WIDTH] =
            format.public.as_slice().try_into().map_err(|_| DecodeError::PublicValues)?;
        let public = PublicValues::from_elements(elements).ok_or(DecodeError::PublicValues)?;
        Ok(Self { shape: format.shape, public, stark: format.stark })
    }
}

fn encode_format(format: &SegmentFormat) -> Result<Vec<u8>, DecodeError> {
    postcard::to_allocvec(format).map_err(|_| DecodeError::Malformed)
}

/// A run's proof as bytes whose segments are still encoded, so that one is in memory at a time.
///
/// After the magic and the version come blocks, each a kind, a length and bytes: the segments in
/// order, then the public output, which a prover knows last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedProof<'a> {
    /// What the program made public.
    pub output: &'a [u8],
    /// The segments' parts, in order.
    pub segments: Vec<&'a [u8]>,
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// The part of the next segment.
    Segment,
    /// The public output: the last block.
    Output,
}

/// Bytes before the first block.
pub const HEAD_SIZE: usize = 12;
/// Bytes of a block before its content.
pub const BLOCK_HEAD_SIZE: usize = 5;

const SEGMENT: u8 = 0;
const OUTPUT: u8 = 1;

/// Checks the bytes before the first block.
pub fn decode_head(head: &[u8; HEAD_SIZE]) -> Result<(), DecodeError> {
    let (magic, version) = head.split_first_chunk().ok_or(DecodeError::Truncated)?;
    if *magic != MAGIC {
        return Err(DecodeError::NotAProof);
    }
    let found = u32::from_le_bytes(*version.first_chunk().ok_or(DecodeError::Truncated)?);
    match found == VERSION {
        true => Ok(()),
        false => Err(DecodeError::Version { found, known: VERSION }),
    }
}

/// The kind of a block and the size of its content, which is within the limit of its kind.
pub fn decode_block_head(head: &[u8; BLOCK_HEAD_SIZE]) -> Result<(BlockKind, usize), DecodeError> {
    let [kind, size @ ..] = *head;
    let size = usize::try_from(u32::from_le_bytes(size)).unwrap_or(usize::MAX);
    let (kind, limit) = match kind {
        SEGMENT => (BlockKind::Segment, SEGMENT_SIZE_MAX),
        OUTPUT => (BlockKind::Output, OUTPUT_SIZE_MAX),
        _ => return Err(DecodeError::Malformed),
    };
    match size <= limit {
        true => Ok((kind, size)),
        false => Err(DecodeError::TooLarge { size, limit }),
    }
}

impl<'a> EncodedProof<'a> {
    /// Finds the parts in a proof's bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(DecodeError::NotAProof);
        }
        let (head, mut rest) = bytes.split_first_chunk().ok_or(DecodeError::Truncated)?;
        decode_head(head)?;
        let mut segments = Vec::new();
        loop {
            let (head, blocks) = rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
            let (kind, size) = decode_block_head(head)?;
            let (content, behind) = blocks.split_at_checked(size).ok_or(DecodeError::Truncated)?;
            match kind {
                BlockKind::Output if behind.is_empty() => {
                    return Ok(Self { output: content, segments });
                }
                BlockKind::Output => return Err(DecodeError::NotCanonical),
                BlockKind::Segment if segments.len() == SEGMENTS_MAX => {
                    return Err(DecodeError::TooManySegments { limit: SEGMENTS_MAX });
                }
                BlockKind::Segment => segments.push(content),
            }
            rest = behind;
        }
    }
}

/// The bytes before the first segment.
pub fn encode_head() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes
}

/// The block of a segment's part.
pub fn encode_segment(part: &[u8]) -> Result<Vec<u8>, DecodeError> {
    encode_block(SEGMENT, part, SEGMENT_SIZE_MAX)
}

/// The block of the public output, the last one of a proof.
pub fn encode_output(output: &[u8]) -> Result<Vec<u8>, DecodeError> {
    encode_block(OUTPUT, output, OUTPUT_SIZE_MAX)
}

fn encode_block(kind: u8, block: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let too_large = DecodeError::TooLarge { size: block.len(), limit };
    if block.len() > limit {
        return Err(too_large);
    }
    let size = u32::try_from(block.len()).map_err(|_| too_large)?;
    let mut bytes = Vec::from([kind]);
    bytes.extend(size.to_le_bytes());
    bytes.extend(block);
    Ok(bytes)
}
