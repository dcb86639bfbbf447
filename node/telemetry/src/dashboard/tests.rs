//! The structure that Grafana's import reads: its documentation of the classic JSON model, and
//! what it exports itself, name every field here.

use std::collections::BTreeSet;

use regex_lite::Regex;

use super::*;

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let found = value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"));
    assert!(!found.is_empty(), "{key} is empty in {value}");
    found
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{key} is no list in {value}"))
}

#[test]
fn the_dashboard_says_what_it_is() {
    let dashboard = dashboard();
    assert!((8..=40).contains(&text(&dashboard, "uid").len()));
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    assert!(text(&dashboard, "uid").chars().all(is_plain));
    text(&dashboard, "title");
    // An import gives it a number of its own.
    assert!(dashboard.as_object().unwrap().contains_key("id") && dashboard["id"].is_null());
    for number in ["schemaVersion", "version", "graphTooltip"] {
        assert!(dashboard[number].is_u64(), "{number}");
    }
    let span = Regex::new("^now(-[0-9]+[smhdwMy])?$").unwrap();
    for end in ["from", "to"] {
        assert!(span.is_match(text(&dashboard["time"], end)));
    }
    assert!(Regex::new("^[0-9]+[smh]$").unwrap().is_match(text(&dashboard, "refresh")));
    for empty in [&dashboard["annotations"]["list"], &dashboard["links"]] {
        assert!(empty.as_array().unwrap().is_empty());
    }
    // Nothing is asked at the import, so that a provisioned file is the same one.
    assert!(dashboard.get("__inputs").is_none());
}

/// Names of the variables that are declared, the data source first.
fn variables(dashboard: &Value) -> Vec<String> {
    let variables = list(&dashboard["templating"], "list");
    for variable in variables {
        for truth in ["multi", "includeAll", "skipUrlSync"] {
            assert!(variable[truth].is_boolean(), "{truth} of {variable}");
        }
        assert!(list(variable, "options").is_empty());
        // Filled anew: at least when the dashboard is loaded.
        assert!((1..=2).contains(&variable["refresh"].as_u64().unwrap()), "{variable}");
    }
    assert_eq!(text(&variables[0], "type"), "datasource");
    assert_eq!(text(&variables[0], "query"), "prometheus");
    assert_eq!(text(&variables[1], "type"), "query");
    assert_eq!(variables[1]["query"]["query"], variables[1]["definition"]);
    variables.iter().map(|variable| text(variable, "name").to_owned()).collect()
}

#[test]
fn what_is_asked_names_variables_that_are_declared() {
    let dashboard = dashboard();
    let declared = variables(&dashboard);
    assert_eq!(declared.iter().collect::<BTreeSet<_>>().len(), declared.len());
    // What Grafana itself knows begins with two underscores.
    let used = Regex::new(r"\$\{?([A-Za-z_]+)").unwrap();
    let whole = dashboard.to_string();
    let mut found = BTreeSet::new();
    for name in used.captures_iter(&whole).map(|capture| capture[1].to_owned()) {
        let is_known = ["__rate_interval", "__all"].contains(&name.as_str());
        assert!(is_known || declared.contains(&name), "{name}");
        found.insert(name);
    }
    assert!(declared.iter().all(|name| found.contains(name)), "one that nothing asks for");
}

#[test]
fn every_panel_is_whole() {
    let dashboard = dashboard();
    let kinds: BTreeSet<&str> = list(&dashboard, "__requires")
        .iter()
        .filter(|required| required["type"] == "panel")
        .map(|required| text(required, "id"))
        .collect();
    let mut shown = BTreeSet::new();
    for panel in list(&dashboard, "panels") {
        text(panel, "title");
        for side in ["w", "h"] {
            assert!(panel["gridPos"][side].as_u64().unwrap() > 0, "{panel}");
        }
        if panel["type"] == "row" {
            assert_eq!((&panel["collapsed"], list(panel, "panels").len()), (&json!(false), 0));
            continue;
        }
        assert!(kinds.contains(text(panel, "type")), "{panel}");
        shown.insert(text(panel, "type"));
        assert_eq!(panel["datasource"], source());
        assert!(UNITS.contains(&text(&panel["fieldConfig"]["defaults"], "unit")), "{panel}");
        assert!(panel["fieldConfig"]["overrides"].is_array() && panel["options"].is_object());
        check_targets(panel);
    }
    assert_eq!(shown, kinds);
}

/// Names that Grafana has for units, of those that a metric may be in.
const UNITS: [&str; 5] = ["short", "binBps", "bytes", "s", "bool"];

fn check_targets(panel: &Value) {
    let targets = list(panel, "targets");
    assert!(!targets.is_empty(), "{panel}");
    let names: BTreeSet<&str> = targets.iter().map(|target| text(target, "refId")).collect();
    assert_eq!(names.len(), targets.len(), "{panel}");
    let in_braces = Regex::new(r"\{\{([a-z_]+)\}\}").unwrap();
    for target in targets {
        assert_eq!(target["datasource"], source());
        // A legend takes labels that the query leaves.
        let (expression, legend) = (text(target, "expr"), text(target, "legendFormat"));
        let known = METRICS.iter().filter(|metric| expression.contains(metric.name));
        let labels: BTreeSet<&str> =
            known.flat_map(|metric| metric.labels).copied().chain(["instance"]).collect();
        for label in in_braces.captures_iter(legend) {
            assert!(labels.contains(&label[1]), "{legend} of {expression}");
        }
        assert_ne!(target["instant"], target["range"], "{target}");
    }
}
