//! `GET /batches/{number}/proof`: the bytes of a proof, beside JSON-RPC on the same port.
//!
//! Proofs are large and immutable, so they are read from disk in pieces, and one range at a time
//! may be asked for (RFC 9110, 14). A request that is for anything else goes on to JSON-RPC.

mod range;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use alloy_primitives::B256;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request::Parts};
use http_body::{Body, Frame, SizeHint};
use jsonrpsee::server::HttpBody;
use minster_batcher::{BatcherError, Batches};
use minster_storage::document::Document;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use tower::BoxError;

use crate::{
    accept::Asker,
    beside::{Answer, Paths, parse_number, refusal},
    quota::Quota,
};
pub(crate) use range::Range;
use range::wanted;

/// Bytes that are read and sent in one piece.
const CHUNK_BYTES: u64 = 64 << 10;

/// Pieces that wait for a slow client.
const CHUNKS_WAITING_MAX: usize = 2;

/// A client that takes no piece for so long is left.
const STALL_MAX: Duration = Duration::from_secs(60);

/// A client that is slower than this on the whole, in bytes a second, is left: others wait.
const RATE_MIN: u64 = 64 << 10;

/// When a refused client may ask again, in seconds.
const RETRY_AFTER: &str = "5";

/// What answers downloads. Clones share the limit.
#[derive(Debug, Clone)]
pub(crate) struct Downloads {
    batches: Option<Batches>,
    places: Arc<Quota>,
    asker: Asker,
}

impl Downloads {
    pub(crate) fn new(batches: Option<Batches>, downloads_max: usize) -> Self {
        Self { batches, places: Quota::new(downloads_max), asker: None }
    }

    /// The same for a client.
    pub(crate) fn of(self, asker: impl Into<Asker>) -> Self {
        Self { asker: asker.into(), ..self }
    }
}

const NO_PATH: &str = "there is nothing here but /batches/NUMBER/proof";

impl Paths for Downloads {
    const PREFIX: &'static str = "/batches/";

    async fn answer<B>(self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (Parts { method, uri, headers, .. }, _) = request.into_parts();
        let number = uri.path().strip_prefix(Self::PREFIX);
        let number = number.and_then(|rest| rest.strip_suffix("/proof")).and_then(parse_number);
        match number {
            Some(number) => self.download(number, &method, &headers).await,
            None => refusal(StatusCode::NOT_FOUND, NO_PATH),
        }
    }
}

impl Downloads {
    async fn download(self, number: u64, method: &Method, headers: &HeaderMap) -> Answer {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD only")?;
            answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(ALLOWED));
            return Ok(answer);
        }
        let Some(batches) = self.batches else {
            return refusal(StatusCode::NOT_FOUND, "this node does not prove (--proofs off)");
        };
        let look = move || Ok((batches.proof(number)?, batches.is_proven(number)));
        let looked: Result<_, BatcherError> = tokio::task::spawn_blocking(look).await?;
        let proof = match looked {
            Ok((Some(proof), _)) => proof,
            Ok((None, true)) => {
                let reason = format!("the proof of batch {number} was removed to make room");
                return refusal(StatusCode::GONE, reason);
            }
            Ok((None, false)) => {
                let reason = format!("batch {number} has no proof, or not yet");
                return refusal(StatusCode::NOT_FOUND, reason);
            }
            Err(error) => {
                tracing::error!(%error, number, "a proof cannot be read");
                return refusal(StatusCode::INTERNAL_SERVER_ERROR, "the proof cannot be read");
            }
        };
        let tag = format!("\"{}\"", B256::from(*proof.digest()));
        let whole = Range { start: 0, length: proof.size() };
        let range = match (method, wanted(headers, &tag, proof.size())) {
            (&Method::HEAD, _) | (_, Ok(None)) => None,
            (_, Ok(Some(range))) => Some(range),
            (_, Err(range::Unsatisfiable)) => return beyond(proof.size()),
        };
        let response = head(number, &tag, range, &proof);
        if *method == Method::HEAD {
            // The length is that of the body that a GET would have.
            return Ok(response.body(HttpBody::new(Pieces::none(proof.size())))?);
        }
        let mut place = self.places.part(self.asker);
        if place.grow(1).is_err() {
            let mut answer =
                refusal(StatusCode::TOO_MANY_REQUESTS, "too many downloads at a time")?;
            let retry = header::HeaderValue::from_static(RETRY_AFTER);
            answer.headers_mut().insert(header::RETRY_AFTER, retry);
            return Ok(answer);
        }
        let pieces = Pieces::start(proof, range.unwrap_or(whole), place);
        Ok(response.body(HttpBody::new(pieces))?)
    }
}

const ALLOWED: &str = "GET, HEAD";

fn head(number: u64, tag: &str, range: Option<Range>, proof: &Document) -> http::response::Builder {
    let file = format!("attachment; filename=\"batch-{number}.proof\"");
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_DISPOSITION, file)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, tag);
    match range {
        None => response.header(header::CONTENT_LENGTH, proof.size()),
        Some(range) => response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, range.content_range(proof.size()))
            .header(header::CONTENT_LENGTH, range.length),
    }
}

fn beyond(size: u64) -> Answer {
    let mut answer = refusal(StatusCode::RANGE_NOT_SATISFIABLE, "the proof ends before that")?;
    let value = header::HeaderValue::try_from(format!("bytes */{size}"))?;
    answer.headers_mut().insert(header::CONTENT_RANGE, value);
    Ok(answer)
}

/// A body that is read from disk while it is sent.
pub(crate) struct Pieces {
    /// Bytes that the client has still to be handed.
    left: u64,
    received: mpsc::Receiver<Result<Bytes, BoxError>>,
}

impl Pieces {
    /// A body that is only as long as it says.
    fn none(length: u64) -> Self {
        Self { left: length, received: mpsc::channel(1).1 }
    }

    /// Holds its place among those that are read until it is read.
    pub(crate) fn start(proof: Document, range: Range, place: impl Send + 'static) -> Self {
        let (pieces, received) = mpsc::channel(CHUNKS_WAITING_MAX);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = send(proof, range, &pieces).await {
                // A client that is gone needs no word; one that is slow is cut off by it.
                let _ = pieces.try_send(Err(error));
            }
        });
        Self { left: range.length, received }
    }
}

/// Reads the range piece by piece, as fast as the client takes them.
async fn send(
    proof: Document,
    range: Range,
    pieces: &mpsc::Sender<Result<Bytes, BoxError>>,
) -> Result<(), BoxError> {
    let limit = Duration::from_secs(range.length / RATE_MIN);
    let end = Instant::now() + limit + STALL_MAX;
    let mut offset = range.start;
    let mut left = range.length;
    while left > 0 {
        let length = left.min(CHUNK_BYTES);
        let (document, start) = (proof.clone(), offset);
        let read = tokio::task::spawn_blocking(move || read(&document, start, length)).await??;
        let deadline = end.min(Instant::now() + STALL_MAX);
        timeout_at(deadline, pieces.send(Ok(read.into()))).await??;
        offset += length;
        left -= length;
    }
    Ok(())
}

fn read(proof: &Document, offset: u64, length: u64) -> Result<Vec<u8>, BoxError> {
    let mut piece = vec![0; usize::try_from(length)?];
    proof.read_at(offset, &mut piece)?;
    Ok(piece)
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let piece = std::task::ready!(self.received.poll_recv(context));
        Poll::Ready(match piece {
            Some(Ok(piece)) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                Some(Ok(Frame::data(piece)))
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
