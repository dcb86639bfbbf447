//! Batches and their proofs.

use std::{borrow::Cow, time::Instant};

use alloy_primitives::{B256, U64};
use minster_batcher::{BatchHead, BatchView, Batches, Failure, KeptProof, ProofState, Proving};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    api::Api,
    arguments::Arguments,
    error::ApiError,
    json::CommitmentJson,
    methods::Answer,
    read::{Count, FromJson, Misread, text},
};

/// Whether a batch is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProofStatus {
    /// It is in no batch yet, or this node does not prove.
    None,
    /// Its batch waits to be proven, perhaps once more after a failure.
    Queued,
    /// The proof is being made.
    Proving,
    /// The proof is here, and this node has verified it.
    Verified,
}

impl ProofStatus {
    pub(crate) const fn of(state: &ProofState) -> Self {
        match state {
            ProofState::Queued => Self::Queued,
            ProofState::Proving(_) => Self::Proving,
            ProofState::Verified(_) | ProofState::Removed => Self::Verified,
        }
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(millis: u64) -> U64 {
    U64::from(millis / 1_000)
}

fn elapsed_seconds(since: Instant) -> f64 {
    since.elapsed().as_millis() as f64 / 1_000.0
}

/// Which batch a request means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchParameter {
    Number(u64),
    /// The last sealed one.
    Latest,
    /// The last one that is proven with all before it.
    Proven,
}

impl<'a> FromJson<'a> for BatchParameter {
    fn go_type() -> Cow<'static, str> {
        Count::go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        match text(json) {
            Some("latest") => Ok(Self::Latest),
            Some("proven") => Ok(Self::Proven),
            _ => Count::from_json(json).map(|Count(number)| Self::Number(number)),
        }
    }
}

impl BatchParameter {
    fn number(self, batches: &Batches) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Latest => batches.summary().sealed,
            Self::Proven => batches.summary().first_unproven.saturating_sub(1),
        }
    }
}

/// How far a proof is that is being made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProvingJson {
    batch: U64,
    /// Cycles of the guest that are proven.
    cycles: U64,
    /// All of them; null until they are counted.
    cycles_total: Option<U64>,
    /// Since it began.
    seconds: f64,
}

impl From<Proving> for ProvingJson {
    fn from(proving: Proving) -> Self {
        let Proving { batch, cycles, cycles_total, since } = proving;
        Self {
            batch: U64::from(batch),
            cycles: U64::from(cycles),
            cycles_total: (cycles_total > 0).then(|| U64::from(cycles_total)),
            seconds: elapsed_seconds(since),
        }
    }
}

/// A batch that could not be proven so far.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureJson {
    attempts: u32,
    error: String,
    retry_in_seconds: u64,
}

impl From<Failure> for FailureJson {
    fn from(failure: Failure) -> Self {
        let Failure { attempts, reason, retry_at } = failure;
        let left = retry_at.saturating_duration_since(Instant::now());
        Self { attempts, error: reason, retry_in_seconds: left.as_secs() }
    }
}

/// A proof that is here.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptProofJson {
    bytes: U64,
    /// BLAKE3 of the bytes.
    digest: B256,
    /// Digest of the key under which this node verified it.
    guest_key: B256,
    verified_at: U64,
    /// What it took to make.
    seconds: f64,
}

impl From<KeptProof> for KeptProofJson {
    fn from(proof: KeptProof) -> Self {
        let KeptProof { bytes, digest, record } = proof;
        Self {
            bytes: U64::from(bytes),
            digest,
            guest_key: record.guest_key,
            verified_at: seconds(record.verified_at_ms),
            seconds: record.proving_ms as f64 / 1_000.0,
        }
    }
}

/// The proof in an answer about its batch.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofJson {
    status: ProofStatus,
    #[serde(flatten)]
    kept: Option<KeptProofJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proving: Option<ProvingJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureJson>,
    /// Whether it is here no more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
}

impl ProofJson {
    fn new(state: ProofState, failure: Option<Failure>) -> Self {
        let (kept, proving) = (None, None);
        let failure = failure.map(FailureJson::from);
        let status = ProofStatus::of(&state);
        let answer = Self { status, kept, proving, failure, removed: false };
        match state {
            ProofState::Queued => answer,
            ProofState::Proving(proving) => Self { proving: Some(proving.into()), ..answer },
            ProofState::Verified(proof) => Self { kept: Some(proof.into()), ..answer },
            ProofState::Removed => Self { removed: true, ..answer },
        }
    }
}

