//! Batches that are lent to provers elsewhere.
//!
//! 1. A loan keeps the node's own prover and other borrowers away from a batch. It ends when its
//!    borrower is silent for [`LOAN_SILENCE_MAX`], or after [`LOAN_MAX`] in any case: whoever
//!    stalls or dies costs that time.
//! 2. What a borrower brings is a draft like any other: it is kept when the queue has verified it.
//!    Whoever brings something else costs the time to read it; the batch is then lent again later,
//!    twice as late after each such failure, and meanwhile proven by the node itself.
//! 3. Whoever brings a proof says first how large it is. One that would leave the chain too little
//!    of the disk is refused before it is read, which is such a failure too; but the batch stays
//!    lent, so that its borrower can bring the proof again when there is room.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use minster_os::batch::RangeClaim;
use minster_storage::document::{Document, Draft};
use tokio::sync::oneshot;

use super::{Batches, Failure, Proving, State, UploadRefusal, room::Room};
use crate::{BatcherError, proof::proof_bytes_max};

/// A borrower that says nothing for so long has lost its batch.
pub const LOAN_SILENCE_MAX: Duration = Duration::from_secs(60);

/// The longest that a batch is lent.
const LOAN_MAX: Duration = Duration::from_secs(3_600);

/// Batches that are lent at a time.
const LOANS_MAX: usize = 64;

/// Proofs that are handed in at a time.
const UPLOADS_MAX: usize = 4;

/// A lent batch.
#[derive(Debug)]
struct Loan {
    proving: Proving,
    /// When its borrower was last heard of.
    heard: Instant,
    /// Bytes of its proof while that is handed in or verified; then it does not end by time.
    upload: Option<u64>,
}

impl Loan {
    fn is_live(&self, now: Instant) -> bool {
        let silence = now.saturating_duration_since(self.heard);
        let age = now.saturating_duration_since(self.proving.since);
        self.upload.is_some() || silence < LOAN_SILENCE_MAX && age < LOAN_MAX
    }
}

/// All loans, and what came of earlier ones.
#[derive(Debug)]
pub(super) struct Loans {
    current: BTreeMap<u64, Loan>,
    /// Batches that borrowers failed with.
    failures: BTreeMap<u64, Failure>,
    /// Proofs that wait to be verified, at most [`UPLOADS_MAX`].
    submitted: VecDeque<Submission>,
}

impl Loans {
    pub(super) const fn new() -> Self {
        Self { current: BTreeMap::new(), failures: BTreeMap::new(), submitted: VecDeque::new() }
    }

    /// Whether nobody but its borrower should prove the batch now.
    pub(super) fn is_lent(&self, batch: u64, now: Instant) -> bool {
        self.current.get(&batch).is_some_and(|loan| loan.is_live(now))
    }

    /// How far a borrower is.
    pub(super) fn proving(&self, batch: u64, now: Instant) -> Option<Proving> {
        self.current.get(&batch).filter(|loan| loan.is_live(now)).map(|loan| loan.proving)
    }

    /// Why a borrower's proof of the batch was refused last.
    pub(super) fn failure(&self, batch: u64) -> Option<&Failure> {
        self.failures.get(&batch)
    }

    /// The first batch of which a proof was refused.
    pub(super) fn first_failure(&self) -> Option<(&u64, &Failure)> {
        self.failures.first_key_value()
    }

    /// Notes why no proof of the batch was taken.
    fn fail(&mut self, batch: u64, reason: String) {
        let attempts = self.failures.get(&batch).map_or(0, |failure| failure.attempts);
        self.failures.insert(batch, Failure::after(attempts, reason, Instant::now()));
    }

    /// How many batches are lent.
    pub(super) fn count(&self, now: Instant) -> usize {
        self.current.values().filter(|loan| loan.is_live(now)).count()
    }

