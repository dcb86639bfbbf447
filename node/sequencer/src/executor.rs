//! The execution thread: takes transactions from the pool, cuts slices, ends blocks on time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender},
    },
    time::{Duration, Instant},
};

use minster_evm::BlockContext;
use minster_mempool::Mempool;
use minster_os::Refusal;
use minster_primitives::{Header, Transaction};

use crate::{
    SequencerError,
    clock::{slot_start, steady_ms},
    config::{Mining, SequencerConfig},
    dev::{DevControls, Obeyed, Order, WaitingOrder},
    journal::JournalMessage,
    producer::{ExecutedSlice, Producer},
    sealer::Sealer,
    stats::Stats,
};

/// Transactions taken from the pool at a time.
const BATCH_MAX: usize = 64;

/// Longest sleep of an idle executor: how late it may notice a stop that did not wake it.
const IDLE_WAIT: Duration = Duration::from_millis(100);

/// Time between searches for expired transactions; each search looks at a bounded number.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// Sleep when the pool holds transactions but none that may run now.
const NOTHING_RUNNABLE_WAIT: Duration = Duration::from_millis(5);

/// What the sealer thread is told.
pub(crate) enum SealerMessage {
    /// A slice of the open block.
    Slice(ExecutedSlice),
    /// The open block has ended.
    Seal(Arc<BlockContext>),
}

/// The sealer thread: tree updates run beside execution; a sealed block goes to the journal, and
/// its header back to the executor.
pub(crate) fn run_sealer(
    mut sealer: Sealer,
    messages: &Receiver<SealerMessage>,
    journal: &SyncSender<JournalMessage>,
    headers: &SyncSender<(Header, alloy_primitives::B256)>,
) -> Result<(), SequencerError> {
    while let Ok(message) = messages.recv() {
        match message {
            SealerMessage::Slice(slice) => sealer.add_slice(&slice)?,
            SealerMessage::Seal(context) => {
                let sealed = sealer.seal(&context)?;
                let header = (sealed.block.header.clone(), sealed.block.hash);
                // The journal first: the next block's slices must come after this in the log.
                let is_sent = journal.send(JournalMessage::Block(sealed)).is_ok();
                if !is_sent || headers.send(header).is_err() {
                    break;
                }
                sealer.forget_old_trees();
            }
        }
    }
    Ok(())
}

/// Tells the journal that the last slice was sent, however the execution thread ends: otherwise
/// the journal and the snapshot thread would wait for each other for ever.
pub(crate) struct StopGuard(pub(crate) SyncSender<JournalMessage>);

impl Drop for StopGuard {
    fn drop(&mut self) {
        // A journal that is gone needs no telling.
        let _ = self.0.send(JournalMessage::Stop);
    }
}

/// What the execution thread is given besides the producer.
pub(crate) struct ExecutorParts {
    pub(crate) config: SequencerConfig,
    pub(crate) block_time_ms: u64,
    pub(crate) pool: Arc<Mempool>,
    pub(crate) journal: SyncSender<JournalMessage>,
    /// One for each short slice that may wait for the journal.
    pub(crate) turns: SyncSender<()>,
    pub(crate) sealer: SyncSender<SealerMessage>,
    pub(crate) headers: Receiver<(Header, alloy_primitives::B256)>,
    pub(crate) stop: Arc<AtomicBool>,
    /// Not 0 while unproven work keeps transactions out, also those that are in the pool.
    pub(crate) refused_backlog_ms: Arc<AtomicU64>,
    pub(crate) controls: Arc<DevControls>,
    pub(crate) stats: Arc<Stats>,
    /// Dropped with the rest, on every way out.
    #[expect(dead_code, reason = "held only to be dropped")]
    pub(crate) stop_journal: StopGuard,
}

/// The execution thread. Its machine cannot leave the thread that made it.
pub(crate) struct Executor {
    producer: Producer,
    parts: ExecutorParts,
    /// When the open block ends.
    deadline: Instant,
    /// When the pool is next searched for expired transactions.
    expiry_due: Instant,
}

/// Another thread is gone: it has said why, and this one just ends.
struct Disconnected;

/// Why execution stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BatchEnd {
    Done,
    /// It has taken as long as a slice may.
    SliceLong,
    BlockFull,
}

impl Executor {
    /// A block that was open at a crash ends at once.
    pub(crate) fn new(producer: Producer, parts: ExecutorParts) -> Self {
        let now = Instant::now();
        Self { producer, parts, deadline: now, expiry_due: now }
    }

