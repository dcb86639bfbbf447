//! One connection: whose it is, and what of its answers waits to be sent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use jsonrpsee::server::ConnectionId;
use tokio::sync::{Mutex, Notify, RwLock, RwLockReadGuard};

use super::Shared;
use crate::{
    accept::Client,
    quota::{Exhausted, MessageBytes},
};

/// A connection. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Session(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    client: Client,
    shared: Arc<Shared>,
    /// Bytes of answers that are made and not yet with the system.
    unsent_bytes: AtomicUsize,
    sent: Notify,
    /// Shared by subscriptions that are being accepted.
    accepting: RwLock<()>,
    /// Held by the subscription that has a message in the making or waiting.
    turn: Mutex<()>,
    taken: Notify,
    overrun: Notify,
}

impl Session {
    pub(crate) fn new(client: Client, shared: Arc<Shared>) -> Self {
        let id = ConnectionId(shared.next_id.fetch_add(1, Ordering::Relaxed));
        Self(Arc::new(Connection {
            id,
            client,
            shared,
            unsent_bytes: AtomicUsize::new(0),
            sent: Notify::new(),
            accepting: RwLock::default(),
            turn: Mutex::default(),
            taken: Notify::new(),
            overrun: Notify::new(),
        }))
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.0.id
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// A message of this client that is being read.
    pub(super) fn request(&self) -> MessageBytes {
        Arc::clone(&self.0.shared.requests).message(self.0.client.key())
    }

    /// A message to this client that is being made.
    pub(crate) fn unsent(&self) -> Unsent {
        let quota = Arc::clone(&self.0.shared.answers);
        Unsent { bytes: 0, quota: quota.message(self.0.client.key()), session: self.clone() }
    }

    /// Waits until so much was sent that another request may be answered.
    pub(super) async fn room(&self) {
        let maximum = self.0.shared.limits.unsent_bytes_per_connection_max;
        loop {
            // Made before the look, so that nothing sent after it is missed.
            let sent = self.0.sent.notified();
            if self.0.unsent_bytes.load(Ordering::Acquire) <= maximum {
                return;
            }
            sent.await;
        }
    }

    /// Held while a subscription is accepted: its client may hear of it before it can be ended.
    pub(crate) async fn accepting(&self) -> RwLockReadGuard<'_, ()> {
        self.0.accepting.read().await
    }

    /// Waits until all subscriptions that the client has heard of can be ended.
    pub(crate) async fn accepted(&self) {
        drop(self.0.accepting.write().await);
    }

    /// The turn of a subscription: one of a connection at a time makes a message.
    pub(crate) fn turn(&self) -> &Mutex<()> {
        &self.0.turn
    }

    /// Says that the message of a subscription was taken to be sent.
    pub(super) fn take(&self) {
        self.0.taken.notify_waiters();
    }

    /// Waits until that is so.
    pub(crate) async fn taken(&self, is_taken: impl Fn() -> bool) {
        loop {
            let taken = self.0.taken.notified();
            if is_taken() {
                return;
            }
            taken.await;
        }
    }

    /// Ends the connection because a message of a subscription has no room: the client is to know
    /// that it misses something.
    pub(crate) fn overrun(&self) {
        self.0.overrun.notify_one();
    }

    /// Waits until that is so.
    pub(super) async fn overran(&self) {
        self.0.overrun.notified().await;
    }
}

/// The bytes of a message until they are with the system, or given up.
#[derive(Debug)]
pub(crate) struct Unsent {
    bytes: usize,
    quota: MessageBytes,
    session: Session,
}

impl Unsent {
    pub(crate) fn grow(&mut self, count: usize) -> Result<(), Exhausted> {
        self.quota.grow(count)?;
        self.bytes += count;
        self.session.0.unsent_bytes.fetch_add(count, Ordering::AcqRel);
        Ok(())
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        self.session.0.unsent_bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        self.session.0.sent.notify_waiters();
    }
}
