//! The lint policy: a tier's lints are inner attributes at the root of each crate.

use super::Finding;
use super::rust_text::{code, has_word};
use crate::layers::{self, Tier};
use crate::repo::{File, Repo};

const PROVED: &[&str] = &[
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::as_conversions",
    "clippy::arithmetic_side_effects",
];
const NODE: &[&str] = &["clippy::unwrap_used", "clippy::expect_used"];

fn denied(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Proved => PROVED,
        Tier::Prover | Tier::Node => NODE,
        Tier::Tool => &[],
    }
}

pub fn attributes(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &repo.metadata.members {
        let Some(layer) = layers::find(&member.folder) else { continue };
        let Some(root) = crate_root(repo, &member.folder) else {
            findings.push(Finding::new(&*member.folder, "has neither src/lib.rs nor src/main.rs"));
            continue;
        };
        let attributes = inner_attributes(&root.text);
        let lints = listed(&attributes, &["deny", "forbid"]);
        let mut miss = |what: &str| {
            findings.push(Finding::new(&*root.path, format!("its tier asks for {what}")));
        };
        for lint in denied(layer.tier).iter().filter(|lint| !lints.iter().any(|l| l == *lint)) {
            miss(&format!("deny({lint})"));
        }
        if layer.tier == Tier::Proved {
            let forbidden = listed(&attributes, &["forbid"]);
            if !forbidden.iter().any(|lint| lint == "unsafe_code") {
                miss("forbid(unsafe_code)");
            }
            if !attributes.iter().any(|attribute| has_word(attribute, "no_std")) {
                miss("no_std");
            }
        }
    }
    findings
}

fn crate_root<'a>(repo: &'a Repo, folder: &str) -> Option<&'a File> {
    let find = |path: String| repo.files.iter().find(|file| file.path == path);
    find(format!("{folder}/src/lib.rs")).or_else(|| find(format!("{folder}/src/main.rs")))
}

/// The insides of `#![…]`, without white space.
fn inner_attributes(source: &str) -> Vec<String> {
    let packed: String = code(source).chars().filter(|c| !c.is_whitespace()).collect();
    packed.split("#![").skip(1).filter_map(|rest| rest.split_once(']')).map(first).collect()
}

fn first((attribute, _): (&str, &str)) -> String {
    attribute.to_owned()
}

/// The lints under one of the levels, directly or where `cfg_attr` leaves tests out.
fn listed(attributes: &[String], levels: &[&str]) -> Vec<String> {
    let mut lints = Vec::new();
    for attribute in attributes {
        let attribute = attribute.strip_prefix("cfg_attr(not(test),").unwrap_or(attribute);
        for level in levels {
            let list = attribute.strip_prefix(level).and_then(|rest| rest.strip_prefix('('));
            let list = list.map(|list| list.trim_end_matches(')')).unwrap_or_default();
            lints.extend(list.split(',').filter(|lint| !lint.is_empty()).map(str::to_owned));
        }
    }
    lints
}

pub fn workspace_lints(repo: &Repo) -> Vec<Finding> {
    let manifests = repo.metadata.members.iter().map(|m| format!("{}/Cargo.toml", m.folder));
    let keeps = |path: &String| {
        let text = repo.text(path).unwrap_or_default();
        let lints = text.split_once("[lints]").map(|(_, rest)| rest.trim_start());
        lints.is_some_and(|rest| rest.starts_with("workspace = true"))
    };
    let loose = manifests.filter(|path| !keeps(path));
    loose.map(|path| Finding::new(path, "lacks [lints] workspace = true")).collect()
}

pub fn no_allow(repo: &Repo) -> Vec<Finding> {
    code_lines(
        repo,
        |_| true,
        |line| {
            let packed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            let found = packed.contains("[allow(") || packed.contains(",allow(");
            found.then(|| "use #[expect(…, reason = …)]".to_owned())
        },
    )
}

pub fn proved_words(repo: &Repo) -> Vec<Finding> {
    let proved = |file: &File| {
        let layer = layers::LAYERS.iter().find(|layer| file.is_below(layer.folder));
        layer.is_some_and(|layer| layer.tier == Tier::Proved) && !file.is_test()
    };
    code_lines(repo, proved, |line| {
        let words = ["HashMap", "HashSet", "std::time", "f32", "f64"];
        let word = words.into_iter().find(|word| has_word(line, word))?;
        Some(format!("{word} is not the same on every machine"))
    })
}

fn code_lines(
    repo: &Repo,
    keep: impl Fn(&File) -> bool,
    look: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust().filter(|file| keep(file)) {
        for (index, line) in code(&file.text).lines().enumerate() {
            findings.extend(look(line).map(|what| Finding::at(&file.path, index, what)));
        }
    }
    findings
}
