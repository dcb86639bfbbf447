//! How far a transaction has come.

use alloy_primitives::{B256, U64};
use minster_batcher::{BatchView, ProofState};
use minster_sequencer::Located;
use serde::Serialize;

use super::batches::{ProofStatus, seconds};
use crate::{api::Api, arguments::Arguments, methods::Answer};

/// How far a transaction has come (design: "Finality"). Until settlement exists, confirmed is as
/// far as any comes: a proof that only this node has is none that L1 has verified.
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

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockJson {
    number: U64,
    /// Of the sealed block, or of the slice while the block is open.
    hash: B256,
    timestamp: U64,
}

/// Seconds since 1970 at which each word was reached.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct TimesJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batched: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_verified: Option<U64>,
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
    /// Why the batch could not be proven the last time, when it failed; it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_error: Option<String>,
    times: TimesJson,
    /// Null on a chain without an L1.
    l1_origin: Option<B256>,
}

/// How far a transaction has come; null when this node has never heard of it.
pub(crate) fn finality(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<FinalityJson>> {
    let hash = arguments.required(0)?;
    if let Some(located) = api.chain().transaction(hash)? {
        return in_block(api, &located).map(Some);
    }
    if api.pool().get(hash).is_some() {
        return Ok(Some(waiting(Some(Status::Pooled), None)));
    }
    // It may have moved from the pool to the chain between the two looks.
    if let Some(located) = api.chain().transaction(hash)? {
        return in_block(api, &located).map(Some);
    }
    let removal = api.pool().rejection(hash);
    Ok(removal.map(|removal| waiting(None, Some(removal.to_string()))))
}

fn in_block(api: &Api, located: &Located) -> Answer<FinalityJson> {
    let timestamp = U64::from(located.block_timestamp);
    let batch = match &api.batches {
        Some(batches) if located.is_sealed => match batches.of_block(located.block_number)? {
            Some(batch) => batches.get(batch)?,
            None => None,
        },
        _ => None,
    };
    let confirmed = located.is_sealed.then_some(timestamp);
    let mut answer = FinalityJson {
        block: Some(BlockJson {
            number: U64::from(located.block_number),
            hash: located.block_hash,
            timestamp,
        }),
        times: TimesJson { confirmed, ..TimesJson::default() },
        ..waiting(Some(Status::Preconfirmed), None)
    };
    if located.is_sealed {
        answer.status = Some(Status::Confirmed);
    }
    if let Some(view) = batch {
        add_batch(&mut answer, view);
    }
    Ok(answer)
}

fn add_batch(answer: &mut FinalityJson, view: BatchView) {
    answer.batch = Some(U64::from(view.head.commitment.number));
    answer.times.batched = Some(seconds(view.head.sealed_at_ms));
    answer.proof = ProofStatus::of(&view.proof);
    answer.proof_error = view.failure.map(|failure| failure.reason);
    if let ProofState::Verified(proof) = view.proof {
        answer.times.proof_verified = Some(seconds(proof.record.verified_at_ms));
    }
}

fn waiting(status: Option<Status>, reason: Option<String>) -> FinalityJson {
    FinalityJson {
        status,
        reason,
        block: None,
        batch: None,
        proof: ProofStatus::None,
        proof_error: None,
        times: TimesJson::default(),
        l1_origin: None,
    }
}
