use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use serde_json::{Value, json};

use super::harness::{
    LOGGER_ADDRESS, NOBODY, Node, REVERTER_ADDRESS, contract_call, creation, transfer,
};
use crate::RpcConfig;

const RICH: Address = Address::repeat_byte(0x77);

async fn simulate(node: &Node, payload: Value) -> Value {
    node.call("eth_simulateV1", json!([payload, "latest"])).await
}

fn rich() -> Value {
    json!({RICH.to_string(): {"balance": "0xde0b6b3a7640000"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_follow_each_other_and_calls_see_what_came_before() {
    let node = Node::start();
    node.send(transfer(0)).await;
    node.sealed(1).await;
    let latest = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    // Returns the word that SLOAD(0) gives.
    let reader = json!("0x60005460005260206000f3");
    let answer = simulate(
        &node,
        json!({"blockStateCalls": [
            {"stateOverrides": rich(), "calls": [
                {"from": RICH, "to": NOBODY, "value": "0x5"},
                {"from": RICH, "to": LOGGER_ADDRESS},
                {"to": REVERTER_ADDRESS},
                {"from": RICH, "data": "0xfe", "gas": "0x186a0"},
            ]},
            {"blockOverrides": {"number": "0x4", "time": "0x7000000000", "feeRecipient": RICH},
             "stateOverrides": {LOGGER_ADDRESS.to_string(): {"code": reader}},
             "calls": [{"to": LOGGER_ADDRESS}]},
        ]}),
    )
    .await;
    let blocks = answer.as_array().unwrap();
    assert_eq!(blocks.len(), 3, "the gap is filled");
    assert_eq!(blocks[0]["parentHash"], latest["hash"]);
    for pair in blocks.windows(2) {
        assert_eq!(pair[1]["parentHash"], pair[0]["hash"]);
    }
    assert_eq!(blocks[2]["timestamp"], "0x7000000000");
    assert_eq!(blocks[2]["miner"], json!(RICH));
    assert_eq!(blocks[2]["number"], "0x4");
    let calls = blocks[0]["calls"].as_array().unwrap();
    let statuses: Vec<_> = calls.iter().map(|call| call["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["0x1", "0x1", "0x0", "0x0"]);
    assert_eq!(calls[0]["gasUsed"], "0x5208");
    assert_eq!(calls[1]["logs"][0]["blockHash"], blocks[0]["hash"]);
    assert_eq!(calls[1]["logs"][0]["transactionHash"], blocks[0]["transactions"][1]);
    assert_eq!(calls[2]["error"]["code"], 3);
    assert_eq!(calls[2]["error"]["message"], "execution reverted: no");
    assert_eq!(calls[3]["error"]["code"], -32_015);
    // The value that the first block's call stored, read by other code in the third.
    assert_eq!(blocks[2]["calls"][0]["returnData"], json!(B256::from(U256::from(7))));
    // Nothing of it happened.
    assert_eq!(node.call("eth_getBalance", json!([NOBODY])).await, "0x1");
    assert_eq!(node.call("eth_blockNumber", json!([])).await, "0x1");
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_are_logged_where_they_happen() {
    let node = Node::start();
    // Sends 3 wei on to NOBODY, then does what the rest says.
    let forward = |rest: &[u8]| {
        let mut code =
            hex!("600060006000600060037399999999999999999999999999999999999999995af1").to_vec();
        code.extend(rest);
        Bytes::from(code)
    };
    let (good, bad) = (Address::repeat_byte(0x31), Address::repeat_byte(0x32));
    let mut overrides = rich();
    overrides[good.to_string()] = json!({"code": forward(&hex!("00"))});
    overrides[bad.to_string()] = json!({"code": forward(&hex!("60006000fd"))});
    let payload = |traces: bool| {
        json!({"traceTransfers": traces, "blockStateCalls": [{
            "stateOverrides": overrides,
            "calls": [
                {"from": RICH, "to": good, "value": "0x9"},
                {"from": RICH, "to": bad, "value": "0x9"},
                // Creates a contract, which logs as it begins.
                {"from": RICH, "data": "0x385fa0", "value": "0x9"},
            ],
        }]})
    };
    let with = simulate(&node, payload(true)).await;
    let logs = with[0]["calls"][0]["logs"].as_array().unwrap();
    assert_eq!(logs.len(), 2);
    let word = |address: Address| json!(address.into_word());
    let topic = json!(keccak256("Transfer(address,address,uint256)"));
    assert_eq!(logs[0]["address"], "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    assert_eq!(logs[0]["topics"], json!([topic, word(RICH), word(good)]));
    assert_eq!(logs[0]["data"], json!(B256::from(U256::from(9))));
    assert_eq!(logs[1]["topics"], json!([topic, word(good), word(NOBODY)]));
    assert_eq!(logs[1]["logIndex"], "0x1");
    assert_eq!(with[0]["calls"][1]["logs"], json!([]));
    // The two that were undone had numbers; what is created gets its ether before it does anything.
    let created = with[0]["calls"][2]["logs"].as_array().unwrap();
    let seen: Vec<_> = created
        .iter()
        .map(|log| (&log["logIndex"], log["topics"].as_array().unwrap().len()))
        .collect();
    assert_eq!(seen, [(&json!("0x4"), 3), (&json!("0x5"), 0)]);
    let without = simulate(&node, payload(false)).await;
    assert_eq!(without[0]["calls"][0]["logs"], json!([]));
    assert_eq!(without[0]["calls"][2]["logs"][0]["logIndex"], "0x0");
    // They are no part of the block.
    assert_eq!(with[0]["hash"], without[0]["hash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_is_that_of_transactions() {
    let node = Node::start();
    let sender = node.signer.address();
    let fee = "0x77359400";
    let cases = [
        (json!({"from": sender, "nonce": "0x5", "maxFeePerGas": fee}), -38_011),
        (json!({"from": sender, "nonce": "0x0"}), -38_012),
        (json!({"from": sender, "nonce": "0x0", "gas": "0x1", "maxFeePerGas": fee}), -38_013),
        (json!({"from": NOBODY, "gas": "0x5208", "maxFeePerGas": fee}), -38_014),
        (json!({"from": sender, "gas": "0xffffffffff", "maxFeePerGas": fee}), -38_015),
        (
            json!({"from": sender, "maxFeePerGas": fee, "data": Bytes::from(vec![0; 49_153])}),
            -38_025,
        ),
    ];
    for (call, code) in cases {
        let call = if call.get("data").is_some() {
            call
        } else {
            let mut call = call;
            call["to"] = json!(NOBODY);
            call
        };
        let blocks = json!([{"calls": [call]}]);
        let payload =
            |validation: bool| json!([{"validation": validation, "blockStateCalls": blocks}]);
        let error = node.fail("eth_simulateV1", payload(true)).await;
        assert_eq!(error.code, code, "{call} {error:?}");
        // Only nonces and fees are let off.
        let lenient = node.try_call("eth_simulateV1", payload(false)).await;
        assert_eq!(lenient.is_ok(), [-38_011, -38_012].contains(&code), "{call} {lenient:?}");
    }
    node.send(transfer(0)).await;
    let stale = json!([{"validation": true, "blockStateCalls": [{"calls": [
        {"from": sender, "to": NOBODY, "nonce": "0x0", "maxFeePerGas": fee}
    ]}]}]);
    let error = node.fail("eth_simulateV1", stale).await;
    assert_eq!(error.code, -38_010);
    assert!(error.message.starts_with("err: nonce too low"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_block_is_the_one_that_is_made() {
    let node = Node::start();
    let sender = node.signer.address();
    let calls: Vec<Value> = [transfer(0), contract_call(1, LOGGER_ADDRESS), creation(2)]
        .into_iter()
        .map(|tx| {
            json!({
                "from": sender,
                "to": tx.to.to(),
                "gas": format!("{:#x}", tx.gas_limit),
                "maxFeePerGas": format!("{:#x}", tx.max_fee_per_gas),
                "maxPriorityFeePerGas": format!("{:#x}", tx.max_priority_fee_per_gas),
                "value": tx.value,
                "input": tx.input,
            })
        })
        .collect();
    let payload = json!({
        "validation": true, "returnFullTransactions": true, "blockStateCalls": [{"calls": calls}],
    });
    let simulated = simulate(&node, payload).await;
    for tx in [transfer(0), contract_call(1, LOGGER_ADDRESS)] {
        node.call("eth_sendRawTransaction", json!([node.sign(tx)])).await;
    }
    node.send(creation(2)).await;
    node.sealed(1).await;
    let made = node.call("eth_getBlockByNumber", json!(["0x1", true])).await;
    if made["transactions"].as_array().unwrap().len() == 3 {
        for field in ["number", "gasUsed", "receiptsRoot", "logsBloom", "baseFeePerGas"] {
            assert_eq!(simulated[0][field], made[field], "{field}");
        }
    }
    for (simulated, made) in simulated[0]["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .zip(made["transactions"].as_array().unwrap())
    {
        for field in ["from", "to", "nonce", "input", "value", "gas", "type", "gasPrice"] {
            assert_eq!(simulated[field], made[field], "{field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_has_an_end() {
    let config = RpcConfig { call_gas_max: 60_000, overrides_max: 3, ..RpcConfig::default() };
    let node = Node::start_with(config);
    let call = || json!({"to": LOGGER_ADDRESS, "gas": "0xea60"});
    let payload = json!([{"blockStateCalls": [{"calls": [call(), call(), call()]}]}]);
    let error = node.fail("eth_simulateV1", payload).await;
    assert_eq!(error.code, -38_013, "{error:?}");
    assert!(error.message.starts_with("err: intrinsic gas too low: have "), "{error:?}");
    let slots: serde_json::Map<String, Value> = (0..4_u64)
        .map(|slot| (B256::from(U256::from(slot)).to_string(), json!(B256::ZERO)))
        .collect();
    let overrides = json!({NOBODY.to_string(): {"stateDiff": slots}});
    let payload = json!([{"blockStateCalls": [{"stateOverrides": overrides}]}]);
    let error = node.fail("eth_simulateV1", payload).await;
    assert_eq!(error.code, -32_005);
    assert!(error.message.contains("overrides_max"), "{error:?}");
    let error = node.fail("eth_call", json!([{"to": NOBODY}, "latest", overrides])).await;
    assert_eq!(error.code, -32_005);
    let many = |count: usize| json!({"calls": vec![json!({}); count]});
    for (payload, code, words) in [
        (json!([]), -32_602, "empty input"),
        (
            json!([{"blockOverrides": {"number": "0x0"}}]),
            -38_020,
            "block numbers must be in order: 0 <= 0",
        ),
        (
            json!([{"blockOverrides": {"time": "0x1"}}]),
            -38_021,
            "block timestamps must be in order: 1 <= 1700000000",
        ),
        (json!(vec![json!({}); 257]), -38_026, "too many blocks"),
        (json!([{"blockOverrides": {"number": "0x101"}}]), -38_026, "too many blocks"),
        (json!([many(5_001)]), -38_026, "too many calls in block: 5001 > 5000"),
        (json!([many(5_000), many(5_000), many(1)]), -38_026, "too many calls: 10001 > 10000"),
    ] {
        let payload = json!([{"blockStateCalls": payload}]);
        let error = node.fail("eth_simulateV1", payload).await;
        assert_eq!((error.code, error.message.as_str()), (code, words));
    }
}

/// There is no block while there is nothing to do: the one that comes is made when it comes.
#[tokio::test(flavor = "multi_thread")]
async fn simulated_blocks_begin_now_and_have_no_state_root() {
    let node = Node::start_development();
    node.call("evm_mine", json!([])).await;
    node.call("evm_increaseTime", json!([1_000])).await;
    let times = async |block: &str| {
        let payload =
            json!([{"blockStateCalls": [{}, {"blockOverrides": {"number": "0x5"}}]}, block]);
        let blocks = node.call("eth_simulateV1", payload).await;
        let blocks = blocks.as_array().unwrap().clone();
        assert!(blocks.iter().all(|block| block["stateRoot"] == json!(B256::ZERO)), "{blocks:?}");
        let time = |block: &Value| {
            u64::from_str_radix(&block["timestamp"].as_str().unwrap()[2..], 16).unwrap()
        };
        blocks.iter().map(time).collect::<Vec<_>>()
    };
    let latest = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let latest = u64::from_str_radix(&latest["timestamp"].as_str().unwrap()[2..], 16).unwrap();
    let from_now = times("latest").await;
    assert!((latest + 1_000..latest + 1_060).contains(&from_now[0]), "{latest} {from_now:?}");
    let pairs = from_now.windows(2).all(|pair| pair[1] == pair[0] + 1);
    assert!(pairs && from_now.len() == 4, "{from_now:?}");
    // After a block of the past they follow at once.
    assert_eq!(times("0x1").await, [1, 2, 3, 4].map(|seconds| latest + seconds));
}

/// `prevRandao` may be a hash or a number in every method that takes block overrides.
#[tokio::test(flavor = "multi_thread")]
async fn randomness_is_overridden_alike_everywhere() {
    let node = Node::start();
    // Returns the word that PREVRANDAO gives.
    let state = json!({NOBODY.to_string(): {"code": "0x4460005260206000f3"}});
    let call = json!({"to": NOBODY, "gas": "0xffff"});
    for (randao, word) in [
        (json!("0x1"), B256::with_last_byte(1)),
        (json!(B256::repeat_byte(3)), B256::repeat_byte(3)),
    ] {
        let block = json!({"prevRandao": randao});
        let called = node.call("eth_call", json!([call, "latest", state, block])).await;
        let simulated = simulate(
            &node,
            json!({"blockStateCalls": [
                {"blockOverrides": block, "stateOverrides": state, "calls": [call]},
            ]}),
        );
        let simulated = simulated.await[0]["calls"][0]["returnData"].clone();
        let options =
            json!({"blockOverrides": block, "stateOverrides": state, "tracer": "callTracer"});
        let traced = node.call("debug_traceCall", json!([call, "latest", options])).await;
        assert_eq!([&called, &simulated, &traced["output"]], [&json!(word); 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_block_has_no_beacon_chain() {
    let node = Node::start();
    let withdrawal = json!({
        "index": "0x0", "validatorIndex": "0x0", "address": NOBODY, "amount": "0x1",
    });
    simulate(&node, json!({"blockStateCalls": [{"blockOverrides": {"withdrawals": []}}]})).await;
    for (block, name) in [
        (json!({"withdrawals": [withdrawal]}), "withdrawals"),
        (json!({"beaconRoot": B256::ZERO}), "beaconRoot"),
    ] {
        let payload = json!([{"blockStateCalls": [{"blockOverrides": block}]}]);
        let error = node.fail("eth_simulateV1", payload).await;
        let words = format!("block override \"{name}\" is not supported: there is no beacon chain");
        assert_eq!((error.code, error.message), (-32_000, words));
    }
}
