//! Minster and OpenVM on the same program and input.

use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{OptionExt, Result, ensure};
use serde_json::Value;

use super::machine;
use super::zkvm::{self, MEBI, SHORT};
use crate::test::core::cargo;
use crate::test::target;
use crate::{process, repo};

/// A package of its own, which the workspace never builds.
const PACKAGE: &str = "zkvm/bench/openvm";

/// OpenVM's allocator asks for huge pages and gives none back: it then spends half as long in the
/// kernel, and one seventh less in all.
const ALLOCATOR: (&str, &str) =
    ("_RJEM_MALLOC_CONF", "thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1");

/// The benchmark.
pub fn run() -> Result<bool> {
    let minster = zkvm::build()?;
    let (prover, guest) = build()?;
    let ours = Row::of_minster(&minster)?;
    let theirs = Row::of_openvm(&prover, &guest)?;
    let same = ours.output == theirs.output;
    ensure!(same, "other outputs: {} and {}", ours.output, theirs.output);
    println!(
        "| | instructions | s | CPU-s | instructions per CPU-s | peak memory | proof | verify | \
         proven bits |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    println!("{}\n{}", ours.line("Minster"), theirs.line("OpenVM 2.0.2"));
    println!(
        "\n`mixed` of zkvm/examples, {SHORT} rounds. Per CPU-second, Minster proves {:.1} times as \
         many instructions as OpenVM, and {:.1} times as many such runs. {}",
        ours.pace() / theirs.pace(),
        theirs.cpu_seconds / ours.cpu_seconds,
        machine::line()
    );
    Ok(true)
}

/// OpenVM's prover, and the program compiled for it.
fn build() -> Result<(PathBuf, PathBuf)> {
    let folder = repo::root().join(PACKAGE);
    let target = target().join("bench-openvm");
    let manifest = folder.join("Cargo.toml");
    let mut prover = cargo(&["build", "--release", "--locked", "--manifest-path"]);
    let mut guest = Command::new(folder.join("guest/build.sh"));
    for command in [prover.arg(manifest), &mut guest] {
        let ended = process::stream(command.env("CARGO_TARGET_DIR", &target))?;
        ensure!(ended.success, "{}", ended.how);
    }
    let guest = target.join("riscv32im-risc0-zkvm-elf/guest/mixed-openvm");
    Ok((target.join("release/minster-bench-openvm"), guest))
}

/// What both provers tell of a run.
struct Row {
    instructions: f64,
    seconds: f64,
    cpu_seconds: f64,
    peak_memory: f64,
    proof_bytes: f64,
    verify_seconds: f64,
    proven_bits: f64,
    output: String,
}

impl Row {
    fn of_minster(minster: &Path) -> Result<Self> {
        let (made, verify_seconds) = zkvm::prove(minster, SHORT)?;
        Self::new(&made, "cycles", verify_seconds)
    }

    fn of_openvm(prover: &Path, guest: &Path) -> Result<Self> {
        let mut command = Command::new(prover);
        command.env(ALLOCATOR.0, ALLOCATOR.1).arg("--elf").arg(guest);
        let output = command.arg("--input").arg(zkvm::input(SHORT)?).arg("--json").output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout)?;
        let verify_seconds = made["verifySeconds"].as_f64().ok_or_eyre("no verifySeconds")?;
        Self::new(&made, "instructions", verify_seconds)
    }

    fn new(made: &Value, instructions: &str, verify_seconds: f64) -> Result<Self> {
        let number = |name: &str| made[name].as_f64().ok_or_eyre("a number is missing");
        Ok(Self {
            instructions: number(instructions)?,
            seconds: number("seconds")?,
            cpu_seconds: number("cpuSeconds")?,
            peak_memory: number("peakMemoryBytes")?,
            proof_bytes: number("proofBytes")?,
            verify_seconds,
            proven_bits: number("provenBits")?,
            output: made["output"]["hex"].as_str().ok_or_eyre("no output")?.to_owned(),
        })
    }

    fn pace(&self) -> f64 {
        self.instructions / self.cpu_seconds
    }

    fn line(&self, name: &str) -> String {
        format!(
            "| {name} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} MiB | {:.2} MiB | {:.2} s | {:.1} |",
            self.instructions,
            self.seconds,
            self.cpu_seconds,
            self.pace(),
            self.peak_memory / MEBI,
            self.proof_bytes / MEBI,
            self.verify_seconds,
            self.proven_bits,
        )
    }
}
