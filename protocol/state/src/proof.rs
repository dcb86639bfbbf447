//! Proofs of one account or one slot, as `eth_getProof` answers them (ST-15).
//!
//! A proof is the witness of its leaves (ST-9, ST-10) cut into its nodes, root first. Who verifies
//! one needs the state root of a header and nothing else of the chain.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256};
use thiserror::Error;

use crate::{
    BasicData, BasicDataError, Blake3, Tree, TreeError, TreeKey, Witness, WitnessError, keys,
};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// It is not the witness of these leaves under this root.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The tree that it shows lacks a leaf: a bug, since the witness is complete.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The leaf of the account is none.
    #[error(transparent)]
    BasicData(#[from] BasicDataError),
    /// The account has code or none, by the length of it, and a hash of code or none (ST-5).
    #[error("the account's code has {code_size} bytes, which its code hash contradicts")]
    CodeHash {
        /// The length that the account states.
        code_size: u32,
    },
}

/// What a proof says of an account that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenAccount {
    /// Nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: u128,
    /// Length of the code in bytes.
    pub code_size: u32,
    /// keccak256 of the code.
    pub code_hash: B256,
}

impl<H: Blake3> Tree<H> {
    /// The proof of an account, or that it does not exist.
    ///
    /// # Errors
    /// When this tree is partial and does not show the account.
    pub fn prove_account(&self, address: Address) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(nodes(&self.witness(&account_keys::<H>(address), &[])?))
    }

    /// The proof of a slot's value, zero included.
    ///
    /// # Errors
    /// When this tree is partial and does not show the slot.
    pub fn prove_slot(&self, address: Address, slot: U256) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(nodes(&self.witness(&[keys::storage_key::<H>(address, slot)], &[])?))
    }
}

/// The account under a state root, `None` when it does not exist.
///
/// # Errors
/// When the nodes are not the proof of this account under this root.
pub fn verify_account<H: Blake3>(
    state_root: B256,
    address: Address,
    nodes: &[impl AsRef<[u8]>],
) -> Result<Option<ProvenAccount>, ProofError> {
    let [data_key, code_key] = account_keys::<H>(address);
    let tree = shown::<H>(state_root, &[data_key, code_key], nodes)?;
    let Some(leaf) = tree.get(&data_key)? else { return Ok(None) };
    let BasicData { code_size, nonce, balance } = BasicData::decode(&leaf)?;
    let code_hash = tree.get(&code_key)?;
    if code_hash.is_some() != (code_size > 0) {
        return Err(ProofError::CodeHash { code_size });
    }
    let code_hash = code_hash.unwrap_or(KECCAK256_EMPTY);
    Ok(Some(ProvenAccount { nonce, balance, code_size, code_hash }))
}

/// The value of a slot under a state root.
///
/// # Errors
/// When the nodes are not the proof of this slot under this root.
pub fn verify_slot<H: Blake3>(
    state_root: B256,
    address: Address,
    slot: U256,
    nodes: &[impl AsRef<[u8]>],
) -> Result<U256, ProofError> {
    let key = keys::storage_key::<H>(address, slot);
    let tree = shown::<H>(state_root, &[key], nodes)?;
    Ok(U256::from_be_bytes(tree.get(&key)?.unwrap_or_default().0))
}

fn account_keys<H: Blake3>(address: Address) -> [TreeKey; 2] {
    let stem = keys::header_stem::<H>(address);
    [keys::account_key_of(&stem), keys::code_hash_key_of(&stem)]
}

fn shown<H: Blake3>(
    state_root: B256,
    keys: &[TreeKey],
    nodes: &[impl AsRef<[u8]>],
) -> Result<Tree<H>, ProofError> {
    let bytes: Vec<u8> = nodes.iter().flat_map(|node| node.as_ref()).copied().collect();
    let no_writes: [&[(TreeKey, B256)]; 0] = [];
    Ok(Witness::decode(&bytes)?.into_tree_for(state_root, keys, &no_writes)?)
}

/// Bytes of a stem node before its items: tag, stem, one less than there are items.
const STEM_HEAD: usize = 33;

/// Bytes of an item of a stem node.
const ITEM_SIZE: usize = 34;

/// The nodes of a witness in pre-order.
fn nodes(witness: &Witness) -> Vec<Vec<u8>> {
    let mut rest = witness.as_bytes();
    let mut nodes = Vec::new();
    while let Some(tag) = rest.first() {
        let size = match tag {
            1 => 33,
            3 => {
                let items = rest.get(STEM_HEAD.saturating_sub(1)).map_or(0, |last| *last);
                let items = usize::from(items).saturating_add(1);
                items.saturating_mul(ITEM_SIZE).saturating_add(STEM_HEAD)
            }
            _ => 1,
        };
        let (node, after) = rest.split_at(size.min(rest.len()));
        nodes.push(node.to_vec());
        rest = after;
    }
    nodes
}

#[cfg(test)]
mod tests;
