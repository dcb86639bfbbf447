//! Group clients: the first hour of a newcomer with other people's tools, and what else needs
//! packages of npm or PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use eyre::{Result, WrapErr};

use super::core::{BUILD, cargo, step};
use super::report::{Report, Tally};
use super::{binary, target};
use crate::devnode::DevNode;
use crate::{precontracts, process, repo};

const INSTALL_LIMIT: Duration = Duration::from_secs(600);
const SCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// Scripts in tests/clients that talk to one running node.
const AGAINST_NODE: &[&str] = &["cast.mjs", "viem.mjs", "first_hour.py"];
/// Scripts that start and kill nodes of their own.
const WITH_OWN_NODE: &[&str] = &["restart.mjs"];

pub fn run(report: &mut Report) -> Result<()> {
    for tool in ["node", "npm", "python3"] {
        if !process::exists(tool) {
            report.skip(&format!("no {tool}"));
            return Ok(());
        }
    }
    report.step("precontracts", || precontracts::run(true).map(|()| Tally::one(true)));
    report.step("contracts", contracts);
    let tools = Tools::new();
    if !report.step("build", || step(&mut cargo(BUILD))) {
        return Ok(());
    }
    if !report.step("install", || tools.install()) {
        return Ok(());
    }
    let log = tools.folder.join("minster-dev.log");
    let node = DevNode::start(&binary(), &log)
        .wrap_err_with(|| format!("minster dev, log in {}", log.display()))?;
    for script in AGAINST_NODE {
        report.step(script, || tools.script(script, &[("MINSTER_RPC_URL", &node.url())]));
    }
    drop(node);
    let binary = binary().display().to_string();
    for script in WITH_OWN_NODE {
        report.step(script, || tools.script(script, &[("MINSTER_BIN", &binary)]));
    }
    report.step("another EVM", another_evm);
    Ok(())
}

/// Whether the contracts that the tests deploy are what their packages have.
fn contracts() -> Result<Tally> {
    let mut command = Command::new("node");
    command.arg(repo::root().join("tests/contracts/check.mjs"));
    let ended = process::bounded(&mut command, INSTALL_LIMIT)?;
    Ok(Tally::of_script(&ended.stdout, ended.success))
}

/// Random cases that the OS is held against another EVM on: half a minute of them.
const EVM_CASES: &str = "2000";

/// The OS against an EVM by others.
fn another_evm() -> Result<Tally> {
    let tools = Tools { sources: sources().join("evm"), folder: target().join("tools/evm") };
    let mut tally = tools.install_packages()?;
    // The whole workspace, so that its crates have the features that they are built with already.
    let test = ["--workspace", "--test", "differential"];
    let mut command = cargo(&["test", "--profile", "ci"]);
    command.args(test).envs([oracle()?]).env("PROPTEST_CASES", EVM_CASES);
    let ended = process::stream(&mut command)?;
    tally.add(Tally::of_cargo_test(&ended.stdout, ended.success));
    Ok(tally)
}

/// Tells the test where that EVM is, once it is installed.
pub fn oracle() -> Result<(&'static str, PathBuf)> {
    Ok(("MINSTER_EVM_ORACLE", std::path::absolute(target().join("tools/evm/oracle.mjs"))?))
}

/// The packages of others. Not in target/tools itself: their package.json would rule its folders.
struct Tools {
    sources: PathBuf,
    folder: PathBuf,
}

impl Tools {
    fn new() -> Self {
        Self { sources: sources(), folder: target().join("tools/clients") }
    }

    fn install(&self) -> Result<Tally> {
        let mut tally = self.install_packages()?;
        tally.add(self.bounded(Path::new("python3"), &["-m", "venv", "venv"])?);
        let pip = ["-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"];
        tally.add(self.bounded(&self.python(), &pip)?);
        Ok(tally)
    }

    /// Copies the manifests beside the packages, since npm and node look for them there.
    fn install_packages(&self) -> Result<Tally> {
        std::fs::create_dir_all(&self.folder)?;
        for entry in std::fs::read_dir(&self.sources)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), self.folder.join(entry.file_name()))?;
            }
        }
        let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        self.bounded(Path::new("npm"), &npm)
    }

    fn bounded(&self, program: &Path, arguments: &[&str]) -> Result<Tally> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        let ended = process::bounded(&mut command, INSTALL_LIMIT)?;
        if !ended.success {
            println!("{}", ended.how);
        }
        Ok(Tally::one(ended.success))
    }

    fn python(&self) -> PathBuf {
        self.folder.join("venv/bin/python")
    }

    fn script(&self, name: &str, variables: &[(&str, &String)]) -> Result<Tally> {
        let python = self.python();
        let program = if name.ends_with(".py") { python.as_path() } else { Path::new("node") };
        let mut command = Command::new(program);
        command.arg(name).current_dir(&self.folder).envs(variables.iter().copied());
        let ended = process::bounded(&mut command, SCRIPT_LIMIT)?;
        if !ended.success {
            println!("{}", ended.how);
        }
        Ok(Tally::of_script(&ended.stdout, ended.success))
    }
}

fn sources() -> PathBuf {
    repo::root().join("tests/clients")
}
