//! What a developer may ask of a development chain: to end a block, and to let its clock run
//! ahead. Neither forges anything: the chain that comes of it is one that could have come of
//! waiting, and it is replayed and proven as any other.
//!
//! The executor does what is asked, between two transactions: so an open block ends before the
//! clock moves, and nothing that is sent afterwards goes into a block of the time before.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    time::Duration,
};

use minster_mempool::Mempool;
use parking_lot::Mutex;
use thiserror::Error;

use crate::clock::now_ms;

/// How far ahead the clock may run, in seconds: beyond what any contract waits for, and far from
/// where arithmetic ends.
const AHEAD_SECONDS_MAX: u64 = 1 << 40;

/// Orders that may wait for the executor.
const ORDERS_MAX: usize = 64;

/// Why an order was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ControlError {
    /// Time only goes on.
    #[error("timestamp {timestamp} is not above the last block's, {last}")]
    Backwards {
        /// The timestamp asked for.
        timestamp: u64,
        /// That of the last block, open or sealed.
        last: u64,
    },
    /// Too far ahead.
    #[error("the clock runs at most {maximum} seconds ahead")]
    TooFar {
        /// The limit.
        maximum: u64,
    },
    /// Too many others are waiting.
    #[error("{maximum} requests of this kind wait already")]
    Busy {
        /// The limit.
        maximum: usize,
    },
    /// The executor did not get to it while the caller waited.
    #[error("the sequencer has not got to it yet")]
    NotYet,
}

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obeyed {
    /// Number of the last block that has ended. It becomes durable a little later.
    pub block: u64,
    /// How far ahead the clock is now, in seconds.
    pub ahead_seconds: u64,
}

/// What the executor is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// To end a block, with this timestamp if there is one.
    Mine { timestamp: Option<u64> },
    /// To let the clock run further ahead.
    IncreaseTime { seconds: u64 },
    /// To give the next block this timestamp.
    SetNextTimestamp { timestamp: u64 },
}

impl Order {
    /// Whether the next block is to have another time than it would have had.
    pub(crate) const fn moves_the_clock(self) -> bool {
        !matches!(self, Self::Mine { timestamp: None })
    }
}

/// An order, and who waits for it.
#[derive(Debug)]
pub(crate) struct WaitingOrder {
    pub(crate) order: Order,
    answer: SyncSender<Result<Obeyed, ControlError>>,
}

impl WaitingOrder {
    pub(crate) fn answer(self, result: Result<Obeyed, ControlError>) {
        // Who asked may have gone.
        let _ = self.answer.send(result);
    }
}

/// The clock and the block button of a development chain.
#[derive(Debug)]
pub struct DevControls {
    ahead_seconds: AtomicU64,
    next_timestamp: Mutex<Option<u64>>,
    orders: Mutex<VecDeque<WaitingOrder>>,
    /// Where the executor sleeps.
    pool: Arc<Mempool>,
}

impl DevControls {
    pub(crate) const fn new(pool: Arc<Mempool>) -> Self {
        Self {
            ahead_seconds: AtomicU64::new(0),
            next_timestamp: Mutex::new(None),
            orders: Mutex::new(VecDeque::new()),
            pool,
        }
    }

    /// Ends a block with what the pool holds: the open one or, when none is open, a new one. With a
    /// timestamp it is always a new one, which has it.
    ///
    /// # Errors
    /// When the timestamp is not above the last block's or too far ahead, or when `wait` is over.
    pub fn mine(&self, timestamp: Option<u64>, wait: Duration) -> Result<Obeyed, ControlError> {
        self.ask(Order::Mine { timestamp }, wait)
    }

    /// Ends the open block and lets the clock run further ahead.
    ///
    /// # Errors
    /// When that is too far, or when `wait` is over.
    pub fn increase_time(&self, seconds: u64, wait: Duration) -> Result<Obeyed, ControlError> {
        self.ask(Order::IncreaseTime { seconds }, wait)
    }

    /// Ends the open block and gives the next one this timestamp; the clock goes on from there.
    ///
    /// # Errors
    /// When it is not above the last block's or too far ahead, or when `wait` is over.
    pub fn set_next_timestamp(
        &self,
        timestamp: u64,
        wait: Duration,
    ) -> Result<Obeyed, ControlError> {
        self.ask(Order::SetNextTimestamp { timestamp }, wait)
    }

    fn ask(&self, order: Order, wait: Duration) -> Result<Obeyed, ControlError> {
        let (answer, answered) = sync_channel(1);
        {
            let mut orders = self.orders.lock();
            if orders.len() >= ORDERS_MAX {
                return Err(ControlError::Busy { maximum: ORDERS_MAX });
            }
            orders.push_back(WaitingOrder { order, answer });
        }
        self.pool.wake();
        answered.recv_timeout(wait).unwrap_or(Err(ControlError::NotYet))
    }

    /// The next order, for the executor.
    pub(crate) fn take_order(&self) -> Option<WaitingOrder> {
        self.orders.lock().pop_front()
    }

    /// Tells all who wait that nobody will obey any more.
    pub(crate) fn forget_orders(&self) {
        self.orders.lock().clear();
    }

    /// Moves the clock as an order says. `last` is the timestamp of the last block, open or sealed.
    pub(crate) fn move_clock(&self, order: Order, last: u64) -> Result<(), ControlError> {
        match order {
            Order::Mine { timestamp: None } => Ok(()),
            Order::IncreaseTime { seconds } => self.add_seconds(seconds),
            Order::Mine { timestamp: Some(timestamp) } | Order::SetNextTimestamp { timestamp } => {
                self.ask_for_timestamp(timestamp, last)
            }
        }
    }

    fn add_seconds(&self, seconds: u64) -> Result<(), ControlError> {
        let add =
            |ahead: u64| ahead.checked_add(seconds).filter(|ahead| *ahead <= AHEAD_SECONDS_MAX);
        self.ahead_seconds
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add)
            .map(|_| ())
            .map_err(|_| ControlError::TooFar { maximum: AHEAD_SECONDS_MAX })
    }

    fn ask_for_timestamp(&self, timestamp: u64, last: u64) -> Result<(), ControlError> {
        if timestamp <= last {
            return Err(ControlError::Backwards { timestamp, last });
        }
        if timestamp.saturating_sub(now_ms() / 1_000) > AHEAD_SECONDS_MAX {
            return Err(ControlError::TooFar { maximum: AHEAD_SECONDS_MAX });
        }
        *self.next_timestamp.lock() = Some(timestamp);
        Ok(())
    }

    /// How far ahead the clock is, in seconds.
    pub(crate) fn ahead_seconds(&self) -> u64 {
        self.ahead_seconds.load(Ordering::Acquire)
    }

    /// The chain's time in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        now_ms().saturating_add(self.ahead_seconds().saturating_mul(1_000))
    }

    /// The timestamp that was asked for the next block, if one was.
    pub(crate) fn next_timestamp(&self) -> Option<u64> {
        *self.next_timestamp.lock()
    }

    /// The same, for the block that begins now: the clock goes on from it.
    pub(crate) fn take_next_timestamp(&self) -> Option<u64> {
        let timestamp = self.next_timestamp.lock().take()?;
        let ahead = timestamp.saturating_sub(now_ms() / 1_000).min(AHEAD_SECONDS_MAX);
        self.ahead_seconds.store(ahead, Ordering::Release);
        Some(timestamp)
    }
}

#[cfg(test)]
mod tests;
