//! Batches as the rest of the node sees them: only what is durable.

mod lending;
mod loan_id;
mod room;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use lending::Loans;
pub use lending::{LOAN_SILENCE_MAX, Lent, Submission, Upload, Verdict};
pub use loan_id::LoanId;
use minster_os::batch::RangeClaim;
use minster_sequencer::Chain;
use minster_storage::{
    Storage,
    document::{Document, Draft},
};
use parking_lot::{Condvar, Mutex, MutexGuard};
pub use room::{NoRoom, UploadRefusal};

use crate::{
    BatcherConfig, BatcherError, KeptProof, ProofRecord,
    ledger::{Capacity, PROOFS_REMEMBERED, work_of},
    proof::proof_bytes_max,
    shelf::Shelf,
    store::{BatchHead, Store},
};

/// How far behind the first batch without a proof others are tried: a batch that fails holds up
/// nobody, and what is known of failures stays small.
const PROVING_WINDOW: u64 = 1_024;

/// Wait after a first failure; each further one doubles it.
const RETRY_FIRST: Duration = Duration::from_secs(1);

/// The longest wait after a failure.
const RETRY_MAX: Duration = Duration::from_secs(3_600);

/// A handle on the batches of a node. Clones share what they know.
#[derive(Debug, Clone)]
pub struct Batches {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    /// Bytes of the disk that proofs from elsewhere leave free.
    disk_free_min_bytes: u64,
    /// The most bytes of any proof that is made or handed in.
    draft_bytes_max: u64,
    state: Mutex<State>,
    changed: Condvar,
    /// A borrower has handed a proof in.
    submitted: Condvar,
    /// Held while proofs are removed.
    removal: Mutex<()>,
    /// Known when the batcher runs; woken when the prover is idle.
    chain: OnceLock<Arc<Chain>>,
}

#[derive(Debug)]
struct State {
    /// Number of the last sealed batch; 0 is genesis.
    sealed: u64,
    /// Its last block.
    last_block: u64,
    /// The first batch without a proof, which may be one that is not sealed yet.
    first_unproven: u64,
    /// Proven batches after it, at most [`PROVING_WINDOW`].
    proven_ahead: BTreeSet<u64>,
    failures: BTreeMap<u64, Failure>,
    /// What the node itself proves.
    proving: Option<Proving>,
    loans: Loans,
    /// The disk took no proofs when it was last asked.
    is_disk_short: bool,
    halted: Option<String>,
    /// Proving cost of the sealed batches without a proof.
    unproven_work: u64,
    /// Proving cost of the sealed blocks that are in no batch.
    unbatched_work: u64,
    /// How long the proofs took that were kept since the start, in milliseconds.
    proving_ms: u64,
    capacity: Capacity,
    shelf: Shelf,
}

/// A batch without a proof although it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How often.
    pub attempts: u32,
    /// Why not, the last time.
    pub reason: String,
    /// When it is tried again.
    pub retry_at: Instant,
}

impl Failure {
    /// The next failure after so many.
    fn after(attempts: u32, reason: String, now: Instant) -> Self {
        let wait = RETRY_FIRST.saturating_mul(1 << attempts.min(20)).min(RETRY_MAX);
        let retry_at = now.checked_add(wait).unwrap_or(now);
        Self { attempts: attempts.saturating_add(1), reason, retry_at }
    }
}

/// What is being proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proving {
    /// Number of the batch.
    pub batch: u64,
    /// Cycles of the guest that are proven.
    pub cycles: u64,
    /// All cycles of the guest; 0 until it is known.
    pub cycles_total: u64,
    /// Since when.
    pub since: Instant,
}

