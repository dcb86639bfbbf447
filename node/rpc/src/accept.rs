//! Who may connect, and how often each may ask.
//!
//! A client is an address; of IPv6 its first 64 bits, which one host has to itself.

use std::{
    convert::Infallible,
    net::IpAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::map::HashMap;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::{RpcConfig, error::ApiError, transport::LINGER};

/// How long the server waits when it cannot accept, as when files run out.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Clients whose requests are counted at a time; beyond that all counts begin again.
const CLIENTS_MAX: usize = 1 << 16;

/// Clients that hear at a time why they are refused; others are not told.
const REFUSALS_MAX: usize = 64;

/// What a client hears whose connection is refused.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n\
    Content-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";

/// An address, as far as it names one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientKey(u64, bool);

/// Whoever asks: a client, or nobody in particular within the process.
pub(crate) type Asker = Option<ClientKey>;

impl From<IpAddr> for ClientKey {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u64::from(address.to_bits()), true),
            IpAddr::V6(address) => {
                // The first half: a host's own network.
                Self(u64::try_from(address.to_bits() >> 64).unwrap_or_default(), false)
            }
        }
    }
}

/// Counts connections and requests by client.
#[derive(Debug)]
pub(crate) struct Clients {
    connections: Mutex<Connections>,
    connections_max: usize,
    connections_per_address_max: usize,
    rates: Option<Rates>,
}

#[derive(Debug, Default)]
struct Connections {
    total: usize,
    /// How many were refused.
    refused: u64,
    by_client: HashMap<ClientKey, usize>,
}

impl Clients {
    pub(crate) fn new(config: &RpcConfig) -> Arc<Self> {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Arc::new(Self {
            connections: Mutex::default(),
            connections_max: size(config.connections_max),
            connections_per_address_max: size(config.connections_per_address_max),
            rates: config.requests_per_second_max.map(Rates::new),
        })
    }

    /// Counts a connection, for as long as what this gives lives.
    pub(crate) fn connect(self: &Arc<Self>, address: IpAddr) -> Option<Client> {
        let key = ClientKey::from(address);
        let mut connections = self.connections.lock();
        let of_client = connections.by_client.get(&key).copied().unwrap_or_default();
        let is_full = connections.total >= self.connections_max;
        if is_full || of_client >= self.connections_per_address_max {
            connections.refused = connections.refused.saturating_add(1);
            return None;
        }
        connections.total += 1;
        connections.by_client.insert(key, of_client + 1);
        Some(Client { connection: Arc::new(Connection { key, clients: Arc::clone(self) }) })
    }

    /// How many connections there are, and how many were refused.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let connections = self.connections.lock();
        (connections.total, connections.refused)
    }
}

/// A connected client. Clones are one connection.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    connection: Arc<Connection>,
}

impl Client {
    /// Which client it is, of all that are connected.
    pub(crate) fn key(&self) -> ClientKey {
        self.connection.key
    }

    /// Counts a request.
    pub(crate) fn ask(&self) -> Result<(), ApiError> {
        match &self.connection.clients.rates {
            Some(rates) => rates.ask(self.connection.key, Instant::now()),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Connection {
    key: ClientKey,
    clients: Arc<Clients>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut connections = self.clients.connections.lock();
        connections.total = connections.total.saturating_sub(1);
        match connections.by_client.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(connections.by_client.remove(&self.key)),
        }
    }
}

/// Requests by client: a bucket of one second's worth, which fills as time passes.
#[derive(Debug)]
struct Rates {
    maximum: NonZeroU32,
    /// Time that one request takes of a bucket.
    each: Duration,
    /// When each client's bucket will be full again.
    full_at: Mutex<HashMap<ClientKey, Instant>>,
}

impl Rates {
    fn new(maximum: NonZeroU32) -> Self {
        let each = Duration::from_secs(1) / maximum.get();
        Self { maximum, each, full_at: Mutex::default() }
    }

    fn ask(&self, key: ClientKey, now: Instant) -> Result<(), ApiError> {
        let mut full_at = self.full_at.lock();
        if full_at.len() >= CLIENTS_MAX && !full_at.contains_key(&key) {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= CLIENTS_MAX {
                full_at.clear();
            }
        }
        let at = full_at.entry(key).or_insert(now);
        let next = (*at).max(now) + self.each;
        if next.saturating_duration_since(now) > Duration::from_secs(1) {
            return Err(ApiError::TooManyRequests { maximum: self.maximum });
        }
        *at = next;
        Ok(())
    }
}

/// Accepts connections until it is dropped, and hands each with its client to `serve`.
pub(crate) async fn accept(
    listener: TcpListener,
    clients: Arc<Clients>,
    serve: impl Fn(TcpStream, Client),
) -> Infallible {
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection is not accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        // Slower answers are the worst that comes of a failure here.
        let _ = stream.set_nodelay(true);
        match clients.connect(address.ip()) {
            Some(client) => serve(stream, client),
            None => refuse(stream, &refusals),
        }
    }
}

/// Tells a client that it is refused, and waits a moment until it has heard.
fn refuse(mut stream: TcpStream, refusals: &Arc<Semaphore>) {
    let Ok(place) = Arc::clone(refusals).try_acquire_owned() else { return };
    tokio::spawn(timeout(LINGER, async move {
        let _place = place;
        stream.write_all(REFUSAL).await?;
        stream.shutdown().await?;
        // Its request, perhaps.
        let mut bytes = [0; 1 << 10];
        while stream.read(&mut bytes).await? > 0 {}
        std::io::Result::Ok(())
    }));
}

#[cfg(test)]
mod tests;
