//! `minster node` and what an operator has around it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use minster_storage::{
    Folder,
    disk::RealDisk,
    document::{Documents, Kind},
};
use serde_json::{Value, json};

use super::{Node, PROVEN_WITHIN, transfer_on};

const CHAIN_ID: u64 = 4_242;

const RICH: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/// What a transfer pays at most when it is to be executed at once.
const ENOUGH: u128 = 100_000_000_000;

/// A command without what the variables of whoever runs the tests would say.
pub fn minster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MINSTER_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> Output {
    minster(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The standard output of a command that succeeds.
pub fn succeeds(arguments: &[&str]) -> String {
    let output = output(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The last line of a command that fails.
pub fn fails(arguments: &[&str]) -> String {
    let output = output(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
    let error = text(&output.stderr);
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    error
}

/// A chain of its own in a folder.
struct Chain {
    folder: tempfile::TempDir,
}

impl Chain {
    fn new() -> Self {
        let chain = Self { folder: tempfile::tempdir().unwrap() };
        let (id, fund) = (CHAIN_ID.to_string(), format!("{RICH}=1000"));
        let out = chain.path("genesis.json");
        succeeds(&["genesis", "--chain-id", &id, "--fund", &fund, "--out", &out]);
        chain
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A file with settings; it says no more than is needed, and these lines.
    fn config(&self, lines: &str) -> String {
        let path = self.path("node.toml");
        let (directory, genesis) = (self.path("data"), self.path("genesis.json"));
        let text = format!(
            "node.directory = \"{directory}\"\nnode.genesis = \"{genesis}\"\n\
             rpc.listen = \"127.0.0.1:0\"\n{lines}"
        );
        fs::write(&path, text).unwrap();
        path
    }

    fn start(&self, lines: &str) -> Node {
        Node::spawn(minster(&["node", "--config", &self.config(lines)]))
    }
}

fn transfer(nonce: u64) -> String {
    transfer_on(CHAIN_ID, nonce, ENOUGH)
}

fn send(node: &Node, nonce: u64) -> Value {
    node.result("eth_sendRawTransaction", json!([transfer(nonce)]))
}

/// Everything in a folder.
pub fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(content(&path)),
            false => drop(files.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
    files
}

/// From a genesis of one's own to a proof that anybody can check: the chain's parameters are an
/// input of the guest, not a part of it.
#[test]
fn a_chain_of_its_own_is_proven() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.threads = 1\n");
    assert_eq!(node.result("eth_chainId", json!([])), json!("0x1092"));
    assert_eq!(node.ready["chainId"], CHAIN_ID);
    for method in ["debug_getBadBlocks", "txpool_status"] {
        let reply = node.call(method, json!([]));
        assert_eq!(reply["error"]["code"], -32_601, "{reply}");
    }
    assert_eq!(node.result("eth_accounts", json!([])), json!([]));
    let hash = send(&node, 0);
    node.proven(hash.as_str().unwrap());
    let url = node.ready["http"].as_str().unwrap().to_owned();
    let report = succeeds(&["verify", "--batch", "1", "--node", &url]);
    assert!(report.contains("1 of chain 4242: blocks 1 to "), "{report}");
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));

    let report = succeeds(&["db", "verify", "--dir", &chain.path("data"), "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["ok"], &report["transactions"]), (&json!(true), &json!(1)), "{report}");
    assert_eq!((&report["batches"], &report["proofs"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!((&report["pubdata"], &report["proofsVerified"]), (&json!(1), &json!(0)), "{report}");
    let data = chain.path("data");
    let verify = ["db", "verify", "--dir", &data];
    let with_proofs = [verify.as_slice(), &["--proofs"]].concat();
    let report = succeeds(&with_proofs);
    assert!(report.contains("Proofs        1 verified again"), "{report}");

    // Whole as it is on the disk, and no proof.
    let disk = Arc::new(RealDisk::open(&data).unwrap());
    let folder = Folder::unlocked(disk, "proofs").unwrap();
    let documents = Documents::open(folder, Kind::PROOF).unwrap();
    let label = *documents.get(1).unwrap().unwrap().label();
    documents.write(1, b"no proof").unwrap();
    let report = succeeds(&verify);
    assert!(report.contains("not verified again"), "{report}");
    let output = output(&with_proofs);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    // It was written without a key, as if another program had known it.
    assert!(report.contains("Not verified  batch 1: its proof was kept for the guest"), "{report}");

    // The same under the key that it would have.
    let folder = Folder::unlocked(Arc::new(RealDisk::open(&data).unwrap()), "proofs").unwrap();
    let documents = Documents::open(folder, Kind::PROOF).unwrap();
    let mut draft = documents.draft(1).unwrap();
    draft.append(b"no proof").unwrap();
    draft.keep_labelled(label).unwrap();
    let output = self::output(&with_proofs);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    assert!(report.contains("WRONG         batch 1: its proof does not prove it: "), "{report}");
}

#[test]
fn sigterm_gives_every_accepted_transaction_its_receipt() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\nrpc.requests_per_second_max = 0\n");
    let calls: Vec<Value> = (0..800)
        .map(|nonce| {
            let params = json!([transfer(nonce)]);
            json!({"jsonrpc": "2.0", "id": nonce, "method": "eth_sendRawTransaction",
                "params": params})
        })
        .collect();
    let replies = node.post(&Value::from(calls).to_string());
    node.signal("-TERM");
    let replies: Vec<Value> = serde_json::from_str(&replies).unwrap();
    let hashes: Vec<&str> = replies.iter().filter_map(|reply| reply["result"].as_str()).collect();
    assert_eq!(hashes.len(), 800);
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    // The copy of the genesis in the directory is enough from the second start on.
    let directory = chain.path("data");
    let arguments = ["node", "--node.directory", &directory, "--rpc.listen", "127.0.0.1:0"];
    let mut command = minster(&arguments);
    command.env("MINSTER_PROOFS_MODE", "off").env("MINSTER_RPC_REQUESTS_PER_SECOND_MAX", "0");
    let node = Node::spawn(command);
    assert_eq!(node.ready["replayedTransactions"], 0, "a clean stop leaves a snapshot");
    for hash in hashes {
        let receipt = node.result("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{hash}");
    }
}

/// A transaction that pays too little for now keeps a stop waiting; meanwhile the node answers, and
/// takes nothing. Whoever does not want to wait asks twice.
#[test]
fn a_second_signal_ends_at_once() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\nnode.drain_max_ms = 600000\n");
    let first = send(&node, 0);
    node.receipt(first.as_str().unwrap());
    let cheap = transfer_on(CHAIN_ID, 1, 2_000_000);
    node.result("eth_sendRawTransaction", json!([cheap]));
    node.signal("-TERM");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        // The nonce is there already, unless it is refused for the stop before anybody looks.
        let refused = node.call("eth_sendRawTransaction", json!([transfer(2)]));
        let reason = refused["error"]["message"].as_str().unwrap_or_default().to_owned();
        if reason.contains("stopping") {
            break;
        }
        assert!(Instant::now() < deadline, "{refused}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(node.receipt(first.as_str().unwrap())["status"], "0x1");
    assert!(node.child.try_wait().unwrap().is_none());
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(143));
    let node = chain.start("proofs.mode = \"off\"\n");
    node.receipt(first.as_str().unwrap());
}

#[test]
fn another_genesis_is_refused() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\n");
    node.signal("-TERM");
    node.child.wait().unwrap();
    let before = content(Path::new(&chain.path("data")));
    let fund = format!("{RICH}=1001");
    let out = chain.path("third.json");
    succeeds(&["genesis", "--chain-id", "4242", "--fund", &fund, "--out", &out]);
    let config = chain.config("");
    let error = fails(&["node", "--config", &config, "--node.genesis", &out]);
    assert!(error.contains("created from another genesis"), "{error}");
    let out = chain.path("fourth.json");
    succeeds(&["genesis", "--chain-id", "4243", "--fund", &fund, "--out", &out]);
    let error = fails(&["node", "--config", &config, "--node.genesis", &out]);
    assert!(error.contains("belongs to chain 4242"), "{error}");
    assert_eq!(content(Path::new(&chain.path("data"))), before);
    // A genesis is never overwritten.
    let error = fails(&["genesis", "--chain-id", "4243", "--out", &out]);
    assert!(error.contains("there already"), "{error}");
}

#[test]
fn settings_are_checked_before_anything_starts() {
    let chain = Chain::new();
    let config = chain.config("rpc.batch_max = 5\n");
    let good = succeeds(&["config", "check", "--config", &config, "--json"]);
    let good: Value = serde_json::from_str(&good).unwrap();
    assert_eq!((&good["ok"], &good["chainId"]), (&json!(true), &json!(CHAIN_ID)));
    assert_eq!(good["settings"]["rpc.batch_max"]["value"], "5");
    assert!(!Path::new(&chain.path("data")).exists(), "a check starts nothing");

    let bad = chain.config("rpc.batchmax = 5\npool.bytes_max = 0\n");
    let output = output(&["config", "check", "--config", &bad]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("line 4: rpc.batchmax") && told.contains("rpc.batch_max"), "{told}");
    assert!(told.contains("line 5: pool.bytes_max"), "{told}");
    let error = fails(&["node", "--config", &bad]);
    assert!(error.contains("rpc.batchmax") && error.contains("config check"), "{error}");

    let mut command = minster(&["node", "--config", &chain.config("")]);
    let output = command.env("MINSTER_RPC_LISTN", "127.0.0.1:0").output().unwrap();
    assert!(text(&output.stderr).contains("MINSTER_RPC_LISTEN"), "{output:?}");

    let default = succeeds(&["config", "default"]);
    fs::write(chain.path("default.toml"), default).unwrap();
    let (path, genesis) = (chain.path("default.toml"), chain.path("genesis.json"));
    succeeds(&["config", "check", "--config", &path, "--node.genesis", &genesis]);
}

/// A backup is made while transactions stream in; what was answered before it began is in it.
#[test]
fn a_backup_of_a_running_node_is_a_chain() {
    let chain = Chain::new();
    let lines = "proofs.mode = \"lent\"\nproofs.tokens_file = \"TOKENS\"\n\
                 batches.age_idle_ms = 100\nsequencer.snapshot_transactions = 20\n\
                 rpc.requests_per_second_max = 0\n";
    fs::write(chain.path("tokens"), "t".repeat(40)).unwrap();
    let node = chain.start(&lines.replace("TOKENS", &chain.path("tokens")));
    let mut answered = Vec::new();
    let mut nonce = 0;
    for round in 0..4 {
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(1_200) {
            let receipt = node.result("eth_sendRawTransactionSync", json!([transfer(nonce)]));
            answered.push(receipt);
            nonce += 1;
        }
        let (data, backup) = (chain.path("data"), chain.path(&format!("backup-{round}")));
        let mut making = minster(&["backup", "--dir", &data, "--to", &backup, "--json"]);
        let mut making = making.stdout(Stdio::piped()).spawn().unwrap();
        while making.try_wait().unwrap().is_none() {
            node.result("eth_sendRawTransactionSync", json!([transfer(nonce)]));
            nonce += 1;
        }
        let output = making.wait_with_output().unwrap();
        assert!(output.status.success());
        let report: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(report["nodeRuns"], true);
        let verified = succeeds(&["db", "verify", "--dir", &backup, "--json"]);
        let verified: Value = serde_json::from_str(&verified).unwrap();
        assert_eq!(verified["findings"], json!([]));
        assert!(verified["transactions"].as_u64().unwrap() > 0);
    }
    // Nobody checks a directory that is being written.
    let error = fails(&["db", "verify", "--dir", &chain.path("data")]);
    assert!(error.contains("in use"), "{error}");

    let (backup, restored) = (chain.path("backup-3"), chain.path("restored"));
    succeeds(&["restore", "--from", &backup, "--dir", &restored]);
    let config = chain.config("proofs.mode = \"off\"\nrpc.requests_per_second_max = 0\n");
    let arguments = ["node", "--config", &config, "--node.directory", &restored];
    let again = Node::spawn(minster(&arguments));
    assert_eq!(again.ready["sliceSigner"], node.ready["sliceSigner"]);
    for before in answered {
        let after = again.receipt(before["transactionHash"].as_str().unwrap());
        assert_eq!(after["transactionIndex"], before["transactionIndex"]);
    }
    let error = fails(&["restore", "--from", &backup, "--dir", &restored]);
    assert!(error.contains("not empty"), "{error}");
}

/// One changed byte, anywhere: it is found and named, and the check itself changes nothing.
#[test]
fn damage_is_found_wherever_it_is() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\nsequencer.snapshot_transactions = 4\n");
    for nonce in 0..12 {
        node.result("eth_sendRawTransactionSync", json!([transfer(nonce)]));
        std::thread::sleep(Duration::from_millis(250));
    }
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    let data = chain.path("data");
    let report = succeeds(&["db", "verify", "--dir", &data]);
    assert!(report.contains("as it should be"), "{report}");
    let whole = content(Path::new(&data));
    let damaged = |path: &Path| {
        ["archive", "snapshot", "wal"]
            .iter()
            .any(|ending| path.extension() == Some(ending.as_ref()))
    };
    let mut looked_at = 0;
    for (path, bytes) in whole.iter().filter(|(path, bytes)| damaged(path) && bytes.len() > 100) {
        let mut changed = bytes.clone();
        // In the middle, which is content and no header.
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(path, &changed).unwrap();
        let before = content(Path::new(&data));
        let output = output(&["db", "verify", "--dir", &data]);
        assert_eq!(output.status.code(), Some(1), "{}", path.display());
        assert_eq!(content(Path::new(&data)), before);
        fs::write(path, bytes).unwrap();
        looked_at += 1;
    }
    assert!(looked_at >= 4, "{looked_at}");
    let report = succeeds(&["db", "verify", "--dir", &data, "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let signer = node.ready["sliceSigner"].as_str().unwrap();
    assert_eq!(report["signers"][signer.to_lowercase()], report["slices"], "{report}");
    succeeds(&["db", "verify", "--dir", &data, "--signer", signer]);
    let error = fails(&["db", "verify", "--dir", &data, "--signer", RICH]);
    assert!(error.contains("is damaged, in"), "{error}");
    // With JSON a failure is told there too.
    let output = output(&["db", "verify", "--dir", &chain.path("none"), "--json"]);
    let report: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert!(report["ok"] == false && report["error"].as_str().unwrap().contains("none"));
}

/// As little history as can be asked for: blocks go once they are proven, and what is left is a
/// chain for everybody who knows directories.
#[test]
fn old_blocks_go_when_they_are_proven() {
    let chain = Chain::new();
    let lines = "proofs.threads = 1\nsequencer.snapshot_blocks = 2\nhistory.blocks = 3\n\
                 sequencer.proof_blocks_max = 2\nhistory.state_blocks = 2\n\
                 batches.age_idle_ms = 9000\nbatches.age_max_ms = 9000\n";
    let error = fails(&["node", "--config", &chain.config(lines), "--history.blocks", "2"]);
    assert!(error.contains("history.blocks is 2, and the smallest here is 3"), "{error}");
    let mut node = chain.start(lines);
    let mut receipts = Vec::new();
    for nonce in 0..10 {
        receipts.push(node.result("eth_sendRawTransactionSync", json!([transfer(nonce)])));
        std::thread::sleep(Duration::from_millis(1_050));
    }
    let gone = &receipts[1]["transactionHash"];
    let deadline = Instant::now() + PROVEN_WITHIN;
    while !node.result("eth_getTransactionReceipt", json!([gone])).is_null() {
        assert!(Instant::now() < deadline, "nothing is removed");
        std::thread::sleep(Duration::from_millis(50));
    }
    let reply = node.call("eth_getBlockByNumber", json!(["0x1", false]));
    assert_eq!(reply["error"]["code"], 4_444, "{reply}");
    // What is answered no more is removed a moment later.
    std::thread::sleep(Duration::from_millis(500));
    let (data, copy, restored) = (chain.path("data"), chain.path("copy"), chain.path("restored"));
    succeeds(&["backup", "--dir", &data, "--to", &copy]);
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));

    succeeds(&["restore", "--from", &copy, "--dir", &restored]);
    for directory in [&data, &restored] {
        let report = succeeds(&["db", "verify", "--dir", directory, "--json"]);
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["findings"], json!([]), "{report}");
        assert!(report["firstBlock"].as_u64().unwrap() > 0, "{report}");
    }
    let config = chain.config(lines);
    let again = Node::spawn(minster(&["node", "--config", &config, "--node.directory", &restored]));
    assert!(again.ready["oldestBlock"].as_u64().unwrap() > 1, "{}", again.ready);
    assert_eq!(again.result("eth_getTransactionReceipt", json!([gone])), Value::Null);
    let last = receipts[9]["transactionHash"].as_str().unwrap();
    assert_eq!(again.receipt(last)["status"], "0x1");
    again.result("eth_sendRawTransactionSync", json!([transfer(10)]));
}

/// A volume is mounted where a directory is to be, or a link leads there.
#[test]
fn a_copy_goes_into_any_empty_directory_and_no_other() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\n");
    send(&node, 0);
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    let data = chain.path("data");
    succeeds(&["backup", "--dir", &data, "--to", &format!("{}/", chain.path("slashed"))]);
    fs::create_dir_all(chain.path("volume/lost+found")).unwrap();
    succeeds(&["backup", "--dir", &data, "--to", &chain.path("volume")]);
    fs::create_dir(chain.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(chain.path("elsewhere"), chain.path("link")).unwrap();
    succeeds(&["restore", "--from", &chain.path("volume"), "--dir", &chain.path("link")]);
    for copy in ["slashed", "volume", "elsewhere"] {
        succeeds(&["db", "verify", "--dir", &chain.path(copy)]);
    }
    // What is in the way stays as it was; of a copy that fails nothing stays.
    let before = content(&chain.folder.path().join("volume"));
    for refused in ["volume", "genesis.json"] {
        let error = fails(&["restore", "--from", &data, "--dir", &chain.path(refused)]);
        assert!(error.contains(refused), "{error}");
    }
    assert_eq!(content(&chain.folder.path().join("volume")), before);
    fs::remove_file(chain.path("volume/genesis.json")).unwrap();
    fs::create_dir(chain.path("volume/genesis.json")).unwrap();
    fs::create_dir(chain.path("empty")).unwrap();
    fails(&["restore", "--from", &chain.path("volume"), "--dir", &chain.path("empty")]);
    assert_eq!(content(Path::new(&chain.path("empty"))), BTreeMap::new());
}

/// Clients hold a node to its key: without it a chain does not go on, and a copy says so.
#[test]
fn a_backup_without_the_key_needs_it_back() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\n");
    node.receipt(send(&node, 0).as_str().unwrap());
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    let (data, copy) = (chain.path("data"), chain.path("copy"));
    let told = succeeds(&["backup", "--dir", &data, "--to", &copy, "--without-key"]);
    assert!(told.contains("holds no key"), "{told}");
    let config = chain.config("proofs.mode = \"off\"\n");
    let arguments = ["node", "--config", &config, "--node.directory", &copy];
    let error = fails(&arguments);
    assert!(error.contains("is lost") && error.contains("slice_key_file"), "{error}");
    fs::copy(Path::new(&data).join("slice.key"), Path::new(&copy).join("slice.key")).unwrap();
    let again = Node::spawn(minster(&arguments));
    assert_eq!(again.ready["sliceSigner"], node.ready["sliceSigner"]);
}

/// While its directory is copied or checked a start waits, and ends when it is told to.
#[test]
fn a_start_waits_for_who_reads_the_directory_and_can_be_ended() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\n");
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
    let lock = fs::File::open(Path::new(&chain.path("data")).join("LOCK")).unwrap();
    lock.try_lock_shared().unwrap();
    let config = chain.config("proofs.mode = \"off\"\n");
    let mut waiting =
        minster(&["node", "--config", &config]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(waiting.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("waiting for the data directory"), "{line}");
    assert!(waiting.try_wait().unwrap().is_none());
    let pid = waiting.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(waiting.wait().unwrap().code(), Some(143));
    let reader = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        drop(lock);
    });
    chain.start("proofs.mode = \"off\"\n");
    reader.join().unwrap();
}

