//! The programs that are proved, compiled for the machine and kept in git: whoever has no compiler
//! for it runs and proves these.

mod record;
pub mod toolchain;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use eyre::{Context, OptionExt, Result, bail, ensure};

use crate::test::core::cargo;
use crate::{process, repo};
use record::Record;
use toolchain::Optimization;

/// What `cargo xtask guests --help` teaches.
pub const USAGE: &str = "
cargo xtask guests [--check | --sizes | --profile KIND COUNT]

Compiles the programs of zkvm/examples and the batch guest for the machine that is proved, and
writes them to zkvm/examples/elf and guests/batch/elf with a record of the compiler that made them.
The same compiler makes the same bytes on every machine and in every folder.

With --check it writes nothing and fails if a file would change. If the compiler is not the recorded
one, the bytes may differ; then it runs the new programs and compares their outputs.

With --sizes it prints the size of each part of the batch guest's code, as it is in git.

With --profile it prints where the batch guest spends its instructions and its calls of precompiles,
by function, on a batch of so many transactions of a kind of `cargo xtask bench batches`. To look at
another compiled guest than the one in git, name its folder in MINSTER_BATCH_ELF.

Needs Debian's rustc-web, cargo-web, rust-web-src and lld-22.
";

/// Programs of one crate.
struct Set {
    package: &'static str,
    /// Where their sources are, one file for each.
    sources: &'static str,
    /// Where they are kept, with their record.
    folder: &'static str,
    /// Tests that run them, and the variable that names another folder to these.
    tests: &'static [&'static str],
    variable: &'static str,
    optimization: Optimization,
}

const SETS: &[Set] = &[
    Set {
        package: "minster-examples",
        sources: "zkvm/examples/src/bin",
        folder: "zkvm/examples/elf",
        tests: &["--package", "minster-examples"],
        variable: "MINSTER_EXAMPLES_ELF",
        optimization: Optimization::Speed,
    },
    Set {
        package: "minster-batch-guest",
        sources: "guests/batch/src/bin",
        folder: "guests/batch/elf",
        tests: &["--package", "minster-tests", "--test", "batches"],
        variable: "MINSTER_BATCH_ELF",
        optimization: Optimization::Balanced,
    },
];

const RECORD: &str = "versions.toml";
const EXTENSION: &str = "elf";

type Programs = BTreeMap<String, Vec<u8>>;

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        [flag] if flag == "--sizes" => return print("sizes", &[]),
        [flag, workload @ ..] if flag == "--profile" => return print("profile", workload),
        _ => bail!("guests takes --check, --sizes or --profile KIND COUNT"),
    };
    if let Some(missing) = toolchain::missing() {
        bail!("no {missing}: needs Debian's {}", toolchain::PACKAGES.join(", "));
    }
    if check {
        return self::check().map(|()| true);
    }
    for set in SETS {
        let programs = set.build()?;
        let record = Record::new(toolchain::versions()?, &programs);
        write(&repo::root().join(set.folder), &programs, &record)?;
    }
    Ok(true)
}

/// Runs a program of the tests that looks at the batch guest.
fn print(program: &str, arguments: &[String]) -> Result<bool> {
    let run = ["run", "--quiet", "--profile", "ci", "--package", "minster-tests", "--bin", program];
    let mut command = cargo(&run);
    command.arg("--").args(arguments).current_dir(repo::root());
    Ok(command.status()?.success())
}

/// Builds the programs and holds them against the ones in git.
pub fn check() -> Result<()> {
    SETS.iter().try_for_each(Set::check)
}

impl Set {
    fn check(&self) -> Result<()> {
        let folder = repo::root().join(self.folder);
        let path = folder.join(RECORD);
        let text = fs::read_to_string(&path).wrap_err("no record: run `cargo xtask guests`")?;
        let record = Record::parse(&text).wrap_err(RECORD)?;
        let stored = read(&folder, |name| name.strip_suffix(EXTENSION)?.strip_suffix('.'))?;
        let versions = record.versions.clone();
        let is_true = Record::new(versions, &stored) == record;
        ensure!(is_true, "{RECORD} does not fit the programs: run `cargo xtask guests`");

        let built = self.build()?;
        ensure!(built.keys().eq(stored.keys()), "other programs: run `cargo xtask guests`");
        let versions = toolchain::versions()?;
        if versions == record.versions {
            let differs = |name: &&String| built.get(*name) != stored.get(*name);
            let stale: Vec<&str> = built.keys().filter(differs).map(String::as_str).collect();
            ensure!(stale.is_empty(), "{} changed: run `cargo xtask guests`", stale.join(", "));
            return Ok(());
        }
        let made = &record.versions;
        println!("warning: made by {made:?}, this is {versions:?}: outputs are compared");
        let folder = toolchain::output().join(EXTENSION).join(self.package);
        write(&folder, &built, &Record::new(versions, &built))?;
        let mut tests = cargo(&["test", "--profile", "ci"]);
        let ended = process::stream(tests.args(self.tests).env(self.variable, &folder))?;
        ensure!(ended.success, "the programs of this compiler give other outputs");
        Ok(())
    }

    fn build(&self) -> Result<Programs> {
        let mut command = toolchain::cargo();
        command.args(["--package", self.package, "--bins"]);
        toolchain::optimize(&mut command, self.optimization);
        let ended = process::stream(&mut command)?;
        ensure!(ended.success, "{}", ended.how);
        let sources = read(&repo::root().join(self.sources), |name| name.strip_suffix(".rs"))?;
        let program = |name: String| {
            let bytes = fs::read(toolchain::output().join(&name)).wrap_err_with(|| name.clone())?;
            Ok((name, bytes))
        };
        sources.into_keys().map(program).collect()
    }
}

/// The files of a folder whose names the function shortens.
fn read(folder: &Path, shorten: impl Fn(&str) -> Option<&str>) -> Result<Programs> {
    let mut files = Programs::new();
    for entry in fs::read_dir(folder).wrap_err_with(|| folder.display().to_string())? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_eyre("not UTF-8")?;
        if let Some(name) = shorten(name) {
            files.insert(name.to_owned(), fs::read(&path)?);
        }
    }
    Ok(files)
}

fn write(folder: &Path, programs: &Programs, record: &Record) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in programs {
        fs::write(folder.join(format!("{name}.{EXTENSION}")), bytes)?;
    }
    for old in read(folder, |name| name.strip_suffix(EXTENSION)?.strip_suffix('.'))?.into_keys() {
        if !programs.contains_key(&old) {
            fs::remove_file(folder.join(format!("{old}.{EXTENSION}")))?;
        }
    }
    fs::write(folder.join(RECORD), record.text()).wrap_err(RECORD)
}
