//! History and accounts: transfers to more and more addresses, over several runs of a node.

use std::time::Instant;

use alloy_primitives::{Address, keccak256};
use eyre::{OptionExt, Result, bail, ensure};
use serde_json::{Value, json};

use super::burst::{Lane, Way, send};
use super::node::{Counter, Node, get};
use super::watch;
use super::work::{Kind, Work};

/// Addresses that are paid, in turn.
const RECIPIENTS: u64 = 1_000_000;

/// Transfers that are signed, sent and seen in blocks together.
const PORTION: u64 = 100_000;

/// How they come in.
const WAY: &str = "http-batch";

/// How the node names the time that sealing takes, together and the number of blocks.
const SEAL_SECONDS: &str = "minster_block_seal_seconds_sum";
const SEALED: &str = "minster_block_seal_seconds_count";

/// Sends as many transfers as are missing to `TOTAL`: `grow URL PID ADMIN TOTAL`. ADMIN is the URL
/// of the node's admin port.
///
/// # Errors
/// When one of them is refused or does not succeed.
pub fn run(arguments: &[String]) -> Result<Value> {
    let [url, pid, admin, total] = arguments else {
        bail!("usage: load grow URL PID ADMIN TOTAL");
    };
    let (pid, total, way): (u32, u64, Way) = (pid.parse()?, total.parse()?, WAY.parse()?);
    let node = Node::new(url)?;
    let mut work = Work::prepare(&node, Kind::Transfer)?;
    let first = work.sent();
    ensure!(first < total, "{first} of {total} transfers are there before the first is sent");
    let (mut seconds, mut server, mut sent) = (0.0, 0.0, first);
    let (mut portion_count, mut portion_seconds, mut portion_server) = (0, 0.0, 0.0);
    let (seal_before, sealed_before) = seals(admin)?;
    while sent < total {
        let count = PORTION.min(total - sent);
        let raws = work.raws_to(count, |index| recipient(sent + index))?;
        let mut lanes = Lane::all(&node, &work, way, &raws)?;
        let mut counter = Counter::new(&node)?;
        let (before, start) = (watch::cpu(pid)?, Instant::now());
        send(&mut lanes, way)?;
        counter.wait_for_receipts(count)?;
        portion_seconds = start.elapsed().as_secs_f64();
        counter.wait_for_blocks(count)?;
        portion_server = (watch::cpu(pid)? - before).as_secs_f64();
        counter.check(count)?;
        (seconds, server, sent) =
            (seconds + portion_seconds, server + portion_server, sent + count);
        work.advance(count);
        portion_count = count;
    }
    let (seal, sealed) = seals(admin)?;
    // The last portion may be a smaller one.
    let last = portion_count as f64;
    Ok(json!({
        "accounts": total.min(RECIPIENTS),
        "blocks": node.number("eth_blockNumber", &json!([]))?,
        "perSecond": (total - first) as f64 / seconds,
        "serverMicros": server * 1e6 / (total - first) as f64,
        "lastPerSecond": last / portion_seconds,
        "lastServerMicros": portion_server * 1e6 / last,
        "sealMillis": (seal - seal_before) * 1e3 / (sealed - sealed_before),
        "residentBytes": watch::resident(pid)?,
    }))
}

/// Who gets the transfer with this number.
fn recipient(number: u64) -> Address {
    Address::from_word(keccak256((number % RECIPIENTS).to_be_bytes()))
}

/// Seconds that sealing took, and blocks that were sealed, since the node's start.
fn seals(admin: &str) -> Result<(f64, f64)> {
    let text = get(&format!("{admin}/metrics"))?;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|rest| rest.trim().parse::<f64>().ok());
        number.ok_or_eyre("a metric is missing")
    };
    Ok((value(SEAL_SECONDS)?, value(SEALED)?))
}
