//! Limits on what a reader must hold at once, and files that no crate reaches.

use super::Finding;
use super::exceptions::{LONG_FILES, LONG_FUNCTIONS};
use super::rust_text::{code, has_word};
use crate::repo::{File, Repo};

const COLUMNS_MAX: usize = 100;
const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 600;

pub fn lines(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust() {
        for (index, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            // An address cannot be broken.
            if columns > COLUMNS_MAX && !line.contains("https://") {
                findings.push(Finding::at(&file.path, index, format!("has {columns} columns")));
            }
        }
    }
    findings
}

pub fn functions(repo: &Repo) -> Vec<Finding> {
    functions_but(repo, LONG_FUNCTIONS)
}

/// A function is a line with `fn` up to the closing brace of the same indentation: rustfmt, which
/// runs beside tidy, lays them out so.
pub fn functions_but(repo: &Repo, exceptions: &[&str]) -> Vec<Finding> {
    let mut long = Vec::new();
    for file in repo.rust() {
        let text = code(&file.text);
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(name) = function_name(line) else { continue };
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            let close = format!("{indent}}}");
            let rest = lines.iter().skip(index);
            let count = rest.take_while(|line| line.trim_end() != close).count() + 1;
            let one_line = line.trim_end().ends_with(['}', ';']);
            if count > FUNCTION_LINES_MAX && !one_line && !is_declaration(&lines, index) {
                long.push((format!("{}: {name}", file.path), format!("has {count} lines")));
            }
        }
    }
    held_against(long, exceptions)
}

fn function_name(line: &str) -> Option<&str> {
    if !has_word(line, "fn") {
        return None;
    }
    let (before, after) = line.split_once("fn ")?;
    let item = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern"];
    if !before.split_whitespace().all(|word| item.contains(&word)) {
        return None;
    }
    after.split(['(', '<']).next()
}

/// A trait method without a body, on several lines.
fn is_declaration(lines: &[&str], index: usize) -> bool {
    let end = lines.iter().skip(index).find(|line| line.trim_end().ends_with(['{', ';']));
    end.is_some_and(|line| line.trim_end().ends_with(';'))
}

pub fn files(repo: &Repo) -> Vec<Finding> {
    files_but(repo, LONG_FILES)
}

pub fn files_but(repo: &Repo, exceptions: &[&str]) -> Vec<Finding> {
    let mut long = Vec::new();
    for file in repo.rust().filter(|file| !file.is_test()) {
        let count = file.text.lines().count();
        if count > FILE_LINES_MAX {
            long.push((file.path.clone(), format!("has {count} lines")));
        }
    }
    held_against(long, exceptions)
}

fn held_against(long: Vec<(String, String)>, exceptions: &[&str]) -> Vec<Finding> {
    let stale: Vec<Finding> = exceptions
        .iter()
        .filter(|exception| !long.iter().any(|(place, _)| place == *exception))
        .map(|exception| Finding::new(*exception, "is an exception that is not needed any more"))
        .collect();
    long.into_iter()
        .filter(|(place, _)| !exceptions.contains(&place.as_str()))
        .map(|(place, what)| Finding::new(place, what))
        .chain(stale)
        .collect()
}

pub fn dead_files(repo: &Repo) -> Vec<Finding> {
    let is_dead = |file: &&File| {
        let Some((folder, name)) = file.path.rsplit_once('/') else { return false };
        let in_source = format!("{folder}/").contains("/src/");
        let is_root = matches!(name, "lib.rs" | "main.rs") || folder.ends_with("/bin");
        in_source && !is_root && !is_declared(repo, folder, name)
    };
    let dead = repo.rust().filter(is_dead);
    dead.map(|file| Finding::new(&*file.path, "is in no crate: nothing declares it")).collect()
}

fn is_declared(repo: &Repo, folder: &str, name: &str) -> bool {
    let (folder, module) = match name.strip_suffix(".rs") {
        Some("mod") => folder.rsplit_once('/').unwrap_or_default(),
        Some(stem) => (folder, stem),
        None => return true,
    };
    let parents = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"].map(|end| format!("{folder}{end}"));
    let word = format!("mod {module};");
    parents.iter().filter_map(|path| repo.text(path)).any(|text| has_word(&code(text), &word))
}
