//! What it costs to prove batches of the chain, by workload.

use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::Value;

use super::zkvm::{MEBI, build, prove_program};
use super::{load, machine};
use crate::repo;
use crate::test::core::cargo;
use crate::test::target;

/// Kind of transaction, how many of them, and accounts in the state.
type Row = (&'static str, u32, u32);

/// Accounts in the state where nothing else is said.
const ACCOUNTS: u32 = 1_000;

const ROWS: &[Row] = &[
    ("transfer", 1, ACCOUNTS),
    ("transfer", 10, ACCOUNTS),
    ("transfer", 100, ACCOUNTS),
    ("hot", 100, ACCOUNTS),
    ("new-account", 100, ACCOUNTS),
    ("erc20", 100, ACCOUNTS),
    ("swap", 10, ACCOUNTS),
    ("deployment", 10, ACCOUNTS),
];

/// What takes an hour more.
const LONG_ROWS: &[Row] = &[
    ("transfer", 1_000, ACCOUNTS),
    ("transfer", 100, 10_000),
    ("transfer", 100, 100_000),
    ("transfer", 100, 1_000_000),
];

/// Dollars that an hour of a core is taken to cost.
const DOLLARS_PER_CPU_HOUR: f64 = 0.04;

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let rows: Vec<Row> = match arguments {
        [] => ROWS.to_vec(),
        [flag] if flag == "--long" => ROWS.iter().chain(LONG_ROWS).copied().collect(),
        [flag] if flag == "--short" => ROWS.iter().take(1).copied().collect(),
        _ => bail!("bench batches takes --short or --long, or nothing"),
    };
    let minster = build()?;
    let (workload, load) = (build_workload()?, load::build()?);
    println!(
        "| transactions | accounts | cycles each | Mcells each | CPU-s each | dollars each | s | \
         peak memory | proof | witness each | pubdata each | a recovery |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for row in rows {
        let micros = load::recovery_micros(&load)?;
        println!("{} {micros:.0} µs |", measure(&minster, &workload, row)?);
    }
    println!(
        "\nEverything of the batch is divided by its transactions: witnesses, pubdata, roots, the \
         process's start. Dollars at {DOLLARS_PER_CPU_HOUR} per core and hour. The last column is \
         what libsecp256k1 took to recover a sender just before: how fast the machine was. {}",
        machine::line()
    );
    Ok(true)
}

fn build_workload() -> Result<PathBuf> {
    let build = ["build", "--release", "--package", "minster-tests", "--bin", "workload"];
    let status = cargo(&build).status()?;
    ensure!(status.success(), "the build failed");
    Ok(target().join("release/workload"))
}

fn measure(minster: &Path, workload: &Path, (kind, count, accounts): Row) -> Result<String> {
    let input = target().join("bench-batches.input");
    let mut command = Command::new(workload);
    command.args([kind, &count.to_string(), &accounts.to_string()]).arg(&input);
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sizes: Value = serde_json::from_slice(&output.stdout)?;
    let elf = repo::root().join("guests/batch/elf/batch.elf");
    let (made, _) = prove_program(minster, &elf, &input)?;
    let number = |of: &Value, name: &str| of[name].as_f64().ok_or_eyre("a number is missing");
    let tables = made["tables"].as_array().ok_or_eyre("no tables")?;
    let cells: f64 = tables.iter().filter_map(|table| table["cells"].as_f64()).sum();
    let each = f64::from(count);
    let cpu_seconds = number(&made, "cpuSeconds")? / each;
    Ok(format!(
        "| {count} {kind} | {accounts} | {:.0} | {:.1} | {cpu_seconds:.2} | {:.6} | {:.1} | \
         {:.0} MiB | {:.1} MiB | {:.0} B | {:.0} B |",
        number(&made, "cycles")? / each,
        cells / each / 1e6,
        cpu_seconds * DOLLARS_PER_CPU_HOUR / 3600.0,
        number(&made, "seconds")?,
        number(&made, "peakMemoryBytes")? / MEBI,
        number(&made, "proofBytes")? / MEBI,
        number(&sizes, "witnessBytes")? / each,
        number(&sizes, "pubdataBytes")? / each,
    ))
}
