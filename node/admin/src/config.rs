//! What the operator may set.

use std::net::{Ipv4Addr, SocketAddr};

/// Where the admin port is, and from when on the node is neither alive nor ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// Address to listen on; port 0 takes any free one. There is no password: whoever reaches it
    /// reads everything here.
    pub listen: SocketAddr,
    /// Connections at a time. Each has one request.
    pub connections_max: usize,
    /// How long a connection may take, from its begin to its end.
    pub connection_timeout_ms: u64,
    /// An execution thread that is silent for so long is not alive.
    pub executor_age_max_ms: u64,
    /// A journal that is at one write for so long stands still: the node is not ready.
    pub journal_age_max_ms: u64,
    /// A batcher that is silent for so long is stuck. A large batch takes it a minute.
    pub batcher_age_max_ms: u64,
    /// With less than this free on the disk of the data directory, the node is not ready. A
    /// segment of the log and a snapshot need room at once. The batcher is given the same number:
    /// proofs from elsewhere leave it free.
    pub disk_free_min_bytes: u64,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 9_545),
            connections_max: 16,
            connection_timeout_ms: 10_000,
            executor_age_max_ms: 30_000,
            journal_age_max_ms: 30_000,
            batcher_age_max_ms: 10 * 60 * 1_000,
            disk_free_min_bytes: 1 << 30,
        }
    }
}
