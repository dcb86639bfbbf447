//! Which arguments may be left out or null, and what null is where an argument is needed: what
//! geth's types make of it.

use alloy_primitives::B256;
use serde_json::{Value, json};

use super::{
    harness::{LOGGER_ADDRESS, NOBODY, Node, contract_call},
    transport::{ask, config, entry, serve, web_socket},
};

const MISSING: &str = "missing value for required argument";
const NO_STRING: &str = "json: cannot unmarshal non-string into Go value of type";

async fn refuses(node: &Node, method: &str, params: Value, code: i64, words: &str) {
    let refused = node.fail(method, params.clone()).await;
    assert_eq!((refused.code, refused.message.as_str()), (code, words), "{method} {params}");
}

/// Hex and block numbers are refused, each by its own reader.
#[tokio::test(flavor = "multi_thread")]
async fn null_is_no_hex() {
    let node = Node::start_development();
    let somebody = json!(NOBODY);
    for (method, params, wanted) in [
        ("eth_getBalance", json!([null]), "common.Address"),
        ("eth_getTransactionCount", json!([null, "latest"]), "common.Address"),
        ("eth_getCode", json!([null]), "common.Address"),
        ("eth_getStorageAt", json!([null, "0x0"]), "common.Address"),
        ("eth_getProof", json!([null, []]), "common.Address"),
        ("eth_sign", json!([null, "0x"]), "common.Address"),
        ("txpool_contentFrom", json!([null]), "common.Address"),
        ("eth_getBlockByHash", json!([null, true]), "common.Hash"),
        ("eth_getHeaderByHash", json!([null]), "common.Hash"),
        ("eth_getTransactionByHash", json!([null]), "common.Hash"),
        ("eth_getTransactionReceipt", json!([null]), "common.Hash"),
        ("debug_getRawTransaction", json!([null]), "common.Hash"),
        ("debug_traceTransaction", json!([null]), "common.Hash"),
        ("debug_traceBlockByHash", json!([null]), "common.Hash"),
        ("eth_sendRawTransaction", json!([null]), "hexutil.Bytes"),
        ("eth_sendRawTransactionSync", json!([null]), "hexutil.Bytes"),
        ("debug_traceBlock", json!([null]), "hexutil.Bytes"),
        ("web3_sha3", json!([null]), "hexutil.Bytes"),
    ] {
        let words = format!("invalid argument 0: {NO_STRING} {wanted}");
        refuses(&node, method, params, -32_602, &words).await;
    }
    for (method, first, wanted) in [
        ("eth_sign", somebody, "hexutil.Bytes"),
        ("eth_getTransactionByBlockNumberAndIndex", json!("latest"), "hexutil.Uint"),
        ("eth_getUncleByBlockNumberAndIndex", json!("latest"), "hexutil.Uint"),
    ] {
        let words = format!("invalid argument 1: {NO_STRING} {wanted}");
        refuses(&node, method, json!([first, null]), -32_602, &words).await;
    }
    let neither = "must specify either BlockHash or BlockNumber";
    let no_prefix = "hex string without 0x prefix";
    for (method, params, index, words) in [
        ("eth_getBlockByNumber", json!([null, true]), 0, no_prefix),
        ("eth_getHeaderByNumber", json!([null]), 0, no_prefix),
        ("eth_getUncleCountByBlockNumber", json!([null]), 0, no_prefix),
        ("debug_traceBlockByNumber", json!([null]), 0, no_prefix),
        ("eth_feeHistory", json!(["0x1", null, []]), 1, no_prefix),
        ("eth_feeHistory", json!([null, "0x0", []]), 0, "invalid hex or decimal integer \"null\""),
        ("eth_getBlockReceipts", json!([null]), 0, neither),
        ("debug_getRawHeader", json!([null]), 0, neither),
        ("debug_getRawBlock", json!([null]), 0, neither),
        ("debug_getRawReceipts", json!([null]), 0, neither),
        ("debug_traceCall", json!([{}, null]), 1, neither),
    ] {
        let words = format!("invalid argument {index}: {words}");
        refuses(&node, method, params, -32_602, &words).await;
    }
}

