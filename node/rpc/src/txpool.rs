//! `txpool_*`.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, TxKind, U64};
use minster_primitives::{Transaction, TransactionFields};
use serde::Serialize;

use crate::{
    api::Api,
    arguments::Arguments,
    json::{TransactionJson, pooled},
    methods::Answer,
};

/// How many transactions can run now, and how many wait for a nonce.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct StatusJson {
    pending: U64,
    queued: U64,
}

/// Whatever can run now beside whatever waits for a nonce.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct ContentJson<T> {
    pending: T,
    queued: T,
}

pub(crate) fn status(api: &Api, _: &Arguments<'_>) -> Answer<StatusJson> {
    let status = api.pool().status();
    Ok(StatusJson { pending: U64::from(status.pending), queued: U64::from(status.queued) })
}

/// What all senders have in the pool.
type BySender<T> = ContentJson<BTreeMap<Address, BTreeMap<u64, T>>>;

pub(crate) fn content(api: &Api, _: &Arguments<'_>) -> Answer<BySender<TransactionJson>> {
    Ok(all(api, pooled))
}

pub(crate) fn inspect(api: &Api, _: &Arguments<'_>) -> Answer<BySender<String>> {
    Ok(all(api, |transaction| summary(transaction)))
}

fn all<T>(api: &Api, show: impl Fn(&Arc<Transaction>) -> T + Copy) -> BySender<T> {
    let mut content = BySender::default();
    for (sender, transactions) in api.pool().content() {
        if !transactions.pending.is_empty() {
            content.pending.insert(sender, by_nonce(&transactions.pending, show));
        }
        if !transactions.queued.is_empty() {
            content.queued.insert(sender, by_nonce(&transactions.queued, show));
        }
    }
    content
}

/// geth's line.
fn summary(transaction: &Transaction) -> String {
    let envelope = transaction.envelope();
    let target = match envelope.kind() {
        TxKind::Call(to) => to.to_string(),
        TxKind::Create => "contract creation".to_owned(),
    };
    let (value, gas, price) = (envelope.value(), envelope.gas_limit(), envelope.max_fee_per_gas());
    format!("{target}: {value} wei + {gas} gas × {price} wei")
}

pub(crate) fn content_from(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<ContentJson<BTreeMap<u64, TransactionJson>>> {
    let content = api.pool().content_from(arguments.required(0)?);
    Ok(ContentJson {
        pending: by_nonce(&content.pending, pooled),
        queued: by_nonce(&content.queued, pooled),
    })
}

/// Transactions of one sender by nonce.
fn by_nonce<T>(
    transactions: &[Arc<Transaction>],
    show: impl Fn(&Arc<Transaction>) -> T,
) -> BTreeMap<u64, T> {
    transactions.iter().map(|tx| (tx.envelope().nonce(), show(tx))).collect()
}
