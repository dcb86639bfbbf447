//! Every rule is shown to hold on a good sample and to fail on each bad one.

use super::rust_text::{code, has_word};
use super::{CHECKS, Finding, dependencies, sizes};
use crate::metadata::{Member, Metadata, Package};
use crate::repo::{File, Repo};

const MANIFEST: &str = "[package]\n\n[lints]\nworkspace = true\n";
const PROVED: &str = "#![doc = include_str!(\"../README.md\")]\n#![no_std]\n\
    #![forbid(unsafe_code)]\n#![cfg_attr(\n    not(test),\n    deny(\n        \
    clippy::unwrap_used,\n        clippy::expect_used,\n        clippy::panic,\n        \
    clippy::indexing_slicing,\n        clippy::as_conversions,\n        \
    clippy::arithmetic_side_effects\n    )\n)]\nmod used;\n";
const NODE: &str = "#![doc = include_str!(\"../README.md\")]\n\
    #![deny(clippy::unwrap_used, clippy::expect_used)]\n";
const MACHINE: &str = "#![doc = include_str!(\"../README.md\")]\n#![forbid(unsafe_code)]\n\
    #![deny(clippy::unwrap_used, clippy::expect_used)]\n";

fn member(folder: &str, needs: &[&str]) -> Member {
    Member {
        name: String::new(),
        folder: folder.to_owned(),
        needs: needs.iter().map(|&folder| folder.to_owned()).collect(),
        test_needs: Vec::new(),
    }
}

fn repo() -> Repo {
    let metadata = Metadata {
        members: vec![
            member("protocol/state", &["protocol/params"]),
            member("node/rpc", &["protocol/state", "node/sequencer"]),
            member("zkvm/machine", &[]),
        ],
        packages: vec![package("revm 1.0.0", dependencies::REGISTRY, "MIT OR Apache-2.0")],
    };
    let mut repo = Repo { files: Vec::new(), paths: Default::default(), metadata };
    for folder in ["protocol/state", "node/rpc", "zkvm/machine"] {
        write(&mut repo, &format!("{folder}/Cargo.toml"), MANIFEST);
        write(&mut repo, &format!("{folder}/README.md"), "# A crate\n\nSee `src/lib.rs`.\n");
    }
    write(&mut repo, "protocol/state/src/lib.rs", PROVED);
    write(&mut repo, "protocol/state/src/used.rs", "fn short() {\n}\n");
    write(&mut repo, "node/rpc/src/lib.rs", NODE);
    write(&mut repo, "ARCHITECTURE.md", "See [rpc](node/rpc/README.md#a), `cargo xtask test`.\n");
    let pinned = "# pinned\nweb3==1.0 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n";
    write(&mut repo, "requirements.txt", pinned);
    chip(&mut repo);
    repo
}

const CHIP: &str = "zkvm/machine/src/chips/add";
const CHIP_README: &str = "# Addition\n\n## 1. Statement\n\n## 2. Columns\n\n## 3. Buses\n\n\
    ## 4. Constraints\n\n| id | formula |\n| --- | --- |\n| ADD-0 | a guard |\n\
    | ADD-1 | a bit |\n| ADD-2 | a sum |\n\n## 5. Soundness\n\n| ADD-9 | is no clause |\n\n\
    ## 6. Completeness\n\n## 7. Assumptions\n";
const CHIP_CONSTRAINTS: &str = "// \"ADD-7\" was here.\nbuilder.constrain_bool(\"ADD-1\", a);\n\
    builder.constrain(\n    \"ADD-0\",\n    one,\n);\nsum(\"ADD-2\", builder);\n\
    builder.constrain(id, b);\n";

