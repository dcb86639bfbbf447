//! kill -9 of the real process under load, and disks that no crash leaves.
//!
//! Three rounds of kills; fifty under `cargo xtask long crash`. `MINSTER_SEED` repeats a run as far
//! as clocks allow.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, TxKind, hex, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_storage::testing::Random;
use serde_json::{Value, json};

use super::{
    Node,
    node::{content, fails, minster, succeeds},
};

const CHAIN_ID: u64 = 4_242;

/// Whose transactions stream in at once. Every other one waits for each receipt in the call that
/// sends; the others send and ask.
const CLIENTS: usize = 4;

/// Receipts that are asked for in one request.
const ASKED_AT_ONCE: usize = 100;

/// What a receipt says of the place and the outcome of its transaction.
const FIELDS: [&str; 6] =
    ["blockNumber", "transactionIndex", "cumulativeGasUsed", "gasUsed", "status", "logs"];

/// A folder with a chain in it.
struct Chain(tempfile::TempDir);

impl Chain {
    fn new() -> Self {
        let chain = Self(tempfile::tempdir().unwrap());
        let (id, out) = (CHAIN_ID.to_string(), chain.path("genesis.json"));
        let mut arguments = vec!["genesis", "--chain-id", &id, "--out", out.to_str().unwrap()];
        let funded: Vec<String> =
            (0..CLIENTS).map(|index| key(index).address().to_string()).collect();
        funded.iter().for_each(|address| arguments.extend(["--fund", address]));
        succeeds(&arguments);
        chain
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = minster(&["node"]);
        command.arg("--node.directory").arg(self.path("data"));
        command.arg("--node.genesis").arg(self.path("genesis.json"));
        for (name, value) in [
            ("MINSTER_RPC_LISTEN", "127.0.0.1:0"),
            ("MINSTER_RPC_REQUESTS_PER_SECOND_MAX", "0"),
            ("MINSTER_PROOFS_MODE", "off"),
            // Often, so that kills meet snapshots and the pruning of the log.
            ("MINSTER_SEQUENCER_SNAPSHOT_TRANSACTIONS", "60"),
        ] {
            command.env(name, value);
        }
        command
    }

    fn start(&self) -> Node {
        Node::spawn(self.command())
    }

    /// Why a start fails.
    fn refusal(&self) -> String {
        let output = self.command().output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.trim().lines().count(), 1, "{error}");
        error
    }

    /// Executes the whole chain again.
    fn verify(&self) {
        let data = self.path("data");
        succeeds(&["db", "verify", "--dir", data.to_str().unwrap()]);
    }

    /// The newest file of the log that is not empty.
    fn log(&self) -> PathBuf {
        let entries = fs::read_dir(self.path("data").join("wal")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| fs::metadata(path).unwrap().len() > 28).max().unwrap()
    }
}

fn key(index: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[index as u8 + 1; 32]).unwrap()
}

/// A transaction that carries so many bytes.
fn transaction(client: usize, nonce: u64, bytes: usize) -> String {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000 + 40 * bytes as u64,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1_000_000,
        to: TxKind::Call(Address::with_last_byte(0xaa)),
        input: vec![1; bytes].into(),
        ..Default::default()
    };
    let signature = key(client).sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(Envelope::Eip1559(tx.into_signed(signature)).encoded_2718())
}

fn address(node: &Node) -> String {
    node.ready["http"].as_str().unwrap().trim_start_matches("http://").to_owned()
}

/// The result of a call; `None` when the node is gone, or goes.
fn call(address: &str, method: &str, params: &Value) -> Option<Value> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    let reply: Value = serde_json::from_str(reply.split_once("\r\n\r\n")?.1).ok()?;
    reply.get("result").cloned()
}