/// Where batches and their proofs stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Number of the last sealed batch; 0 while there is none.
    pub sealed: u64,
    /// How many batches have a proof.
    pub proven: u64,
    /// The first batch without a proof: one more than `sealed` when all have one.
    pub first_unproven: u64,
    /// What the node itself is proving.
    pub proving: Option<Proving>,
    /// How many batches are lent to provers elsewhere.
    pub lent: usize,
    /// The first batch that fails to be proven, by the node itself or else by others.
    pub failing: Option<(u64, Failure)>,
    /// Sealed blocks that are in no batch.
    pub unbatched_blocks: u64,
    /// Why no more batches are made, when a block fits none.
    pub halted: Option<String>,
    /// Proving cost of all that is executed and not proven, in cycle-equivalents.
    pub unproven_cycles: u64,
    /// How fast proofs were made of late, in cycle-equivalents a second.
    pub cycles_per_second: u64,
    /// How long the prover needs for what is not proven.
    pub backlog: Duration,
    /// How long the proofs took that were kept since the node started, all together.
    pub proving_time: Duration,
}

/// A batch's proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofState {
    /// Waits its turn.
    Queued,
    /// Is being made.
    Proving(Proving),
    /// Is there and was verified.
    Verified(KeptProof),
    /// Was verified, and removed later to make room.
    Removed,
}

/// A batch and how far its proof is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// The batch.
    pub head: BatchHead,
    /// Its proof.
    pub proof: ProofState,
    /// The last failure to prove it, while it has no proof; it is tried again.
    pub failure: Option<Failure>,
}

/// A batch to prove.
#[derive(Debug)]
pub struct Job {
    /// Number of the batch.
    pub batch: u64,
    /// What the proof has to say.
    pub claim: RangeClaim,
    /// What the guest reads.
    pub input: Document,
    /// The most bytes of its proof.
    pub proof_bytes_max: u64,
}

impl Batches {
    /// Reads what the last run left, and finishes what it began to remove.
    pub(crate) fn open(storage: &Storage, config: &BatcherConfig) -> Result<Self, BatcherError> {
        let store = Store::open(storage)?;
        let sealed = store.last();
        let last = match sealed {
            0 => None,
            batch => Some(store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?),
        };
        let last_block = last.map_or(0, |head| head.commitment.last_block);
        let shelf = Shelf::new(store.removed_through()?, config.proof_bytes_max);
        let mut state = State::new(sealed, last_block, shelf, Capacity::new(config.rate_assumed));
        let proofs = store.proofs()?;
        let remembered = proofs.len().saturating_sub(PROOFS_REMEMBERED);
        for (index, batch) in proofs.into_iter().enumerate() {
            if batch <= state.shelf.removed_through() {
                store.remove_proof(batch)?;
                continue;
            }
            let Some(proof) = store.proof(batch)? else { continue };
            state.shelf.add(batch, proof.size_on_disk());
            state.prove(batch);
            if let Some(head) = store.head(batch)?.filter(|_| index >= remembered) {
                state.capacity.proved(work_of(&head), KeptProof::of(&proof).record.proving_ms);
            }
        }
        let (proven, inputs): (Vec<u64>, Vec<u64>) =
            store.inputs()?.into_iter().partition(|batch| state.is_proven(*batch));
        for batch in proven {
            store.remove_input(batch)?;
        }
        let mut unproven = (state.first_unproven..=sealed).filter(|batch| !state.is_proven(*batch));
        if let Some(batch) = unproven.find(|batch| inputs.binary_search(batch).is_err()) {
            return Err(BatcherError::InputMissing { batch });
        }
        state.unproven_work = unproven_work(&store, &state)?;
        let shared = Shared {
            store,
            disk_free_min_bytes: config.disk_free_min_bytes,
            draft_bytes_max: config.draft_bytes_max,
            state: Mutex::new(state),
            changed: Condvar::new(),
            submitted: Condvar::new(),
            removal: Mutex::new(()),
            chain: OnceLock::new(),
        };
        let batches = Self { shared: Arc::new(shared) };
        batches.clear(None);
        Ok(batches)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock()
    }

