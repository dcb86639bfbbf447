//! The way to the blocking pool: a bounded number of heavy requests run, a bounded number wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::map::HashMap;
use minster_sequencer::SequencerError;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{RpcConfig, accept::Asker, error::ApiError};

/// Keeps heavy requests off the async threads, and from piling up. Of each half is one client's at
/// most, so that none waits for another alone.
#[derive(Debug)]
pub(crate) struct Gate {
    running: Arc<Semaphore>,
    /// One permit for each request that runs or waits.
    admitted: Semaphore,
    shares: Shares,
    running_max: usize,
    waiting_max: usize,
    timeout_ms: u64,
}

/// What one client has of it.
#[derive(Debug)]
struct Share {
    requests: usize,
    /// One permit for each of its threads.
    running: Arc<Semaphore>,
}

type Shares = Arc<Mutex<HashMap<Asker, Share>>>;

/// A request of a client, until it is answered.
#[derive(Debug)]
struct Request {
    asker: Asker,
    shares: Shares,
    running_max: usize,
    running: Arc<Semaphore>,
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some(share) = self.shares.lock().get_mut(&self.asker) {
            share.requests -= 1;
        }
        forget(&self.shares, self.asker, self.running_max);
    }
}

/// A thread of a client, until its end.
#[derive(Debug)]
struct Thread {
    asker: Asker,
    shares: Shares,
    running_max: usize,
    permits: Option<[OwnedSemaphorePermit; 2]>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.permits = None;
        forget(&self.shares, self.asker, self.running_max);
    }
}

/// Forgets a client that asks for nothing and has no thread.
fn forget(shares: &Shares, asker: Asker, running_max: usize) {
    let mut shares = shares.lock();
    let is_idle =
        |share: &Share| share.requests == 0 && share.running.available_permits() == running_max;
    if shares.get(&asker).is_some_and(is_idle) {
        shares.remove(&asker);
    }
}

impl Gate {
    pub(crate) fn new(config: &RpcConfig) -> Self {
        let RpcConfig { calls_running_max, calls_waiting_max, .. } = *config;
        Self {
            running: Arc::new(Semaphore::new(calls_running_max)),
            admitted: Semaphore::new(calls_running_max.saturating_add(calls_waiting_max)),
            shares: Arc::default(),
            running_max: calls_running_max,
            waiting_max: calls_waiting_max,
            timeout_ms: config.call_timeout_ms,
        }
    }

    /// Counts a request, unless its client has so many.
    fn join(&self, asker: Asker, requests_max: usize) -> Option<Request> {
        let running_max = self.running_max.div_ceil(2);
        let mut shares = self.shares.lock();
        let share = shares.entry(asker).or_insert_with(|| Share {
            requests: 0,
            running: Arc::new(Semaphore::new(running_max)),
        });
        if share.requests >= requests_max {
            return None;
        }
        share.requests += 1;
        let (shares, running) = (Arc::clone(&self.shares), Arc::clone(&share.running));
        Some(Request { asker, shares, running_max, running })
    }

    /// Runs work on a blocking thread. After a timeout the thread goes on to its end, and counts
    /// as running until then.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_admitted) = self.admitted.try_acquire() else { return Err(self.busy()) };
        let (running_max, waiting_max) =
            (self.running_max.div_ceil(2), self.waiting_max.div_ceil(2));
        let requests_max = running_max.saturating_add(waiting_max);
        let Some(request) = self.join(asker, requests_max) else { return Err(self.busy()) };
        let timeout_ms = self.timeout_ms;
        tokio::time::timeout(Duration::from_millis(timeout_ms), self.on_thread(&request, work))
            .await
            .unwrap_or(Err(ApiError::Timeout { timeout_ms }))
    }

    /// Runs a subscription's work on a blocking thread, in its client's turn, however long that
    /// takes to come: a subscription has one such work at a time, and there are only so many.
    pub(crate) async fn follow<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        match self.join(asker, usize::MAX) {
            Some(request) => self.on_thread(&request, work).await,
            None => Err(self.busy()),
        }
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        request: &Request,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let of_client = Arc::clone(&request.running).acquire_owned().await;
        let of_all = Arc::clone(&self.running).acquire_owned().await;
        let (Ok(of_client), Ok(of_all)) = (of_client, of_all) else { return Err(self.busy()) };
        let (shares, permits) = (Arc::clone(&self.shares), Some([of_client, of_all]));
        let &Request { asker, running_max, .. } = request;
        let thread = Thread { asker, shares, running_max, permits };
        let joined = tokio::task::spawn_blocking(move || {
            let _thread = thread;
            work()
        });
        joined.await.unwrap_or_else(|error| {
            Err(ApiError::Internal { reason: format!("a request's thread died: {error}") })
        })
    }

    const fn busy(&self) -> ApiError {
        ApiError::Busy { running: self.running_max, waiting: self.waiting_max }
    }
}

/// When a heavy request gives up by itself: nobody waits for its answer any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    timeout_ms: u64,
    at: Instant,
}

impl Deadline {
    /// As long from now as a heavy request may take.
    pub(crate) fn new(config: &RpcConfig) -> Self {
        let timeout_ms = config.call_timeout_ms;
        Self { timeout_ms, at: Instant::now() + Duration::from_millis(timeout_ms) }
    }

    /// The same, or this long from now if that is earlier.
    pub(crate) fn at_most(self, timeout: Duration) -> Self {
        let at = Instant::now().checked_add(timeout).map_or(self.at, |at| at.min(self.at));
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        Self { timeout_ms: millis.min(self.timeout_ms), at }
    }

    /// The time itself.
    pub(crate) const fn at(&self) -> Instant {
        self.at
    }

    /// The answer when the sequencer could not.
    pub(crate) fn word(&self, error: SequencerError) -> ApiError {
        match error {
            SequencerError::OutOfTime => ApiError::Timeout { timeout_ms: self.timeout_ms },
            error => error.into(),
        }
    }

    /// To be asked in every loop over blocks.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if Instant::now() > self.at {
            return Err(ApiError::Timeout { timeout_ms: self.timeout_ms });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
