//! How long a user waits for a receipt while the machine proves.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::Value;

use super::{load, machine, zkvm};
use crate::devnode::DevNode;
use crate::process;
use crate::test::target;

const PER_SECOND: &str = "100";
const SECONDS: &str = "60";
const SECONDS_SHORT: &str = "10";

/// What is sent before, so that the prover is at work when it is measured.
const WARM: [&str; 2] = ["20", "3"];
const PROVER_LIMIT: Duration = Duration::from_secs(60);

/// How far the prover may be behind: farther than it gets, so that nothing is refused for it.
const BACKLOG_HOURS: &str = "10000";

const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let seconds = match arguments {
        [] => SECONDS,
        [flag] if flag == "--short" => SECONDS_SHORT,
        _ => bail!("bench beside takes --short or nothing"),
    };
    ensure!(cfg!(target_os = "linux"), "bench beside reads /proc, which only Linux has");
    let (minster, load) = (zkvm::build()?, load::build()?);
    println!(
        "| proofs | receipts/s | p50 | p90 | p99 | longest | prover at work | prover's cores |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let off = measure(&minster, &load, "off", seconds)?;
    println!("{}", off.line("off"));
    let on = measure(&minster, &load, "on", seconds)?;
    println!("{}", on.line("on"));
    let ratio = |index: usize| on.times[index] / off.times[index];
    println!(
        "| on / off | | {:.2} | {:.2} | {:.2} | {:.2} | | |",
        ratio(0),
        ratio(1),
        ratio(2),
        ratio(3)
    );
    println!(
        "\nA node of each kind on an empty --dir, one after the other; {PER_SECOND} transfers a \
         second for {seconds} s from 1,000 accounts over 8 WebSockets on the same machine, \
         each asked for with eth_sendRawTransactionSync, its time taken from when it was due to \
         its receipt. The prover is looked for every {} ms, and its CPU time is that of the \
         system. {}",
        LOOK_INTERVAL.as_millis(),
        machine::line()
    );
    Ok(true)
}

/// What a node of one kind came to.
struct Measured {
    per_second: f64,
    /// Milliseconds: p50, p90, p99, the longest.
    times: [f64; 4],
    busy: Busy,
}

impl Measured {
    fn line(&self, proofs: &str) -> String {
        let [p50, p90, p99, longest] = self.times;
        let Busy { share, cores } = self.busy;
        format!(
            "| {proofs} | {:.1} | {p50:.2} ms | {p90:.2} ms | {p99:.2} ms | {longest:.1} ms | \
             {:.0} % | {cores:.2} |",
            self.per_second,
            share * 100.0
        )
    }
}

fn measure(minster: &Path, load: &Path, proofs: &str, seconds: &str) -> Result<Measured> {
    let log = target().join("bench-beside.log");
    let arguments = ["--proofs", proofs, "--proof-backlog", BACKLOG_HOURS];
    let node = DevNode::start_with(minster, &log, &arguments)?;
    send(load, &node, WARM)?;
    let start = Instant::now();
    while proofs == "on" && prover_of(node.pid()).is_none() {
        ensure!(start.elapsed() < PROVER_LIMIT, "no prover in {} s", PROVER_LIMIT.as_secs());
        thread::sleep(LOOK_INTERVAL);
    }
    let is_done = AtomicBool::new(false);
    let (sent, busy) = thread::scope(|scope| {
        let watch = scope.spawn(|| watch(node.pid(), &is_done));
        let sent = send(load, &node, [PER_SECOND, seconds]);
        is_done.store(true, Ordering::Release);
        (sent, watch.join().unwrap_or_default())
    });
    let sent = sent?;
    let number = |name: &str| sent[name].as_f64().ok_or_eyre("a number is missing");
    let times = [number("p50Ms")?, number("p90Ms")?, number("p99Ms")?, number("maxMs")?];
    Ok(Measured { per_second: number("perSecond")?, times, busy })
}

fn send(load: &Path, node: &DevNode, [per_second, seconds]: [&str; 2]) -> Result<Value> {
    load::send(load, node, "steady", &[per_second, seconds, "sync"])
}

/// What the prover did while somebody looked.
#[derive(Clone, Copy, Debug, Default)]
struct Busy {
    /// Part of the looks at which there was one.
    share: f64,
    /// CPU time by time.
    cores: f64,
}

fn watch(node: u32, is_done: &AtomicBool) -> Busy {
    let ticks_per_second = process::capture(Command::new("getconf").arg("CLK_TCK"));
    let ticks_per_second = ticks_per_second.and_then(|text| text.trim().parse().ok());
    let (mut looks, mut found, mut ticks) = (0_u32, 0_u32, 0);
    let mut last: Option<Prover> = None;
    let start = Instant::now();
    while !is_done.load(Ordering::Acquire) {
        let prover = prover_of(node);
        looks += 1;
        found += u32::from(prover.is_some());
        if let Some(prover) = prover {
            // Of a new one everything counts, once something was seen of the one before it.
            let before = match last {
                Some(last) if last.pid == prover.pid => last.ticks,
                Some(_) => 0,
                None => prover.ticks,
            };
            ticks += prover.ticks.saturating_sub(before);
            last = Some(prover);
        }
        thread::sleep(LOOK_INTERVAL);
    }
    let seconds = ticks as f64 / ticks_per_second.unwrap_or(100.0);
    let share = f64::from(found) / f64::from(looks.max(1));
    Busy { share, cores: seconds / start.elapsed().as_secs_f64() }
}

/// A process that proves for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prover {
    pid: u32,
    /// CPU time that it has taken, as the system counts.
    ticks: u64,
}

fn prover_of(node: u32) -> Option<Prover> {
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (parent, ticks) = parent_and_ticks(&stat)?;
        (parent == node).then_some(Prover { pid, ticks })
    })
}

/// What stands in `/proc/PID/stat` (proc(5)): fields 4, and 14 and 15 together. The second one is a
/// name in brackets, which may hold anything.
fn parent_and_ticks(stat: &str) -> Option<(u32, u64)> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let parent = u32::try_from(number(1)?).ok()?;
    Some((parent, number(11)?.checked_add(number(12)?)?))
}

#[cfg(test)]
mod tests;
