//! Where the code of others comes from, and under which licence.

use super::Finding;
use crate::repo::{File, Repo};

pub const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licences under which a binary may be passed on with a notice alone, and those that ask even
/// less. MPL-2.0 and CDLA bind only the files that they cover.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub fn packages(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &repo.metadata.packages {
        if package.source != REGISTRY {
            let what = format!("comes from `{}`, not from the registry", package.source);
            findings.push(Finding::new(&*package.name, what));
        }
        if !is_known(&package.licence) {
            let what = format!("has the licence `{}`", package.licence);
            findings.push(Finding::new(&*package.name, what));
        }
    }
    findings
}

/// An SPDX expression, and the older form with `/` for OR. One known choice is enough.
fn is_known(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = expression.split_whitespace().peekable();
    let known = either(&mut words);
    known && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>) -> bool {
    let mut known = both(words);
    while words.next_if_eq(&"OR").is_some() {
        known |= both(words);
    }
    known
}

fn both(words: &mut Words<'_>) -> bool {
    let mut known = one(words);
    while words.next_if_eq(&"AND").is_some() {
        known &= one(words);
    }
    known
}

fn one(words: &mut Words<'_>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        return either(words) & (words.next() == Some(")"));
    }
    match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
        Some(exception) => LICENCES.contains(&format!("{word} WITH {exception}").as_str()),
        None => LICENCES.contains(&word),
    }
}

/// npm's and PyPI's lists of packages.
pub fn lock_files(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repo.files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if name == "requirements.txt" {
            findings.extend(requirements(file));
        }
        for (index, line) in file.text.lines().enumerate() {
            if name == "package-lock.json" && line.trim().starts_with("\"resolved\"") {
                findings.push(Finding::at(&file.path, index, "names a host"));
            }
        }
    }
    findings
}

/// A requirement goes over several lines, each but the last with a backslash at its end.
fn requirements(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut entry = String::new();
    for (index, line) in file.text.lines().enumerate() {
        entry.push_str(line.trim().trim_end_matches('\\'));
        if line.ends_with('\\') {
            continue;
        }
        let is_requirement = !entry.is_empty() && !entry.starts_with('#');
        let is_pinned = entry.contains("==") && entry.contains("--hash=sha256:");
        if is_requirement && !is_pinned {
            findings.push(Finding::at(&file.path, index, "is not pinned with == and --hash"));
        }
        entry.clear();
    }
    findings
}
