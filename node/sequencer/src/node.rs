//! The sequencer as the rest of the node holds it: threads, their supervisor, and the handle.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, SyncSender},
    },
    thread::{JoinHandle, available_parallelism},
    time::{Duration, Instant},
};

use alloy_primitives::Address;
use minster_mempool::{Mempool, PoolConfig};
use minster_params::Genesis;
use minster_recovery::has_lanes;
use minster_state::Tree;
use minster_storage::{Storage, StorageConfig, archive::Archive, directory::Identity, wal::Wal};
use parking_lot::Mutex;

use crate::{
    SequencerError,
    brake::Brake,
    chain::Chain,
    clock::slot_start,
    config::SequencerConfig,
    dev::DevControls,
    executor::{Executor, ExecutorParts, StopGuard, run_sealer},
    intake::Intake,
    journal::{Journal, SnapshotTrigger, prune},
    key::SliceKey,
    prune::{HistoryConfig, Pruner},
    recovery::{Recovered, RecoveryReport, TreeAt, recover, tell_torn},
    snapshot::{SnapshotRequest, SnapshotWriter, oldest_block},
    stats::Stats,
    submit::Closed,
};

/// Slices and blocks that may wait for the journal: so long execution goes on while a sync takes
/// its time.
const JOURNAL_CAPACITY: usize = 16;

/// Slices among them that may be short. No more: when the journal is slow, slices should grow
/// instead, since each is signed, and only so many are held.
const SHORT_SLICES_MAX: usize = 1;

/// Slices that may wait for the tree.
const SEALER_CAPACITY: usize = 64;

/// How long a drain sleeps before it looks at the pool again.
const DRAIN_LOOK: Duration = Duration::from_millis(5);

/// The file in the data directory that holds the slice key, where no other key is given.
pub const SLICE_KEY_FILE: &str = "slice.key";

/// Where and how to run.
#[derive(Debug, Clone, Default)]
pub struct StartConfig {
    /// The data directory; `None` keeps everything in memory.
    pub directory: Option<PathBuf>,
    /// The sequencer's settings.
    pub sequencer: SequencerConfig,
    /// The pool's settings.
    pub pool: PoolConfig,
    /// Where a second state tree is wanted; see [`Running::take_batch_tree`].
    pub tree_at: Option<TreeAt>,
    /// Signs slices; without one, the key in the directory, which a first start makes.
    pub slice_key: Option<SliceKey>,
}

/// Opens or creates the data directory of a chain (`None`: memory), and says what a crash left.
///
/// # Errors
/// When the directory is unusable, in use, or another chain's.
pub fn open_storage(
    genesis: &Genesis,
    directory: Option<&Path>,
) -> Result<Storage, SequencerError> {
    let identity = Identity { chain_id: genesis.config.chain_id, genesis_hash: genesis.hash().0 };
    let root = directory.map(Path::to_path_buf);
    let storage = Storage::open(StorageConfig { root, identity })?;
    storage.torn_tails.iter().for_each(tell_torn);
    Ok(storage)
}

/// What the handles share.
pub(crate) struct Shared {
    pub(crate) intake: Intake,
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Mempool>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) stop: Arc<AtomicBool>,
    slice_signer: Address,
    brake: Mutex<Brake>,
    /// The backlog in milliseconds while it keeps transactions out; else 0.
    refused_backlog_ms: Arc<AtomicU64>,
    controls: Arc<DevControls>,
    is_development: bool,
    history: HistoryConfig,
    /// Nothing more is taken into the pool; what is there is still executed.
    pub(crate) is_draining: AtomicBool,
}

/// A handle on a running sequencer.
#[derive(Clone)]
pub struct Sequencer {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Sequencer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sequencer")
            .field("slice_signer", &self.shared.slice_signer)
            .finish()
    }
}

