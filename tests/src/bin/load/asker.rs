//! Asks for receipts: of the oldest transaction without one, and while there are some, of more of
//! them at a time. So it finds each soon, and asks hardly more often than there are receipts.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use eyre::{Result, ensure};

use super::connection::Connection;
use super::wire::{Transport, find, id, request};

/// Receipts that are asked for at a time.
const ASKED_MAX: usize = 64;

/// How soon it is asked again after there was none.
const INTERVAL: Duration = Duration::from_millis(1);

/// A transaction that was sent.
struct Sent {
    index: u64,
    hash: B256,
    has_receipt: bool,
}

/// Who asks.
pub struct Asker {
    pub connection: Connection,
    sent: VecDeque<Sent>,
    /// Questions without an answer.
    asked: usize,
    /// How many to ask the next time.
    breadth: usize,
    /// When that is.
    next: Instant,
}

impl Asker {
    /// Connects.
    ///
    /// # Errors
    /// When that fails.
    pub fn new(host: &str) -> Result<Self> {
        let connection = Connection::open(host, Transport::WebSocket)?;
        let sent = VecDeque::new();
        Ok(Self { connection, sent, asked: 0, breadth: 1, next: Instant::now() })
    }

    /// Takes a transaction that is sent now.
    pub fn sent(&mut self, index: u64, hash: B256) {
        self.sent.push_back(Sent { index, hash, has_receipt: false });
    }

    /// When it will ask, if it has something to ask.
    pub fn next(&self) -> Option<Instant> {
        (self.asked == 0 && !self.sent.is_empty()).then_some(self.next)
    }

    /// Asks and listens, without waiting. Returns the transactions whose receipts have come.
    ///
    /// # Errors
    /// When one of them did not succeed.
    pub fn turn(&mut self) -> Result<Vec<u64>> {
        if self.next().is_some_and(|next| next <= Instant::now()) {
            let waiting = self.sent.iter().filter(|sent| !sent.has_receipt).take(self.breadth);
            for sent in waiting {
                let question = request(sent.index, "eth_getTransactionReceipt", sent.hash.as_ref());
                self.connection.queue_body(question.as_bytes());
                self.asked += 1;
            }
        }
        self.connection.flush()?;
        let (mut answers, mut found) = (0, Vec::new());
        self.connection.receive(|answer| {
            answers += 1;
            if find(answer, br#""result":null"#).is_none() {
                ensure_success(answer)?;
                found.push(id(answer)?);
            }
            Ok(())
        })?;
        self.heard(answers, &mut found);
        Ok(found)
    }

    /// Takes receipts and how many answers there were; leaves the receipts that are new.
    fn heard(&mut self, answers: usize, found: &mut Vec<u64>) {
        let first = self.sent.front().map_or(0, |sent| sent.index);
        found.retain(|index| {
            let place = index.checked_sub(first).and_then(|place| usize::try_from(place).ok());
            let sent = place.and_then(|place| self.sent.get_mut(place));
            sent.is_some_and(|sent| !std::mem::replace(&mut sent.has_receipt, true))
        });
        while self.sent.front().is_some_and(|sent| sent.has_receipt) {
            self.sent.pop_front();
        }
        if answers == 0 {
            return;
        }
        self.asked -= answers;
        if found.is_empty() {
            (self.breadth, self.next) = (1, Instant::now() + INTERVAL);
        } else {
            (self.breadth, self.next) = ((self.breadth * 2).min(ASKED_MAX), Instant::now());
        }
    }
}

/// Makes sure that a receipt, or what has one in it, is of a transaction that succeeded.
///
/// # Errors
/// When it is not.
pub fn ensure_success(answer: &[u8]) -> Result<()> {
    let is_success = find(answer, br#""status":"0x1""#).is_some();
    ensure!(is_success, "a transaction failed: {}", String::from_utf8_lossy(answer));
    Ok(())
}
