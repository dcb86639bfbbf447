//! What a node takes, and how long users wait for it, beside anvil.

mod growth;
mod steady;

use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::Value;

use super::{machine, zkvm};
use crate::devnode::DevNode;
use crate::process;
use crate::test::clients;
use crate::test::core::cargo;
use crate::test::target;

/// What is sent: its name in the load and in the table, and how many of them Minster gets.
const KINDS: &[(&str, &str, u64)] = &[
    ("transfer", "ETH transfer", 90_000),
    ("erc20", "ERC-20 transfer", 60_000),
    ("swap", "Uniswap v2 swap", 20_000),
];

/// How it comes in.
const WAYS: &[(&str, &str)] =
    &[("ws", "WebSocket"), ("http-batch", "HTTP, batches of 100"), ("http", "HTTP")];

/// Anvil gets fewer by this, and everybody with --short.
const ANVIL_FEWER: u64 = 4;
const SHORT_FEWER: u64 = 10;

/// The way to a receipt: its name in the load and in the table.
const RECEIPTS: &[(&str, &str)] = &[
    ("sync", "eth_sendRawTransactionSync"),
    ("ask", "eth_sendRawTransaction, then eth_getTransactionReceipt"),
];
const PER_SECOND: &str = "1000";
const SECONDS: &str = "30";
const SECONDS_SHORT: &str = "5";

/// What can be asked for.
const FLAGS: &[&str] = &["--short", "--alone", "--portable", "--growth"];

const MINSTER: &[&str] = &["--proofs", "off"];

/// For as many as it takes: a block every second, like ours, with as much gas.
const ANVIL_BURST: &[&str] = &[
    "--block-time",
    "1",
    "--gas-limit",
    "2000000000",
    "--order",
    "fifo",
    "--quiet",
    "--no-request-size-limit",
];
/// For short waits. With a block for each transaction, its default, it stops making blocks after
/// some hundred transactions of so many a second.
const ANVIL_STEADY: &[&str] =
    &["--block-time", "0.25", "--gas-limit", "2000000000", "--order", "fifo", "--quiet"];

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    ensure!(cfg!(target_os = "linux"), "bench load reads /proc, which only Linux has");
    if let [flag, seconds, per_second] = arguments
        && flag == "--steady"
    {
        return steady::run(seconds, per_second);
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if let Some(unknown) = arguments.iter().find(|argument| !FLAGS.contains(&argument.as_str())) {
        bail!(
            "bench load takes {} or --steady SECONDS PER_SECOND, not {unknown}",
            FLAGS.join(", ")
        );
    }
    let is_short = has("--short");
    if has("--growth") {
        let alone = !has("--alone") && !has("--portable");
        ensure!(alone, "bench load --growth takes --short and nothing else");
        return growth::run(is_short);
    }
    let bench = Bench {
        is_portable: has("--portable"),
        minster: if has("--portable") { portable()? } else { zkvm::build()? },
        anvil: if has("--alone") { None } else { Some(clients::anvil()?) },
        load: build()?,
        is_short,
    };
    bench.bursts()?;
    println!();
    bench.waits()?;
    println!("\n{}", bench.caption()?);
    Ok(true)
}

/// Builds a `minster` that does not know of AVX-512 IFMA, and says where it is.
fn portable() -> Result<PathBuf> {
    let folder = target().join("portable");
    let mut build =
        cargo(&["build", "--release", "--package", "minster", "--features", "portable"]);
    ensure!(build.arg("--target-dir").arg(&folder).status()?.success(), "the build failed");
    Ok(folder.join("release/minster"))
}

/// Builds the load and says where it is.
pub fn build() -> Result<PathBuf> {
    let build = ["build", "--release", "--package", "minster-tests", "--bin", "load"];
    ensure!(cargo(&build).status()?.success(), "the build failed");
    Ok(target().join("release/load"))
}

