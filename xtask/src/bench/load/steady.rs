//! Whether a node stays as it is under load, and what becomes of load beyond what it takes.

use std::path::Path;

use eyre::{OptionExt, Result};
use serde_json::Value;

use super::super::zkvm::{self, MEBI};
use super::{Burst, MINSTER, build, log, number, scale, send};
use crate::devnode::DevNode;

/// What the overload is made of, and how many of them say what the node takes.
const KINDS: &[(&str, &str, u64)] =
    &[("transfer", "ETH transfers", 60_000), ("swap", "Uniswap v2 swaps", 10_000)];

/// By how much more is offered than the node takes, and for how long.
const TIMES: f64 = 3.0;
const OVERLOAD_SECONDS: &str = "20";

pub fn run(seconds: &str, per_second: &str) -> Result<bool> {
    let (minster, load) = (zkvm::build()?, build()?);
    minutes(&minster, &load, seconds, per_second)?;
    println!();
    overload(&minster, &load)?;
    println!(
        "\nA new `minster dev {}` on an empty --dir on disk for the first table, and for each row \
         of the second. The load is on the same machine, over 8 WebSockets. First table: \
         {per_second} transfers a second by eth_sendRawTransactionSync; memory is what is resident \
         at the end of the minute. Second table: {TIMES} times what the node took at its best, \
         offered for {OVERLOAD_SECONDS} s by eth_sendRawTransaction from 1,000 accounts, each of \
         which waits for an answer before it sends again; every transaction that was accepted has \
         its receipt and succeeded. {}",
        MINSTER.join(" "),
        scale(&load)?
    );
    Ok(true)
}

fn minutes(minster: &Path, load: &Path, seconds: &str, per_second: &str) -> Result<()> {
    let node = DevNode::start_with(minster, &log(), MINSTER)?;
    let measured = send(load, &node, "steady", &[per_second, seconds, "sync"])?;
    println!(
        "| minute | receipts | p50 | p90 | p99 | longest | CPU | memory |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let minutes = measured["minutes"].as_array().ok_or_eyre("no minutes")?;
    for (minute, of) in (1..).zip(minutes) {
        println!(
            "| {minute} | {} | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} s | {:.0} MiB |",
            number(of, "receipts")?,
            number(of, "p50Ms")?,
            number(of, "p90Ms")?,
            number(of, "p99Ms")?,
            number(of, "maxMs")?,
            number(of, "cpuSeconds")?,
            number(of, "residentBytes")? / MEBI
        );
    }
    Ok(())
}

fn overload(minster: &Path, load: &Path) -> Result<()> {
    println!(
        "| overload | takes at best | offered | accepted | done | answered p50 | p99 | refused | \
         p50 | p99 | memory |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |"
    );
    for (kind, name, count) in KINDS {
        let node = DevNode::start_with(minster, &log(), MINSTER)?;
        let best = Burst::measure(load, &node, [kind, "ws"], *count)?.per_second;
        drop(node);
        let node = DevNode::start_with(minster, &log(), MINSTER)?;
        let offered = (best * TIMES).round().to_string();
        let of = send(load, &node, "overload", &[kind, &offered, OVERLOAD_SECONDS])?;
        println!(
            "| {name} | {best:.0}/s | {:.0}/s | {} | {:.0}/s | {} | {} | {} | {} | {} | \
             {:.0} MiB |",
            number(&of, "offeredPerSecond")?,
            number(&of, "accepted")?,
            number(&of, "perSecond")?,
            millis(&of["acceptance"]["p50Ms"]),
            millis(&of["acceptance"]["p99Ms"]),
            refusals(&of["refused"]),
            millis(&of["refusal"]["p50Ms"]),
            millis(&of["refusal"]["p99Ms"]),
            number(&of, "residentBytes")? / MEBI
        );
    }
    Ok(())
}

/// A time; nothing when there was none to measure.
fn millis(of: &Value) -> String {
    of.as_f64().map_or_else(String::new, |millis| format!("{millis:.1} ms"))
}

/// How many were refused with which words.
fn refusals(of: &Value) -> String {
    let all = of.as_object().into_iter().flatten();
    let all: Vec<_> = all.map(|(words, count)| format!("{count} × \"{words}\"")).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