    /// How many proofs are handed in or verified, and how many bytes they all have.
    fn uploads(&self) -> (usize, u64) {
        let sizes = self.current.values().filter_map(|loan| loan.upload);
        sizes.fold((0, 0), |(count, sum), size| (count + 1, sum.saturating_add(size)))
    }

    /// The batch is proven, whoever it was.
    pub(super) fn forget(&mut self, batch: u64) {
        self.current.remove(&batch);
        self.failures.remove(&batch);
    }
}

impl State {
    /// Notes that the proof of a lent batch is handed in, where it may be.
    fn admit(
        &mut self,
        batch: u64,
        bytes: u64,
        bytes_max: u64,
        room: Room,
    ) -> Result<(), UploadRefusal> {
        let now = Instant::now();
        let (uploads, promised) = self.loans.uploads();
        let loan = self.loans.current.get_mut(&batch).filter(|loan| loan.is_live(now));
        let loan = loan.filter(|loan| loan.upload.is_none() && uploads < UPLOADS_MAX);
        let loan = loan.ok_or(UploadRefusal::NotLent)?;
        if bytes > bytes_max {
            return Err(UploadRefusal::TooLarge);
        }
        room.check(bytes, promised)?;
        loan.upload = Some(bytes);
        Ok(())
    }

    /// The first batch that may be lent.
    fn lendable(&self, now: Instant) -> Option<u64> {
        let is_own = |batch: u64| self.proving.is_some_and(|proving| proving.batch == batch);
        let waits = |batch: u64| {
            self.loans.failures.get(&batch).is_some_and(|failure| failure.retry_at > now)
        };
        self.unproven(now).find(|batch| !is_own(*batch) && !waits(*batch))
    }
}

/// A batch that somebody elsewhere may prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lent {
    /// Its number.
    pub batch: u64,
    /// Bytes of its input.
    pub input_bytes: u64,
}

/// A proof that a borrower has handed in, to be verified.
#[derive(Debug)]
pub struct Submission {
    /// Number of the batch.
    pub batch: u64,
    /// What the proof has to say.
    pub claim: RangeClaim,
    /// The proof.
    pub draft: Draft,
    /// Since when the batch is lent.
    pub since: Instant,
    /// Whom to tell.
    pub verdict: Verdict,
}

/// Ends a loan whose proof was not handed in whole.
#[derive(Debug)]
pub struct Upload {
    batches: Batches,
    batch: u64,
    is_whole: bool,
    bytes_max: u64,
}

impl Upload {
    /// The most bytes that are taken: as many as were announced.
    #[must_use]
    pub const fn bytes_max(&self) -> u64 {
        self.bytes_max
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_whole {
            self.batches.state().loans.current.remove(&self.batch);
            self.batches.wake();
        }
    }
}

