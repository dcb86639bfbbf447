use alloy_primitives::{Address, B256, Bytes, Signature, eip191_hash_message};
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, NOBODY, Node, transfer};

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
    let tx = &filled["tx"];
    assert_eq!((&tx["type"], &tx["nonce"]), (&json!("0x2"), &json!("0x0")));
    assert!(number(&tx["gas"]) > 43_000);
    let hash = node.call("eth_sendTransaction", json!([request])).await;
    let receipt = wait_for_receipt(&node, &hash).await;
    assert_eq!(receipt["status"], "0x1");
    let named = json!({
        "from": from, "to": NOBODY, "value": "0x1", "nonce": "0x1", "gas": "0x5208",
        "gasPrice": "0x77359400",
    });
    let signed = node.call("eth_signTransaction", json!([named])).await;
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

/// A price does not make a transaction that has no room for the list.
#[tokio::test(flavor = "multi_thread")]
async fn an_access_list_is_not_left_out() {
    let node = Node::start_development();
    let list = json!([{"address": NOBODY, "storageKeys": [B256::ZERO]}]);
    let request = json!({
        "from": node.signer.address(), "to": NOBODY, "nonce": "0x0", "gas": "0x7530",
        "gasPrice": "0x77359400", "accessList": list,
    });
    for method in ["eth_fillTransaction", "eth_signTransaction"] {
        let tx = node.call(method, json!([request])).await["tx"].take();
        assert_eq!((&tx["type"], &tx["accessList"]), (&json!("0x1"), &list), "{method}");
        assert_eq!(tx["gasPrice"], "0x77359400");
    }
    let hash = node.call("eth_sendTransaction", json!([request])).await;
    let receipt = wait_for_receipt(&node, &hash).await;
    assert_eq!((&receipt["type"], &receipt["status"]), (&json!("0x1"), &json!("0x1")));
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

/// The transactions of a sender at once: each gets its own nonce, none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_sent_at_once_has_different_nonces() {
    const COUNT: u64 = 24;
    let node = Node::start_development();
    let request = json!([{"from": node.signer.address(), "to": NOBODY, "value": "0x1"}]);
    let sent = (0..COUNT).map(|_| node.call("eth_sendTransaction", request.clone()));
    let hashes = futures::future::join_all(sent).await;
    let mut nonces = Vec::new();
    for hash in &hashes {
        wait_for_receipt(&node, hash).await;
        let transaction = node.call("eth_getTransactionByHash", json!([hash])).await;
        nonces.push(number(&transaction["nonce"]));
    }
    nonces.sort_unstable();
    assert_eq!(nonces, (0..COUNT).collect::<Vec<_>>());
    assert_eq!(node.call("eth_getBalance", json!([NOBODY])).await, format!("{COUNT:#x}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_completed_is_refused_in_geths_words() {
    let node = Node::start_development();
    let from = node.signer.address();
    let zero = "0x0";
    for (request, words) in [
        (json!({"from": from}), "contract creation without any data provided"),
        (json!({"from": from, "data": "0x"}), "contract creation without any data provided"),
        (
            json!({"from": from, "to": from, "gasPrice": zero}),
            "gasPrice must be non-zero after london fork",
        ),
        (
            json!({"from": from, "to": from, "maxFeePerGas": zero, "maxPriorityFeePerGas": zero}),
            "maxFeePerGas must be non-zero",
        ),
        (
            json!({"from": from, "to": from, "maxFeePerGas": "0x1", "maxPriorityFeePerGas": "0x2"}),
            "maxFeePerGas (0x1) < maxPriorityFeePerGas (0x2)",
        ),
        (
            json!({"from": from, "to": from, "gasPrice": "0x1", "maxFeePerGas": "0x1"}),
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
        ),
        (
            json!({"from": from, "to": from, "gas": "0xffff", "authorizationList": []}),
            "set code tx must have at least one authorization tuple",
        ),
        (
            json!({"from": from, "to": from, "chainId": "0x1"}),
            "chainId does not match node's (have=1, want=1337)",
        ),
        (
            json!({"from": from, "to": from, "maxFeePerBlobGas": "0x1"}),
            "signing blob transactions not supported",
        ),
        (
            json!({"from": from, "to": from, "data": "0x01", "input": "0x02"}),
            "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass \
             transaction call data",
        ),
    ] {
        let error = node.fail("eth_sendTransaction", json!([request])).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, words), "{request}");
    }
}

