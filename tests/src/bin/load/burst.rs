//! As many transactions as the node takes: how long until all of them have receipts.

use std::{
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use eyre::{Report, Result, bail, ensure};
use serde_json::{Value, json};

use super::connection::Connection;
use super::node::{Counter, Node};
use super::watch;
use super::wire::{Transport, count, framed, request};
use super::work::{Kind, Work};

/// The load looks at its sockets so often. A wake-up for each answer would cost the node the core.
const TICK: Duration = Duration::from_millis(1);

/// How long the node may answer nothing.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// How transactions come in.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    transport: Transport,
    connections: usize,
    /// Transactions of one message.
    batch: usize,
    /// Messages of a connection that are not answered.
    window: usize,
}

impl FromStr for Way {
    type Err = Report;

    fn from_str(name: &str) -> Result<Self> {
        let (transport, connections, batch, window) = match name {
            "http" => (Transport::Http, 16, 1, 32),
            "http-batch" => (Transport::Http, 8, 100, 2),
            "ws" => (Transport::WebSocket, 8, 1, 128),
            _ => bail!("`{name}` is no way in: http, http-batch or ws"),
        };
        Ok(Self { transport, connections, batch, window })
    }
}

/// A connection and all that goes over it.
pub struct Lane {
    connection: Connection,
    bytes: Vec<u8>,
    /// Where each message ends in the bytes.
    ends: Vec<usize>,
    /// Messages.
    sent: usize,
    answered: usize,
}

impl Lane {
    /// Connections for all of these transactions, the first of which has index 0.
    ///
    /// # Errors
    /// When the node takes none.
    pub fn all(node: &Node, work: &Work, way: Way, raws: &[Vec<u8>]) -> Result<Vec<Self>> {
        let mut parts = vec![Vec::new(); way.connections];
        for (index, raw) in (0..).zip(raws) {
            parts[work.lane(index, way.connections)].push((index, raw));
        }
        parts.iter().map(|part| Self::new(&node.host, way, part)).collect()
    }

    fn new(host: &str, way: Way, raws: &[(u64, &Vec<u8>)]) -> Result<Self> {
        let connection = Connection::open(host, way.transport)?;
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for part in raws.chunks(way.batch) {
            let requests = part.iter().map(|(id, raw)| request(*id, "eth_sendRawTransaction", raw));
            let mut body = requests.collect::<Vec<_>>().join(",");
            if way.batch > 1 {
                body = format!("[{body}]");
            }
            bytes.extend(framed(way.transport, host, body.as_bytes()));
            ends.push(bytes.len());
        }
        Ok(Self { connection, bytes, ends, sent: 0, answered: 0 })
    }

    /// Sends and receives what can be without waiting. Returns how many messages were answered.
    fn turn(&mut self, window: usize) -> Result<usize> {
        let sent = (self.answered + window).min(self.ends.len());
        let end_of = |messages: usize| messages.checked_sub(1).map_or(0, |last| self.ends[last]);
        self.connection.queue(&self.bytes[end_of(self.sent)..end_of(sent)]);
        self.sent = sent;
        self.connection.flush()?;
        let mut answered = 0;
        self.connection.receive(|answer| {
            ensure!(
                count(answer, br#""error""#) == 0,
                "refused: {}",
                String::from_utf8_lossy(answer)
            );
            answered += 1;
            Ok(())
        })?;
        self.answered += answered;
        Ok(answered)
    }
}

/// Sends so many transactions: `burst URL PID KIND WAY COUNT`.
///
/// # Errors
/// When one of them is refused or does not succeed.
pub fn run(arguments: &[String]) -> Result<Value> {
    let [url, pid, kind, way, transactions] = arguments else {
        bail!("usage: load burst URL PID transfer|erc20|swap http|http-batch|ws COUNT");
    };
    let (pid, way, transactions): (u32, Way, u64) =
        (pid.parse()?, way.parse()?, transactions.parse()?);
    let node = Node::new(url)?;
    let work = Work::prepare(&node, kind.parse::<Kind>()?)?;
    let mut lanes = Lane::all(&node, &work, way, &work.raws(transactions)?)?;
    let mut counter = Counter::new(&node)?;

    let own = std::process::id();
    let (server_before, own_before, start) = (watch::cpu(pid)?, watch::cpu(own)?, Instant::now());
    send(&mut lanes, way)?;
    let (answered, own_after) = (start.elapsed(), watch::cpu(own)?);
    counter.wait_for_receipts(transactions)?;
    let seconds = start.elapsed().as_secs_f64();
    counter.wait_for_blocks(transactions)?;
    let server = watch::cpu(pid)? - server_before;
    counter.check(transactions)?;
    let each = |time: Duration| time.as_secs_f64() * 1e6 / transactions as f64;
    Ok(json!({
        "transactions": transactions,
        "seconds": seconds,
        "perSecond": transactions as f64 / seconds,
        "answeredSeconds": answered.as_secs_f64(),
        "serverMicros": each(server),
        "loadMicros": each(own_after - own_before),
    }))
}

/// Sends everything, and returns when all of it is answered.
///
/// # Errors
/// When something is refused, or the node falls silent.
pub fn send(lanes: &mut [Lane], way: Way) -> Result<()> {
    let mut heard = Instant::now();
    while lanes.iter().any(|lane| lane.answered < lane.ends.len()) {
        let mut answered = 0;
        for lane in &mut *lanes {
            answered += lane.turn(way.window)?;
        }
        if answered > 0 {
            heard = Instant::now();
        }
        ensure!(heard.elapsed() < SILENCE_LIMIT, "no answer in {} s", SILENCE_LIMIT.as_secs());
        thread::sleep(TICK);
    }
    Ok(())
}
