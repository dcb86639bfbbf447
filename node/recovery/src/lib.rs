#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod decode;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod libsecp;
#[cfg(target_arch = "x86_64")]
mod scalar;

pub use decode::decode_all;
pub use libsecp::Libsecp;
#[cfg(target_arch = "x86_64")]
use minster_keccak::hash_all;
use minster_primitives::{Address, B256, SenderRecovery, Signature};

/// Fewer signatures than this libsecp256k1 is faster with.
#[cfg(target_arch = "x86_64")]
const LANES_FROM: usize = 4;

/// Whether many at once cost less here than one after the other. Never with the feature `portable`.
#[must_use]
pub fn has_lanes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return cfg!(not(feature = "portable")) && lanes::are_there();
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// The address whose key signed each prehash, or `None` when there is none. The caller has already
/// refused a high `s`.
#[must_use]
pub fn recover_all(requests: &[(B256, Signature)]) -> Vec<Option<Address>> {
    #[cfg(target_arch = "x86_64")]
    if requests.len() >= LANES_FROM && has_lanes() {
        let keys = lanes::recover(requests);
        let hashes = hash_all(&keys.iter().map(|key| key.unwrap_or([0; 64])).collect::<Vec<_>>());
        let keys = keys.iter().zip(&hashes).zip(requests);
        return keys
            .map(|((key, hash), (prehash, signature))| match key {
                Some(_) => Some(Address::from_word(*hash)),
                None => Libsecp.recover(*prehash, signature),
            })
            .collect();
    }
    requests.iter().map(|(prehash, signature)| Libsecp.recover(*prehash, signature)).collect()
}

#[cfg(test)]
mod tests;
