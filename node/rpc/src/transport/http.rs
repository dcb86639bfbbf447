//! One HTTP request: a message in its body, or the wish to go on as a WebSocket.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use hyper_util::rt::TokioIo;
use jsonrpsee::{
    MethodResponse,
    server::{HttpBody, http::response, ws::is_upgrade_request},
    types::{ErrorObjectOwned, Id},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use tower::{BoxError, Service};

use super::{
    LINGER, LINGER_BYTES_MAX, handshake, origin, pace::Pace, session::Session, web_socket,
};
use crate::{
    beside::{Answer, refusal},
    calls::{Caller, Reply},
    error::ApiError,
    quota::{Exhausted, MessageBytes},
};

/// Types of JSON, as geth takes them.
const JSON_TYPES: [&str; 3] =
    ["application/json", "application/json-rpc", "application/jsonrequest"];

/// JSON-RPC for one connection.
#[derive(Debug, Clone)]
pub(super) struct JsonRpc {
    pub(super) session: Session,
    pub(super) stop: watch::Receiver<bool>,
}

impl<B> Service<Request<B>> for JsonRpc
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<HttpBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Answer>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.clone().answer(request).boxed()
    }
}

impl JsonRpc {
    async fn answer<B>(self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let limits = &self.session.shared().limits;
        let is_upgrade = is_upgrade_request(&request);
        if !limits.cors && !origin::is_allowed(request.headers(), is_upgrade) {
            let words = "pages of this origin may not ask this node (rpc.cors)";
            return leave(refusal(StatusCode::FORBIDDEN, words)?, request.into_body());
        }
        if is_upgrade {
            return self.upgrade(request);
        }
        if *request.method() != Method::POST {
            return other_method(&request);
        }
        if !is_json(request.headers()) {
            let answer = response::unsupported_content_type();
            return leave(answer, request.into_body());
        }
        // What was asked before on this connection may wait to be sent.
        self.session.room().await;
        let mut body = Box::pin(request.into_body());
        let (text, held) = match read(body.as_mut(), &self.session).await {
            Ok(read) => read,
            Err(error) => return leave(self.refuse(error)?, body),
        };
        let caller = Caller { session: self.session, subscriber: None };
        let reply = caller.session.shared().calls.answer(&text, &caller).await;
        drop((text, held));
        Ok(match reply {
            Some(reply) => json(StatusCode::OK, reply),
            // A notification, or several.
            None => Response::new(HttpBody::empty()),
        })
    }

    fn refuse(self, error: BodyError) -> Answer {
        match error {
            BodyError::TooLarge => {
                Ok(response::too_large(self.session.shared().limits.body_bytes_max))
            }
            BodyError::Slow => {
                let words = "the body of the request did not come in time (body_stall_ms)";
                refusal(StatusCode::REQUEST_TIMEOUT, words)
            }
            BodyError::Exhausted(full) => {
                let error = ErrorObjectOwned::from(ApiError::from_requests(full));
                let caller = Caller { session: self.session, subscriber: None };
                let reply = Reply::refusal(MethodResponse::error(Id::Null, error), &caller);
                Ok(json(StatusCode::SERVICE_UNAVAILABLE, reply))
            }
            BodyError::Broken(error) => Err(error),
        }
    }

    fn upgrade<B: Send + 'static>(self, request: Request<B>) -> Answer {
        let Some(accepted) = handshake::accept(request.method(), request.headers()) else {
            return begins_otherwise(request.headers());
        };
        let upgrading = hyper::upgrade::on(request);
        tokio::spawn(async move {
            match upgrading.await {
                Ok(upgraded) => {
                    web_socket::serve(TokioIo::new(upgraded), self.session, self.stop).await;
                }
                Err(error) => tracing::debug!(%error, "a WebSocket did not begin"),
            }
        });
        let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        let response = response.header(header::CONNECTION, "upgrade");
        let response = response.header(header::UPGRADE, "websocket");
        Ok(response.header(header::SEC_WEBSOCKET_ACCEPT, accepted).body(HttpBody::empty())?)
    }
}