    /// Where everything stands.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let state = self.state();
        let latest = self.shared.chain.get().map_or(0, |chain| chain.latest().number());
        let failing = state.failures.first_key_value();
        let failing = failing.or_else(|| state.loans.first_failure());
        let unproven_cycles = state.unproven_work.saturating_add(state.unbatched_work);
        Summary {
            sealed: state.sealed,
            proven: state
                .first_unproven
                .saturating_sub(1)
                .saturating_add(state.proven_ahead.len() as u64),
            first_unproven: state.first_unproven,
            proving: state.proving,
            lent: state.loans.count(Instant::now()),
            failing: failing.map(|(batch, failure)| (*batch, failure.clone())),
            unbatched_blocks: latest.saturating_sub(state.last_block),
            halted: state.halted.clone(),
            unproven_cycles,
            cycles_per_second: state.capacity.rate() as u64,
            backlog: state.capacity.time_for(unproven_cycles),
            proving_time: Duration::from_millis(state.proving_ms),
        }
    }

    /// A batch by number, from 1; `None` when it is not sealed.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn get(&self, batch: u64) -> Result<Option<BatchView>, BatcherError> {
        let Some(head) = self.head(batch)? else { return Ok(None) };
        if let Some(document) = self.proof(batch)? {
            let proof = ProofState::Verified(KeptProof::of(&document));
            return Ok(Some(BatchView { head, proof, failure: None }));
        }
        let state = self.state();
        let own = state.proving.filter(|proving| proving.batch == batch);
        let proof = match own.or_else(|| state.loans.proving(batch, Instant::now())) {
            Some(proving) => ProofState::Proving(proving),
            None if batch <= state.shelf.removed_through() => ProofState::Removed,
            None => ProofState::Queued,
        };
        let failure = state.failures.get(&batch).or_else(|| state.loans.failure(batch));
        Ok(Some(BatchView { head, proof, failure: failure.cloned() }))
    }

    /// What is kept of a batch for ever; `None` when it is not sealed.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn head(&self, batch: u64) -> Result<Option<BatchHead>, BatcherError> {
        match batch > self.state().sealed {
            true => Ok(None),
            false => self.shared.store.head(batch),
        }
    }

    /// The batch that a block is in; `None` for genesis and while it is in none.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn of_block(&self, block: u64) -> Result<Option<u64>, BatcherError> {
        let (sealed, last_block) = {
            let state = self.state();
            (state.sealed, state.last_block)
        };
        if block == 0 || block > last_block {
            return Ok(None);
        }
        let (mut low, mut high) = (1, sealed);
        while low < high {
            let batch = low.midpoint(high);
            let head = self.shared.store.head(batch)?;
            let head = head.ok_or(BatcherError::BatchMissing { batch })?;
            match head.commitment.last_block < block {
                true => low = batch.saturating_add(1),
                false => high = batch,
            }
        }
        Ok(Some(low))
    }

    /// The proof of a batch, verified when it was made; `None` while there is none, and when it was
    /// removed to make room.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn proof(&self, batch: u64) -> Result<Option<Document>, BatcherError> {
        match self.state().is_proven(batch) {
            true => self.shared.store.proof(batch),
            false => Ok(None),
        }
    }

    /// Whether a batch was proven, also when its proof was removed since.
    #[must_use]
    pub fn is_proven(&self, batch: u64) -> bool {
        batch > 0 && self.state().is_proven(batch)
    }

    /// Takes the next batch to prove: the first one that is not waiting after a failure. Blocks
    /// until there is one, or [`Batches::wake`] is called, or the time is up. While the disk takes
    /// no proofs there is none.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn next_job(&self, wait: Duration) -> Result<Option<Job>, BatcherError> {
        let takes_proofs = self.takes_proofs()?;
        let batch = {
            let mut state = self.state();
            if !takes_proofs || state.next(Instant::now()).is_none() {
                let _ = self.shared.changed.wait_for(&mut state, wait);
            }
            let now = Instant::now();
            let next = state.next(now).filter(|_| takes_proofs);
            let Some(batch) = next else { return Ok(None) };
            state.proving = Some(Proving { batch, cycles: 0, cycles_total: 0, since: now });
            batch
        };
        let head = self.shared.store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        let input = self.shared.store.input(batch)?;
        let proof_bytes_max = self.proof_bytes_max(&head);
        Ok(Some(Job { batch, claim: head.claim(), input, proof_bytes_max }))
    }

    /// The most bytes of a batch's proof, whoever makes it.
    fn proof_bytes_max(&self, head: &BatchHead) -> u64 {
        proof_bytes_max(head.cycles).min(self.shared.draft_bytes_max)
    }

    /// Ends one wait in [`Batches::next_job`].
    pub fn wake(&self) {
        self.shared.changed.notify_all();
    }

    /// Begins the file that a batch's proof is written into.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn proof_draft(&self, batch: u64) -> Result<Draft, BatcherError> {
        self.shared.store.proof_draft(batch)
    }

    /// Says how far the proof that is being made is, in cycles of the guest.
    pub fn progress(&self, cycles: u64, cycles_total: u64) {
        if let Some(proving) = &mut self.state().proving {
            (proving.cycles, proving.cycles_total) = (cycles, cycles_total);
        }
    }

    /// Keeps a proof, which the caller has verified against the claim of the batch's [`Job`].
    ///
    /// # Errors
    /// When the disk refuses; then the batch is still being proven.
    pub fn verified(
        &self,
        batch: u64,
        proof: Draft,
        record: &ProofRecord,
    ) -> Result<Document, BatcherError> {
        let head = self.shared.store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        let document = proof.keep_labelled(record.label())?;
        let work = work_of(&head);
        let mut state = self.state();
        if !state.is_proven(batch) {
            state.unproven_work = state.unproven_work.saturating_sub(work);
            state.capacity.proved(work, record.proving_ms);
            state.proving_ms = state.proving_ms.saturating_add(record.proving_ms);
            state.prove(batch);
        }
        state.end_own(batch);
        state.loans.forget(batch);
        state.failures.remove(&batch);
        state.shelf.add(batch, document.size_on_disk());
        drop(state);
        self.nudge();
        self.clear(Some(batch));
        Ok(document)
    }

    /// Removes what nobody needs: the input of a batch that was just proven, and proofs beyond the
    /// limit. What stays because the disk fails goes with the next proof, or at the next start.
    fn clear(&self, proven: Option<u64>) {
        let input = proven.map_or(Ok(()), |batch| self.shared.store.remove_input(batch));
        if let Err(error) = input.and_then(|()| self.make_room()) {
            tracing::warn!(%error, "cannot remove what nobody needs any more");
        }
    }

    /// Removes the oldest proofs beyond the limit.
    fn make_room(&self) -> Result<(), BatcherError> {
        let store = &self.shared.store;
        let _alone = self.shared.removal.lock();
        loop {
            let (surplus, removed_through) = {
                let state = self.state();
                (state.shelf.surplus(state.first_unproven), state.shelf.removed_through())
            };
            let Some(batch) = surplus else { return Ok(()) };
            // A batch that was proven once more may be one of those before.
            store.note_removed_through(batch.max(removed_through))?;
            self.state().shelf.remove(batch);
            store.remove_proof(batch)?;
        }
    }

    /// Gives a batch up for some time, twice as long after each failure. Returns how often it has
    /// failed.
    pub fn failed(&self, batch: u64, reason: String) -> u32 {
        let mut state = self.state();
        state.end_own(batch);
        let attempts = state.failures.get(&batch).map_or(0, |failure| failure.attempts);
        let failure = Failure::after(attempts, reason, Instant::now());
        let attempts = failure.attempts;
        state.failures.insert(batch, failure);
        attempts
    }

    /// Gives a batch back untried, because the node stops.
    pub fn given_up(&self) {
        self.state().proving = None;
    }

    /// Whether the prover has nothing to do: then a small batch may as well be sealed.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        state.proving.is_none() && state.first_unproven > state.sealed
    }

    pub(crate) fn attach(&self, chain: &Arc<Chain>) {
        let _ = self.shared.chain.set(Arc::clone(chain));
    }

    /// Makes a batch durable, then known.
    pub(crate) fn seal(&self, head: &BatchHead, input: &[u8]) -> Result<(), BatcherError> {
        self.shared.store.seal(head, input)?;
        let mut state = self.state();
        state.sealed = head.commitment.number;
        state.last_block = head.commitment.last_block;
        state.unproven_work = state.unproven_work.saturating_add(work_of(head));
        drop(state);
        self.wake();
        Ok(())
    }

    /// What the prover proves in this time, at the rate of late.
    pub(crate) fn batch_cycles(&self, time: Duration) -> u64 {
        self.state().capacity.batch_cycles(time)
    }

    /// Says what the sealed blocks that are in no batch cost to prove, and hears how long the
    /// prover needs for everything.
    pub(crate) fn backlog(&self, unbatched_work: u64) -> Duration {
        let mut state = self.state();
        state.unbatched_work = unbatched_work;
        state.capacity.time_for(state.unproven_work.saturating_add(unbatched_work))
    }

    pub(crate) fn halt(&self, reason: String) {
        self.state().halted = Some(reason);
    }

    fn nudge(&self) {
        if let Some(chain) = self.shared.chain.get() {
            chain.nudge();
        }
    }
}