/// A chip with all sides of its constraints.
fn chip(repo: &mut Repo) {
    write(repo, "zkvm/machine/src/lib.rs", &format!("{MACHINE}mod chips;\nmod gadget;\n"));
    write(repo, "zkvm/machine/src/gadget.rs", "builder.constrain(id, a);\n");
    write(repo, "zkvm/machine/src/chips/mod.rs", "mod add;\n");
    write(repo, &format!("{CHIP}/mod.rs"), "mod constraints;\nmod tests;\n");
    write(repo, &format!("{CHIP}/README.md"), CHIP_README);
    write(repo, &format!("{CHIP}/constraints.rs"), CHIP_CONSTRAINTS);
    write(repo, &format!("{CHIP}/tests.rs"), "[(\"ADD-1\", a), (\"ADD-2\", b)]\n");
}

fn chip_readme(repo: &mut Repo, from: &str, to: &str) {
    assert!(CHIP_README.contains(from), "{from}");
    write(repo, &format!("{CHIP}/README.md"), &CHIP_README.replace(from, to));
}

fn chip_constraints(repo: &mut Repo, more: &str) {
    write(repo, &format!("{CHIP}/constraints.rs"), &format!("{CHIP_CONSTRAINTS}{more}\n"));
}

fn package(name: &str, source: &str, licence: &str) -> Package {
    Package { name: name.to_owned(), source: source.to_owned(), licence: licence.to_owned() }
}

fn write(repo: &mut Repo, path: &str, text: &str) {
    for (end, _) in path.match_indices('/') {
        repo.paths.insert(path[..end].to_owned());
    }
    repo.paths.insert(path.to_owned());
    repo.files.retain(|file| file.path != path);
    repo.files.push(File { path: path.to_owned(), text: text.to_owned() });
}

