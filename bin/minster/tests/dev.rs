//! The real binary, as a person and as a power cut meet it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use alloy_primitives::{TxKind, U256, address, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use serde_json::{Value, json};

const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A running node; killed when the test ends, however it ends.
struct Node {
    child: Child,
    ready: Value,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
    command.arg("dev").args(arguments);
    command
}

impl Node {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(&["--port", "0", "--json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
            .find(|line| line["message"] == "ready")
            .expect("the node says when it is ready");
        // Keeps the pipe open and empty.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, ready }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let reply = self.post(&body.to_string());
        serde_json::from_str(&reply).unwrap()
    }

    fn result(&self, method: &str, params: Value) -> Value {
        let reply = self.call(method, params);
        assert!(reply["error"].is_null(), "{method}: {reply}");
        reply["result"].clone()
    }

    fn post(&self, body: &str) -> String {
        let address = self.ready["http"].as_str().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (_, body) = reply.split_once("\r\n\r\n").unwrap();
        body.to_owned()
    }

    fn receipt(&self, hash: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let receipt = self.result("eth_getTransactionReceipt", json!([hash]));
            if !receipt.is_null() {
                return receipt;
            }
            assert!(Instant::now() < deadline, "no receipt of {hash}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }
}

fn transfer(nonce: u64) -> String {
    let key: PrivateKeySigner = KEY.parse().unwrap();
    let tx = TxEip1559 {
        chain_id: 1_337,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1_000_000,
        to: TxKind::Call(address!("00000000000000000000000000000000000000aa")),
        value: U256::from(1),
        ..Default::default()
    };
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(Envelope::Eip1559(tx.into_signed(signature)).encoded_2718())
}

fn send(node: &Node, nonce: u64) -> String {
    let hash = node.result("eth_sendRawTransaction", json!([transfer(nonce)]));
    hash.as_str().unwrap().to_owned()
}

#[test]
fn a_first_transaction() {
    let node = Node::start(&[]);
    assert_eq!(node.ready["chainId"], 1_337);
    assert_eq!(node.result("eth_chainId", json!([])), "0x539");
    let receipt = node.result("eth_sendRawTransactionSync", json!([transfer(0)]));
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["gasUsed"], "0x5208");
    let to = "0x00000000000000000000000000000000000000aa";
    assert_eq!(node.result("eth_getBalance", json!([to, "latest"])), "0x1");
}

#[test]
fn ctrl_c_ends_with_zero_and_keeps_the_chain() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let mut node = Node::start(&["--dir", path]);
    let hash = send(&node, 0);
    let receipt = node.receipt(&hash);
    node.interrupt();
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    let node = Node::start(&["--dir", path]);
    let again = node.receipt(&hash);
    assert_eq!(again["blockNumber"], receipt["blockNumber"]);
    assert_eq!(again["transactionIndex"], receipt["transactionIndex"]);
    assert_eq!(again["cumulativeGasUsed"], receipt["cumulativeGasUsed"]);
}

/// kill -9 while transactions stream in: every answered receipt is there afterwards, in the same
/// place, and so is every sealed block that anybody saw.
#[test]
fn kill_9_loses_no_answered_receipt() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let mut nonce = 0;
    let mut answered: Vec<Value> = Vec::new();
    let mut sealed: Vec<Value> = Vec::new();
    for round in 0..3 {
        let mut node = Node::start(&["--dir", path]);
        for before in &answered {
            let after = node.receipt(before["transactionHash"].as_str().unwrap());
            for field in ["blockNumber", "transactionIndex", "cumulativeGasUsed", "status"] {
                assert_eq!(after[field], before[field], "{field} in round {round}");
            }
        }
        for before in &sealed {
            let after = node.result("eth_getBlockByNumber", json!([before["number"], false]));
            assert_eq!(after["hash"], before["hash"]);
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(1_700) {
            let receipt = node.result("eth_sendRawTransactionSync", json!([transfer(nonce)]));
            answered.push(receipt);
            nonce += 1;
        }
        sealed.push(node.result("eth_getBlockByNumber", json!(["latest", false])));
        // One more, whose receipt nobody waits for.
        send(&node, nonce);
        node.child.kill().unwrap();
        node.child.wait().unwrap();
        let node = Node::start(&["--dir", path]);
        let address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        let next = node.result("eth_getTransactionCount", json!([address, "latest"]));
        let next = u64::from_str_radix(&next.as_str().unwrap()[2..], 16).unwrap();
        assert!(next == nonce || next == nonce + 1, "{next} after {nonce}");
        nonce = next;
    }
    assert!(answered.len() > 30, "only {} transactions in three rounds", answered.len());
}

fn fails(arguments: &[&str]) -> (Output, String) {
    let output = command(arguments).stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    (output, error)
}

#[test]
fn failures_are_one_clear_line() {
    let node = Node::start(&[]);
    let port = node.ready["http"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let (output, error) = fails(&["--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains(&port) && error.contains("--port"), "{error}");
    assert_eq!(error.trim().lines().count(), 1, "{error}");

    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("photo.jpg"), "mine").unwrap();
    let (output, error) = fails(&["--port", "0", "--dir", directory.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    assert!(Path::new(directory.path()).join("photo.jpg").exists());

    let (output, error) = fails(&["--ports", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("--ports"), "{error}");
}

#[test]
fn a_directory_in_use_or_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let mut node = Node::start(&["--dir", path]);
    let (output, error) = fails(&["--port", "0", "--dir", path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    node.interrupt();
    node.child.wait().unwrap();

    let format = directory.path().join("FORMAT");
    let mut stored: Value =
        serde_json::from_str(&std::fs::read_to_string(&format).unwrap()).unwrap();
    let version = stored
        .as_object_mut()
        .unwrap()
        .iter_mut()
        .find(|(name, _)| name.contains("format") || name.contains("version"))
        .unwrap()
        .1;
    *version = json!(999);
    std::fs::write(&format, stored.to_string()).unwrap();
    let (output, error) = fails(&["--port", "0", "--dir", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("newer"), "{error}");
}
