//! Batches that are lent to provers elsewhere.
//!
//! 1. A loan keeps the node's own prover and other borrowers away from a batch. It ends when its
//!    borrower is silent for [`LOAN_SILENCE_MAX`]; also when it goes on for [`LOAN_MAX`], or
//!    [`LOAN_TIMES`] as long as the batch takes at the rate of late, whichever is more: a batch is
//!    never split, so what a large one takes has to be given. Whoever stalls or dies costs that
//!    time.
//! 2. A loan that ends without a proof is a failure, however it ended: the batch is lent again
//!    later, twice as late after each failure and no sooner than after a part of the time that it
//!    was lent. Meanwhile the node itself proves it, if it proves.
//! 3. Who borrows is told the loan's [`LoanId`], and nobody else is. Every further request has to
//!    bring it, so a borrower can do nothing to the loans of others.
//! 4. What a borrower brings is a draft like any other: it is kept when the queue has verified it.
//!    Whoever brings something else costs the time to read it.
//! 5. Whoever brings a proof says first how large it is. One that would leave the chain too little
//!    of the disk is refused before it is read, which is such a failure too; but the batch stays
//!    lent, so that its borrower can bring the proof again when there is room.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use minster_os::batch::RangeClaim;
use minster_storage::document::{Document, Draft};
use tokio::sync::oneshot;

use super::{Batches, Failure, LoanId, Proving, State, UploadRefusal, room::Room};
use crate::{BatcherError, ledger::work_of};

/// A borrower that says nothing for so long has lost its batch.
pub const LOAN_SILENCE_MAX: Duration = Duration::from_secs(60);

/// The longest that a batch of little work is lent.
const LOAN_MAX: Duration = Duration::from_secs(3_600);

/// Any batch is lent for as many times what it takes at the rate of late: borrowers may be slower
/// than whoever made the last proofs.
const LOAN_TIMES: u32 = 4;

/// This part of the time that a batch was lent for nothing, it is not lent again: time for the node
/// itself to begin with it, however busy it is.
const PAUSE_PART: u32 = 8;

/// Batches that are lent at a time.
const LOANS_MAX: usize = 64;

/// Proofs that are handed in at a time.
const UPLOADS_MAX: usize = 4;

/// A lent batch.
#[derive(Debug)]
struct Loan {
    id: LoanId,
    proving: Proving,
    /// When its borrower was last heard of.
    heard: Instant,
    /// The longest that it goes on.
    time_max: Duration,
    /// Bytes of its proof while that is handed in or verified; then it does not end by time.
    upload: Option<u64>,
}

impl Loan {
    fn is_live(&self, now: Instant) -> bool {
        self.loss(now).is_none()
    }

    /// Why its borrower has lost the batch, if it has.
    fn loss(&self, now: Instant) -> Option<String> {
        let silence = now.saturating_duration_since(self.heard);
        match self.upload {
            Some(_) => None,
            None if silence >= LOAN_SILENCE_MAX => {
                Some(format!("its borrower said nothing for {} s", LOAN_SILENCE_MAX.as_secs()))
            }
            None if self.age(now) >= self.time_max => {
                Some(format!("its borrower had no proof after {} s", self.time_max.as_secs()))
            }
            None => None,
        }
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.proving.since)
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

    /// The loan, while it goes on.
    fn live(&mut self, batch: u64, id: LoanId, now: Instant) -> Option<&mut Loan> {
        self.current.get_mut(&batch).filter(|loan| loan.id == id && loan.is_live(now))
    }

    /// Why a borrower had no proof of the batch the last time.
    pub(super) fn failure(&self, batch: u64) -> Option<&Failure> {
        self.failures.get(&batch)
    }

    /// The first batch of which borrowers had no proof.
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

    /// How many bytes the proofs have that are handed in or verified.
    pub(super) fn upload_bytes(&self) -> u64 {
        self.uploads().1
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
        id: LoanId,
        bytes: u64,
        room: Room,
    ) -> Result<(), UploadRefusal> {
        let (uploads, promised) = self.loans.uploads();
        let loan = self.loans.live(batch, id, Instant::now());
        let loan = loan.filter(|loan| loan.upload.is_none() && uploads < UPLOADS_MAX);
        let loan = loan.ok_or(UploadRefusal::NotLent)?;
        room.check(bytes, promised).map_err(UploadRefusal::NoRoom)?;
        loan.upload = Some(bytes);
        Ok(())
    }

    /// Ends the loan of a batch, of which its borrower had no proof: it is lent again later.
    fn end_loan(&mut self, batch: u64, reason: String, now: Instant) {
        let loan = self.loans.current.remove(&batch);
        if self.is_proven(batch) {
            return;
        }
        let attempts = self.loans.failures.get(&batch).map_or(0, |failure| failure.attempts);
        let mut failure = Failure::after(attempts, reason, now);
        let pause = loan.map_or(Duration::ZERO, |loan| loan.age(now) / PAUSE_PART);
        failure.retry_at = failure.retry_at.max(now.checked_add(pause).unwrap_or(now));
        self.loans.failures.insert(batch, failure);
    }

