//! The threads beside the sequencer that batch the chain and prove the batches.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use eyre::{WrapErr, eyre};
use minster_batcher::{Batcher, Batches};
use minster_prover_queue::{ChildProver, GuestKey, verify_submissions};
use minster_sequencer::{Chain, Running};
use tokio::sync::Notify;

/// A running batcher and proving queue; the first of them that fails stops the node.
pub struct Background {
    batches: Batches,
    chain: Arc<Chain>,
    stop: Arc<AtomicBool>,
    failed: Arc<Notify>,
    threads: Vec<(&'static str, JoinHandle<eyre::Result<()>>)>,
}

/// Who proves what is batched.
#[derive(Debug, Clone, Copy)]
pub struct Roles {
    /// This node does, with so many threads.
    pub own_threads: Option<NonZeroUsize>,
    /// Provers elsewhere may.
    pub is_lending: bool,
}

impl Background {
    /// Starts the threads beside a sequencer that was started with the batcher's tree.
    pub fn start(batcher: Batcher, running: &mut Running, roles: Roles) -> eyre::Result<Self> {
        let tree = running.take_batch_tree();
        let tree = tree.ok_or_else(|| eyre!("the sequencer gave no tree to batch from"))?;
        let chain = Arc::clone(running.handle().chain());
        let batches = batcher.batches().clone();
        let prover = ChildProver::of_this_program().wrap_err("find the prover")?;
        let stop = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(Notify::new());
        let guest = Arc::new(GuestKey::new(minster_batch_guest::ELF));
        let mut threads = Vec::new();
        if let Some(own_threads) = roles.own_threads {
            let (batches, stop) = (batches.clone(), Arc::clone(&stop));
            let guest = Arc::clone(&guest);
            let prover = ChildProver { threads: own_threads, ..prover };
            let body = move || Ok(minster_prover_queue::run(&batches, &prover, &guest, &stop)?);
            threads.push(spawn("prover-queue", &failed, body)?);
        }
        if roles.is_lending {
            let (batches, stop) = (batches.clone(), Arc::clone(&stop));
            let body = move || Ok(verify_submissions(&batches, &guest, &stop)?);
            threads.push(spawn("proof-verifier", &failed, body)?);
        }
        let (sequencer, flag) = (running.handle().clone(), Arc::clone(&stop));
        let body = move || Ok(batcher.run(sequencer, tree, &flag)?);
        threads.push(spawn("batcher", &failed, body)?);
        Ok(Self { batches, chain, stop, failed, threads })
    }

    /// The batches.
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Resolves when a thread has ended; [`Background::stop`] then says why.
    pub async fn failed(&self) {
        self.failed.notified().await;
    }

    /// Stops the threads; a proof that is being made is given up.
    pub fn stop(self) -> eyre::Result<()> {
        self.stop.store(true, Ordering::Release);
        self.batches.wake();
        self.batches.wake_verifier();
        self.chain.nudge();
        // All of them end before the first failure is told.
        let ended = self.threads.into_iter().map(|(name, thread)| join(name, thread));
        ended.collect::<Vec<_>>().into_iter().collect()
    }
}

/// Tells of the end of a thread, however it ended.
struct Farewell(Arc<Notify>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn spawn(
    name: &'static str,
    failed: &Arc<Notify>,
    body: impl FnOnce() -> eyre::Result<()> + Send + 'static,
) -> eyre::Result<(&'static str, JoinHandle<eyre::Result<()>>)> {
    let farewell = Farewell(Arc::clone(failed));
    let body = move || {
        let _farewell = farewell;
        body()
    };
    let thread = std::thread::Builder::new().name(name.into()).spawn(body);
    let thread = thread.wrap_err_with(|| format!("start the {name} thread"))?;
    Ok((name, thread))
}

fn join(name: &'static str, thread: JoinHandle<eyre::Result<()>>) -> eyre::Result<()> {
    match thread.join() {
        Ok(ended) => ended.wrap_err_with(|| format!("the {name} thread stopped")),
        Err(_) => Err(eyre!("the {name} thread panicked")),
    }
}
