//! Senders from signatures by alloy's own k256: the reference, and nothing of the node's.

use alloy_primitives::{Address, B256, Signature};
use minster_primitives::SenderRecovery;

/// alloy's recovery.
#[derive(Debug, Clone, Copy)]
pub struct Reference;

impl SenderRecovery for Reference {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        signature.recover_address_from_prehash(&prehash).ok()
    }
}
