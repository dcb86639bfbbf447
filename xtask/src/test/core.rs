//! Group core: what needs Rust and a C compiler alone.
//!
//! Everything is built under one profile and as one set of packages, so that no step builds again
//! what an earlier one did.

use std::process::Command;

use eyre::Result;

use super::guest::ORACLE_TESTS;
use super::report::{Report, Tally};
use super::{binary, vectors};
use crate::{process, repo, tidy};

/// The binaries and the test programs, in one set of features.
pub const BUILD: &[&str] =
    &["build", "--profile", "ci", "--workspace", "--lib", "--bins", "--tests", "--examples"];

pub fn run(report: &mut Report) -> Result<()> {
    report.step("tidy", || {
        let outcome = tidy::run_all()?;
        Ok(Tally { passed: outcome.passed, failed: outcome.failed, skipped: 0 })
    });
    report.step("format", || step(&mut cargo(&["fmt", "--all", "--check"])));
    let clippy = ["clippy", "--profile", "ci", "--workspace", "--all-targets", "--quiet"];
    report.step("clippy", || step(cargo(&clippy).args(["--", "-D", "warnings"])));
    report.step("documentation", || {
        let doc = ["doc", "--profile", "ci", "--workspace", "--no-deps", "--quiet"];
        step(cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))
    });
    let vectors = vectors();
    if !vectors.is_dir() {
        let place = vectors.display();
        report.skip_part("vectors", &format!("no folder at {place}"));
    }
    if report.step("build", || step(&mut cargo(BUILD))) {
        report.step("tests", run_tests);
        if needs_emulated_lanes() {
            report.step("lanes, emulated", || {
                let mut command = cargo(&["test", "--profile", "ci", "--lib"]);
                command.args(EMULATED_LANES).args(["--", "--skip", LONG_TESTS]);
                let ended = process::stream(&mut command)?;
                Ok(Tally::of_cargo_test(&ended.stdout, ended.success))
            });
        }
    }
    Ok(())
}

/// What recovers senders in lanes, on a processor that has none.
pub const EMULATED_LANES: &[&str] = &["--package", "minster-recovery", "--features", "emulated"];

/// Whether code for AVX-512 IFMA is here that this processor cannot run.
pub fn needs_emulated_lanes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return !is_x86_feature_detected!("avx512f") || !is_x86_feature_detected!("avx512ifma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// What the names of tests for `cargo xtask long` begin with.
const LONG_TESTS: &str = "long_run_";

fn run_tests() -> Result<Tally> {
    let mut command = cargo(&["test", "--profile", "ci", "--workspace", "--no-fail-fast"]);
    command.env("MINSTER_BIN", binary());
    match vectors() {
        path if path.is_dir() => command.env("MINSTER_VECTORS", path),
        _ => command.env_remove("MINSTER_VECTORS"),
    };
    // They are ignored tests, and not skipped ones: the group guest and `long` run them.
    command.args(["--", "--skip", ORACLE_TESTS, "--skip", LONG_TESTS]);
    let ended = process::stream(&mut command)?;
    Ok(Tally::of_cargo_test(&ended.stdout, ended.success))
}

/// Cargo at the root, the one that built this.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(repo::root());
    command
}

/// A step that is one test.
pub fn step(command: &mut Command) -> Result<Tally> {
    let ended = process::stream(command)?;
    if !ended.success {
        println!("{}", ended.how);
    }
    Ok(Tally::one(ended.success))
}