/// Flags, texts, lists and objects are as if nothing had been said in them.
#[tokio::test(flavor = "multi_thread")]
async fn null_is_nothing_said() {
    let node = Node::start_development();
    node.send(contract_call(0, LOGGER_ADDRESS)).await;
    node.call("evm_mine", json!([])).await;
    for (method, params, same) in [
        ("eth_getBlockByNumber", json!(["0x1", null]), json!(["0x1", false])),
        ("eth_getLogs", json!([null]), json!([{}])),
        ("eth_call", json!([null]), json!([{}])),
        ("eth_call", json!([null, null, null, null]), json!([{}])),
        ("eth_estimateGas", json!([null]), json!([{}])),
        ("eth_getStorageAt", json!([LOGGER_ADDRESS, null]), json!([LOGGER_ADDRESS, "0x0"])),
        ("eth_getProof", json!([NOBODY, null]), json!([NOBODY, []])),
        ("eth_getBalance", json!([node.signer.address(), null]), json!([node.signer.address()])),
        ("eth_feeHistory", json!(["0x1", "0x1", null]), json!(["0x1", "0x1", []])),
        ("debug_traceCall", json!([null, "latest", null]), json!([{}, "latest"])),
        ("debug_traceBlockByNumber", json!(["0x1", null]), json!(["0x1"])),
    ] {
        let expected = node.call(method, same).await;
        assert!(!expected.is_null(), "{method}");
        assert_eq!(node.call(method, params).await, expected, "{method}");
    }
    assert_ne!(node.call("eth_getLogs", json!([null])).await, json!([]));
    assert!(node.call("eth_newFilter", json!([null])).await.is_string());
    assert!(node.call("eth_newPendingTransactionFilter", json!([null])).await.is_string());
    assert_eq!(node.call("eth_uninstallFilter", json!([null])).await, false);
    let empty_creation = "contract creation without any data provided";
    for (method, code, words) in [
        ("eth_getFilterChanges", -32_000, "filter not found"),
        ("eth_getFilterLogs", -32_000, "filter not found"),
        ("eth_getStorageValues", -32_602, "empty request"),
        ("eth_simulateV1", -32_602, "empty input"),
        ("eth_fillTransaction", -32_000, empty_creation),
        ("eth_signTransaction", -32_000, "gas not specified"),
        ("eth_sendTransaction", -32_000, "unknown account"),
    ] {
        refuses(&node, method, json!([null]), code, words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_not_left_out() {
    let node = Node::start();
    for (method, params, index) in [
        ("debug_traceCall", json!([]), 0),
        ("debug_traceCall", json!([{}]), 1),
        ("eth_getLogs", json!([]), 0),
        ("eth_newFilter", Value::Null, 0),
        ("eth_getProof", json!([NOBODY]), 1),
        ("eth_getBlockByNumber", json!(["latest"]), 1),
        ("eth_feeHistory", json!(["0x1", "latest"]), 2),
    ] {
        refuses(&node, method, params, -32_602, &format!("{MISSING} {index}")).await;
    }
}

/// Arguments are read in their order, and all of them before anything is looked for.
#[tokio::test(flavor = "multi_thread")]
async fn all_is_read_before_anything_is_looked_for() {
    let node = Node::start();
    let (far, unknown) = ("0xffffff", B256::repeat_byte(0x77));
    for (method, params, index) in [
        ("eth_getCode", json!([1, far]), 0),
        ("eth_getStorageAt", json!([NOBODY, "no key", 5]), 2),
        ("eth_getStorageValues", json!([{}, 5]), 1),
        ("eth_sendRawTransactionSync", json!([1, "soon"]), 0),
        ("eth_call", json!([1, 5]), 0),
        ("eth_call", json!([{}, far, 5]), 2),
        ("eth_estimateGas", json!([{}, far, {}, 5]), 3),
        ("eth_createAccessList", json!([{}, far, 5]), 2),
        ("debug_traceTransaction", json!([unknown, 5]), 1),
        ("debug_traceBlockByHash", json!([unknown, 5]), 1),
        ("debug_traceBlockByNumber", json!([far, 5]), 1),
        ("debug_traceBlock", json!(["0x", 5]), 1),
    ] {
        let refused = node.fail(method, params).await;
        let words = format!("invalid argument {index}: ");
        assert!(refused.message.starts_with(&words), "{method}: {refused:?}");
        assert_eq!(refused.code, -32_602, "{method}");
    }
}

/// Each has its own count of arguments, and its name is looked at before them.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_take_what_is_theirs() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    let nameless = "expected subscription name as first argument";
    let unknown = "no \"nonsense\" subscription in eth namespace";
    let (one, two) = ("too many arguments, want at most 1", "too many arguments, want at most 2");
    for (params, code, words) in [
        (Value::Null, -32_602, "non-array args"),
        (json!({"name": "logs"}), -32_602, "non-array args"),
        (json!([]), -32_602, nameless),
        (json!([null]), -32_602, nameless),
        (json!([5, "logs"]), -32_602, nameless),
        (json!(["nonsense", 1, 2, 3]), -32_601, unknown),
        (json!(["newHeads", {}]), -32_602, one),
        (json!(["syncing", null]), -32_602, one),
        (json!(["logs"]), -32_602, "missing value for required argument 1"),
        (json!(["logs", {}, {}]), -32_602, two),
        (json!(["newPendingTransactions", true, 1]), -32_602, two),
    ] {
        let answer = ask(&mut stream, entry(1, "eth_subscribe", params)).await;
        let error = &answer["error"];
        assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(words)), "{answer}");
    }
    let slices = entry(1, "minster_subscribe", json!(["slices", 1]));
    assert_eq!(ask(&mut stream, slices).await["error"]["message"], one);
    for params in [
        json!(["newHeads"]),
        json!(["logs", null]),
        json!(["newPendingTransactions"]),
        json!(["newPendingTransactions", null]),
    ] {
        let answer = ask(&mut stream, entry(2, "eth_subscribe", params)).await;
        assert!(answer["result"].is_string(), "{answer}");
    }
    for (params, code, words) in [
        (json!([null]), -32_000, "subscription not found"),
        (
            json!([5]),
            -32_602,
            "invalid argument 0: json: cannot unmarshal number into Go value of \
         type rpc.ID",
        ),
    ] {
        let answer = ask(&mut stream, entry(3, "eth_unsubscribe", params)).await;
        let error = &answer["error"];
        assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(words)), "{answer}");
    }
    server.stop().await;
}

