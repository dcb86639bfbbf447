//! Installed filters: what a client without a WebSocket polls.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::{B64, B256, U64, map::HashMap};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::{self, error::TryRecvError};

use super::{
    logs::{Criteria, Query, find, find_sealed},
    transactions::find_transaction,
};
use crate::{
    RpcConfig,
    accept::Asker,
    api::{Api, POOLED_FEED_CAPACITY},
    arguments::Arguments,
    error::ApiError,
    gate::Deadline,
    json::{LogJson, TransactionJson},
    methods::Answer,
    quota::{Part, Quota},
    read::{Handle, parse_number},
};

/// What a filter gives, and how far it has been read.
#[derive(Debug)]
enum Kind {
    /// Logs of sealed blocks.
    Logs { criteria: Arc<Criteria>, next_block: u64 },
    /// Hashes of sealed blocks.
    Blocks { next_block: u64 },
    /// Hashes of pooled transactions.
    Pooled {
        feed: broadcast::Receiver<B256>,
        /// What came, and is in no answer that was given.
        untold: VecDeque<B256>,
        /// How many were told.
        told: u64,
        /// Told as transactions, not as hashes.
        is_full: bool,
    },
}

/// What an answer tells: from where on, and up to where. Block numbers, or a count of hashes.
#[derive(Debug)]
pub(crate) struct Told {
    id: u64,
    from: u64,
    to: u64,
}

#[derive(Debug)]
struct Installed {
    kind: Kind,
    asked: Instant,
    /// Its place among all.
    _place: Part,
}

/// The id of the first argument: `None` is one that no filter of this node has.
fn id(arguments: &Arguments<'_>) -> Answer<Option<u64>> {
    let Handle(id) = arguments.required(0)?;
    Ok(parse_number(id).ok())
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

    /// An answer is given, so what is in it counts as told. Says whether it was not told before, by
    /// an answer to somebody who asked at the same time.
    pub(crate) fn tell(&self, told: &Told) -> Answer<bool> {
        self.with(told.id, |kind| kind.tell(told))
    }
}

impl Kind {
    fn tell(&mut self, Told { from, to, .. }: &Told) -> bool {
        match self {
            Self::Logs { next_block: place, .. } | Self::Blocks { next_block: place } => {
                let is_new = place == from;
                *place = (*to).max(*place);
                is_new
            }
            Self::Pooled { untold, told, .. } => {
                let is_new = told == from;
                let count = usize::try_from(to.saturating_sub(*told)).unwrap_or(usize::MAX);
                untold.drain(..count.min(untold.len()));
                if untold.is_empty() {
                    // Who asks seldom needs much room, and not all the while.
                    *untold = VecDeque::new();
                }
                *told = (*to).max(*told);
                is_new
            }
        }
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
    /// Of a pool filter that wants them whole.
    Transactions(Vec<TransactionJson>),
}

/// What to read, decided under the lock, read outside it.
enum Due {
    Logs { criteria: Arc<Criteria>, first: u64, last: u64 },
    Blocks { first: u64, last: u64 },
    Pooled { first: u64, hashes: Vec<B256>, is_full: bool },
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

/// Argument `[whether transactions are wanted whole]`, as on geth.
pub(crate) fn new_pending_filter(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let is_full = arguments.or_default(0)?;
    let feed = api.pooled_feed.subscribe();
    let kind = Kind::Pooled { feed, untold: VecDeque::new(), told: 0, is_full };
    api.filters.install(kind, arguments.asker())
}

pub(crate) fn uninstall(api: &Api, arguments: &Arguments<'_>) -> Answer<bool> {
    Ok(id(arguments)?.is_some_and(|id| api.filters.by_id.lock().remove(&id).is_some()))
}

/// What came since the last time. It is told by [`Filters::tell`], once the answer is there in
/// time: an answer that nobody waits for any more loses nothing.
pub(crate) fn changes(api: &Api, arguments: &Arguments<'_>) -> Answer<(Changes, Told)> {
    let id = id(arguments)?.ok_or(ApiError::FilterNotFound)?;
    let head = api.chain().latest().number();
    // One answer reads no more than one query may; the next goes on from there.
    let last_of =
        |first: u64| head.min(first.saturating_add(api.config.logs_range_max.saturating_sub(1)));
    let due = api.filters.with(id, |kind| match kind {
        Kind::Logs { criteria, next_block: first } => {
            Due::Logs { criteria: Arc::clone(criteria), first: *first, last: last_of(*first) }
        }
        Kind::Blocks { next_block: first } => Due::Blocks { first: *first, last: last_of(*first) },
        Kind::Pooled { feed, untold, told, is_full } => {
            drain(feed, untold, told);
            let hashes = untold.iter().copied().collect();
            Due::Pooled { first: *told, hashes, is_full: *is_full }
        }
    })?;
    let told = |from: u64, to: u64| Told { id, from, to: to.max(from) };
    match due {
        Due::Logs { criteria, first, last } => {
            let mut query = Query::new(&criteria, &api.config);
            let numbers = criteria.numbers();
            let (begin, end) = (first.max(*numbers.start()), last.min(*numbers.end()));
            find_sealed(api, &mut query, begin, end)?;
            Ok((Changes::Logs(query.logs), told(first, last.saturating_add(1))))
        }
        Due::Blocks { first, last } => {
            let hashes = hashes(api, first, last)?;
            Ok((Changes::Hashes(hashes), told(first, last.saturating_add(1))))
        }
        Due::Pooled { first, hashes, is_full } => {
            let count = u64::try_from(hashes.len()).unwrap_or(u64::MAX);
            let changes = match is_full {
                true => Changes::Transactions(transactions(api, &hashes)?),
                false => Changes::Hashes(hashes),
            };
            Ok((changes, told(first, first.saturating_add(count))))
        }
    }
}

/// Those of the transactions that are still in the pool, or in a block by now.
fn transactions(api: &Api, hashes: &[B256]) -> Answer<Vec<TransactionJson>> {
    let deadline = Deadline::new(&api.config);
    let mut found = Vec::new();
    for hash in hashes {
        deadline.check()?;
        found.extend(find_transaction(api, *hash)?);
    }
    Ok(found)
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
    let id = id(arguments)?.ok_or(ApiError::FilterNotFound)?;
    let criteria = api.filters.with(id, |kind| match kind {
        Kind::Logs { criteria, .. } => Some(Arc::clone(criteria)),
        Kind::Blocks { .. } | Kind::Pooled { .. } => None,
    })?;
    find(api, &*criteria.ok_or(ApiError::FilterNotFound)?)
}

/// Takes what the feed holds; a filter that was not asked for long has lost the oldest.
fn drain(feed: &mut broadcast::Receiver<B256>, untold: &mut VecDeque<B256>, told: &mut u64) {
    loop {
        match feed.try_recv() {
            Ok(hash) => untold.push_back(hash),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    // As much as the feed itself holds, and no more.
    let lost = untold.len().saturating_sub(POOLED_FEED_CAPACITY);
    untold.drain(..lost);
    *told = told.saturating_add(u64::try_from(lost).unwrap_or(u64::MAX));
}

#[cfg(test)]
mod tests;
