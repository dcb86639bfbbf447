//! Programs of Debian's packages, which root installs where they are missing, and packages of
//! Python.

use std::path::{Path, absolute};
use std::process::Command;
use std::time::Duration;

use eyre::{Result, ensure};

use super::core::step;
use super::report::{Report, Tally};
use crate::process;

/// The longest that packages of others take to come.
pub const INSTALL_LIMIT: Duration = Duration::from_secs(600);

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

/// Whether Python can make an environment for packages; Debian has that in python3-venv.
pub fn has_venv() -> bool {
    process::capture(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some()
}

/// Installs the packages that `requirements.txt` in a folder pins into `venv` there.
pub fn install_python(folder: &Path) -> Result<Tally> {
    let python = absolute(folder.join("venv/bin/python"))?;
    let pip = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"];
    let mut tally = install_in(folder, Command::new("python3").args(["-m", "venv", "venv"]))?;
    tally.add(install_in(folder, Command::new(python).args(pip))?);
    Ok(tally)
}

/// Runs a command that installs something in a folder.
pub fn install_in(folder: &Path, command: &mut Command) -> Result<Tally> {
    let ended = process::bounded(command.current_dir(folder), INSTALL_LIMIT)?;
    if !ended.success {
        println!("{}", ended.how);
    }
    Ok(Tally::one(ended.success))
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
