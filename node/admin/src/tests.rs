//! The port over real sockets, before a chain that runs.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use minster_batcher::{Batcher, BatcherConfig};
use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis};
use minster_rpc::{RpcConfig, RpcHandle, RpcServer};
use minster_sequencer::{Running, StartConfig, open_storage};
use minster_telemetry::METRICS;

use crate::{Admin, AdminConfig, Sources};

fn admin(config: AdminConfig) -> Admin {
    let listen = "127.0.0.1:0".parse().unwrap();
    Admin::start(AdminConfig { listen, ..config }).unwrap()
}

fn exchange(admin: &Admin, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(admin.local_addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.write_all(request);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8(reply).unwrap()
}

/// Status and body.
fn get(admin: &Admin, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let reply = exchange(admin, request.as_bytes());
    let (head, body) = reply.split_once("\r\n\r\n").expect("an answer");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

struct Node {
    running: Running,
    rpc: RpcHandle,
    runtime: tokio::runtime::Runtime,
    /// Held to its end: the directory is removed then.
    directory: tempfile::TempDir,
}

impl Node {
    fn start() -> (Self, Sources) {
        let mut genesis =
            Genesis { config: ChainConfig::new(1), timestamp: 1, accounts: Default::default() };
        install_precontracts(&mut genesis).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("chain");
        let storage = open_storage(&genesis, Some(&root)).unwrap();
        let batcher = Batcher::open(&genesis, &storage, BatcherConfig::default()).unwrap();
        let batches = Some(batcher.batches().clone());
        let config = StartConfig { directory: Some(root.clone()), ..StartConfig::default() };
        let running = Running::start_on(&genesis, storage, config).unwrap();
        let sequencer = running.handle().clone();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = RpcConfig { listen, ..RpcConfig::default() };
        let rpc = RpcServer::start(config, sequencer.clone(), batches.clone());
        let rpc = runtime.block_on(rpc).unwrap();
        let metrics = rpc.metrics();
        let sources = Sources { sequencer, batches, rpc: metrics, directory: Some(root) };
        (Self { running, rpc, runtime, directory }, sources)
    }

    fn call(&self, body: &str) -> String {
        let mut stream = TcpStream::connect(self.rpc.local_addr()).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    fn stop(self) {
        self.runtime.block_on(self.rpc.stop());
        self.running.stop().unwrap();
        drop(self.directory);
    }
}

#[test]
fn a_node_is_alive_before_it_is_ready_and_until_its_end() {
    let admin = admin(AdminConfig { disk_free_min_bytes: 0, ..AdminConfig::default() });
    let not_ready = |reason: &str| (503, format!("{{\"ready\":false,\"reasons\":[{reason}]}}\n"));
    assert_eq!(get(&admin, "/health").0, 200);
    assert_eq!(get(&admin, "/ready"), not_ready("\"starting\""));
    let (node, sources) = Node::start();
    admin.attach(sources);
    assert_eq!(get(&admin, "/health"), (200, "{\"alive\":true}\n".to_owned()));
    assert_eq!(get(&admin, "/ready"), (200, "{\"ready\":true,\"reasons\":[]}\n".to_owned()));
    admin.drain();
    assert_eq!(get(&admin, "/ready"), not_ready("\"draining\""));
    node.stop();
    assert_eq!(get(&admin, "/health").0, 200);
}

#[test]
fn a_silent_execution_thread_is_neither_alive_nor_ready() {
    let limits = AdminConfig { executor_age_max_ms: 1_000, ..AdminConfig::default() };
    let admin = admin(AdminConfig { disk_free_min_bytes: 0, ..limits });
    let (node, sources) = Node::start();
    admin.attach(sources);
    assert_eq!(get(&admin, "/health").0, 200);
    // It ends, and nobody has told the port that it should.
    node.stop();
    std::thread::sleep(Duration::from_millis(1_200));
    let (status, body) = get(&admin, "/health");
    assert_eq!((status, body.contains("executor_stalled")), (503, true), "{body}");
    assert!(get(&admin, "/ready").1.contains("\"executor_stalled\""));
}

#[test]
fn a_disk_without_room_is_a_reason() {
    let admin = admin(AdminConfig { disk_free_min_bytes: u64::MAX, ..AdminConfig::default() });
    let (node, sources) = Node::start();
    admin.attach(sources);
    let (status, body) = get(&admin, "/ready");
    assert_eq!((status, body.contains("[\"disk_full\"]")), (503, true), "{body}");
    assert_eq!(get(&admin, "/health").0, 200, "killing it makes no room");
    let (_, text) = get(&admin, "/metrics");
    assert!(text.contains("\nminster_not_ready{reason=\"disk_full\"} 1.0\n"), "{text}");
    admin.drain();
    node.stop();
}

/// The families that an exposition describes.
fn families(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split(' ').next().unwrap())
        .collect()
}

#[test]
fn every_metric_of_the_table_is_told_and_no_other() {
    let admin = admin(AdminConfig::default());
    let (node, sources) = Node::start();
    let (status, text) = get(&admin, "/metrics");
    assert_eq!(status, 200);
    assert!(families(&text).contains("process_start_time_seconds"), "{text}");
    assert!(!families(&text).contains("minster_slices"), "nothing runs: {text}");
    admin.attach(sources);
    let chain_id = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    assert!(node.call(chain_id).contains("\"0x1\""));
    let refused =
        r#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x02c0"]}"#;
    assert!(node.call(refused).contains("error"));
    let unknown = r#"{"jsonrpc":"2.0","id":1,"method":"eth_made_up"}"#;
    assert!(node.call(unknown).contains("-32601"));
    let (_, text) = get(&admin, "/metrics");
    let told = families(&text);
    let table: BTreeSet<&str> = METRICS.iter().map(|metric| metric.family()).collect();
    match cfg!(target_os = "linux") {
        true => assert_eq!(told, table),
        false => assert!(told.is_subset(&table)),
    }
    for line in [
        "minster_rpc_requests_total{method=\"eth_chainId\",outcome=\"ok\"} 1.0",
        "minster_rpc_requests_total{method=\"unknown\",outcome=\"refused\"} 1.0",
        "minster_rpc_request_seconds_count{method=\"eth_chainId\"} 1",
        "minster_transactions_refused_total{reason=\"malformed\"} 1.0",
        "minster_transactions_accepted_total 0.0",
        "minster_not_ready{reason=\"starting\"} 0.0",
        "minster_block_number 0.0",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line} is not in\n{text}");
    }
    assert!(!text.contains("made_up"), "users name no metrics");
    admin.drain();
    node.stop();
}

#[test]
fn pages_that_name_this_machine_after_themselves_are_not_answered() {
    let local = admin(AdminConfig::default());
    let every = "0.0.0.0:0".parse().unwrap();
    let open = Admin::start(AdminConfig { listen: every, ..AdminConfig::default() }).unwrap();
    let status = |admin: &Admin, header: &str| {
        let port = admin.local_addr().port();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /health HTTP/1.1\r\n{header}\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for host in ["127.0.0.1:9545", "[::1]:9545", "LocalHost", "10.1.2.3"] {
        assert_eq!(status(&local, &format!("Host: {host}\r\n")), 200, "{host}");
    }
    assert_eq!(status(&local, ""), 200, "no browser");
    for host in ["example.org:9545", "localhost.example.org", "127.0.0.1.example.org", "", "@"] {
        assert_eq!(status(&local, &format!("Host: {host}\r\n")), 421, "{host}");
    }
    assert_eq!(status(&open, "Host: minster:9545\r\n"), 200, "opened to a network of names");
}

#[test]
fn what_is_no_small_request_is_refused() {
    let admin = admin(AdminConfig::default());
    assert_eq!(get(&admin, "/").0, 404);
    assert_eq!(get(&admin, "/metrics/../health").0, 404);
    let status = |request: &[u8]| {
        let reply = exchange(&admin, request);
        reply.split(' ').nth(1).map(|status| status.parse::<u16>().unwrap())
    };
    let post = b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(status(post), Some(405));
    let body = b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(status(body), Some(413));
    let head = exchange(&admin, b"HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.contains("application/openmetrics-text; version=1.0.0"), "{head}");
    let long = format!("GET /health HTTP/1.1\r\nHost: {}\r\n\r\n", "n".repeat(64 << 10));
    assert!(matches!(status(long.as_bytes()), None | Some(400..500)));
    let many = format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(100));
    assert!(matches!(status(many.as_bytes()), None | Some(400..500)));
    assert!(matches!(status(b"\x16\x03\x01\x00\xff"), None | Some(400..500)));
    assert_eq!(get(&admin, "/health").0, 200, "it goes on");
}

/// Who waits for a disk that does not answer keeps nobody else waiting, not even the port's end.
#[test]
fn a_disk_that_hangs_is_no_sign_of_death() {
    let admin = admin(AdminConfig { connection_timeout_ms: 1_000, ..AdminConfig::default() });
    let (node, sources) = Node::start();
    admin.attach(sources);
    let state = std::sync::Arc::clone(&admin.state);
    let disk = state.folders.lock();
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let hanging: Vec<_> = (0..6)
        .map(|_| {
            let mut stream = TcpStream::connect(admin.local_addr()).unwrap();
            stream.write_all(request).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(get(&admin, "/health").0, 200);
    assert_eq!(exchange(&admin, request), "", "it waits no longer than it may");
    drop(hanging);
    admin.drain();
    drop(admin);
    drop(disk);
    node.stop();
}

#[test]
fn a_directory_that_is_gone_is_a_reason() {
    let admin = admin(AdminConfig { disk_free_min_bytes: 0, ..AdminConfig::default() });
    let (node, sources) = Node::start();
    let directory = Some(node.directory.path().join("gone"));
    admin.attach(Sources { directory, ..sources });
    let (status, body) = get(&admin, "/ready");
    assert_eq!((status, body.contains("[\"disk_unknown\"]")), (503, true), "{body}");
    admin.drain();
    node.stop();
}

#[test]
fn connections_are_few_and_short() {
    let limits = AdminConfig { connections_max: 2, ..AdminConfig::default() };
    let admin = admin(AdminConfig { connection_timeout_ms: 1_500, ..limits });
    let connect = || TcpStream::connect(admin.local_addr()).unwrap();
    let mut oldest = connect();
    let mut silent = [connect(), connect()];
    let started = Instant::now();
    let _ = oldest.read(&mut [0; 16]);
    assert!(started.elapsed() < Duration::from_millis(1_000), "one too many ends it");
    assert_eq!(get(&admin, "/health").0, 200, "who holds connections keeps nobody out");
    silent[0] = connect();
    // One that sends byte after byte is no better than one that is silent.
    let started = Instant::now();
    silent[0].set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    loop {
        let _ = silent[0].write_all(b"G");
        match silent[0].read(&mut [0; 16]) {
            Ok(0) => break,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => break,
        }
        assert!(started.elapsed() < Duration::from_secs(10), "still open");
    }
    let _ = silent[1].shutdown(Shutdown::Both);
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(get(&admin, "/health").0, 200, "there is room again");
}

#[test]
fn a_taken_port_is_said_and_a_closed_one_is_free() {
    let first = admin(AdminConfig::default());
    let listen = first.local_addr();
    let second = Admin::start(AdminConfig { listen, ..AdminConfig::default() });
    let error = second.expect_err("taken").to_string();
    assert!(error.contains(&listen.port().to_string()), "{error}");
    drop(first);
    Admin::start(AdminConfig { listen, ..AdminConfig::default() }).expect("free again");
}