/// Answer of `minster_getBatch`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchJson {
    number: U64,
    /// Hash of the commitment: what proofs speak of.
    hash: B256,
    commitment: CommitmentJson,
    blocks: U64,
    transactions: U64,
    /// Proving cost in cycle-equivalents of the meter.
    cycles: U64,
    /// Why it ended: age, cycles, pubdata or blocks.
    reason: &'static str,
    sealed_at: U64,
    proof: ProofJson,
}

impl From<BatchView> for BatchJson {
    fn from(view: BatchView) -> Self {
        let BatchView { head, proof, failure } = view;
        let reason = head.reason().name();
        let BatchHead { commitment, transactions, cycles, sealed_at_ms, .. } = head;
        let first = commitment.first_block;
        Self {
            number: U64::from(commitment.number),
            hash: commitment.hash(),
            blocks: U64::from(commitment.last_block.saturating_sub(first).saturating_add(1)),
            commitment: commitment.into(),
            transactions: U64::from(transactions),
            cycles: U64::from(cycles),
            reason,
            sealed_at: seconds(sealed_at_ms),
            proof: ProofJson::new(proof, failure),
        }
    }
}

fn batches(api: &Api) -> Answer<&Batches> {
    api.batches.as_ref().ok_or(ApiError::ProofsOff)
}

/// A batch; null when there is none of this number.
pub(crate) fn batch(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<BatchJson>> {
    let batches = batches(api)?;
    let parameter: BatchParameter = arguments.required(0)?;
    Ok(batches.get(parameter.number(batches))?.map(BatchJson::from))
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimJson {
    /// Hash of the parent's commitment.
    before: B256,
    /// Hash of the batch's commitment.
    after: B256,
}

/// Answer of `minster_getBatchProof`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchProofJson {
    batch: U64,
    /// What the proof makes public: the two hashes, one after the other.
    claim: ClaimJson,
    #[serde(flatten)]
    proof: KeptProofJson,
    /// Where its bytes are, on the host and port of this very answer.
    url: String,
}

/// What there is to know of a proof before it is downloaded; null while there is none.
pub(crate) fn batch_proof(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<BatchProofJson>> {
    let batches = batches(api)?;
    let Count(number) = arguments.required(0)?;
    let Some(BatchView { head, proof, .. }) = batches.get(number)? else { return Ok(None) };
    let proof = match proof {
        ProofState::Verified(proof) => proof,
        ProofState::Removed => return Err(ApiError::ProofRemoved { batch: number }),
        _ => return Ok(None),
    };
    let claim = head.claim();
    Ok(Some(BatchProofJson {
        batch: U64::from(number),
        claim: ClaimJson { before: claim.before, after: claim.after },
        proof: proof.into(),
        url: format!("/batches/{number}/proof"),
    }))
}

/// The first batch that fails to be proven.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailingJson {
    batch: U64,
    #[serde(flatten)]
    failure: FailureJson,
}

/// Answer of `minster_getProving`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryJson {
    /// Number of the last sealed batch.
    sealed: U64,
    /// How many have a proof.
    proven: U64,
    first_unproven: U64,
    /// What the node itself is proving.
    proving: Option<ProvingJson>,
    /// How many batches are lent to provers elsewhere.
    lent: u64,
    failing: Option<FailingJson>,
    /// Sealed blocks that are in no batch yet.
    unbatched_blocks: U64,
    /// Why no more batches are made, when a block fits none.
    halted: Option<String>,
    /// Proving cost of all that is executed and not proven, in cycle-equivalents of the meter.
    unproven_cycles: U64,
    /// How many of them were proven a second of late.
    cycles_per_second: U64,
    /// How long that takes at this rate: transactions cost more, and are then refused, when it is
    /// too long.
    backlog_seconds: U64,
}

/// Where batches and proofs stand.
pub(crate) fn proving(api: &Api, _: &Arguments<'_>) -> Answer<SummaryJson> {
    let summary = batches(api)?.summary();
    let failing = |(batch, failure): (u64, Failure)| FailingJson {
        batch: U64::from(batch),
        failure: failure.into(),
    };
    Ok(SummaryJson {
        sealed: U64::from(summary.sealed),
        proven: U64::from(summary.proven),
        first_unproven: U64::from(summary.first_unproven),
        proving: summary.proving.map(ProvingJson::from),
        lent: summary.lent as u64,
        failing: summary.failing.map(failing),
        unbatched_blocks: U64::from(summary.unbatched_blocks),
        halted: summary.halted,
        unproven_cycles: U64::from(summary.unproven_cycles),
        cycles_per_second: U64::from(summary.cycles_per_second),
        backlog_seconds: U64::from(summary.backlog.as_secs()),
    })
}
