//! What a number must be read with: the processor and the commit.

use std::process::Command;

use crate::{process, repo};

/// One line for under a table.
pub fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores, commit {}", processor(), commit())
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map(|(_, name)| name.to_owned());
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        process::capture(Command::new("git").args(arguments).current_dir(repo::root()))
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&["status", "--porcelain"]).is_some_and(|status| !status.is_empty());
    format!("{}{}", commit.trim(), if changed { " and changes" } else { "" })
}
