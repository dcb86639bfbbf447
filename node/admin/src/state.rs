//! What the admin port answers from, which comes and goes while the port stays open.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use minster_batcher::Batches;
use minster_rpc::RpcMetrics;
use minster_sequencer::Sequencer;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{
    AdminConfig, Reason,
    directory::{self, Disk, Folders},
    readiness::{Facts, reasons},
};

/// For so long the sizes of files are good: to add them up looks at every one.
const FOLDERS_LIFETIME: Duration = Duration::from_secs(15);

/// Answers that may wait for a disk at a time; others wait for them until their time is up.
const WAITING_MAX: usize = 4;

/// The running parts of a node.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The sequencer.
    pub sequencer: Sequencer,
    /// The batches; `None` on a node that neither batches nor proves.
    pub batches: Option<Batches>,
    /// What the RPC server counts.
    pub rpc: RpcMetrics,
    /// The data directory; `None` when the chain is in memory.
    pub directory: Option<PathBuf>,
}

/// Where the node stands between its start and its end.
#[derive(Debug, Clone)]
enum Stage {
    Starting,
    Running(Arc<Sources>),
    Draining(Arc<Sources>),
    /// Told to stop before it ran.
    Stopping,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: AdminConfig,
    pub(crate) started: SystemTime,
    stage: Mutex<Stage>,
    pub(crate) folders: Mutex<Option<(Instant, Folders)>>,
    /// Permits of those who may wait for a disk.
    pub(crate) waiting: Arc<Semaphore>,
}

impl State {
    pub(crate) fn new(config: AdminConfig) -> Self {
        Self {
            config,
            started: SystemTime::now(),
            stage: Mutex::new(Stage::Starting),
            folders: Mutex::new(None),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }

    pub(crate) fn attach(&self, sources: Sources) {
        let mut stage = self.stage.lock();
        if matches!(*stage, Stage::Starting) {
            *stage = Stage::Running(Arc::new(sources));
        }
    }

    pub(crate) fn drain(&self) {
        let mut stage = self.stage.lock();
        *stage = match &*stage {
            Stage::Starting | Stage::Stopping => Stage::Stopping,
            Stage::Running(sources) | Stage::Draining(sources) => {
                Stage::Draining(Arc::clone(sources))
            }
        };
    }

    pub(crate) fn sources(&self) -> Option<Arc<Sources>> {
        match &*self.stage.lock() {
            Stage::Starting | Stage::Stopping => None,
            Stage::Running(sources) | Stage::Draining(sources) => Some(Arc::clone(sources)),
        }
    }

    /// What tells whether the node is alive. Nothing here waits for a disk.
    pub(crate) fn signs_of_life(&self) -> Facts {
        let (is_starting, is_draining) = match &*self.stage.lock() {
            Stage::Starting => (true, false),
            Stage::Running(_) => (false, false),
            Stage::Draining(_) | Stage::Stopping => (false, true),
        };
        let age = |sources: Arc<Sources>| sources.sequencer.stats().snapshot().executor_age;
        let executor_age = self.sources().map(age);
        Facts { is_starting, is_draining, executor_age, ..Facts::default() }
    }

    /// What can be told of the node now.
    fn facts(&self) -> Facts {
        let mut facts = self.signs_of_life();
        let Some(sources) = self.sources() else { return facts };
        let stats = sources.sequencer.stats().snapshot();
        facts.journal_age = Some(stats.journal_age);
        facts.is_refusing = sources.sequencer.is_refusing();
        facts.batcher_age = sources.batches.is_some().then_some(stats.batcher_age);
        let summary = sources.batches.as_ref().map(|batches| batches.summary());
        facts.is_halted = summary.is_some_and(|summary| summary.halted.is_some());
        facts.disk = self.disk(&sources);
        facts.is_disk_unknown = facts.disk.is_none() && sources.directory.is_some();
        facts
    }

    /// Why the node is not ready; empty when it is.
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        reasons(&self.facts(), &self.config)
    }

    pub(crate) fn disk(&self, sources: &Sources) -> Option<Disk> {
        sources.directory.as_deref().and_then(directory::disk)
    }

    /// Bytes by folder of the data directory, a few seconds old at most.
    pub(crate) fn folders(&self, sources: &Sources) -> Option<Folders> {
        let root = sources.directory.as_deref()?;
        let mut kept = self.folders.lock();
        match &*kept {
            Some((since, folders)) if since.elapsed() < FOLDERS_LIFETIME => Some(folders.clone()),
            _ => {
                let folders = directory::folders(root);
                *kept = Some((Instant::now(), folders.clone()));
                Some(folders)
            }
        }
    }
}
