//! The rules of the house, each a function from the repository to what breaks it.

mod constraints;
mod dependencies;
mod documents;
mod exceptions;
mod layering;
mod rust_text;
mod sizes;
#[cfg(test)]
mod tests;
mod tiers;
mod words;

use eyre::{Result, ensure};

use crate::repo::Repo;

/// What `cargo xtask tidy --help` teaches.
pub const USAGE: &str = "
cargo xtask tidy

Holds every file that git tracks, or would track, to the rules of the house. One line for each rule,
and under it each place that breaks it. Ends with status 1 if there is any.

Sizes have a list of exceptions, `xtask/src/tidy/exceptions.rs`, that may only shrink.
The layer table is `xtask/src/layers.rs`.
";

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// File, or file and line.
    pub place: String,
    /// What is wrong there, as a sentence.
    pub what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    fn at(path: &str, index: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", index + 1), what)
    }
}

/// A rule and the function that finds what breaks it.
pub struct Check {
    name: &'static str,
    run: fn(&Repo) -> Vec<Finding>,
}

const fn check(name: &'static str, run: fn(&Repo) -> Vec<Finding>) -> Check {
    Check { name, run }
}

/// All of them.
pub const CHECKS: &[Check] = &[
    check("every crate is in the layer table", layering::rows),
    check("arrows point down", layering::arrows),
    check("every crate keeps the lints of its tier", tiers::attributes),
    check("every crate takes the workspace lints", tiers::workspace_lints),
    check("lints are expected with a reason, never allowed", tiers::no_allow),
    check("proved code names no clock, float or unordered map", tiers::proved_words),
    check("lines are at most 100 columns", sizes::lines),
    check("functions are at most 70 lines", sizes::functions),
    check("files are at most 600 lines", sizes::files),
    check("every Rust file belongs to a crate", sizes::dead_files),
    check("unfinished marks carry an issue number", words::unfinished),
    check("nothing names this machine or a registry host", words::places),
    check("every crate has a README that is its documentation", documents::readmes),
    check("links and paths in documents exist", documents::links),
    check("commands in documents exist", documents::commands),
    check("ARCHITECTURE.md is at most 300 lines", documents::architecture),
    check("the README of a chip has its seven parts", constraints::headings),
    check("a constraint has an id, a clause and a negative test", constraints::links),
    check("dependencies come from the registry under a known licence", dependencies::packages),
    check("other lock files are exact and name no host", dependencies::lock_files),
];

/// How many rules held.
#[derive(Default)]
pub struct Outcome {
    /// Rules without a finding.
    pub passed: u32,
    /// Rules with one.
    pub failed: u32,
}

/// Runs all checks and prints what they find.
pub fn run_all() -> Result<Outcome> {
    let repo = Repo::load()?;
    let mut outcome = Outcome::default();
    for check in CHECKS {
        let findings = (check.run)(&repo);
        if findings.is_empty() {
            outcome.passed += 1;
            println!("ok   {}", check.name);
            continue;
        }
        outcome.failed += 1;
        println!("FAIL {}", check.name);
        for finding in findings {
            println!("     {}: {}", finding.place, finding.what);
        }
    }
    Ok(outcome)
}

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    ensure!(arguments.is_empty(), "tidy takes no arguments");
    let outcome = run_all()?;
    println!("{} passed, {} failed", outcome.passed, outcome.failed);
    Ok(outcome.failed == 0)
}
