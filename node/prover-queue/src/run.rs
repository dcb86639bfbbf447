//! The queue's thread.

use std::{
    io::Read,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use minster_batcher::{Batches, Job, ProofRecord, Submission};
use minster_os::batch::RangeClaim;
use minster_storage::document::{Document, Draft};
use minster_verifier::VerifyingKey;

use crate::{
    GuestKey, Progress, ProofFailure, QueueError, check_proof, check_proof_head, key_digest,
};

/// How long the thread sleeps at most: it is also woken by batches.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// From so many failures of a batch on, they are errors in the log.
const FAILURES_SERIOUS: u32 = 3;

/// Makes proofs. What it makes is verified by the queue, so it cannot lie.
pub trait ProveBatch {
    /// Writes a proof that the guest accepts this input into the draft. Ends early when told to
    /// stop, and when there is no room for the proof.
    ///
    /// # Errors
    /// Why there is no proof.
    fn prove(
        &self,
        input: &Document,
        draft: &mut Draft,
        monitor: &Monitor<'_>,
    ) -> Result<(), ProofFailure>;
}

/// Whom a prover at work tells and asks.
pub struct Monitor<'a> {
    /// Hears how far the proof is.
    pub progress: &'a dyn Fn(Progress),
    /// Whether so many more bytes of the proof may be written down.
    pub room: &'a dyn Fn(u64) -> Result<(), ProofFailure>,
    /// The most bytes of the proof.
    pub proof_bytes_max: u64,
    /// Says when to stop.
    pub stop: &'a AtomicBool,
}

/// Proves batch after batch, until it is told to stop. Who sets `stop` calls [`Batches::wake`]
/// after it.
///
/// # Errors
/// When batches cannot be read, or the guest is no program. That a batch has no proof, or that the
/// disk has no room for one, is no error.
pub fn run(
    batches: &Batches,
    prover: &impl ProveBatch,
    guest: &GuestKey,
    stop: &AtomicBool,
) -> Result<(), QueueError> {
    while !stop.load(Ordering::Acquire) {
        let Some(job) = batches.next_job(LOOK_INTERVAL)? else { continue };
        let key = guest.get()?;
        let started = Instant::now();
        let batch = job.batch;
        let made = prove(batches, prover, &job, stop).and_then(|mut draft| {
            let proving = started.elapsed();
            verify(key, &mut draft, &job.claim)?;
            keep(batches, batch, draft, &record(key, proving))
        });
        match made {
            Ok(proof) => {
                let seconds = started.elapsed().as_secs_f64();
                tracing::info!(batch, seconds, bytes = proof.size(), "proved batch");
            }
            Err(ProofFailure::Stopped) => batches.given_up(),
            Err(failure) => {
                let attempts = batches.failed(batch, failure.to_string());
                match attempts < FAILURES_SERIOUS {
                    true => tracing::warn!(batch, attempts, %failure, "no proof yet"),
                    false => tracing::error!(batch, attempts, %failure, "no proof"),
                }
            }
        }
    }
    Ok(())
}

/// Has a proof made. A node that stops wants none.
fn prove(
    batches: &Batches,
    prover: &impl ProveBatch,
    job: &Job,
    stop: &AtomicBool,
) -> Result<Draft, ProofFailure> {
    let mut draft = batches.proof_draft(job.batch).map_err(ProofFailure::Keep)?;
    let progress = |step: Progress| batches.progress(step.cycles, step.cycles_total);
    let room = |bytes| -> Result<(), ProofFailure> {
        Ok(batches.check_room(bytes).map_err(ProofFailure::Keep)??)
    };
    let proof_bytes_max = job.proof_bytes_max;
    let monitor = Monitor { progress: &progress, room: &room, proof_bytes_max, stop };
    let made = prover.prove(&job.input, &mut draft, &monitor);
    if stop.load(Ordering::Acquire) {
        return Err(ProofFailure::Stopped);
    }
    made.map(|()| draft)
}

/// Verifies the proofs that provers elsewhere hand in, until it is told to stop. Who sets `stop`
/// calls [`Batches::wake_verifier`] after it.
///
/// # Errors
/// When the guest is no program. That a proof is refused, or cannot be kept, is no error.
pub fn verify_submissions(
    batches: &Batches,
    guest: &GuestKey,
    stop: &AtomicBool,
) -> Result<(), QueueError> {
    while !stop.load(Ordering::Acquire) {
        let Some(submission) = batches.next_submission(LOOK_INTERVAL) else { continue };
        let Submission { batch, claim, mut draft, since, verdict } = submission;
        let key = guest.get()?;
        let proving = since.elapsed();
        let made = verify(key, &mut draft, &claim)
            .and_then(|()| keep(batches, batch, draft, &record(key, proving)));
        match &made {
            Ok(proof) => {
                let seconds = proving.as_secs_f64();
                tracing::info!(batch, seconds, bytes = proof.size(), "took a proof");
            }
            Err(failure) => {
                tracing::warn!(batch, %failure, "a prover elsewhere made no proof");
                batches.refused(batch, failure.to_string());
            }
        }
        verdict.tell(made.map(drop).map_err(|failure| failure.to_string()));
    }
    Ok(())
}

/// Reads a proof back from the disk and compares what it says.
fn verify(key: &VerifyingKey, draft: &mut Draft, claim: &RangeClaim) -> Result<(), ProofFailure> {
    verify_claim(key, &mut draft.reader()?, claim)
}

/// Whether this is a proof under the key, and of this very claim.
///
/// # Errors
/// Why not, or why it cannot be read.
pub fn verify_claim(
    key: &VerifyingKey,
    source: &mut dyn Read,
    claim: &RangeClaim,
) -> Result<(), ProofFailure> {
    check_proof_head(source)?;
    let checked = check_proof(key, source)?;
    let RangeClaim { before, after } = claim;
    match checked.output == [before.as_slice(), after.as_slice()].concat() {
        true => Ok(()),
        false => Err(ProofFailure::OtherClaim),
    }
}

fn record(key: &VerifyingKey, proving: Duration) -> ProofRecord {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let guest_key = key_digest(key);
    ProofRecord { verified_at_ms: millis(now), proving_ms: millis(proving), guest_key }
}

fn keep(
    batches: &Batches,
    batch: u64,
    draft: Draft,
    record: &ProofRecord,
) -> Result<Document, ProofFailure> {
    batches.verified(batch, draft, record).map_err(ProofFailure::Keep)
}

#[cfg(test)]
mod tests;
