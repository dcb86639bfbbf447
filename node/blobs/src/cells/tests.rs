use super::*;
use crate::testing::noise;
use crate::{blobs_of, commit};

#[test]
fn proofs_of_cells_verify_and_nothing_else_does() {
    let blobs = blobs_of(&noise(130_049)).unwrap();
    let commitments = [commit(&blobs[0]).unwrap(), commit(&blobs[1]).unwrap()];
    let proofs = cell_proofs(&blobs[0]).unwrap();
    let verify = |blob, commitment, proofs: &[KzgProof]| {
        verify_cell_proofs(blob, commitment, proofs).unwrap()
    };
    assert!(verify(&blobs[0], &commitments[0], &proofs));
    assert!(!verify(&blobs[1], &commitments[0], &proofs));
    assert!(!verify(&blobs[0], &commitments[1], &proofs));
    assert!(!verify(&blobs[0], &commitments[0], &proofs[1..]));
    let mut changed = proofs.clone();
    changed.swap(3, 100);
    assert!(!verify(&blobs[0], &commitments[0], &changed));
    let mut changed = proofs.clone();
    changed[127].0[47] ^= 1;
    assert!(!verify(&blobs[0], &commitments[0], &changed));
    let mut changed = proofs;
    changed.push(changed[0]);
    assert!(!verify(&blobs[0], &commitments[0], &changed));
}

#[test]
fn a_blob_without_elements_is_an_error() {
    let blob = Blob::from_bytes(&[255; minster_batch::BLOB_BYTES]).unwrap();
    let commitment = KzgCommitment(FixedBytes::ZERO);
    assert!(matches!(cell_proofs(&blob), Err(KzgError::NotElement)));
    let proofs = [KzgProof(FixedBytes::ZERO); CELLS];
    let result = verify_cell_proofs(&blob, &commitment, &proofs);
    assert!(matches!(result, Err(KzgError::NotElement)));
}
