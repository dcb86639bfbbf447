//! More than a node can take: what it refuses, how soon, and that what it accepted is done.
//!
//! An account sends its next transaction when the one before it is answered, and the same again
//! when that was refused, as a wallet does: otherwise what follows a refused one would wait for it.

use std::{
    collections::{BTreeMap, VecDeque},
    thread,
    time::{Duration, Instant},
};

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::{Value, json};

use super::connection::Connection;
use super::node::{Counter, Node};
use super::times::Times;
use super::watch;
use super::wire::{Transport, find, id, request};
use super::work::{Kind, Work};

/// WebSockets that transactions go over.
const CONNECTIONS: usize = 8;

/// The load looks at its sockets so often.
const TICK: Duration = Duration::from_millis(1);

/// How long the last answers may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// Refusals that are told apart.
const REFUSALS_MAX: usize = 16;

/// Sends so many transactions a second, if the node answers so fast:
/// `overload URL PID transfer|erc20|swap PER_SECOND SECONDS`.
///
/// # Errors
/// When one that was accepted does not succeed.
pub fn run(arguments: &[String]) -> Result<Value> {
    let [url, pid, kind, per_second, seconds] = arguments else {
        bail!("usage: load overload URL PID transfer|erc20|swap PER_SECOND SECONDS");
    };
    let (pid, per_second, seconds): (u32, u64, u64) =
        (pid.parse()?, per_second.parse()?, seconds.parse()?);
    let node = Node::new(url)?;
    let work = Work::prepare(&node, kind.parse::<Kind>()?)?;
    let mut load = Load::new(&node, &work, per_second.saturating_mul(seconds))?;
    let mut counter = Counter::new(&node)?;
    load.send(per_second, Duration::from_secs(seconds))?;
    let resident = watch::resident(pid)?;
    counter.wait_for_receipts(load.accepted)?;
    let all_done = load.start.elapsed();
    counter.wait_for_blocks(load.accepted)?;
    counter.check(load.accepted)?;
    Ok(json!({
        "offeredPerSecond": load.offered as f64 / seconds as f64,
        "accepted": load.accepted,
        "perSecond": load.accepted as f64 / all_done.as_secs_f64(),
        "acceptance": load.acceptance.report(),
        "refused": load.refused,
        "refusal": load.refusal.report(),
        "residentBytes": resident,
    }))
}

/// An account's transactions.
struct Sender {
    raws: VecDeque<Vec<u8>>,
    /// When the first of them was sent.
    sent: Instant,
}

struct Load {
    start: Instant,
    connections: Vec<Connection>,
    senders: Vec<Sender>,
    /// Those who wait for no answer.
    idle: VecDeque<usize>,
    offered: u64,
    answered: u64,
    accepted: u64,
    /// Times to an answer that accepts, and to one that refuses.
    acceptance: Times,
    refusal: Times,
    /// By what the node says.
    refused: BTreeMap<String, u64>,
}

impl Load {
    fn new(node: &Node, work: &Work, transactions: u64) -> Result<Self> {
        let start = Instant::now();
        let mut senders: Vec<_> =
            (0..work.senders()).map(|_| Sender { raws: VecDeque::new(), sent: start }).collect();
        for (index, raw) in work.raws(transactions)?.into_iter().enumerate() {
            let sender = index % senders.len();
            senders[sender].raws.push_back(raw);
        }
        let connections = (0..CONNECTIONS)
            .map(|_| Connection::open(&node.host, Transport::WebSocket))
            .collect::<Result<_>>()?;
        Ok(Self {
            start,
            connections,
            idle: (0..senders.len()).collect(),
            senders,
            offered: 0,
            answered: 0,
            accepted: 0,
            acceptance: Times::default(),
            refusal: Times::default(),
            refused: BTreeMap::new(),
        })
    }

    fn send(&mut self, per_second: u64, time: Duration) -> Result<()> {
        self.start = Instant::now();
        while self.start.elapsed() < time {
            let due = (self.start.elapsed().as_secs_f64() * per_second as f64) as u64;
            while self.offered < due {
                let Some(sender) = self.idle.pop_front() else { break };
                self.offer(sender);
            }
            self.turn()?;
        }
        while self.answered < self.offered {
            ensure!(self.start.elapsed() < time + ANSWER_LIMIT, "a transaction has no answer");
            self.turn()?;
        }
        Ok(())
    }

    fn offer(&mut self, index: usize) {
        let sender = &mut self.senders[index];
        // Who was faster than others may have sent all that is its own; then it is done.
        let Some(raw) = sender.raws.front() else { return };
        let body = request(index as u64, "eth_sendRawTransaction", raw);
        sender.sent = Instant::now();
        self.connections[index % CONNECTIONS].queue_body(body.as_bytes());
        self.offered += 1;
    }

    /// Sends and receives what can be without waiting, and rests.
    fn turn(&mut self) -> Result<()> {
        let mut answers = Vec::new();
        for connection in &mut self.connections {
            connection.flush()?;
            connection.receive(|answer| {
                answers.push((id(answer)? as usize, refusal(answer)));
                Ok(())
            })?;
        }
        for (index, refusal) in answers {
            let sender = self.senders.get_mut(index).ok_or_eyre("an answer to nobody")?;
            let time = sender.sent.elapsed();
            self.idle.push_back(index);
            self.answered += 1;
            match refusal {
                None => {
                    sender.raws.pop_front();
                    self.accepted += 1;
                    self.acceptance.push(time);
                }
                Some(why) => {
                    *self.refused.entry(why).or_default() += 1;
                    self.refusal.push(time);
                }
            }
        }
        ensure!(self.refused.len() <= REFUSALS_MAX, "refusals of all kinds: {:?}", self.refused);
        thread::sleep(TICK);
        Ok(())
    }
}

/// Why a node refuses, in its words; `None` when it does not.
fn refusal(answer: &[u8]) -> Option<String> {
    const MESSAGE: &[u8] = br#""message":""#;
    find(answer, br#""error""#)?;
    let words = find(answer, MESSAGE).map_or(answer, |at| &answer[at + MESSAGE.len()..]);
    let end = find(words, br#"""#).unwrap_or(words.len());
    Some(String::from_utf8_lossy(&words[..end]).into_owned())
}

#[cfg(test)]
mod tests;
