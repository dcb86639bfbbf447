use alloy_primitives::{B256, U256};
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, NOBODY, Node, contract_call, transfer};
use crate::RpcConfig;

fn topic() -> B256 {
    B256::from(U256::from(0xaa))
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_by_range_hash_address_and_topic() {
    let node = Node::start();
    let receipt = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    node.sealed(1).await;
    let receipt = node.call("eth_getTransactionReceipt", json!([receipt["transactionHash"]])).await;
    let hits = [
        json!({}),
        json!({"fromBlock": "0x0"}),
        json!({"fromBlock": "0x1", "toBlock": "0x1"}),
        json!({"fromBlock": "earliest", "toBlock": "latest"}),
        json!({"fromBlock": "0x0", "toBlock": "pending"}),
        json!({"blockHash": receipt["blockHash"]}),
        json!({"address": LOGGER_ADDRESS, "topics": [topic()]}),
        json!({"address": [LOGGER_ADDRESS, NOBODY], "topics": [[topic(), B256::ZERO]]}),
        json!({"topics": [null]}),
    ];
    for filter in hits {
        let logs = node.call("eth_getLogs", json!([filter])).await;
        assert_eq!(logs, receipt["logs"], "{filter}");
    }
    let misses = [
        json!({"address": NOBODY}),
        json!({"topics": [B256::ZERO]}),
        json!({"topics": [topic(), topic()]}),
        json!({"fromBlock": "earliest", "toBlock": "safe"}),
        json!({"fromBlock": "0x2", "toBlock": "latest"}),
    ];
    for filter in misses {
        assert_eq!(node.call("eth_getLogs", json!([filter])).await, json!([]), "{filter}");
    }
    let error = node.fail("eth_getLogs", json!([{"blockHash": B256::repeat_byte(7)}])).await;
    assert_eq!((error.code, error.message.as_str()), (-32_000, "unknown block"));
    for (from, to) in [
        ("0x2", "0x1"),
        ("0x3", "latest"),
        ("0x64", "pending"),
        ("latest", "0x0"),
        ("latest", "earliest"),
        ("0x1", "finalized"),
    ] {
        let error = node.fail("eth_getLogs", json!([{"fromBlock": from, "toBlock": to}])).await;
        let found = (error.code, error.message.as_str());
        assert_eq!(found, (-32_602, "invalid block range params"), "{from} {to}");
    }
    for from in ["0x0", "0x64"] {
        let future = json!([{"fromBlock": from, "toBlock": "0x65"}]);
        let error = node.fail("eth_getLogs", future).await;
        let words = "block range extends beyond current head block";
        assert_eq!((error.code, error.message.as_str()), (-32_602, words));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_adds_the_open_block() {
    let node = Node::start();
    let receipt = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    let pending = node.call("eth_getLogs", json!([{"toBlock": "pending"}])).await;
    assert_eq!(pending.as_array().unwrap().len(), 1);
    assert_eq!(pending[0]["transactionHash"], receipt["transactionHash"]);
    // By the number that its receipt has, too.
    let number = &receipt["blockNumber"];
    let by_number = json!([{"fromBlock": number, "toBlock": number}]);
    assert_eq!(node.call("eth_getLogs", by_number).await, pending);
    let from_before = json!([{"fromBlock": "0x0", "toBlock": number}]);
    assert_eq!(node.call("eth_getLogs", from_before).await, pending);
    let by_slice = node.call("eth_getLogs", json!([{"blockHash": receipt["blockHash"]}])).await;
    assert_eq!(by_slice.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_limits() {
    let config = RpcConfig {
        logs_range_max: 1,
        logs_count_max: 1,
        logs_alternatives_max: 1,
        ..RpcConfig::default()
    };
    let node = Node::start_with(config);
    let receipt = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    node.send(contract_call(1, LOGGER_ADDRESS)).await;
    node.sealed(1).await;
    let error = node.fail("eth_getLogs", json!([{"fromBlock": "0x0", "toBlock": "0x1"}])).await;
    assert_eq!(error.code, -32_005, "{error:?}");
    let filter = json!([{"address": [NOBODY, LOGGER_ADDRESS]}]);
    let error = node.fail("eth_getLogs", filter).await;
    let words = "exceed max addresses or topics per search position";
    assert_eq!((error.code, error.message.as_str()), (-32_000, words));
    let block = node.call("eth_getBlockByHash", json!([receipt["blockHash"], false])).await;
    if block["transactions"].as_array().unwrap().len() == 2 {
        let error = node.fail("eth_getLogs", json!([{"blockHash": block["hash"]}])).await;
        assert_eq!(error.code, -32_005, "{error:?}");
    }
}

/// geth's, which the specification does not have.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_filter_may_give_whole_transactions() {
    let node = Node::start();
    let error = node.fail("eth_newPendingTransactionFilter", json!(["yes"])).await;
    assert_eq!(error.code, -32_602);
    let filter = node.call("eth_newPendingTransactionFilter", json!([true])).await;
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_getFilterChanges", "params": [filter],
    });
    let receipt = node.send(transfer(0)).await;
    let answer = node.module.raw_json_request(&request.to_string(), 1).await.unwrap().0;
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    let found = &answer["result"];
    assert_eq!(found.as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(found[0]["hash"], receipt["transactionHash"]);
    assert_eq!(found[0]["value"], "0x1");
}

#[tokio::test(flavor = "multi_thread")]
async fn installed_filters_give_each_thing_once() {
    let node = Node::start();
    let logs = node.call("eth_newFilter", json!([{"address": LOGGER_ADDRESS}])).await;
    let blocks = node.call("eth_newBlockFilter", json!([])).await;
    let pool = node.call("eth_newPendingTransactionFilter", json!([])).await;
    let changes = |id: &Value| node.call("eth_getFilterChanges", json!([id]));
    for id in [&logs, &blocks, &pool] {
        assert_eq!(changes(id).await, json!([]));
    }
    let first = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    let second = node.send(transfer(1)).await;
    assert_eq!(changes(&pool).await, json!([first["transactionHash"], second["transactionHash"]]));
    node.sealed(1).await;
    let found = changes(&logs).await;
    assert_eq!(found[0]["transactionHash"], first["transactionHash"]);
    let block = node.call("eth_getBlockByNumber", json!(["0x1", false])).await;
    assert_eq!(changes(&blocks).await[0], block["hash"]);
    assert_eq!(changes(&logs).await, json!([]));
    let again = node.call("eth_getFilterLogs", json!([logs])).await;
    assert!(again.as_array().unwrap().len() <= 1);
    assert_eq!(node.call("eth_uninstallFilter", json!([logs])).await, json!(true));
    assert_eq!(node.call("eth_uninstallFilter", json!([logs])).await, json!(false));
    let error = node.fail("eth_getFilterChanges", json!([logs])).await;
    assert_eq!((error.code, error.message.as_str()), (-32_000, "filter not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_limited_and_lapse() {
    let config = RpcConfig { filters_max: 1, filter_lifetime_ms: 50, ..RpcConfig::default() };
    let node = Node::start_with(config);
    let first = node.call("eth_newBlockFilter", json!([])).await;
    assert_eq!(node.fail("eth_newBlockFilter", json!([])).await.code, -32_005);
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    node.call("eth_newBlockFilter", json!([])).await;
    node.fail("eth_getFilterChanges", json!([first])).await;
}

/// The numbers of the blocks of logs.
fn blocks(logs: &Value) -> Vec<u64> {
    let numbers = logs.as_array().unwrap().iter().map(|log| log["blockNumber"].as_str().unwrap());
    numbers.map(|number| u64::from_str_radix(&number[2..], 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn installed_filters_keep_to_their_blocks() {
    let node = Node::start_development();
    let ranges = [(0, 3), (2, 3), (1, 1), (2, u64::MAX)];
    let mut filters = Vec::new();
    for (from, to) in ranges {
        let to = if to == u64::MAX { "latest".to_owned() } else { format!("{to:#x}") };
        let range = json!({"fromBlock": format!("{from:#x}"), "toBlock": to});
        filters.push(node.call("eth_newFilter", json!([range])).await);
    }
    for nonce in 0..4 {
        node.send(contract_call(nonce, LOGGER_ADDRESS)).await;
        node.call("evm_mine", json!([])).await;
    }
    let all = node.call("eth_getLogs", json!([{"fromBlock": "0x0"}])).await;
    let all = blocks(&all);
    assert_eq!(all.len(), 4);
    for (id, (from, to)) in filters.iter().zip(ranges) {
        let found = node.call("eth_getFilterChanges", json!([id])).await;
        let wanted: Vec<_> = all.iter().copied().filter(|it| (from..=to).contains(it)).collect();
        assert_eq!(blocks(&found), wanted, "{from} to {to}");
        assert_eq!(node.call("eth_getFilterChanges", json!([id])).await, json!([]));
    }
    for range in [json!({"fromBlock": "0x2", "toBlock": "0x1"}), json!({"toBlock": "0x1"})] {
        let error = node.fail("eth_newFilter", json!([range])).await;
        assert_eq!((error.code, error.message.as_str()), (-32_602, "invalid block range params"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_of_this_node() {
    let node = Node::start();
    for id in ["0x1", "0x123456789012345678901234567890ab", "nonsense", "", "0x", "0x01"] {
        for method in ["eth_getFilterChanges", "eth_getFilterLogs"] {
            let error = node.fail(method, json!([id])).await;
            let expected = (-32_000, "filter not found");
            assert_eq!((error.code, error.message.as_str()), expected, "{method} {id}");
        }
        assert_eq!(node.call("eth_uninstallFilter", json!([id])).await, json!(false), "{id}");
    }
    for method in ["eth_getFilterChanges", "eth_getFilterLogs", "eth_uninstallFilter"] {
        assert_eq!(node.fail(method, json!([1])).await.code, -32_602);
    }
}
