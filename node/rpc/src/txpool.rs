//! `txpool_*`.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, TxKind, U64};
use minster_mempool::SenderContent;
use minster_primitives::{Transaction, TransactionFields};
use serde::{Serialize, Serializer};

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

/// What all senders have in the pool. Each transaction is shown when its turn to be written comes,
/// so that no more is made of the pool than its answer holds.
#[derive(Debug)]
pub(crate) struct BySender<T> {
    content: BTreeMap<Address, SenderContent>,
    show: fn(&Arc<Transaction>) -> T,
}

impl<T: Serialize> Serialize for BySender<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let senders = |part: fn(&SenderContent) -> &Vec<Arc<Transaction>>| {
            let senders = self.content.iter().map(move |(sender, content)| (sender, part(content)));
            let senders = senders.filter(|(_, transactions)| !transactions.is_empty());
            // Capitals by EIP-55, as in geth's keys.
            let shown = |transactions| by_nonce(transactions, self.show);
            Map(senders
                .map(move |(sender, transactions)| (sender.to_string(), shown(transactions))))
        };
        ContentJson { pending: senders(|it| &it.pending), queued: senders(|it| &it.queued) }
            .serialize(serializer)
    }
}

/// Entries of a map, made as they are written.
struct Map<I>(I);

impl<I: Iterator<Item = (K, V)> + Clone, K: Serialize, V: Serialize> Serialize for Map<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

pub(crate) fn content(api: &Api, _: &Arguments<'_>) -> Answer<BySender<TransactionJson>> {
    Ok(BySender { content: api.pool().content(), show: pooled })
}

pub(crate) fn inspect(api: &Api, _: &Arguments<'_>) -> Answer<BySender<String>> {
    Ok(BySender { content: api.pool().content(), show: |transaction| summary(transaction) })
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
    show: fn(&Arc<Transaction>) -> T,
) -> BTreeMap<u64, T> {
    transactions.iter().map(|tx| (tx.envelope().nonce(), show(tx))).collect()
}
