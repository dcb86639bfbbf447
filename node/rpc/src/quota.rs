//! What all clients together may hold of something, and one of them at most half of.

use std::sync::Arc;

use alloy_primitives::map::HashMap;
use parking_lot::Mutex;

use crate::accept::Asker;

/// Bytes of a message that count against no quota, so that large messages, however many wait,
/// never keep small ones out. What a connection may hold at a time bounds these.
pub(crate) const SMALL_BYTES: usize = 4 << 10;

/// A limit on what clients hold together.
#[derive(Debug)]
pub(crate) struct Quota {
    maximum: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    by_client: HashMap<Asker, usize>,
}

/// There is no more to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    /// The limit.
    pub(crate) maximum: usize,
}

impl Quota {
    pub(crate) fn new(maximum: usize) -> Arc<Self> {
        Arc::new(Self { maximum, held: Mutex::default() })
    }

    /// A part of it, which is nothing yet.
    pub(crate) fn part(self: Arc<Self>, client: impl Into<Asker>) -> Part {
        Part { quota: self, client: client.into(), held: 0 }
    }

    /// A message, whose first [`SMALL_BYTES`] are free.
    pub(crate) fn message(self: Arc<Self>, client: impl Into<Asker>) -> MessageBytes {
        MessageBytes { bytes: 0, part: self.part(client) }
    }

    fn take(&self, client: Asker, count: usize) -> Result<(), Exhausted> {
        let exhausted = Exhausted { maximum: self.maximum };
        let mut held = self.held.lock();
        let total = held.total.saturating_add(count);
        let of_client = held.by_client.get(&client).copied().unwrap_or_default();
        let of_client = of_client.saturating_add(count);
        if total > self.maximum || of_client > self.maximum.div_ceil(2) {
            return Err(exhausted);
        }
        held.total = total;
        held.by_client.insert(client, of_client);
        Ok(())
    }

    fn give_back(&self, client: Asker, count: usize) {
        let mut held = self.held.lock();
        held.total = held.total.saturating_sub(count);
        match held.by_client.get_mut(&client) {
            Some(of_client) if *of_client > count => *of_client -= count,
            _ => drop(held.by_client.remove(&client)),
        }
    }

    /// What is held now.
    pub(crate) fn total(&self) -> usize {
        self.held.lock().total
    }
}

/// A part of a quota, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Part {
    quota: Arc<Quota>,
    client: Asker,
    held: usize,
}

impl Part {
    /// Takes more.
    pub(crate) fn grow(&mut self, count: usize) -> Result<(), Exhausted> {
        if count > 0 {
            self.quota.take(self.client, count)?;
            self.held += count;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.held > 0 {
            self.quota.give_back(self.client, self.held);
        }
    }
}

/// The bytes of one message, as they become more.
#[derive(Debug)]
pub(crate) struct MessageBytes {
    bytes: usize,
    part: Part,
}

impl MessageBytes {
    pub(crate) fn grow(&mut self, count: usize) -> Result<(), Exhausted> {
        let counted = |bytes: usize| bytes.saturating_sub(SMALL_BYTES);
        let bytes = self.bytes.saturating_add(count);
        self.part.grow(counted(bytes) - counted(self.bytes))?;
        self.bytes = bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
