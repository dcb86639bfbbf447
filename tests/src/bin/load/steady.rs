//! Transfers at a steady rate: how long each takes to its receipt.
//!
//! A transfer is due at its own time, whatever became of those before it; the time to its receipt
//! counts from then, so what waits behind a slow answer counts too.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use alloy_primitives::keccak256;
use eyre::{Report, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

use super::asker::{Asker, ensure_success};
use super::connection::Connection;
use super::node::Node;
use super::times::Times;
use super::watch;
use super::wire::{Transport, find, id, request};
use super::work::{Kind, Work};

/// WebSockets that transfers go over.
const CONNECTIONS: usize = 8;

/// Transfers that are sent before it is looked for answers again.
const SENT_AT_ONCE: usize = 64;

/// How long after a transfer is due its receipt may come.
const RECEIPT_LIMIT: Duration = Duration::from_secs(60);

const MINUTE: Duration = Duration::from_secs(60);

/// How a sender learns of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is the answer of `eth_sendRawTransactionSync`.
    Sync,
    /// By asking `eth_getTransactionReceipt` after `eth_sendRawTransaction`.
    Ask,
}

impl FromStr for Way {
    type Err = Report;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "sync" => Ok(Self::Sync),
            "ask" => Ok(Self::Ask),
            _ => bail!("`{name}` is no way to a receipt: sync or ask"),
        }
    }
}

/// When transfers are due.
#[derive(Debug, Clone, Copy)]
struct Pace {
    per_second: u64,
    count: u64,
}

impl Pace {
    /// After the start.
    fn due(self, index: u64) -> Duration {
        let nanoseconds = u128::from(index) * 1_000_000_000 / u128::from(self.per_second);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// Sends so many transfers a second: `steady URL PID PER_SECOND SECONDS sync|ask`.
///
/// # Errors
/// When one of them is refused or does not succeed, or has no receipt in time.
pub fn run(arguments: &[String]) -> Result<Value> {
    let [url, pid, per_second, seconds, way] = arguments else {
        bail!("usage: load steady URL PID PER_SECOND SECONDS sync|ask");
    };
    let (per_second, seconds): (u64, u64) = (per_second.parse()?, seconds.parse()?);
    let (pid, way): (u32, Way) = (pid.parse()?, way.parse()?);
    ensure!(per_second > 0 && seconds > 0, "PER_SECOND and SECONDS are at least 1");
    let pace = Pace { per_second, count: per_second.saturating_mul(seconds) };
    let node = Node::new(url)?;
    let work = Work::prepare(&node, Kind::Transfer)?;
    // Before the first is sent: to sign takes longer than all else that the load does.
    let raws = work.raws(pace.count)?;
    let connections = (0..CONNECTIONS)
        .map(|_| Connection::open(&node.host, Transport::WebSocket))
        .collect::<Result<_>>()?;
    let asker = match way {
        Way::Sync => None,
        Way::Ask => Some(Asker::new(&node.host)?),
    };
    let before = watch::cpu(pid)?;
    let load = Load {
        work: &work,
        pid,
        pace,
        way,
        start: Instant::now(),
        raws,
        connections,
        is_readable: vec![true; CONNECTIONS],
        asker,
        sent: 0,
        done: 0,
        minutes: Vec::new(),
        samples: vec![(0, before)],
    };
    load.run()
}

/// Transfers on their way.
struct Load<'a> {
    work: &'a Work,
    pid: u32,
    pace: Pace,
    way: Way,
    start: Instant,
    raws: Vec<Vec<u8>>,
    connections: Vec<Connection>,
    /// Which of them have something to read.
    is_readable: Vec<bool>,
    asker: Option<Asker>,
    sent: u64,
    /// Transfers that have receipts.
    done: u64,
    /// Times of transfers by the minute in which they were due.
    minutes: Vec<Times>,
    /// The node's memory in bytes and its CPU time, at the end of each minute.
    samples: Vec<(u64, Duration)>,
}

impl Load<'_> {
    fn run(mut self) -> Result<Value> {
        loop {
            self.send()?;
            self.receive()?;
            if self.done == self.pace.count {
                break;
            }
            self.sample()?;
            self.wait()?;
        }
        let seconds = self.start.elapsed().as_secs_f64();
        self.samples.push((watch::resident(self.pid)?, watch::cpu(self.pid)?));
        self.report(seconds)
    }

