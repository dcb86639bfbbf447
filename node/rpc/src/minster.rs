//! `minster_*`: what Ethereum has no word for.

use alloy_primitives::{B256, U64};
use minster_sequencer::Located;
use serde::Serialize;

use crate::{api::Api, arguments::Arguments, methods::Answer};

/// How far a transaction has come (design: "Finality"). Until settlement exists, confirmed is as
/// far as any comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// In the pool.
    Pooled,
    /// Executed, in a signed and durable slice.
    Preconfirmed,
    /// In a sealed block.
    Confirmed,
}

/// Whether the batch is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProofStatus {
    /// Nobody proves it yet.
    None,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockJson {
    number: U64,
    /// Of the sealed block, or of the slice while the block is open.
    hash: B256,
    timestamp: U64,
}

/// Seconds since 1970 at which each word was reached.
#[derive(Debug, Clone, Copy, Serialize)]
struct TimesJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<U64>,
}

/// Answer of `minster_getFinality`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FinalityJson {
    status: Option<Status>,
    /// Why it left the pool, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    block: Option<BlockJson>,
    batch: Option<U64>,
    proof: ProofStatus,
    times: TimesJson,
    /// Null on a chain without an L1.
    l1_origin: Option<B256>,
}

/// How far a transaction has come; null when this node has never heard of it.
pub(crate) fn finality(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<FinalityJson>> {
    let hash = arguments.required(0)?;
    if let Some(located) = api.chain().transaction(hash)? {
        return Ok(Some(in_block(&located)));
    }
    if api.pool().get(hash).is_some() {
        return Ok(Some(waiting(Some(Status::Pooled), None)));
    }
    // It may have moved from the pool to the chain between the two looks.
    if let Some(located) = api.chain().transaction(hash)? {
        return Ok(Some(in_block(&located)));
    }
    let removal = api.pool().rejection(hash);
    Ok(removal.map(|removal| waiting(None, Some(removal.to_string()))))
}

fn in_block(located: &Located) -> FinalityJson {
    let timestamp = U64::from(located.block_timestamp);
    FinalityJson {
        status: Some(if located.is_sealed { Status::Confirmed } else { Status::Preconfirmed }),
        reason: None,
        block: Some(BlockJson {
            number: U64::from(located.block_number),
            hash: located.block_hash,
            timestamp,
        }),
        batch: None,
        proof: ProofStatus::None,
        times: TimesJson { confirmed: located.is_sealed.then_some(timestamp) },
        l1_origin: None,
    }
}

fn waiting(status: Option<Status>, reason: Option<String>) -> FinalityJson {
    FinalityJson {
        status,
        reason,
        block: None,
        batch: None,
        proof: ProofStatus::None,
        times: TimesJson { confirmed: None },
        l1_origin: None,
    }
}
