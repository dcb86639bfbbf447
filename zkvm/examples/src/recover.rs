//! Addresses of those who signed, by the precompiles.

use alloc::vec::Vec;

use minster_secp256k1::{Signature, address, recover};

#[cfg(test)]
mod tests;

/// Bytes of a record: digest, r, s, and the recovery id.
pub const RECORD_BYTES: usize = 97;

/// The addresses of the records, one after the other; 20 zeros for a record without one. What is
/// shorter than a record, at the end, counts for nothing.
pub fn run(input: &[u8]) -> Vec<u8> {
    let (records, _) = input.as_chunks::<RECORD_BYTES>();
    let mut output = Vec::with_capacity(20 * records.len());
    for record in records {
        output.extend(signer(record).unwrap_or_default());
    }
    output
}

fn signer(record: &[u8; RECORD_BYTES]) -> Option<[u8; 20]> {
    let (numbers, id) = record.as_chunks::<32>();
    let ([digest, r, s], [id @ 0..=3]) = (numbers, id) else { return None };
    let signature = Signature { r: *r, s: *s, y_is_odd: id & 1 == 1, x_is_reduced: id & 2 == 2 };
    recover(digest, &signature).ok().map(|key| address(&key))
}