/// Of a number that no block has there is nothing, and a hash that none has is an error that names
/// it as geth does: as a number.
#[tokio::test(flavor = "multi_thread")]
async fn encodings_of_what_is_not_there() {
    let node = Node::start();
    let (far, unknown) = (json!(["0xffffff"]), json!([B256::repeat_byte(0xab)]));
    for (method, part) in [("debug_getRawHeader", "header"), ("debug_getRawBlock", "block")] {
        assert_eq!(node.call(method, far.clone()).await, "0x", "{method}");
        let hash = ["171"; 32].join(" ");
        let words = format!("{part} #[{hash}] not found");
        refuses(&node, method, unknown.clone(), -32_000, &words).await;
        assert_ne!(node.call(method, json!(["0x0"])).await, "0x");
    }
    assert_eq!(node.call("debug_getRawReceipts", far).await, Value::Null);
    assert_eq!(node.call("debug_getRawReceipts", unknown.clone()).await, json!([]));
    assert_eq!(node.call("debug_getRawTransaction", unknown).await, "0x");
    // The block to come is none that can be looked for.
    let pending = json!(["pending"]);
    let refused = node.fail("debug_getRawHeader", pending.clone()).await;
    assert!(refused.message.starts_with("header #["), "{}", refused.message);
    assert_eq!(node.call("debug_getRawReceipts", pending).await, json!([]));
}

/// What cannot be read is said before anything is looked for, and what is looked for is said in
/// geth's order.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_fault_is_told() {
    let node = Node::start();
    let index = "eth_getTransactionByBlockNumberAndIndex";
    let refused = node.fail(index, json!(["0x0", "index"])).await;
    assert!(refused.message.starts_with("invalid argument 1"), "{}", refused.message);
    let far = json!([NOBODY, "no key", "0xffffff"]);
    refuses(&node, "eth_getStorageAt", far, -32_000, "header not found").await;
    let options = json!({"tracer": "nope"});
    let far = json!([{"to": NOBODY}, "0xffffff", options]);
    refuses(&node, "debug_traceCall", far, -32_000, "block #16777215 not found").await;
    let many = json!(["zz", "latest", 1]);
    refuses(&node, "eth_getBalance", many, -32_602, "too many arguments, want at most 2").await;
}
