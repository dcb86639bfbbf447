//! A Grafana dashboard: a row for each group of the table, a panel for each metric.
//!
//! It has the classic JSON model. Fields that a panel could leave out are there as Grafana itself
//! exports them, so that nothing depends on what a version takes for its default. The data source
//! is a variable of the dashboard, not an input of the import: the same file is provisioned from a
//! folder, where nobody answers questions.

use serde_json::{Value, json};

use crate::{Group, Kind, METRICS, Metric, Unit};

/// Grafana divides a row into so many columns.
const COLUMNS: usize = 24;
const PANEL_COLUMNS: usize = 8;
const PANEL_LINES: usize = 7;

/// What Grafana asks for its queries, as the variable of this name has it.
const DATASOURCE: &str = "datasource";

/// The name in the dashboard's address: 8 to 40 characters. An import replaces one that has it.
const UID: &str = "minster-node";

/// The model's version: of Grafana 10. Later ones bring it up to theirs.
const SCHEMA_VERSION: u32 = 39;

/// The dashboard, as Grafana imports it.
#[must_use]
pub fn dashboard() -> Value {
    json!({
        "__requires": [
            {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"},
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
            {"type": "panel", "id": "stat", "name": "Stat", "version": ""},
            {"type": "panel", "id": "timeseries", "name": "Time series", "version": ""},
        ],
        "id": null,
        "uid": UID,
        "title": "Minster",
        "description": "Nodes of a Minster chain: every metric of the admin port.",
        "tags": ["minster"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": true,
        // One line through all panels where the mouse is.
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": [datasource_variable(), instance_variable()]},
        "panels": panels(),
    })
}

fn datasource_variable() -> Value {
    json!({
        "name": DATASOURCE, "label": "Data source", "type": "datasource", "query": "prometheus",
        "current": {}, "options": [], "regex": "", "refresh": 1, "hide": 0,
        "multi": false, "includeAll": false, "skipUrlSync": false,
    })
}

/// The nodes. All of them are those that Prometheus knows as nodes, not every name there is: other
/// programs have metrics of processes too.
fn instance_variable() -> Value {
    let query = "label_values(minster_build_info, instance)";
    json!({
        "name": "instance", "label": "Node", "type": "query", "datasource": source(),
        "definition": query,
        "query": {"query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
        "options": [], "regex": "", "refresh": 2, "sort": 1, "hide": 0,
        "multi": true, "includeAll": true, "skipUrlSync": false,
    })
}

/// A row for each group, and below it its panels, three side by side.
fn panels() -> Vec<Value> {
    let mut panels = Vec::new();
    let mut line = 0;
    for group in Group::ALL {
        let place = json!({"x": 0, "y": line, "w": COLUMNS, "h": 1});
        panels.push(json!({
            "id": panels.len() + 1, "type": "row", "title": group.title(), "gridPos": place,
            "collapsed": false, "panels": [],
        }));
        line += 1;
        let members: Vec<_> = METRICS.iter().filter(|metric| metric.group == group).collect();
        for (index, metric) in members.iter().enumerate() {
            let column = index * PANEL_COLUMNS % COLUMNS;
            let y = line + index * PANEL_COLUMNS / COLUMNS * PANEL_LINES;
            let place = json!({"x": column, "y": y, "w": PANEL_COLUMNS, "h": PANEL_LINES});
            panels.push(panel(metric, panels.len() + 1, &place));
        }
        line += (members.len() * PANEL_COLUMNS).div_ceil(COLUMNS) * PANEL_LINES;
    }
    panels
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": format!("${{{DATASOURCE}}}")})
}

fn panel(metric: &Metric, id: usize, place: &Value) -> Value {
    // What never changes is asked for once.
    let is_now = metric.kind == Kind::Info;
    let targets: Vec<Value> = (queries(metric).into_iter().zip('A'..))
        .map(|((query, legend), name)| {
            let name = name.to_string();
            json!({
                "refId": name, "datasource": source(), "expr": query, "legendFormat": legend,
                "editorMode": "code", "instant": is_now, "range": !is_now,
            })
        })
        .collect();
    json!({
        "id": id,
        "type": if is_now { "stat" } else { "timeseries" },
        "title": title(metric),
        "description": metric.help,
        "datasource": source(),
        "gridPos": place,
        "fieldConfig": {
            "defaults": {
                "unit": unit(metric),
                "color": {"mode": "palette-classic"},
                "custom": {},
                "mappings": [],
                "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}]},
            },
            "overrides": [],
        },
        "options": if is_now { stat() } else { lines() },
        "targets": targets,
    })
}

/// Shows the names of series, in which the labels are, instead of their value.
fn stat() -> Value {
    json!({
        "textMode": "name", "colorMode": "none", "graphMode": "none", "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": false},
    })
}

fn lines() -> Value {
    json!({
        "legend": {
            "showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": [],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    })
}

/// The name as people read it.
fn title(metric: &Metric) -> String {
    let name = metric.family().trim_start_matches("minster_").replace('_', " ");
    match (metric.kind, metric.unit) {
        (Kind::Counter, _) => format!("{name}, per second"),
        (_, Unit::Timestamp) => format!("{name}, ago"),
        _ => name,
    }
}

/// The queries of a panel with their legends.
fn queries(metric: &Metric) -> Vec<(String, String)> {
    let Metric { name, labels, .. } = metric;
    let of = r#"{instance=~"$instance"}"#;
    let mut by = vec!["instance"];
    by.extend(*labels);
    let legend = by.iter().map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" ");
    let by = by.join(", ");
    match metric.kind {
        Kind::Counter => {
            vec![(format!("sum by ({by}) (rate({name}{of}[$__rate_interval]))"), legend)]
        }
        Kind::Gauge if metric.unit == Unit::Timestamp => {
            vec![(format!("time() - {name}{of}"), legend)]
        }
        Kind::Gauge => vec![(format!("{name}{of}"), legend)],
        Kind::Info => vec![(format!("{name}{of}"), legend)],
        Kind::Histogram => [0.5, 0.99]
            .map(|part| {
                let rates = format!("rate({name}_bucket{of}[$__rate_interval])");
                let query = format!("histogram_quantile({part}, sum by ({by}, le) ({rates}))");
                (query, format!("{legend} p{}", part * 100.0))
            })
            .to_vec(),
    }
}

/// Grafana's name for the unit.
fn unit(metric: &Metric) -> &'static str {
    match (metric.kind, metric.unit) {
        // Seconds in a second: how many do it at a time.
        (Kind::Counter, Unit::Seconds) => "short",
        (Kind::Counter, Unit::Bytes) => "binBps",
        (_, Unit::Bytes) => "bytes",
        (_, Unit::Seconds | Unit::Timestamp) => "s",
        (_, Unit::Truth) => "bool",
        (_, Unit::Count | Unit::Wei | Unit::Gas | Unit::Cycles) => "short",
    }
}

#[cfg(test)]
mod tests;