impl Batches {
    /// Lends the first batch that waits for a prover; `None` when there is none, or too many are
    /// lent, or the disk takes no proofs: else somebody would prove for nothing.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn lend(&self) -> Result<Option<Lent>, BatcherError> {
        let now = Instant::now();
        let room = self.room()?;
        let batch = {
            let mut state = self.state();
            if room.check(0, state.loans.uploads().1).is_err() {
                return Ok(None);
            }
            state.loans.current.retain(|_, loan| loan.is_live(now));
            if state.loans.current.len() >= LOANS_MAX {
                return Ok(None);
            }
            let Some(batch) = state.lendable(now) else { return Ok(None) };
            let proving = Proving { batch, cycles: 0, cycles_total: 0, since: now };
            let loan = Loan { proving, heard: now, upload: None };
            state.loans.current.insert(batch, loan);
            batch
        };
        let input_bytes = self.shared.store.input(batch)?.size();
        Ok(Some(Lent { batch, input_bytes }))
    }

    /// What a borrower proves from; `None` when the batch is not lent.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn lent_input(&self, batch: u64) -> Result<Option<Document>, BatcherError> {
        match self.state().loans.is_lent(batch, Instant::now()) {
            true => self.shared.store.input(batch).map(Some),
            false => Ok(None),
        }
    }

    /// A borrower is alive and so far, in cycles of the guest. `false` when the batch is not lent
    /// any more: it had better stop.
    pub fn renew(&self, batch: u64, cycles: u64, cycles_total: u64) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        let loan = state.loans.current.get_mut(&batch).filter(|loan| loan.is_live(now));
        let Some(loan) = loan else { return false };
        loan.heard = now;
        (loan.proving.cycles, loan.proving.cycles_total) = (cycles, cycles_total);
        true
    }

    /// A borrower brings its batch back without a proof.
    pub fn give_back(&self, batch: u64) {
        let mut state = self.state();
        if state.loans.current.get(&batch).is_some_and(|loan| loan.upload.is_none()) {
            state.loans.current.remove(&batch);
        }
        drop(state);
        self.wake();
    }

    /// Begins to take a lent batch's proof of so many bytes. A dropped [`Upload`] ends the loan.
    ///
    /// # Errors
    /// When the disk refuses; within, why this proof is not taken.
    pub fn begin_upload(
        &self,
        batch: u64,
        bytes: u64,
    ) -> Result<Result<(Upload, Draft), UploadRefusal>, BatcherError> {
        let Some(head) = self.head(batch)? else { return Ok(Err(UploadRefusal::NotLent)) };
        let room = self.room()?;
        let admitted = self.state().admit(batch, bytes, proof_bytes_max(head.cycles), room);
        if let Err(refusal) = admitted {
            if matches!(refusal, UploadRefusal::NoRoom { .. }) {
                tracing::warn!(batch, %refusal, "a proof from elsewhere is refused");
                self.state().loans.fail(batch, refusal.to_string());
            }
            return Ok(Err(refusal));
        }
        let upload = Upload { batches: self.clone(), batch, is_whole: false, bytes_max: bytes };
        let draft = self.proof_draft(batch)?;
        Ok(Ok((upload, draft)))
    }

    /// Hands a proof in. The receiver hears whether it was kept, or why not.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn submit(
        &self,
        mut upload: Upload,
        draft: Draft,
    ) -> Result<oneshot::Receiver<Result<(), String>>, BatcherError> {
        let batch = upload.batch;
        let head = self.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        let (verdict, heard) = oneshot::channel();
        let mut state = self.state();
        let since = state.loans.current.get(&batch).map(|loan| loan.proving.since);
        let since = since.unwrap_or_else(Instant::now);
        upload.is_whole = true;
        let claim = head.claim();
        let verdict = Verdict(verdict);
        state.loans.submitted.push_back(Submission { batch, claim, draft, since, verdict });
        drop(state);
        self.shared.submitted.notify_one();
        Ok(heard)
    }

    /// Takes a proof that was handed in; waits until there is one, or the time is up.
    #[must_use]
    pub fn next_submission(&self, wait: Duration) -> Option<Submission> {
        let mut state = self.state();
        if state.loans.submitted.is_empty() {
            let _ = self.shared.submitted.wait_for(&mut state, wait);
        }
        state.loans.submitted.pop_front()
    }

    /// Ends one wait in [`Batches::next_submission`].
    pub fn wake_verifier(&self) {
        self.shared.submitted.notify_all();
    }

    /// Notes that a borrower's proof was refused: the batch is lent again later, twice as late
    /// after each such failure.
    pub fn refused(&self, batch: u64, reason: String) {
        let mut state = self.state();
        state.loans.current.remove(&batch);
        state.loans.fail(batch, reason);
        drop(state);
        self.wake();
    }
}

/// Tells a borrower what became of its proof.
#[derive(Debug)]
pub struct Verdict(oneshot::Sender<Result<(), String>>);

impl Verdict {
    /// The proof is kept, or why it is not.
    pub fn tell(self, verdict: Result<(), String>) {
        // Who does not listen learns it from the batch.
        let _ = self.0.send(verdict);
    }
}

#[cfg(test)]
mod tests;
