//! The port: a listener and a thread of its own, so that it answers also when the node's other
//! threads are busy. Every connection has one small request and one answer. What asks a disk does
//! so on another thread: a disk that hangs keeps nobody from `/health`.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr, TcpListener as StdListener},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Incoming},
    header::{self, HeaderMap, HeaderValue},
    http::uri::Authority,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use minster_telemetry::CONTENT_TYPE;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{JoinHandle as Task, spawn_blocking},
};

use crate::{AdminConfig, AdminError, Sources, readiness::is_alive, sample::sample, state::State};

/// Bytes of a request's head. The smallest that the HTTP library takes.
const REQUEST_BYTES_MAX: usize = 8 << 10;

/// Headers of a request.
const HEADERS_MAX: usize = 32;

/// How long the port waits when it cannot accept, as when files run out.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

const MISDIRECTED: &str = "call this port by its address, or as localhost\n";

const PATHS: &str = "/health, /ready and /metrics are here\n";

/// An open admin port. It closes when this is dropped.
#[derive(Debug)]
pub struct Admin {
    pub(crate) state: Arc<State>,
    local_addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Admin {
    /// Opens the port. The node counts as starting until [`Admin::attach`].
    ///
    /// # Errors
    /// When the address is taken or cannot be listened on.
    pub fn start(config: AdminConfig) -> Result<Self, AdminError> {
        let address = config.listen;
        let listen_error = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => AdminError::PortInUse { port: address.port() },
            _ => AdminError::Listen { address, source },
        };
        let listener = StdListener::bind(address).map_err(listen_error)?;
        listener.set_nonblocking(true).map_err(listen_error)?;
        let local_addr = listener.local_addr().map_err(listen_error)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(AdminError::Thread)?;
        let listener = {
            let _runtime = runtime.enter();
            TcpListener::from_std(listener).map_err(listen_error)?
        };
        let state = Arc::new(State::new(config));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&state);
        let body = move || {
            runtime.block_on(async {
                tokio::select! {
                    never = accept(listener, served) => match never {},
                    // Also when the other end is dropped.
                    _ = stopped => {}
                }
            });
            // Waits for no disk.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("admin".into()).spawn(body);
        let thread = thread.map_err(AdminError::Thread)?;
        Ok(Self { state, local_addr, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens, with the port that it got.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The node runs: from now on it is ready when its parts are.
    pub fn attach(&self, sources: Sources) {
        self.state.attach(sources);
    }

    /// The node was told to stop: it is not ready any more, and counts as alive to its end.
    pub fn drain(&self) {
        self.state.drain();
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the admin thread panicked");
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) -> Infallible {
    let mut open: VecDeque<Task<()>> = VecDeque::new();
    let time_max = Duration::from_millis(state.config.connection_timeout_ms);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection to the admin port is not accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        open.retain(|connection| !connection.is_finished());
        // One too many ends the oldest, which took its time: who only holds connections open keeps
        // nobody out.
        while open.len() >= state.config.connections_max
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
        let state = Arc::clone(&state);
        open.push_back(tokio::spawn(async move {
            // Whatever became of it, it has ended.
            let _ = tokio::time::timeout(time_max, serve(stream, state)).await;
        }));
    }
}

fn serve(stream: TcpStream, state: Arc<State>) -> impl Future<Output = hyper::Result<()>> {
    let service = service_fn(move |request: Request<Incoming>| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(request, state).await) }
    });
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(REQUEST_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        // The whole connection has a limit of its own.
        .header_read_timeout(None::<Duration>)
        .serve_connection(TokioIo::new(stream), service)
}

async fn answer(request: Request<Incoming>, state: Arc<State>) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refusal = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET and HEAD alone\n");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    if state.config.listen.ip().is_loopback() && !is_called_by_address(request.headers()) {
        return reply(StatusCode::MISDIRECTED_REQUEST, TEXT, MISDIRECTED);
    }
    if !request.body().is_end_stream() {
        return reply(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "a request here has no body\n");
    }
    match request.uri().path() {
        "/health" => health(&state),
        "/ready" => beside(state, ready).await,
        "/metrics" => beside(state, metrics).await,
        _ => reply(StatusCode::NOT_FOUND, TEXT, PATHS),
    }
}

/// Whether the caller gave this machine no other name than its own. A page in a browser may have
/// its name point here (DNS rebinding); who names no host is no browser.
fn is_called_by_address(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Some(host) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let host = host.host().trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

/// Makes an answer where a disk may be waited for.
async fn beside(
    state: Arc<State>,
    make: fn(&State) -> Response<Full<Bytes>>,
) -> Response<Full<Bytes>> {
    let waiting = Arc::clone(&state.waiting);
    let made = match waiting.acquire_owned().await {
        Ok(permit) => spawn_blocking(move || {
            let _permit = permit;
            make(&state)
        }),
        // Nobody closes it.
        Err(_) => return reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "internal error\n"),
    };
    made.await.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer of the admin port is not made");
        reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "internal error\n")
    })
}

/// Whether the process is alive: whoever gets 503 here may kill it.
fn health(state: &State) -> Response<Full<Bytes>> {
    match is_alive(&state.signs_of_life(), &state.config) {
        true => reply(StatusCode::OK, JSON, "{\"alive\":true}\n"),
        false => reply(
            StatusCode::SERVICE_UNAVAILABLE,
            JSON,
            "{\"alive\":false,\"reason\":\"executor_stalled\"}\n",
        ),
    }
}

/// Whether users should be sent here.
fn ready(state: &State) -> Response<Full<Bytes>> {
    let reasons: Vec<&str> = state.reasons().into_iter().map(|reason| reason.name()).collect();
    let status = match reasons.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let text = serde_json::json!({"ready": reasons.is_empty(), "reasons": reasons});
    reply(status, JSON, format!("{text}\n"))
}

fn metrics(state: &State) -> Response<Full<Bytes>> {
    match sample(state).encode() {
        Ok(text) => reply(StatusCode::OK, CONTENT_TYPE, text),
        Err(error) => {
            tracing::error!(%error, "metrics are not written");
            reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "internal error\n")
        }
    }
}

fn reply(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
