//! The layer table held against `cargo metadata`.

use super::Finding;
use crate::layers::{self, LAYERS};
use crate::repo::Repo;

pub fn rows(repo: &Repo) -> Vec<Finding> {
    let members = &repo.metadata.members;
    let unknown = members.iter().filter(|member| layers::find(&member.folder).is_none());
    let unknown = unknown.map(|member| {
        Finding::new(&*member.folder, "is a crate without a row in xtask/src/layers.rs")
    });
    let stray = LAYERS.iter().filter(|layer| {
        repo.paths.contains(layer.folder)
            && !members.iter().any(|member| member.folder == layer.folder)
    });
    let stray = stray.map(|layer| Finding::new(layer.folder, "is not a member of the workspace"));
    unknown.chain(stray).collect()
}

pub fn arrows(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &repo.metadata.members {
        let Some(layer) = layers::find(&member.folder) else { continue };
        for folder in member.needs.iter().filter(|folder| !layer.may_need(folder)) {
            findings.push(Finding::new(&*member.folder, format!("may not need {folder}")));
        }
        // A test may look up, but nothing stands on the tests or on the tools.
        for folder in &member.test_needs {
            if matches!(folder.as_str(), "tests" | "xtask") {
                findings.push(Finding::new(&*member.folder, format!("may not need {folder}")));
            }
        }
    }
    findings
}
