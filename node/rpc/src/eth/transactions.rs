//! Transactions: sent, found, and their receipts.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{B256, Bytes};
use jsonrpsee::types::Params;
use minster_primitives::{DEPOSIT_TYPE, TransactionError};
use minster_sequencer::{Block, Chain, Item, SubmitError};
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};

use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::{BlockParameter, BlockTag},
    error::ApiError,
    json::{self, Place, ReceiptJson, TransactionJson},
    methods::Answer,
    read::{Count, Index},
};

/// How often a caller that waits for a receipt looks whether the transaction left the pool.
const DROPPED_CHECK: Duration = Duration::from_millis(100);

pub(crate) async fn send_raw(api: &Api, params: &Params<'_>) -> Answer<B256> {
    let bytes: Bytes = Arguments::new(params, 1)?.required(0)?;
    submit(api, bytes.into()).await
}

/// Takes a transaction's bytes into the pool, together with others that come at this time.
pub(crate) async fn submit(api: &Api, bytes: Vec<u8>) -> Answer<B256> {
    // A type and nothing after it, or not even that.
    if bytes.len() <= 1 && bytes.first().is_none_or(|first| *first <= 0x7f) {
        return Err(ApiError::ShortTransaction);
    }
    // Deposits come from L1 alone, and are refused however much of one is there.
    if let Some(type_id @ DEPOSIT_TYPE) = bytes.first().copied() {
        return Err(SubmitError::from(TransactionError::UnsupportedType { type_id }).into());
    }
    let hash = api.sequencer.submit_soon(bytes).await?;
    announce(api, hash);
    Ok(hash)
}

/// Tells who listens that the pool has a transaction.
pub(crate) fn announce(api: &Api, hash: B256) {
    // Nobody listening is no failure.
    let _ = api.pooled_feed.send(hash);
}

/// Sends, and answers with the receipt once the transaction is in a durable slice (EIP-7966).
pub(crate) async fn send_raw_sync(api: &Api, params: &Params<'_>) -> Answer<ReceiptJson> {
    let (bytes, timeout_ms) = {
        let arguments = Arguments::new(params, 2)?;
        let bytes: Bytes = arguments.required(0)?;
        let asked = arguments.optional(1)?.map(|Count(timeout_ms)| timeout_ms);
        let timeout_ms = asked.filter(|timeout_ms| *timeout_ms > 0);
        let timeout_ms = timeout_ms.unwrap_or(api.config.send_sync_timeout_ms);
        let timeout_ms = timeout_ms.min(api.config.send_sync_timeout_ms_max);
        (bytes, timeout_ms)
    };
    let deadline = Instant::now() + Duration::from_millis(timeout_ms);
    // The hash names the waiter, and is known before the transaction is submitted.
    let hash = alloy_primitives::keccak256(&bytes);
    let mut waiter = Waiter::new(api.chain(), hash);
    submit(api, bytes.into()).await?;
    let mut checks = interval(DROPPED_CHECK);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if let Some(receipt) = find_receipt(api, hash)? {
            return Ok(receipt);
        }
        if let Some(removal) = api.pool().rejection(hash) {
            return Err(ApiError::Dropped { reason: removal.to_string() });
        }
        let step = async {
            tokio::select! {
                () = waiter.done() => {}
                _ = checks.tick() => {}
            }
        };
        if timeout_at(deadline, step).await.is_err() {
            return Err(ApiError::SendTimeout { hash, timeout_ms });
        }
    }
}

/// Waits for a transaction, and leaves no trace when the caller goes away first.
struct Waiter {
    chain: Arc<Chain>,
    hash: B256,
    receiver: Option<oneshot::Receiver<()>>,
}

impl Waiter {
    fn new(chain: &Arc<Chain>, hash: B256) -> Self {
        Self { chain: Arc::clone(chain), hash, receiver: Some(chain.wait_for(hash)) }
    }

    async fn done(&mut self) {
        match &mut self.receiver {
            Some(receiver) => {
                let _ = receiver.await;
                self.receiver = None;
            }
            None => std::future::pending().await,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.receiver.take().is_some() {
            self.chain.stop_waiting(self.hash);
        }
    }
}

pub(crate) fn receipt(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<ReceiptJson>> {
    find_receipt(api, arguments.required(0)?)
}

fn find_receipt(api: &Api, hash: B256) -> Answer<Option<ReceiptJson>> {
    let located = api.chain().transaction(hash)?;
    Ok(located.map(|located| json::receipt(&located.item, &Place::from(&located), located.index)))
}

pub(crate) fn by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<TransactionJson>> {
    find_transaction(api, arguments.required(0)?)
}

/// In a block or in the pool.
pub(crate) fn find_transaction(api: &Api, hash: B256) -> Answer<Option<TransactionJson>> {
    if let Some(found) = find_mined(api, hash)? {
        return Ok(Some(found));
    }
    if let Some(transaction) = api.pool().get(hash) {
        return Ok(Some(json::pooled(&transaction)));
    }
    // It may have moved from the pool to the chain between the two looks.
    find_mined(api, hash)
}

fn find_mined(api: &Api, hash: B256) -> Answer<Option<TransactionJson>> {
    let located = api.chain().transaction(hash)?;
    Ok(located.map(|located| json::mined(&located.item, &Place::from(&located), located.index)))
}

/// geth answers `0x` where there is no such transaction.
pub(crate) fn raw_by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let hash = arguments.required(0)?;
    let mined = || -> Answer<Option<Bytes>> {
        Ok(api.chain().transaction(hash)?.map(|located| located.item.transaction.encoded()))
    };
    if let Some(bytes) = mined()? {
        return Ok(bytes);
    }
    match api.pool().get(hash) {
        Some(transaction) => Ok(transaction.encoded()),
        None => Ok(mined()?.unwrap_or_default()),
    }
}

pub(crate) fn by_block_number_and_index(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Option<TransactionJson>> {
    at_index(api, of_number(arguments)?, arguments, mined)
}

pub(crate) fn by_block_hash_and_index(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Option<TransactionJson>> {
    at_index(api, of_hash(arguments)?, arguments, mined)
}

/// As [`raw_by_hash`] where there is none.
pub(crate) fn raw_by_block_number_and_index(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    Ok(at_index(api, of_number(arguments)?, arguments, raw)?.unwrap_or_default())
}

/// As [`raw_by_hash`] where there is none.
pub(crate) fn raw_by_block_hash_and_index(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    Ok(at_index(api, of_hash(arguments)?, arguments, raw)?.unwrap_or_default())
}

fn mined(block: &Block, item: &Item, index: u64) -> TransactionJson {
    json::mined(item, &Place::from(block), index)
}

fn raw(_: &Block, item: &Item, _: u64) -> Bytes {
    item.transaction.encoded()
}

/// The block that the first argument names by number or tag.
fn of_number(arguments: &Arguments<'_>) -> Answer<BlockParameter> {
    arguments.required(0).map(|BlockTag(parameter)| parameter)
}

/// The block that the first argument names by its hash.
fn of_hash(arguments: &Arguments<'_>) -> Answer<BlockParameter> {
    arguments.required(0).map(BlockParameter::Hash)
}

fn at_index<T>(
    api: &Api,
    block: BlockParameter,
    arguments: &Arguments<'_>,
    form: fn(&Block, &Item, u64) -> T,
) -> Answer<Option<T>> {
    let Index(index) = arguments.required(1)?;
    let Some(block) = api.block(block)? else { return Ok(None) };
    let item = usize::try_from(index).ok().and_then(|index| block.items.get(index));
    Ok(item.map(|item| form(&block, item, index)))
}
