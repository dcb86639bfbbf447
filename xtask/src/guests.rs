//! The example programs, compiled for the machine that is proved and kept in git: whoever has no
//! compiler for it runs and proves these.

mod record;
pub mod toolchain;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use eyre::{Context, OptionExt, Result, bail, ensure};

use crate::test::core::cargo;
use crate::{process, repo};
use record::Record;

/// What `cargo xtask guests --help` teaches.
pub const USAGE: &str = "
cargo xtask guests [--check]

Compiles the programs of zkvm/examples for the machine that is proved, and writes them to
zkvm/examples/elf with a record of the compiler that made them. The same compiler makes the same
bytes on every machine and in every folder.

With --check it writes nothing and fails if a file would change. If the compiler is not the recorded
one, the bytes may differ; then it runs the new programs and compares their outputs.

Needs Debian's rustc-web, cargo-web, rust-web-src and lld-22.
";

const SOURCES: &str = "zkvm/examples/src/bin";
const FOLDER: &str = "zkvm/examples/elf";
const RECORD: &str = "versions.toml";
const EXTENSION: &str = "elf";

/// Names the folder of the programs that the tests of `minster-examples` run; by default the one
/// in git.
const FOLDER_VARIABLE: &str = "MINSTER_EXAMPLES_ELF";

type Programs = BTreeMap<String, Vec<u8>>;

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("guests takes --check and nothing else"),
    };
    if let Some(missing) = toolchain::missing() {
        bail!("no {missing}: needs Debian's {}", toolchain::PACKAGES.join(", "));
    }
    if check {
        return self::check().map(|()| true);
    }
    let programs = build()?;
    let record = Record::new(toolchain::versions()?, &programs);
    write(&repo::root().join(FOLDER), &programs, &record)?;
    Ok(true)
}

/// Builds the programs and holds them against the ones in git.
pub fn check() -> Result<()> {
    let folder = repo::root().join(FOLDER);
    let path = folder.join(RECORD);
    let text = fs::read_to_string(&path).wrap_err("no record: run `cargo xtask guests`")?;
    let record = Record::parse(&text).wrap_err(RECORD)?;
    let stored = read(&folder, |name| name.strip_suffix(EXTENSION)?.strip_suffix('.'))?;
    let versions = record.versions.clone();
    let is_true = Record::new(versions, &stored) == record;
    ensure!(is_true, "{RECORD} does not fit the programs: run `cargo xtask guests`");

    let built = build()?;
    ensure!(built.keys().eq(stored.keys()), "other programs: run `cargo xtask guests`");
    let versions = toolchain::versions()?;
    if versions == record.versions {
        let differs = |name: &&String| built.get(*name) != stored.get(*name);
        let stale: Vec<&str> = built.keys().filter(differs).map(String::as_str).collect();
        ensure!(stale.is_empty(), "{} changed: run `cargo xtask guests`", stale.join(", "));
        return Ok(());
    }
    println!("warning: made by {:?}, this is {versions:?}: outputs are compared", record.versions);
    let folder = toolchain::output().join(EXTENSION);
    write(&folder, &built, &Record::new(versions, &built))?;
    let mut tests = cargo(&["test", "--profile", "ci", "--package", "minster-examples"]);
    let ended = process::stream(tests.env(FOLDER_VARIABLE, &folder))?;
    ensure!(ended.success, "the programs of this compiler give other outputs");
    Ok(())
}

fn build() -> Result<Programs> {
    let mut command = toolchain::cargo();
    let ended = process::stream(command.args(["--package", "minster-examples", "--bins"]))?;
    ensure!(ended.success, "{}", ended.how);
    let sources = read(&repo::root().join(SOURCES), |name| name.strip_suffix(".rs"))?;
    let program = |name: String| {
        let bytes = fs::read(toolchain::output().join(&name)).wrap_err_with(|| name.clone())?;
        Ok((name, bytes))
    };
    sources.into_keys().map(program).collect()
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
