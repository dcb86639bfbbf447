//! What the server counts. A request costs one look into a table that never changes, and three
//! additions to atomic numbers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use alloy_primitives::map::HashMap;
use jsonrpsee::types::error::INTERNAL_ERROR_CODE;
use minster_telemetry::Histogram;

use crate::{accept::Clients, error::LIMIT_EXCEEDED, transport::Shared};

/// What requests for methods that do not exist are counted under.
const UNKNOWN: &str = "unknown";

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Ok,
    /// It was wrong, or what it asks for is not there.
    Refused,
    /// A limit of this node stood in its way.
    Limited,
    /// The node failed; its log says why.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Refused, Self::Limited, Self::Failed];

    /// The value of the label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
        }
    }

    const fn of(error_code: Option<i32>) -> Self {
        match error_code {
            None => Self::Ok,
            Some(LIMIT_EXCEEDED) => Self::Limited,
            Some(INTERNAL_ERROR_CODE) => Self::Failed,
            Some(_) => Self::Refused,
        }
    }
}

/// The requests of one method.
#[derive(Debug, Default)]
pub struct MethodMetrics {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    latency: Histogram,
}

impl MethodMetrics {
    /// How many came to this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        let counter = self.outcomes.get(outcome as usize);
        counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// How long they took.
    #[must_use]
    pub const fn latency(&self) -> &Histogram {
        &self.latency
    }

    fn count_one(&self, outcome: Outcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The requests of all methods.
#[derive(Debug)]
pub(crate) struct Asked {
    methods: HashMap<&'static str, Arc<MethodMetrics>>,
    unknown: Arc<MethodMetrics>,
}

impl Asked {
    pub(crate) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        let methods = names.map(|name| (name, Arc::default())).collect();
        Self { methods, unknown: Arc::default() }
    }

    /// A request begins.
    pub(crate) fn start(&self, name: &str) -> Timer {
        let method = self.methods.get_key_value(name);
        let (name, metrics) =
            method.map_or((UNKNOWN, &self.unknown), |(name, found)| (*name, found));
        Timer { name, metrics: Arc::clone(metrics), since: Instant::now() }
    }

    fn methods(&self) -> impl Iterator<Item = (&'static str, &MethodMetrics)> {
        let known = self.methods.iter().map(|(name, metrics)| (*name, &**metrics));
        let all = known.chain(std::iter::once((UNKNOWN, &*self.unknown)));
        all.filter(|(_, metrics)| Outcome::ALL.iter().any(|outcome| metrics.count(*outcome) > 0))
    }
}

/// What a server counts. Clones are of the same server.
#[derive(Debug, Clone)]
pub struct RpcMetrics {
    shared: Arc<Shared>,
    clients: Arc<Clients>,
}

impl RpcMetrics {
    pub(crate) const fn new(shared: Arc<Shared>, clients: Arc<Clients>) -> Self {
        Self { shared, clients }
    }

    /// The methods that were asked for; of those that do not exist all together, as `unknown`.
    pub fn methods(&self) -> impl Iterator<Item = (&'static str, &MethodMetrics)> {
        self.shared.calls.asked.methods()
    }

    /// Open connections.
    #[must_use]
    pub fn connections(&self) -> u64 {
        whole(self.clients.counts().0)
    }

    /// Connections that were refused because there were too many.
    #[must_use]
    pub fn connections_refused(&self) -> u64 {
        self.clients.counts().1
    }

    /// Open subscriptions.
    #[must_use]
    pub fn subscriptions(&self) -> u64 {
        whole(self.shared.subscriptions.total())
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A request that is being answered. One that is dropped before its end, because its client is
/// gone, counts nowhere.
#[derive(Debug)]
pub(crate) struct Timer {
    name: &'static str,
    metrics: Arc<MethodMetrics>,
    since: Instant,
}

impl Timer {
    /// It is answered, with an error of this code if any.
    pub(crate) fn end(self, error_code: Option<i32>) {
        let took = self.since.elapsed();
        let outcome = Outcome::of(error_code);
        self.metrics.count_one(outcome);
        self.metrics.latency.observe(took);
        let (method, seconds) = (self.name, took.as_secs_f64());
        tracing::debug!(method, outcome = outcome.name(), seconds, "answered");
    }
}

#[cfg(test)]
mod tests;
