use alloy_primitives::{B256, U256};
use minster_params::ChainConfig;
use serde_json::{Value, json};

use super::harness::{CHAIN_ID, LOGGER_ADDRESS, NOBODY, Node, contract_call, transfer};
use crate::RpcConfig;

#[tokio::test(flavor = "multi_thread")]
async fn constants() {
    let node = Node::start();
    let cases = [
        ("eth_chainId", json!([]), json!("0x539")),
        ("net_version", json!([]), json!("1337")),
        ("net_listening", json!([]), json!(true)),
        ("net_peerCount", json!([]), json!("0x0")),
        ("eth_syncing", json!([]), json!(false)),
        ("eth_accounts", json!([]), json!([])),
        ("eth_blobBaseFee", json!([]), json!("0x1")),
        ("eth_maxPriorityFeePerGas", json!([]), json!("0xf4240")),
        ("eth_gasPrice", json!([]), json!("0x3baa0c40")),
        ("eth_baseFee", json!([]), json!("0x3b9aca00")),
        ("eth_blockNumber", json!([]), json!("0x0")),
        ("eth_coinbase", json!([]), json!(ChainConfig::new(CHAIN_ID).fee_vault)),
        ("eth_getUncleByBlockNumberAndIndex", json!(["0x0", "0x0"]), Value::Null),
        ("eth_getUncleByBlockHashAndIndex", json!([B256::ZERO, "0x0"]), Value::Null),
        (
            "web3_sha3",
            json!(["0x68656c6c6f20776f726c64"]),
            json!("0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad"),
        ),
    ];
    assert_eq!(CHAIN_ID, 0x539);
    for (method, params, expected) in cases {
        assert_eq!(node.call(method, params).await, expected, "{method}");
    }
    let version = node.call("web3_clientVersion", json!([])).await;
    assert!(version.as_str().unwrap().starts_with("Minster/v"));
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_that_are_there() {
    let node = Node::start();
    let modules = node.call("rpc_modules", json!([])).await;
    let all = ["debug", "eth", "evm", "minster", "net", "personal", "rpc", "txpool", "web3"];
    assert_eq!(modules.as_object().unwrap().keys().collect::<Vec<_>>(), all);
    assert!(modules.as_object().unwrap().values().all(|version| version == "1.0"), "{modules}");
    let refused = node.fail("rpc_modules", json!([1])).await;
    assert_eq!(refused.message, "too many arguments, want at most 0");
    let less = Node::start_with(RpcConfig { debug: false, txpool: false, ..Default::default() });
    let modules = less.call("rpc_modules", json!([])).await;
    assert!(modules["debug"].is_null() && modules["txpool"].is_null(), "{modules}");
    assert_eq!(modules["eth"], "1.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_and_the_node_are() {
    let node = Node::start();
    let config = node.call("eth_config", json!([])).await;
    let genesis = node.call("eth_getBlockByNumber", json!(["0x0", false])).await;
    let hash: alloy_primitives::B256 = serde_json::from_value(genesis["hash"].clone()).unwrap();
    let fork = json!(alloy_primitives::Bytes::from(crc32fast::hash(&hash[..]).to_be_bytes()));
    assert_eq!(config["current"]["forkId"], fork);
    // Genesis has a later timestamp: what holds from there on holds always.
    assert_eq!(genesis["timestamp"], "0x6553f100");
    assert_eq!(config["current"]["activationTime"], 0);
    let capabilities = node.call("eth_capabilities", json!([])).await;
    assert_eq!(capabilities["head"]["hash"], genesis["hash"]);
    assert_eq!(capabilities["stateproofs"]["deleteStrategy"]["type"], "window");
    assert_eq!(capabilities["state"]["deleteStrategy"], Value::Null, "all of it stays");
    for resource in ["state", "tx", "logs", "receipts", "blocks", "stateproofs"] {
        assert_eq!(capabilities[resource]["oldestBlock"], "0x0", "{resource}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_those_of_the_blocks() {
    let node = Node::start();
    node.send(transfer(0)).await;
    node.sealed(1).await;
    for number in ["0x0", "0x1"] {
        let block = node.call("eth_getBlockByNumber", json!([number, false])).await;
        let header = node.call("eth_getHeaderByNumber", json!([number])).await;
        assert_eq!(header, node.call("eth_getHeaderByHash", json!([block["hash"]])).await);
        assert!(header.as_object().unwrap().len() > 15 && header.get("transactions").is_none());
        for (name, field) in header.as_object().unwrap() {
            assert_eq!(field, &block[name], "{name}");
        }
    }
    assert_eq!(node.call("eth_getHeaderByNumber", json!(["0x63"])).await, Value::Null);
    assert_eq!(node.call("eth_getHeaderByHash", json!([B256::ZERO])).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_slots_at_once() {
    let node = Node::start();
    node.send(contract_call(0, LOGGER_ADDRESS)).await;
    let word = |value: u64| json!(alloy_primitives::B256::from(U256::from(value)));
    let wanted = json!({LOGGER_ADDRESS.to_string(): [word(0), word(1)], NOBODY.to_string(): []});
    let values = node.call("eth_getStorageValues", json!([wanted, "latest"])).await;
    let expected = json!({LOGGER_ADDRESS.to_string(): [word(7), word(0)], NOBODY.to_string(): []});
    assert_eq!(values, expected);
    let many = json!({NOBODY.to_string(): vec![word(0); 1_025]});
    for (wanted, code, words) in [
        (many, -38_026, "too many slots (max 1024)"),
        (json!({}), -32_602, "empty request"),
        (json!({NOBODY.to_string(): []}), -32_602, "empty request"),
    ] {
        let error = node.fail("eth_getStorageValues", json!([wanted])).await;
        assert_eq!((error.code, error.message.as_str()), (code, words));
    }
    // Of one slot there are short names; here geth reads whole words.
    for key in [json!("0x0"), json!(null)] {
        let error = node.fail("eth_getStorageValues", json!([{NOBODY.to_string(): [key]}])).await;
        assert_eq!(error.code, -32_602, "{}", error.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn block_tags() {
    let node = Node::start();
    let genesis = node.call("eth_getBlockByNumber", json!(["0x0", false])).await;
    for tag in ["latest", "safe", "finalized", "earliest"] {
        assert_eq!(node.call("eth_getBlockByNumber", json!([tag, false])).await, genesis, "{tag}");
    }
    let pending = node.call("eth_getBlockByNumber", json!(["pending", false])).await;
    assert_eq!(pending["number"], "0x1");
    assert_eq!(pending["parentHash"], genesis["hash"]);
    assert_eq!(pending["transactions"], json!([]));
    let receipt = node.send(transfer(0)).await;
    node.sealed(1).await;
    for tag in ["safe", "finalized", "earliest"] {
        assert_eq!(node.call("eth_getBlockByNumber", json!([tag, false])).await, genesis, "{tag}");
    }
    let latest = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(latest["number"], "0x1");
    assert_eq!(latest["transactions"], json!([receipt["transactionHash"]]));
    for (method, params) in [
        ("eth_getBlockByNumber", json!(["0x63", false])),
        ("eth_getBlockByHash", json!([alloy_primitives::B256::repeat_byte(1), false])),
        ("eth_getBlockReceipts", json!(["0x63"])),
        ("eth_getBlockTransactionCountByNumber", json!(["0x63"])),
        ("eth_getUncleCountByBlockNumber", json!(["0x63"])),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["0x1", "0x1"])),
    ] {
        assert_eq!(node.call(method, params).await, Value::Null, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_blocks_add_up() {
    let node = Node::start();
    node.send(contract_call(0, LOGGER_ADDRESS)).await;
    node.send(transfer(1)).await;
    node.sealed(1).await;
    let number = json!(["0x1"]);
    let block = node.call("eth_getBlockByNumber", json!(["0x1", true])).await;
    let receipts = node.call("eth_getBlockReceipts", number.clone()).await;
    let count = node.call("eth_getBlockTransactionCountByNumber", number.clone()).await;
    let by_hash = json!([block["hash"]]);
    assert_eq!(count, node.call("eth_getBlockTransactionCountByHash", by_hash.clone()).await);
    assert_eq!(node.call("eth_getUncleCountByBlockHash", by_hash.clone()).await, "0x0");
    let first =
        node.call("eth_getTransactionByBlockHashAndIndex", json!([block["hash"], "0x0"])).await;
    assert_eq!(first, block["transactions"][0]);
    assert_eq!(receipts[0]["transactionHash"], first["hash"]);
    let raw = node.call("eth_getRawTransactionByHash", json!([first["hash"]])).await;
    for (method, id) in [
        ("eth_getRawTransactionByBlockHashAndIndex", &block["hash"]),
        ("eth_getRawTransactionByBlockNumberAndIndex", &json!("0x1")),
    ] {
        assert_eq!(node.call(method, json!([id, "0x0"])).await, raw);
        assert_eq!(node.call(method, json!([id, "0x2"])).await, "0x");
    }
    let nowhere = json!([alloy_primitives::B256::ZERO, "0x0"]);
    assert_eq!(node.call("eth_getRawTransactionByBlockHashAndIndex", nowhere).await, "0x");
    let later = json!(["0x99", "0x0"]);
    assert_eq!(node.call("eth_getRawTransactionByBlockNumberAndIndex", later).await, "0x");
    let raw = node.call("debug_getRawBlock", number.clone()).await;
    let bytes = (raw.as_str().unwrap().len() - 2) / 2;
    assert_eq!(block["size"], json!(format!("{bytes:#x}")));
    let header = node.call("debug_getRawHeader", number).await;
    let header: alloy_primitives::Bytes = serde_json::from_value(header).unwrap();
    assert_eq!(block["hash"], json!(alloy_primitives::keccak256(header)));
    let raw_receipts = node.call("debug_getRawReceipts", by_hash).await;
    assert_eq!(raw_receipts.as_array().unwrap().len(), receipts.as_array().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_at_old_blocks() {
    let node = Node::start();
    node.send(transfer(0)).await;
    let receipt = node.send(contract_call(1, LOGGER_ADDRESS)).await;
    let block_hash = &receipt["blockHash"];
    let cases = [
        ("eth_getBalance", json!([NOBODY]), json!("0x1")),
        ("eth_getBalance", json!([NOBODY, "pending"]), json!("0x1")),
        ("eth_getBalance", json!([NOBODY, "earliest"]), json!("0x0")),
        ("eth_getBalance", json!([NOBODY, "0x0"]), json!("0x0")),
        ("eth_getBalance", json!([NOBODY, {"blockHash": block_hash}]), json!("0x1")),
        ("eth_getBalance", json!([NOBODY, {"blockNumber": "0x0"}]), json!("0x0")),
        ("eth_getBalance", json!([NOBODY, block_hash]), json!("0x1")),
        (
            "eth_getStorageAt",
            json!([LOGGER_ADDRESS, "0x0"]),
            json!(alloy_primitives::B256::from(U256::from(7))),
        ),
        (
            "eth_getStorageAt",
            json!([LOGGER_ADDRESS, "0x0", "safe"]),
            json!(alloy_primitives::B256::ZERO),
        ),
        ("eth_getTransactionCount", json!([node.signer.address(), "finalized"]), json!("0x0")),
        ("eth_getCode", json!([NOBODY, "latest"]), json!("0x")),
    ];
    for (method, params, expected) in cases {
        assert_eq!(node.call(method, params.clone()).await, expected, "{method} {params}");
    }
    let error = node.fail("eth_getBalance", json!([NOBODY, "0x63"])).await;
    assert_eq!((error.code, error.message.as_str()), (-32_000, "header not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fee_history_of_real_blocks() {
    let node = Node::start();
    node.send(transfer(0)).await;
    node.sealed(1).await;
    let history = node.call("eth_feeHistory", json!(["0x5", "latest", [0, 50, 100]])).await;
    assert_eq!(history["oldestBlock"], "0x0");
    assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), 3);
    assert_eq!(history["baseFeePerGas"][2], node.call("eth_baseFee", json!([])).await);
    assert_eq!(history["reward"][0], json!(["0x0", "0x0", "0x0"]));
    assert_eq!(history["reward"][1], json!(["0x3b9aca00", "0x3b9aca00", "0x3b9aca00"]));
    for (params, words) in [
        (json!(["0x1", "0x63", null]), "request beyond head block: requested 99, head 1"),
        (json!(["0x1", "latest", [101]]), "invalid reward percentile: 101.000000"),
        (
            json!(["0x1", "latest", [50, 50]]),
            "invalid reward percentile: #0:50.000000 >= #1:50.000000",
        ),
        (
            json!(["0x1", "latest", vec![1; 101]]),
            "invalid reward percentile: over the query limit 100",
        ),
    ] {
        let error = node.fail("eth_feeHistory", params).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, words));
    }
    let plain = node.call("eth_feeHistory", json!(["0x1", "latest", []])).await;
    assert_eq!(plain.get("reward"), None);
    // Of no blocks geth says this and no more, whatever else is asked.
    let none = json!({"oldestBlock": "0x0", "gasUsedRatio": null});
    for params in [json!(["0x0", "latest", [50]]), json!(["0x0", "0x63", [101]])] {
        assert_eq!(node.call("eth_feeHistory", params).await, none);
    }
}

/// As many as there may be are answered, and those are the newest.
#[tokio::test(flavor = "multi_thread")]
async fn a_fee_history_has_so_many_blocks_and_no_more() {
    let config = RpcConfig { fee_history_blocks_max: 2, ..RpcConfig::default() };
    let node = Node::start_development_with(config);
    for _ in 0..3 {
        node.call("evm_mine", json!([])).await;
    }
    for (count, blocks, oldest) in [("0x1", 1, "0x3"), ("0x2", 2, "0x2"), ("0x3", 2, "0x2")] {
        let history = node.call("eth_feeHistory", json!([count, "0x3", null])).await;
        assert_eq!(history["oldestBlock"], oldest, "{count}");
        assert_eq!(history["gasUsedRatio"].as_array().unwrap().len(), blocks, "{count}");
        assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), blocks + 1, "{count}");
    }
}
