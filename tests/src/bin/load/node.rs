//! The node under load, where speed does not matter: before the clock starts and after it stops.

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, hex};
use eyre::{OptionExt, Result, bail, ensure};
use serde_json::{Value, json};

use super::wire::count;

const CALL_LIMIT: Duration = Duration::from_secs(60);

/// How long a set-up may take to be in blocks, and load after its last answer.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Bytes of the receipts of one block.
const RECEIPTS_BYTES_MAX: u64 = 1 << 30;

/// A node.
pub struct Node {
    agent: ureq::Agent,
    /// Address and port.
    pub host: String,
    /// Whether there are receipts before a block is sealed.
    has_open_receipts: bool,
}

impl Node {
    /// The node behind `http://host`.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn new(url: &str) -> Result<Self> {
        let host = url.strip_prefix("http://").ok_or_eyre("the URL begins with http://")?;
        let config = ureq::Agent::config_builder().timeout_global(Some(CALL_LIMIT));
        let agent = config.build().into();
        let mut node = Self { agent, host: host.to_owned(), has_open_receipts: false };
        let version = node.call("web3_clientVersion", &json!([]))?;
        node.has_open_receipts = version.as_str().is_some_and(|name| name.starts_with("Minster"));
        Ok(node)
    }

    fn text(&self, method: &str, parameters: &Value) -> Result<String> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let url = format!("http://{}", self.host);
        let post = self.agent.post(&url).header("content-type", "application/json");
        let mut answer = post.send(request.to_string())?;
        Ok(answer.body_mut().with_config().limit(RECEIPTS_BYTES_MAX).read_to_string()?)
    }

    /// One call.
    ///
    /// # Errors
    /// What the node says.
    pub fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        let answer: Value = serde_json::from_str(&self.text(method, parameters)?)?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => bail!("{method}: {}", answer["error"]),
        }
    }

    /// One call that answers a number.
    ///
    /// # Errors
    /// What the node says, or when that is no number.
    pub fn number(&self, method: &str, parameters: &Value) -> Result<u64> {
        let answer = self.call(method, parameters)?;
        let digits = answer.as_str().and_then(|text| text.strip_prefix("0x"));
        Ok(u64::from_str_radix(digits.ok_or_eyre("no number")?, 16)?)
    }

    /// Sends a transaction.
    ///
    /// # Errors
    /// What the node says.
    pub fn send(&self, raw: &[u8]) -> Result<()> {
        self.call("eth_sendRawTransaction", &json!([hex::encode_prefixed(raw)])).map(drop)
    }

    fn block_number(&self) -> Result<u64> {
        self.number("eth_blockNumber", &json!([]))
    }

    fn transactions_of(&self, block: &str) -> Result<u64> {
        self.number("eth_getBlockTransactionCountByNumber", &json!([block]))
    }

    /// Waits until an account's transactions are executed, and all are in sealed blocks.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn settle(&self, address: Address, nonce: u64) -> Result<()> {
        wait(|| Ok(self.nonce(address)? >= nonce))?;
        // Elsewhere nothing is executed before its block is sealed.
        wait(|| Ok(!self.has_open_receipts || self.transactions_of("pending")? == 0))
    }

    /// A transaction's receipt, once there is one: a nonce may be seen before.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn receipt(&self, hash: B256) -> Result<Value> {
        let mut receipt = Value::Null;
        wait(|| {
            receipt = self.call("eth_getTransactionReceipt", &json!([hash]))?;
            Ok(!receipt.is_null())
        })?;
        Ok(receipt)
    }

    /// An account's next nonce.
    ///
    /// # Errors
    /// What the node says.
    pub fn nonce(&self, address: Address) -> Result<u64> {
        self.number("eth_getTransactionCount", &json!([address, "latest"]))
    }
}

/// Waits until something is so.
fn wait(mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !is_so()? {
        ensure!(start.elapsed() < SETTLE_LIMIT, "waited for {} s", SETTLE_LIMIT.as_secs());
        thread::sleep(LOOK_INTERVAL);
    }
    Ok(())
}

/// What is at a URL.
///
/// # Errors
/// When nothing is.
pub fn get(url: &str) -> Result<String> {
    Ok(ureq::get(url).call()?.body_mut().read_to_string()?)
}

/// Counts the transactions in blocks from some block on.
pub struct Counter<'a> {
    node: &'a Node,
    first: u64,
    /// The first block that is not counted.
    next: u64,
    sealed: u64,
}

impl<'a> Counter<'a> {
    /// Counts what comes after the last block. The node is to be idle.
    ///
    /// # Errors
    /// When the node does not answer.
    pub fn new(node: &'a Node) -> Result<Self> {
        let first = node.block_number()? + 1;
        Ok(Self { node, first, next: first, sealed: 0 })
    }

    fn sealed(&mut self) -> Result<u64> {
        let latest = self.node.block_number()?;
        while self.next <= latest {
            self.sealed += self.node.transactions_of(&format!("{:#x}", self.next))?;
            self.next += 1;
        }
        Ok(self.sealed)
    }

    /// How many transactions have receipts.
    fn with_receipts(&mut self) -> Result<u64> {
        let sealed = self.sealed()?;
        if !self.node.has_open_receipts {
            return Ok(sealed);
        }
        let open = self.node.transactions_of("pending")?;
        // What was open may be sealed since: then it is counted the next time.
        let is_same = self.node.block_number()? + 1 == self.next;
        Ok(sealed + if is_same { open } else { 0 })
    }

    /// Waits until so many transactions have receipts.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_for_receipts(&mut self, count: u64) -> Result<()> {
        wait(|| Ok(self.with_receipts()? >= count))
    }

    /// Waits until so many transactions are in sealed blocks.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_for_blocks(&mut self, count: u64) -> Result<()> {
        wait(|| Ok(self.sealed()? >= count))
    }

    /// Makes sure that all these transactions succeeded, by the receipts of the blocks.
    ///
    /// # Errors
    /// When there are others, or too few.
    pub fn check(&mut self, expected: u64) -> Result<()> {
        self.sealed()?;
        let (mut all, mut succeeded) = (0, 0);
        for block in self.first..self.next {
            let block = format!("{block:#x}");
            let receipts = self.node.text("eth_getBlockReceipts", &json!([block]))?;
            all += count(receipts.as_bytes(), br#""cumulativeGasUsed":"#);
            succeeded += count(receipts.as_bytes(), br#""status":"0x1""#);
        }
        ensure!(
            succeeded as u64 == expected,
            "of {expected} transactions {succeeded} succeeded, of {all} in the blocks"
        );
        Ok(())
    }
}
