//! Batches as the rest of the node sees them: only what is durable.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use minster_os::batch::{RangeClaim, RangeInput};
use minster_sequencer::Chain;
use minster_storage::{
    Storage,
    document::{Document, Draft},
};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::{
    BatcherError, KeptProof, ProofRecord,
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
    state: Mutex<State>,
    changed: Condvar,
    /// Known when the batcher runs; woken when the prover is idle.
    chain: OnceLock<Arc<Chain>>,
}

#[derive(Debug, Default)]
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
    proving: Option<Proving>,
    halted: Option<String>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Number of the last sealed batch; 0 while there is none.
    pub sealed: u64,
    /// How many batches have a proof.
    pub proven: u64,
    /// The first batch without a proof: one more than `sealed` when all have one.
    pub first_unproven: u64,
    /// What is being proven.
    pub proving: Option<Proving>,
    /// How many batches fail to be proven, and the first of them.
    pub failing: Option<(u64, Failure)>,
    /// Sealed blocks that are in no batch.
    pub unbatched_blocks: u64,
    /// Why no more batches are made, when a block fits none.
    pub halted: Option<String>,
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
    /// Could not be made so far; it is tried again.
    Failing(Failure),
}

/// A batch and how far its proof is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// The batch.
    pub head: BatchHead,
    /// Its proof.
    pub proof: ProofState,
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
}

impl Batches {
    /// Reads what the last run left.
    pub(crate) fn open(storage: &Storage) -> Result<Self, BatcherError> {
        let store = Store::open(storage)?;
        let sealed = store.last();
        let last = match sealed {
            0 => None,
            batch => Some(store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?),
        };
        let last_block = last.map_or(0, |head| head.commitment.last_block);
        let mut state = State { sealed, last_block, first_unproven: 1, ..State::default() };
        for batch in store.proofs()? {
            state.prove(batch);
        }
        let (changed, chain) = (Condvar::new(), OnceLock::new());
        let shared = Shared { store, state: Mutex::new(state), changed, chain };
        Ok(Self { shared: Arc::new(shared) })
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
        Summary {
            sealed: state.sealed,
            proven: state
                .first_unproven
                .saturating_sub(1)
                .saturating_add(state.proven_ahead.len() as u64),
            first_unproven: state.first_unproven,
            proving: state.proving,
            failing: failing.map(|(batch, failure)| (*batch, failure.clone())),
            unbatched_blocks: latest.saturating_sub(state.last_block),
            halted: state.halted.clone(),
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
            return Ok(Some(BatchView { head, proof }));
        }
        let state = self.state();
        let proof = match (state.proving, state.failures.get(&batch)) {
            (Some(proving), _) if proving.batch == batch => ProofState::Proving(proving),
            (_, Some(failure)) => ProofState::Failing(failure.clone()),
            _ => ProofState::Queued,
        };
        Ok(Some(BatchView { head, proof }))
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

    /// The proof of a batch, verified when it was made; `None` while there is none.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn proof(&self, batch: u64) -> Result<Option<Document>, BatcherError> {
        match self.state().is_proven(batch) {
            true => self.shared.store.proof(batch),
            false => Ok(None),
        }
    }

    /// Takes the next batch to prove: the first one that is not waiting after a failure. Blocks
    /// until there is one, or [`Batches::wake`] is called, or the time is up.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn next_job(&self, wait: Duration) -> Result<Option<Job>, BatcherError> {
        let batch = {
            let mut state = self.state();
            if state.next(Instant::now()).is_none() {
                let _ = self.shared.changed.wait_for(&mut state, wait);
            }
            let now = Instant::now();
            let Some(batch) = state.next(now) else { return Ok(None) };
            state.proving = Some(Proving { batch, cycles: 0, cycles_total: 0, since: now });
            batch
        };
        let head = self.shared.store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
        let input = self.shared.store.input(batch)?;
        Ok(Some(Job { batch, claim: head.claim(), input }))
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
        let document = proof.keep_labelled(record.label())?;
        let mut state = self.state();
        state.proving = None;
        state.failures.remove(&batch);
        state.prove(batch);
        drop(state);
        self.nudge();
        Ok(document)
    }

    /// Gives a batch up for some time, twice as long after each failure. Returns how often it has
    /// failed.
    pub fn failed(&self, batch: u64, reason: String) -> u32 {
        let mut state = self.state();
        state.proving = None;
        let attempts = state.failures.get(&batch).map_or(0, |failure| failure.attempts);
        let wait = RETRY_FIRST.saturating_mul(1 << attempts.min(20)).min(RETRY_MAX);
        let attempts = attempts.saturating_add(1);
        let now = Instant::now();
        let retry_at = now.checked_add(wait).unwrap_or(now);
        state.failures.insert(batch, Failure { attempts, reason, retry_at });
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
    pub(crate) fn seal(&self, head: &BatchHead, input: &RangeInput) -> Result<(), BatcherError> {
        self.shared.store.seal(head, input)?;
        let mut state = self.state();
        state.sealed = head.commitment.number;
        state.last_block = head.commitment.last_block;
        drop(state);
        self.wake();
        Ok(())
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

impl State {
    fn is_proven(&self, batch: u64) -> bool {
        batch < self.first_unproven || self.proven_ahead.contains(&batch)
    }

    fn prove(&mut self, batch: u64) {
        self.proven_ahead.insert(batch);
        while self.proven_ahead.remove(&self.first_unproven) {
            self.first_unproven = self.first_unproven.saturating_add(1);
        }
    }

    fn next(&self, now: Instant) -> Option<u64> {
        let end = self.sealed.min(self.first_unproven.saturating_add(PROVING_WINDOW));
        let is_ready = |batch: &u64| {
            let waits = self.failures.get(batch).is_some_and(|failure| failure.retry_at > now);
            !waits && !self.is_proven(*batch)
        };
        (self.first_unproven..=end).find(is_ready)
    }
}

#[cfg(test)]
mod tests;