    /// Runs until stopped or until a neighbour thread is gone.
    pub(crate) fn run(mut self) -> Result<(), SequencerError> {
        while !self.parts.stop.load(Ordering::Acquire) {
            if self.step()?.is_err() {
                return Ok(());
            }
        }
        self.parts.controls.forget_orders();
        if self.producer.is_open() {
            // A neighbour that is gone has said why.
            let _ = self.end_block()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Result<(), Disconnected>, SequencerError> {
        let now = Instant::now();
        self.parts.stats.executor_beat(now);
        if self.producer.is_open() && now >= self.deadline {
            return self.end_block();
        }
        if let Some(waiting) = self.parts.controls.take_order() {
            return self.obey(waiting);
        }
        if now >= self.expiry_due {
            self.expiry_due = now + EXPIRY_INTERVAL;
            self.parts.pool.expire(steady_ms());
        }
        let wait = if self.producer.is_open() {
            self.deadline.saturating_duration_since(now).min(IDLE_WAIT)
        } else {
            IDLE_WAIT
        };
        let has_work = !self.is_braked() && self.parts.pool.wait_for_work(wait);
        // Asked again: it may have been waited for while there was no brake.
        if self.is_braked() {
            std::thread::sleep(wait);
            return Ok(Ok(()));
        }
        if !has_work {
            return Ok(Ok(()));
        }
        let (executed, end) = self.work()?;
        if executed == 0 && end != BatchEnd::BlockFull {
            // What waits is priced below the base fee, which falls with every block.
            if !self.producer.is_open() {
                self.begin_block()?;
            }
            std::thread::sleep(NOTHING_RUNNABLE_WAIT);
            return Ok(Ok(()));
        }
        if self.producer.has_unsliced() && self.cut_slice(end).is_err() {
            return Ok(Err(Disconnected));
        }
        if self.parts.config.mining == Mining::Instant || end == BatchEnd::BlockFull {
            return self.end_block();
        }
        Ok(Ok(()))
    }

    /// Executes until the pool has nothing more, the slice is long enough, or the block is full.
    fn work(&mut self) -> Result<(usize, BatchEnd), SequencerError> {
        let started = Instant::now();
        let mut executed = 0;
        let batch_max = if self.parts.config.mining == Mining::Instant { 1 } else { BATCH_MAX };
        loop {
            let batch = self.parts.pool.take_batch(self.producer.base_fee(), batch_max);
            if batch.is_empty() {
                return Ok((executed, BatchEnd::Done));
            }
            if !self.producer.is_open() {
                self.begin_block()?;
            }
            let (count, end) = self.execute_batch(batch)?;
            executed += count;
            let is_instant = self.parts.config.mining == Mining::Instant && executed > 0;
            if is_instant || end == BatchEnd::BlockFull {
                return Ok((executed, end));
            }
            if self.is_braked() {
                return Ok((executed, BatchEnd::Done));
            }
            if started.elapsed() >= self.parts.config.slice_work {
                return Ok((executed, BatchEnd::SliceLong));
            }
        }
    }

    /// Whether there is more unproven work than there may be. A pool may hold months of it.
    fn is_braked(&self) -> bool {
        self.parts.refused_backlog_ms.load(Ordering::Acquire) > 0
    }

    fn execute_batch(
        &mut self,
        batch: Vec<Arc<Transaction>>,
    ) -> Result<(usize, BatchEnd), SequencerError> {
        let mut executed = 0;
        let mut rejected_senders = Vec::new();
        let mut batch = batch.into_iter();
        while let Some(transaction) = batch.next() {
            if rejected_senders.contains(&transaction.sender()) {
                // Its nonce is not next any more: it waits until the gap is filled.
                self.parts.pool.give_back(transaction.hash());
                continue;
            }
            match self.producer.execute(Arc::clone(&transaction))? {
                Ok(_) => executed += 1,
                Err(Refusal::BlockFull(_)) => {
                    self.parts.pool.give_back(transaction.hash());
                    batch.for_each(|rest| self.parts.pool.give_back(rest.hash()));
                    return Ok((executed, BatchEnd::BlockFull));
                }
                Err(refusal) => {
                    rejected_senders.push(transaction.sender());
                    self.parts.pool.rejected(transaction.hash(), &refusal.to_string());
                }
            }
        }
        Ok((executed, BatchEnd::Done))
    }

    fn begin_block(&mut self) -> Result<(), SequencerError> {
        let wanted = self.parts.controls.take_next_timestamp();
        let now_ms = self.parts.controls.now_ms();
        let parent = self.producer.parent().timestamp;
        let (timestamp, left_ms) = slot(now_ms, self.parts.block_time_ms, parent, wanted);
        self.deadline = Instant::now() + Duration::from_millis(left_ms);
        self.producer.begin_block(timestamp)
    }

    /// Does what a developer asks for. The clock moves between two blocks.
    fn obey(&mut self, waiting: WaitingOrder) -> Result<Result<(), Disconnected>, SequencerError> {
        let order = waiting.order;
        let controls = Arc::clone(&self.parts.controls);
        if let Err(refusal) = controls.move_clock(order, self.producer.last_timestamp()) {
            waiting.answer(Err(refusal));
            return Ok(Ok(()));
        }
        if order.moves_the_clock() && self.end_block()?.is_err() {
            return Ok(Err(Disconnected));
        }
        if matches!(order, Order::Mine { .. }) && self.mine()?.is_err() {
            return Ok(Err(Disconnected));
        }
        let block = self.producer.parent().number;
        waiting.answer(Ok(Obeyed { block, ahead_seconds: controls.ahead_seconds() }));
        Ok(Ok(()))
    }

    /// Ends the open block, or a new one, with what the pool holds, as far as that takes no longer
    /// than a block's time.
    fn mine(&mut self) -> Result<Result<(), Disconnected>, SequencerError> {
        let stop = Instant::now() + Duration::from_millis(self.parts.block_time_ms);
        if !self.producer.is_open() {
            self.begin_block()?;
        }
        loop {
            let (executed, end) = self.work()?;
            if self.producer.has_unsliced() && self.cut_slice(end).is_err() {
                return Ok(Err(Disconnected));
            }
            let is_full = end == BatchEnd::BlockFull
                || executed > 0 && self.parts.config.mining == Mining::Instant;
            if executed == 0 || is_full || Instant::now() >= stop {
                return self.end_block();
            }
        }
    }

    /// Cuts a slice because of this end. A short one waits for its turn while another waits for the
    /// journal: what comes in meanwhile makes the next one longer.
    fn cut_slice(&mut self, end: BatchEnd) -> Result<(), Disconnected> {
        let Some(slice) = self.producer.close_slice() else { return Ok(()) };
        self.parts.sealer.send(SealerMessage::Slice(slice.clone())).map_err(|_| Disconnected)?;
        let has_turn = end != BatchEnd::SliceLong;
        if has_turn {
            self.parts.turns.send(()).map_err(|_| Disconnected)?;
        }
        self.parts.journal.send(JournalMessage::Slice { slice, has_turn }).map_err(|_| Disconnected)
    }

    /// Ends the open block and waits for its hash, which the next block's first call needs.
    fn end_block(&mut self) -> Result<Result<(), Disconnected>, SequencerError> {
        if self.producer.has_unsliced() && self.cut_slice(BatchEnd::Done).is_err() {
            return Ok(Err(Disconnected));
        }
        let Some(context) = self.producer.end_block() else { return Ok(Ok(())) };
        let ended = Instant::now();
        if self.parts.sealer.send(SealerMessage::Seal(context)).is_err() {
            return Ok(Err(Disconnected));
        }
        let Ok((header, hash)) = self.parts.headers.recv() else { return Ok(Err(Disconnected)) };
        self.parts.stats.waited_for_seal(ended.elapsed());
        self.producer.set_parent(header, hash);
        Ok(Ok(()))
    }
}

/// The timestamp of a block that opens now, in seconds, and how long it stays open, in
/// milliseconds. Strictly above the parent, also when the clock went backwards or the chain ran
/// ahead; and never open for longer than a block's time, however far from the clock it is.
fn slot(now_ms: u64, block_time_ms: u64, parent: u64, wanted: Option<u64>) -> (u64, u64) {
    let slot = slot_start(now_ms, block_time_ms);
    let timestamp = wanted.unwrap_or(slot).max(parent.saturating_add(1));
    let end_ms = timestamp.saturating_mul(1_000).saturating_add(block_time_ms);
    (timestamp, end_ms.saturating_sub(now_ms).min(block_time_ms))
}

#[cfg(test)]
mod tests;
