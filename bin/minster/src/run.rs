//! A node from its settings to its end: what `dev` and `node` share.
//!
//! The order of an end: nothing new is taken into the pool; what is there is executed, and whoever
//! waits for a receipt gets it; the open block is sealed, everything is on disk, a last snapshot is
//! written; only then the server closes. A second signal ends the process at once, as one does that
//! comes before the start is over or after a failure; nothing that was answered is lost by it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use eyre::WrapErr;
use minster_admin::{Admin, AdminConfig, Sources};
use minster_batcher::{Batcher, BatcherConfig, PROOF_BYTES_MAX};
use minster_params::Genesis;
use minster_prover_queue::ChildProver;
use minster_rpc::{RpcHandle, RpcServer};
use minster_sequencer::{
    HistoryConfig, Running, Sequencer, SequencerError, SliceKey, StartConfig, open_storage,
};
use minster_storage::{Storage, StorageError};

use crate::{
    background::{Background, Roles},
    cli::Proofs,
    logging::say,
    settings::{AdminSettings, Settings},
    signals, status,
};

/// Bytes of proofs that a chain without a directory keeps.
const MEMORY_PROOF_BYTES_MAX: u64 = 512 << 20;

/// The most bytes of a proof that is made there: of half as much work again as the largest batch of
/// several blocks has.
const MEMORY_DRAFT_BYTES_MAX: u64 = 1 << 30;

/// How often a start looks again whether a directory that is being read is free.
const DIRECTORY_LOOK: Duration = Duration::from_millis(500);

/// What a node is made of.
pub struct Setup {
    pub genesis: Genesis,
    /// With the keys and tokens that belong into it.
    pub settings: Settings,
    /// Signs slices, if it is not the key in the directory.
    pub slice_key: Option<SliceKey>,
    /// What the operator calls the address that the server listens on.
    pub listen_name: &'static str,
}

/// A node that answers.
pub struct Node {
    running: Running,
    background: Option<Background>,
    rpc: RpcHandle,
    admin: Option<Admin>,
}

/// Runs a node until a signal or a failure. `announce` is called when it answers.
pub fn run(setup: Setup, announce: impl FnOnce(&Node)) -> eyre::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.wrap_err("start the async runtime")?.block_on(serve(setup, announce))
}

async fn serve(setup: Setup, announce: impl FnOnce(&Node)) -> eyre::Result<()> {
    let (drain_max, is_json) = (setup.settings.node.drain_max, setup.settings.log.json);
    // First of all: a start may take minutes, and who is told to stop meanwhile stops.
    let signals = signals::Watch::start(is_json).wrap_err("listen for signals")?;
    let node = Node::start(setup).await?;
    announce(&node);
    signals.node_runs();
    let (sequencer, batches) = (node.sequencer().clone(), node.batches().cloned());
    let status = tokio::spawn(status::run(sequencer, batches, is_json));
    let is_failure = tokio::select! {
        () = signals.asked() => false,
        () = node.failed() => true,
    };
    status.abort();
    signals.node_ends();
    if !is_failure {
        match is_json {
            true => tracing::info!("stopping"),
            false => say("\nstopping: finishing what was accepted and writing everything down"),
        }
    }
    let Node { running, background, rpc, admin } = node;
    if let Some(admin) = &admin {
        admin.drain();
    }
    // Beside the server, which goes on answering.
    let stop = tokio::task::spawn_blocking(move || {
        if !is_failure {
            let left = running.drain(drain_max);
            if left > 0 {
                tracing::warn!(left, "transactions that were not executed in time are dropped");
            }
        }
        stop_threads(running, background)
    });
    let stopped = stop.await.wrap_err("stop")?;
    rpc.stop().await;
    stopped?;
    if is_failure {
        eyre::bail!("a thread stopped without saying why");
    }
    Ok(())
}

fn stop_threads(running: Running, background: Option<Background>) -> eyre::Result<()> {
    let background = background.map_or(Ok(()), Background::stop);
    running.stop()?;
    background
}

impl Node {
    async fn start(setup: Setup) -> eyre::Result<Self> {
        let (rpc_config, listen_name) = (setup.settings.rpc.clone(), setup.listen_name);
        let directory = setup.settings.node.directory.clone();
        // First of all, so that it answers while the log is replayed.
        let admin = admin(&setup.settings.admin)?;
        let (running, background) = start_threads(setup)?;
        let batches = background.as_ref().map(|background| background.batches().clone());
        let sequencer = running.handle().clone();
        match RpcServer::start(rpc_config, sequencer.clone(), batches.clone()).await {
            Ok(rpc) => {
                if let Some(admin) = &admin {
                    let rpc = rpc.metrics();
                    admin.attach(Sources { sequencer, batches, rpc, directory });
                }
                Ok(Self { running, background, rpc, admin })
            }
            Err(error) => {
                stop_threads(running, background)?;
                Err(error).wrap_err(listen_name)
            }
        }
    }

