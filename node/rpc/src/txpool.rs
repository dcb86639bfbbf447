//! `txpool_*`.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, U64};
use minster_primitives::{Transaction, TransactionFields};
use serde::Serialize;

use crate::{
    api::Api,
    arguments::Arguments,
    json::{TransactionJson, pooled},
    methods::Answer,
};

/// Transactions of one sender by nonce.
type ByNonce = BTreeMap<u64, TransactionJson>;

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

pub(crate) fn content(
    api: &Api,
    _: &Arguments<'_>,
) -> Answer<ContentJson<BTreeMap<Address, ByNonce>>> {
    let mut content = ContentJson::<BTreeMap<Address, ByNonce>>::default();
    for (sender, transactions) in api.pool().content() {
        if !transactions.pending.is_empty() {
            content.pending.insert(sender, by_nonce(&transactions.pending));
        }
        if !transactions.queued.is_empty() {
            content.queued.insert(sender, by_nonce(&transactions.queued));
        }
    }
    Ok(content)
}

pub(crate) fn content_from(api: &Api, arguments: &Arguments<'_>) -> Answer<ContentJson<ByNonce>> {
    let content = api.pool().content_from(arguments.required(0)?);
    Ok(ContentJson { pending: by_nonce(&content.pending), queued: by_nonce(&content.queued) })
}

fn by_nonce(transactions: &[Arc<Transaction>]) -> ByNonce {
    transactions.iter().map(|tx| (tx.envelope().nonce(), pooled(tx))).collect()
}
