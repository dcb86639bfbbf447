use alloy_consensus::{TxEip1559, TxLegacy};
use alloy_primitives::{B256, TxKind, U256};
use minster_params::constants::TRANSACTION_GAS_LIMIT_MAX;
use serde_json::{Value, json};

use super::harness::{CHAIN_ID, GWEI, NOBODY, Node, contract_call, creation, transfer};
use crate::RpcConfig;

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_answered_from_its_slice_and_then_from_its_block() {
    let node = Node::start();
    let receipt = node.send(contract_call(0, super::harness::LOGGER_ADDRESS)).await;
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["blockNumber"], "0x1");
    assert_eq!(receipt["logs"][0]["logIndex"], "0x0");
    let slice_hash = receipt["blockHash"].clone();
    let hash = receipt["transactionHash"].clone();
    let finality = node.call("minster_getFinality", json!([hash])).await;
    assert!(["preconfirmed", "confirmed"].contains(&finality["status"].as_str().unwrap()));
    node.sealed(1).await;
    let block = node.call("eth_getBlockByNumber", json!(["0x1", true])).await;
    assert_ne!(block["hash"], slice_hash);
    assert_eq!(block, node.call("eth_getBlockByHash", json!([slice_hash, true])).await);
    assert_eq!(block, node.call("eth_getBlockByHash", json!([block["hash"], true])).await);
    let sealed = node.call("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(sealed["blockHash"], block["hash"]);
    let transaction = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(transaction, block["transactions"][0]);
    assert_eq!(transaction["gasPrice"], receipt["effectiveGasPrice"]);
    let finality = node.call("minster_getFinality", json!([hash])).await;
    assert_eq!(finality["status"], "confirmed");
    assert_eq!(finality["block"]["hash"], block["hash"]);
    assert_eq!(finality["proof"], "none");
    assert_eq!(finality["batch"], Value::Null);
}

