use std::{collections::BTreeSet, path::Path, time::Duration};

use super::{
    Settings, document,
    keys::{SECRETS, SECTIONS},
    layers::{Layers, Problem, Resolved, resolve},
    table::KEYS,
};
use crate::testing::{NEEDED, written};

fn layers<'a>(
    text: &'a str,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &str)],
) -> Layers<'a> {
    Layers {
        file: Some((Path::new("node.toml"), text)),
        environment: NEEDED
            .iter()
            .chain(environment)
            .map(|(name, text)| (name.into(), text.into()))
            .collect(),
        flags: flags.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(),
    }
}

fn resolved(text: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Resolved {
    resolve(Settings::node(), layers(text, environment, flags)).unwrap()
}

/// What is wrong with a file.
fn problems(text: &str) -> Vec<String> {
    let problems = resolve(Settings::node(), layers(text, &[], &[])).unwrap_err();
    problems.iter().map(Problem::to_string).collect()
}

#[test]
fn every_layer_changes_the_one_before() {
    let text = "[rpc]\nbatch_max = 1\nlogs_range_max = 1\nfilters_max = 0x1_0\n";
    let environment = [
        ("MINSTER_RPC_BATCH_MAX", "2"),
        ("MINSTER_RPC_LOGS_RANGE_MAX", "2"),
        ("MINSTER_RPC_LISTEN", "[::1]:80"),
        ("MINSTER_RPC_CORS", "true"),
        ("PATH", "/bin"),
    ];
    let flags = [("rpc.batch_max", "3"), ("proofs.mode", "off")];
    let Resolved { settings, origins, .. } = resolved(text, &environment, &flags);
    assert_eq!((settings.rpc.batch_max, settings.rpc.logs_range_max), (3, 2));
    assert_eq!(settings.rpc.filters_max, 16);
    assert_eq!(settings.rpc.listen, "[::1]:80".parse().unwrap());
    assert!(settings.rpc.cors && !settings.rpc.debug && !settings.rpc.txpool);
    assert!(settings.rpc.requests_per_second_max.is_some());
    assert_eq!(settings.proofs.mode, crate::cli::Proofs::Off);
    assert_eq!(origins["rpc.batch_max"], "--rpc.batch_max");
    assert_eq!(origins["rpc.logs_range_max"], "MINSTER_RPC_LOGS_RANGE_MAX");
    assert_eq!(origins["rpc.filters_max"], "node.toml, line 4");
}

#[test]
fn what_is_not_known_is_an_error_with_the_nearest_name() {
    let found = problems("[rpc]\nbatchmax = 5\n[rcp]\nlisten = \"127.0.0.1:1\"\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("line 4: rcp.listen") && found[0].contains("rpc.listen"));
    assert!(found[1].contains("line 2: rpc.batchmax") && found[1].contains("rpc.batch_max"));
    let found = problems("chain = 5\n");
    assert!(found[0].contains("line 1: chain is not known"), "{found:?}");
    let environment = [("MINSTER_RPC_BATCHMAX", "5")];
    let found = resolve(Settings::node(), layers("", &environment, &[])).unwrap_err();
    assert!(found[0].reason.contains("MINSTER_RPC_BATCH_MAX"), "{found:?}");
}

#[test]
fn what_makes_no_sense_is_said_with_its_place() {
    for (line, expected) in [
        ("rpc.batch_max = 0", "rpc.batch_max is 0, which is not from 1"),
        ("rpc.batch_max = -1", "rpc.batch_max is not a whole number"),
        ("rpc.batch_max = \"5\"", "rpc.batch_max is not a whole number"),
        ("rpc.batch_max = 4294967296", "which is not from 1 to 4294967295"),
        ("rpc.cors = \"yes\"", "rpc.cors is not true or false"),
        ("rpc.cors.a = 1", "rpc.cors is not true or false"),
        ("proofs.mode = \"on!\"", "proofs.mode is not \"on\", \"lent\" or \"off\""),
        ("batches.fee_recipient = \"0x12\"", "is not an address"),
        ("log.filter = \"\"", "is not a text"),
        ("proofs.mode = \"lent\"", "needs proofs.tokens_file"),
        ("proofs.backlog_max_ms = 1", "proofs.backlog_tip_ms is above"),
        ("log.filter = \"minster=loud\"", "log.filter is no filter"),
        ("admin.listen = \"0.0.0.0:1\"", "rpc.listen and admin.listen are one address"),
        ("history.state_blocks = 1023", "the smallest here is 1024: sequencer.proof_blocks_max"),
        ("history.blocks = 90000", "the smallest here is 90001"),
        ("history.blocks = -1", "history.blocks is not a whole number"),
        ("a = [", "node.toml, line 1"),
    ] {
        let found = problems(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].contains(expected), "{line}: {found:?}");
    }
}

/// As little as the other settings allow, and all of it.
#[test]
fn history_may_be_short_or_whole() {
    for (text, blocks, state_blocks) in [
        ("history.blocks = 90001\n", 90_001, 90_000),
        ("history.blocks = 0\n", 0, 90_000),
        ("history.blocks = 1025\nhistory.state_blocks = 1024\n", 1_025, 1_024),
        ("history.blocks = 1025\nhistory.state_blocks = 0\n", 1_025, 0),
        ("sequencer.proof_blocks_max = 0\nhistory.blocks = 2\nhistory.state_blocks = 1\n", 2, 1),
    ] {
        let history = resolved(text, &[], &[]).settings.sequencer.history;
        let told = (history.blocks, history.state_blocks);
        let number = |count: Option<std::num::NonZeroU64>| count.map_or(0, |count| count.get());
        assert_eq!((number(told.0), number(told.1)), (blocks, state_blocks), "{text}");
    }
    let dev = Settings::dev().sequencer.history;
    assert_eq!(dev, minster_sequencer::HistoryConfig::default(), "a laptop keeps everything");
}

#[test]
fn what_a_node_needs_is_asked_for() {
    let found = resolve(Settings::node(), Layers::default()).unwrap_err();
    let places: Vec<&str> = found.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["node.directory", "rpc.listen"]);
}

