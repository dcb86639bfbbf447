//! Pubdata as field elements (BL-1 to BL-3): groups of 127 bytes are 4 elements of 254 bits.

use alloc::vec::Vec;

use alloy_primitives::U256;

use super::{BLOB_BYTES, BLOB_PUBDATA_BYTES, BLOBS_MAX, Blob, BlobError, Elements};

/// Bytes of pubdata in a group.
const GROUP_BYTES: usize = 127;
/// Bytes of the elements that a group becomes.
const GROUP_BLOB_BYTES: usize = 4 * 32;

/// Every group lies in one blob.
const _: () = assert!(BLOB_PUBDATA_BYTES.is_multiple_of(GROUP_BYTES));
const _: () = assert!(BLOB_PUBDATA_BYTES / GROUP_BYTES * GROUP_BLOB_BYTES == BLOB_BYTES);

/// Blobs that hold pubdata of this many bytes (BL-1). Empty pubdata has none.
///
/// # Errors
///
/// Pubdata for more than [`BLOBS_MAX`] blobs.
pub fn blob_count(pubdata_length: u64) -> Result<usize, BlobError> {
    let length = usize::try_from(pubdata_length).unwrap_or(usize::MAX);
    let count = length.div_ceil(BLOB_PUBDATA_BYTES);
    if count > BLOBS_MAX {
        return Err(BlobError::TooLong { length: pubdata_length });
    }
    Ok(count)
}

/// Refuses another number of blobs than the length asks for.
pub(super) fn check_count(pubdata_length: u64, found: usize) -> Result<(), BlobError> {
    let expected = blob_count(pubdata_length)?;
    if found != expected {
        return Err(BlobError::WrongCount { expected, found });
    }
    Ok(())
}

/// Bytes of the pubdata.
pub(super) fn length_of(pubdata: &[u8]) -> u64 {
    u64::try_from(pubdata.len()).unwrap_or(u64::MAX)
}

/// The elements of each blob in turn (BL-2), as many blobs as the pubdata takes.
pub fn pack(pubdata: &[u8]) -> impl Iterator<Item = Elements> {
    pubdata.chunks(BLOB_PUBDATA_BYTES).map(pack_blob)
}

/// What one blob holds is at most [`BLOB_PUBDATA_BYTES`].
fn pack_blob(pubdata: &[u8]) -> Elements {
    let groups = pubdata.len().div_ceil(GROUP_BYTES);
    let mut elements = Vec::with_capacity(groups.saturating_mul(4));
    let (whole, rest) = pubdata.as_chunks();
    for group in whole {
        pack_group(group, &mut elements);
    }
    if !rest.is_empty() {
        let mut group = [0; GROUP_BYTES];
        for (place, byte) in group.iter_mut().zip(rest) {
            *place = *byte;
        }
        pack_group(&group, &mut elements);
    }
    Elements(elements)
}

/// Three bytes are four times six bits, which go above four times 31 bytes.
fn pack_group(group: &[u8; GROUP_BYTES], elements: &mut Vec<U256>) {
    let [a, b, c, bodies @ ..] = group;
    let heads = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
    for (head, body) in heads.into_iter().zip(bodies.as_chunks::<31>().0) {
        let mut word = [0; 32];
        let [high, low @ ..] = &mut word;
        *high = head;
        *low = *body;
        elements.push(U256::from_be_bytes(word));
    }
}

/// The pubdata that is in the blobs (BL-3).
///
/// # Errors
///
/// Another number of blobs than the length asks for, or a bit that packing would not have set: so
/// pubdata has one packing, and blobs, with the length, are one pubdata.
pub fn unpack(blobs: &[&Blob], pubdata_length: u64) -> Result<Vec<u8>, BlobError> {
    check_count(pubdata_length, blobs.len())?;
    let length = usize::try_from(pubdata_length).unwrap_or(usize::MAX);
    let mut pubdata = Vec::with_capacity(blobs.len().saturating_mul(BLOB_PUBDATA_BYTES));
    for blob in blobs {
        for group in blob.as_chunks().0 {
            unpack_group(group, &mut pubdata);
        }
    }
    pubdata.truncate(length);
    for ((index, blob), elements) in blobs.iter().enumerate().zip(pack(&pubdata)) {
        if !is_packing(blob, &elements) {
            return Err(BlobError::NotCanonical { index });
        }
    }
    Ok(pubdata)
}

/// Drops bits that are above the 254 of an element.
fn unpack_group(group: &[u8; GROUP_BLOB_BYTES], pubdata: &mut Vec<u8>) {
    let mut heads = [0; 4];
    let words = group.as_chunks::<32>().0;
    for (head, [high, ..]) in heads.iter_mut().zip(words) {
        *head = *high;
    }
    let [a, b, c, d] = heads.map(|head| head & 63);
    pubdata.extend([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
    for [_, low @ ..] in words {
        pubdata.extend(low);
    }
}

/// Whether the blob is these elements and zeros.
fn is_packing(blob: &Blob, elements: &Elements) -> bool {
    let used = elements.as_slice().iter().copied();
    let all = used.chain(core::iter::repeat(U256::ZERO));
    blob.as_chunks::<32>().0.iter().zip(all).all(|(word, element)| *word == element.to_be_bytes())
}
