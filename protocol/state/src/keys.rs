//! Where accounts, storage slots and published codes live in the tree (`spec/state-tree.md`,
//! "Keys").

use alloy_primitives::{Address, B256, U256};

use crate::{
    hasher::Blake3,
    key::{Stem, TreeKey},
};

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

/// Stem of the group that `tree_index` numbers among those of an account.
#[must_use]
pub fn stem<H: Blake3>(address: Address, tree_index: U256) -> Stem {
    let tree_index = B256::new(tree_index.to_le_bytes());
    TreeKey::from(H::hash(None, &address.into_word(), Some(&tree_index))).stem()
}

/// Stem of an account's header: basic data, code hash and first slots.
#[must_use]
pub fn header_stem<H: Blake3>(address: Address) -> Stem {
    stem::<H>(address, U256::ZERO)
}

/// Key of an account's basic data.
#[must_use]
pub fn account_key<H: Blake3>(address: Address) -> TreeKey {
    account_key_of(&header_stem::<H>(address))
}

/// Key of the basic data of the account that has this header stem.
#[must_use]
pub fn account_key_of(header_stem: &Stem) -> TreeKey {
    header_stem.with_sub_index(BASIC_DATA_SUB_INDEX)
}

/// Key of an account's code hash. Accounts without code have no such leaf.
#[must_use]
pub fn code_hash_key<H: Blake3>(address: Address) -> TreeKey {
    code_hash_key_of(&header_stem::<H>(address))
}

/// Key of the code hash of the account that has this header stem.
#[must_use]
pub fn code_hash_key_of(header_stem: &Stem) -> TreeKey {
    header_stem.with_sub_index(CODE_HASH_SUB_INDEX)
}

/// Key of a storage slot.
#[must_use]
pub fn storage_key<H: Blake3>(address: Address, slot: U256) -> TreeKey {
    let (tree_index, sub_index) = storage_place(slot);
    stem::<H>(address, tree_index).with_sub_index(sub_index)
}

/// Key of a storage slot of the account that has this header stem.
#[must_use]
pub fn storage_key_of<H: Blake3>(address: Address, header_stem: &Stem, slot: U256) -> TreeKey {
    let (tree_index, sub_index) = storage_place(slot);
    if tree_index.is_zero() {
        return header_stem.with_sub_index(sub_index);
    }
    stem::<H>(address, tree_index).with_sub_index(sub_index)
}

/// Where a storage slot lives: the tree index of its stem, which is zero for the header, and its
/// sub-index.
#[must_use]
pub fn storage_place(slot: U256) -> (U256, u8) {
    let [low, ..] = slot.to_le_bytes::<32>();
    if slot < U256::from(HEADER_STORAGE_SLOTS) {
        return (U256::ZERO, HEADER_STORAGE_OFFSET.wrapping_add(low));
    }
    // slot / 256 < 2^248 and the offset is 2^240: the sum cannot wrap.
    (slot.wrapping_shr(8).wrapping_add(MAIN_STORAGE_TREE_INDEX), low)
}

/// Key of the leaf that marks a code hash as published. No account has the stem: it is derived
/// in keyed mode.
#[must_use]
pub fn published_code_key<H: Blake3>(code_hash: B256) -> TreeKey {
    let hash = H::hash(Some(PUBLISHED_CODE_KEY), &code_hash, None);
    TreeKey::from(hash).stem().with_sub_index(0)
}

#[cfg(test)]
mod tests;
