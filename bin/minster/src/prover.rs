//! `minster prover`: proves batches of a node that runs elsewhere.

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use eyre::{WrapErr, bail, ensure, eyre};
use minster_batcher::PROOF_BYTES_MAX;
use minster_prover_queue::{ChildProver, Monitor, Progress, ProofFailure, ProveBatch};
use minster_storage::{
    Storage, StorageConfig,
    directory::Identity,
    document::{Document, Draft},
};
use serde_json::Value;
use ureq::{Agent, Body, RequestBuilder, http::Response};

use crate::{
    cli::ProverWork,
    logging::{self, say},
    remote::{Remote, is_imposter},
    zkvm::INPUT_SIZE_MAX,
};

/// How often the node is asked for work when there is none.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How often the node hears that this prover is alive: well below the minute after which a loan
/// ends.
const RENEW_INTERVAL: Duration = Duration::from_secs(15);

/// The longest wait before a node that fails is asked again.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// The wait before a proof is handed in again for the first time.
const ROOM_WAIT: Duration = Duration::from_secs(2);

/// How long a node may take to be reached, and to begin an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// How long a node may take to verify a proof and to say so.
const VERDICT_MAX: Duration = Duration::from_secs(3_600);

/// Why a proof is given up.
const LOST: &str = "the node has lent the batch to somebody else";

/// Proves until it is interrupted.
pub fn run(arguments: ProverWork) -> eyre::Result<()> {
    logging::start("info", false)?;
    let node = Lender::new(&arguments)?;
    let mut prover = ChildProver::of_this_program().wrap_err("find the prover")?;
    prover.threads = arguments.threads.unwrap_or_else(all_cores);
    say(&format!("proving batches of {}", arguments.node));
    let mut wait = Duration::from_secs(1);
    loop {
        match node.borrow() {
            Ok(Some(loan)) => {
                let is_kept = work(&node, &prover, &loan);
                if arguments.once {
                    ensure!(is_kept, "the batch has no proof");
                    return Ok(());
                }
                wait = match is_kept {
                    true => Duration::from_secs(1),
                    false => back_off(wait),
                };
            }
            Ok(None) => thread::sleep(LOOK_INTERVAL),
            Err(Refusal::Token) => bail!("--token: {} does not know the token", arguments.node),
            Err(Refusal::Off) => bail!("{} lends no batches to provers", arguments.node),
            Err(Refusal::Imposter(error)) => {
                return Err(error).wrap_err_with(|| format!("--node: ask {}", arguments.node));
            }
            Err(Refusal::Other(error)) => {
                tracing::warn!(error = format!("{error:#}"), "the node does not answer");
                wait = back_off(wait);
            }
        }
    }
}

/// Waits, and says how long the next time.
fn back_off(wait: Duration) -> Duration {
    thread::sleep(wait);
    wait.saturating_mul(2).min(RETRY_MAX)
}

/// All cores: nobody else wants them here.
fn all_cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Proves a batch and hands the proof in, or gives the batch back. Returns whether the node keeps a
/// proof of it.
fn work(node: &Lender, prover: &ChildProver, loan: &Loan) -> bool {
    let (started, batch) = (Instant::now(), loan.batch);
    tracing::info!(batch, "proving");
    let made = prove(node, prover, loan);
    match &made {
        Ok(bytes) => {
            let seconds = started.elapsed().as_secs_f64();
            tracing::info!(batch, bytes, seconds, "the node has verified the proof and keeps it");
        }
        Err(error) => {
            tracing::warn!(batch, error = format!("{error:#}"), "no proof");
            node.give_back(loan);
        }
    }
    made.is_ok()
}

