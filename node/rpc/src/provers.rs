//! `/prover/...`: work for provers elsewhere, and what they bring.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /prover/loan` | 200 and a batch as JSON, or 204 when none waits to be proven |
//! | `GET /prover/batches/{n}/input` | what the guest reads; 409: the batch is lent no more |
//! | `POST /prover/batches/{n}/progress` | 204: go on; 409: the batch is lent no more |
//! | `PUT /prover/batches/{n}/proof` | 204: verified and kept; 422: why not; 409: lent no more |
//! | `DELETE /prover/batches/{n}/loan` | 204: the batch is given back; 409: lent no more |
//!
//! Each needs `Authorization: Bearer TOKEN`, and all but the first `Minster-Loan: ID`, which is the
//! `loan` of the answer to it: with another, or none, the batch is lent no more (409). So nobody
//! ends what others have borrowed. A loan ends when its borrower is silent for a minute; a batch
//! that came back without a proof is lent again after a pause. Nothing that a borrower says counts:
//! what it brings is verified before it is kept.
//!
//! A proof comes with its `Content-Length` (411 without), and nothing of it is read when it is
//! larger than a proof of the batch (413) or the disk has no room for it (507). Who asks to be told
//! first, with `Expect: 100-continue`, sends nothing in vain. After a 507 the batch stays lent: the
//! proof may be brought again, for as long as its borrower is not silent.

mod token;

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::Body;
use jsonrpsee::server::HttpBody;
use minster_batcher::{Batches, Lent, LoanId, UploadRefusal};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use tower::BoxError;

pub use token::{ProverTokens, TokenError};

use crate::beside::{Answer, Paths, parse_number, refusal};
use crate::downloads::{Pieces, Range};

/// A borrower that sends nothing for so long is left.
const STALL_MAX: Duration = Duration::from_secs(60);

/// The longest time that a proof may take to be handed in.
const UPLOAD_MAX: Duration = Duration::from_secs(3_600);

/// The most bytes of any other request.
const REQUEST_BYTES_MAX: usize = 1_024;

/// Inputs that are read at a time.
const INPUTS_MAX: usize = 16;

/// Names the loan that a request belongs to.
const LOAN_HEADER: &str = "minster-loan";

const NOT_LENT: &str = "the batch is not lent, or no more";

/// What answers provers.
#[derive(Debug, Clone)]
pub(crate) struct Provers {
    batches: Option<Batches>,
    tokens: ProverTokens,
    inputs: Arc<Semaphore>,
}

impl Provers {
    pub(crate) fn new(batches: Option<Batches>, tokens: ProverTokens) -> Self {
        Self { batches, tokens, inputs: Arc::new(Semaphore::new(INPUTS_MAX)) }
    }
}

/// What a prover asks for.
enum Wish {
    Loan,
    /// Something of a batch that it has borrowed.
    Of(u64, LoanWish),
}

enum LoanWish {
    Input,
    Progress,
    Proof,
    Return,
}

impl Wish {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let rest = path.strip_prefix(Provers::PREFIX)?;
        if rest == "loan" {
            return (method == Method::POST).then_some(Self::Loan);
        }
        let (number, what) = rest.strip_prefix("batches/")?.split_once('/')?;
        let batch = parse_number(number)?;
        let wish = match (method, what) {
            (&Method::GET, "input") => LoanWish::Input,
            (&Method::POST, "progress") => LoanWish::Progress,
            (&Method::PUT, "proof") => LoanWish::Proof,
            (&Method::DELETE, "loan") => LoanWish::Return,
            _ => return None,
        };
        Some(Self::Of(batch, wish))
    }
}

/// How far a borrower is, in cycles of the guest.
#[derive(Debug, Deserialize)]
struct Progress {
    cycles: u64,
    cycles_total: u64,
}

fn done() -> Answer {
    Ok(Response::builder().status(StatusCode::NO_CONTENT).body(HttpBody::empty())?)
}

impl Paths for Provers {
    const PREFIX: &'static str = "/prover/";

    async fn answer<B>(self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Some(batches) = self.batches.filter(|_| !self.tokens.is_empty()) else {
            return refusal(StatusCode::NOT_FOUND, "this node lends no batches to provers");
        };
        if !is_known(&self.tokens, request.headers()) {
            return refusal(StatusCode::UNAUTHORIZED, "the token is none that this node knows");
        }
        let Some(wish) = Wish::of(request.method(), request.uri().path()) else {
            return refusal(StatusCode::NOT_FOUND, "provers ask for other things");
        };
        let (wish, batch) = match wish {
            Wish::Loan => return lend(batches).await,
            Wish::Of(batch, wish) => (wish, batch),
        };
        let Some(loan) = loan_of(request.headers()) else {
            return refusal(StatusCode::CONFLICT, NOT_LENT);
        };
        let size = stated_size(request.headers());
        let body = request.into_body();
        match wish {
            LoanWish::Input => send_input(batches, (batch, loan), self.inputs).await,
            LoanWish::Progress => note_progress(&batches, (batch, loan), body).await,
            LoanWish::Proof => take_proof(batches, (batch, loan), size, body).await,
            LoanWish::Return => match batches.give_back(batch, loan) {
                true => done(),
                false => refusal(StatusCode::CONFLICT, NOT_LENT),
            },
        }
    }
}

