//! The constraints of the zkVM's chips: each has an id, which the code, a clause of the chip's
//! README and a negative test share.
//!
//! An id is the chip's prefix, its folder in capitals, and a number: `ADD-3`. Number 0 is for a
//! guard that the proof system cannot reach, such as a row of a wrong width: it has a clause that
//! says so, and no test.

use std::collections::BTreeMap;

use super::Finding;
use crate::repo::{File, Repo};

const MACHINE: &str = "zkvm/machine/src";
const CHIPS: &str = "zkvm/machine/src/chips/";
const HEADINGS: [&str; 7] = [
    "## 1. Statement",
    "## 2. Columns",
    "## 3. Buses",
    "## 4. Constraints",
    "## 5. Soundness",
    "## 6. Completeness",
    "## 7. Assumptions",
];
const CALLS: [&str; 2] = [".constrain(", ".constrain_bool("];

/// The folder of each chip.
fn chips(repo: &Repo) -> impl Iterator<Item = &str> {
    let modules = repo.paths.iter().filter_map(|path| path.strip_suffix("/mod.rs"));
    modules.filter(|folder| folder.strip_prefix(CHIPS).is_some_and(|name| !name.contains('/')))
}

/// The prefix of the ids of a chip.
fn prefix(folder: &str) -> String {
    folder.strip_prefix(CHIPS).unwrap_or_default().to_uppercase()
}

/// A chip's README has the parts that a reader looks for.
pub fn headings(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in chips(repo) {
        let path = format!("{folder}/README.md");
        let text = repo.text(&path).unwrap_or_default();
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        let missing: Vec<&str> =
            HEADINGS.into_iter().filter(|heading| !found.contains(heading)).collect();
        if !missing.is_empty() {
            findings.push(Finding::new(path, format!("lacks {}", missing.join(", "))));
        } else if found != HEADINGS {
            findings.push(Finding::new(path, "has other headings than the seven, in their order"));
        }
    }
    findings
}

/// Each id in the code has a clause and a test; each clause has an id in the code.
pub fn links(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    for file in sources(repo) {
        let chip = chips(repo).find(|folder| file.is_below(folder));
        for (index, id) in in_code(&file.text) {
            let place = format!("{}:{}", file.path, index + 1);
            let owner = chips(repo).find(|folder| is_of(&id, &prefix(folder)));
            if owner.is_none() || (chip.is_some() && owner != chip) {
                findings
                    .push(Finding::new(place, format!("{id} is the id of another chip, or none")));
            } else if let Some(other) = labels.insert(id.clone(), place.clone()) {
                findings.push(Finding::new(place, format!("{id} is taken: {other}")));
            }
        }
        findings.extend(unnamed(file));
    }
    for folder in chips(repo) {
        findings.extend(sides(repo, folder, &labels));
    }
    findings
}

/// The sides of one chip's constraints. `labels` are the ids in the code and their places.
fn sides(repo: &Repo, folder: &str, labels: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let prefix = prefix(folder);
    let readme = format!("{folder}/README.md");
    let clauses = clauses(repo.text(&readme).unwrap_or_default());
    let is_tested = |id: &str| {
        let tests = repo.rust().filter(|file| file.is_below(folder) && is_test(file));
        let quoted = format!("\"{id}\"");
        tests.into_iter().any(|file| file.text.contains(&quoted))
    };
    for (id, place) in labels.iter().filter(|(id, _)| is_of(id, &prefix)) {
        if !clauses.iter().any(|(_, clause)| clause == id) {
            findings.push(Finding::new(place, format!("{id} has no clause in {readme}")));
        }
        if !id.ends_with("-0") && !is_tested(id) {
            findings.push(Finding::new(place, format!("{id} has no test in {folder}/tests.rs")));
        }
    }
    for (at, (index, clause)) in clauses.iter().enumerate() {
        if !labels.contains_key(clause) {
            findings.push(Finding::at(&readme, *index, format!("{clause} is not in the code")));
        }
        if clauses.iter().take(at).any(|(_, before)| before == clause) {
            findings.push(Finding::at(&readme, *index, format!("{clause} has two clauses")));
        }
    }
    findings
}

/// The code of the machine, without its tests.
fn sources(repo: &Repo) -> impl Iterator<Item = &File> {
    repo.rust().filter(|file| file.is_below(MACHINE) && !is_test(file))
}

fn is_test(file: &File) -> bool {
    file.is_test()
}

/// The ids of a source with their lines: every string of that form, since some ids reach
/// `constrain` through an argument.
fn in_code(text: &str) -> Vec<(usize, String)> {
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(index, line)| {
        let strings = line.split('"').skip(1).step_by(2);
        strings.filter(|string| is_id(string)).map(move |id| (index, id.to_owned()))
    })
    .collect()
}

/// Constraints of a chip whose label is a text and no id.
fn unnamed(file: &File) -> Vec<Finding> {
    if !file.path.starts_with(CHIPS) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for call in CALLS {
        for (at, _) in file.text.match_indices(call) {
            let rest = file.text.get(at + call.len()..).unwrap_or_default().trim_start();
            let Some(label) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                continue; // an argument, whose value is somewhere a string
            };
            if !is_id(label) {
                let line = file.text.get(..at).unwrap_or_default().matches('\n').count();
                findings.push(Finding::at(&file.path, line, format!("\"{label}\" is no id")));
            }
        }
    }
    findings
}

/// The ids that begin the rows of the tables of section 4, with their lines.
fn clauses(readme: &str) -> Vec<(usize, String)> {
    let [.., constraints, _, _, _] = HEADINGS;
    let mut inside = false;
    let mut clauses = Vec::new();
    for (index, line) in readme.lines().enumerate() {
        if line.starts_with("## ") {
            inside = line == constraints;
        }
        let first = line.strip_prefix('|').and_then(|row| row.split('|').next());
        if let Some(id) = first.map(|cell| cell.trim().trim_matches('`'))
            && inside
            && is_id(id)
        {
            clauses.push((index, id.to_owned()));
        }
    }
    clauses
}

/// Whether an id has this prefix and no longer one.
fn is_of(id: &str, prefix: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(own, _)| own == prefix)
}

/// Capitals, a hyphen and a number.
fn is_id(text: &str) -> bool {
    let Some((name, number)) = text.rsplit_once('-') else { return false };
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(is_name) && is_number
}