impl Sequencer {
    /// The chain as readers see it.
    #[must_use]
    pub fn chain(&self) -> &Arc<Chain> {
        &self.shared.chain
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &Arc<Mempool> {
        &self.shared.pool
    }

    /// Counters and latencies.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }

    /// The address that slice signatures recover to.
    #[must_use]
    pub fn slice_signer(&self) -> Address {
        self.shared.slice_signer
    }

    /// The clock and the block button, on a development chain.
    #[must_use]
    pub fn dev_controls(&self) -> Option<&DevControls> {
        self.shared.is_development.then_some(&*self.shared.controls)
    }

    /// How much history is kept.
    #[must_use]
    pub fn history(&self) -> HistoryConfig {
        self.shared.history
    }

    /// The earliest timestamp, in seconds, that a block which opens now may have if its parent
    /// allows: the time, on a development chain as its controls have set it.
    #[must_use]
    pub fn now(&self) -> u64 {
        let controls = &self.shared.controls;
        let block_time_ms = self.shared.chain.config().block_time_ms;
        let slot = || slot_start(controls.now_ms(), block_time_ms);
        controls.next_timestamp().unwrap_or_else(slot)
    }

    /// Takes note of how long the prover needs for what is not proven, every second or so. Users
    /// are slowed down as [`BrakeConfig`](crate::BrakeConfig) says. On a node that does not prove
    /// nobody calls this.
    pub fn set_proof_backlog(&self, backlog: Duration) {
        self.shared.stats.batcher_beat();
        let base_fee = self.shared.chain.next_context(self.now()).base_fee;
        let demand = self.shared.brake.lock().update(backlog, base_fee);
        self.shared.pool.raise_tip_min(demand.tip_min);
        let millis = u64::try_from(backlog.as_millis()).unwrap_or(u64::MAX).max(1);
        let refused = if demand.is_refusing { millis } else { 0 };
        self.shared.refused_backlog_ms.store(refused, Ordering::Release);
    }

    /// Whether all transactions are refused, because the prover is too far behind.
    #[must_use]
    pub fn is_refusing(&self) -> bool {
        self.shared.refused_backlog_ms.load(Ordering::Acquire) > 0
    }

    pub(crate) fn backlog_refusal(&self) -> Option<Closed> {
        let millis = self.shared.refused_backlog_ms.load(Ordering::Acquire);
        (millis > 0).then(|| Closed::ProofBacklog {
            backlog: Duration::from_millis(millis),
            limit: self.shared.brake.lock().limit(),
        })
    }
}

/// A running sequencer: whoever holds this stops it.
#[derive(Debug)]
pub struct Running {
    handle: Sequencer,
    report: RecoveryReport,
    batch_tree: Option<Tree>,
    threads: Threads,
    supervisor: Arc<Supervisor>,
    /// Whether a last snapshot at shutdown makes the next start quick.
    is_on_disk: bool,
}

#[derive(Debug)]
struct Threads {
    intake: Vec<JoinHandle<Option<()>>>,
    executor: JoinHandle<Option<()>>,
    sealer: JoinHandle<Option<()>>,
    journal: JoinHandle<Option<Wal>>,
    snapshots: JoinHandle<Option<SnapshotWriter>>,
    /// `None` where everything is kept.
    pruner: Option<JoinHandle<Option<()>>>,
}

/// Hears of the first thread that fails, and stops the others.
#[derive(Debug)]
struct Supervisor {
    stop: Arc<AtomicBool>,
    failure: Mutex<Option<SequencerError>>,
    failed: tokio::sync::Notify,
}

impl Supervisor {
    /// Runs a thread's body; a failure or a panic stops the node.
    fn watch<T>(
        &self,
        thread: &'static str,
        body: impl FnOnce() -> Result<T, SequencerError>,
    ) -> Option<T> {
        let error = match catch_unwind(AssertUnwindSafe(body)) {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => error,
            Err(panic) => panicked(thread, &*panic),
        };
        tracing::error!(thread, %error, "sequencer stopped");
        self.stop.store(true, Ordering::Release);
        self.failure.lock().get_or_insert(error);
        self.failed.notify_one();
        None
    }
}

fn panicked(thread: &'static str, panic: &(dyn std::any::Any + Send)) -> SequencerError {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    thread_error(thread, text.unwrap_or_else(|| "a panic".into()))
}

fn thread_error(thread: &'static str, reason: impl ToString) -> SequencerError {
    SequencerError::Thread { thread, reason: reason.to_string() }
}

fn spawn<T: Send + 'static>(
    thread: &'static str,
    supervisor: &Arc<Supervisor>,
    body: impl FnOnce() -> Result<T, SequencerError> + Send + 'static,
) -> Result<JoinHandle<Option<T>>, SequencerError> {
    let supervisor = Arc::clone(supervisor);
    std::thread::Builder::new()
        .name(thread.into())
        .spawn(move || supervisor.watch(thread, body))
        .map_err(|error| thread_error(thread, error))
}