/// Asks until the receipt is there; `None` when the node is gone.
fn poll(address: &str, hash: &Value) -> Option<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let receipt = call(address, "eth_getTransactionReceipt", &json!([hash]))?;
        if !receipt.is_null() {
            return Some(receipt);
        }
        assert!(Instant::now() < deadline, "no receipt of {hash}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// One client over all lives of the chain.
struct Client {
    index: usize,
    /// What each of its transactions carries.
    bytes: usize,
    /// Transactions that were sent, answered or not.
    sent: u64,
    answered: Vec<Value>,
}

impl Client {
    fn new(index: usize) -> Self {
        Self { index, bytes: 0, sent: 0, answered: Vec::new() }
    }

    fn transaction(&self, nonce: u64) -> String {
        transaction(self.index, nonce, self.bytes)
    }

    /// Sends one after the other until the node is gone.
    fn stream(&mut self, address: &str) {
        loop {
            let params = json!([self.transaction(self.sent)]);
            self.sent += 1;
            let receipt = if self.index.is_multiple_of(2) {
                call(address, "eth_sendRawTransactionSync", &params)
            } else {
                call(address, "eth_sendRawTransaction", &params)
                    .and_then(|hash| poll(address, &hash))
            };
            let Some(receipt) = receipt else { return };
            assert_eq!(receipt["status"], "0x1", "{receipt}");
            self.answered.push(receipt);
        }
    }

    /// Every receipt that was answered is there, where it was; what nobody heard of may be there.
    fn check(&mut self, node: &Node) {
        for before in self.answered.chunks(ASKED_AT_ONCE) {
            let ask = |receipt: &Value| {
                json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionReceipt",
                    "params": [receipt["transactionHash"]]})
            };
            let calls: Vec<Value> = before.iter().map(ask).collect();
            let replies = node.post(&Value::from(calls).to_string());
            let replies: Vec<Value> = serde_json::from_str(&replies).unwrap();
            assert_eq!(replies.len(), before.len());
            for (before, after) in before.iter().zip(replies) {
                for field in FIELDS {
                    assert_eq!(after["result"][field], before[field], "{field} of {before}");
                }
            }
        }
        let address = key(self.index).address();
        let next = number(&node.result("eth_getTransactionCount", json!([address, "latest"])));
        assert!(
            (self.answered.len() as u64..=self.sent).contains(&next),
            "{next} of {}",
            self.sent
        );
        // The one that was in flight, whose receipt the kill kept.
        if next > self.answered.len() as u64 {
            let hash = keccak256(hex::decode(self.transaction(next - 1)).unwrap());
            self.answered.push(node.receipt(&hash.to_string()));
        }
        assert_eq!(next, self.answered.len() as u64);
        self.sent = next;
    }
}

/// Hash and root of each sealed block that was seen.
type Seals = BTreeMap<u64, (Value, Value)>;

fn seal_of(block: &Value) -> (Value, Value) {
    (block["hash"].clone(), block["stateRoot"].clone())
}

/// A life under load, and its end.
fn round(node: &mut Node, clients: &mut [Client], seals: &mut Seals, life: Duration) {
    let address = address(node);
    let started = Instant::now();
    thread::scope(|scope| {
        for client in clients {
            scope.spawn(|| client.stream(&address));
        }
        while started.elapsed() < life {
            if let Some(block) = call(&address, "eth_getBlockByNumber", &json!(["latest", false])) {
                seals.insert(number(&block["number"]), seal_of(&block));
            }
            thread::sleep(Duration::from_millis(50));
        }
        node.kill();
    });
}

fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    env::var("MINSTER_SEED").map_or(now.as_secs(), |seed| seed.parse().unwrap())
}

/// Every answered receipt is there after each kill, in the same place, and every sealed block that
/// anybody saw has its hash and its root.
#[test]
fn kill_9_under_load_loses_no_answered_receipt() {
    let rounds = if env::var_os("MINSTER_LONG").is_some() { 50 } else { 3 };
    let seed = seed();
    println!("MINSTER_SEED={seed}");
    let mut random = Random::new(seed);
    let chain = Chain::new();
    let mut clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
    let mut seals = Seals::new();
    for index in 0..=rounds {
        let mut node = chain.start();
        clients.iter_mut().for_each(|client| client.check(&node));
        for (number, seal) in &seals {
            let number = format!("{number:#x}");
            let block = node.result("eth_getBlockByNumber", json!([number, false]));
            assert_eq!(seal_of(&block), *seal, "block {number}");
        }
        let answered: usize = clients.iter().map(|client| client.answered.len()).sum();
        println!("round {index}: {answered} receipts, {} blocks seen", seals.len());
        if index < rounds {
            let life = Duration::from_millis(300 + random.below(1_700));
            round(&mut node, &mut clients, &mut seals, life);
        }
    }
    let answered: usize = clients.iter().map(|client| client.answered.len()).sum();
    assert!(answered > 20 * rounds, "only {answered} transactions in {rounds} rounds");
    chain.verify();
}

