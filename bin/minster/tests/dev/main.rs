//! The real binary, as a person and as a power cut meet it.

mod crash;
mod https;
mod node;
mod operating;
#[cfg(target_os = "linux")]
mod proving;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
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

/// Proving shares the machine with the other tests.
const PROVEN_WITHIN: Duration = Duration::from_secs(900);

const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A running node; killed when the test ends, however it ends.
struct Node {
    child: Child,
    ready: Value,
    /// All that it has logged.
    lines: Arc<Mutex<Vec<Value>>>,
    reader: Option<JoinHandle<()>>,
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
        let mut command = command(&["--port", "0", "--json"]);
        command.args(arguments);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let all: Arc<Mutex<Vec<Value>>> = Arc::default();
        let told = Arc::clone(&all);
        let (sender, ready) = mpsc::channel();
        // To the end, so that the pipe is never full.
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                if line["message"] == "ready" {
                    sender.send(line.clone()).unwrap();
                }
                told.lock().unwrap().push(line);
            }
        });
        let ready = ready.recv_timeout(Duration::from_secs(60));
        let ready = ready.expect("the node says when it is ready");
        Self { child, ready, lines: all, reader: Some(reader) }
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

    /// Waits until a transaction is proven.
    fn proven(&self, hash: &str) -> Value {
        let deadline = Instant::now() + PROVEN_WITHIN;
        loop {
            let finality = self.result("minster_getFinality", json!([hash]));
            if finality["proof"] == "verified" {
                return finality;
            }
            assert!(finality["proofError"].is_null(), "{finality}");
            assert!(Instant::now() < deadline, "{finality}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The lines with a message, so far.
    fn told(&self, message: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line["message"] == message).cloned().collect()
    }

    /// The batches that it has told of.
    fn sealed_batches(&self) -> Vec<Value> {
        self.told("sealed batch")
    }

    /// kill -9. Returns everything that was told.
    fn kill(&mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        self.sealed_batches()
    }

    fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

fn transfer(nonce: u64) -> String {
    transfer_on(1_337, nonce, 100_000_000_000)
}

fn transfer_on(chain_id: u64, nonce: u64, max_fee_per_gas: u128) -> String {
    let key: PrivateKeySigner = KEY.parse().unwrap();
    let tx = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas,
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

/// Another chain id, other accounts, another block time.
#[test]
fn a_development_chain_is_what_the_flags_say() {
    let mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                    abandon abandon about";
    let fund = "0x00000000000000000000000000000000000000cc";
    let mut flags = vec!["--proofs", "off", "--chain-id", "99", "--accounts", "2", "--balance"];
    flags.extend(["7", "--block-time", "3", "--mnemonic", mnemonic, "--fund", fund]);
    let node = Node::start(&flags);
    assert_eq!(node.result("eth_chainId", json!([])), "0x63");
    let accounts = node.result("eth_accounts", json!([]));
    let first = "0x9858effd232b4033e47d90003d41ec34ecaeda94";
    assert_eq!((accounts.as_array().unwrap().len(), &accounts[0]), (2, &json!(first)));
    for account in [first, fund] {
        let balance = node.result("eth_getBalance", json!([account, "latest"]));
        assert_eq!(balance, "0x6124fee993bc0000");
    }
    let transaction = json!({"from": first, "to": fund, "value": "0x1"});
    let hash = node.result("eth_sendTransaction", json!([transaction]));
    node.receipt(hash.as_str().unwrap());
    let block = node.result("eth_getBlockByNumber", json!(["pending", false]));
    let timestamp = u64::from_str_radix(&block["timestamp"].as_str().unwrap()[2..], 16).unwrap();
    assert_eq!(timestamp % 3, 0);

    let (output, error) = fails(&["--mnemonic", "no such words"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("--mnemonic"), "{error}");
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

/// kill -9 while batches are sealed and proven: those that anybody heard of are there afterwards,
/// with the same commitments, and the next ones follow them without a gap.
#[test]
fn kill_9_keeps_batches_contiguous() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--dir", directory.path().to_str().unwrap(), "--batch-age", "1"];
    let mut nonce = 0;
    let mut told: Vec<Value> = Vec::new();
    for round in 0..3 {
        let mut node = Node::start(&arguments);
        let started = Instant::now();
        let wanted = |node: &Node| node.sealed_batches().len() < 2;
        while wanted(&node) && started.elapsed() < Duration::from_secs(30) {
            let receipt = node.result("eth_sendRawTransactionSync", json!([transfer(nonce)]));
            assert_eq!(receipt["status"], "0x1");
            nonce += 1;
        }
        let new = node.kill();
        assert!(new.len() >= 2, "{} batches in round {round}", new.len());
        if new[0]["batch"] == told.len() + 2 {
            // One was durable and nobody was told of it: what it was, its successor says.
            let (first, parent) = (new[0]["first_block"].as_u64().unwrap(), &new[0]["parent"]);
            let number = told.len() + 1;
            told.push(json!({"batch": number, "commitment": parent, "last_block": first - 1}));
        }
        told.extend(new);
    }
    for (index, batch) in told.iter().enumerate() {
        assert_eq!(batch["batch"], index + 1);
    }
    for (before, after) in told.iter().zip(&told[1..]) {
        // Of a batch that nobody was told of, only its end is known.
        if let (Some(first), parent) = (after["first_block"].as_u64(), &after["parent"]) {
            assert_eq!(Some(first - 1), before["last_block"].as_u64());
            assert_eq!(*parent, before["commitment"]);
        }
    }
}

/// A process that another one started, if there is one.
#[cfg(target_os = "linux")]
fn child_of(parent: u32) -> Option<u32> {
    let parent = parent.to_string();
    std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok())?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // Behind the name in brackets stand the state and the parent.
        let fields = stat.rsplit(')').next()?;
        (fields.split_whitespace().nth(1) == Some(&parent)).then_some(pid)
    })
}

/// The proving process of a node, once it is there.
#[cfg(target_os = "linux")]
fn prover_of(node: &Node) -> u32 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(prover) = child_of(node.child.id()) {
            return prover;
        }
        assert!(Instant::now() < deadline, "no proving process");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What happens to the prover is no matter to the node; it never outlives the node.
#[cfg(target_os = "linux")]
#[test]
fn the_prover_dies_with_its_node_and_not_the_other_way_round() {
    let mut node = Node::start(&[]);
    let hash = send(&node, 0);
    node.receipt(&hash);
    let prover = prover_of(&node).to_string();
    assert!(Command::new("kill").args(["-KILL", &prover]).status().unwrap().success());
    let deadline = Instant::now() + Duration::from_secs(20);
    let failed = loop {
        let finality = node.result("minster_getFinality", json!([hash]));
        if finality["proofError"].is_string() {
            break finality;
        }
        assert!(Instant::now() < deadline, "{finality}");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(failed["proofError"].as_str().unwrap().contains("signal: 9"), "{failed}");
    // It is tried again; this time it is the node that goes.
    let prover = prover_of(&node);
    node.kill();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Path::new(&format!("/proc/{prover}")).exists() {
        assert!(Instant::now() < deadline, "the prover outlives its node");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// From a transfer to a proof that anybody can check: what the whole stack is for.
#[test]
fn a_transfer_is_proven_and_anybody_can_check_it() {
    let started = Instant::now();
    let node = Node::start(&[]);
    let hash = send(&node, 0);
    node.receipt(&hash);
    let finality = node.proven(&hash);
    println!("a transfer was proven after {:.1} s", started.elapsed().as_secs_f64());
    assert_eq!((&finality["status"], &finality["batch"]), (&json!("confirmed"), &json!("0x1")));
    let told = node.result("minster_getBatchProof", json!(["0x1"]));
    let url = node.ready["http"].as_str().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let proof = directory.path().join("batch-1.proof");
    std::fs::write(&proof, download(&node, told["url"].as_str().unwrap())).unwrap();
    let verify = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_minster")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let proof = proof.to_str().unwrap();
    let checked = verify(&["verify", "--batch", proof, "--json"]);
    let checked: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(checked["batch"], told["claim"]);
    assert_eq!(checked["keyDigest"], told["guestKey"]);
    let text = verify(&["verify", "--batch", "1", "--node", url]);
    println!("{text}");
    assert!(text.contains("1 of chain 1337: blocks 1 to "), "{text}");
    assert!(text.contains("It does not mean"), "{text}");
}

/// The body of a GET.
fn download(node: &Node, path: &str) -> Vec<u8> {
    let address = node.ready["http"].as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    reply.split_off(end + 4)
}

fn fails(arguments: &[&str]) -> (Output, String) {
    let output = command(arguments).stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    (output, error)
}

#[test]
fn failures_are_one_clear_line() {
    let node = Node::start(&["--proofs", "off"]);
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

    let (output, error) = fails(&["--proofs", "lent"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("--prover-tokens"), "{error}");
}

/// A prover without a token that the node knows, or of a node that lends nothing, ends and says so.
#[test]
fn a_prover_that_gets_no_batches_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (token, other) = (file("token", &"a".repeat(32)), file("other", &"b".repeat(32)));
    let prove = |node: &Node, token: &str| {
        let url = node.ready["http"].as_str().unwrap();
        let arguments = ["prover", "--node", url, "--token", token];
        let output = Command::new(env!("CARGO_BIN_EXE_minster")).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let node = Node::start(&["--proofs", "off"]);
    assert!(prove(&node, &token).contains("lends no batches"));
    let node = Node::start(&["--proofs", "lent", "--prover-tokens", &token]);
    assert!(prove(&node, &other).contains("does not know the token"));
    let short = file("short", "secret");
    let (output, error) = fails(&["--port", "0", "--prover-tokens", &short]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("line 1") && !error.contains("secret"), "{error}");
}

#[test]
fn a_directory_in_use_or_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let mut node = Node::start(&["--dir", path, "--proofs", "off"]);
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