fn prove(node: &Lender, prover: &ChildProver, loan: &Loan) -> eyre::Result<u64> {
    // In memory: a proof that was not handed in is worth nothing at the next start.
    let identity = Identity { chain_id: 0, genesis_hash: [0; 32] };
    let storage = Storage::open(StorageConfig { root: None, identity })?;
    let mut input = storage.inputs.draft(loan.batch)?;
    node.input(loan, &mut input).wrap_err("read the input")?;
    let input = input.keep()?;
    let mut draft = storage.proofs.draft(loan.batch)?;
    let heart = Heart::default();
    thread::scope(|scope| {
        scope.spawn(|| heart.beat(node, loan));
        let work = || {
            let monitor = Monitor {
                progress: &|progress| heart.set(progress),
                room: &|_| Ok(()),
                proof_bytes_max: PROOF_BYTES_MAX,
                stop: &heart.is_lost,
            };
            match prover.prove(&input, &mut draft, &monitor) {
                Ok(()) => {}
                Err(ProofFailure::Stopped) => bail!(LOST),
                Err(failure) => return Err(failure.into()),
            }
            let proof = draft.keep()?;
            hand_in(node, loan, &proof, &heart)?;
            Ok(proof.size())
        };
        let made = work();
        heart.is_done.store(true, Ordering::Release);
        made
    })
}

/// Hands a proof in, again and again while the node has no room for it: what it cost is worth the
/// wait. Ends with the loan at the latest.
fn hand_in(node: &Lender, loan: &Loan, proof: &Document, heart: &Heart) -> eyre::Result<()> {
    let mut wait = node.room_wait;
    loop {
        let Some(refusal) = node.hand_in(loan, proof).wrap_err("hand the proof in")? else {
            return Ok(());
        };
        let error = format!("{refusal:#}");
        let again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(
            batch = loan.batch,
            error,
            again_in_ms,
            "the node has no room; the proof is kept here"
        );
        heart.wait(wait)?;
        wait = wait.saturating_mul(2).min(RETRY_MAX);
    }
}

/// Tells the node that this prover is alive while it has the batch.
#[derive(Default)]
struct Heart {
    progress: Mutex<Option<Progress>>,
    is_done: AtomicBool,
    /// The node does not want the proof any more.
    is_lost: AtomicBool,
}

impl Heart {
    fn set(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// Waits, for as long as the batch is lent to this prover.
    fn wait(&self, wait: Duration) -> eyre::Result<()> {
        let until = Instant::now() + wait;
        loop {
            ensure!(!self.is_lost.load(Ordering::Acquire), LOST);
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return Ok(());
            }
            thread::sleep(rest.min(Duration::from_millis(50)));
        }
    }

    fn beat(&self, node: &Lender, loan: &Loan) {
        let mut told = Instant::now();
        while !self.is_done.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(50));
            if told.elapsed() < RENEW_INTERVAL {
                continue;
            }
            told = Instant::now();
            let progress = *self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            let progress = progress.unwrap_or(Progress { cycles: 0, cycles_total: 0 });
            // A node that does not answer may do so again before the loan ends.
            if matches!(node.renew(loan, progress), Ok(false)) {
                self.is_lost.store(true, Ordering::Release);
                return;
            }
        }
    }
}

/// Why the node lends nothing.
enum Refusal {
    Token,
    Off,
    /// It is not the node that it should be.
    Imposter(ureq::Error),
    Other(eyre::Report),
}

impl From<ureq::Error> for Refusal {
    fn from(error: ureq::Error) -> Self {
        match is_imposter(&error) {
            true => Self::Imposter(error),
            false => Self::Other(error.into()),
        }
    }
}

/// A batch that the node has lent to this prover.
struct Loan {
    batch: u64,
    /// Names the loan in every request.
    id: String,
}

/// The node that lends its batches.
struct Lender {
    url: String,
    agent: Agent,
    bearer: String,
    /// The wait before a proof is handed in again for which there was no room; twice as long each
    /// time, up to [`RETRY_MAX`].
    room_wait: Duration,
}

