//! Transactions.

use std::sync::Arc;

use alloy_primitives::{Address, B256, U64, U128};
use minster_primitives::{DEPOSIT_RECEIPT_VERSION, Envelope, Transaction, TransactionFields};
use minster_sequencer::Item;
use serde::{Serialize, Serializer};

use super::Place;

/// A transaction's own fields.
#[derive(Debug, Clone)]
struct EnvelopeJson(Arc<Transaction>);

impl Serialize for EnvelopeJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.envelope().serialize(serializer)
    }
}

/// A transaction and where it is; the place is null while it is pooled.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionJson {
    #[serde(flatten)]
    envelope: EnvelopeJson,
    block_hash: Option<B256>,
    block_number: Option<U64>,
    block_timestamp: Option<U64>,
    transaction_index: Option<U64>,
    /// A deposit names its sender itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Address>,
    /// Types 0 and 1 name it themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_price: Option<U128>,
    #[serde(flatten)]
    deposit: Option<DepositJson>,
}

/// What the OP Stack adds to a deposit.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositJson {
    /// `null`, which the envelope leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<()>,
    nonce: U64,
    deposit_receipt_version: U64,
    v: U64,
    r: U64,
    s: U64,
}

/// A transaction in a block.
pub(crate) fn mined(item: &Item, place: &Place, index: u64) -> TransactionJson {
    TransactionJson {
        block_hash: Some(place.block_hash),
        block_number: Some(U64::from(place.block_number)),
        block_timestamp: Some(U64::from(place.block_timestamp)),
        transaction_index: Some(U64::from(index)),
        deposit: deposit(item),
        ..alone(&item.transaction, |tx| tx.effective_gas_price(place.base_fee))
    }
}

/// A transaction that waits in the pool.
pub(crate) fn pooled(transaction: &Arc<Transaction>) -> TransactionJson {
    alone(transaction, |tx| tx.envelope().max_fee_per_gas())
}

fn alone(
    transaction: &Arc<Transaction>,
    price: impl FnOnce(&Transaction) -> u128,
) -> TransactionJson {
    let names_price = matches!(transaction.envelope(), Envelope::Legacy(_) | Envelope::Eip2930(_));
    TransactionJson {
        block_hash: None,
        block_number: None,
        block_timestamp: None,
        transaction_index: None,
        from: (!transaction.is_deposit()).then(|| transaction.sender()),
        gas_price: (!names_price).then(|| U128::from(price(transaction))),
        deposit: None,
        envelope: EnvelopeJson(Arc::clone(transaction)),
    }
}

fn deposit(item: &Item) -> Option<DepositJson> {
    let is_creation = item.transaction.envelope().is_create();
    item.receipt.deposit_nonce.map(|nonce| DepositJson {
        to: is_creation.then_some(()),
        nonce: U64::from(nonce),
        deposit_receipt_version: U64::from(DEPOSIT_RECEIPT_VERSION),
        v: U64::ZERO,
        r: U64::ZERO,
        s: U64::ZERO,
    })
}
