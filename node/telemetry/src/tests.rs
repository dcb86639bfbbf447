use std::{collections::BTreeSet, time::Duration};

use regex_lite::Regex;

use crate::*;

const README: &str = include_str!("../README.md");

#[test]
fn names_follow_the_conventions_of_prometheus() {
    let form = Regex::new("^(minster|process)(_[a-z0-9]+)+$").unwrap();
    for metric in METRICS {
        let Metric { name, kind, unit, .. } = **metric;
        assert!(form.is_match(name), "{name}");
        assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
        assert_eq!(name.ends_with("_info"), kind == Kind::Info, "{name}");
        let family = metric.family();
        let ending = match unit {
            Unit::Seconds | Unit::Timestamp => "_seconds",
            Unit::Bytes => "_bytes",
            Unit::Wei => "_wei",
            Unit::Count | Unit::Gas | Unit::Cycles | Unit::Truth => "",
        };
        assert!(family.ends_with(ending), "{name} is in {unit:?}");
        assert!(kind != Kind::Histogram || unit == Unit::Seconds, "{name}: bounds are seconds");
        assert!(metric.help.ends_with('.'), "{name}: a sentence");
        assert!(!metric.help.contains(['\n', '\\', '|']), "{name}: written as it is");
    }
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.family()).collect();
    assert_eq!(names.len(), METRICS.len(), "a name twice");
}

#[test]
fn the_readme_has_the_reference_page() {
    assert!(README.contains(&reference()), "put this into the README:\n{}", reference());
}

#[test]
fn an_exposition_is_openmetrics() {
    let mut exposition = Exposition::default();
    exposition.count(&metrics::BUILD, &["1.2"], 1);
    exposition.count(&metrics::REFUSED, &["nonce"], 3);
    exposition.number(&metrics::EXECUTOR_AGE, &[], 0.25);
    exposition.count(&metrics::REFUSED, &["fu\"nds\n"], 4);
    let histogram = Histogram::default();
    histogram.observe(Duration::from_micros(200));
    histogram.observe(Duration::from_secs(60));
    exposition.durations(&metrics::RPC_SECONDS, &["eth_call"], histogram.counts());
    let text = exposition.encode().unwrap();
    let expected = [
        "# TYPE minster_build info\n",
        "\nminster_build_info{version=\"1.2\"} 1\n",
        "# TYPE minster_transactions_refused counter\n\
         minster_transactions_refused_total{reason=\"nonce\"} 3.0\n\
         minster_transactions_refused_total{reason=\"fu\\\"nds\\n\"} 4.0\n",
        "# TYPE minster_executor_age_seconds gauge\nminster_executor_age_seconds 0.25\n",
        "minster_rpc_request_seconds_sum{method=\"eth_call\"} 60.0002\n",
        "minster_rpc_request_seconds_count{method=\"eth_call\"} 2\n",
        "minster_rpc_request_seconds_bucket{le=\"0.0001\",method=\"eth_call\"} 0\n",
        "minster_rpc_request_seconds_bucket{le=\"0.00025\",method=\"eth_call\"} 1\n",
        "minster_rpc_request_seconds_bucket{le=\"10.0\",method=\"eth_call\"} 1\n",
        "minster_rpc_request_seconds_bucket{le=\"+Inf\",method=\"eth_call\"} 2\n# EOF\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

/// Metrics that a query names, without the endings of a histogram's samples.
fn named(query: &str) -> BTreeSet<String> {
    let names = Regex::new(r"\b(minster|process)_[a-z0-9_]+\b").unwrap();
    let histogram = Regex::new("_(bucket|sum|count)$").unwrap();
    names.find_iter(query).map(|name| histogram.replace(name.as_str(), "").into_owned()).collect()
}

#[test]
fn queries_name_metrics_and_labels_that_exist() {
    let known: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    let label = Regex::new("([a-z_]+)(=~|=)\"").unwrap();
    let labels: BTreeSet<&str> = METRICS.iter().flat_map(|metric| metric.labels).copied().collect();
    let check = |query: &str| {
        for name in named(query) {
            assert!(known.contains(name.as_str()), "{name} of {query}");
        }
        for found in label.captures_iter(query) {
            let found = &found[1];
            assert!(labels.contains(found) || matches!(found, "instance" | "job"), "{query}");
        }
        for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
            let count = |wanted| query.chars().filter(|c| *c == wanted).count();
            assert_eq!(count(open), count(close), "{query}");
        }
    };
    ALERTS.iter().for_each(|alert| check(alert.expression));
    let dashboard = dashboard();
    let mut shown = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().unwrap();
            check(query);
            shown.extend(named(query));
        }
    }
    let all: BTreeSet<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(shown, all, "every metric has a panel");
}

#[test]
fn panels_have_a_place_and_a_number_of_their_own() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut numbers = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels {
        assert!(numbers.insert(panel["id"].as_u64().unwrap()));
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{panel}");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{panel} is over another one");
            }
        }
    }
    assert_eq!(panels.len(), METRICS.len() + Group::ALL.len());
}

/// The parts of the runbook: headings with their texts.
fn runbook() -> Vec<(&'static str, &'static str)> {
    let parts = RUNBOOK.split("\n## ").skip(1);
    parts.map(|part| part.split_once('\n').unwrap()).collect()
}

#[test]
fn the_runbook_has_a_part_for_every_alert_and_no_other() {
    let headings: Vec<&str> = runbook().iter().map(|(heading, _)| *heading).collect();
    let alerts: Vec<&str> = ALERTS.iter().map(|alert| alert.name).collect();
    assert_eq!(headings, alerts, "the same ones, in the same order");
    for (heading, text) in runbook() {
        for word in ["**Means.**", "**Look.**", "**Do.**"] {
            assert_eq!(text.matches(word).count(), 1, "{heading}: {word}");
        }
        let known: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        for name in named(text) {
            assert!(known.contains(name.as_str()), "{heading}: {name}");
        }
    }
}

#[test]
fn the_rules_file_has_the_form_that_prometheus_reads() {
    let rules = rules();
    let line = Regex::new("^ *(- )?[a-z]+:( (\".*\"))?$").unwrap();
    for text in rules.lines() {
        let found = line.captures(text);
        let found = found.unwrap_or_else(|| panic!("{text}"));
        if let Some(quoted) = found.get(3) {
            serde_json::from_str::<String>(quoted.as_str()).expect(text);
        }
    }
    for key in ["- alert:", "expr:", "for:", "severity:", "summary:", "runbook:"] {
        assert_eq!(rules.matches(key).count(), ALERTS.len(), "{key}");
    }
    let names: BTreeSet<_> = ALERTS.iter().map(|alert| alert.name).collect();
    assert_eq!(names.len(), ALERTS.len());
    let duration = Regex::new("^[0-9]+[smhd]$").unwrap();
    assert!(ALERTS.iter().all(|alert| duration.is_match(alert.lasting)));
}
