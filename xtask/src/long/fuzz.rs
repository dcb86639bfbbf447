//! Fuzzing that coverage guides, with the stable compiler: LLVM's instrumentation is asked for by
//! flags of code generation, and libFuzzer is built from its sources.

use std::process::Command;

use eyre::{OptionExt, Result, bail};

use crate::{process, repo, test::core::cargo};

/// As cargo-fuzz has them: which edges were taken how often, and what was compared with what.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Seconds for each decoder; `MINSTER_FUZZ_SECONDS` asks for others.
const SECONDS: u64 = 300;

/// What stops a run: memory of the process in MiB, one allocation in MiB, seconds for one input.
const LIMITS: [&str; 4] =
    ["-rss_limit_mb=2048", "-malloc_limit_mb=256", "-timeout=10", "-max_len=65536"];

/// Runs every decoder's fuzzer in turn. False when one found something.
pub fn run() -> Result<bool> {
    let seconds = match std::env::var("MINSTER_FUZZ_SECONDS") {
        Ok(text) => text.parse()?,
        Err(_) => SECONDS,
    };
    let names = process::stream(&mut fuzzer()?)?;
    if !names.success {
        bail!("the fuzzer does not build");
    }
    let root = repo::root().join("target").join("fuzz");
    let mut is_clean = true;
    for name in names.stdout.split_whitespace() {
        let corpus = root.join(name);
        std::fs::create_dir_all(&corpus)?;
        println!("{name}: {seconds} s");
        let mut command = fuzzer()?;
        command.arg("--").arg(&corpus).args(LIMITS);
        command.arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-dict={}", corpus.with_extension("dict").display()));
        command.arg(format!("-artifact_prefix={}/{name}-", root.display()));
        command.env("MINSTER_DECODER", name).env("MINSTER_CORPUS", &corpus);
        is_clean &= process::stream(&mut command)?.success;
    }
    Ok(is_clean)
}

/// For the host by its name, so that the flags reach neither build scripts nor macros.
fn fuzzer() -> Result<Command> {
    let version = process::capture(Command::new("rustc").arg("-vV")).ok_or_eyre("no rustc")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_eyre("rustc does not say what it runs on")?;
    let mut command = cargo(&["run", "--quiet", "--profile", "ci", "--target", host]);
    command.args(["--package", "minster-decoders", "--features", "libfuzzer", "--bin", "fuzz"]);
    command.env("RUSTFLAGS", FLAGS.join(" "));
    Ok(command)
}
