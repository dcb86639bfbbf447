//! The test command: what a developer runs and what CI runs are one thing.

pub mod clients;
pub mod core;
mod guest;
mod operations;
mod packages;
mod report;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use eyre::{Result, bail};

use crate::repo;
use report::Report;

/// What `cargo xtask test --help` teaches.
pub const USAGE: &str = "
cargo xtask test [GROUP...]

Groups; without a name, all of them:
  core      tidy, format, clippy, documentation, and every Rust test. Needs Rust and a C compiler.
  clients   wallets and libraries of others against a running `minster dev`; the OS against an EVM
            of others.
            Needs node, npm, python3 and python3-venv; installs pinned packages under target/tools.
  guest     what is proved, compiled for the bare RISC-V machine of the prover; the emulator
            against QEMU. Needs Debian's rustc-web, cargo-web, rust-web-src, lld-22, qemu-user and
            gcc-riscv64-unknown-elf; root installs them.
  operations
            `minster ops`: its alerts in Prometheus, which scrapes a running `minster dev`, and its
            dashboard as Grafana's library reads it. Needs Debian's prometheus and python3-venv;
            root installs them.

A group whose tools are missing is skipped by name. The last line is
`N passed, N failed, N skipped`; ignored tests count as skipped.

Environment:
  MINSTER_REQUIRE_ALL=1   skipping is a failure (CI sets it)
  MINSTER_VECTORS=DIR     the folder of vectors; otherwise ../shared/vectors beside the checkout

The tests see MINSTER_VECTORS as an absolute path, or not at all if the folder is missing, and
MINSTER_BIN, the binary that was built for them.
";

/// A group: its name and what it does. An `Err` from it is one failed test.
struct Group {
    name: &'static str,
    run: fn(&mut Report) -> Result<()>,
}

const GROUPS: &[Group] = &[
    Group { name: "core", run: core::run },
    Group { name: "clients", run: clients::run },
    Group { name: "guest", run: guest::run },
    Group { name: "operations", run: operations::run },
];

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    for name in arguments {
        if !GROUPS.iter().any(|group| group.name == name) {
            let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
            bail!("no group `{name}`; there are: {}", names.join(", "));
        }
    }
    let mut report = Report::default();
    for group in GROUPS {
        if arguments.is_empty() || arguments.iter().any(|name| name == group.name) {
            report.start_group(group.name);
            if let Err(error) = (group.run)(&mut report) {
                report.fail(&format!("{error:#}"));
            }
        }
    }
    print!("{}", report.closing());
    let require_all = std::env::var("MINSTER_REQUIRE_ALL").is_ok_and(|value| value == "1");
    Ok(report.is_good(require_all))
}

/// The folder of vectors, which is not part of the repository.
fn vectors() -> PathBuf {
    let beside = || repo::root().join("../shared/vectors");
    let given = std::env::var_os("MINSTER_VECTORS").filter(|value| !value.is_empty());
    let path = given.map_or_else(beside, PathBuf::from);
    std::path::absolute(&path).unwrap_or(path)
}

/// The binary under test.
fn binary() -> PathBuf {
    target().join("ci/minster")
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    let given = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    given.unwrap_or_else(|| repo::root().join("target"))
}
