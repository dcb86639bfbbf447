//! A state diff as leaves of the state tree (spec/state-tree.md).

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256};
use minster_primitives::{Account, StateDiff};
use minster_state::{BasicData, BasicDataError, Blake3, Stem, Tree, TreeError, TreeKey, keys};
use thiserror::Error;

/// Why a diff does not become leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeUpdateError {
    /// The tree is partial and does not show an account that the diff changes.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The tree holds a leaf that is no account, or an account does not fit one.
    #[error(transparent)]
    BasicData(#[from] BasicDataError),
}

/// The leaves that a diff sets, by key, zero where one goes. The tree is as it was before the diff;
/// it gives the code size of a contract whose code did not change.
///
/// # Errors
/// In the guest, when the witness lies or lacks something; in the node, never.
pub fn tree_updates<H: Blake3>(
    diff: &StateDiff,
    tree: &Tree<H>,
) -> Result<Vec<(TreeKey, B256)>, TreeUpdateError> {
    let leaf_count = diff.accounts.len().saturating_mul(2).saturating_add(diff.storage.len());
    let mut updates = Vec::with_capacity(leaf_count);
    for (address, account) in &diff.accounts {
        let header_stem = keys::header_stem::<H>(*address);
        let key = keys::account_key_of(&header_stem);
        let before = tree.leaf(&key)?.map(BasicData::decode).transpose()?;
        let before = before.unwrap_or_default();
        let code_hash = account.map_or(KECCAK256_EMPTY, |account| account.code_hash);
        let has_code = code_hash != KECCAK256_EMPTY;
        let code_size = match (has_code, diff.codes.get(&code_hash)) {
            (false, _) => 0,
            (true, Some(code)) => u32::try_from(code.len()).unwrap_or(u32::MAX),
            (true, None) => before.code_size,
        };
        let value = match account {
            Some(account) => basic_data(account, code_size).encode()?,
            None => B256::ZERO,
        };
        updates.push((key, value));
        // Accounts without code have no such leaf, and a witness need not show that.
        if has_code || before.code_size > 0 {
            let value = if has_code { code_hash } else { B256::ZERO };
            updates.push((keys::code_hash_key_of(&header_stem), value));
        }
    }
    updates.extend(storage_updates::<H>(diff));
    for code_hash in diff.codes.keys() {
        updates.push((keys::published_code_key::<H>(*code_hash), keys::PUBLISHED));
    }
    Ok(in_order(&updates))
}

/// By key, as the tree and the pubdata take them. Sorted by their beginnings, which nearly always
/// decide, and each moved once.
fn in_order(updates: &[(TreeKey, B256)]) -> Vec<(TreeKey, B256)> {
    let mut order: Vec<_> = updates.iter().map(|update| (update.0.beginning(), update)).collect();
    order.sort_unstable_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.0.cmp(&right.0)));
    order.into_iter().map(|(_, update)| *update).collect()
}

/// Neighbours among the slots often share a stem, which is derived once for all of them.
fn storage_updates<H: Blake3>(diff: &StateDiff) -> impl Iterator<Item = (TreeKey, B256)> {
    let mut last: Option<((Address, U256), Stem)> = None;
    diff.storage.iter().map(move |((address, slot), value)| {
        let (tree_index, sub_index) = keys::storage_place(*slot);
        let place = (*address, tree_index);
        let stem = match last {
            Some((known, stem)) if known == place => stem,
            _ => keys::stem::<H>(*address, tree_index),
        };
        last = Some((place, stem));
        (stem.with_sub_index(sub_index), B256::from(value.to_be_bytes::<32>()))
    })
}

/// The genesis bound and the bound on mints keep every balance below 2^128.
fn basic_data(account: &Account, code_size: u32) -> BasicData {
    let balance = u128::try_from(account.balance.min(U256::from(u128::MAX))).unwrap_or(u128::MAX);
    BasicData { code_size, nonce: account.nonce, balance }
}

#[cfg(test)]
mod tests;
