//! What the meter charges for, measured in the batch guest.

use eyre::{Result, bail, ensure};

use super::machine;
use crate::repo;
use crate::test::core::cargo;

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let is_known = |flag: &str| ["--write", "--table"].contains(&flag);
    if let Some(flag) =
        arguments.iter().find(|argument| argument.starts_with('-') && !is_known(argument))
    {
        bail!("bench meter takes --write, --table or names of cases, not {flag}");
    }
    let program = ["run", "--release", "--package", "minster-tests", "--bin", "meter", "--"];
    let arguments = arguments.iter().map(String::as_str);
    let all: Vec<&str> = program.into_iter().chain(arguments).collect();
    let status = cargo(&all).current_dir(repo::root()).status()?;
    ensure!(status.success(), "the measurement failed");
    println!(
        "\nCells that a prover pays for, cycle-equivalents, CPU-µs at the measured time of a cell."
    );
    println!("{}", machine::line());
    Ok(true)
}
