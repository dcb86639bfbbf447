//! The way to the blocking pool: a bounded number of heavy requests run, a bounded number wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use crate::{RpcConfig, error::ApiError};

/// Keeps heavy requests off the async threads, and from piling up.
#[derive(Debug)]
pub(crate) struct Gate {
    running: Arc<Semaphore>,
    /// One permit for each request that runs or waits.
    admitted: Semaphore,
    running_max: usize,
    waiting_max: usize,
    timeout_ms: u64,
}

impl Gate {
    pub(crate) fn new(config: &RpcConfig) -> Self {
        let RpcConfig { calls_running_max, calls_waiting_max, .. } = *config;
        Self {
            running: Arc::new(Semaphore::new(calls_running_max)),
            admitted: Semaphore::new(calls_running_max.saturating_add(calls_waiting_max)),
            running_max: calls_running_max,
            waiting_max: calls_waiting_max,
            timeout_ms: config.call_timeout_ms,
        }
    }

    /// Runs work on a blocking thread. After a timeout the thread goes on to its end, and counts
    /// as running until then.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_admitted) = self.admitted.try_acquire() else {
            return Err(ApiError::Busy { running: self.running_max, waiting: self.waiting_max });
        };
        let timeout_ms = self.timeout_ms;
        let answer = async {
            let running = Arc::clone(&self.running).acquire_owned().await;
            let joined = tokio::task::spawn_blocking(move || {
                let _running = running;
                work()
            });
            joined.await.unwrap_or_else(|error| {
                Err(ApiError::Internal { reason: format!("a request's thread died: {error}") })
            })
        };
        tokio::time::timeout(Duration::from_millis(timeout_ms), answer)
            .await
            .unwrap_or(Err(ApiError::Timeout { timeout_ms }))
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
