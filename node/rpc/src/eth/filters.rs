//! Installed filters: what a client without a WebSocket polls.

use std::time::{Duration, Instant};

use alloy_primitives::{B64, B256, U64, map::HashMap};
use alloy_rpc_types_eth::Filter;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::{self, error::TryRecvError};

use super::logs::{Query, check_filter, find, find_sealed};
use crate::{
    RpcConfig, api::Api, arguments::Arguments, error::ApiError, gate::Deadline, json::LogJson,
    methods::Answer, quantity::Quantity,
};

/// What a filter gives, and how far it has been read.
#[derive(Debug)]
enum Kind {
    /// Logs of sealed blocks.
    Logs { filter: Box<Filter>, next_block: u64 },
    /// Hashes of sealed blocks.
    Blocks { next_block: u64 },
    /// Hashes of pooled transactions.
    Pooled { feed: broadcast::Receiver<B256> },
}

#[derive(Debug)]
struct Installed {
    kind: Kind,
    asked: Instant,
}

/// The installed filters.
#[derive(Debug)]
pub(crate) struct Filters {
    by_id: Mutex<HashMap<u64, Installed>>,
    count_max: usize,
    lifetime: Duration,
}

impl Filters {
    pub(crate) fn new(config: &RpcConfig) -> Self {
        Self {
            by_id: Mutex::default(),
            count_max: config.filters_max,
            lifetime: Duration::from_millis(config.filter_lifetime_ms),
        }
    }

    fn install(&self, kind: Kind) -> Answer<U64> {
        let now = Instant::now();
        let mut by_id = self.by_id.lock();
        by_id.retain(|_, installed| now.duration_since(installed.asked) < self.lifetime);
        if by_id.len() >= self.count_max {
            return Err(ApiError::TooManyFilters { maximum: self.count_max });
        }
        // Ids cannot be guessed, so that no caller reads another's filter by accident.
        let id = loop {
            let id = u64::from_be_bytes(B64::random().0);
            if !by_id.contains_key(&id) {
                break id;
            }
        };
        by_id.insert(id, Installed { kind, asked: now });
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
    Logs { filter: Box<Filter>, first: u64, last: u64 },
    Blocks { first: u64, last: u64 },
    Pooled(Vec<B256>),
}

fn next_block(api: &Api) -> u64 {
    api.chain().latest().number().saturating_add(1)
}

pub(crate) fn new_filter(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let filter: Filter = arguments.required(0)?;
    check_filter(&filter, &api.config)?;
    api.filters.install(Kind::Logs { filter: Box::new(filter), next_block: next_block(api) })
}

pub(crate) fn new_block_filter(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    api.filters.install(Kind::Blocks { next_block: next_block(api) })
}

pub(crate) fn new_pending_filter(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    api.filters.install(Kind::Pooled { feed: api.pooled_feed.subscribe() })
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
        Kind::Logs { filter, next_block } => {
            let (first, last) = (*next_block, last_of(*next_block));
            *next_block = first.max(last.saturating_add(1));
            Due::Logs { filter: filter.clone(), first, last }
        }
        Kind::Blocks { next_block } => {
            let (first, last) = (*next_block, last_of(*next_block));
            *next_block = first.max(last.saturating_add(1));
            Due::Blocks { first, last }
        }
        Kind::Pooled { feed } => Due::Pooled(drain(feed)),
    })?;
    match due {
        Due::Logs { filter, first, last } => {
            let mut query = Query::new(&filter, &api.config);
            if let Err(error) = find_sealed(api, &mut query, first, last) {
                // Not lost: the next answer begins here again.
                api.filters.with(id, |kind| match kind {
                    Kind::Logs { next_block, .. } => *next_block = first,
                    Kind::Blocks { .. } | Kind::Pooled { .. } => {}
                })?;
                return Err(error);
            }
            Ok(Changes::Logs(query.logs))
        }
        Due::Blocks { first, last } => {
            let deadline = Deadline::new(&api.config);
            let mut hashes = Vec::new();
            for number in first..=last {
                deadline.check()?;
                hashes.extend(api.chain().block(number)?.map(|block| block.hash));
            }
            Ok(Changes::Hashes(hashes))
        }
        Due::Pooled(hashes) => Ok(Changes::Hashes(hashes)),
    }
}

/// Everything a log filter asks for, from the start.
pub(crate) fn logs(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<LogJson>> {
    let Quantity(id) = arguments.required(0)?;
    let filter = api.filters.with(id, |kind| match kind {
        Kind::Logs { filter, .. } => Some(filter.clone()),
        Kind::Blocks { .. } | Kind::Pooled { .. } => None,
    })?;
    let filter = filter.ok_or(ApiError::FilterNotFound)?;
    find(api, &filter)
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
