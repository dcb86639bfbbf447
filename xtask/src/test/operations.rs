//! Group operations: what `minster ops` prints, in the hands of Prometheus and Grafana's library.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use eyre::{OptionExt, Result, ensure, eyre};
use serde_json::{Value, json};

use super::core::{BUILD, cargo, step};
use super::packages::{has_venv, install_python, provide};
use super::report::{Report, Tally};
use super::{binary, target};
use crate::devnode::{DevNode, free_port};
use crate::process::Daemon;
use crate::{process, repo};

const PROGRAMS: &[&str] = &["promtool", "prometheus", "python3"];
const PACKAGES: &[&str] = &["prometheus", "python3", "python3-venv"];

const TOOL_LIMIT: Duration = Duration::from_secs(180);
const SCRAPES_LIMIT: Duration = Duration::from_secs(120);

/// A rate needs two scrapes; one more is for a first that came too early.
const SCRAPES_MIN: u32 = 3;

/// The configuration that operators are told of, and the address in it.
const MANUAL: &str = "bin/minster/OPERATING.md";
const MANUAL_ADDRESS: &str = "127.0.0.1:9545";

pub fn run(report: &mut Report) -> Result<()> {
    if !provide(report, "Prometheus", missing, PACKAGES) {
        return Ok(());
    }
    if !report.step("build", || step(&mut cargo(BUILD))) {
        return Ok(());
    }
    let folder = std::path::absolute(target().join("tools/operations"))?;
    fs::create_dir_all(&folder)?;
    let rules = ops("alerts")?;
    fs::write(folder.join("rules.yml"), &rules)?;
    report.step("rules", || promtool(&["check", "rules", "rules.yml"], &folder));
    report.step("alerts", || alerts(&rules, &folder));
    report.step("queries", || queries(&rules, &folder));
    report.step("dashboard", || dashboard(&folder));
    Ok(())
}

fn missing() -> Option<&'static str> {
    let program = PROGRAMS.iter().copied().find(|program| !process::exists(program));
    program.or_else(|| (!has_venv()).then_some("python3-venv"))
}

fn ops(what: &str) -> Result<String> {
    let text = process::capture(Command::new(binary()).args(["ops", what]));
    text.ok_or_else(|| eyre!("minster ops {what} failed"))
}

fn promtool(arguments: &[&str], folder: &Path) -> Result<Tally> {
    let mut command = Command::new("promtool");
    let ended = process::bounded(command.args(arguments).current_dir(folder), TOOL_LIMIT)?;
    Ok(Tally::one(ended.success))
}

/// Every alert fires when it should, and no sooner.
fn alerts(rules: &str, folder: &Path) -> Result<Tally> {
    let tests = fs::read_to_string(repo::root().join("tests/operations/alerts.yml"))?;
    for name in strings(rules, "- alert: ")? {
        ensure!(tests.contains(&format!("alertname=\"{name}\"")), "no test of {name}");
    }
    fs::write(folder.join("alerts.yml"), tests)?;
    promtool(&["test", "rules", "alerts.yml"], folder)
}

/// What stands behind a key, line by line: our rules have their strings as JSON has them.
fn strings(rules: &str, key: &str) -> Result<Vec<String>> {
    let quoted = rules.lines().filter_map(|line| line.trim_start().strip_prefix(key));
    let found: Vec<String> = quoted.map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(!found.is_empty(), "no {key} in the rules");
    Ok(found)
}

/// Grafana's own library understands all that the dashboard says.
fn dashboard(folder: &Path) -> Result<Tally> {
    let sources = repo::root().join("tests/operations");
    for name in ["requirements.txt", "dashboard.py"] {
        fs::copy(sources.join(name), folder.join(name))?;
    }
    fs::write(folder.join("dashboard.json"), ops("dashboard")?)?;
    let mut tally = install_python(folder)?;
    let mut python = Command::new(folder.join("venv/bin/python"));
    python.args(["dashboard.py", "dashboard.json"]).current_dir(folder);
    tally.add(Tally::one(process::bounded(&mut python, TOOL_LIMIT)?.success));
    Ok(tally)
}

