//! One HTTP request: a message in its body, or the wish to go on as a WebSocket.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use hyper_util::rt::TokioIo;
use jsonrpsee::{
    MethodResponse,
    server::{
        HttpBody,
        http::{content_type_is_json, response},
        ws::is_upgrade_request,
    },
    types::{ErrorObjectOwned, Id},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tower::{BoxError, Service};

use super::{handshake, pace::Pace, session::Session, web_socket};
use crate::{
    beside::{Answer, refusal},
    calls::{Caller, Reply},
    error::ApiError,
    quota::{Exhausted, MessageBytes},
};

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
        if is_upgrade_request(&request) {
            return self.upgrade(request);
        }
        if *request.method() != Method::POST {
            return Ok(response::method_not_allowed());
        }
        if !content_type_is_json(&request) {
            return Ok(response::unsupported_content_type());
        }
        // What was asked before on this connection may wait to be sent.
        self.session.room().await;
        let (body, held) = match read(request.into_body(), &self.session).await {
            Ok(read) => read,
            Err(error) => return self.refuse(error),
        };
        let caller = Caller { session: self.session, subscriber: None };
        let reply = caller.session.shared().calls.answer(&body, &caller).await;
        drop((body, held));
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
                let mut answer = refusal(StatusCode::REQUEST_TIMEOUT, words)?;
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
                Ok(answer)
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
            return refusal(StatusCode::BAD_REQUEST, "a WebSocket begins otherwise (RFC 6455)");
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

async fn read<B>(body: B, session: &Session) -> Result<(Vec<u8>, MessageBytes), BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let limits = &session.shared().limits;
    let bytes_max = u64::from(limits.body_bytes_max);
    if body.size_hint().lower() > bytes_max {
        return Err(BodyError::TooLarge);
    }
    let mut body = pin!(body);
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
