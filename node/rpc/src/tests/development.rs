use alloy_primitives::{Address, B256, Bytes, Signature, eip191_hash_message};
use serde_json::{Value, json};

use super::{
    harness::{LOGGER_ADDRESS, NOBODY, Node},
    schema::check_answer,
};

fn number(value: &Value) -> u64 {
    u64::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_signs_with_its_keys_and_no_others() {
    let node = Node::start_development();
    let from = node.signer.address();
    assert_eq!(node.call("eth_accounts", json!([])).await, json!([from]));
    let message = Bytes::from_static(b"hello");
    let signature = node.call("eth_sign", json!([from, message])).await;
    check_answer("eth_sign", &signature);
    let signature: Bytes = serde_json::from_value(signature).unwrap();
    let signature = Signature::from_raw(&signature).unwrap();
    let hash = eip191_hash_message(&message);
    assert_eq!(signature.recover_address_from_prehash(&hash).unwrap(), from);
    for (method, params) in [
        ("eth_sign", json!([NOBODY, "0x"])),
        ("eth_sendTransaction", json!([{"from": NOBODY, "to": from}])),
        ("eth_sendTransaction", json!([{"to": from}])),
    ] {
        let error = node.fail(method, params).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, "unknown account"), "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_completed_signed_and_sent() {
    let node = Node::start_development();
    let from = node.signer.address();
    let request = json!({"from": from, "to": LOGGER_ADDRESS});
    let filled = node.call("eth_fillTransaction", json!([request])).await;
    check_answer("eth_fillTransaction", &filled);
    let tx = &filled["tx"];
    assert_eq!((&tx["type"], &tx["nonce"]), (&json!("0x2"), &json!("0x0")));
    assert!(number(&tx["gas"]) > 43_000);
    let hash = node.call("eth_sendTransaction", json!([request])).await;
    check_answer("eth_sendTransaction", &hash);
    let receipt = wait_for_receipt(&node, &hash).await;
    assert_eq!(receipt["status"], "0x1");
    let named = json!({
        "from": from, "to": NOBODY, "value": "0x1", "nonce": "0x1", "gas": "0x5208",
        "gasPrice": "0x77359400",
    });
    let signed = node.call("eth_signTransaction", json!([named])).await;
    check_answer("eth_signTransaction", &signed);
    assert_eq!(signed["tx"]["type"], "0x0");
    let hash = node.call("eth_sendRawTransaction", json!([signed["raw"]])).await;
    assert_eq!(hash, signed["tx"]["hash"]);
    wait_for_receipt(&node, &hash).await;
    for (field, words) in [
        ("gas", "gas not specified"),
        ("gasPrice", "missing gasPrice or maxFeePerGas/maxPriorityFeePerGas"),
        ("nonce", "nonce not specified"),
    ] {
        let mut less = named.clone();
        less.as_object_mut().unwrap().remove(field);
        assert_eq!(node.fail("eth_signTransaction", json!([less])).await.message, words);
    }
}

async fn wait_for_receipt(node: &Node, hash: &Value) -> Value {
    for _ in 0..500 {
        let receipt = node.call("eth_getTransactionReceipt", json!([hash])).await;
        if !receipt.is_null() {
            return receipt;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no receipt of {hash}");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_and_time_come_when_they_are_asked_for() {
    let node = Node::start_development();
    let latest = async || node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let before = number(&latest().await["number"]);
    assert_eq!(node.call("evm_mine", json!([])).await, "0x0");
    let block = latest().await;
    assert_eq!(number(&block["number"]), before + 1);
    assert_eq!(block["transactions"], json!([]));
    let time = number(&block["timestamp"]);
    assert_eq!(node.call("evm_increaseTime", json!([1_000])).await, 1_000);
    assert_eq!(node.call("evm_increaseTime", json!(["0x3e8"])).await, 2_000);
    // A call sees the time that the next block will have.
    let clock =
        json!([{"to": NOBODY}, "latest", {NOBODY.to_string(): {"code": "0x4260005260206000f3"}}]);
    let seen: B256 = serde_json::from_value(node.call("eth_call", clock).await).unwrap();
    assert!(seen >= B256::left_padding_from(&(time + 2_000).to_be_bytes()));
    node.call("evm_mine", json!([])).await;
    let later = number(&latest().await["timestamp"]);
    assert!((time + 2_000..time + 2_060).contains(&later), "{time} {later}");
    let wanted = later + 100_000;
    node.call("evm_setNextBlockTimestamp", json!([wanted])).await;
    node.call("evm_mine", json!([])).await;
    assert_eq!(number(&latest().await["timestamp"]), wanted);
    node.call("evm_mine", json!([wanted + 5_000])).await;
    assert_eq!(number(&latest().await["timestamp"]), wanted + 5_000);
    let error = node.fail("evm_setNextBlockTimestamp", json!([wanted])).await;
    assert_eq!(error.code, -32_000);
    assert!(error.message.contains("is not above the last block's"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_not_for_development_refuses() {
    let node = Node::start();
    assert_eq!(node.call("eth_accounts", json!([])).await, json!([] as [Address; 0]));
    for method in ["evm_mine", "evm_increaseTime", "evm_setNextBlockTimestamp"] {
        let error = node.fail(method, json!(["0x1"])).await;
        let words = format!("the method {method} is for development chains only");
        assert_eq!((error.code, error.message), (-32_601, words));
    }
}
