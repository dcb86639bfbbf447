//! Words that no tracked file may hold. They are put together here from parts, so that this file
//! does not hold them itself.

use super::Finding;
use super::rust_text::{code, has_word};
use crate::repo::{File, Repo};

const SOURCES: &[&str] = &["rs", "sol", "ts", "mjs", "js", "py", "sh", "toml", "yml"];

/// A to-do needs an issue; the macros that stand for missing code need to go.
pub fn unfinished(repo: &Repo) -> Vec<Finding> {
    let mark = concat!("TO", "DO");
    let mut findings = Vec::new();
    for file in repo.files.iter().filter(|file| SOURCES.iter().any(|end| file.is(end))) {
        for (index, line) in file.text.lines().enumerate() {
            let numbered = line.split(mark).skip(1).all(|rest| rest.starts_with("(#"));
            if has_word(line, mark) && !numbered {
                let what = format!("write {mark}(#issue): …");
                findings.push(Finding::at(&file.path, index, what));
            }
        }
    }
    for file in repo.rust() {
        for (index, line) in code(&file.text).lines().enumerate() {
            let macros = [concat!("to", "do!"), concat!("unimplemented", "!"), concat!("dbg", "!")];
            for name in macros.into_iter().filter(|name| line.contains(name)) {
                findings.push(Finding::at(&file.path, index, format!("{name} does not merge")));
            }
        }
    }
    findings
}

/// The workplace is not part of the project.
pub fn places(repo: &Repo) -> Vec<Finding> {
    let banned = [
        concat!("/wo", "rk/"),
        concat!("fa", "rm-"),
        concat!("registry.np", "mjs"),
        concat!("py", "pi.org"),
        concat!("files.python", "hosted"),
        concat!("static.cra", "tes.io"),
        concat!("index.cra", "tes.io"),
        concat!("deb.deb", "ian.org"),
    ];
    let mut findings = Vec::new();
    let own_lock = |file: &&File| file.path != "Cargo.lock";
    for file in repo.files.iter().filter(own_lock) {
        for (index, line) in file.text.lines().enumerate() {
            for word in banned.into_iter().filter(|word| line.contains(word)) {
                findings.push(Finding::at(&file.path, index, format!("names {word}")));
            }
        }
    }
    findings
}
