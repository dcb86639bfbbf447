//! How simulated blocks follow each other, and how their calls fail, where the specification leaves
//! it to geth.

use alloy_primitives::Address;
use serde_json::{Value, json};

use super::harness::{NOBODY, Node};
use crate::RpcConfig;

const RECIPIENT: Address = Address::repeat_byte(0x77);

fn precompile(number: u8) -> String {
    Address::with_last_byte(number).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_has_the_recipient_and_the_gas_limit_of_the_one_before() {
    let node = Node::start();
    let payload = json!([{"blockStateCalls": [
        {},
        {"blockOverrides": {"feeRecipient": RECIPIENT, "gasLimit": "0x7a120"}},
        {"blockOverrides": {"number": "0x4"}},
        {"blockOverrides": {"gasLimit": "0x7a121"}},
    ]}]);
    let blocks = node.call("eth_simulateV1", payload).await;
    let field = |name: &str| -> Vec<Value> {
        blocks.as_array().unwrap().iter().map(|block| block[name].clone()).collect()
    };
    let head = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let (miners, limits) = (field("miner"), field("gasLimit"));
    assert_eq!((&miners[0], &limits[0]), (&head["miner"], &head["gasLimit"]));
    assert_eq!(miners[1..], vec![json!(RECIPIENT); 4]);
    assert_eq!(limits[1..], ["0x7a120", "0x7a120", "0x7a120", "0x7a121"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn precompiles_are_back_in_the_next_block() {
    let node = Node::start();
    let identity = precompile(4);
    let calls = json!([
        {"to": identity, "data": "0x0102", "gas": "0xffff"},
        {"to": NOBODY, "data": "0x0102", "gas": "0xffff"},
    ]);
    let moved = json!({identity: {"movePrecompileToAddress": NOBODY}});
    let payload = json!([{"blockStateCalls": [
        {"stateOverrides": moved, "calls": calls},
        {"calls": calls},
        // To the same place again.
        {"stateOverrides": moved, "calls": calls},
    ]}]);
    let blocks = node.call("eth_simulateV1", payload).await;
    for (block, expected) in
        [["0x", "0x0102"], ["0x0102", "0x"], ["0x", "0x0102"]].iter().enumerate()
    {
        let calls = blocks[block]["calls"].as_array().unwrap();
        let data: Vec<_> = calls.iter().map(|call| call["returnData"].as_str().unwrap()).collect();
        assert_eq!(data, expected, "block {block}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overrides_of_all_blocks_count_together() {
    let node = Node::start_with(RpcConfig { overrides_max: 3, ..RpcConfig::default() });
    let of = |numbers: &[u8]| {
        let accounts = numbers.iter().map(|number| (precompile(*number), json!({})));
        json!({"stateOverrides": accounts.collect::<serde_json::Map<_, _>>()})
    };
    let simulate = |blocks: Value| json!([{"blockStateCalls": blocks}]);
    node.call("eth_simulateV1", simulate(json!([of(&[1, 2]), of(&[1])]))).await;
    let error = node.fail("eth_simulateV1", simulate(json!([of(&[1, 2]), of(&[1, 2])]))).await;
    assert_eq!(error.code, -32_005, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_fail_in_the_machines_words() {
    let node = Node::start_with(RpcConfig { call_gas_max: 100_000, ..RpcConfig::default() });
    let endless = json!({NOBODY.to_string(): {"code": "0x5b600056"}});
    let fails = async |call: Value| {
        let payload = json!([{"blockStateCalls": [{"stateOverrides": endless, "calls": [call]}]}]);
        let blocks = node.call("eth_simulateV1", payload).await;
        let error = &blocks[0]["calls"][0]["error"];
        assert_eq!(error["code"], -32_015, "{blocks}");
        error["message"].as_str().unwrap().to_owned()
    };
    let halted = "vm execution error: invalid opcode: INVALID";
    assert_eq!(fails(json!({"data": "0xfe", "gas": "0xffff"})).await, halted);
    let underflow = "vm execution error: stack underflow (0 <=> 2)";
    assert_eq!(fails(json!({"data": "0x01", "gas": "0xffff"})).await, underflow);
    assert_eq!(
        fails(json!({"to": NOBODY, "gas": "0xffff"})).await,
        "vm execution error: out of gas"
    );
    let capped = "vm execution error: out of gas \
                  (gas limit was capped by the RPC server's global gas cap)";
    assert_eq!(fails(json!({"to": NOBODY, "gas": "0xfffff"})).await, capped);
    assert_eq!(fails(json!({"to": NOBODY})).await, capped);
    let limits = json!([{"blockStateCalls": [{
        "blockOverrides": {"gasLimit": "0xffff"}, "calls": [{"to": NOBODY, "gas": "0x10000"}],
    }]}]);
    let error = node.fail("eth_simulateV1", limits).await;
    let words = "block gas limit reached: remaining: 65535, required: 65536";
    assert_eq!((error.code, error.message.as_str()), (-38_015, words));
    let poor = json!([{"blockStateCalls": [{"calls": [
        {"from": NOBODY, "to": NOBODY, "value": "0x1", "gas": "0x5208"}
    ]}]}]);
    let error = node.fail("eth_simulateV1", poor).await;
    let words = "err: insufficient funds for gas * price + value: address \
                 0x9999999999999999999999999999999999999999 have 0 want 1 (supplied gas 21000)";
    assert_eq!((error.code, error.message.as_str()), (-38_014, words));
}
