//! The commitment of a batch.

use alloy_primitives::{Address, B256, U64};
use minster_batch::{BlobOpening, Commitment};
use serde::{Deserialize, Serialize};

/// A commitment in JSON: its fields in the order in which they are hashed (spec/batches.md).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitmentJson {
    version: U64,
    parent: B256,
    l1_chain_id: U64,
    l1_chain_address: Address,
    chain_id: U64,
    config_hash: B256,
    number: U64,
    parent_block_hash: B256,
    last_block_hash: B256,
    first_block: U64,
    last_block: U64,
    first_timestamp: U64,
    last_timestamp: U64,
    old_state_root: B256,
    new_state_root: B256,
    l1_origin_number: U64,
    l1_origin_hash: B256,
    inbox_index_before: U64,
    inbox_hash_before: B256,
    inbox_index_after: U64,
    inbox_hash_after: B256,
    message_count: U64,
    message_root: B256,
    interop_root: B256,
    data_mode: U64,
    pubdata_length: U64,
    pubdata_hash: B256,
    blobs: Vec<BlobJson>,
    fee_recipient: Address,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlobJson {
    versioned_hash: B256,
    point: B256,
    value: B256,
}

impl From<BlobOpening> for BlobJson {
    fn from(opening: BlobOpening) -> Self {
        let BlobOpening { versioned_hash, point, value } = opening;
        Self { versioned_hash, point: point.into(), value: value.into() }
    }
}

impl From<BlobJson> for BlobOpening {
    fn from(json: BlobJson) -> Self {
        let BlobJson { versioned_hash, point, value } = json;
        Self { versioned_hash, point: point.into(), value: value.into() }
    }
}

impl From<Commitment> for CommitmentJson {
    fn from(commitment: Commitment) -> Self {
        Self {
            version: U64::from(commitment.version),
            parent: commitment.parent,
            l1_chain_id: U64::from(commitment.l1_chain_id),
            l1_chain_address: commitment.l1_chain_address,
            chain_id: U64::from(commitment.chain_id),
            config_hash: commitment.config_hash,
            number: U64::from(commitment.number),
            parent_block_hash: commitment.parent_block_hash,
            last_block_hash: commitment.last_block_hash,
            first_block: U64::from(commitment.first_block),
            last_block: U64::from(commitment.last_block),
            first_timestamp: U64::from(commitment.first_timestamp),
            last_timestamp: U64::from(commitment.last_timestamp),
            old_state_root: commitment.old_state_root,
            new_state_root: commitment.new_state_root,
            l1_origin_number: U64::from(commitment.l1_origin_number),
            l1_origin_hash: commitment.l1_origin_hash,
            inbox_index_before: U64::from(commitment.inbox_index_before),
            inbox_hash_before: commitment.inbox_hash_before,
            inbox_index_after: U64::from(commitment.inbox_index_after),
            inbox_hash_after: commitment.inbox_hash_after,
            message_count: U64::from(commitment.message_count),
            message_root: commitment.message_root,
            interop_root: commitment.interop_root,
            data_mode: U64::from(commitment.data_mode),
            pubdata_length: U64::from(commitment.pubdata_length),
            pubdata_hash: commitment.pubdata_hash,
            blobs: commitment.blobs.into_iter().map(BlobJson::from).collect(),
            fee_recipient: commitment.fee_recipient,
        }
    }
}

impl From<CommitmentJson> for Commitment {
    fn from(json: CommitmentJson) -> Self {
        Self {
            version: json.version.to(),
            parent: json.parent,
            l1_chain_id: json.l1_chain_id.to(),
            l1_chain_address: json.l1_chain_address,
            chain_id: json.chain_id.to(),
            config_hash: json.config_hash,
            number: json.number.to(),
            parent_block_hash: json.parent_block_hash,
            last_block_hash: json.last_block_hash,
            first_block: json.first_block.to(),
            last_block: json.last_block.to(),
            first_timestamp: json.first_timestamp.to(),
            last_timestamp: json.last_timestamp.to(),
            old_state_root: json.old_state_root,
            new_state_root: json.new_state_root,
            l1_origin_number: json.l1_origin_number.to(),
            l1_origin_hash: json.l1_origin_hash,
            inbox_index_before: json.inbox_index_before.to(),
            inbox_hash_before: json.inbox_hash_before,
            inbox_index_after: json.inbox_index_after.to(),
            inbox_hash_after: json.inbox_hash_after,
            message_count: json.message_count.to(),
            message_root: json.message_root,
            interop_root: json.interop_root,
            data_mode: json.data_mode.to(),
            pubdata_length: json.pubdata_length.to(),
            pubdata_hash: json.pubdata_hash,
            blobs: json.blobs.into_iter().map(BlobOpening::from).collect(),
            fee_recipient: json.fee_recipient,
        }
    }
}
