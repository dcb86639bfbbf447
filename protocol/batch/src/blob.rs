//! Pubdata in the blobs of EIP-4844 (spec/blobs.md, clauses `BL-n`).
//!
//! L1 knows a blob by a KZG commitment and checks that its polynomial has a *value* at a *point*.
//! The proof checks that the polynomial made from the pubdata has that value at that point. The
//! point is a hash of the blob and of the pubdata, so that two different polynomials do not meet
//! there, and hence blob and pubdata are one.

mod arithmetic;
mod evaluation;
mod packing;

use alloc::vec::Vec;

use alloy_primitives::{B256, U256, keccak256};
use thiserror::Error;

pub use self::arithmetic::{ModularArithmetic, Software};
pub use self::evaluation::evaluate;
pub use self::packing::{blob_count, pack, unpack};
use crate::BlobOpening;

/// Blobs of a batch at most: what one L1 transaction may carry (EIP-7594).
pub const BLOBS_MAX: usize = 6;
/// Field elements of a blob (EIP-4844, `FIELD_ELEMENTS_PER_BLOB`).
pub const BLOB_ELEMENTS: usize = 4096;
/// Bytes of a blob: 32 for each element.
pub const BLOB_BYTES: usize = BLOB_ELEMENTS * 32;
/// Bytes of pubdata that a blob holds: 254 bits in each element (BL-2).
pub const BLOB_PUBDATA_BYTES: usize = BLOB_ELEMENTS * 254 / 8;
/// Bytes of pubdata of a batch at most.
pub const PUBDATA_BYTES_MAX: usize = BLOBS_MAX * BLOB_PUBDATA_BYTES;

/// The modulus of the field, which is the order of BLS12-381's groups (EIP-4844, `BLS_MODULUS`).
pub const FIELD_MODULUS: U256 = U256::from_limbs([
    0xffff_ffff_0000_0001,
    0x53bd_a402_fffe_5bfe,
    0x3339_d808_09a1_d805,
    0x73ed_a753_299d_7d48,
]);

/// What the hash that gives a point begins with (BL-5).
const POINT_DOMAIN: &[u8; 32] = b"minster blob evaluation point v1";

/// The bytes of a blob: its elements in order, each big-endian.
pub type Blob = [u8; BLOB_BYTES];

/// Why there are no blobs for pubdata, no pubdata in blobs, or no elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BlobError {
    /// The pubdata needs more than [`BLOBS_MAX`] blobs.
    #[error("pubdata of {length} bytes, above the {PUBDATA_BYTES_MAX} of a batch")]
    TooLong {
        /// Bytes of the pubdata.
        length: u64,
    },
    /// There are not as many blobs, or hashes of them, as the length of the pubdata asks for.
    #[error("{found} blobs where {expected} are needed")]
    WrongCount {
        /// Blobs that the length asks for.
        expected: usize,
        /// Blobs that are there.
        found: usize,
    },
    /// A blob is not what packing the pubdata in it gives.
    #[error("blob {index} has a bit set where pubdata has none")]
    NotCanonical {
        /// Place of the blob, from 0.
        index: usize,
    },
    /// There are more elements than a blob has, or one is not below the modulus.
    #[error("not elements of a blob")]
    NotElements,
}

/// The first elements of a blob, whose others are zero. All are below [`FIELD_MODULUS`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elements(Vec<U256>);

impl Elements {
    /// Elements that come from elsewhere than pubdata.
    ///
    /// # Errors
    ///
    /// More than [`BLOB_ELEMENTS`], or one that is not below [`FIELD_MODULUS`].
    pub fn new(elements: Vec<U256>) -> Result<Self, BlobError> {
        let fit = elements.len() <= BLOB_ELEMENTS;
        if !fit || elements.iter().any(|element| *element >= FIELD_MODULUS) {
            return Err(BlobError::NotElements);
        }
        Ok(Self(elements))
    }

    /// The elements.
    #[must_use]
    pub fn as_slice(&self) -> &[U256] {
        &self.0
    }

    /// Writes the blob: these elements, then zeros.
    pub fn write_to(&self, blob: &mut Blob) {
        blob.fill(0);
        for (place, element) in blob.as_chunks_mut::<32>().0.iter_mut().zip(&self.0) {
            *place = element.to_be_bytes();
        }
    }
}

/// Where blob and pubdata are compared (BL-5): a hash of both, modulo the field.
#[must_use]
pub fn evaluation_point(versioned_hash: B256, pubdata_hash: B256) -> U256 {
    let mut bytes = [0; 96];
    let parts = [POINT_DOMAIN, &versioned_hash.0, &pubdata_hash.0];
    for (place, part) in bytes.as_chunks_mut::<32>().0.iter_mut().zip(parts) {
        *place = *part;
    }
    U256::from_be_bytes(keccak256(bytes).0).reduce_mod(FIELD_MODULUS)
}

/// The openings of a batch's blobs (BL-7): what L1 is to find of the blobs with these hashes if,
/// and but for a negligible chance only if, they are the pubdata. `pubdata_hash` is keccak256 of
/// the pubdata, which the caller has for the commitment.
///
/// # Errors
///
/// Pubdata that is too long, or another number of hashes than it has blobs.
pub fn openings<A: ModularArithmetic>(
    pubdata: &[u8],
    pubdata_hash: B256,
    versioned_hashes: &[B256],
) -> Result<Vec<BlobOpening>, BlobError> {
    packing::check_count(packing::length_of(pubdata), versioned_hashes.len())?;
    let blobs = pack(pubdata).zip(versioned_hashes);
    Ok(blobs
        .map(|(elements, versioned_hash)| {
            let point = evaluation_point(*versioned_hash, pubdata_hash);
            let value = evaluate::<A>(elements, &point);
            BlobOpening { versioned_hash: *versioned_hash, point, value }
        })
        .collect())
}

#[cfg(test)]
mod tests;