fn is_known(tokens: &ProverTokens, headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|token| tokens.has(token))
}

/// The loan that a request belongs to.
fn loan_of(headers: &HeaderMap) -> Option<LoanId> {
    LoanId::parse(headers.get(LOAN_HEADER)?.to_str().ok()?)
}

/// How large the body is, where the client says so.
fn stated_size(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn lend(batches: Batches) -> Answer {
    let lent = spawn_blocking(move || batches.lend()).await??;
    let Some(Lent { batch, loan, input_bytes }) = lent else { return done() };
    let body = json!({"batch": batch, "loan": loan.to_string(), "inputBytes": input_bytes});
    let body = body.to_string();
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(HttpBody::from(body))?)
}

async fn send_input(
    batches: Batches,
    (batch, loan): (u64, LoanId),
    inputs: Arc<Semaphore>,
) -> Answer {
    let Some(input) = spawn_blocking(move || batches.lent_input(batch, loan)).await?? else {
        return refusal(StatusCode::CONFLICT, NOT_LENT);
    };
    let Ok(permit) = inputs.try_acquire_owned() else {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "too many inputs are read at a time");
    };
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, input.size());
    let whole = Range { start: 0, length: input.size() };
    Ok(response.body(HttpBody::new(Pieces::start(input, whole, permit)))?)
}

async fn note_progress<B>(batches: &Batches, (batch, loan): (u64, LoanId), body: B) -> Answer
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut text = Vec::new();
    let end = Instant::now() + STALL_MAX;
    while let Some(piece) = next_piece(body.as_mut(), end).await? {
        text.extend_from_slice(&piece);
        if text.len() > REQUEST_BYTES_MAX {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "progress takes fewer words");
        }
    }
    let Ok(Progress { cycles, cycles_total }) = serde_json::from_slice(&text) else {
        return refusal(StatusCode::BAD_REQUEST, "progress is {\"cycles\":N,\"cycles_total\":N}");
    };
    match batches.renew(batch, loan, cycles, cycles_total) {
        true => done(),
        false => refusal(StatusCode::CONFLICT, NOT_LENT),
    }
}

/// Takes a proof down as it comes, and answers when it is verified.
async fn take_proof<B>(
    batches: Batches,
    (batch, loan): (u64, LoanId),
    size: Option<u64>,
    body: B,
) -> Answer
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let Some(size) = size else {
        return refusal(StatusCode::LENGTH_REQUIRED, "a proof comes with its Content-Length");
    };
    let lender = batches.clone();
    let begun = spawn_blocking(move || lender.begin_upload(batch, loan, size)).await??;
    let (upload, mut draft) = match begun {
        Ok(begun) => begun,
        Err(reason) => return refusal(status_of(reason), reason.to_string()),
    };
    let mut body = pin!(body);
    let end = Instant::now() + UPLOAD_MAX;
    while let Some(piece) = next_piece(body.as_mut(), end).await? {
        draft = spawn_blocking(move || draft.append(&piece).map(|()| draft)).await??;
        if draft.size() > upload.bytes_max() {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "the proof is larger than was said");
        }
    }
    let verdict = spawn_blocking(move || batches.submit(upload, draft)).await??;
    match verdict.await {
        Ok(Ok(())) => done(),
        Ok(Err(reason)) => refusal(StatusCode::UNPROCESSABLE_ENTITY, reason),
        Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping"),
    }
}

const fn status_of(reason: UploadRefusal) -> StatusCode {
    match reason {
        UploadRefusal::NotLent => StatusCode::CONFLICT,
        UploadRefusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        UploadRefusal::NoRoom { .. } => StatusCode::INSUFFICIENT_STORAGE,
    }
}

/// The next bytes of a body; `None` at its end.
async fn next_piece<B>(
    mut body: std::pin::Pin<&mut B>,
    end: Instant,
) -> Result<Option<Bytes>, BoxError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let deadline = end.min(Instant::now() + STALL_MAX);
    loop {
        let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context));
        let Some(frame) = timeout_at(deadline, frame).await? else { return Ok(None) };
        // Trailers say nothing.
        if let Ok(piece) = frame.map_err(Into::into)?.into_data() {
            return Ok(Some(piece));
        }
    }
}
