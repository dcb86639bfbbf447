//! Receipts and logs.

use alloy_primitives::{Address, B256, Bloom, Bytes, U64, U128};
use minster_primitives::{DEPOSIT_RECEIPT_VERSION, Log, TransactionFields};
use minster_sequencer::{Block, Item};
use serde::Serialize;

use super::Place;

/// A log and where it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogJson {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
    block_hash: B256,
    block_number: U64,
    block_timestamp: U64,
    transaction_hash: B256,
    transaction_index: U64,
    log_index: U64,
    removed: bool,
}

impl LogJson {
    /// Bytes of its data.
    pub(crate) fn data_length(&self) -> usize {
        self.data.len()
    }
}

/// A receipt and where its transaction is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptJson {
    #[serde(rename = "type")]
    tx_type: U64,
    status: U64,
    transaction_hash: B256,
    transaction_index: U64,
    block_hash: B256,
    block_number: U64,
    from: Address,
    to: Option<Address>,
    contract_address: Option<Address>,
    cumulative_gas_used: U64,
    gas_used: U64,
    effective_gas_price: U128,
    logs: Vec<LogJson>,
    logs_bloom: Bloom,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_nonce: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_receipt_version: Option<U64>,
}

/// The receipt of one transaction.
pub(crate) fn receipt(item: &Item, place: &Place, index: u64) -> ReceiptJson {
    let receipt = &item.receipt;
    let transaction = &item.transaction;
    ReceiptJson {
        tx_type: U64::from(receipt.tx_type),
        status: U64::from(receipt.success),
        transaction_hash: transaction.hash(),
        transaction_index: U64::from(index),
        block_hash: place.block_hash,
        block_number: U64::from(place.block_number),
        from: transaction.sender(),
        to: transaction.envelope().to(),
        contract_address: created(item),
        cumulative_gas_used: U64::from(receipt.cumulative_gas_used),
        gas_used: U64::from(item.gas_used),
        effective_gas_price: U128::from(transaction.effective_gas_price(place.base_fee)),
        logs: logs(item, place, index),
        logs_bloom: *receipt.bloom(),
        deposit_nonce: receipt.deposit_nonce.map(U64::from),
        deposit_receipt_version: receipt.deposit_nonce.map(|_| U64::from(DEPOSIT_RECEIPT_VERSION)),
    }
}

/// geth names the address whether the creation succeeded or not.
fn created(item: &Item) -> Option<Address> {
    let envelope = item.transaction.envelope();
    if !envelope.is_create() {
        return None;
    }
    let nonce = item.receipt.deposit_nonce.unwrap_or_else(|| envelope.nonce());
    Some(item.created.unwrap_or_else(|| item.transaction.sender().create(nonce)))
}

/// The receipts of a whole block.
pub(crate) fn receipts(block: &Block) -> Vec<ReceiptJson> {
    let place = Place::from(block);
    block.items.iter().zip(0..).map(|(item, index)| receipt(item, &place, index)).collect()
}

/// The logs of one transaction.
fn logs(item: &Item, place: &Place, index: u64) -> Vec<LogJson> {
    let logs = item.receipt.logs.iter().zip(item.first_log_index..);
    logs.map(|(log, log_index)| self::log(log, item, place, (index, log_index))).collect()
}

/// A log of a transaction, with the transaction's index in the block and its own.
pub(crate) fn log(
    log: &Log,
    item: &Item,
    place: &Place,
    (index, log_index): (u64, u64),
) -> LogJson {
    LogJson {
        address: log.address,
        topics: log.data.topics().to_vec(),
        data: log.data.data.clone(),
        block_hash: place.block_hash,
        block_number: U64::from(place.block_number),
        block_timestamp: U64::from(place.block_timestamp),
        transaction_hash: item.transaction.hash(),
        transaction_index: U64::from(index),
        log_index: U64::from(log_index),
        removed: false,
    }
}