/// What a start would refuse, the check refuses; what it would only warn of, the check says.
#[test]
fn a_check_looks_at_the_directory_and_the_secrets() {
    let chain = Chain::new();
    let mut node = chain.start("proofs.mode = \"off\"\n");
    node.signal("-TERM");
    node.child.wait().unwrap();
    let key = Path::new(&chain.path("data")).join("slice.key");
    let config = chain.config("");
    let warnings = || text(&output(&["config", "check", "--config", &config]).stderr);
    assert_eq!(warnings(), "");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&key, open).unwrap();
    assert!(warnings().contains("others may read it"), "{}", warnings());
    let other = chain.path("other.json");
    succeeds(&["genesis", "--chain-id", "4243", "--out", &other]);
    let arguments = ["config", "check", "--config", &config, "--node.genesis", &other, "--json"];
    let report: Value = serde_json::from_str(&text(&output(&arguments).stdout)).unwrap();
    let problem = report["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("belongs to chain 4242"), "{report}");
    fs::remove_file(Path::new(&chain.path("data")).join("genesis.json")).unwrap();
    let directory = chain.path("data");
    let error = fails(&["node", "--node.directory", &directory, "--rpc.listen", "127.0.0.1:0"]);
    assert!(error.contains("the chain began with"), "{error}");
}
