//! What the documents promise: their links, paths and commands, and one README for each crate.

use super::Finding;
use crate::commands::COMMANDS;
use crate::repo::{File, Repo};

const ARCHITECTURE_LINES_MAX: usize = 300;

pub fn readmes(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &repo.metadata.members {
        let readme = format!("{}/README.md", member.folder);
        if repo.text(&readme).is_none_or(|text| text.trim().is_empty()) {
            findings.push(Finding::new(readme, "is missing or empty"));
        }
        let roots = ["lib", "main"].map(|name| format!("{}/src/{name}.rs", member.folder));
        let Some(root) = roots.iter().find(|path| repo.paths.contains(*path)) else { continue };
        let text = repo.text(root).unwrap_or_default();
        if !text.contains("#![doc = include_str!(\"../README.md\")]") {
            findings.push(Finding::new(root, "does not include README.md as its documentation"));
        }
    }
    findings
}

fn documents(repo: &Repo) -> impl Iterator<Item = &File> {
    repo.files.iter().filter(|file| file.is("md"))
}

pub fn links(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in documents(repo) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (index, line) in prose(&file.text) {
            for target in link_targets(line) {
                let path = target.split('#').next().unwrap_or_default();
                let elsewhere = path.is_empty() || path.contains("://") || path.contains(':');
                if !elsewhere && !exists(repo, &join(folder, path)) {
                    findings.push(Finding::at(&file.path, index, format!("{path} is not there")));
                }
            }
            for path in line.split('`').skip(1).step_by(2) {
                if is_dangling(repo, folder, path) {
                    findings.push(Finding::at(&file.path, index, format!("{path} is not there")));
                }
            }
        }
    }
    findings
}

/// The lines outside of fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// A backticked word is a path if its first part is a folder of the repository or of the
/// document's own crate, or if it has a folder and the name of a file.
fn is_dangling(repo: &Repo, folder: &str, word: &str) -> bool {
    let word = word.split_once(':').map_or(word, |(path, _)| path).trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let Some((first, _)) = word.split_once('/') else { return false };
    if first.is_empty() || matches!(first, "target" | "." | "..") || !word.chars().all(plain) {
        return false;
    }
    let known = exists(repo, first) || exists(repo, &join(folder, first));
    known && !exists(repo, word) && !exists(repo, &join(folder, word))
}

fn exists(repo: &Repo, path: &str) -> bool {
    path.is_empty() || repo.paths.contains(path.trim_end_matches('/'))
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

pub fn commands(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in documents(repo) {
        for (index, line) in file.text.lines().enumerate() {
            for rest in line.split("cargo xtask ").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                let placeholder = !name.starts_with(|c: char| c.is_ascii_lowercase());
                if !placeholder && !COMMANDS.iter().any(|command| command.name == name) {
                    let what = format!("there is no command `cargo xtask {name}`");
                    findings.push(Finding::at(&file.path, index, what));
                }
            }
        }
    }
    findings
}

pub fn architecture(repo: &Repo) -> Vec<Finding> {
    let lines = repo.text("ARCHITECTURE.md").map_or(0, |text| text.lines().count());
    if lines <= ARCHITECTURE_LINES_MAX {
        return Vec::new();
    }
    vec![Finding::new("ARCHITECTURE.md", format!("has {lines} lines"))]
}
