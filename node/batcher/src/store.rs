//! Batches on disk: heads in an archive, inputs and proofs as documents.
//!
//! 1. The input of a batch is durable before its head, and its head before anybody hears of the
//!    batch. So a crash leaves at most one input without a head, of the batch after the last one:
//!    it is removed at start, and the same blocks are batched again. Everything else that has no
//!    head, and an unproven head without an input, is damage.
//! 2. An input is removed when the batch's proof is durable, and old proofs for lack of room; a
//!    note says up to which batch that was, so that they still count as proven.
//! 3. Heads are kept for ever, each synced as it is written. Batch 1 is the first; genesis stands
//!    for batch 0 and has no head.

use std::sync::Arc;

use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use minster_batch::Commitment;
use minster_os::batch::RangeClaim;
use minster_primitives::Header;
use minster_storage::{
    Storage,
    archive::Archive,
    document::{Document, Documents, Draft},
};

use crate::{BatcherError, SealReason};

/// What is kept of a batch for ever.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct BatchHead {
    /// Its commitment.
    pub commitment: Commitment,
    /// The header of its last block.
    pub header: Header,
    /// Transactions in it.
    pub transactions: u64,
    /// Its proving cost in cycle-equivalents.
    pub cycles: u64,
    /// Why it ended, as stored; see [`BatchHead::reason`].
    reason: u8,
    /// When it was sealed, in milliseconds since 1970.
    pub sealed_at_ms: u64,
}

/// The parts of a head that no commitment has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealing {
    pub(crate) transactions: u64,
    pub(crate) cycles: u64,
    pub(crate) reason: SealReason,
    pub(crate) sealed_at_ms: u64,
}

const REASONS: [SealReason; 4] =
    [SealReason::Age, SealReason::Cycles, SealReason::Pubdata, SealReason::Blocks];

impl BatchHead {
    pub(crate) fn new(commitment: Commitment, header: Header, sealing: Sealing) -> Self {
        let Sealing { transactions, cycles, reason, sealed_at_ms } = sealing;
        let reason = (0..).zip(REASONS).find(|(_, known)| *known == reason);
        let reason = reason.map_or(0, |(code, _)| code);
        Self { commitment, header, transactions, cycles, reason, sealed_at_ms }
    }

    /// Why the batch ended.
    #[must_use]
    pub fn reason(&self) -> SealReason {
        REASONS.get(usize::from(self.reason)).copied().unwrap_or(SealReason::Age)
    }

    /// What a proof of the batch has to say.
    #[must_use]
    pub fn claim(&self) -> RangeClaim {
        RangeClaim { before: self.commitment.parent, after: self.commitment.hash() }
    }
}

/// The storage's part that batches are in.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    heads: Arc<Archive>,
    inputs: Documents,
    proofs: Documents,
}

impl Store {
    /// Opens the store, and removes what a crash left of a batch that never was.
    pub(crate) fn open(storage: &Storage) -> Result<Self, BatcherError> {
        let heads = Arc::clone(&storage.batches);
        let (inputs, proofs) = (storage.inputs.clone(), storage.proofs.clone());
        let store = Self { heads, inputs, proofs };
        let last = store.last();
        let unsealed = last.saturating_add(1);
        let proof = store.proofs()?.last().copied().max(Some(store.removed_through()?));
        let input = store.inputs()?.last().copied().filter(|batch| *batch > unsealed);
        if let Some(batch) = proof.max(input).filter(|batch| *batch > last) {
            return Err(BatcherError::BatchMissing { batch });
        }
        store.inputs.remove(unsealed)?;
        Ok(store)
    }

    /// Number of the last batch; 0 is genesis.
    pub(crate) fn last(&self) -> u64 {
        self.heads.last().unwrap_or_default()
    }

    pub(crate) fn head(&self, batch: u64) -> Result<Option<BatchHead>, BatcherError> {
        let Some(bytes) = self.heads.get(batch)? else { return Ok(None) };
        let decoded = decode_exact(&bytes);
        decoded.map(Some).map_err(|error| BatcherError::Record { batch, reason: error.to_string() })
    }

    /// Makes a batch durable.
    pub(crate) fn seal(&self, head: &BatchHead, input: &[u8]) -> Result<(), BatcherError> {
        let batch = head.commitment.number;
        self.inputs.write(batch, input)?;
        self.heads.append(batch, &encode(head))?;
        Ok(self.heads.sync()?)
    }

    /// What a batch is proven from, found whole: a prover could not tell what is wrong with it.
    pub(crate) fn input(&self, batch: u64) -> Result<Document, BatcherError> {
        let input = self.inputs.get(batch)?.ok_or(BatcherError::InputMissing { batch })?;
        input.verify()?;
        Ok(input)
    }

    pub(crate) fn proof(&self, batch: u64) -> Result<Option<Document>, BatcherError> {
        Ok(self.proofs.get(batch)?)
    }

    pub(crate) fn proof_draft(&self, batch: u64) -> Result<Draft, BatcherError> {
        Ok(self.proofs.draft(batch)?)
    }

    /// Bytes that the disk of the proofs still takes; `None` where nobody knows.
    pub(crate) fn free_bytes(&self) -> Result<Option<u64>, BatcherError> {
        Ok(self.proofs.free_bytes()?)
    }

    /// The note that proofs up to this batch were verified and removed later.
    pub(crate) fn removed_through(&self) -> Result<u64, BatcherError> {
        Ok(self.proofs.removed_through()?.unwrap_or_default())
    }

    /// Notes that a proof is removed; what a crash leaves of it is removed at start.
    pub(crate) fn note_removed_through(&self, batch: u64) -> Result<(), BatcherError> {
        Ok(self.proofs.note_removed_through(batch)?)
    }

    pub(crate) fn remove_proof(&self, batch: u64) -> Result<(), BatcherError> {
        Ok(self.proofs.remove(batch)?)
    }

    /// Of a batch that is proven: nobody reads its input again.
    pub(crate) fn remove_input(&self, batch: u64) -> Result<(), BatcherError> {
        Ok(self.inputs.remove(batch)?)
    }

    /// Numbers of the inputs, ascending.
    pub(crate) fn inputs(&self) -> Result<Vec<u64>, BatcherError> {
        Ok(self.inputs.numbers()?)
    }

    /// Numbers of the proofs, ascending.
    pub(crate) fn proofs(&self) -> Result<Vec<u64>, BatcherError> {
        Ok(self.proofs.numbers()?)
    }
}

fn encode(value: &impl Encodable) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.length());
    value.encode(&mut bytes);
    bytes
}

pub(crate) fn decode_exact<T: Decodable>(mut bytes: &[u8]) -> alloy_rlp::Result<T> {
    let value = T::decode(&mut bytes)?;
    match bytes.is_empty() {
        true => Ok(value),
        false => Err(alloy_rlp::Error::UnexpectedLength),
    }
}
