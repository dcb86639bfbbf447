//! Group guest: the protocol crates compiled for the machine that is proved.
//!
//! The standard library has no build for it, so `core` and `alloc` are compiled from source, and
//! that needs a compiler and a source of one version, such as Debian's.

use std::path::Path;
use std::process::Command;

use eyre::{Result, ensure};

use super::report::{Report, Tally};
use super::{core::step, target};
use crate::layers::{self, Tier};
use crate::metadata::Metadata;
use crate::{process, repo};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/rust-lld";
const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

pub fn run(report: &mut Report) -> Result<()> {
    if let Some(missing) = missing() {
        if !may_install() {
            report.skip(&format!("no {missing}: needs Debian's {}", PACKAGES.join(", ")));
            return Ok(());
        }
        if !report.step("install", install) {
            return Ok(());
        }
    }
    report.step("protocol for riscv32im", build);
    Ok(())
}

fn missing() -> Option<&'static str> {
    [RUSTC, CARGO, LINKER].into_iter().find(|path| !Path::new(path).exists()).or_else(|| {
        let source = process::capture(Command::new(RUSTC).args(["--print", "sysroot"]));
        let source = source.unwrap_or_default();
        let library = Path::new(source.trim()).join("lib/rustlib/src/rust/library/core");
        (!library.exists()).then_some("library source for /usr/bin/rustc")
    })
}

fn may_install() -> bool {
    let root = process::capture(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    root && Path::new("/etc/debian_version").exists() && process::exists("apt-get")
}

fn install() -> Result<Tally> {
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        command
    };
    step(apt().arg("update"))?;
    let tally = step(apt().args(["install", "--yes", "--no-install-recommends"]).args(PACKAGES))?;
    Ok(tally)
}

fn build() -> Result<Tally> {
    let root = repo::root();
    let mut crates = Metadata::load(&root)?.members;
    crates.retain(|member| {
        layers::find(&member.folder).is_some_and(|layer| layer.tier == Tier::Proved)
    });
    ensure!(!crates.is_empty(), "no crate to compile");
    let mut command = Command::new(CARGO);
    command
        .current_dir(&root)
        .args(["build", "--release", "--locked", "--lib", "--no-default-features"])
        .arg("--target")
        .arg(root.join("xtask/guest/riscv32im-minster.json"))
        .args(["-Z", "json-target-spec", "-Z", "build-std=core,alloc"])
        .args(["-Z", "build-std-features=compiler-builtins-mem"]);
    for member in &crates {
        command.args(["--package", &member.name]);
    }
    // A wrapper or flags for the host's compiler would reach the guest's, which is another one.
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTUP_TOOLCHAIN", "CARGO"] {
        command.env_remove(name);
    }
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", RUSTC)
        .env("RUSTDOC", "/usr/bin/rustdoc")
        .env("RUSTFLAGS", "-C passes=lower-atomic")
        .env("CARGO_TARGET_DIR", target().join("guest"));
    step(&mut command)
}
