//! Seconds by phase of the proof system, from the spans that the library opens.
//!
//! The library proves a segment on one thread, phase after phase, and opens a span where each one
//! begins or ends: it commits to the tables and grinds, then fills the columns of the buses and
//! commits to them, then computes and commits to the quotient, then opens everything by FRI.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::{Metadata, Subscriber, level_filters::LevelFilter, span::Id, subscriber::Interest};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

const PROVE: &str = "prove_batch";
const FILL_BUSES: &str = "generate lookup permutation";
const HASH_TREE: &str = "build merkle tree";
const VERIFY: &str = "verify_batch";

/// A phase of proving a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Phase {
    /// Low-degree extension and hash tree of the tables.
    Commit,
    /// Columns of the buses, their extension and hash tree.
    Buses,
    /// Constraints, and the extension and hash tree of the quotient.
    Quotient,
    /// Values out of the domain, FRI, queries.
    Open,
    /// The check of the finished proof.
    Verify,
}

impl Phase {
    /// Every phase, in the order of a proof.
    pub const ALL: [Self; 5] =
        [Self::Commit, Self::Buses, Self::Quotient, Self::Open, Self::Verify];

    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Buses => "buses",
            Self::Quotient => "quotient",
            Self::Open => "open",
            Self::Verify => "verify",
        }
    }
}

/// The time spent in every phase so far.
#[derive(Debug, Clone, Default)]
pub struct PhaseTimes(Arc<Mutex<[Duration; Phase::ALL.len()]>>);

impl PhaseTimes {
    /// Starts to listen to the library. Once in a process.
    pub fn listen() -> eyre::Result<Self> {
        let times = Self::default();
        let subscriber = Registry::default().with(times.clone());
        tracing::subscriber::set_global_default(subscriber)?;
        Ok(times)
    }

    /// Seconds of a phase.
    pub fn seconds(&self, phase: Phase) -> f64 {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(phase as usize).map_or(0.0, Duration::as_secs_f64)
    }

    fn add(&self, Clock { phase, since }: Clock) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(time) = times.get_mut(phase as usize) {
            *time += since.elapsed();
        }
    }

    /// Ends the phase of this thread, if there is one, and starts the next.
    fn switch(&self, next: Option<Phase>) {
        let next = next.map(|phase| Clock { phase, since: Instant::now() });
        let last = CLOCK.replace(next);
        if let Some(last) = last {
            self.add(last);
        }
    }
}

/// The phase that a thread is in, and since when.
#[derive(Clone, Copy)]
struct Clock {
    phase: Phase,
    since: Instant,
}

thread_local! {
    static CLOCK: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

fn phase_now() -> Option<Phase> {
    CLOCK.with_borrow(|clock| clock.map(|clock| clock.phase))
}

fn is_of_interest(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && [PROVE, FILL_BUSES, HASH_TREE, VERIFY].contains(&metadata.name())
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for PhaseTimes {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_of_interest(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_of_interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        match (context.metadata(id).map(Metadata::name), phase_now()) {
            (Some(PROVE), _) => self.switch(Some(Phase::Commit)),
            (Some(FILL_BUSES), Some(Phase::Commit)) => self.switch(Some(Phase::Buses)),
            (Some(VERIFY), _) => self.switch(Some(Phase::Verify)),
            _ => {}
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        match (context.metadata(id).map(Metadata::name), phase_now()) {
            (Some(PROVE | VERIFY), _) => self.switch(None),
            (Some(HASH_TREE), Some(Phase::Buses)) => self.switch(Some(Phase::Quotient)),
            (Some(HASH_TREE), Some(Phase::Quotient)) => self.switch(Some(Phase::Open)),
            _ => {}
        }
    }
}