impl Running {
    /// Opens or creates the chain, replays what the last run left, and starts the threads.
    ///
    /// # Errors
    /// When the genesis is refused or the data directory is unusable.
    pub fn start(genesis: &Genesis, config: StartConfig) -> Result<Self, SequencerError> {
        let storage = open_storage(genesis, config.directory.as_deref())?;
        Self::start_on(genesis, storage, config)
    }

    /// Starts on the storage that [`open_storage`] opened in the configured directory: who reads
    /// the last batch there first holds the same lock throughout.
    ///
    /// # Errors
    /// As [`Running::start`]; and when the chain does not have the block of `tree_at`.
    pub fn start_on(
        genesis: &Genesis,
        storage: Storage,
        config: StartConfig,
    ) -> Result<Self, SequencerError> {
        let StartConfig { directory, sequencer: settings, pool, tree_at, slice_key } = config;
        let key = match (slice_key, &directory) {
            (Some(key), _) => key,
            (None, Some(directory)) => {
                // The log never forgets how many records it had.
                let is_new_chain = storage.wal.next_sequence() == 0;
                SliceKey::load(&directory.join(SLICE_KEY_FILE), is_new_chain)?
            }
            (None, None) => SliceKey::generate()?,
        };
        let stop = Arc::new(AtomicBool::new(false));
        let supervisor = Arc::new(Supervisor {
            stop: Arc::clone(&stop),
            failure: Mutex::default(),
            failed: tokio::sync::Notify::new(),
        });
        let launch = launch(genesis.clone(), settings.clone(), storage, tree_at, &supervisor)?;
        let Launch { mut recovered, storage, executor, parts } = launch;
        let (report, batch_tree) = (recovered.report, recovered.batch_tree.take());
        let pool = Arc::new(Mempool::new(pool));
        let shared = Arc::new(Shared {
            intake: Intake::default(),
            chain: Arc::clone(&recovered.chain),
            pool: Arc::clone(&pool),
            stats: Arc::default(),
            stop,
            slice_signer: key.address(),
            brake: Mutex::new(Brake::new(settings.brake)),
            refused_backlog_ms: Arc::default(),
            controls: Arc::new(DevControls::new(pool)),
            is_development: settings.is_development,
            history: settings.history,
            is_draining: AtomicBool::new(false),
        });
        let handle = Sequencer { shared };
        let (sent, threads) =
            start_threads(&handle, &supervisor, recovered, storage, settings, key, executor)?;
        // The thread waits for them; if it is gone, it has said why.
        let _ = parts.send(sent);
        let is_on_disk = directory.is_some();
        Ok(Self { handle, report, batch_tree, threads, supervisor, is_on_disk })
    }

    /// The handle for readers and submitters.
    #[must_use]
    pub const fn handle(&self) -> &Sequencer {
        &self.handle
    }

    /// What the start found.
    #[must_use]
    pub const fn report(&self) -> RecoveryReport {
        self.report
    }

    /// The state tree after the block that `tree_at` named; `None` when it named none, or when the
    /// tree was taken.
    #[must_use]
    pub const fn take_batch_tree(&mut self) -> Option<Tree> {
        self.batch_tree.take()
    }

    /// Resolves when a thread has failed; [`Running::stop`] then says why.
    pub async fn failed(&self) {
        self.supervisor.failed.notified().await;
    }

    /// Takes no transactions from now on, and waits until those that are next in line are executed,
    /// durable and published, or until the time is up. Returns how many are left: what pays less
    /// than the base fee may wait for ever, and nothing is executed while there is too much work
    /// that is not proven.
    #[must_use]
    pub fn drain(&self, wait_max: Duration) -> usize {
        let Shared { is_draining, pool, stop, .. } = &*self.handle.shared;
        is_draining.store(true, Ordering::Release);
        let started = Instant::now();
        loop {
            // Before the look: a submission that was past the flag has come in by the next one.
            std::thread::sleep(DRAIN_LOOK);
            let left = pool.status().pending;
            let is_vain = stop.load(Ordering::Acquire) || self.handle.is_refusing();
            if left == 0 || is_vain || started.elapsed() >= wait_max {
                return left;
            }
        }
    }