/// What the sealed batches without a proof cost.
fn unproven_work(store: &Store, state: &State) -> Result<u64, BatcherError> {
    let mut work: u64 = 0;
    for batch in (state.first_unproven..=state.sealed).filter(|batch| !state.is_proven(*batch)) {
        let head = store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        work = work.saturating_add(work_of(&head));
    }
    Ok(work)
}

impl State {
    const fn new(sealed: u64, last_block: u64, shelf: Shelf, capacity: Capacity) -> Self {
        Self {
            sealed,
            last_block,
            first_unproven: shelf.removed_through().saturating_add(1),
            proven_ahead: BTreeSet::new(),
            failures: BTreeMap::new(),
            proving: None,
            loans: Loans::new(),
            is_disk_short: false,
            halted: None,
            unproven_work: 0,
            unbatched_work: 0,
            proving_ms: 0,
            capacity,
            shelf,
        }
    }

    fn is_proven(&self, batch: u64) -> bool {
        batch < self.first_unproven || self.proven_ahead.contains(&batch)
    }

    fn prove(&mut self, batch: u64) {
        self.proven_ahead.insert(batch);
        while self.proven_ahead.remove(&self.first_unproven) {
            self.first_unproven = self.first_unproven.saturating_add(1);
        }
    }

    /// The node itself is done with a batch, if it is the one that it proves.
    fn end_own(&mut self, batch: u64) {
        self.proving = self.proving.filter(|proving| proving.batch != batch);
    }

    /// The batches that nobody else proves now, first ones first.
    fn unproven(&self, now: Instant) -> impl Iterator<Item = u64> {
        let end = self.sealed.min(self.first_unproven.saturating_add(PROVING_WINDOW));
        let is_free =
            move |batch: &u64| !self.is_proven(*batch) && !self.loans.is_lent(*batch, now);
        (self.first_unproven..=end).filter(is_free)
    }

    /// What the node itself proves next.
    fn next(&self, now: Instant) -> Option<u64> {
        let waits =
            |batch: u64| self.failures.get(&batch).is_some_and(|failure| failure.retry_at > now);
        self.unproven(now).find(|batch| !waits(*batch))
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
