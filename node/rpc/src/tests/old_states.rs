//! States of long ago, of whose blocks a start has no hash in memory.

use std::path::Path;

use alloy_primitives::hex;
use minster_primitives::alloy_consensus::TxEip1559;
use minster_sequencer::SequencerConfig;
use serde_json::json;

use super::harness::{NOBODY, Node, creation};

/// With them the first blocks are further back than the hashes that a start reads: those that
/// `BLOCKHASH` may ask for, and as many as there are proofs.
const BLOCKS: u64 = 270;

fn start(directory: &Path) -> Node {
    let mut sequencer = SequencerConfig::default();
    sequencer.retention.proof_blocks_max = 1;
    Node::start_development_in(directory, sequencer)
}

#[tokio::test(flavor = "multi_thread")]
async fn block_hashes_of_long_ago_are_those_of_the_chain() {
    let directory = tempfile::tempdir().unwrap();
    let node = start(directory.path());
    // PUSH1 1, NUMBER, SUB, BLOCKHASH, PUSH0, SSTORE: while the contract is created.
    let storing = hex!("60014303405f55");
    let receipt = node.send(TxEip1559 { input: storing.into(), ..creation(0) }).await;
    for _ in 0..BLOCKS {
        node.call("evm_mine", json!([])).await;
    }
    let number = &receipt["blockNumber"];
    let block = node.call("eth_getBlockByNumber", json!([number, false])).await;
    drop(node);

    let node = start(directory.path());
    let contract = receipt["contractAddress"].as_str().unwrap();
    let slot = node.call("eth_getStorageAt", json!([contract, "0x0", number])).await;
    assert_eq!(slot, block["parentHash"]);
    let before = node.call("eth_getStorageAt", json!([contract, "0x0", "0x0"])).await;
    assert_ne!(before, slot);
    let options = json!({"tracer": "prestateTracer", "tracerConfig": {"diffMode": true}});
    let asked = json!([receipt["transactionHash"], options]);
    let trace = node.call("debug_traceTransaction", asked).await;
    let storage = trace["post"][contract]["storage"].as_object().unwrap();
    assert_eq!(storage.values().collect::<Vec<_>>(), [&block["parentHash"]], "{trace}");
    // The same, returned.
    let returning = json!({NOBODY.to_string(): {"code": "0x60014303405f5260205ff3"}});
    let call = json!({"to": NOBODY});
    let called = node.call("eth_call", json!([call, number, returning])).await;
    assert_eq!(called, block["parentHash"]);
    let payload = json!({"blockStateCalls": [{"stateOverrides": returning, "calls": [call]}]});
    let simulated = node.call("eth_simulateV1", json!([payload, number])).await;
    assert_eq!(simulated[0]["calls"][0]["returnData"], block["hash"], "{simulated}");
}