/// Runs the load against a node, and returns what it measured.
pub fn send(load: &Path, node: &DevNode, mode: &str, arguments: &[&str]) -> Result<Value> {
    let mut command = Command::new(load);
    command.args([mode, &node.url(), &node.pid().to_string()]).args(arguments);
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What the reader may hold the times against.
fn scale(load: &Path) -> Result<String> {
    Ok(format!(
        "For scale: libsecp256k1 takes {:.1} µs here to recover the sender of one transaction. {}",
        recovery_micros(load)?,
        machine::line()
    ))
}

/// How fast the machine is now: what libsecp256k1 takes to recover a sender.
pub fn recovery_micros(load: &Path) -> Result<f64> {
    let output = Command::new(load).arg("scale").output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    number(&serde_json::from_slice(&output.stdout)?, "micros")
}

fn number(of: &Value, name: &str) -> Result<f64> {
    of[name].as_f64().ok_or_eyre("a number is missing")
}

fn log() -> PathBuf {
    target().join("bench-load.log")
}

/// The programs.
struct Bench {
    minster: PathBuf,
    anvil: Option<PathBuf>,
    load: PathBuf,
    is_short: bool,
    is_portable: bool,
}

impl Bench {
    /// As many as they take.
    fn bursts(&self) -> Result<()> {
        println!(
            "| transactions | by | Minster | CPU each | anvil | CPU each | Minster / anvil | \
             the load's CPU |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        );
        for (kind, kind_name, count) in KINDS {
            let count = if self.is_short { count / SHORT_FEWER } else { *count };
            for (way, way_name) in WAYS {
                let node = DevNode::start_with(&self.minster, &log(), MINSTER)?;
                let ours = Burst::measure(&self.load, &node, [kind, way], count)?;
                drop(node);
                let mut theirs = (String::from("| |"), String::from(" |"));
                if let Some(anvil) = &self.anvil {
                    let node = DevNode::start_anvil(anvil, &log(), ANVIL_BURST)?;
                    let burst =
                        Burst::measure(&self.load, &node, [kind, way], count / ANVIL_FEWER)?;
                    theirs = (
                        format!("| {:.0}/s | {:.0} µs |", burst.per_second, burst.micros),
                        format!(" {:.1} |", ours.per_second / burst.per_second),
                    );
                }
                println!(
                    "| {count} × {kind_name} | {way_name} | {:.0}/s | {:.1} µs {}{} {:.1} µs |",
                    ours.per_second, ours.micros, theirs.0, theirs.1, ours.load_micros
                );
            }
        }
        Ok(())
    }

    /// How long users wait.
    fn waits(&self) -> Result<()> {
        println!(
            "| {PER_SECOND} transfers a second, from sending to the receipt | Minster p50 | p99 | \
             anvil p50 | p99 |\n| --- | ---: | ---: | ---: | ---: |"
        );
        let seconds = if self.is_short { SECONDS_SHORT } else { SECONDS };
        for (way, name) in RECEIPTS {
            let wait = |node: &DevNode| -> Result<String> {
                let times = send(&self.load, node, "steady", &[PER_SECOND, seconds, way])?;
                let (p50, p99) = (number(&times, "p50Ms")?, number(&times, "p99Ms")?);
                Ok(format!(" {p50:.1} ms | {p99:.1} ms |"))
            };
            let ours = wait(&DevNode::start_with(&self.minster, &log(), MINSTER)?)?;
            // It does not answer all of so many synchronous ones.
            let theirs = match &self.anvil {
                Some(anvil) if *way == "ask" => {
                    wait(&DevNode::start_anvil(anvil, &log(), ANVIL_STEADY)?)?
                }
                _ => " | |".to_owned(),
            };
            println!("| {name} |{ours}{theirs}");
        }
        Ok(())
    }

    fn caption(&self) -> Result<String> {
        let anvil = self.anvil.as_ref().map(|anvil| {
            let version = process::capture(Command::new(anvil).arg("--version"));
            let version = version.unwrap_or_default();
            format!(
                " {}: `anvil {}` and one of {ANVIL_FEWER} transactions; in the second table \
                 `anvil {}`, which answers some of so many eth_sendRawTransactionSync with \
                 \"Transaction confirmation timeout\".",
                version.lines().next().unwrap_or("anvil of an unknown version"),
                ANVIL_BURST.join(" "),
                ANVIL_STEADY.join(" ")
            )
        });
        Ok(format!(
            "A new node for each figure, on the machine that sends: `minster dev {}` on an empty \
             --dir on disk, every limit at its default.{} From 1,000 accounts; signed before \
             the clock starts, which runs from the first byte until the last receipt can be read. \
             All receipts of all blocks are read afterwards, and every transaction succeeded. CPU \
             is that of the node's process until the last block is sealed, user and system, by the \
             number of transactions. {}{}",
            MINSTER.join(" "),
            anvil.unwrap_or_default(),
            if self.is_portable { "Without AVX-512 IFMA: senders by libsecp256k1. " } else { "" },
            scale(&self.load)?
        ))
    }
}

/// What a node took.
struct Burst {
    per_second: f64,
    /// CPU time of the node and of the load for each transaction.
    micros: f64,
    load_micros: f64,
}

impl Burst {
    fn measure(load: &Path, node: &DevNode, what: [&str; 2], count: u64) -> Result<Self> {
        let measured = send(load, node, "burst", &[what[0], what[1], &count.to_string()])?;
        Ok(Self {
            per_second: number(&measured, "perSecond")?,
            micros: number(&measured, "serverMicros")?,
            load_micros: number(&measured, "loadMicros")?,
        })
    }
}
