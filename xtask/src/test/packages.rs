//! Programs of Debian's packages, which root installs where they are missing.

use std::path::Path;
use std::process::Command;

use eyre::{Result, ensure};

use super::core::step;
use super::report::{Report, Tally};
use crate::process;

/// Whether everything is there, after an attempt to install it.
pub fn provide(
    report: &mut Report,
    part: &str,
    missing: fn() -> Option<&'static str>,
    packages: &[&str],
) -> bool {
    let Some(what) = missing() else { return true };
    if may_install() {
        return report.step(&format!("install {part}"), || install(packages, missing));
    }
    report.skip_part(part, &format!("no {what}: needs Debian's {}", packages.join(", ")));
    false
}

fn may_install() -> bool {
    let root = process::capture(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    root && Path::new("/etc/debian_version").exists() && process::exists("apt-get")
}

fn install(packages: &[&str], missing: fn() -> Option<&'static str>) -> Result<Tally> {
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        command
    };
    step(apt().arg("update"))?;
    let tally = step(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))?;
    let missing = missing();
    ensure!(missing.is_none(), "no {} after the installation", missing.unwrap_or_default());
    Ok(tally)
}