/// As of the well-known deployers that nobody has the key of: they are deployed on all chains.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_for_all_chains_is_taken() {
    let node = Node::start();
    let raw = node.sign_legacy(TxLegacy {
        chain_id: None,
        gas_price: 10 * GWEI,
        gas_limit: 21_000,
        to: TxKind::Call(NOBODY),
        ..Default::default()
    });
    let receipt = node.call("eth_sendRawTransactionSync", json!([raw])).await;
    assert_eq!(receipt["status"], "0x1");
    let transaction =
        node.call("eth_getTransactionByHash", json!([receipt["transactionHash"]])).await;
    assert_eq!(transaction.get("chainId"), None, "{transaction}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_names_its_contract() {
    let node = Node::start();
    let receipt = node.send(creation(0)).await;
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["to"], Value::Null);
    let contract = node.signer.address().create(0);
    let hash = json!([receipt["transactionHash"]]);
    let transaction = node.call("eth_getTransactionByHash", hash).await;
    assert_eq!(transaction.get("to"), Some(&Value::Null));
    assert_eq!(receipt["contractAddress"], json!(contract));
    let code = node.call("eth_getCode", json!([contract, "latest"])).await;
    assert_eq!(code, json!(alloy_primitives::Bytes::from(super::harness::LOGGER)));
    let raw = node.call("eth_getRawTransactionByHash", json!([receipt["transactionHash"]])).await;
    assert_eq!(raw, json!(node.sign(creation(0))));
    let same = node.call("debug_getRawTransaction", json!([receipt["transactionHash"]])).await;
    assert_eq!(same, raw);
    for method in ["eth_getRawTransactionByHash", "debug_getRawTransaction"] {
        assert_eq!(node.call(method, json!([B256::ZERO])).await, "0x", "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_nonces_count_the_pool_and_queued_ones_do_not() {
    let node = Node::start();
    let count =
        |tag: &str| node.call("eth_getTransactionCount", json!([node.signer.address(), tag]));
    node.send(transfer(0)).await;
    assert_eq!(count("latest").await, "0x1");
    node.call("eth_sendRawTransaction", json!([node.sign(transfer(2))])).await;
    assert_eq!(count("pending").await, "0x1");
    let status = node.call("txpool_status", json!([])).await;
    assert_eq!(status["queued"], "0x1");
    let from = node.call("txpool_contentFrom", json!([node.signer.address()])).await;
    assert_eq!(from["queued"]["2"]["nonce"], "0x2");
    let inspected = node.call("txpool_inspect", json!([])).await;
    let line = format!("{NOBODY}: 1 wei + 21000 gas × 10000000000 wei");
    // Capitals by EIP-55, as in geth's keys.
    let sender = node.signer.address().to_string();
    assert_eq!(inspected["queued"][&sender]["2"], line);
    let content = node.call("txpool_content", json!([])).await;
    assert_eq!(content["queued"][&sender], from["queued"]);
    let hash = from["queued"]["2"]["hash"].clone();
    let pooled = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(pooled["blockHash"], Value::Null);
    assert_eq!(pooled["from"], json!(node.signer.address()));
    let finality = node.call("minster_getFinality", json!([hash])).await;
    assert_eq!(finality["status"], "pooled");
    assert_eq!(node.call("eth_getTransactionReceipt", json!([hash])).await, Value::Null);
    node.send(transfer(1)).await;
    for _ in 0..100 {
        if count("latest").await == "0x3" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the queued transaction did not run");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_geths_words() {
    let node = Node::start();
    node.send(transfer(0)).await;
    node.call("eth_sendRawTransaction", json!([node.sign(transfer(5))])).await;
    let cases: [(TxEip1559, &str); 9] = [
        (transfer(5), "already known"),
        (
            TxEip1559 { value: U256::from(2), ..transfer(0) },
            "nonce too low: next nonce 1, tx nonce 0",
        ),
        (
            TxEip1559 { value: U256::from(2).pow(U256::from(100)), ..transfer(1) },
            "insufficient funds for gas * price + value",
        ),
        (
            TxEip1559 { gas_limit: 20_000, ..transfer(1) },
            "intrinsic gas too low: gas 20000, minimum needed 21000",
        ),
        (
            TxEip1559 { gas_limit: TRANSACTION_GAS_LIMIT_MAX + 1, ..transfer(1) },
            "transaction gas limit too high (cap: 16777216, tx: 16777217)",
        ),
        (
            TxEip1559 { max_priority_fee_per_gas: 11 * GWEI, ..transfer(1) },
            "max priority fee per gas higher than max fee per gas",
        ),
        (
            TxEip1559 { chain_id: 1, ..transfer(1) },
            "invalid sender: invalid chain id for signer: have 1 want 1337",
        ),
        (
            TxEip1559 { value: U256::from(2), max_fee_per_gas: 10 * GWEI, ..transfer(5) },
            "replacement transaction underpriced",
        ),
        (
            TxEip1559 { to: TxKind::Create, input: vec![0; 49_153].into(), ..creation(1) },
            "max initcode size exceeded: code size 49153 limit 49152",
        ),
    ];
    for (tx, expected) in cases {
        let error = node.fail("eth_sendRawTransaction", json!([node.sign(tx)])).await;
        assert_eq!(error.code, -32_000, "{error:?}");
        assert!(error.message.starts_with(expected), "{error:?}, expected {expected}");
    }
    let raw_cases = [
        ("0x03f8", -32_000, "transaction type not supported"),
        ("0x02f8", -32_000, "rlp: "),
        ("0x", -32_000, "typed transaction too short"),
        ("0x02", -32_000, "typed transaction too short"),
        ("0xzz", -32_602, "invalid argument 0"),
    ];
    for (raw, code, expected) in raw_cases {
        let error = node.fail("eth_sendRawTransaction", json!([raw])).await;
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.message.starts_with(expected), "{raw}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_send_that_cannot_run_times_out_with_its_hash() {
    let node = Node::start();
    let raw = node.sign(transfer(3));
    let error = node.fail("eth_sendRawTransactionSync", json!([raw, "0x64"])).await;
    assert_eq!(error.code, 4);
    assert_eq!(error.data, json!(alloy_primitives::keccak256(&raw)));
    // The error of sending itself comes at once.
    let error = node.fail("eth_sendRawTransactionSync", json!([raw])).await;
    assert_eq!((error.code, error.message.as_str()), (-32_000, "already known"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_send_waits_no_longer_than_it_may() {
    let config =
        RpcConfig { send_sync_timeout_ms: 50, send_sync_timeout_ms_max: 150, ..Default::default() };
    let node = Node::start_with(config);
    let cases = [
        (None, "50ms"),
        (Some(json!("0x0")), "50ms"),
        (Some(json!("0x64")), "100ms"),
        (Some(json!("0x2710")), "150ms"),
        (Some(json!(10_000)), "150ms"),
    ];
    for (nonce, (timeout, words)) in (1..).zip(cases) {
        let mut params = vec![json!(node.sign(transfer(nonce)))];
        params.extend(timeout);
        let error = node.fail("eth_sendRawTransactionSync", json!(params)).await;
        assert_eq!(error.code, 4);
        assert!(error.message.ends_with(&format!(" wasn't processed in {words}")), "{error:?}");
    }
}

/// Whatever a token of the chain is worth.
#[tokio::test(flavor = "multi_thread")]
async fn a_fee_may_be_more_than_one_ether() {
    let node = Node::start();
    let dear = TxEip1559 {
        gas_limit: 1_000_000,
        max_fee_per_gas: 2_000 * GWEI,
        max_priority_fee_per_gas: 2_000 * GWEI,
        ..transfer(0)
    };
    assert_eq!(node.send(dear).await["status"], "0x1");
}

#[tokio::test(flavor = "multi_thread")]
async fn legacy_transactions_keep_their_shape() {
    let node = Node::start();
    for (nonce, chain_id) in [(0, Some(CHAIN_ID)), (1, None)] {
        let raw = node.sign_legacy(TxLegacy {
            chain_id,
            nonce,
            gas_price: 10 * GWEI,
            gas_limit: 21_000,
            to: TxKind::Call(NOBODY),
            value: U256::from(1),
            input: Default::default(),
        });
        let receipt = node.call("eth_sendRawTransactionSync", json!([raw])).await;
        let hash = &receipt["transactionHash"];
        let transaction = node.call("eth_getTransactionByHash", json!([hash])).await;
        let v = u64::from_str_radix(&transaction["v"].as_str().unwrap()[2..], 16).unwrap();
        match chain_id {
            Some(chain_id) => assert_eq!(v / 2, (chain_id * 2 + 35) / 2),
            None => assert!((27..=28).contains(&v)),
        }
    }
}
