//! Slices.

use alloy_primitives::{B256, Bytes, U64};
use minster_sequencer::Slice;
use serde::Serialize;

use super::{Place, ReceiptJson, TransactionJson, mined, receipt};

/// A signed slice, with what it did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SliceJson {
    hash: B256,
    sequence: U64,
    parent: B256,
    chain_id: U64,
    block_number: U64,
    block_timestamp: U64,
    first_transaction_index: U64,
    transactions_hash: B256,
    receipts_hash: B256,
    signature: Bytes,
    transactions: Vec<TransactionJson>,
    receipts: Vec<ReceiptJson>,
}

/// A slice, given its block's base fee.
pub(crate) fn slice(slice: &Slice, base_fee: u64) -> SliceJson {
    let header = &slice.header;
    let place = Place {
        block_hash: slice.hash,
        block_number: header.block_number,
        block_timestamp: header.block_timestamp,
        base_fee,
    };
    let items = || slice.items.iter().zip(header.first_transaction_index..);
    SliceJson {
        hash: slice.hash,
        sequence: U64::from(header.sequence),
        parent: header.parent,
        chain_id: U64::from(header.chain_id),
        block_number: U64::from(header.block_number),
        block_timestamp: U64::from(header.block_timestamp),
        first_transaction_index: U64::from(header.first_transaction_index),
        transactions_hash: header.transactions_hash,
        receipts_hash: header.receipts_hash,
        signature: slice.signature.as_bytes().into(),
        transactions: items().map(|(item, index)| mined(item, &place, index)).collect(),
        receipts: items().map(|(item, index)| receipt(item, &place, index)).collect(),
    }
}
