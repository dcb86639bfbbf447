//! Where accounts, storage slots and published codes live in the tree (`spec/state-tree.md`,
//! "Keys").

use alloy_primitives::{Address, B256, U256};

use crate::key::{Stem, TreeKey};

/// Sub-index of an account's basic data in its header group.
pub const BASIC_DATA_SUB_INDEX: u8 = 0;
/// Sub-index of an account's code hash in its header group.
pub const CODE_HASH_SUB_INDEX: u8 = 1;
/// Sub-index of storage slot 0 in the header group.
pub const HEADER_STORAGE_OFFSET: u8 = 64;
/// Storage slots that live in the header group.
pub const HEADER_STORAGE_SLOTS: u8 = 64;

/// BLAKE3 key under which the stems of published code marks are derived.
pub const PUBLISHED_CODE_KEY: &[u8; 32] = b"minster state tree: code mark v1";

/// The value of the leaf that marks a code hash as published.
pub const PUBLISHED: B256 = B256::with_last_byte(1);

/// `MAIN_STORAGE_OFFSET` / 256 = 256^30: the tree index of slot 0, were it not in the header.
const MAIN_STORAGE_TREE_INDEX: U256 = U256::from_limbs([0, 0, 0, 1 << 48]);

/// Key of an account's basic data.
#[must_use]
pub fn account_key(address: Address) -> TreeKey {
    header_stem(address).with_sub_index(BASIC_DATA_SUB_INDEX)
}

/// Key of an account's code hash. Accounts without code have no such leaf.
#[must_use]
pub fn code_hash_key(address: Address) -> TreeKey {
    header_stem(address).with_sub_index(CODE_HASH_SUB_INDEX)
}

/// Key of a storage slot.
#[must_use]
pub fn storage_key(address: Address, slot: U256) -> TreeKey {
    let [low, ..] = slot.to_le_bytes::<32>();
    if slot < U256::from(HEADER_STORAGE_SLOTS) {
        return header_stem(address).with_sub_index(HEADER_STORAGE_OFFSET.wrapping_add(low));
    }
    // slot / 256 < 2^248 and the offset is 2^240: the sum cannot wrap.
    let tree_index = slot.wrapping_shr(8).wrapping_add(MAIN_STORAGE_TREE_INDEX);
    stem(address, tree_index).with_sub_index(low)
}

/// Key of the leaf that marks a code hash as published. No account has the stem: it is derived
/// in keyed mode.
#[must_use]
pub fn published_code_key(code_hash: B256) -> TreeKey {
    truncate(&blake3::keyed_hash(PUBLISHED_CODE_KEY, code_hash.as_slice())).with_sub_index(0)
}

fn header_stem(address: Address) -> Stem {
    stem(address, U256::ZERO)
}

fn stem(address: Address, tree_index: U256) -> Stem {
    let address = address.into_word();
    let tree_index = B256::new(tree_index.to_le_bytes());
    truncate(&blake3::hash(&crate::hasher::concat(&address, &tree_index)))
}

fn truncate(hash: &blake3::Hash) -> Stem {
    TreeKey::from(B256::new(*hash.as_bytes())).stem()
}

#[cfg(test)]
mod tests;