/// A chain with some receipts, after kill -9.
fn killed(chain: &Chain) -> Client {
    let mut client = Client::new(0);
    let mut node = chain.start();
    let address = address(&node);
    for nonce in 0..20 {
        let params = json!([transaction(0, nonce, 0)]);
        let receipt = call(&address, "eth_sendRawTransactionSync", &params).unwrap();
        client.answered.push(receipt);
        client.sent += 1;
    }
    node.kill();
    client
}

/// Half a frame is what a power cut leaves of a write: nobody has seen what it would have held.
#[test]
fn a_torn_tail_is_cut_and_said() {
    let chain = Chain::new();
    let mut client = killed(&chain);
    let log = chain.log();
    let mut torn = fs::read(&log).unwrap();
    let whole = torn.len() as u64;
    // The next frame begins as the one before it did.
    torn.extend_from_within(16..24);
    torn.extend([7; 93]);
    fs::write(&log, torn).unwrap();
    let data = chain.path("data");
    let report = succeeds(&["db", "verify", "--json", "--dir", data.to_str().unwrap()]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["ok"], &report["tornTails"][0]["bytes"]), (&json!(true), &json!(101)));
    let node = chain.start();
    let told = node.told("cut an unfinished write");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["bytes"], 101);
    assert_eq!(told[0]["path"].as_str().map(Path::new), Some(log.as_path()));
    assert!(fs::metadata(&log).unwrap().len() >= whole);
    client.check(&node);
}

#[test]
fn a_damaged_log_is_refused_and_left_as_it_is() {
    let chain = Chain::new();
    let mut client = killed(&chain);
    let (log, data) = (chain.log(), chain.path("data"));
    let whole = fs::read(&log).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&log, damaged).unwrap();
    let before = content(&data);
    let error = chain.refusal();
    let name = log.file_name().unwrap().to_str().unwrap();
    assert!(error.contains("is damaged") && error.contains(name), "{error}");
    assert!(error.contains("at byte ") && error.contains("nothing was changed"), "{error}");
    assert_eq!(content(&data), before);
    fs::write(&log, whole).unwrap();
    client.check(&chain.start());
}

/// The system lets no file grow beyond a size, which the log meets first, as it would meet the end
/// of the disk. Nobody is answered what was not written, and with space again the rest is there.
#[cfg(unix)]
#[test]
fn a_node_whose_disk_is_full_ends_with_a_reason_and_loses_nothing() {
    let chain = Chain::new();
    // The files of a first start, which are larger than what is left afterwards.
    let mut node = chain.start();
    node.signal("-TERM");
    assert!(node.child.wait().unwrap().success());
    let limited = chain.command();
    let mut command = Command::new("sh");
    // In units of 512 bytes or of 1,024, as the shell has it.
    command.args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" \"$@\""]);
    command.arg(limited.get_program()).args(limited.get_args());
    for (name, value) in limited.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // Snapshots are not what this is about.
    command.env("MINSTER_SEQUENCER_SNAPSHOT_TRANSACTIONS", "1000000");
    command.stderr(Stdio::piped());
    let mut node = Node::spawn(command);
    let address = address(&node);
    let mut client = Client::new(0);
    client.bytes = 30_000;
    client.stream(&address);
    assert!(client.answered.len() > 10, "only {} answered", client.answered.len());
    assert_eq!(node.child.wait().unwrap().code(), Some(1));
    let mut error = String::new();
    node.child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert!(error.contains("cannot write to ") && error.contains(".wal: "), "{error}");
    client.check(&chain.start());
}

/// Whoever comes second is told, and disturbs nobody.
#[test]
fn two_nodes_on_one_directory_are_one_too_many() {
    let chain = Chain::new();
    let node = chain.start();
    let error = chain.refusal();
    assert!(error.contains("in use by another process"), "{error}");
    let params = json!([transaction(0, 0, 0)]);
    assert_eq!(node.result("eth_sendRawTransactionSync", params)["status"], "0x1");
    let data = chain.path("data");
    let error = fails(&["db", "verify", "--dir", data.to_str().unwrap()]);
    assert!(error.contains("in use"), "{error}");
}
