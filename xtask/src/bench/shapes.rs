//! The search for the shapes of segments that suit batches.

use eyre::{Result, bail, ensure};

use super::machine;
use crate::repo;
use crate::test::core::cargo;

/// So many shapes are looked for beside the general ones. Each makes batches cheaper, the last ones
/// by less than a hundredth together, and is another key for recursion.
const SHAPES: &str = "32";
/// So long they are made better, after some two minutes that find them.
const SECONDS: &str = "480";

/// The benchmark.
pub fn run(arguments: &[String]) -> Result<bool> {
    let program = ["run", "--release", "--package", "minster-tests", "--bin", "shapes", "--"];
    let flags: &[&str] = match arguments {
        [] => &[],
        [flag] if flag == "--write" => &["--write"],
        _ => bail!("bench shapes takes --write, or nothing"),
    };
    let all: Vec<&str> = program.iter().chain(&[SHAPES, SECONDS]).chain(flags).copied().collect();
    let status = cargo(&all).current_dir(repo::root()).status()?;
    ensure!(status.success(), "the search failed");
    if !flags.is_empty() {
        let status = cargo(&["fmt"]).current_dir(repo::root()).status()?;
        ensure!(status.success(), "cargo fmt failed");
    }
    println!("\nCells of each transaction, with everything of its batch. {}", machine::line());
    Ok(true)
}