    /// Ends the loans whose borrowers were silent or slow. Whether there were any.
    fn end_lost_loans(&mut self, now: Instant) -> bool {
        let lost = self.loans.current.iter();
        let lost = lost.filter_map(|(batch, loan)| Some((*batch, loan.loss(now)?)));
        let lost: Vec<(u64, String)> = lost.collect();
        for (batch, reason) in &lost {
            tracing::warn!(batch, reason, "a loan ended without a proof");
            self.end_loan(*batch, reason.clone(), now);
        }
        !lost.is_empty()
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
    /// Names the loan; only its borrower may know it.
    pub loan: LoanId,
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
    loan: LoanId,
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
            let (batch, now) = (self.batch, Instant::now());
            if let Some(loan) = self.batches.state().loans.live(batch, self.loan, now) {
                loan.upload = None;
            }
            let reason = "its borrower did not hand the proof in to its end";
            self.batches.end_loan(batch, self.loan, reason);
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
        self.lend_at(Instant::now())
    }

    fn lend_at(&self, now: Instant) -> Result<Option<Lent>, BatcherError> {
        let (room, id) = (self.room()?, LoanId::random()?);
        let batch = {
            let mut state = self.state();
            if state.end_lost_loans(now) {
                self.wake();
            }
            let has_room = room.check(0, state.loans.upload_bytes()).is_ok();
            if !has_room || state.loans.current.len() >= LOANS_MAX {
                return Ok(None);
            }
            let Some(batch) = state.lendable(now) else { return Ok(None) };
            let proving = Proving { batch, cycles: 0, cycles_total: 0, since: now };
            let loan = Loan { id, proving, heard: now, time_max: LOAN_MAX, upload: None };
            state.loans.current.insert(batch, loan);
            batch
        };
        let head = self.shared.store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        let input_bytes = self.shared.store.input(batch)?.size();
        let mut state = self.state();
        let time = state.capacity.time_for(work_of(&head)).saturating_mul(LOAN_TIMES);
        if let Some(loan) = state.loans.live(batch, id, now) {
            loan.time_max = loan.time_max.max(time);
        }
        Ok(Some(Lent { batch, loan: id, input_bytes }))
    }

    /// What a borrower proves from; `None` when this is no loan of the batch, or no more.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn lent_input(&self, batch: u64, loan: LoanId) -> Result<Option<Document>, BatcherError> {
        let is_lent = self.state().loans.live(batch, loan, Instant::now()).is_some();
        is_lent.then(|| self.shared.store.input(batch)).transpose()
    }

    /// A borrower is alive and so far, in cycles of the guest. `false` when this is no loan of the
    /// batch, or no more: it had better stop.
    pub fn renew(&self, batch: u64, loan: LoanId, cycles: u64, cycles_total: u64) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        let Some(loan) = state.loans.live(batch, loan, now) else { return false };
        loan.heard = now;
        (loan.proving.cycles, loan.proving.cycles_total) = (cycles, cycles_total);
        true
    }

    /// A borrower brings its batch back without a proof. `false` when this is no loan of the batch,
    /// or no more, or its proof is being handed in.
    pub fn give_back(&self, batch: u64, loan: LoanId) -> bool {
        self.end_loan(batch, loan, "its borrower gave it back")
    }

    /// Ends a loan, unless its proof is being handed in. Whether it was there.
    fn end_loan(&self, batch: u64, loan: LoanId, reason: &str) -> bool {
        let mut state = self.state();
        let current = state.loans.current.get(&batch);
        if current.is_none_or(|current| current.id != loan || current.upload.is_some()) {
            return false;
        }
        tracing::warn!(batch, reason, "a loan ended without a proof");
        state.end_loan(batch, reason.to_owned(), Instant::now());
        drop(state);
        self.wake();
        true
    }

    /// Begins to take a lent batch's proof of so many bytes. A dropped [`Upload`] ends the loan.
    ///
    /// # Errors
    /// When the disk refuses; within, why this proof is not taken.
    pub fn begin_upload(
        &self,
        batch: u64,
        loan: LoanId,
        bytes: u64,
    ) -> Result<Result<(Upload, Draft), UploadRefusal>, BatcherError> {
        let Some(head) = self.head(batch)? else { return Ok(Err(UploadRefusal::NotLent)) };
        if bytes > self.proof_bytes_max(&head) {
            return Ok(Err(UploadRefusal::TooLarge));
        }
        let room = self.room()?;
        let admitted = self.state().admit(batch, loan, bytes, room);
        if let Err(refusal) = admitted {
            if matches!(refusal, UploadRefusal::NoRoom { .. }) {
                tracing::warn!(batch, %refusal, "a proof from elsewhere is refused");
                self.state().loans.fail(batch, refusal.to_string());
            }
            return Ok(Err(refusal));
        }
        let batches = self.clone();
        let upload = Upload { batches, batch, loan, is_whole: false, bytes_max: bytes };
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
        self.state().end_loan(batch, reason, Instant::now());
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
