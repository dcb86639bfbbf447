//! What operators see of a development chain: the admin port, the logs, and `minster ops`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

fn minster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
    command.args(arguments).env_remove("MINSTER_LOG");
    command
}

/// A chain with an admin port, and all that it logs.
struct Node {
    child: Child,
    ready: Value,
    lines: Option<JoinHandle<Vec<String>>>,
}

impl Node {
    fn start(arguments: &[&str]) -> Self {
        let mut command = minster(&["dev", "--port", "0", "--admin-port", "0", "--json"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, ready) = mpsc::channel();
        let read = move || {
            let mut all = Vec::new();
            for line in lines.map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str::<Value>(&line)
                    && value["message"] == "ready"
                {
                    sender.send(value).unwrap();
                }
                all.push(line);
            }
            all
        };
        let lines = Some(std::thread::spawn(read));
        let ready = ready.recv_timeout(Duration::from_secs(60)).expect("the node gets ready");
        Self { child, ready, lines }
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, String) {
        let reply = exchange(&self.ready["admin"], &format!("GET {path} HTTP/1.1"), "");
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn call(&self, method: &str, params: &Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let reply = exchange(&self.ready["http"], "POST / HTTP/1.1", &body.to_string());
        let (_, body) = reply.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<Value>(body).unwrap()["result"].clone()
    }

    /// The value of a sample.
    fn metric(&self, sample: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap())
    }

    fn wait(&self, sample: &str, wanted: f64) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.metric(sample) != Some(wanted) {
            assert!(
                Instant::now() < deadline,
                "{sample} is not {wanted}: {}",
                self.get("/metrics").1
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it as systemd does; what it said.
    fn stop(mut self) -> Vec<String> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.lines.take().unwrap().join().unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exchange(url: &Value, line: &str, body: &str) -> String {
    let address = url.as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    write!(stream, "{line}\r\nHost: localhost\r\n{length}Connection: close\r\n\r\n{body}").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn an_operator_sees_what_the_chain_does() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("chain");
    let node = Node::start(&[
        "--proofs",
        "off",
        "--dir",
        root.to_str().unwrap(),
        "--log",
        "info,minster_sequencer=debug,minster_rpc=debug",
    ]);
    assert_eq!(node.get("/health").0, 200);
    let (status, why) = node.get("/ready");
    // A machine with a full disk is no failure of the node.
    assert!(status == 200 || why.contains("[\"disk_full\"]"), "{status} {why}");
    let from = &node.ready["accounts"][0]["address"];
    let hash = node.call("eth_sendTransaction", &json!([{"from": from, "to": from}]));
    assert!(hash.is_string(), "{hash}");
    assert_eq!(node.call("eth_sendRawTransaction", &json!(["0x02c0"])), Value::Null);
    node.wait("minster_transactions_executed_total", 1.0);
    node.wait("minster_block_number", 1.0);
    for (sample, wanted) in [
        ("minster_transactions_accepted_total", 1.0),
        ("minster_transactions_refused_total{reason=\"malformed\"}", 1.0),
        ("minster_receipt_seconds_count", 1.0),
        ("minster_block_gas_used", 21_000.0),
        ("minster_gas_used_total", 21_000.0),
        ("minster_block_seal_seconds_count", 1.0),
        ("minster_rpc_requests_total{method=\"eth_sendTransaction\",outcome=\"ok\"}", 1.0),
        ("minster_rpc_requests_total{method=\"eth_sendRawTransaction\",outcome=\"refused\"}", 1.0),
    ] {
        assert_eq!(node.metric(sample), Some(wanted), "{sample}");
    }
    assert!(node.metric("minster_wal_sync_seconds_count").unwrap() >= 2.0, "a slice and a seal");
    assert!(node.metric("minster_directory_bytes{folder=\"wal\"}").unwrap() > 0.0);
    assert!(node.metric("minster_disk_free_bytes").unwrap() > 0.0);
    assert_eq!(node.metric("minster_batches_sealed_total"), None, "proofs are off");
    check_logs(&node.stop(), hash.as_str().unwrap());
}

/// Every line has one schema, and says what became of the transaction and of the requests.
fn check_logs(lines: &[String], hash: &str) {
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for line in &lines {
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "{key} is not in {line}");
        }
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line["target"].as_str().unwrap().starts_with("minster"), "{line}");
    }
    let has = |target: &str, fields: Value| {
        let holds = |line: &&Value| {
            let all = fields.as_object().unwrap();
            line["target"].as_str().unwrap().starts_with(target)
                && all.iter().all(|(key, value)| line[key] == *value)
        };
        assert!(lines.iter().any(|line| holds(&line)), "{target} {fields}: {lines:#?}");
    };
    has("minster_sequencer", json!({"message": "accepted", "transaction": hash}));
    has("minster_sequencer", json!({"message": "refused", "bytes": 2}));
    let method = "eth_sendTransaction";
    has("minster_rpc", json!({"message": "answered", "method": method, "outcome": "ok"}));
}

#[test]
fn a_node_that_proves_tells_of_its_batches() {
    let node = Node::start(&["--proofs", "on", "--batch-age", "3600"]);
    assert_eq!(node.metric("minster_batches_sealed_total"), Some(0.0));
    assert_eq!(node.metric("minster_batcher_halted"), Some(0.0));
    assert!(node.metric("minster_batcher_age_seconds").unwrap() < 30.0);
    assert_eq!(node.metric("minster_disk_free_bytes"), None, "a chain in memory");
    assert!(node.metric("minster_prover_cycles_per_second").unwrap() > 0.0);
    assert_eq!(node.get("/ready"), (200, "{\"ready\":true,\"reasons\":[]}\n".to_owned()));
    node.stop();
}

#[test]
fn without_the_option_there_is_no_admin_port() {
    let mut command = minster(&["dev", "--port", "0", "--proofs", "off", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        (line["message"] == "ready").then_some(line)
    });
    assert_eq!(ready.unwrap()["admin"], Value::Null);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn ops_prints_what_other_programs_read() {
    let print = |what: &[&str]| {
        let ended = minster(&[&["ops"], what].concat()).output().unwrap();
        (ended.status.success(), String::from_utf8(ended.stdout).unwrap())
    };
    let (_, dashboard) = print(&["dashboard"]);
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 40);
    assert!(print(&["alerts"]).1.starts_with("groups:\n"));
    assert!(print(&["unit"]).1.contains("\n[Service]\n"));
    assert!(print(&["containerfile"]).1.contains("\nFROM "));
    assert!(print(&["metrics"]).1.contains("| `minster_block_number` | gauge |"));
    assert!(print(&["runbook", "MinsterDown"]).1.starts_with("## MinsterDown\n"));
    assert!(!print(&["runbook", "MinsterBored"]).0);
}