/// The example of EIP-712, whose hash the EIP gives.
#[tokio::test(flavor = "multi_thread")]
async fn messages_and_typed_data_are_signed() {
    let node = Node::start_development();
    let from = node.signer.address();
    let message = Bytes::from_static(b"hello");
    assert_eq!(
        node.call("personal_sign", json!([message, from])).await,
        node.call("eth_sign", json!([from, message])).await
    );
    let person = json!([{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}]);
    let mail = json!([
        {"name": "from", "type": "Person"},
        {"name": "to", "type": "Person"},
        {"name": "contents", "type": "string"},
    ]);
    let domain = json!([
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ]);
    let typed = json!({
        "types": {"EIP712Domain": domain, "Person": person, "Mail": mail},
        "primaryType": "Mail",
        "domain": {
            "name": "Ether Mail",
            "version": "1",
            "chainId": 1,
            "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
        },
        "message": {
            "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
            "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
            "contents": "Hello, Bob!",
        },
    });
    // The hash that the EIP gives.
    let hash: B256 =
        "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2".parse().unwrap();
    for form in [typed.clone(), json!(typed.to_string())] {
        let signature = node.call("eth_signTypedData_v4", json!([from, form])).await;
        let signature: Bytes = serde_json::from_value(signature).unwrap();
        let signature = Signature::from_raw(&signature).unwrap();
        assert_eq!(signature.recover_address_from_prehash(&hash).unwrap(), from);
    }
    for (form, code) in [
        (json!(7), -32_602),
        (json!("{}"), -32_602),
        (json!({"types": {}, "primaryType": "X", "domain": {}, "message": {}}), -32_000),
    ] {
        let error = node.fail("eth_signTypedData_v4", json!([from, form])).await;
        assert_eq!(error.code, code, "{error:?}");
    }
    for (method, params) in
        [("personal_sign", json!(["0x", NOBODY])), ("eth_signTypedData_v4", json!([NOBODY, typed]))]
    {
        assert_eq!(node.fail(method, params).await.message, "unknown account");
    }
}

/// A block is open when time is moved: what is sent afterwards is in one of the new time.
#[tokio::test(flavor = "multi_thread")]
async fn time_moves_between_two_blocks() {
    let node = Node::start_development();
    let block_of = async |receipt: Value| {
        let number = &receipt["blockNumber"];
        loop {
            let block = node.call("eth_getBlockByNumber", json!([number, false])).await;
            if !block.is_null() {
                return self::number(&block["timestamp"]);
            }
        }
    };
    for round in 0..4 {
        let before = block_of(node.send(transfer(2 * round)).await).await;
        let expected = match round % 2 {
            0 => {
                node.call("evm_increaseTime", json!([1_000])).await;
                before + 999..before + 1_060
            }
            _ => {
                node.call("evm_setNextBlockTimestamp", json!([before + 5_000])).await;
                before + 5_000..before + 5_001
            }
        };
        let after = block_of(node.send(transfer(2 * round + 1)).await).await;
        assert!(expected.contains(&after), "{round}: {before} {after}");
    }
}

/// All that was sent before is in the block, which is sealed when the answer comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_mined_block_has_what_was_sent_before() {
    const COUNT: u64 = 60;
    let node = Node::start_development();
    for round in 0..5 {
        let mut last = Value::Null;
        for nonce in round * COUNT..(round + 1) * COUNT {
            last = node.call("eth_sendRawTransaction", json!([node.sign(transfer(nonce))])).await;
        }
        assert_eq!(node.call("evm_mine", json!([])).await, "0x0");
        let receipt = node.call("eth_getTransactionReceipt", json!([last])).await;
        let sealed = number(&node.call("eth_blockNumber", json!([])).await);
        assert!(!receipt.is_null() && number(&receipt["blockNumber"]) <= sealed, "{receipt}");
        let block = node.call("eth_getBlockByNumber", json!(["pending", false])).await;
        assert_eq!(block["transactions"], json!([]));
    }
}
