use minster_batch::{BLOB_PUBDATA_BYTES, PUBDATA_BYTES_MAX, unpack};

use super::*;
use crate::testing::noise;

#[test]
fn pubdata_comes_back_from_its_blobs() {
    for length in [0, 1, BLOB_PUBDATA_BYTES, BLOB_PUBDATA_BYTES + 1, PUBDATA_BYTES_MAX] {
        let pubdata = noise(length);
        let blobs = blobs_of(&pubdata).unwrap();
        assert_eq!(blobs.len(), length.div_ceil(BLOB_PUBDATA_BYTES));
        let copies: Vec<Blob> =
            blobs.iter().map(|blob| Blob::from_bytes(blob.as_bytes()).unwrap()).collect();
        assert_eq!(copies, blobs);
        let bytes: Vec<&minster_batch::Blob> = copies.iter().map(Blob::as_bytes).collect();
        assert!(unpack(&bytes, length as u64).unwrap() == pubdata);
    }
}

#[test]
fn what_is_too_long_is_refused() {
    let length = PUBDATA_BYTES_MAX + 1;
    let error = BlobError::TooLong { length: length as u64 };
    assert_eq!(blobs_of(&vec![0; length]), Err(error));
    for length in [0, BLOB_BYTES - 1, BLOB_BYTES + 1] {
        let result = Blob::from_bytes(&vec![0; length]);
        assert!(matches!(result, Err(KzgError::BlobLength { length: l }) if l == length));
    }
}
