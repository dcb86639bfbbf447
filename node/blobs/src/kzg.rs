//! Commitments and openings, by the library that Ethereum's clients use.

use std::sync::OnceLock;

use alloy_primitives::{B256, FixedBytes, U256};
use c_kzg::{Bytes32, Bytes48, KzgSettings};
use minster_batch::BlobOpening;
use sha2::{Digest, Sha256};

use crate::error::verdict;
use crate::{Blob, KzgError};

#[cfg(test)]
mod tests;

/// First byte of a versioned hash (EIP-4844, `VERSIONED_HASH_VERSION_KZG`).
const VERSIONED_HASH_VERSION: u8 = 1;

/// No tables for cell proofs: the recommended 8 would hold 90 MiB to save a quarter of their time.
const PRECOMPUTE: u64 = 0;

/// A commitment to a blob's polynomial, as L1 and the network spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KzgCommitment(pub FixedBytes<48>);

/// A proof of an opening or of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KzgProof(pub FixedBytes<48>);

/// A value of a blob's polynomial, and the proof that L1 takes for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The value at the point that was asked for.
    pub value: U256,
    /// Shows it to who has the commitment.
    pub proof: KzgProof,
}

impl KzgCommitment {
    /// What L1 knows of the blob (EIP-4844).
    #[must_use]
    pub fn versioned_hash(&self) -> B256 {
        let mut hash: [u8; 32] = Sha256::digest(self.0).into();
        hash[0] = VERSIONED_HASH_VERSION;
        B256::from(hash)
    }

    pub(crate) fn to_kzg(self) -> Bytes48 {
        Bytes48::new(self.0.0)
    }
}

impl KzgProof {
    pub(crate) fn to_kzg(self) -> Bytes48 {
        Bytes48::new(self.0.0)
    }
}

/// Loads the trusted setup now instead of at the first use.
pub fn load_setup() {
    setup();
}

/// Threads that ask at the same time wait for one of them to load it.
pub(crate) fn setup() -> &'static KzgSettings {
    static SETUP: OnceLock<&KzgSettings> = OnceLock::new();
    SETUP.get_or_init(|| c_kzg::ethereum_kzg_settings(PRECOMPUTE))
}

/// The commitment to the blob's polynomial.
///
/// # Errors
///
/// An element that is not below the modulus.
pub fn commit(blob: &Blob) -> Result<KzgCommitment, KzgError> {
    let commitment = setup().blob_to_kzg_commitment(blob.as_kzg())?;
    Ok(KzgCommitment(FixedBytes(*commitment)))
}

/// The versioned hash of the blob.
///
/// # Errors
///
/// An element that is not below the modulus.
pub fn versioned_hash(blob: &Blob) -> Result<B256, KzgError> {
    Ok(commit(blob)?.versioned_hash())
}

/// The value of the blob's polynomial at the point.
///
/// # Errors
///
/// An element, or the point, that is not below the modulus.
pub fn open(blob: &Blob, point: &U256) -> Result<Opening, KzgError> {
    let (proof, value) = setup().compute_kzg_proof(blob.as_kzg(), &word(point))?;
    let proof = KzgProof(FixedBytes(*proof));
    Ok(Opening { value: U256::from_be_bytes(*value), proof })
}

/// Whether L1's point-evaluation precompile accepts this (EIP-4844).
///
/// # Errors
///
/// Only if the library fails; what is malformed is not accepted.
pub fn verify_opening(
    commitment: &KzgCommitment,
    opening: &BlobOpening,
    proof: &KzgProof,
) -> Result<bool, KzgError> {
    if commitment.versioned_hash() != opening.versioned_hash {
        return Ok(false);
    }
    let (point, value) = (word(&opening.point), word(&opening.value));
    verdict(setup().verify_kzg_proof(&commitment.to_kzg(), &point, &value, &proof.to_kzg()))
}

fn word(number: &U256) -> Bytes32 {
    Bytes32::new(number.to_be_bytes())
}
