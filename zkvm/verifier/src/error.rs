//! Why a key cannot be made, and why a proof is refused.

use minster_machine::config::Config;
use p3_batch_stark::{BatchVerificationError, PcsError};

/// A key could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The library would not commit to the program's tables.
    #[error("the program's tables could not be committed to")]
    Commitment,
}

/// Bytes that are not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first bytes are something else's.
    #[error("this is not a proof of this machine")]
    NotAProof,
    /// Another version of the machine made it.
    #[error("the proof has version {found}, and this verifier knows version {known}")]
    Version {
        /// The proof's.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The bytes end too early.
    #[error("the proof is truncated")]
    Truncated,
    /// A part is larger than any real one.
    #[error("a part of the proof has {size} bytes, and at most {limit} are read")]
    TooLarge {
        /// The part's size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// More segments than any real run.
    #[error("the proof has more than {limit} segments")]
    TooManySegments {
        /// The limit.
        limit: usize,
    },
    /// A part's bytes mean nothing.
    #[error("a part of the proof is malformed")]
    Malformed,
    /// A part has bytes that say the same as others.
    #[error("a part of the proof is not in its one encoding")]
    NotCanonical,
    /// The public values are not those of any segment.
    #[error("the public values are not those of a segment")]
    PublicValues,
}

/// A proof does not show what it should.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The bytes are not a proof.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is no segment.
    #[error("the proof has no segment")]
    Empty,
    /// The segment has a shape that the key does not know.
    #[error("segment {segment} has a shape that this machine does not know")]
    Shape {
        /// Position in the proof.
        segment: usize,
    },
    /// The STARK does not hold.
    #[error("segment {segment} is not proven: {source}")]
    Stark {
        /// Position in the proof.
        segment: usize,
        /// What the proof system says.
        source: StarkError,
    },
    /// The first segment does not start as the program does, or a later one not as the one before
    /// it ended.
    #[error("segment {segment} does not start where it should: another {part}")]
    Seam {
        /// Position in the proof.
        segment: usize,
        /// What differs.
        part: SeamPart,
    },
    /// A segment that is not the last one halts.
    #[error("segment {segment} halts, but it is not the last one")]
    HaltedEarly {
        /// Position in the proof.
        segment: usize,
    },
    /// The last segment does not halt.
    #[error("the run is not complete: its last segment does not halt")]
    NotHalted,
    /// The program failed.
    #[error("the program ended with exit code {exit_code}, and only 0 is success")]
    Failed {
        /// The exit code.
        exit_code: u32,
    },
    /// The public output beside the proof is another.
    #[error("the public output is not the one that was proven")]
    Output,
}

/// What the proof system says about a segment.
pub type StarkError = BatchVerificationError<PcsError<Config>>;

/// What has to be equal where two segments meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeamPart {
    /// The next instruction.
    Pc,
    /// Memory.
    Memory,
    /// Public output.
    Output,
}

impl core::fmt::Display for SeamPart {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Pc => "instruction",
            Self::Memory => "memory",
            Self::Output => "public output",
        })
    }
}
