//! What is kept beside the bytes of a proof.

use minster_primitives::B256;
use minster_storage::document::{Document, LABEL_BYTES};

/// The most bytes of a proof, whoever made it. A batch of one block at the proving limit
/// (`BLOCK_CYCLES_MAX`) takes some 8,000 segments of 4 MB each. It may take eight times as many:
/// where the meter should turn out to charge too little, the one proof that a chain can go on with
/// must not be refused for its size.
pub const PROOF_BYTES_MAX: u64 = 256 << 30;

/// What a proof of nearly no work may take: a batch fills some segments whatever is in it.
const PROOF_BYTES_BASE: u64 = 1 << 30;

/// Bytes of a proof for each cycle-equivalent: forty times what the largest batch takes, for the
/// same reason.
const PROOF_BYTES_PER_CYCLE: u64 = 64;

/// The most bytes of a proof of so much work. A borrower that brings no proof can write down no
/// more than this before it is found out.
pub(crate) fn proof_bytes_max(cycles: u64) -> u64 {
    let bytes = cycles.saturating_mul(PROOF_BYTES_PER_CYCLE).saturating_add(PROOF_BYTES_BASE);
    bytes.min(PROOF_BYTES_MAX)
}

/// Bytes of the two numbers at the start of a label.
const NUMBERS_BYTES: usize = 16;

/// What the one who verified a proof knows beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProofRecord {
    /// When it was verified, in milliseconds since 1970.
    pub verified_at_ms: u64,
    /// How long it took to make, in milliseconds.
    pub proving_ms: u64,
    /// Digest of the key that it was verified against.
    pub guest_key: B256,
}

impl ProofRecord {
    pub(crate) fn label(&self) -> [u8; LABEL_BYTES] {
        let mut label = [0; LABEL_BYTES];
        let numbers = self.verified_at_ms.to_le_bytes().into_iter();
        let numbers = numbers.chain(self.proving_ms.to_le_bytes());
        for (place, byte) in label.iter_mut().zip(numbers.chain(self.guest_key.0)) {
            *place = byte;
        }
        label
    }

    fn of_label(label: &[u8; LABEL_BYTES]) -> Self {
        let (numbers, key) = label.split_at(NUMBERS_BYTES);
        let guest_key = B256::try_from(key).unwrap_or_default();
        match numbers.as_chunks::<8>().0 {
            [verified_at, proving] => Self {
                verified_at_ms: u64::from_le_bytes(*verified_at),
                proving_ms: u64::from_le_bytes(*proving),
                guest_key,
            },
            _ => Self { guest_key, ..Self::default() },
        }
    }
}

/// A proof that was verified and is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptProof {
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub digest: B256,
    /// What was noted when it was verified.
    pub record: ProofRecord,
}

impl KeptProof {
    /// What a document of a proof says without its content.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        Self {
            bytes: document.size(),
            digest: B256::from(*document.digest()),
            record: ProofRecord::of_label(document.label()),
        }
    }
}

#[cfg(test)]
mod tests;
