//! What calls are refused for, where several things are wrong with them or nothing should be:
//! geth's order of looking, and its leniency.

use alloy_primitives::{Address, B256, Bytes};
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, NOBODY, Node, REVERTER, REVERTER_ADDRESS};

const LAST_NONCE: &str = "0xffffffffffffffff";

fn simulation(validation: bool, overrides: &Value, calls: &Value) -> Value {
    let block = json!({"stateOverrides": overrides, "calls": calls});
    json!([{"validation": validation, "blockStateCalls": [block]}])
}

/// An authorization by an account that nobody knows.
fn authorization() -> Value {
    json!({
        "chainId": "0x1", "address": NOBODY, "nonce": "0x0", "yParity": "0x0",
        "r": B256::repeat_byte(0x11), "s": B256::repeat_byte(0x22),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn funds_are_looked_at_before_gas() {
    let node = Node::start();
    let unpaid =
        format!("insufficient funds for gas * price + value: address {NOBODY} have 0 want 1");
    let authorized = json!([authorization()]);
    for (gas, size, list, wants) in [
        (20_999, 0, Value::Null, "intrinsic gas too low: have 20999, want 21000"),
        (30_000, 0, authorized, "intrinsic gas too low: have 30000, want 46000"),
        (
            23_000,
            100,
            Value::Null,
            "insufficient gas for floor data gas cost: have 23000, want 25000",
        ),
    ] {
        for (value, words) in [("0x0", wants), ("0x1", unpaid.as_str())] {
            let call = json!({
                "from": NOBODY, "to": LOGGER_ADDRESS, "gas": format!("{gas:#x}"), "value": value,
                "data": Bytes::from(vec![0xff; size]), "authorizationList": list,
            });
            let framed = format!("err: {words} (supplied gas {gas})");
            let refused = node.fail("eth_call", json!([call])).await;
            assert_eq!((refused.code, refused.message.as_str()), (-32_000, framed.as_str()));
            let refused = node.fail("debug_traceCall", json!([call, "latest"])).await;
            assert_eq!(refused.message, format!("tracing failed: {words}"));
            let simulated = simulation(false, &json!({}), &json!([call]));
            let refused = node.fail("eth_simulateV1", simulated).await;
            // What the specification has no code for, geth calls an internal error.
            let code = match (value, size) {
                ("0x1", _) => -38_014,
                (_, 0) => -38_013,
                _ => -32_603,
            };
            assert_eq!((refused.code, refused.message), (code, framed));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_are_looked_at_first_where_they_are() {
    let node = Node::start();
    let last = json!({NOBODY.to_string(): {"nonce": LAST_NONCE}});
    // Nor do they pay what the block asks for.
    let overflow = format!("nonce has max value: address {NOBODY}, nonce: {}", u64::MAX);
    let low = format!("nonce too low: address {NOBODY}, tx: 1 state: {}", u64::MAX);
    let high = format!("nonce too high: address {NOBODY}, tx: 1 state: 0");
    for (overrides, nonce, code, words) in [
        (&last, LAST_NONCE, -32_603, overflow),
        (&last, "0x1", -38_010, low),
        (&json!({}), "0x1", -38_011, high),
    ] {
        let call = json!([{"from": NOBODY, "to": NOBODY, "nonce": nonce, "gas": "0x5208"}]);
        let refused = node.fail("eth_simulateV1", simulation(true, overrides, &call)).await;
        let framed = format!("err: {words} (supplied gas 21000)");
        assert_eq!((refused.code, refused.message), (code, framed));
    }
}

/// The machine refuses the last nonce also where it is told to look at none.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_nonce_stops_no_call() {
    let node = Node::start();
    let last = json!({NOBODY.to_string(): {"nonce": LAST_NONCE}});
    let call = json!({"from": NOBODY, "to": Address::repeat_byte(0x66)});
    assert_eq!(node.call("eth_call", json!([call, "latest", last])).await, "0x");
    assert_eq!(node.call("eth_estimateGas", json!([call, "latest", last])).await, "0x5208");
    let options = json!({"tracer": "callTracer", "stateOverrides": last});
    let trace = node.call("debug_traceCall", json!([call, "latest", options])).await;
    assert_eq!(trace.get("error"), None);
    let twice = simulation(false, &last, &json!([call, call]));
    let blocks = node.call("eth_simulateV1", twice).await;
    for answer in blocks[0]["calls"].as_array().unwrap() {
        assert_eq!((&answer["status"], &answer["gasUsed"]), (&json!("0x1"), &json!("0x5208")));
    }
}

/// What a simulated call that fails returns is with its error alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_revert_returns_nothing() {
    let node = Node::start();
    let calls = json!([{"to": REVERTER_ADDRESS}]);
    let blocks = node.call("eth_simulateV1", simulation(false, &json!({}), &calls)).await;
    let answer = &blocks[0]["calls"][0];
    assert_eq!(answer["returnData"], "0x");
    assert_eq!(answer["error"]["data"], json!(Bytes::copy_from_slice(&REVERTER[11..])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_of_blobs_makes_no_blob_transaction() {
    let node = Node::start();
    let with = |name: &str, value: Value| {
        let mut call = json!({"from": node.signer.address(), "to": NOBODY, "gas": "0x5208"});
        call[name] = value;
        call
    };
    let priced = |price: &str| with("maxFeePerBlobGas", json!(price));
    for price in ["0x0", "0x1"] {
        let call = priced(price);
        assert_eq!(node.call("eth_call", json!([call])).await, "0x");
        assert_eq!(node.call("eth_estimateGas", json!([call])).await, "0x5208");
        let mut paid = call.clone();
        paid["maxFeePerGas"] = json!("0x77359400");
        node.call("eth_simulateV1", simulation(true, &json!({}), &json!([paid]))).await;
    }
    node.call("eth_createAccessList", json!([priced("0x1")])).await;
    let refused = node.fail("eth_createAccessList", json!([priced("0x0")])).await;
    assert_eq!(refused.message, "maxFeePerBlobGas, if specified, must be non-zero");
    for name in ["blobVersionedHashes", "blobs"] {
        let refused = node.fail("eth_call", json!([with(name, json!([]))])).await;
        assert_eq!(refused.message, "transaction type not supported", "{name}");
    }
}

/// No more authorizations than its gas could pay for.
#[tokio::test(flavor = "multi_thread")]
async fn an_access_list_is_not_looked_for_in_vain() {
    let node = Node::start();
    let call = |gas: u64| {
        let list = vec![authorization(); 3];
        let from = node.signer.address();
        let gas = format!("{gas:#x}");
        json!([{"from": from, "to": NOBODY, "gas": gas, "authorizationList": list}])
    };
    let refused = node.fail("eth_createAccessList", call(74_999)).await;
    let words = "insufficient gas to process all authorizations";
    assert_eq!((refused.code, refused.message.as_str()), (-32_000, words));
    let refused = node.fail("eth_createAccessList", call(75_000)).await;
    let words = " err: intrinsic gas too low: have 75000, want 96000";
    assert!(refused.message.ends_with(words), "{refused:?}");
    node.call("eth_createAccessList", call(96_000)).await;
}

/// The transaction that an access list is not found for is named by its hash, with its nonce.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_access_list_names_the_transaction_as_it_was_asked_for() {
    let node = Node::start();
    let refusal = async |nonce: Option<&str>| {
        let from = Address::repeat_byte(0x55);
        let call = json!({
            "from": from, "to": NOBODY, "value": "0x1", "gas": "0x5208", "nonce": nonce,
        });
        node.fail("eth_createAccessList", json!([call])).await.message
    };
    let unnamed = refusal(None).await;
    assert_eq!(refusal(Some("0x0")).await, unnamed);
    assert_ne!(refusal(Some("0x1")).await, unnamed);
}
