//! kill -9 of a node that proves, of its prover and of provers elsewhere, some of which lie.
//!
//! Three rounds; a hundred under `cargo xtask long proving`. `MINSTER_SEED` repeats a run as far as
//! clocks allow.

use std::{
    collections::BTreeMap,
    env,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use minster_storage::testing::Random;
use serde_json::{Value, json};

use super::{Node, PROVEN_WITHIN, child_of, download, transfer};

const TOKEN: &str = "proving-proving-proving-proving-";

/// The log and the snapshots of a chain as short as this one.
const STATE_BYTES_MAX: u64 = 64 << 20;

/// The longest life in CI, which is too short for a proof more.
const SECONDS_MAX: u64 = 8;

/// A prover elsewhere; gone with this value.
struct Elsewhere(Child);

impl Elsewhere {
    fn start(node: &Node, token: &str) -> Self {
        let url = node.ready["http"].as_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
        command.args(["prover", "--node", url, "--token", token, "--threads", "1"]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// A request of a prover, of a loan once it has one: the answer's status and body.
fn ask(node: &Node, loan: &str, (method, path): (&str, &str), body: &[u8]) -> (u16, String) {
    let address = node.ready["http"].as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Minster-Loan: {loan}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
    (status, reply.split_once("\r\n\r\n").unwrap().1.to_owned())
}

fn names(directory: &Path, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.ends_with(ending)).collect()
}

/// What was told, over all lives of the chain.
struct Story {
    directory: tempfile::TempDir,
    token: String,
    random: Random,
    nonce: u64,
    receipts: Vec<Value>,
    /// Batches from the first one on.
    batches: Vec<Value>,
    /// Digests of proofs that were verified, by batch.
    proofs: BTreeMap<u64, Value>,
}

impl Story {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let token = directory.path().join("tokens");
        std::fs::write(&token, TOKEN).unwrap();
        let token = token.to_str().unwrap().to_owned();
        let (receipts, batches, proofs) = (Vec::new(), Vec::new(), BTreeMap::new());
        let random = Random::new(seed);
        Self { directory, token, random, nonce: 0, receipts, batches, proofs }
    }

    fn start(&self) -> Node {
        let chain = self.directory.path().join("chain");
        let mut arguments = vec!["--dir", chain.to_str().unwrap(), "--prover-tokens", &self.token];
        arguments.extend(["--batch-age", "8", "--proof-threads", "1"]);
        // Killed so often the prover is far behind; here that is no reason to refuse anything.
        arguments.extend(["--proof-backlog", "1000000"]);
        Node::start(&arguments)
    }

    /// Hears what the node has to say of batches and proofs, and holds it against what was told.
    fn hear(&mut self, node: &Node) {
        let proving = node.result("minster_getProving", json!([]));
        let sealed = number(&proving["sealed"]);
        assert!(sealed >= self.batches.len() as u64, "{proving} after {:?}", self.batches.last());
        for index in 0..sealed as usize {
            let batch = node.result("minster_getBatch", json!([index + 1]));
            match self.batches.get(index) {
                Some(told) => assert_eq!(told["hash"], batch["hash"], "batch {}", index + 1),
                None => {
                    self.check_next(&batch);
                    self.batches.push(batch.clone());
                }
            }
            self.check_proof(node, index as u64 + 1, &batch["proof"]);
        }
    }

    /// The batch begins where the one before it ends.
    fn check_next(&self, batch: &Value) {
        let commitment = &batch["commitment"];
        let (before, parent) = match self.batches.last() {
            Some(before) => (number(&before["commitment"]["lastBlock"]), &before["hash"]),
            None => (0, &commitment["parent"]),
        };
        assert_eq!(number(&commitment["firstBlock"]), before + 1);
        assert_eq!(commitment["parent"], *parent);
    }

    /// What a node has verified, anybody can verify, and it stays.
    fn check_proof(&mut self, node: &Node, batch: u64, proof: &Value) {
        let is_verified = proof["status"] == "verified";
        if let Some(told) = self.proofs.get(&batch) {
            assert!(is_verified && proof["digest"] == *told, "batch {batch}: {proof}");
        } else if is_verified {
            let url = node.ready["http"].as_str().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
            let batch_text = batch.to_string();
            command.args(["verify", "--batch", &batch_text, "--node", url, "--quiet"]);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            self.proofs.insert(batch, proof["digest"].clone());
        }
    }

    /// After a start: every answered receipt, and nothing on the disk that nobody needs.
    fn check(&mut self, node: &Node) {
        self.hear(node);
        let count = self.receipts.len() as u64;
        let mut looked_at: Vec<u64> = (count.saturating_sub(20)..count).collect();
        looked_at.extend((0..count.min(20)).map(|_| self.random.below(count)));
        for index in looked_at {
            let before = &self.receipts[index as usize];
            let hash = &before["transactionHash"];
            let after = node.result("eth_getTransactionReceipt", json!([hash]));
            for field in ["blockNumber", "transactionIndex", "cumulativeGasUsed", "status"] {
                assert_eq!(after[field], before[field], "{field} of {hash}");
            }
        }
        let address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        let next = number(&node.result("eth_getTransactionCount", json!([address, "latest"])));
        assert!(next == self.nonce || next == self.nonce + 1, "{next} after {}", self.nonce);
        self.nonce = next;

        let chain = self.directory.path().join("chain");
        let proven = number(&node.result("minster_getProving", json!([]))["proven"]);
        let (inputs, proofs) = (chain.join("inputs"), chain.join("proofs"));
        assert_eq!(names(&proofs, ".proof").len() as u64, proven);
        // What is being made: the node's own proof, and the next batch.
        assert!(names(&proofs, ".tmp").len() <= 1 && names(&inputs, ".tmp").len() <= 1);
        let sealed = number(&node.result("minster_getProving", json!([]))["sealed"]);
        assert!(names(&inputs, ".input").len() as u64 <= sealed - proven + 1);
        let size = |folder: &str| -> u64 {
            let entries = std::fs::read_dir(chain.join(folder)).unwrap().flatten();
            entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
        };
        assert!(size("wal") + size("snapshots") < STATE_BYTES_MAX);
    }

    fn send(&mut self, node: &Node) {
        let receipt = node.result("eth_sendRawTransactionSync", json!([transfer(self.nonce)]));
        assert_eq!(receipt["status"], "0x1");
        self.receipts.push(receipt);
        self.nonce += 1;
    }

    /// Borrows a batch and brings something else than its proof. Returns whether there was one.
    fn lie(&mut self, node: &Node) -> bool {
        let (status, loan) = ask(node, "", ("POST", "/prover/loan"), b"");
        if status != 200 {
            return false;
        }
        let loan: Value = serde_json::from_str(&loan).unwrap();
        let batch = loan["batch"].as_u64().unwrap();
        let known: Vec<u64> = self.proofs.keys().copied().collect();
        let lie = match self.random.one_in(3) || known.is_empty() {
            true => self.random.bytes(5_000),
            // A proof without a fault, of another batch.
            false => {
                let other = known[self.random.below(known.len() as u64) as usize];
                download(node, &format!("/batches/{other}/proof"))
            }
        };
        let path = format!("/prover/batches/{batch}/proof");
        let (status, said) = ask(node, loan["loan"].as_str().unwrap(), ("PUT", &path), &lie);
        assert_eq!(status, 422, "{said}");
        let view = node.result("minster_getBatch", json!([batch]));
        assert!(view["proof"]["status"] != "verified" && !view["proof"]["failure"].is_null());
        true
    }

    /// Waits for one proof more.
    fn wait_for_proof(&mut self, node: &Node) {
        let (started, before) = (Instant::now(), self.proofs.len());
        while self.proofs.len() == before {
            assert!(started.elapsed() < PROVEN_WITHIN, "no proof");
            std::thread::sleep(Duration::from_millis(500));
            self.hear(node);
        }
    }

    /// A life of a node, and its end. Returns how many lies it was told.
    fn round(&mut self, seconds_max: u64) -> u32 {
        let mut node = self.start();
        self.check(&node);
        if seconds_max > SECONDS_MAX && self.random.one_in(8) {
            self.wait_for_proof(&node);
        }
        let life = Duration::from_millis(500 + self.random.below(seconds_max * 1_000));
        let (started, mut lies) = (Instant::now(), 0);
        let mut elsewhere = None;
        while started.elapsed() < life {
            match self.random.below(60) {
                0 => drop(elsewhere.take()),
                1 | 2 => elsewhere = Some(Elsewhere::start(&node, &self.token)),
                3 => {
                    if let Some(prover) = child_of(node.child.id()) {
                        let _ = Command::new("kill").args(["-KILL", &prover.to_string()]).status();
                    }
                }
                4 | 5 => lies += u32::from(self.lie(&node)),
                _ => self.send(&node),
            }
            std::thread::sleep(Duration::from_millis(self.random.below(200)));
        }
        self.hear(&node);
        // One more, whose receipt nobody waits for.
        super::send(&node, self.nonce);
        node.kill();
        lies
    }
}

fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    env::var("MINSTER_SEED").map_or(now.as_secs(), |seed| seed.parse().unwrap())
}

/// Every answered receipt, every batch and every proof is there after each kill, nothing false is
/// ever kept, and the disk does not fill with what was begun.
#[test]
fn kill_9_of_a_proving_node_and_of_provers_loses_nothing() {
    let (rounds, seconds_max) = match env::var_os("MINSTER_LONG") {
        Some(_) => (100, 30),
        None => (3, SECONDS_MAX),
    };
    let seed = seed();
    println!("MINSTER_SEED={seed}");
    let mut story = Story::new(seed);
    // With a first proof, so that there is one to lose.
    let mut node = story.start();
    story.send(&node);
    story.wait_for_proof(&node);
    // The next batch, for whoever lies.
    story.send(&node);
    node.kill();
    let mut lies = 0;
    for round in 0..rounds {
        lies += story.round(seconds_max);
        println!(
            "round {round}: {} receipts, {} batches, {} proofs, {lies} lies",
            story.receipts.len(),
            story.batches.len(),
            story.proofs.len()
        );
    }
    let node = story.start();
    story.check(&node);
    let deadline = Instant::now() + Duration::from_secs(60);
    while lies == 0 {
        assert!(Instant::now() < deadline, "nobody could lie");
        lies += u32::from(story.lie(&node));
        story.send(&node);
        std::thread::sleep(Duration::from_millis(100));
    }
}
