//! The method table against the specification and the README.

use std::collections::BTreeSet;

use super::{harness::Node, schema};

/// What the specification has and this chain cannot: `spec/differences.md` says why.
fn is_excepted(name: &str) -> bool {
    name.starts_with("engine_")
        || name.starts_with("testing_")
        || ["eth_getBlockAccessList", "debug_getRawBlockAccessList"].contains(&name)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_the_specification_is_there() {
    let node = Node::start();
    let table: BTreeSet<&str> = node.module.method_names().collect();
    let missing: Vec<_> = schema::method_names()
        .into_iter()
        .filter(|name| !is_excepted(name) && !table.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let needless: Vec<_> = table.iter().filter(|name| is_excepted(name)).collect();
    assert!(needless.is_empty(), "{needless:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_names_every_method_and_no_other() {
    let node = Node::start();
    let table: BTreeSet<String> = node.module.method_names().map(str::to_owned).collect();
    let readme = include_str!("../../README.md");
    let section = readme.split("## Methods").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut named = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let namespace = cells.next().unwrap().trim_matches('`');
        for name in cells.next().unwrap().split(", ") {
            assert!(named.insert(format!("{namespace}_{}", name.trim_matches('`'))), "{name}");
        }
    }
    let missing: Vec<_> = table.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&table).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
}
