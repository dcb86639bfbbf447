//! Recovery as Ethereum has it.

use minster_guest::keccak256;

use crate::{Signature, recover};

#[cfg(test)]
mod tests;

/// The address of a public key: the last 20 bytes of its Keccak-256.
pub fn address(key: &[u8; 64]) -> [u8; 20] {
    let [.., last] = keccak256(key).last_chunk().map_or([[0; 20]], |last| [*last]);
    last
}

/// The precompiled contract `ECREC` (Yellow Paper, appendix E.1), on input that is as if zeros
/// followed it. Nothing if it has no address to give.
pub fn ecrecover(input: &[u8]) -> Option<[u8; 20]> {
    let mut words = [[0; 32]; 4];
    words.as_flattened_mut().iter_mut().zip(input).for_each(|(to, from)| *to = *from);
    let [digest, v, r, s] = words;
    let y_is_odd = match v {
        [zeros @ .., 27] if zeros == [0; 31] => false,
        [zeros @ .., 28] if zeros == [0; 31] => true,
        _ => return None,
    };
    let signature = Signature { r, s, y_is_odd, x_is_reduced: false };
    recover(&digest, &signature).ok().map(|key| address(&key))
}
