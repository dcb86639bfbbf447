//! What coordinator and workers say to each other.

use minster_machine::config::Digest;
use minster_riscv::ELF_SIZE_MAX;
use minster_verifier::SEGMENT_SIZE_MAX;
use p3_field::PrimeField32;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Version of the messages.
pub const PROTOCOL: u32 = 1;
/// The most bytes of an input, and of hints.
pub const INPUT_SIZE_MAX: usize = 256 << 20;
/// The most bytes beside those that have limits of their own.
const ENVELOPE: usize = 1 << 10;
/// The most bytes of a worker's message.
pub const WORKER_SIZE_MAX: usize = SEGMENT_SIZE_MAX + ENVELOPE;
/// The most bytes of a coordinator's message.
pub const COORDINATOR_SIZE_MAX: usize = ELF_SIZE_MAX + 2 * INPUT_SIZE_MAX + ENVELOPE;

/// What a run is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The program's ELF file.
    pub elf: Vec<u8>,
    /// The input.
    pub input: Vec<u8>,
    /// The hints; without them, workers answer requests as the coordinator does.
    pub hints: Option<Vec<u8>>,
    /// The most instructions.
    pub cycles_max: u64,
    /// The most instructions of a segment.
    pub segment_cycles_max: u32,
}

/// A worker's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The first one.
    Hello { protocol: u32 },
    /// It wants a segment, and stands before this one.
    Ready { position: u32 },
    /// The proof of the segment that it was given.
    Proof { segment: u32, part: Vec<u8> },
    /// It lives.
    Alive,
}

/// A coordinator's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromCoordinator {
    /// The answer to hello. The key is the digest of the one that the program has here.
    Job { key: [u32; 8], recipe: Recipe },
    /// The segment to prove.
    Prove { segment: u32 },
    /// There is nothing more to do.
    Done,
    /// It does not listen any more.
    Refused { reason: String },
    /// It lives.
    Alive,
}

/// A digest as a message has it.
pub fn words(digest: &Digest) -> [u32; 8] {
    digest.map(|element| element.as_canonical_u32())
}

/// A message as bytes.
pub fn encode(message: &impl Serialize) -> std::io::Result<Vec<u8>> {
    postcard::to_allocvec(message).map_err(std::io::Error::other)
}

/// The message of these bytes, if they are one and nothing else.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Option<M> {
    let (message, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(message)
}
