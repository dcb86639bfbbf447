use std::{sync::Arc, time::Duration};

use alloy_primitives::B256;
use jsonrpsee::server::Subscription;
use serde_json::{Value, json};

use super::{
    harness::{LOGGER_ADDRESS, NOBODY, Node, contract_call, transfer},
    schema::check_shape,
};
use crate::{RpcConfig, api::Api, eth::transactions::announce, methods};

async fn subscribe(node: &Node, method: &str, params: Value) -> Subscription {
    let params: Vec<Value> = serde_json::from_value(params).unwrap();
    node.module.subscribe_unbounded(method, params).await.unwrap()
}

async fn next(subscription: &mut Subscription) -> Value {
    let next = subscription.next::<Value>();
    let message = tokio::time::timeout(Duration::from_secs(5), next).await;
    message.expect("a message in time").expect("an open subscription").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_logs_come_with_the_sealed_block() {
    let node = Node::start();
    let mut heads = subscribe(&node, "eth_subscribe", json!(["newHeads"])).await;
    let filter = json!(["logs", {"address": LOGGER_ADDRESS}]);
    let mut logs = subscribe(&node, "eth_subscribe", filter).await;
    let mut other = subscribe(&node, "eth_subscribe", json!(["logs", {"address": NOBODY}])).await;
    for nonce in 0..2 {
        let receipt = node.send(contract_call(nonce, LOGGER_ADDRESS)).await;
        node.sealed(nonce + 1).await;
        let head = next(&mut heads).await;
        assert_eq!(head["number"], receipt["blockNumber"]);
        let block = node.call("eth_getBlockByHash", json!([head["hash"], false])).await;
        assert_eq!(block["number"], head["number"]);
        let log = next(&mut logs).await;
        check_shape("Log", &log);
        assert_eq!(log["transactionHash"], receipt["transactionHash"]);
        assert_eq!(log["blockHash"], head["hash"]);
    }
    let nothing = other.next::<Value>();
    assert!(tokio::time::timeout(Duration::from_millis(50), nothing).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribed_logs_keep_to_their_blocks() {
    let node = Node::start_development();
    let range = json!(["logs", {"fromBlock": "0x2", "toBlock": "0x3"}]);
    let mut logs = subscribe(&node, "eth_subscribe", range).await;
    let mut all = subscribe(&node, "eth_subscribe", json!(["logs", {}])).await;
    for nonce in 0..4 {
        node.send(contract_call(nonce, LOGGER_ADDRESS)).await;
        node.call("evm_mine", json!([])).await;
    }
    for _ in 0..4 {
        let log = next(&mut all).await;
        if ["0x2", "0x3"].contains(&log["blockNumber"].as_str().unwrap()) {
            assert_eq!(next(&mut logs).await, log);
        }
    }
    // It stays open, and has nothing more to say.
    let nothing = logs.next::<Value>();
    assert!(tokio::time::timeout(Duration::from_millis(50), nothing).await.is_err());
    let reversed = vec![json!("logs"), json!({"fromBlock": "0x3", "toBlock": "0x2"})];
    let refused = node.module.subscribe_unbounded("eth_subscribe", reversed).await.unwrap_err();
    assert!(refused.to_string().contains("invalid block range params"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_come_with_transactions_and_receipts() {
    let node = Node::start();
    let mut slices = subscribe(&node, "minster_subscribe", json!(["slices"])).await;
    let receipt = node.send(transfer(0)).await;
    let mut slice = next(&mut slices).await;
    while slice["transactions"].as_array().unwrap().is_empty() {
        slice = next(&mut slices).await;
    }
    assert_eq!(slice["hash"], receipt["blockHash"]);
    assert_eq!(slice["receipts"][0], receipt);
    assert_eq!(slice["transactions"][0]["hash"], receipt["transactionHash"]);
    assert_eq!(slice["signature"].as_str().unwrap().len(), 2 + 2 * 65);
    let id = json!([slices.subscription_id()]);
    assert_eq!(node.call("minster_unsubscribe", id.clone()).await, json!(true));
    assert_eq!(node.call("minster_unsubscribe", id).await, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn pooled_transactions_come_as_hashes() {
    let node = Node::start();
    let mut pooled = subscribe(&node, "eth_subscribe", json!(["newPendingTransactions"])).await;
    let mut full = subscribe(&node, "eth_subscribe", json!(["newPendingTransactions", true])).await;
    let hash = node.call("eth_sendRawTransaction", json!([node.sign(transfer(4))])).await;
    assert_eq!(next(&mut pooled).await, hash);
    assert_eq!(next(&mut full).await["hash"], hash);
}

/// A subscriber that is told late finds it in its block.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_comes_whole_after_it_was_executed() {
    let node = Node::start();
    let api = Arc::new(Api::new(RpcConfig::default(), node.sequencer().clone(), None));
    let module = methods::register(Arc::clone(&api)).unwrap();
    let wanted = ("newPendingTransactions", true);
    let mut full = module.subscribe_unbounded("eth_subscribe", wanted).await.unwrap();
    let receipt = node.send(transfer(0)).await;
    let hash: B256 = serde_json::from_value(receipt["transactionHash"].clone()).unwrap();
    while node.sequencer().pool().get(hash).is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    announce(&api, hash);
    let transaction = next(&mut full).await;
    assert_eq!(transaction["hash"], receipt["transactionHash"]);
    assert_eq!(transaction["blockNumber"], receipt["blockNumber"]);
    assert_eq!(transaction["input"], "0x");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_subscriptions_are_refused() {
    let node = Node::start();
    for (method, expected) in [
        ("eth_subscribe", "no \"slices\" subscription in eth namespace"),
        ("minster_subscribe", "no \"newHeads\" subscription in minster namespace"),
    ] {
        let name = if method == "eth_subscribe" { "slices" } else { "newHeads" };
        let error = node.module.subscribe_unbounded(method, [name]).await.unwrap_err();
        assert!(error.to_string().contains(&expected.replace('"', "\\\"")), "{error}");
    }
}