    /// Stops taking transactions, seals the open block, makes everything durable, and joins the
    /// threads.
    ///
    /// # Errors
    /// The failure that stopped a thread, if one did.
    pub fn stop(self) -> Result<(), SequencerError> {
        self.supervisor.stop.store(true, Ordering::Release);
        self.handle.shared.intake.close();
        let Threads { intake, executor, sealer, journal, snapshots, pruner } = self.threads;
        // First: what it removes from is still written to until the others end.
        if let Some(pruner) = pruner {
            pruner.thread().unpark();
            drop(pruner.join());
        }
        // What failed there has said so.
        intake.into_iter().for_each(|thread| drop(thread.join()));
        let is_clean =
            executor.join().ok().flatten().is_some() & sealer.join().ok().flatten().is_some();
        let wal = journal.join().ok().flatten();
        let writer = snapshots.join().ok().flatten();
        if let Some(failure) = self.supervisor.failure.lock().take() {
            return Err(failure);
        }
        if let (true, true, Some(mut wal), Some(writer)) = (is_clean, self.is_on_disk, wal, writer)
        {
            self.handle.chain().index().roll();
            let block = self.handle.chain().latest();
            writer.write(&SnapshotRequest { block, wal_sequence: wal.next_sequence() })?;
            prune(&mut wal, writer.oldest_needed()?)?;
        }
        Ok(())
    }
}

/// The execution thread after recovery, waiting for the other threads.
struct Launch {
    recovered: Recovered,
    storage: Storage,
    executor: JoinHandle<Option<()>>,
    parts: SyncSender<ExecutorParts>,
}

/// Recovers the chain on the thread that will execute.
fn launch(
    genesis: Genesis,
    settings: SequencerConfig,
    storage: Storage,
    tree_at: Option<TreeAt>,
    supervisor: &Arc<Supervisor>,
) -> Result<Launch, SequencerError> {
    let (ready_sender, ready) = mpsc::sync_channel(1);
    let (parts, parts_receiver) = mpsc::sync_channel(1);
    let body_supervisor = Arc::clone(supervisor);
    let body = move || {
        let recovery = || recover(&genesis, &settings, &storage, tree_at);
        let recovered = catch_unwind(AssertUnwindSafe(recovery))
            .unwrap_or_else(|panic| Err(panicked("executor", &*panic)));
        let (producer, recovered) = match recovered {
            Ok(recovered) => recovered,
            Err(error) => {
                // Whoever hears of it may open the directory again at once.
                drop(storage);
                return ready_sender.send(Err(error)).ok();
            }
        };
        ready_sender.send(Ok((recovered, storage))).ok()?;
        let parts = parts_receiver.recv().ok()?;
        body_supervisor.watch("executor", || Executor::new(producer, parts).run())
    };
    let executor = std::thread::Builder::new()
        .name("executor".into())
        .spawn(body)
        .map_err(|error| thread_error("executor", error))?;
    let gone = |error| Err(thread_error("executor", error));
    let (recovered, storage) = ready.recv().unwrap_or_else(gone)?;
    Ok(Launch { recovered, storage, executor, parts })
}

