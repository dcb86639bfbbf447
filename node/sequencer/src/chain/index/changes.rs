//! What blocks changed, as the index knows it.

use alloy_primitives::{Address, U256, keccak256};
use minster_storage::archive::Archive;

use super::Place;
use crate::{SequencerError, changes, codec::ChangeSet};

/// A block changed what has this key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changed {
    pub(super) key: u64,
    block: u64,
}

impl Changed {
    /// A place without an index.
    pub(super) const fn place(&self) -> Place {
        Place { block: self.block, index: 0 }
    }
}

/// An account, as runs know it.
pub(in crate::chain) fn account_key(address: Address) -> u64 {
    front(address.as_slice())
}

/// A slot, as runs know it.
pub(in crate::chain) fn slot_key(address: Address, slot: U256) -> u64 {
    let mut bytes = [0; Address::len_bytes() + U256::BYTES];
    let (front_half, back_half) = bytes.split_at_mut(Address::len_bytes());
    front_half.copy_from_slice(address.as_slice());
    back_half.copy_from_slice(&slot.to_be_bytes::<{ U256::BYTES }>());
    front(&bytes)
}

/// All that a block changed, as runs know it. Codes are not among it: none ever goes.
pub(in crate::chain) fn keys(changes: &ChangeSet) -> impl Iterator<Item = u64> {
    let existing = changes.accounts.iter().map(|stored| stored.address);
    let accounts = existing.chain(changes.created.iter().copied()).map(account_key);
    accounts.chain(changes.slots.iter().map(|stored| slot_key(stored.address, stored.slot)))
}

/// Whoever wants many keys that begin alike has to look for them: the hash is one that holds.
fn front(bytes: &[u8]) -> u64 {
    let mut front = [0; 8];
    front.copy_from_slice(&keccak256(bytes)[..8]);
    u64::from_be_bytes(front)
}

/// What blocks changed, of which those that were pruned say nothing.
pub(super) fn collect(
    archive: &Archive,
    first: u64,
    last: Option<u64>,
) -> Result<Vec<Changed>, SequencerError> {
    let mut changed = Vec::new();
    // Genesis changed nothing.
    for block in first.max(1)..=last.unwrap_or(0) {
        let Some(changes) = changes::get(archive, block)? else { continue };
        changed.extend(keys(&changes).map(|key| Changed { key, block }));
    }
    Ok(changed)
}
