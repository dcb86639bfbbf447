//! The zkVM on a mixed program: cycles per CPU-second, memory, size and time of verification.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::Value;

use super::machine;
use crate::repo;
use crate::test::core::cargo;

/// Rounds of the mixed program, about 190,000 cycles each: 1, 6 and 50 million cycles.
const ROUNDS: &[u32] = &[5, 31, 260];

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let rounds = match arguments {
        [] => ROUNDS,
        [flag] if flag == "--short" => &ROUNDS[..1],
        _ => bail!("bench zkvm takes --short and nothing else"),
    };
    let status = cargo(&["build", "--release", "--package", "minster"]).status()?;
    ensure!(status.success(), "the build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| repo::root().join("target"), PathBuf::from);
    let minster = target.join("release/minster");
    println!(
        "| cycles | segments | s | CPU-s | cycles per CPU-s | padding | peak memory | proof | \
         verify |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for rounds in rounds {
        println!("{}", row(&minster, &target, *rounds)?);
    }
    println!("\n`mixed` of zkvm/examples: text, sorting, SHA-256, Keccak. {}", machine::line());
    Ok(true)
}

fn row(minster: &Path, target: &Path, rounds: u32) -> Result<String> {
    let input = target.join("bench-zkvm.input");
    let proof = target.join("bench-zkvm.proof");
    std::fs::write(&input, rounds.to_le_bytes())?;
    let elf = repo::root().join("zkvm/examples/elf/mixed.elf");
    let mut command = Command::new(minster);
    command.arg("prove").arg("--elf").arg(&elf).arg("--input").arg(&input);
    let output = command.arg("--out").arg(&proof).args(["--json", "--quiet"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout)?;
    let started = Instant::now();
    let mut verify = Command::new(minster);
    let verified = verify.arg("verify").arg("--elf").arg(&elf).arg(&proof).output()?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let verify = started.elapsed().as_secs_f64();
    let number = |name: &str| made[name].as_f64().ok_or_eyre("a number is missing");
    let segments = made["segments"].as_array().map_or(0, Vec::len);
    let mega = |bytes: f64| bytes / f64::from(1 << 20);
    Ok(format!(
        "| {:.0} | {segments} | {:.1} | {:.1} | {:.0} | {:.0} % | {:.0} MiB | {:.1} MiB | \
         {verify:.2} s |",
        number("cycles")?,
        number("seconds")?,
        number("cpuSeconds")?,
        number("cyclesPerCpuSecond")?,
        padding(&made)?,
        mega(number("peakMemoryBytes")?),
        mega(number("proofBytes")?),
    ))
}

/// Cells of rows that nobody uses, in percent of all cells.
fn padding(made: &Value) -> Result<f64> {
    let tables = made["tables"].as_array().ok_or_eyre("no tables")?;
    let of = |table: &Value, name: &str| table[name].as_f64().unwrap_or_default();
    let all: f64 = tables.iter().map(|table| of(table, "cells")).sum();
    let unused = tables.iter().map(|table| of(table, "cells") * of(table, "paddingPercent"));
    ensure!(all > 0.0, "no cells");
    Ok(unused.sum::<f64>() / all)
}