fn start_threads(
    handle: &Sequencer,
    supervisor: &Arc<Supervisor>,
    recovered: Recovered,
    storage: Storage,
    settings: SequencerConfig,
    key: SliceKey,
    executor: JoinHandle<Option<()>>,
) -> Result<(ExecutorParts, Threads), SequencerError> {
    let Recovered { chain, store, sealer, report, .. } = recovered;
    let Storage { wal, blocks, changes, snapshots, .. } = storage;
    let (journal_sender, journal_receiver) = mpsc::sync_channel(JOURNAL_CAPACITY);
    let (turn_sender, turns) = mpsc::sync_channel(SHORT_SLICES_MAX);
    let (sealer_sender, sealer_receiver) = mpsc::sync_channel(SEALER_CAPACITY);
    let (header_sender, header_receiver) = mpsc::sync_channel(1);
    let (request_sender, request_receiver) = mpsc::channel();
    let oldest_snapshot = Arc::new(AtomicU64::new(oldest_block(&snapshots)?));
    let archives = (&blocks, &changes);
    let pruner = start_pruner(settings.history, &chain, archives, &oldest_snapshot, supervisor)?;
    let writer = SnapshotWriter {
        store,
        index: Arc::clone(chain.index()),
        snapshots,
        blocks: Arc::clone(&blocks),
        changes: Arc::clone(&changes),
        journal: journal_sender.clone(),
        stats: Arc::clone(&handle.shared.stats),
        oldest: oldest_snapshot,
    };
    let journal = Journal {
        wal,
        blocks,
        changes,
        pool: Arc::clone(handle.pool()),
        key: Arc::new(key),
        stats: Arc::clone(&handle.shared.stats),
        snapshots: snapshot_trigger(request_sender, &settings, report),
        chain: Arc::clone(&chain),
        turns,
    };
    let sealer_journal = journal_sender.clone();
    let parts = ExecutorParts {
        config: settings,
        block_time_ms: chain.config().block_time_ms,
        pool: Arc::clone(handle.pool()),
        stop_journal: StopGuard(journal_sender.clone()),
        journal: journal_sender,
        turns: turn_sender,
        sealer: sealer_sender,
        headers: header_receiver,
        stop: Arc::clone(&supervisor.stop),
        refused_backlog_ms: Arc::clone(&handle.shared.refused_backlog_ms),
        controls: Arc::clone(&handle.shared.controls),
        stats: Arc::clone(&handle.shared.stats),
    };
    let threads = Threads {
        intake: start_intake(handle, supervisor)?,
        snapshots: spawn("snapshots", supervisor, move || {
            writer.run(&request_receiver).map(|()| writer)
        })?,
        journal: spawn("journal", supervisor, move || journal.run(&journal_receiver))?,
        sealer: spawn("sealer", supervisor, move || {
            run_sealer(sealer, &sealer_receiver, &sealer_journal, &header_sender)
        })?,
        executor,
        pruner,
    };
    Ok((parts, threads))
}

/// As if the blocks that a start replayed had come just now.
fn snapshot_trigger(
    requests: mpsc::Sender<SnapshotRequest>,
    settings: &SequencerConfig,
    report: RecoveryReport,
) -> SnapshotTrigger {
    SnapshotTrigger {
        requests,
        blocks_max: settings.snapshot_blocks,
        transactions_max: settings.snapshot_transactions,
        blocks: report.block.saturating_sub(report.snapshot_block),
        transactions: report.replayed_transactions,
        keys: 0,
        is_running: false,
    }
}

/// Starts what removes old history, where some may go.
fn start_pruner(
    config: HistoryConfig,
    chain: &Arc<Chain>,
    (blocks, changes): (&Arc<Archive>, &Arc<Archive>),
    snapshot: &Arc<AtomicU64>,
    supervisor: &Arc<Supervisor>,
) -> Result<Option<JoinHandle<Option<()>>>, SequencerError> {
    if config.is_whole() {
        return Ok(None);
    }
    let pruner = Pruner {
        config,
        chain: Arc::clone(chain),
        blocks: Arc::clone(blocks),
        changes: Arc::clone(changes),
        snapshot: Arc::clone(snapshot),
        stop: Arc::clone(&supervisor.stop),
    };
    pruner.limit_segments();
    spawn("pruner", supervisor, move || pruner.run()).map(Some)
}

/// Starts what checks signatures: one thread where it does eight at a time and so keeps up with
/// execution, else one for each core.
fn start_intake(
    handle: &Sequencer,
    supervisor: &Arc<Supervisor>,
) -> Result<Vec<JoinHandle<Option<()>>>, SequencerError> {
    let cores = || available_parallelism().map_or(1, NonZero::get);
    let count = if has_lanes() { 1 } else { cores() };
    let threads = (0..count).map(|_| {
        let handle = handle.clone();
        spawn("intake", supervisor, move || {
            handle.run_intake();
            Ok(())
        })
    });
    threads.collect()
}
