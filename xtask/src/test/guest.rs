//! Group guest: what is proved, compiled for the machine that is proved, and that machine against
//! an independent one.

use std::fs;
use std::process::Command;

use eyre::{Result, ensure};

use super::core::{cargo, step};
use super::packages::provide;
use super::report::{Report, Tally};
use super::target;
use crate::guests::{self, toolchain};
use crate::layers::{self, Tier};
use crate::metadata::Metadata;
use crate::{process, repo};

/// The emulator that ours is compared with, and the compiler of the C programs that both run.
const ORACLES: &[&str] = &["qemu-riscv32", "riscv64-unknown-elf-gcc"];
const ORACLE_PACKAGES: &[&str] = &["qemu-user", "gcc-riscv64-unknown-elf"];

/// A part of the names of the tests that need an oracle. They are in the two test files of the
/// emulator that are run here.
pub const ORACLE_TESTS: &str = "qemu";

pub fn run(report: &mut Report) -> Result<()> {
    if provide(report, "compiler", toolchain::missing, toolchain::PACKAGES) {
        report.step("proved crates for riscv32im", build);
        report.step("guests", || guests::check().map(|()| Tally::one(true)));
        report.step("template", template);
    }
    if provide(report, "oracles", missing_oracle, ORACLE_PACKAGES) {
        report.step("emulator against QEMU", emulator);
    }
    Ok(())
}

fn missing_oracle() -> Option<&'static str> {
    ORACLES.iter().copied().find(|program| !process::exists(program))
}

fn build() -> Result<Tally> {
    let mut crates = Metadata::load(&repo::root())?.members;
    crates.retain(|member| {
        layers::find(&member.folder).is_some_and(|layer| layer.tier == Tier::Proved)
    });
    ensure!(!crates.is_empty(), "no crate to compile");
    let mut command = toolchain::cargo();
    command.args(["--lib", "--no-default-features"]);
    for member in &crates {
        command.args(["--package", &member.name]);
    }
    step(&mut command)
}

/// A stranger's guest, built in the way that its README tells.
fn template() -> Result<Tally> {
    let root = repo::root();
    let folder = root.join("zkvm/template");
    let own = fs::read(folder.join("riscv32im-minster.json"))?;
    let same = own == fs::read(root.join(toolchain::TARGET))?;
    ensure!(same, "the template's target is not {}", toolchain::TARGET);
    let mut command = Command::new(folder.join("build.sh"));
    toolchain::select(&mut command);
    command.arg("--locked").env("CARGO_TARGET_DIR", target().join("guest-template"));
    step(&mut command)
}

fn emulator() -> Result<Tally> {
    let mut command = cargo(&["test", "--profile", "ci", "--package", "minster-emulator"]);
    command
        .args(["--test", "qemu", "--test", "c_programs", "--", "--include-ignored"])
        // Without it, a test that lacks its tool passes.
        .env("MINSTER_REQUIRE_ALL", "1");
    let ended = process::stream(&mut command)?;
    Ok(Tally::of_cargo_test(&ended.stdout, ended.success))
}
