//! The zkVM on a mixed program: cycles per CPU-second, memory, size and time of verification.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::Value;

use super::{machine, openvm, precompiles};
use crate::repo;
use crate::test::core::cargo;
use crate::test::target;

/// Rounds of the mixed program, about 190,000 cycles each: 1, 6 and 50 million cycles.
const ROUNDS: &[u32] = &[SHORT, LONG, 260];

/// The rounds of a run of about one million cycles.
pub const SHORT: u32 = 5;

/// The rounds of a run of about six million cycles.
pub const LONG: u32 = 31;

/// Bytes of a MiB.
pub const MEBI: f64 = (1 << 20) as f64;

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let rounds = match arguments {
        [] => ROUNDS,
        [flag] if flag == "--short" => &ROUNDS[..1],
        [flag] if flag == "--beside-openvm" => return openvm::run(),
        [flag] if flag == "--precompiles" => return precompiles::run(),
        _ => bail!("bench zkvm takes --short, --precompiles or --beside-openvm, and one of them"),
    };
    let minster = build()?;
    println!(
        "| cycles | segments | s | CPU-s | cycles per CPU-s | padding | peak memory | proof | \
         verify |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for rounds in rounds {
        println!("{}", row(&minster, *rounds)?);
    }
    println!("\n`mixed` of zkvm/examples: text, sorting, SHA-256, Keccak. {}", machine::line());
    Ok(true)
}

/// Builds `minster` and says where it is.
pub fn build() -> Result<PathBuf> {
    let status = cargo(&["build", "--release", "--package", "minster"]).status()?;
    ensure!(status.success(), "the build failed");
    Ok(target().join("release/minster"))
}

/// A file with the input of the mixed program.
pub fn input(rounds: u32) -> Result<PathBuf> {
    let input = target().join("bench-zkvm.input");
    std::fs::write(&input, rounds.to_le_bytes())?;
    Ok(input)
}

/// Proves and verifies the mixed program. Returns what `minster prove` says, and the seconds of
/// `minster verify`.
pub fn prove(minster: &Path, rounds: u32) -> Result<(Value, f64)> {
    let elf = repo::root().join("zkvm/examples/elf/mixed.elf");
    prove_program(minster, &elf, &input(rounds)?)
}

/// Proves and verifies a program, as [`prove`].
pub fn prove_program(minster: &Path, elf: &Path, input: &Path) -> Result<(Value, f64)> {
    let proof = target().join("bench-zkvm.proof");
    let mut command = Command::new(minster);
    command.arg("prove").arg("--elf").arg(elf).arg("--input").arg(input);
    let output = command.arg("--out").arg(&proof).args(["--json", "--quiet"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout)?;
    let started = Instant::now();
    let mut verify = Command::new(minster);
    let verified = verify.arg("verify").arg("--elf").arg(elf).arg(&proof).output()?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    Ok((made, started.elapsed().as_secs_f64()))
}

fn row(minster: &Path, rounds: u32) -> Result<String> {
    let (made, verify) = prove(minster, rounds)?;
    let number = |name: &str| made[name].as_f64().ok_or_eyre("a number is missing");
    let segments = made["segments"].as_array().map_or(0, Vec::len);
    Ok(format!(
        "| {:.0} | {segments} | {:.1} | {:.1} | {:.0} | {:.0} % | {:.0} MiB | {:.1} MiB | \
         {verify:.2} s |",
        number("cycles")?,
        number("seconds")?,
        number("cpuSeconds")?,
        number("cyclesPerCpuSecond")?,
        padding(&made)?,
        number("peakMemoryBytes")? / MEBI,
        number("proofBytes")? / MEBI,
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
