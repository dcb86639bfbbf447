//! The threads beside the sequencer that batch the chain and prove the batches.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use eyre::{WrapErr, eyre};
use minster_batcher::{Batcher, Batches};
use minster_prover_queue::ChildProver;
use minster_sequencer::{Chain, Running};
use tokio::sync::Notify;

/// A running batcher and proving queue; the first of them that fails stops the node.
pub struct Background {
    batches: Batches,
    chain: Arc<Chain>,
    stop: Arc<AtomicBool>,
    failed: Arc<Notify>,
    queue: JoinHandle<eyre::Result<()>>,
    batcher: JoinHandle<eyre::Result<()>>,
}

impl Background {
    /// Starts both threads beside a sequencer that was started with the batcher's tree.
    pub fn start(batcher: Batcher, running: &mut Running) -> eyre::Result<Self> {
        let tree = running.take_batch_tree();
        let tree = tree.ok_or_else(|| eyre!("the sequencer gave no tree to batch from"))?;
        let chain = Arc::clone(running.handle().chain());
        let batches = batcher.batches().clone();
        let prover = ChildProver::of_this_program().wrap_err("find the prover")?;
        let stop = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(Notify::new());
        let queue = {
            let (batches, stop) = (batches.clone(), Arc::clone(&stop));
            let guest = minster_batch_guest::ELF;
            let body = move || Ok(minster_prover_queue::run(&batches, &prover, guest, &stop)?);
            spawn("prover-queue", &failed, body)?
        };
        let batcher = {
            let (sequencer, stop) = (running.handle().clone(), Arc::clone(&stop));
            spawn("batcher", &failed, move || Ok(batcher.run(sequencer, tree, &stop)?))?
        };
        Ok(Self { batches, chain, stop, failed, queue, batcher })
    }

    /// The batches.
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Resolves when a thread has ended; [`Background::stop`] then says why.
    pub async fn failed(&self) {
        self.failed.notified().await;
    }

    /// Stops both threads; a proof that is being made is given up.
    pub fn stop(self) -> eyre::Result<()> {
        self.stop.store(true, Ordering::Release);
        self.batches.wake();
        self.chain.nudge();
        let queue = join("prover-queue", self.queue);
        let batcher = join("batcher", self.batcher);
        batcher.and(queue)
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
) -> eyre::Result<JoinHandle<eyre::Result<()>>> {
    let farewell = Farewell(Arc::clone(failed));
    let body = move || {
        let _farewell = farewell;
        body()
    };
    let thread = std::thread::Builder::new().name(name.into()).spawn(body);
    thread.wrap_err_with(|| format!("start the {name} thread"))
}

fn join(name: &'static str, thread: JoinHandle<eyre::Result<()>>) -> eyre::Result<()> {
    match thread.join() {
        Ok(ended) => ended.wrap_err_with(|| format!("the {name} thread stopped")),
        Err(_) => Err(eyre!("the {name} thread panicked")),
    }
}