    /// Resolves when a thread has failed; stopping them then says why.
    async fn failed(&self) {
        let background = async {
            match &self.background {
                Some(background) => background.failed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.running.failed() => {}
            () = background => {}
        }
    }

    /// The sequencer.
    pub const fn sequencer(&self) -> &Sequencer {
        self.running.handle()
    }

    /// The batches, when it makes any.
    pub fn batches(&self) -> Option<&minster_batcher::Batches> {
        self.background.as_ref().map(Background::batches)
    }

    /// What the start found.
    pub const fn report(&self) -> minster_sequencer::RecoveryReport {
        self.running.report()
    }

    /// Where the admin port is, if there is one.
    pub fn admin(&self) -> Option<String> {
        self.admin.as_ref().map(|admin| format!("http://{}", admin.local_addr()))
    }

    /// Where it listens, as a client on this machine can type it.
    pub fn reachable(&self) -> SocketAddr {
        let address = self.rpc.local_addr();
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => {
                SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
            }
            _ => address,
        }
    }

    /// Whether it proves, and what it has so far.
    pub fn proofs_json(&self) -> serde_json::Value {
        match self.batches() {
            None => serde_json::json!("off"),
            Some(batches) => {
                let summary = batches.summary();
                serde_json::json!({"batches": summary.sealed, "proven": summary.proven})
            }
        }
    }

    /// The same for people.
    pub fn proofs_line(&self, mode: Proofs) -> String {
        let Some(batches) = self.batches() else {
            return "off: nothing is batched or proven".to_owned();
        };
        let summary = batches.summary();
        match (summary.sealed, summary.proven) {
            (0, _) if mode == Proofs::Lent => "made elsewhere, by minster prover".to_owned(),
            (0, _) => "on, in the background; without them the cores are left alone".to_owned(),
            (sealed, proven) => format!("on; {sealed} batches so far, {proven} of them proven"),
        }
    }
}

/// The admin port, where one is wanted.
fn admin(settings: &AdminSettings) -> eyre::Result<Option<Admin>> {
    let Some(listen) = settings.listen else { return Ok(None) };
    let config = AdminConfig { listen, ..settings.limits.clone() };
    Ok(Some(Admin::start(config)?))
}

/// The sequencer, and with proofs what batches and proves beside it.
fn start_threads(setup: Setup) -> eyre::Result<(Running, Option<Background>)> {
    let Setup { genesis, settings, slice_key, .. } = setup;
    let directory = settings.node.directory.clone();
    let storage = open_when_free(&genesis, directory.as_deref())?;
    if let Some(directory) = &directory {
        keep_genesis(directory, &genesis)?;
    }
    let threads = settings.proofs.threads.unwrap_or_else(ChildProver::threads_here);
    let batcher = match settings.proofs.mode {
        Proofs::On | Proofs::Lent => {
            let reserve = settings.admin.limits.disk_free_min_bytes;
            let batches = BatcherConfig { disk_free_min_bytes: reserve, ..settings.batches };
            let config = batcher_config(batches, threads.get(), directory.is_some());
            Some(Batcher::open(&genesis, &storage, config)?)
        }
        Proofs::Off => {
            if settings.sequencer.history != HistoryConfig::default() {
                tracing::info!("nothing is pruned without proofs: later batches need the blocks");
            }
            None
        }
    };
    let roles = Roles {
        own_threads: (settings.proofs.mode == Proofs::On).then_some(threads),
        is_lending: !settings.rpc.prover_tokens.is_empty(),
    };
    let config = StartConfig {
        directory,
        sequencer: settings.sequencer,
        pool: settings.pool,
        tree_at: batcher.as_ref().map(Batcher::tree_at),
        slice_key,
    };
    let mut running = Running::start_on(&genesis, storage, config)?;
    let background = batcher.map(|batcher| Background::start(batcher, &mut running, roles));
    Ok((running, background.transpose()?))
}

/// Opens the directory. While it is only read, by a backup or a check, waits for the end of that,
/// which anybody can see and end: else a supervisor would give the node up meanwhile.
fn open_when_free(genesis: &Genesis, directory: Option<&Path>) -> eyre::Result<Storage> {
    let mut is_said = false;
    loop {
        match open_storage(genesis, directory) {
            Err(SequencerError::Storage(error @ StorageError::BeingRead { .. })) => {
                if !is_said {
                    tracing::warn!(%error, "waiting for the data directory");
                }
                is_said = true;
                std::thread::sleep(DIRECTORY_LOOK);
            }
            result => return Ok(result?),
        }
    }
}

fn batcher_config(configured: BatcherConfig, threads: usize, is_on_disk: bool) -> BatcherConfig {
    let threads = u64::try_from(threads).unwrap_or(u64::MAX);
    let kept = configured.proof_bytes_max;
    BatcherConfig {
        rate_assumed: configured.rate_assumed.saturating_mul(threads),
        proof_bytes_max: if is_on_disk { kept } else { kept.min(MEMORY_PROOF_BYTES_MAX) },
        draft_bytes_max: if is_on_disk { PROOF_BYTES_MAX } else { MEMORY_DRAFT_BYTES_MAX },
        ..configured
    }
}

/// Name of the genesis in a data directory.
pub const GENESIS_FILE: &str = "genesis.json";

/// Keeps a copy of the genesis in the directory, so that the directory alone says which chain it
/// is. The directory was created from this very genesis, or it would not have opened.
fn keep_genesis(directory: &Path, genesis: &Genesis) -> eyre::Result<()> {
    let path = directory.join(GENESIS_FILE);
    if path.exists() {
        return Ok(());
    }
    crate::zkvm::files::write(&path, crate::genesis::file::write(genesis)?.as_bytes())
}
