//! Senders from signatures, by libsecp256k1.

use minster_primitives::{Address, B256, SenderRecovery, Signature, keccak256};
use secp256k1::{
    Message,
    ecdsa::{RecoverableSignature, RecoveryId},
};

/// libsecp256k1 with its global context: the fast back end of the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Libsecp;

impl SenderRecovery for Libsecp {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        let parity = if signature.v() { RecoveryId::One } else { RecoveryId::Zero };
        let mut compact = [0; 64];
        let (r, s) = compact.split_at_mut(32);
        r.copy_from_slice(&signature.r().to_be_bytes::<32>());
        s.copy_from_slice(&signature.s().to_be_bytes::<32>());
        // Parsing refuses scalars that are not below the group order; recovering refuses zero
        // scalars, an r that is no curve point, and a key at infinity.
        let key = RecoverableSignature::from_compact(&compact, parity)
            .and_then(|signature| signature.recover_ecdsa(Message::from_digest(prehash.0)))
            .ok()?;
        // The first byte tags the point as uncompressed.
        let [_, point @ ..] = key.serialize_uncompressed();
        Some(Address::from_slice(&keccak256(point)[12..]))
    }
}

#[cfg(test)]
mod tests;