/// Everything that is asked of Prometheus has an answer while it watches a node.
fn queries(rules: &str, folder: &Path) -> Result<Tally> {
    let admin = free_port()?;
    // With batches, but none before the test is over: a proof would take all cores.
    let arguments = ["--proofs", "on", "--batch-age", "3600", "--admin-port", &admin.to_string()];
    let _node = DevNode::start_with(&binary(), &folder.join("minster-dev.log"), &arguments)?;
    let prometheus = Prometheus::start(admin, folder)?;
    ensure!(prometheus.query("minster_made_up")? == json!([]), "anything has an answer");
    let mut tally = Tally::default();
    let mut check = |what: &str, query: &str| -> Result<()> {
        let answer = prometheus.query(query)?;
        let has_data = answer.as_array().is_some_and(|series| !series.is_empty());
        if !has_data {
            println!("{what}: no data for {query}");
        }
        tally.add(Tally::one(has_data));
        Ok(())
    };
    let expressions = strings(rules, "expr: ")?;
    for expression in &expressions {
        check("alert", &compared(expression))?;
    }
    let dashboard: Value = serde_json::from_str(&ops("dashboard")?)?;
    let panels = dashboard["panels"].as_array().ok_or_eyre("no panels")?;
    for target in panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten() {
        let query = target["expr"].as_str().ok_or_eyre("a target without a query")?;
        check("panel", &query.replace("$instance", ".*").replace("$__rate_interval", "1m"))?;
    }
    // What the dashboard's list of instances is made of.
    check("variable", "minster_build_info{instance!=\"\"}")?;
    tally.add(prometheus.check_rules(expressions.len())?);
    Ok(tally)
}

/// An expression whose comparisons say 0 or 1 instead of leaving out what does not hold. So it has
/// an answer, unless something that it names does not exist.
fn compared(expression: &str) -> String {
    let with_bool = |text: String, sign: &str| text.replace(sign, &format!("{sign}bool "));
    [" == ", " > ", " >= ", " < "].into_iter().fold(expression.to_owned(), with_bool)
}

struct Prometheus {
    _daemon: Daemon,
    port: u16,
}

impl Prometheus {
    /// Starts it as operators are told to, and waits until it has seen the node.
    fn start(admin: u16, folder: &Path) -> Result<Self> {
        let manual = fs::read_to_string(repo::root().join(MANUAL))?;
        let jobs = manual.split("```yaml\n").nth(1).and_then(|text| text.split("```").next());
        let jobs = jobs.ok_or_eyre("no configuration in the manual")?;
        ensure!(jobs.contains(MANUAL_ADDRESS), "another address in the manual");
        let jobs = jobs.replace(MANUAL_ADDRESS, &format!("127.0.0.1:{admin}"));
        let text = format!(
            "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n\
             rule_files: [rules.yml]\n{jobs}"
        );
        fs::write(folder.join("prometheus.yml"), text)?;
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let port = free_port()?;
        let mut command = Command::new("prometheus");
        command.current_dir(folder).arg("--config.file=prometheus.yml");
        command.arg("--storage.tsdb.path=data");
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let daemon = Daemon::start(&mut command, &folder.join("prometheus.log"))?;
        let prometheus = Self { _daemon: daemon, port };
        let query = format!("sum_over_time(up{{job=\"minster\"}}[5m]) >= {SCRAPES_MIN}");
        let start = Instant::now();
        while prometheus.query(&query).ok().is_none_or(|found| found == json!([])) {
            ensure!(start.elapsed() < SCRAPES_LIMIT, "Prometheus does not see the node");
            thread::sleep(Duration::from_millis(200));
        }
        Ok(prometheus)
    }

    fn query(&self, query: &str) -> Result<Value> {
        let encode = |byte: u8| format!("%{byte:02X}");
        let query: String = query.bytes().map(encode).collect();
        Ok(self.get(&format!("/api/v1/query?query={query}"))?["result"].take())
    }

    /// Whether it has loaded so many rules and evaluates them without errors.
    fn check_rules(&self, count: usize) -> Result<Tally> {
        let groups = self.get("/api/v1/rules")?["groups"].take();
        let groups = groups.as_array().ok_or_eyre("no groups")?;
        let rules: Vec<&Value> =
            groups.iter().filter_map(|group| group["rules"].as_array()).flatten().collect();
        let is_well = |rule: &&Value| rule["health"] == "ok";
        let unwell: Vec<&Value> = rules.iter().copied().filter(|rule| !is_well(rule)).collect();
        ensure!(unwell.is_empty(), "rules that fail: {unwell:?}");
        ensure!(rules.len() == count, "{} of {count} rules are loaded", rules.len());
        Ok(Tally::one(true))
    }

    fn get(&self, path: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(TOOL_LIMIT))?;
        // HTTP/1.0: the answer is in one piece, and ends with the connection.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or_eyre("no answer")?;
        let mut body: Value = serde_json::from_str(body)?;
        ensure!(body["status"] == "success", "{path}: {body}");
        Ok(body["data"].take())
    }
}

#[cfg(test)]
mod tests;
