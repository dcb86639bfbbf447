//! Group clients: other people's tools and contracts against a running node, and what else needs
//! packages of npm or PyPI.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use eyre::{Result, WrapErr, ensure};

use super::core::{BUILD, cargo, step};
use super::packages::{INSTALL_LIMIT, install_in, install_python};
use super::report::{Report, Tally};
use super::{binary, target, vectors};
use crate::devnode::DevNode;
use crate::{precontracts, process, repo};

const SCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// Folders in tests/clients whose scripts talk to one running node.
const AGAINST_NODE: &[&str] = &["foundry", "viem", "ethers", "web3py"];
/// Scripts that start and kill nodes of their own.
const WITH_OWN_NODE: &[&str] = &["own_node/restart.mjs"];
/// Runs one of those, and holds what the node answers it against the specification.
const BEHIND_SCHEMA: &str = "behind_schema.mjs";
/// Shows that it can fail.
const SCHEMA_TEST: &str = "schema_test.mjs";

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
    if !report.step("compile", || tools.compile()) {
        return Ok(());
    }
    against_node(report, &tools)?;
    let binary = binary().display().to_string();
    for script in WITH_OWN_NODE {
        report.step(script, || tools.script(&[script], &[("MINSTER_BIN", &binary)]));
    }
    report.step("another EVM", another_evm);
    Ok(())
}

fn against_node(report: &mut Report, tools: &Tools) -> Result<()> {
    let vectors = vectors();
    let place = vectors.display().to_string();
    let vectors = if vectors.is_dir() {
        report.step(SCHEMA_TEST, || tools.script(&[SCHEMA_TEST], &[("MINSTER_VECTORS", &place)]));
        place
    } else {
        report.skip_part("schema", &format!("no folder at {place}"));
        String::new()
    };
    let log = tools.folder.join("minster-dev.log");
    let node = DevNode::start(&binary(), &log)
        .wrap_err_with(|| format!("minster dev, log in {}", log.display()))?;
    let variables = [("MINSTER_RPC_URL", &node.url()), ("MINSTER_VECTORS", &vectors)];
    for script in scripts()? {
        report.step(&script, || tools.script(&[BEHIND_SCHEMA, &script], &variables));
    }
    Ok(())
}

/// Every script for the running node, so that none is forgotten.
fn scripts() -> Result<Vec<String>> {
    let mut scripts = Vec::new();
    for folder in AGAINST_NODE {
        let before = scripts.len();
        for entry in fs::read_dir(sources().join(folder))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".mjs") || name.ends_with(".py") {
                scripts.push(format!("{folder}/{name}"));
            }
        }
        ensure!(scripts.len() > before, "no script in tests/clients/{folder}");
    }
    scripts.sort();
    Ok(scripts)
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

/// Installs anvil, and says where it is. It is pinned for Linux on x86-64, elsewhere it is the one
/// on the PATH.
pub fn anvil() -> Result<PathBuf> {
    let tools = Tools { sources: sources().join("anvil"), folder: target().join("tools/anvil") };
    ensure!(tools.install_packages()?.failed == 0, "npm ci failed");
    let pinned = tools.folder.join("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    Ok(if pinned.exists() { pinned } else { PathBuf::from("anvil") })
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
        tally.add(install_python(&self.folder)?);
        Ok(tally)
    }

    /// Makes what the scripts deploy.
    fn compile(&self) -> Result<Tally> {
        let contracts = repo::root().join("tests/contracts").display().to_string();
        self.script(&["compile.mjs"], &[("MINSTER_CONTRACTS", &contracts)])
    }

    /// Copies manifests and scripts beside the packages, since npm and node look for them there.
    fn install_packages(&self) -> Result<Tally> {
        copy(&self.sources, &self.folder)?;
        let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        install_in(&self.folder, Command::new("npm").args(npm))
    }

    /// Runs node on a script and its arguments.
    fn script(&self, arguments: &[&str], variables: &[(&str, &String)]) -> Result<Tally> {
        let mut command = Command::new("node");
        command.args(arguments).current_dir(&self.folder).envs(variables.iter().copied());
        let ended = process::bounded(&mut command, SCRIPT_LIMIT)?;
        if !ended.success {
            println!("{}", ended.how);
        }
        Ok(Tally::of_script(&ended.stdout, ended.success))
    }
}

/// Copies a folder, but not what is installed in it by hand or on its own. Folders below come out
/// as they are now, without what earlier versions had there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    const APART: &[&str] = &["node_modules", "venv", "evm", "anvil"];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), place)?;
        } else if !APART.iter().any(|name| entry.file_name() == *name) {
            if place.exists() {
                fs::remove_dir_all(&place)?;
            }
            copy(&entry.path(), &place)?;
        }
    }
    Ok(())
}

fn sources() -> PathBuf {
    repo::root().join("tests/clients")
}
