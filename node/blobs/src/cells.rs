//! Cells of EIP-7594: a blob, extended to twice its length, in 128 pieces of which each can be
//! verified alone. A transaction that carries blobs brings a proof for each of their cells.

use alloy_primitives::FixedBytes;
use c_kzg::CELLS_PER_EXT_BLOB;

use crate::error::verdict;
use crate::kzg::setup;
use crate::{Blob, KzgCommitment, KzgError, KzgProof};

#[cfg(test)]
mod tests;

/// Cells of a blob (EIP-7594, `CELLS_PER_EXT_BLOB`).
pub const CELLS: usize = CELLS_PER_EXT_BLOB;

/// The proofs of the blob's cells, in order.
///
/// # Errors
///
/// An element that is not below the modulus.
pub fn cell_proofs(blob: &Blob) -> Result<Vec<KzgProof>, KzgError> {
    let (_, proofs) = setup().compute_cells_and_kzg_proofs(blob.as_kzg())?;
    Ok(proofs.iter().map(|proof| KzgProof(FixedBytes(**proof))).collect())
}

/// Whether these are proofs of all the blob's cells under the commitment.
///
/// # Errors
///
/// An element of the blob that is not below the modulus.
pub fn verify_cell_proofs(
    blob: &Blob,
    commitment: &KzgCommitment,
    proofs: &[KzgProof],
) -> Result<bool, KzgError> {
    if proofs.len() != CELLS {
        return Ok(false);
    }
    let cells = setup().compute_cells(blob.as_kzg())?;
    let indices: Vec<u64> = (0..CELLS as u64).collect();
    let proofs: Vec<_> = proofs.iter().map(|proof| proof.to_kzg()).collect();
    let commitments = vec![commitment.to_kzg(); CELLS];
    let result =
        setup().verify_cell_kzg_proof_batch(&commitments, &indices, cells.as_slice(), &proofs);
    verdict(result)
}
