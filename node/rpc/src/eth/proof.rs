//! `eth_getProof`: accounts and slots with their proofs in the state tree, in the shape of
//! EIP-1186. What the nodes are and how they are verified is ST-15 of `spec/state-tree.md`.

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use minster_sequencer::{SequencerError, StateError};
use minster_state::TreeError;
use serde::Serialize;

use super::state::slot_key;
use crate::{
    api::Api, arguments::Arguments, block_parameter::BlockParameter, error::ApiError,
    gate::Deadline, methods::Answer, read::SlotKey,
};

/// Answer of `eth_getProof`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountProofJson {
    address: Address,
    account_proof: Vec<Bytes>,
    balance: U256,
    code_hash: B256,
    nonce: U64,
    /// Zero: storage has no root of its own.
    storage_hash: B256,
    storage_proof: Vec<SlotProofJson>,
}

/// The proof of one slot.
#[derive(Debug, Serialize)]
pub(crate) struct SlotProofJson {
    key: SlotKeyJson,
    value: U256,
    proof: Vec<Bytes>,
}

/// A slot as geth repeats it: all 32 bytes where the caller wrote so many, and else a quantity.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum SlotKeyJson {
    Whole(B256),
    Short(U256),
}

impl From<SlotKey> for SlotKeyJson {
    fn from(SlotKey { slot, is_whole }: SlotKey) -> Self {
        if is_whole { Self::Whole(slot.into()) } else { Self::Short(slot) }
    }
}

/// Arguments `[address, slots, block]`. At `latest` and `pending` the block is the last sealed one:
/// only sealed blocks have a state root.
pub(crate) fn proof(api: &Api, arguments: &Arguments<'_>) -> Answer<AccountProofJson> {
    let address: Address = arguments.required(0)?;
    let keys: Vec<String> = arguments.required(1)?;
    let parameter: BlockParameter = arguments.or_default(2)?;
    let maximum = api.config.proof_slots_max;
    if keys.len() > maximum {
        return Err(ApiError::TooManySlots { maximum });
    }
    // Before the state is looked for, as geth does.
    let keys = keys.iter().map(|key| slot_key(key)).collect::<Answer<Vec<_>>>()?;
    let deadline = Deadline::new(&api.config);
    let parameter = match parameter {
        BlockParameter::Pending => BlockParameter::Latest,
        parameter => parameter,
    };
    let blocks_max = api.chain().proof_blocks_max();
    let block = match api.state_block(parameter) {
        // Worded as below: there is neither.
        Err(ApiError::StatePruned { block }) => {
            return Err(ApiError::ProofUnavailable { block, blocks_max });
        }
        block => block?,
    };
    let number = block.number();
    let old = |error: SequencerError| match error {
        SequencerError::State(StateError::Pruned { .. }) => {
            ApiError::ProofUnavailable { block: number, blocks_max }
        }
        error => deadline.word(error),
    };
    let tree = api.chain().tree_after(&block, deadline.at()).map_err(old)?;
    let state = api.chain().state_after(&block, deadline.at()).map_err(old)?;
    let account = state.account(address)?.unwrap_or_default();
    let mut storage_proof = Vec::with_capacity(keys.len());
    for key in keys {
        deadline.check()?;
        let value = state.storage(address, key.slot)?;
        let proof = nodes(tree.prove_slot(address, key.slot))?;
        storage_proof.push(SlotProofJson { key: key.into(), value, proof });
    }
    Ok(AccountProofJson {
        address,
        account_proof: nodes(tree.prove_account(address))?,
        balance: account.balance,
        code_hash: account.code_hash,
        nonce: U64::from(account.nonce),
        storage_hash: B256::ZERO,
        storage_proof,
    })
}

fn nodes(proof: Result<Vec<Vec<u8>>, TreeError>) -> Answer<Vec<Bytes>> {
    let proof = proof.map_err(|error| ApiError::Internal { reason: error.to_string() })?;
    Ok(proof.into_iter().map(Bytes::from).collect())
}