impl Lender {
    fn new(arguments: &ProverWork) -> eyre::Result<Self> {
        let remote = Remote::new(&arguments.node)?;
        remote.check_secret(arguments.insecure_http)?;
        let token = std::fs::read_to_string(&arguments.token)
            .wrap_err_with(|| format!("--token: read {}", arguments.token.display()))?;
        // Who redirects a prover does not speak as a node does.
        let config = remote
            .config(&arguments.trust)?
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(ANSWER_MAX))
            .build();
        let url = format!("{}/prover", remote.url);
        let bearer = format!("Bearer {}", token.trim());
        Ok(Self { url, agent: config.into(), bearer, room_wait: ROOM_WAIT })
    }

    fn borrow(&self) -> Result<Option<Loan>, Refusal> {
        let post = self.agent.post(format!("{}/loan", self.url));
        let post = post.header("authorization", &self.bearer).config();
        let mut response = post.timeout_recv_response(Some(ANSWER_MAX)).build().send_empty()?;
        match response.status().as_u16() {
            200 => {
                let text = response.body_mut().read_to_string()?;
                let loan = serde_json::from_str::<Value>(&text);
                let loan = loan.map_err(|error| Refusal::Other(error.into()))?;
                let parts = (loan["batch"].as_u64(), loan["loan"].as_str());
                let (Some(batch), Some(id)) = parts else {
                    return Err(Refusal::Other(eyre!("no loan as this version knows it: {text}")));
                };
                Ok(Some(Loan { batch, id: id.to_owned() }))
            }
            204 => Ok(None),
            401 => Err(Refusal::Token),
            404 => Err(Refusal::Off),
            _ => Err(Refusal::Other(said(response))),
        }
    }

    /// Where the node answers of a lent batch.
    fn url_of(&self, loan: &Loan, what: &str) -> String {
        format!("{}/batches/{}/{what}", self.url, loan.batch)
    }

    /// What a request of a loan brings.
    fn sign<B>(&self, request: RequestBuilder<B>, loan: &Loan) -> RequestBuilder<B> {
        request.header("authorization", &self.bearer).header("minster-loan", &loan.id)
    }

    fn input(&self, loan: &Loan, target: &mut Draft) -> eyre::Result<()> {
        let get = self.sign(self.agent.get(self.url_of(loan, "input")), loan).config();
        let response = get.timeout_recv_response(Some(ANSWER_MAX)).build().call()?;
        if response.status().as_u16() != 200 {
            return Err(said(response));
        }
        let limit = u64::try_from(INPUT_SIZE_MAX).unwrap_or(u64::MAX);
        let mut source = response.into_body().into_with_config().limit(limit).reader();
        std::io::copy(&mut source, target)?;
        Ok(())
    }

    /// `false`: the batch is not lent to this prover any more.
    fn renew(&self, loan: &Loan, progress: Progress) -> eyre::Result<bool> {
        let post = self.sign(self.agent.post(self.url_of(loan, "progress")), loan).config();
        let post = post.timeout_recv_response(Some(ANSWER_MAX)).build();
        let response = post.send(serde_json::to_string(&progress)?)?;
        Ok(response.status().as_u16() != 409)
    }

    /// The node's words when it has no room for the proof at the moment.
    fn hand_in(&self, loan: &Loan, proof: &Document) -> eyre::Result<Option<eyre::Report>> {
        let put = self.sign(self.agent.put(self.url_of(loan, "proof")), loan);
        // The node looks first whether it has room.
        let put = put.header("content-length", proof.size().to_string());
        let put = put.header("expect", "100-continue").config();
        let put = put.timeout_await_100(Some(ANSWER_MAX));
        let put = put.timeout_recv_response(Some(VERDICT_MAX)).build();
        let response = put.send(ureq::SendBody::from_reader(&mut proof.reader()))?;
        match response.status().as_u16() {
            204 => Ok(None),
            507 => Ok(Some(said(response))),
            _ => Err(said(response)),
        }
    }

    fn give_back(&self, loan: &Loan) {
        let delete = self.sign(self.agent.delete(self.url_of(loan, "loan")), loan);
        // If it is not heard, the loan ends by itself.
        let _ = delete.call();
    }
}

/// What the node answered instead of what was asked for.
fn said(response: Response<Body>) -> eyre::Report {
    let status = response.status();
    let text = response.into_body().read_to_string().unwrap_or_default();
    eyre!("the node answers {status}: {}", text.trim())
}

#[cfg(test)]
mod tests;
