//! The first minute with `minster dev`.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::{Value, json};

use super::machine;
use crate::devnode::DevNode;
use crate::repo;
use crate::test::core::cargo;

const RUNS: usize = 5;
const RECEIPT_LIMIT: Duration = Duration::from_secs(10);

/// The first dev account sends one ether to the second, nonce 0, chain 1337. Made by
/// `cast mktx --private-key 0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
/// --chain 1337 --nonce 0 --gas-limit 21000 --gas-price 100gwei --priority-gas-price 1gwei
/// --value 1ether 0x70997970C51812dc3A010C7d01b50e0d17dc79C8`.
const TRANSFER: &str = "0x02f87582053980843b9aca0085174876e8008252089470997970c51812dc3a010c7d01b5\
    0e0d17dc79c8880de0b6b3a764000080c001a076a3592707a4290223df673850227f1162c47fa840497914d31bc699\
    37dc4e5da06d9e3bdd5c3bb65e0d97b967fe7a6b0db8ff23974637920a10cfd168d5f4d35d";

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let mut rows = Vec::new();
    let fresh = match arguments {
        [] => None,
        [flag] if flag == "--build" => Some(EmptyFolder::new()?),
        _ => bail!("bench dev takes --build and nothing else"),
    };
    let target = if let Some(folder) = &fresh {
        let seconds = timed_build(&folder.0)?;
        rows.push(["cargo build --release, empty folder".to_owned(), format!("{seconds:.0} s")]);
        folder.0.clone()
    } else {
        let status = cargo(&["build", "--release", "--package", "minster"]).status()?;
        ensure!(status.success(), "the build failed");
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| repo::root().join("target"), PathBuf::from)
    };
    let mut first_answer = Vec::new();
    let mut receipt = Vec::new();
    for _ in 0..RUNS {
        let node = DevNode::start(&target.join("release/minster"), &target.join("bench-dev.log"))?;
        first_answer.push(node.ready_after);
        receipt.push(transfer(&node)?);
    }
    rows.push(["start to first answer".to_owned(), spread(first_answer)]);
    rows.push(["transfer sent to receipt".to_owned(), spread(receipt)]);
    println!("| first minute | best / median of {RUNS} |\n| --- | ---: |");
    for [what, value] in rows {
        println!("| {what} | {value} |");
    }
    println!("\n{}", machine::line());
    Ok(true)
}

fn transfer(node: &DevNode) -> Result<Duration> {
    let start = Instant::now();
    let hash = node.call("eth_sendRawTransaction", &json!([TRANSFER]))?;
    while start.elapsed() < RECEIPT_LIMIT {
        let receipt = node.call("eth_getTransactionReceipt", &json!([hash]))?;
        if receipt != Value::Null {
            ensure!(receipt["status"] == "0x1", "the transfer failed: {receipt}");
            return Ok(start.elapsed());
        }
        thread::sleep(Duration::from_micros(200));
    }
    bail!("no receipt in {} s", RECEIPT_LIMIT.as_secs())
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |index: usize| times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    format!("{:.1} / {:.1} ms", ms(0), ms(times.len() / 2))
}

/// A folder outside the checkout that goes when this does.
struct EmptyFolder(PathBuf);

impl EmptyFolder {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("minster-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for EmptyFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn timed_build(folder: &Path) -> Result<f64> {
    let fetched = cargo(&["fetch", "--locked"]).status()?;
    ensure!(fetched.success(), "cargo fetch failed");
    let start = Instant::now();
    let folder = folder.to_str().ok_or_eyre("the temporary folder is not UTF-8")?;
    let status = cargo(&["build", "--release", "--target-dir", folder]).status()?;
    ensure!(status.success(), "the build failed");
    Ok(start.elapsed().as_secs_f64())
}
