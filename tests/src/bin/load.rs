//! Sends transfers to a node at a steady rate and measures how long each takes to its receipt:
//! `load URL PER_SECOND SECONDS`. Prints the times as JSON. For `cargo xtask bench beside`.
//!
//! A transfer is due at its own time, whatever became of those before it; the time to its receipt
//! counts from then, so what waits behind a slow answer counts too. Every worker keeps a connection
//! open and has accounts of its own. All is signed before the first is sent.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, TxKind, U256, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Connections that are used at a time.
const WORKERS: u64 = 32;

/// Accounts of each.
const ACCOUNTS: u64 = 8;

/// The chain of `minster dev`.
const CHAIN_ID: u64 = 1_337;

/// The first funded account of `minster dev`.
const BANK: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// What an account is given; a transfer takes a few millionths of it.
const ETHER: u64 = 1_000_000_000_000_000_000;

/// An account and its next nonce.
struct Account {
    key: PrivateKeySigner,
    nonce: u64,
}

impl Account {
    fn transfer(&mut self, to: Address, value: u64) -> Result<String> {
        let transaction = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_limit: 21_000,
            max_fee_per_gas: 100_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: TxKind::Call(to),
            value: U256::from(value),
            ..Default::default()
        };
        self.nonce += 1;
        let signature = self.key.sign_hash_sync(&transaction.signature_hash())?;
        let signed = Envelope::Eip1559(transaction.into_signed(signature));
        Ok(hex::encode_prefixed(signed.encoded_2718()))
    }
}

/// A connection to the node.
struct Node {
    agent: ureq::Agent,
    url: String,
}

impl Node {
    fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), url: url.to_owned() }
    }

    fn call(&self, method: &str, params: &Value) -> Result<Value> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let post = self.agent.post(&self.url).header("content-type", "application/json");
        let text = post.send(request.to_string())?.body_mut().read_to_string()?;
        let answer: Value = serde_json::from_str(&text)?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(format!("{method}: {}", answer["error"]).into()),
        }
    }

    fn account(&self, key: B256) -> Result<Account> {
        let key = PrivateKeySigner::from_bytes(&key)?;
        let nonce = self.call("eth_getTransactionCount", &json!([key.address(), "latest"]))?;
        let nonce = nonce.as_str().and_then(|nonce| nonce.strip_prefix("0x"));
        Ok(Account { nonce: u64::from_str_radix(nonce.ok_or("no nonce")?, 16)?, key })
    }

    fn send(&self, transaction: &str) -> Result<()> {
        let receipt = self.call("eth_sendRawTransactionSync", &json!([transaction]))?;
        match receipt["status"] == "0x1" {
            true => Ok(()),
            false => Err(format!("a transfer failed: {receipt}").into()),
        }
    }
}

/// The accounts of all workers, with an ether each.
fn accounts(node: &Node) -> Result<Vec<Account>> {
    let mut bank = node.account(BANK.parse()?)?;
    let mut accounts = Vec::new();
    for index in 0..WORKERS * ACCOUNTS {
        let account = node.account(B256::from(U256::from(index + 1_000)))?;
        if account.nonce == 0 {
            node.send(&bank.transfer(account.key.address(), ETHER)?)?;
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// When each transfer of a worker is due after the start, and the transfer.
type Schedule = Vec<(Duration, String)>;

fn schedules(accounts: &mut [Account], per_second: u64, seconds: u64) -> Result<Vec<Schedule>> {
    let mut schedules: Vec<Schedule> = (0..WORKERS).map(|_| Vec::new()).collect();
    let accounts_count = accounts.len();
    for index in 0..per_second * seconds {
        let account = &mut accounts[index as usize % accounts_count];
        let to = Address::from_word(B256::from(U256::from(index % 1_000 + 1_000_000)));
        let due = Duration::from_nanos(1_000_000_000 / per_second * index);
        schedules[(index % WORKERS) as usize].push((due, account.transfer(to, 1)?));
    }
    Ok(schedules)
}

/// Sends transfers when they are due. Returns how long each took.
fn work(url: &str, schedule: Schedule, start: Instant) -> Result<Vec<Duration>> {
    let node = Node::new(url);
    let mut times = Vec::new();
    for (due, transaction) in schedule {
        let due = start + due;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        node.send(&transaction)?;
        times.push(due.elapsed());
    }
    Ok(times)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, per_second, seconds] = arguments.as_slice() else {
        return Err("usage: load URL PER_SECOND SECONDS".into());
    };
    let node = Node::new(url);
    let mut accounts = accounts(&node)?;
    let schedules = schedules(&mut accounts, per_second.parse()?, seconds.parse()?)?;
    let start = Instant::now() + Duration::from_millis(100);
    let mut times = thread::scope(|scope| -> Result<Vec<Duration>> {
        let workers: Vec<_> = schedules
            .into_iter()
            .map(|schedule| scope.spawn(move || work(url, schedule, start)))
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.join().map_err(|_| "a worker failed")??);
        }
        Ok(times)
    })?;
    let elapsed = start.elapsed().as_secs_f64();
    times.sort();
    let quantile = |of: f64| {
        let index = ((times.len() as f64 * of) as usize).min(times.len().saturating_sub(1));
        times.get(index).map(|time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{}",
        json!({
            "receipts": times.len(),
            "perSecond": times.len() as f64 / elapsed,
            "p50Ms": quantile(0.5),
            "p90Ms": quantile(0.9),
            "p99Ms": quantile(0.99),
            "maxMs": quantile(1.0),
        })
    );
    Ok(())
}
