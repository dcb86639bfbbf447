//! Installed filters: what a client without a WebSocket polls.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::{B64, B256, U64, map::HashMap};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::{self, error::TryRecvError};

use super::logs::{Criteria, Query, find, find_sealed};
use crate::{
    RpcConfig,
    accept::Asker,
    api::Api,
    arguments::Arguments,
    error::ApiError,
    gate::Deadline,
    json::LogJson,
    methods::Answer,
    quantity::Quantity,
    quota::{Part, Quota},
};

/// What a filter gives, and how far it has been read.
#[derive(Debug)]
enum Kind {
    /// Logs of sealed blocks.
    Logs { criteria: Arc<Criteria>, next_block: u64 },
    /// Hashes of sealed blocks.
    Blocks { next_block: u64 },
    /// Hashes of pooled transactions.
    Pooled { feed: broadcast::Receiver<B256> },
}

#[derive(Debug)]
struct Installed {
    kind: Kind,
    asked: Instant,
    /// Its place among all.
    _place: Part,
}

/// The installed filters.
#[derive(Debug)]
pub(crate) struct Filters {
    by_id: Mutex<HashMap<u64, Installed>>,
    places: Arc<Quota>,
    lifetime: Duration,
}

impl Filters {
    pub(crate) fn new(config: &RpcConfig) -> Self {
        Self {
            by_id: Mutex::default(),
            places: Quota::new(config.filters_max),
            lifetime: Duration::from_millis(config.filter_lifetime_ms),
        }
    }

    /// Uninstalls what nobody asked for in a long time.
    pub(crate) fn forget_lapsed(&self) {
        let now = Instant::now();
        let is_alive = |it: &Installed| now.duration_since(it.asked) < self.lifetime;
        self.by_id.lock().retain(|_, installed| is_alive(installed));
    }

    fn install(&self, kind: Kind, asker: Asker) -> Answer<U64> {
        self.forget_lapsed();
        let mut place = Arc::clone(&self.places).part(asker);
        place.grow(1).map_err(|full| ApiError::TooManyFilters { maximum: full.maximum })?;
        let mut by_id = self.by_id.lock();
        // Ids cannot be guessed, so that no caller reads another's filter by accident.
        let id = loop {
            let id = u64::from_be_bytes(B64::random().0);
            if !by_id.contains_key(&id) {
                break id;
            }
        };
        by_id.insert(id, Installed { kind, asked: Instant::now(), _place: place });
        Ok(U64::from(id))
    }

    /// Does something with a filter that exists.
    fn with<T>(&self, id: u64, act: impl FnOnce(&mut Kind) -> T) -> Answer<T> {
        let mut by_id = self.by_id.lock();
        let installed = by_id.get_mut(&id).ok_or(ApiError::FilterNotFound)?;
        installed.asked = Instant::now();
        Ok(act(&mut installed.kind))
    }
}

/// What a filter has to say.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Changes {
    /// Of a log filter.
    Logs(Vec<LogJson>),
    /// Of a block or pool filter.
    Hashes(Vec<B256>),
}

/// What to read, decided under the lock, read outside it.
enum Due {
    Logs { criteria: Arc<Criteria>, first: u64, last: u64 },
    Blocks { first: u64, last: u64 },
    Pooled(Vec<B256>),
}

fn next_block(api: &Api) -> u64 {
    api.chain().latest().number().saturating_add(1)
}

pub(crate) fn new_filter(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let (next_block, asker) = (next_block(api), arguments.asker());
    let criteria = Criteria::new(arguments.required(0)?, &api.config)?.keep(api, asker)?;
    api.filters.install(Kind::Logs { criteria, next_block }, asker)
}

pub(crate) fn new_block_filter(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    api.filters.install(Kind::Blocks { next_block: next_block(api) }, arguments.asker())
}

pub(crate) fn new_pending_filter(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    api.filters.install(Kind::Pooled { feed: api.pooled_feed.subscribe() }, arguments.asker())
}

pub(crate) fn uninstall(api: &Api, arguments: &Arguments<'_>) -> Answer<bool> {
    let Quantity(id) = arguments.required(0)?;
    Ok(api.filters.by_id.lock().remove(&id).is_some())
}

/// What came since the last time.
pub(crate) fn changes(api: &Api, arguments: &Arguments<'_>) -> Answer<Changes> {
    let Quantity(id) = arguments.required(0)?;
    let head = api.chain().latest().number();
    // One answer reads no more than one query may; the next goes on from there.
    let last_of =
        |first: u64| head.min(first.saturating_add(api.config.logs_range_max.saturating_sub(1)));
    let due = api.filters.with(id, |kind| match kind {
        Kind::Logs { criteria, next_block } => {
            let (first, last) = (*next_block, last_of(*next_block));
            *next_block = first.max(last.saturating_add(1));
            Due::Logs { criteria: Arc::clone(criteria), first, last }
        }
        Kind::Blocks { next_block } => {
            let (first, last) = (*next_block, last_of(*next_block));
            *next_block = first.max(last.saturating_add(1));
            Due::Blocks { first, last }
        }
        Kind::Pooled { feed } => Due::Pooled(drain(feed)),
    })?;
    let (first, found) = match due {
        Due::Logs { criteria, first, last } => {
            let mut query = Query::new(&criteria, &api.config);
            let found = find_sealed(api, &mut query, first, last);
            (first, found.map(|()| Changes::Logs(query.logs)))
        }
        Due::Blocks { first, last } => (first, hashes(api, first, last).map(Changes::Hashes)),
        Due::Pooled(hashes) => return Ok(Changes::Hashes(hashes)),
    };
    if found.is_err() {
        // Not lost: the next answer begins here again.
        api.filters.with(id, |kind| match kind {
            Kind::Logs { next_block, .. } | Kind::Blocks { next_block } => {
                *next_block = first.min(*next_block);
            }
            Kind::Pooled { .. } => {}
        })?;
    }
    found
}

/// The hashes of sealed blocks, both ends included.
fn hashes(api: &Api, first: u64, last: u64) -> Answer<Vec<B256>> {
    let deadline = Deadline::new(&api.config);
    let mut hashes = Vec::new();
    for number in first..=last {
        deadline.check()?;
        hashes.extend(api.chain().block(number)?.map(|block| block.hash));
    }
    Ok(hashes)
}

/// Everything a log filter asks for, from the start.
pub(crate) fn logs(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<LogJson>> {
    let Quantity(id) = arguments.required(0)?;
    let criteria = api.filters.with(id, |kind| match kind {
        Kind::Logs { criteria, .. } => Some(Arc::clone(criteria)),
        Kind::Blocks { .. } | Kind::Pooled { .. } => None,
    })?;
    find(api, &*criteria.ok_or(ApiError::FilterNotFound)?)
}

/// What the feed holds; a filter that was not asked for long has lost the oldest.
fn drain(feed: &mut broadcast::Receiver<B256>) -> Vec<B256> {
    let mut hashes = Vec::new();
    loop {
        match feed.try_recv() {
            Ok(hash) => hashes.push(hash),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return hashes,
        }
    }
}

#[cfg(test)]
mod tests;
