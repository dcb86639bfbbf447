//! What a long history and many accounts cost: speed, memory, disk, and the time of a restart.

use std::fs;
use std::path::Path;

use eyre::Result;
use serde_json::Value;

use super::super::zkvm::{self, MEBI};
use super::{MINSTER, build, log, number, scale, send};
use crate::devnode::{DevNode, free_port};

/// Transfers since the genesis, at which is measured.
const TOTALS: &[u64] = &[100_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];

/// Fewer by this with --short.
const SHORT_FEWER: u64 = 20;

/// What is on the disk, by folder.
const FOLDERS: &[&str] = &["wal", "blocks", "changes", "index", "snapshots"];

pub fn run(is_short: bool) -> Result<bool> {
    let (minster, load) = (zkvm::build()?, build()?);
    println!(
        "| transfers | accounts | blocks | transfers/s | CPU each | seal a block | memory | log | \
         blocks | changes | index | snapshots | kill -9 and start | SIGTERM | and start |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | \
         ---: | ---: | ---: |"
    );
    let mut folder = None;
    for total in TOTALS {
        let total = if is_short { total / SHORT_FEWER } else { *total };
        let admin_port = free_port()?.to_string();
        let arguments = [MINSTER, &["--admin-port", &admin_port]].concat();
        let start = |folder| match folder {
            Some(folder) => DevNode::start_again(&minster, &log(), &arguments, folder),
            None => DevNode::start_with(&minster, &log(), &arguments),
        };
        let node = start(folder.take())?;
        let admin = format!("http://127.0.0.1:{admin_port}");
        let measured = send(&load, &node, "grow", &[&admin, &total.to_string()])?;
        let killed = start(Some(node.kill()?))?;
        let after_kill = killed.ready_after;
        let (rest, stop_time) = killed.stop()?;
        let disk = sizes(rest.path())?;
        let stopped = start(Some(rest))?;
        let times = [after_kill, stop_time, stopped.ready_after].map(|time| time.as_secs_f64());
        println!("{}", line(total, &measured, &disk, times)?);
        folder = Some(stopped.stop()?.0);
    }
    println!(
        "\nOne chain of `minster dev {}` with a --dir on disk, from the genesis on: transfers of \
         one wei by eth_sendRawTransaction in batches of 100, to a million addresses in turn. \
         Transfers a second and CPU are those of the last 100,000 before each row, the time to \
         seal a block that of all since the row before. Memory is what is resident. Then the node \
         is killed and started, and stopped and started: to its first answer. Disk after the \
         stop. All receipts of all blocks were read, and every transfer succeeded. {}",
        MINSTER.join(" "),
        scale(&load)?
    );
    Ok(true)
}

fn line(total: u64, of: &Value, disk: &[u64], times: [f64; 3]) -> Result<String> {
    let disk: Vec<_> = disk.iter().map(|size| format!("{:.0} MiB", *size as f64 / MEBI)).collect();
    let [after_kill, stop, after_stop] = times;
    Ok(format!(
        "| {total} | {} | {} | {:.0} | {:.1} µs | {:.1} ms | {:.0} MiB | {} | {after_kill:.2} s | \
         {stop:.2} s | {after_stop:.2} s |",
        number(of, "accounts")?,
        number(of, "blocks")?,
        number(of, "lastPerSecond")?,
        number(of, "lastServerMicros")?,
        number(of, "sealMillis")?,
        number(of, "residentBytes")? / MEBI,
        disk.join(" | ")
    ))
}

/// Bytes of the files in each folder.
fn sizes(directory: &Path) -> Result<Vec<u64>> {
    let size = |name: &&str| -> Result<u64> {
        let mut all = 0;
        for entry in fs::read_dir(directory.join(name))? {
            all += entry?.metadata()?.len();
        }
        Ok(all)
    };
    FOLDERS.iter().map(size).collect()
}