    /// Sends what is due.
    fn send(&mut self) -> Result<()> {
        let method = match self.way {
            Way::Sync => "eth_sendRawTransactionSync",
            Way::Ask => "eth_sendRawTransaction",
        };
        for _ in 0..SENT_AT_ONCE {
            if self.sent == self.pace.count || self.pace.due(self.sent) > self.start.elapsed() {
                break;
            }
            let raw = std::mem::take(&mut self.raws[self.sent as usize]);
            let lane = self.work.lane(self.sent, CONNECTIONS);
            self.connections[lane].queue_body(request(self.sent, method, &raw).as_bytes());
            if let Some(asker) = &mut self.asker {
                asker.sent(self.sent, keccak256(&raw));
            }
            self.sent += 1;
        }
        self.connections.iter_mut().try_for_each(Connection::flush)
    }

    /// Takes the answers that have come.
    fn receive(&mut self) -> Result<()> {
        let mut found = Vec::new();
        let is_sync = self.asker.is_none();
        let readable = self.connections.iter_mut().zip(&self.is_readable);
        for (connection, _) in readable.filter(|(_, is_readable)| **is_readable) {
            connection.receive(|answer| {
                let is_refused = find(answer, br#""error""#).is_some();
                ensure!(!is_refused, "refused: {}", String::from_utf8_lossy(answer));
                if is_sync {
                    ensure_success(answer)?;
                    found.push(id(answer)?);
                }
                Ok(())
            })?;
        }
        if let Some(asker) = &mut self.asker {
            found.extend(asker.turn()?);
        }
        let now = self.start.elapsed();
        for index in found {
            let due = self.pace.due(index);
            let minute = (due.as_secs() / MINUTE.as_secs()) as usize;
            self.minutes.resize_with(self.minutes.len().max(minute + 1), Times::default);
            self.minutes[minute].push(now.saturating_sub(due));
            self.done += 1;
        }
        Ok(())
    }

    fn sample(&mut self) -> Result<()> {
        let now = self.start.elapsed();
        if now >= MINUTE * self.samples.len() as u32 {
            self.samples.push((watch::resident(self.pid)?, watch::cpu(self.pid)?));
        }
        let oldest = self.pace.due(self.done);
        ensure!(now < oldest + RECEIPT_LIMIT, "{} of {} have receipts", self.done, self.sent);
        Ok(())
    }

    /// Waits until something comes or is due.
    fn wait(&mut self) -> Result<()> {
        let due = (self.sent < self.pace.count).then(|| self.start + self.pace.due(self.sent));
        let ask = self.asker.as_ref().and_then(Asker::next);
        let limit = Instant::now() + RECEIPT_LIMIT;
        let until = due.into_iter().chain(ask).min().unwrap_or(limit);
        let timeout = until.saturating_duration_since(Instant::now());
        let all = self.connections.iter().chain(self.asker.as_ref().map(|asker| &asker.connection));
        let mut sockets: Vec<_> = all
            .map(|connection| {
                let write =
                    if connection.is_writing() { PollFlags::OUT } else { PollFlags::empty() };
                PollFd::new(&connection.stream, PollFlags::IN | write)
            })
            .collect();
        poll(&mut sockets, Some(&Timespec::try_from(timeout)?))?;
        let is_readable = sockets.iter().map(|socket| !socket.revents().is_empty());
        self.is_readable = is_readable.take(CONNECTIONS).collect();
        Ok(())
    }

    fn report(self, seconds: f64) -> Result<Value> {
        let (mut all, mut minutes) = (Times::default(), Vec::new());
        let ends = self.samples.iter().zip(self.samples.iter().skip(1));
        for (times, ((_, cpu_before), (resident, cpu))) in self.minutes.into_iter().zip(ends) {
            all.extend(&times);
            let mut minute = times.report();
            minute["residentBytes"] = json!(resident);
            minute["cpuSeconds"] = json!((*cpu - *cpu_before).as_secs_f64());
            minutes.push(minute);
        }
        let mut report = all.report();
        report["perSecond"] = json!(self.done as f64 / seconds);
        report["minutes"] = json!(minutes);
        Ok(report)
    }
}

#[cfg(test)]
mod tests;