#[test]
fn secrets_stay_out_of_files_and_off_the_screen() {
    let found = problems("[sequencer]\nslice_key = \"0123456789\"\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("is a secret") && found[0].contains("slice_key_file"), "{found:?}");
    assert!(!found[0].contains("0123456789"));
    let environment = [("MINSTER_SEQUENCER_SLICE_KEY", "abcdef")];
    let resolved = resolved("", &environment, &[]);
    assert_eq!(resolved.secrets.get(&SECRETS[0]), Some("abcdef"));
    assert!(!format!("{resolved:?}").contains("abcdef"));
    let twice = "sequencer.slice_key_file = \"key\"\n";
    let found = resolve(Settings::node(), layers(twice, &environment, &[])).unwrap_err();
    assert!(found[0].reason.contains("unset one of them"), "{found:?}");
}

/// Whoever adds a limit to the server gives it a key, or a reason here why it has none.
#[test]
fn every_setting_of_the_components_has_a_key() {
    let defaults = Settings::node();
    let check = |section: &str, debug: String, excepted: &[&str]| {
        let fields = debug.lines().filter_map(|line| {
            let field = line.strip_prefix("    ").filter(|field| !field.starts_with(' '))?;
            field.split_once(": ").map(|(name, _)| name.to_owned())
        });
        for field in fields.filter(|field| !excepted.contains(&field.as_str())) {
            let name = format!("{section}.{field}");
            let is_there = KEYS.iter().any(|key| key.name.starts_with(&name));
            assert!(is_there, "{name} has no key; add one in settings/table.rs");
        }
    };
    // Keys and tokens are secrets; the version is what it is.
    check("rpc", format!("{:#?}", defaults.rpc), &["dev_keys", "prover_tokens", "node_version"]);
    check("pool", format!("{:#?}", defaults.pool), &[]);
    // Development, and what has keys under other names.
    let excepted = ["mining", "is_development", "retention", "history", "brake"];
    check("sequencer", format!("{:#?}", defaults.sequencer), &excepted);
    check("history", format!("{:#?}", defaults.sequencer.history), &[]);
    // The room on the disk is the admin port's setting; where a draft is kept decides its bound.
    let excepted = ["limits", "disk_free_min_bytes", "draft_bytes_max"];
    check("batches", format!("{:#?}", defaults.batches), &excepted);
    check("batches", format!("{:#?}", defaults.batches.limits), &[]);
}

#[test]
fn names_are_one_and_sections_known() {
    let variables: BTreeSet<String> = KEYS.iter().map(|key| key.variable()).collect();
    assert_eq!(variables.len(), KEYS.len());
    assert!(SECRETS.iter().all(|secret| !variables.contains(secret.variable)));
    for key in KEYS {
        let (section, _) = key.split();
        assert!(SECTIONS.iter().any(|(known, _)| *known == section), "{}", key.name);
        assert!(key.help.ends_with('.'), "{}", key.name);
    }
    for secret in &SECRETS {
        assert!(KEYS.iter().any(|key| key.name == secret.file_key));
    }
}

#[test]
fn the_default_file_says_the_defaults() {
    let text = document::default_file();
    let resolve = |text: &str| {
        let file = Some((Path::new("node.toml"), text));
        resolve(Settings::node(), Layers { file, ..Layers::default() }).unwrap()
    };
    let resolved = resolve(&text);
    let mut expected = Settings::node();
    expected.node.directory = Some("/var/lib/minster".into());
    assert_eq!(written(&resolved.settings), written(&expected));
    // With every line that has a value taken out of its comment it says the same.
    let is_key = |line: &str| line.starts_with('#') && !line.starts_with("# ");
    let uncommented: Vec<&str> = text
        .lines()
        .filter(|line| !(is_key(line) && line.ends_with('=')))
        .map(|line| if is_key(line) { &line[1..] } else { line })
        .collect();
    let resolved = resolve(&uncommented.join("\n"));
    assert_eq!(written(&resolved.settings), written(&expected));
    let unset = KEYS.iter().filter(|key| (key.written)(&expected).is_none()).count();
    assert_eq!(resolved.origins.len(), KEYS.len() - unset);
}

#[test]
fn the_page_with_all_keys_is_that_of_the_code() {
    let page = include_str!("../../SETTINGS.md");
    let is_same = page.trim_end() == document::reference().trim_end();
    assert!(is_same, "minster config reference > bin/minster/SETTINGS.md");
}

/// As long as a file may be: names that are like no other, and many of them.
#[test]
fn the_longest_files_are_refused_soon() {
    let size = crate::node::FILE_SIZE_MAX;
    let many: String = (0..size / 8).map(|index| format!("k{index:05}=1\n")).collect();
    for text in [format!("{}=1", "k".repeat(size - 2)), many, "[".repeat(size)] {
        let started = std::time::Instant::now();
        assert!(!problems(&text).is_empty());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }
}
