//! The server: one port for HTTP and WebSocket.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use alloy_primitives::{B128, map::HashSet};
use jsonrpsee::{
    core::{middleware::RpcServiceBuilder, traits::IdProvider},
    server::{
        BatchRequestConfig, PingConfig, ServerBuilder, ServerConfig, ServerHandle,
        serve_with_graceful_shutdown, stop_channel,
    },
    types::SubscriptionId,
};
use minster_batcher::Batches;
use minster_sequencer::Sequencer;
use thiserror::Error;
use tokio::net::TcpListener;
use tower_http::{cors::CorsLayer, timeout::RequestBodyTimeoutLayer};

use crate::{
    RpcConfig,
    accept::{Clients, OfClient, accept},
    api::Api,
    beside::Beside,
    downloads::Downloads,
    methods,
    middleware::{Wording, hush},
    provers::Provers,
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
        let body_stall = Duration::from_millis(config.body_stall_ms);
        let response_bytes_max = usize::try_from(config.response_bytes_max).unwrap_or(usize::MAX);
        let cors = config.cors.then(CorsLayer::permissive);
        let server_config = server_config(&config);
        let provers = Provers::new(batches.clone(), config.prover_tokens.clone());
        let downloads = Downloads::new(batches.clone(), config.downloads_max);
        let module = methods::register(Api::new(config, sequencer, batches))?;
        let names: Arc<HashSet<&'static str>> = Arc::new(module.method_names().collect());
        let wording = RpcServiceBuilder::new().layer_fn(move |inner| Wording {
            inner,
            names: Arc::clone(&names),
            response_bytes_max,
        });
        // Downloads answer to other origins as JSON-RPC does.
        let http = tower::ServiceBuilder::new().option_layer(cors);
        let http = http.map_response(hush).layer(RequestBodyTimeoutLayer::new(body_stall));
        let http = http.layer(Beside(downloads)).layer(Beside(provers));
        let listen_error = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => RpcError::PortInUse { port: address.port() },
            _ => RpcError::Listen { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let local_addr = listener.local_addr().map_err(listen_error)?;
        let builder = ServerBuilder::with_config(server_config)
            .set_http_middleware(http)
            .set_rpc_middleware(wording)
            .to_service_builder();
        let (stop, server) = stop_channel();
        let serve = {
            let stop = stop.clone();
            move |stream, client| {
                let inner = builder.clone().build(module.clone(), stop.clone());
                let service = OfClient { inner, client };
                let stopped = stop.clone().shutdown();
                tokio::spawn(async move {
                    if let Err(error) = serve_with_graceful_shutdown(stream, service, stopped).await
                    {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                never = accept(listener, clients, serve) => match never {},
                () = stop.shutdown() => {}
            }
        });
        Ok(RpcHandle { local_addr, server })
    }
}

fn server_config(config: &RpcConfig) -> ServerConfig {
    ServerConfig::builder()
        .max_request_body_size(config.body_bytes_max)
        .max_response_body_size(config.response_bytes_max)
        .max_connections(config.connections_max)
        .max_subscriptions_per_connection(config.subscriptions_per_connection_max)
        .set_batch_request_config(BatchRequestConfig::Limit(config.batch_max))
        .set_id_provider(HexIds)
        .enable_ws_ping(PingConfig::new())
        .set_tcp_no_delay(true)
        .build()
}

/// Subscription ids as geth's: 128 random bits in hex.
#[derive(Debug, Clone, Copy)]
struct HexIds;

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        SubscriptionId::Str(B128::random().to_string().into())
    }
}

/// A running server.
#[derive(Debug)]
pub struct RpcHandle {
    local_addr: SocketAddr,
    server: ServerHandle,
}

impl RpcHandle {
    /// Where it listens, with the port that it got.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Takes no new connections, lets requests in progress end, and closes all others.
    pub async fn stop(self) {
        // An error says that it has stopped already.
        let _ = self.server.stop();
        if tokio::time::timeout(STOP_TIMEOUT, self.server.stopped()).await.is_err() {
            tracing::warn!("connections outlived the server's stop");
        }
    }
}
