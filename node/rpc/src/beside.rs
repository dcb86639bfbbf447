//! Paths beside JSON-RPC on the same port.

use std::{
    future::Future,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{Request, Response, StatusCode, header};
use http_body::Body;
use jsonrpsee::server::HttpBody;
use tower::{BoxError, Layer, Service};

/// What a path answers, errors of the client included.
pub(crate) type Answer = Result<Response<HttpBody>, BoxError>;

/// Paths that are not JSON-RPC.
pub(crate) trait Paths: Clone + Send + 'static {
    /// What the paths begin with.
    const PREFIX: &'static str;

    /// Answers a request whose path begins so.
    fn answer<B>(self, request: Request<B>) -> impl Future<Output = Answer> + Send
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>;
}

/// The layer that answers some paths, and hands on every other request.
#[derive(Debug, Clone)]
pub(crate) struct Beside<P>(pub(crate) P);

impl<P: Clone, S> Layer<S> for Beside<P> {
    type Service = BesideService<P, S>;

    fn layer(&self, inner: S) -> BesideService<P, S> {
        BesideService { inner, paths: self.0.clone() }
    }
}

/// A service with paths beside it.
#[derive(Debug, Clone)]
pub(crate) struct BesideService<P, S> {
    inner: S,
    paths: P,
}

impl<P, S, B> Service<Request<B>> for BesideService<P, S>
where
    P: Paths,
    S: Service<Request<B>, Response = Response<HttpBody>, Error = BoxError>,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<HttpBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if !request.uri().path().starts_with(P::PREFIX) {
            return self.inner.call(request).boxed();
        }
        self.paths.clone().answer(request).boxed()
    }
}

/// A status with the reason as plain text.
pub(crate) fn refusal(status: StatusCode, reason: impl Into<String>) -> Answer {
    let mut text: String = reason.into();
    text.push('\n');
    let response = Response::builder().status(status);
    let response = response.header(header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(response.body(HttpBody::from(text))?)
}

/// A decimal number as people write it, so that everything has one path.
pub(crate) fn parse_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
