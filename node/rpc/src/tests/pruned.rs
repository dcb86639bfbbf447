//! Blocks that were pruned, and those on the other side of the border.

use std::{num::NonZeroU64, time::Duration};

use minster_sequencer::{HistoryConfig, Mining, SequencerConfig};
use serde_json::{Value, json};

use super::harness::{CallError, LOGGER_ADDRESS, NOBODY, Node, contract_call, transfer};
use crate::RpcConfig;

/// geth's code.
const PRUNED: i64 = 4_444;

const BLOCKS: u64 = 40;

/// A method, and what it is asked for with of a block.
type Asked = (&'static str, fn(&Value) -> Value);

/// A chain of which the first blocks are gone, its oldest block, and what was answered before.
struct Chain {
    node: Node,
    oldest: u64,
    /// A transaction and its block: one that is gone, and one in the oldest block.
    gone: Value,
    border: Value,
}

/// Versions of few slices are held, so that states are found by what blocks changed.
fn sequencer() -> SequencerConfig {
    let (blocks, state_blocks) = (NonZeroU64::new(16), NonZeroU64::new(8));
    let mut sequencer = SequencerConfig {
        mining: Mining::Instant,
        history: HistoryConfig { blocks, state_blocks },
        snapshot_blocks: 2,
        ..SequencerConfig::default()
    };
    sequencer.retention.proof_blocks_max = 8;
    sequencer.retention.versions_max = 4;
    sequencer
}

async fn pruned_chain() -> Chain {
    let node = Node::start_development_on(sequencer(), RpcConfig::default());
    let mut receipts = Vec::new();
    for nonce in 0..BLOCKS {
        let transaction = match nonce % 2 {
            0 => transfer(nonce),
            _ => contract_call(nonce, LOGGER_ADDRESS),
        };
        let hash = node.send(transaction).await["transactionHash"].take();
        node.sealed(nonce + 1).await;
        receipts.push(node.call("eth_getTransactionReceipt", json!([hash])).await);
    }
    let chain = node.sequencer().chain().clone();
    assert_eq!(chain.oldest_block(), 0, "nothing is proven yet");
    chain.set_proven_through(BLOCKS);
    for _ in 0..1_000 {
        if chain.oldest_block() >= BLOCKS - 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // What is refused first is forgotten a moment later.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let oldest = chain.oldest_block();
    assert!((BLOCKS - 20..=BLOCKS - 15).contains(&oldest), "{oldest}");
    let of_block = |number: u64| {
        let is_there = |receipt: &&Value| receipt["blockNumber"] == quantity(number);
        receipts.iter().find(is_there).unwrap().clone()
    };
    let (gone, border) = (of_block(oldest - 1), of_block(oldest));
    Chain { node, oldest, gone, border }
}

fn quantity(number: u64) -> Value {
    json!(format!("{number:#x}"))
}

fn assert_pruned(error: &CallError, method: &str) {
    assert_eq!(error.code, PRUNED, "{method}: {error:?}");
    assert!(error.message.starts_with("pruned history unavailable"), "{method}: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pruned_is_refused_as_geth_does() {
    let Chain { node, oldest, gone, border } = pruned_chain().await;
    let (before, first) = (quantity(oldest - 1), quantity(oldest));
    let by_number: [Asked; 11] = [
        ("eth_getBlockByNumber", |n| json!([n, true])),
        ("eth_getHeaderByNumber", |n| json!([n])),
        ("eth_getBlockReceipts", |n| json!([n])),
        ("eth_getBlockTransactionCountByNumber", |n| json!([n])),
        ("eth_getUncleCountByBlockNumber", |n| json!([n])),
        ("eth_getTransactionByBlockNumberAndIndex", |n| json!([n, "0x0"])),
        ("eth_feeHistory", |n| json!(["0x1", n, []])),
        ("debug_getRawHeader", |n| json!([n])),
        ("debug_getRawBlock", |n| json!([n])),
        ("debug_getRawReceipts", |n| json!([n])),
        ("eth_getBlockReceipts", |n| json!([{"blockNumber": n}])),
    ];
    for (method, params) in by_number {
        let error = node.fail(method, params(&before)).await;
        assert_pruned(&error, method);
        assert!(error.message.contains(&format!("from {oldest} on")), "{error:?}");
        assert!(!node.call(method, params(&first)).await.is_null(), "{method}");
    }
    let by_hash: [Asked; 5] = [
        ("eth_getBlockByHash", |hash| json!([hash, true])),
        ("eth_getHeaderByHash", |hash| json!([hash])),
        ("eth_getBlockReceipts", |hash| json!([hash])),
        ("eth_getBlockTransactionCountByHash", |hash| json!([hash])),
        ("eth_getTransactionByBlockHashAndIndex", |hash| json!([hash, "0x0"])),
    ];
    for (method, params) in by_hash {
        let error = node.fail(method, params(&gone["blockHash"])).await;
        assert_pruned(&error, method);
        assert!(!node.call(method, params(&border["blockHash"])).await.is_null(), "{method}");
    }
    let error = node.fail("debug_traceBlockByNumber", json!([before])).await;
    assert_pruned(&error, "debug_traceBlockByNumber");
    // geth forgets hashes with what they are of, and so does not know this one from any other.
    for method in ["eth_getTransactionByHash", "eth_getTransactionReceipt"] {
        assert_eq!(node.call(method, json!([gone["transactionHash"]])).await, Value::Null);
        let found = node.call(method, json!([border["transactionHash"]])).await;
        assert_eq!(found["blockNumber"], first, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_say_from_where_on_there_are_some() {
    let Chain { node, oldest, gone, .. } = pruned_chain().await;
    let logs = |from: Value, to: Value| json!([{"fromBlock": from, "toBlock": to}]);
    for from in [1, oldest - 1] {
        let error = node.fail("eth_getLogs", logs(quantity(from), json!("latest"))).await;
        assert_pruned(&error, "eth_getLogs");
        assert!(error.message.contains(&format!("from {oldest} on")), "{error:?}");
    }
    let error = node.fail("eth_getLogs", json!([{"blockHash": gone["blockHash"]}])).await;
    assert_pruned(&error, "eth_getLogs");
    // Also where the range is too long: whoever shortens it hears of the border at once.
    let error = node.fail("eth_getLogs", logs(quantity(0), json!("latest"))).await;
    assert_pruned(&error, "eth_getLogs");
    let kept = node.call("eth_getLogs", logs(quantity(oldest), json!("latest"))).await;
    let earliest = node.call("eth_getLogs", logs(json!("earliest"), json!("latest"))).await;
    assert_eq!(kept, earliest);
    assert!(!kept.as_array().unwrap().is_empty());

    let range = json!([{"fromBlock": quantity(oldest - 1)}]);
    let filter = node.call("eth_newFilter", range).await;
    let error = node.fail("eth_getFilterLogs", json!([filter])).await;
    assert_pruned(&error, "eth_getFilterLogs");
    assert_eq!(node.call("eth_getFilterChanges", json!([filter])).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_what_was_pruned_is_not_available() {
    let Chain { node, oldest, .. } = pruned_chain().await;
    for number in [0, oldest - 1, oldest] {
        let block = quantity(number);
        for (method, params) in [
            ("eth_getBalance", json!([NOBODY, block])),
            ("eth_getTransactionCount", json!([NOBODY, block])),
            ("eth_getCode", json!([LOGGER_ADDRESS, block])),
            ("eth_getStorageAt", json!([LOGGER_ADDRESS, "0x0", block])),
            ("eth_call", json!([{"to": LOGGER_ADDRESS}, block])),
        ] {
            let error = node.fail(method, params).await;
            let expected = format!("historical state of block {number} is not available");
            assert!(error.message.starts_with(&expected), "{method} at {number}: {error:?}");
            assert_eq!(error.code, -32_000);
        }
        let error = node.fail("eth_getProof", json!([NOBODY, [], block])).await;
        assert!(error.message.starts_with(&format!("proofs in block {number} are not")));
    }
    let recent = quantity(BLOCKS - 8);
    let balance = node.call("eth_getBalance", json!([NOBODY, recent])).await;
    assert_eq!(balance, quantity((BLOCKS - 8).div_ceil(2)));
    node.call("eth_getProof", json!([NOBODY, [], recent])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn earliest_is_the_oldest_and_genesis_stays() {
    let Chain { node, oldest, .. } = pruned_chain().await;
    let earliest = node.call("eth_getBlockByNumber", json!(["earliest", false])).await;
    assert_eq!(earliest["number"], quantity(oldest));
    let genesis = node.call("eth_getBlockByNumber", json!(["0x0", false])).await;
    assert_eq!((&genesis["number"], &genesis["timestamp"]), (&quantity(0), &json!("0x6553f100")));
    let again = node.call("eth_getBlockByHash", json!([genesis["hash"], false])).await;
    assert_eq!(again, genesis);
    let capabilities = node.call("eth_capabilities", json!([])).await;
    for resource in ["blocks", "tx", "logs", "receipts"] {
        let said = &capabilities[resource];
        assert_eq!(said["oldestBlock"], quantity(oldest), "{capabilities}");
        assert_eq!(said["deleteStrategy"]["retentionBlocks"], quantity(16), "{capabilities}");
    }
    let state = capabilities["state"]["oldestBlock"].as_str().unwrap();
    assert!(u64::from_str_radix(&state[2..], 16).unwrap() > oldest, "{capabilities}");
    node.call("eth_config", json!([])).await;
}
