//! A Grafana dashboard: a row for each group of the table, a panel for each metric.

use serde_json::{Value, json};

use crate::{Group, Kind, METRICS, Metric, Unit};

/// Grafana divides a row into so many columns.
const COLUMNS: usize = 24;
const PANEL_COLUMNS: usize = 8;
const PANEL_LINES: usize = 7;

/// The dashboard, as Grafana imports it.
#[must_use]
pub fn dashboard() -> Value {
    let mut panels = Vec::new();
    let mut line = 0;
    for group in Group::ALL {
        let place = json!({"x": 0, "y": line, "w": COLUMNS, "h": 1});
        panels.push(json!({
            "id": panels.len() + 1, "type": "row", "title": group.title(), "gridPos": place,
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
    json!({
        "title": "Minster",
        "uid": "minster",
        "tags": ["minster"],
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus"},
            {
                "name": "instance", "type": "query", "datasource": source(),
                "query": "label_values(minster_build_info, instance)",
                "refresh": 2, "multi": true, "includeAll": true,
            },
        ]},
        "panels": panels,
    })
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn panel(metric: &Metric, id: usize, place: &Value) -> Value {
    let targets: Vec<Value> = (queries(metric).into_iter().zip('A'..))
        .map(|((query, legend), name)| {
            let name = name.to_string();
            json!({"refId": name, "datasource": source(), "expr": query, "legendFormat": legend})
        })
        .collect();
    json!({
        "id": id,
        "type": if metric.kind == Kind::Info { "stat" } else { "timeseries" },
        "title": title(metric),
        "description": metric.help,
        "datasource": source(),
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": unit(metric)}, "overrides": []},
        "options": if metric.kind == Kind::Info { json!({"textMode": "name"}) } else { json!({}) },
        "targets": targets,
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
        (Kind::Counter, Unit::Bytes) => "Bps",
        (_, Unit::Bytes) => "bytes",
        (_, Unit::Seconds | Unit::Timestamp) => "s",
        (_, Unit::Truth) => "bool",
        (_, Unit::Count | Unit::Wei | Unit::Gas | Unit::Cycles) => "short",
    }
}
