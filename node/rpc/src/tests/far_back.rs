//! Blocks that are no longer at hand: they are read from disk, on threads that are bounded.

use jsonrpsee::RpcModule;
use serde_json::{Value, json};

use super::harness::{Node, read_answer, transfer};
use crate::{RpcConfig, api::Api, methods};

/// More than are kept decoded.
const BLOCKS: u64 = 40;

async fn mine(node: &Node) {
    for _ in 0..BLOCKS {
        node.call("evm_mine", json!([])).await;
    }
}

async fn ask(module: &RpcModule<Api>, method: &str, params: Value) -> Result<Value, i64> {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let answer = module.raw_json_request(&request.to_string(), 1).await.unwrap().0;
    read_answer(serde_json::from_str(answer.get()).unwrap()).map_err(|error| error.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_long_ago_wait_for_a_thread() {
    let node = Node::start_development();
    let hash = node.send(transfer(0)).await["transactionHash"].take();
    // The same chain, asked where no thread reads anything.
    let config = RpcConfig { calls_running_max: 0, call_timeout_ms: 20, ..RpcConfig::default() };
    let api = Api::new(config, node.sequencer().clone(), None);
    let idle = methods::register(api.into()).unwrap();
    let methods = [
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
        "eth_getRawTransactionByHash",
        "debug_getRawTransaction",
    ];
    node.call("evm_mine", json!([])).await;
    let mut answers = Vec::new();
    for method in methods {
        answers.push(ask(&idle, method, json!([hash])).await.unwrap());
        assert_eq!(ask(&idle, method, json!(["0x1"])).await, Err(-32_602), "{method}");
    }
    mine(&node).await;
    for (method, answer) in methods.into_iter().zip(answers) {
        assert_eq!(ask(&idle, method, json!([hash])).await, Err(-32_000), "{method}");
        assert_eq!(node.call(method, json!([hash])).await, answer, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_listen_for_long_misses_no_block() {
    let node = Node::start_development();
    let mut heads = node.module.subscribe("eth_subscribe", ["newHeads"], 1).await.unwrap();
    node.send(transfer(0)).await;
    mine(&node).await;
    for number in 1..=BLOCKS {
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), heads.next::<Value>());
        let head = next.await.unwrap().unwrap().unwrap().0;
        assert_eq!(head["number"], json!(format!("{number:#x}")));
    }
}