/// A rule, and a change to the good sample that breaks it and nothing else.
type Bad = (&'static str, fn(&mut Repo));

fn used(repo: &mut Repo, text: &str) {
    write(repo, "protocol/state/src/used.rs", text);
}

const BAD: &[Bad] = &[
    ("every crate is in the layer table", |repo| {
        repo.metadata.members.push(member("node/new", &[]));
        write(repo, "node/new/Cargo.toml", MANIFEST);
        write(repo, "node/new/README.md", "# New\n");
        write(repo, "node/new/src/lib.rs", NODE);
    }),
    ("every crate is in the layer table", |repo| write(repo, "node/storage/Cargo.toml", MANIFEST)),
    ("arrows point down", |repo| repo.metadata.members[0].needs.push("node/storage".into())),
    ("arrows point down", |repo| repo.metadata.members[0].needs.push("protocol/os".into())),
    ("arrows point down", |repo| repo.metadata.members[0].needs.push("zkvm/machine".into())),
    ("arrows point down", |repo| repo.metadata.members[1].test_needs.push("tests".into())),
    ("every crate keeps the lints of its tier", |repo| {
        write(repo, "node/rpc/src/lib.rs", &NODE.replace("clippy::expect_used", "dead_code"));
    }),
    ("every crate keeps the lints of its tier", |repo| {
        write(repo, "protocol/state/src/lib.rs", &PROVED.replace("#![no_std]", "// #![no_std]"));
    }),
    ("every crate keeps the lints of its tier", |repo| {
        write(repo, "protocol/state/src/lib.rs", &PROVED.replace("forbid(", "deny("));
    }),
    ("every crate keeps the lints of its tier", |repo| {
        write(repo, "protocol/state/src/lib.rs", &PROVED.replace("not(test)", "test"));
    }),
    ("every crate takes the workspace lints", |repo| {
        write(repo, "node/rpc/Cargo.toml", "[package]\n");
    }),
    ("lints are expected with a reason, never allowed", |repo| {
        used(repo, "# [ allow (dead_code)]\nfn short() {\n}\n");
    }),
    ("lints are expected with a reason, never allowed", |repo| {
        used(repo, "#[cfg_attr(test, allow(dead_code))]\nfn short() {\n}\n");
    }),
    ("proved code names no clock, float or unordered map", |repo| used(repo, "type A = f64;\n")),
    ("proved code names no clock, float or unordered map", |repo| {
        used(repo, "use std::time::Instant;\n");
    }),
    ("proved code names no clock, float or unordered map", |repo| {
        used(repo, "type A = map::HashMap<u8, u8>;\n");
    }),
    ("lines are at most 100 columns", |repo| used(repo, &"a".repeat(101))),
    ("functions are at most 70 lines", |repo| {
        used(repo, &format!("    pub fn long() {{\n{}    }}\n", "        step();\n".repeat(69)));
    }),
    ("files are at most 600 lines", |repo| used(repo, &"step();\n".repeat(601))),
    ("every Rust file belongs to a crate", |repo| write(repo, "node/rpc/src/orphan.rs", "")),
    ("every Rust file belongs to a crate", |repo| write(repo, "node/rpc/src/orphan/mod.rs", "")),
    ("unfinished marks carry an issue number", |repo| {
        used(repo, concat!("// TO", "DO: later\n"));
    }),
    ("unfinished marks carry an issue number", |repo| used(repo, "fn a() { todo!() }\n")),
    ("unfinished marks carry an issue number", |repo| used(repo, "fn a() { dbg!(1) }\n")),
    ("nothing names this machine or a registry host", |repo| {
        write(repo, "notes.txt", concat!("see /wo", "rk/main"));
    }),
    ("nothing names this machine or a registry host", |repo| {
        write(repo, "package-lock.json", concat!("https://registry.np", "mjs.org/x"));
    }),
    ("every crate has a README that is its documentation", |repo| {
        write(repo, "node/rpc/README.md", "\n");
    }),
    ("every crate has a README that is its documentation", |repo| {
        write(repo, "node/rpc/src/lib.rs", &NODE.replace("README", "OTHER"));
    }),
    ("links and paths in documents exist", |repo| write(repo, "a.md", "[a](node/none.md)")),
    ("links and paths in documents exist", |repo| write(repo, "spec/a.md", "[a](b.md)")),
    ("links and paths in documents exist", |repo| write(repo, "a.md", "in `node/rpc/none.rs`")),
    ("links and paths in documents exist", |repo| {
        write(repo, "node/rpc/README.md", "in `src/none.rs`");
    }),
    ("commands in documents exist", |repo| write(repo, "a.md", "run `cargo xtask nothing`")),
    ("ARCHITECTURE.md is at most 300 lines", |repo| {
        write(repo, "ARCHITECTURE.md", &"a\n".repeat(301));
    }),
    ("the README of a chip has its seven parts", |repo| {
        chip_readme(repo, "## 6. Completeness\n", "");
    }),
    ("the README of a chip has its seven parts", |repo| {
        chip_readme(repo, "## 7. Assumptions\n", "## 7. Assumptions\n\n## 8. More\n");
    }),
    ("the README of a chip has its seven parts", |repo| {
        chip_readme(repo, "## 2. Columns\n\n## 3. Buses", "## 3. Buses\n\n## 2. Columns");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_readme(repo, "| ADD-2 | a sum |\n", "");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_readme(repo, "| ADD-0 | a guard |\n", "");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_readme(repo, "| ADD-2 |", "| ADD-2 | a |\n| ADD-3 |");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_readme(repo, "| ADD-2 |", "| ADD-2 | a |\n| ADD-2 |");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        write(repo, &format!("{CHIP}/tests.rs"), "[(\"ADD-1\", a), (\"ADD-22\", b)]\n");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_constraints(repo, "builder.constrain(\"ADD-1\", again);");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_constraints(repo, "builder.constrain(\"SUB-1\", a);");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        chip_constraints(repo, "builder.constrain(\n    \"a sum\", a);");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        write(repo, "zkvm/machine/src/gadget.rs", "builder.constrain(\"ADD-3\", a);\n");
    }),
    ("a constraint has an id, a clause and a negative test", |repo| {
        write(repo, "zkvm/machine/src/gadget.rs", "builder.constrain(\"GADGET-1\", a);\n");
    }),
    ("dependencies come from the registry under a known licence", |repo| {
        repo.metadata.packages.push(package("a 1.0.0", "git+https://example.com/a", "MIT"));
    }),
    ("dependencies come from the registry under a known licence", |repo| {
        let both = "MIT AND (Apache-2.0 OR MIT) AND GPL-3.0";
        repo.metadata.packages.push(package("a 1.0.0", dependencies::REGISTRY, both));
    }),
    ("dependencies come from the registry under a known licence", |repo| {
        repo.metadata.packages.push(package("a 1.0.0", dependencies::REGISTRY, ""));
    }),
    ("other lock files are exact and name no host", |repo| {
        write(repo, "requirements.txt", "web3>=1.0 --hash=sha256:0a\n");
    }),
    ("other lock files are exact and name no host", |repo| {
        write(repo, "requirements.txt", "web3==1.0 --hash=sha256:0a\nrlp==5.0.0\n");
    }),
    ("other lock files are exact and name no host", |repo| {
        write(repo, "package-lock.json", "  \"resolved\": \"https://example.com/x\"\n");
    }),
];

#[test]
fn the_good_sample_breaks_no_rule() {
    let repo = repo();
    for check in CHECKS {
        assert_eq!((check.run)(&repo), [], "{}", check.name);
    }
}

#[test]
fn each_bad_sample_breaks_its_rule_and_no_other() {
    for (index, (name, spoil)) in BAD.iter().enumerate() {
        let mut repo = repo();
        spoil(&mut repo);
        for check in CHECKS {
            let broken = !(check.run)(&repo).is_empty();
            assert_eq!(broken, check.name == *name, "sample {index} for {name}: {}", check.name);
        }
    }
}

#[test]
fn each_rule_has_a_bad_sample() {
    for check in CHECKS {
        assert!(BAD.iter().any(|(name, _)| *name == check.name), "{}", check.name);
    }
}

#[test]
fn an_exception_holds_only_while_it_is_needed() {
    let mut repo = repo();
    let path = "protocol/state/src/used.rs";
    used(&mut repo, &format!("fn long() {{\n{}}}\n", "    step();\n".repeat(600)));
    let function = format!("{path}: long");
    assert_eq!(sizes::functions_but(&repo, &[&function]), []);
    assert_eq!(sizes::files_but(&repo, &[path]), []);
    used(&mut repo, "fn long() {}\n");
    let stale = "is an exception that is not needed any more";
    assert_eq!(sizes::functions_but(&repo, &[&function]), [Finding::new(&*function, stale)]);
    assert_eq!(sizes::files_but(&repo, &[path]), [Finding::new(path, stale)]);
}

#[test]
fn limits_allow_what_is_just_at_them() {
    let mut repo = repo();
    used(&mut repo, &format!("fn long() {{\n{}}}\n", "    step();\n".repeat(68)));
    assert_eq!(sizes::functions_but(&repo, &[]), []);
    used(&mut repo, &"step();\n".repeat(600));
    assert_eq!(sizes::files_but(&repo, &[]), []);
    used(&mut repo, &"a".repeat(100));
    assert_eq!(sizes::lines(&repo), []);
}

#[test]
fn a_trait_method_without_a_body_is_not_a_long_function() {
    let mut repo = repo();
    let rest = "    fn other();\n".repeat(80);
    used(&mut repo, &format!("trait A {{\n    fn one(\n        a: u8,\n    );\n{rest}}}\n"));
    assert_eq!(sizes::functions_but(&repo, &[]), []);
}

#[test]
fn code_has_no_comments_and_no_literals() {
    let cases = [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (r#"a("b \" c") d"#, r#"a(        ) d"#),
        ("r#\"a \" b\"# c", "           c"),
        ("r\"a\\\" c", "      c"),
        ("br##\"a\"# b\"## c", "              c"),
        ("r#type b", "r#type b"),
        ("'a' 'static '\\'' '\"' b", "    'static          b"),
        ("over\"a\" b", "over    b"),
    ];
    for (source, expected) in cases {
        assert_eq!(code(source), expected, "{source}");
    }
}

#[test]
fn words_end_where_letters_end() {
    assert!(has_word("a: f64,", "f64"));
    assert!(!has_word("af64 f64_b", "f64"));
}