/// As geth, for who looks whether the node is there.
fn other_method<B: Body>(request: &Request<B>) -> Answer {
    if matches!(*request.method(), Method::GET | Method::HEAD) && request.body().is_end_stream() {
        return Ok(Response::new(HttpBody::empty()));
    }
    let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, "POST has the requests")?;
    let allowed = HeaderValue::from_static("GET, HEAD, POST");
    answer.headers_mut().insert(header::ALLOW, allowed);
    Ok(answer)
}

/// Whether a body is JSON, whatever parameters its type has.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let name = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    JSON_TYPES.iter().any(|json| json.eq_ignore_ascii_case(name))
}

/// Says how a WebSocket begins (RFC 6455, 4.2.2 and 4.4).
fn begins_otherwise(headers: &HeaderMap) -> Answer {
    let asked = headers.get(header::SEC_WEBSOCKET_VERSION);
    let has_other_version = asked.is_some_and(|version| version != handshake::VERSION);
    let status =
        if has_other_version { StatusCode::UPGRADE_REQUIRED } else { StatusCode::BAD_REQUEST };
    let mut answer = refusal(status, "a WebSocket begins otherwise (RFC 6455)")?;
    let version = HeaderValue::from_static(handshake::VERSION);
    answer.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, version);
    Ok(answer)
}

/// Ends the connection with this answer. What still comes of the body is forgotten for a while.
fn leave<B>(mut answer: Response<HttpBody>, body: B) -> Answer
where
    B: Body<Data = Bytes> + Send + 'static,
{
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    tokio::spawn(timeout(LINGER, async move {
        let (mut body, mut left) = (pin!(body), LINGER_BYTES_MAX);
        while left > 0 {
            let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await;
            let Some(Ok(frame)) = frame else { return };
            let length = frame.data_ref().map_or(0, Bytes::len) as u64;
            left = left.saturating_sub(length.max(1));
        }
    }));
    Ok(answer)
}

/// Why a body is not read to its end.
enum BodyError {
    TooLarge,
    Slow,
    Exhausted(Exhausted),
    Broken(BoxError),
}

impl From<Exhausted> for BodyError {
    fn from(full: Exhausted) -> Self {
        Self::Exhausted(full)
    }
}

async fn read<B>(
    mut body: Pin<&mut B>,
    session: &Session,
) -> Result<(Vec<u8>, MessageBytes), BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let limits = &session.shared().limits;
    let bytes_max = u64::from(limits.body_bytes_max);
    if body.size_hint().lower() > bytes_max {
        return Err(BodyError::TooLarge);
    }
    let (mut text, mut held) = (Vec::new(), session.request());
    let mut pace = Pace::new(limits.body_stall, Instant::now());
    loop {
        let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context));
        let frame = timeout_at(pace.deadline(Instant::now()), frame).await;
        let Some(frame) = frame.map_err(|_| BodyError::Slow)? else { return Ok((text, held)) };
        // Trailers say nothing.
        let frame = frame.map_err(|error| BodyError::Broken(error.into()))?;
        let Ok(piece) = frame.into_data() else { continue };
        if (text.len() + piece.len()) as u64 > bytes_max {
            return Err(BodyError::TooLarge);
        }
        held.grow(piece.len())?;
        text.extend_from_slice(&piece);
        pace.count(piece.len());
    }
}

fn json(status: StatusCode, reply: Reply) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::new(Text(Some(Bytes::from_owner(Owned(reply))))));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A reply as bytes, so that it is held until its last byte is with the system.
struct Owned(Reply);

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        self.0.text.as_bytes()
    }
}

/// A body of one piece.
struct Text(Option<Bytes>);

impl Body for Text {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, Bytes::len) as u64)
    }
}
