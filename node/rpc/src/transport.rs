//! One port for HTTP/1.1 and WebSocket, and what a connection may cost.
//!
//! A client may be slow, silent or hostile. So of each connection only so many requests are read
//! before their answers are sent, what waits on the way in or out is counted in bytes, and whoever
//! stalls is left.

mod frame;
mod handshake;
mod http;
mod origin;
mod pace;
mod session;
mod stream;
mod web_socket;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use jsonrpsee::server::Methods;
use tokio::{net::TcpStream, sync::watch};
use tower_http::cors::CorsLayer;

pub(crate) use self::session::{Session, Unsent};
use self::{http::JsonRpc, stream::Watched};
use crate::{
    RpcConfig, accept::Client, api::Api, beside::Beside, calls::Calls, downloads::Downloads,
    provers::Provers, quota::Quota,
};

/// Bytes of a request's head, and of what is read ahead of a body.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// How long a connection that is refused something or closed goes on to be read, and what is read
/// forgotten: one that is closed with bytes unread is reset, and what was said last may be lost.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Bytes that are forgotten so, at most.
const LINGER_BYTES_MAX: u64 = 64 << 20;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) calls: Calls,
    pub(crate) limits: Limits,
    /// Bytes of requests that are read or answered.
    pub(crate) requests: Arc<Quota>,
    /// Bytes of answers that are made, and of answers and notifications that wait to be sent.
    pub(crate) answers: Arc<Quota>,
    /// Subscriptions.
    pub(crate) subscriptions: Arc<Quota>,
    next_id: AtomicUsize,
}

/// The limits of one connection.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Whether pages of any origin may ask.
    cors: bool,
    body_bytes_max: u32,
    body_stall: Duration,
    idle: Duration,
    ping: Duration,
    send_stall: Duration,
    requests_per_connection_max: usize,
    subscriptions_per_connection_max: u32,
    unsent_bytes_per_connection_max: usize,
}

impl Shared {
    pub(crate) fn new(methods: Methods, config: &RpcConfig, api: Option<Arc<Api>>) -> Arc<Self> {
        let limits = Limits {
            cors: config.cors,
            body_bytes_max: config.body_bytes_max,
            body_stall: Duration::from_millis(config.body_stall_ms),
            idle: Duration::from_millis(config.idle_ms),
            // An interval of nothing is none.
            ping: Duration::from_millis(config.ping_ms.max(1)),
            send_stall: Duration::from_millis(config.send_stall_ms),
            requests_per_connection_max: config.requests_per_connection_max.max(1),
            subscriptions_per_connection_max: config.subscriptions_per_connection_max,
            unsent_bytes_per_connection_max: config.unsent_bytes_per_connection_max,
        };
        Arc::new(Self {
            limits,
            requests: Quota::new(config.requests_bytes_max),
            answers: match &api {
                Some(api) => Arc::clone(&api.answers),
                None => Quota::new(config.unsent_bytes_max),
            },
            subscriptions: Quota::new(config.subscriptions_max),
            calls: Calls::new(methods, config, api),
            next_id: AtomicUsize::new(0),
        })
    }
}

/// What a connection is served with.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) shared: Arc<Shared>,
    pub(crate) cors: Option<CorsLayer>,
    pub(crate) downloads: Downloads,
    pub(crate) provers: Provers,
    /// Becomes true, or loses its sender, when the server stops.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Service {
    /// Serves a connection to its end. A WebSocket goes on after that.
    pub(crate) async fn serve(self, stream: TcpStream, client: Client) {
        let Self { shared, cors, downloads, provers, mut stop } = self;
        let (send_stall, idle) = (shared.limits.send_stall, shared.limits.idle);
        let downloads = downloads.of(client.key());
        let session = Session::new(client, shared);
        // Downloads answer to other origins as JSON-RPC does.
        let service = tower::ServiceBuilder::new().option_layer(cors);
        let service = service.layer(Beside(downloads)).layer(Beside(provers));
        let service = service.service(JsonRpc { session, stop: stop.clone() });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(idle)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(
                TokioIo::new(Watched::new(stream, send_stall)),
                TowerToHyperService::new(service),
            )
            .with_upgrades();
        tokio::pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended");
        }
    }
}

/// Waits until the server stops.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the server is gone.
    let _ = stop.wait_for(|is_stopping| *is_stopping).await;
}
