//! The server: one port for HTTP and WebSocket.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use minster_batcher::Batches;
use minster_sequencer::Sequencer;
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch};
use tower_http::cors::CorsLayer;

use crate::{
    RpcConfig,
    accept::{Clients, accept},
    api::Api,
    downloads::Downloads,
    methods,
    metrics::RpcMetrics,
    provers::Provers,
    transport::{Service, Shared, stopped},
};

/// How long a stop waits for connections to end before it leaves them to the end of the process.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum RpcError {
    /// Another process listens there.
    #[error("port {port} is already in use; choose another")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Two methods have one name: a bug.
    #[error("method table: {source}")]
    Methods {
        /// Which.
        #[from]
        source: jsonrpsee::core::RegisterMethodError,
    },
}

/// Starts the server.
#[derive(Debug, Clone, Copy)]
pub struct RpcServer;

impl RpcServer {
    /// Listens, and answers from this sequencer until [`RpcHandle::stop`]; from these batches too,
    /// when the node batches and proves.
    ///
    /// # Errors
    /// When the address is taken or cannot be listened on.
    pub async fn start(
        config: RpcConfig,
        sequencer: Sequencer,
        batches: Option<Batches>,
    ) -> Result<RpcHandle, RpcError> {
        let address = config.listen;
        let clients = Clients::new(&config);
        let (stop, mut stopping) = watch::channel(false);
        let cors = config.cors.then(CorsLayer::permissive);
        let provers = Provers::new(batches.clone(), config.prover_tokens.clone());
        let downloads = Downloads::new(batches.clone(), config.downloads_max);
        let api = Arc::new(Api::new(config, sequencer, batches));
        let methods = methods::register(Arc::clone(&api))?;
        let shared = Shared::new(methods.into(), &api.config, Some(Arc::clone(&api)));
        let metrics = RpcMetrics::new(Arc::clone(&shared), Arc::clone(&clients));
        let service = Service { shared, cors, downloads, provers, stop: stopping.clone() };
        let listen_error = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => RpcError::PortInUse { port: address.port() },
            _ => RpcError::Listen { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let local_addr = listener.local_addr().map_err(listen_error)?;
        let serve = move |stream, client| {
            tokio::spawn(service.clone().serve(stream, client));
        };
        tokio::spawn(async move {
            tokio::select! {
                never = accept(listener, clients, serve) => match never {},
                () = stopped(&mut stopping) => {}
            }
        });
        Ok(RpcHandle { local_addr, stop, metrics })
    }
}

/// A running server.
#[derive(Debug)]
pub struct RpcHandle {
    local_addr: SocketAddr,
    stop: watch::Sender<bool>,
    metrics: RpcMetrics,
}

impl RpcHandle {
    /// Where it listens, with the port that it got.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// What the server counts.
    #[must_use]
    pub fn metrics(&self) -> RpcMetrics {
        self.metrics.clone()
    }

    /// Takes no new connections, lets requests in progress end, and closes all others.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // Whoever serves a connection listens until its end.
        if tokio::time::timeout(STOP_TIMEOUT, self.stop.closed()).await.is_err() {
            tracing::warn!("connections outlived the server's stop");
        }
    }
}
