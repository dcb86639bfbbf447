use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use alloy_rlp::Encodable;
use serde_json::{Value, json};

use super::harness::{
    LOGGER, LOGGER_ADDRESS, NOBODY, Node, REVERTER_ADDRESS, contract_call, creation, transfer,
};
use crate::RpcConfig;

/// Calls an address with the four bytes `aabbccdd` and nothing else, and stops.
fn caller_of(address: Address) -> Vec<u8> {
    let mut code = hex!("63aabbccdd60e01b6000526000600060046000600073").to_vec();
    code.extend(address);
    code.extend(hex!("5af100"));
    code
}

/// A block with this header and nothing else.
fn empty_block(header: &Header) -> Bytes {
    let mut content = Vec::new();
    header.encode(&mut content);
    // Transactions, uncles, withdrawals.
    content.extend([0xc0; 3]);
    let mut block = Vec::new();
    alloy_rlp::Header { list: true, payload_length: content.len() }.encode(&mut block);
    block.extend(content);
    block.into()
}

fn with_code(code: Vec<u8>, options: Value) -> Value {
    let mut options = options;
    options["stateOverrides"] = json!({NOBODY.to_string(): {"code": Bytes::from(code)}});
    json!([{"to": NOBODY, "gas": "0x989680"}, "latest", options])
}

#[tokio::test(flavor = "multi_thread")]
async fn opcode_traces_have_their_shape_and_options() {
    let node = Node::start();
    let receipt = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    let hash = &receipt["transactionHash"];
    let trace = |options: Value| node.call("debug_traceTransaction", json!([hash, options]));
    let all = trace(json!({"enableMemory": true, "enableReturnData": true})).await;
    assert_eq!(json!(format!("{:#x}", all["gas"].as_u64().unwrap())), receipt["gasUsed"]);
    assert_eq!(all["failed"], false);
    assert_eq!(all["returnValue"], json!(B256::from(U256::from(42))));
    let steps = all["structLogs"].as_array().unwrap();
    assert_eq!(steps.len(), 13);
    assert_eq!(steps[9]["op"], "SSTORE");
    assert_eq!(steps[9]["stack"], json!(["0x7", "0x0"]));
    assert_eq!(steps[9]["memory"], json!([B256::from(U256::from(42))]));
    assert_eq!(steps[9]["gasCost"], 22_100);
    assert_eq!(steps[9]["storage"], json!({B256::ZERO.to_string(): B256::from(U256::from(7))}));
    assert!(steps[10].get("storage").is_none());
    for pair in steps.windows(2) {
        let gas = |index: usize, field: &str| pair[index][field].as_u64().unwrap();
        assert_eq!(gas(0, "gas") - gas(0, "gasCost"), gas(1, "gas"));
    }
    let least = trace(json!({"disableStack": true, "disableStorage": true, "limit": 0})).await;
    assert_eq!(least["gas"], all["gas"]);
    let steps = least["structLogs"].as_array().unwrap();
    assert_eq!(steps.len(), 13);
    for step in steps {
        for field in ["stack", "storage", "memory", "returnData"] {
            assert!(step.get(field).is_none(), "{step}");
        }
    }
}

/// The limit is one of bytes, and the step that passes it is the last.
#[tokio::test(flavor = "multi_thread")]
async fn steps_are_shown_up_to_so_many_bytes() {
    let node = Node::start();
    let steps = async |options: Value| {
        let params = json!([{"to": LOGGER_ADDRESS}, "latest", options]);
        let trace = node.call("debug_traceCall", params).await;
        trace["structLogs"].as_array().unwrap().clone()
    };
    for least in [true, false] {
        let options = |limit: usize| {
            json!({
                "disableStack": least, "disableStorage": least, "enableMemory": !least,
                "limit": limit,
            })
        };
        let all = steps(options(0)).await;
        assert_eq!(all.len(), 13);
        let mut bytes = 0;
        for (index, step) in all.iter().enumerate() {
            assert_eq!(steps(options(bytes.max(1))).await, all[..=index], "{bytes}");
            bytes += step.to_string().len();
            assert_eq!(steps(options(bytes - 1)).await, all[..=index], "{bytes}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_a_tree_with_logs_and_reasons() {
    let node = Node::start();
    let options = json!({"tracer": "callTracer", "tracerConfig": {"withLog": true}});
    let call = |code: Vec<u8>| node.call("debug_traceCall", with_code(code, options.clone()));
    let trace = call(caller_of(LOGGER_ADDRESS)).await;
    assert_eq!((&trace["type"], &trace["to"]), (&json!("CALL"), &json!(NOBODY)));
    let inner = &trace["calls"][0];
    assert_eq!((&inner["from"], &inner["to"]), (&json!(NOBODY), &json!(LOGGER_ADDRESS)));
    assert_eq!(inner["input"], "0xaabbccdd");
    assert_eq!(inner["output"], json!(B256::from(U256::from(42))));
    assert_eq!(inner["logs"][0]["address"], json!(LOGGER_ADDRESS));
    assert_eq!(inner["logs"][0]["topics"], json!([B256::from(U256::from(0xaa))]));
    let trace = call(caller_of(REVERTER_ADDRESS)).await;
    assert_eq!(trace.get("error"), None);
    assert_eq!(trace["calls"][0]["error"], "execution reverted");
    assert_eq!(trace["calls"][0]["revertReason"], "no");
    let top = json!({"tracer": "callTracer", "tracerConfig": {"onlyTopCall": true}});
    let trace = node.call("debug_traceCall", with_code(caller_of(LOGGER_ADDRESS), top)).await;
    assert_eq!(trace.get("calls"), None);
    let flat = with_code(caller_of(LOGGER_ADDRESS), json!({"tracer": "flatCallTracer"}));
    let flat = node.call("debug_traceCall", flat).await;
    assert_eq!(flat.as_array().unwrap().len(), 2);
    assert_eq!(flat[1]["traceAddress"], json!([0]));
    assert_eq!(flat[1]["action"]["to"], json!(LOGGER_ADDRESS));
    let four = with_code(caller_of(LOGGER_ADDRESS), json!({"tracer": "4byteTracer"}));
    assert_eq!(node.call("debug_traceCall", four).await, json!({"0xaabbccdd-0": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn prestates_are_what_was_and_what_became() {
    let node = Node::start();
    let sender = node.signer.address().to_string().to_lowercase();
    let before = node.call("eth_getBalance", json!([sender])).await;
    node.send(transfer(0)).await;
    let between = node.call("eth_getBalance", json!([sender])).await;
    let receipt = node.send(contract_call(1, LOGGER_ADDRESS)).await;
    let hash = &receipt["transactionHash"];
    let trace = |config: Value| {
        let options = json!({"tracer": "prestateTracer", "tracerConfig": config});
        node.call("debug_traceTransaction", json!([hash, options]))
    };
    let logger = LOGGER_ADDRESS.to_string();
    let whole = trace(json!({})).await;
    assert_ne!(between, before);
    assert_eq!(whole[&sender]["balance"], between, "the state between the two transactions");
    assert_eq!(whole[&sender]["nonce"], 1);
    assert_eq!(whole[&logger]["storage"], json!({B256::ZERO.to_string(): B256::ZERO}));
    let hash = json!(keccak256(LOGGER));
    assert_eq!(whole[&logger]["codeHash"], hash);
    let hidden = trace(json!({"disableCode": true})).await;
    assert_eq!((hidden[&logger].get("code"), &hidden[&logger]["codeHash"]), (None, &hash));
    assert_eq!(hidden[&sender].get("codeHash"), None);
    let diff = trace(json!({"diffMode": true})).await;
    assert_eq!(diff["pre"][&sender]["balance"], between);
    assert_eq!(diff["post"][&sender]["nonce"], 2);
    let seven = B256::from(U256::from(7));
    assert_eq!(diff["post"][&logger]["storage"], json!({B256::ZERO.to_string(): seven}));
    assert_eq!(diff["pre"][&logger].get("storage"), None);
}

/// geth's own client writes the names of Go's structures.
#[tokio::test(flavor = "multi_thread")]
async fn options_may_be_written_with_capitals() {
    let node = Node::start();
    let receipt = node.send(contract_call(0, LOGGER_ADDRESS)).await;
    let trace = |options: Value| {
        node.call("debug_traceTransaction", json!([receipt["transactionHash"], options]))
    };
    let config = json!({"withLog": true});
    let expected = trace(json!({"tracer": "callTracer", "tracerConfig": config})).await;
    let written = json!({"Tracer": "callTracer", "Timeout": null, "TracerConfig": config});
    assert_eq!(trace(written).await, expected);
    let code = json!({NOBODY.to_string(): {"code": "0x5f5ffd"}});
    let options = json!({"Tracer": "callTracer", "StateOverrides": code});
    let trace = node.call("debug_traceCall", json!([{"to": NOBODY}, "latest", options])).await;
    assert_eq!(trace["error"], "execution reverted");
}

/// Accounts that were empty are shown if that is asked for, alone or among many tracers.
#[tokio::test(flavor = "multi_thread")]
async fn prestates_have_empty_accounts_if_asked() {
    let node = Node::start();
    let receipt = node.send(transfer(0)).await;
    let trace = |options: Value| {
        node.call("debug_traceTransaction", json!([receipt["transactionHash"], options]))
    };
    let config = json!({"includeEmpty": true});
    let without = trace(json!({"tracer": "prestateTracer"})).await;
    let with = trace(json!({"tracer": "prestateTracer", "tracerConfig": config})).await;
    let nobody = NOBODY.to_string().to_lowercase();
    assert_eq!((without.get(&nobody), &with[&nobody]), (None, &json!({"balance": "0x0"})));
    for (account, state) in without.as_object().unwrap() {
        assert_eq!(&with[account], state);
    }
    let many = json!({"tracer": "muxTracer", "tracerConfig": {"prestateTracer": config}});
    assert_eq!(trace(many).await["prestateTracer"], with);
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_blocks_are_traced_alike_open_and_sealed() {
    let node = Node::start();
    let mut hashes = Vec::new();
    for tx in [transfer(0), contract_call(1, LOGGER_ADDRESS), contract_call(2, REVERTER_ADDRESS)] {
        hashes.push(node.send(tx).await["transactionHash"].clone());
    }
    let created = node.send(creation(3)).await;
    hashes.push(created["transactionHash"].clone());
    let number = json!([created["blockNumber"]]);
    for options in [json!({}), json!({"tracer": "callTracer"}), json!({"tracer": "prestateTracer"})]
    {
        let mut single = Vec::new();
        for hash in &hashes {
            single.push(node.call("debug_traceTransaction", json!([hash, options])).await);
        }
        node.sealed(1).await;
        let by_number = node.call("debug_traceBlockByNumber", json!([number[0], options])).await;
        let block = node.call("eth_getBlockByNumber", json!([number[0], false])).await;
        let by_hash = node.call("debug_traceBlockByHash", json!([block["hash"], options])).await;
        assert_eq!(by_hash, by_number);
        let raw = node.call("debug_getRawBlock", json!([number[0]])).await;
        let by_encoding = node.call("debug_traceBlock", json!([raw, options])).await;
        assert_eq!(by_encoding, by_number);
        // All four may be in one block, or the last ones in the next.
        for (entry, hash) in
            by_number.as_array().unwrap().iter().zip(block["transactions"].as_array().unwrap())
        {
            assert_eq!(&entry["txHash"], hash);
            let position = hashes.iter().position(|known| known == hash).unwrap();
            assert_eq!(entry["result"], single[position], "{options}");
        }
    }
}

/// The state is that before the transaction of this index, which is one of the block's.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_traced_between_two_transactions() {
    let node = Node::start_development();
    for nonce in 0..2 {
        node.call("eth_sendRawTransaction", json!([node.sign(transfer(nonce))])).await;
    }
    node.call("evm_mine", json!([])).await;
    let block = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let transactions = block["transactions"].as_array().unwrap();
    // Returns BALANCE of who got a wei from each.
    let code = format!("0x73{}315f5260205ff3", &NOBODY.to_string()[2..]);
    let code = json!({LOGGER_ADDRESS.to_string(): {"code": code}});
    let traced = |block: &Value, index: usize| {
        let options = json!({
            "tracer": "callTracer", "txIndex": format!("{index:#x}"), "stateOverrides": code,
        });
        json!([{"to": LOGGER_ADDRESS}, block, options])
    };
    for index in 0..transactions.len() {
        let trace = node.call("debug_traceCall", traced(&block["number"], index)).await;
        let before = node.call("eth_getBalance", json!([NOBODY, block["parentHash"]])).await;
        let before = before.as_str().unwrap().strip_prefix("0x").unwrap();
        let before = usize::from_str_radix(before, 16).unwrap();
        assert_eq!(trace["output"], json!(B256::from(U256::from(before + index))), "{index}");
    }
    let after = transactions.len();
    let error = node.fail("debug_traceCall", traced(&block["hash"], after)).await;
    let hash = block["hash"].as_str().unwrap();
    let words = format!("transaction index {after} out of range for block {hash}");
    assert_eq!((error.code, error.message), (-32_000, words));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_traced_says_why() {
    let node = Node::start();
    let receipt = node.send(transfer(0)).await;
    let hash = &receipt["transactionHash"];
    let unknown = B256::repeat_byte(7);
    let cases = [
        ("debug_traceTransaction", json!([unknown]), "transaction not found"),
        ("debug_traceBlockByNumber", json!(["0x63"]), "block #99 not found"),
        ("debug_traceBlockByNumber", json!(["0x0"]), "genesis is not traceable"),
        (
            "debug_traceBlockByHash",
            json!([unknown]),
            "block 0x0707070707070707070707070707070707070707070707070707070707070707 not found",
        ),
        (
            "debug_traceTransaction",
            json!([hash, {"tracer": "{fault: function() {}}"}]),
            "unknown tracer \"{fault: function() {}}\"; tracers in JavaScript are not run here",
        ),
        (
            "debug_traceTransaction",
            json!([hash, {"tracer": "callTracer", "tracerConfig": {"withLog": 7}}]),
            "invalid tracer config",
        ),
        (
            "debug_traceTransaction",
            json!([hash, {
                "tracer": "prestateTracer",
                "tracerConfig": {"includeEmpty": true, "diffMode": true},
            }]),
            "cannot use diffMode with includeEmpty",
        ),
        (
            "debug_traceTransaction",
            json!([hash, {"timeout": "soon"}]),
            "time: invalid duration \"soon\"",
        ),
        ("debug_traceCall", json!([{"to": NOBODY}, "0x63"]), "block #99 not found"),
        (
            "debug_traceCall",
            json!([{"to": NOBODY}, "0x63", {"txIndex": "0x0"}]),
            "block #99 not found",
        ),
        (
            "debug_traceCall",
            json!([{"to": NOBODY}, unknown]),
            "block 0x0707070707070707070707070707070707070707070707070707070707070707 not found",
        ),
        (
            "debug_traceCall",
            json!([{"to": NOBODY}, "pending"]),
            "tracing on top of pending is not supported",
        ),
        (
            "debug_traceCall",
            json!([{"to": NOBODY}, {"blockNumber": "pending"}, {"txIndex": "0x0"}]),
            "tracing on top of pending is not supported",
        ),
    ];
    for (method, params, expected) in cases {
        let error = node.fail(method, params.clone()).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, expected), "{method} {params}");
    }
    assert_eq!(node.call("debug_getBadBlocks", json!([])).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_blocks_of_this_chain_are_traced() {
    let node = Node::start();
    node.send(transfer(0)).await;
    node.sealed(1).await;
    let genesis = node.call("debug_getRawBlock", json!(["0x0"])).await;
    let genesis: Bytes = serde_json::from_value(genesis).unwrap();
    let first = node.call("eth_getHeaderByNumber", json!(["0x1"])).await;
    let first: Header = serde_json::from_value(first).unwrap();
    let unknown = Header { number: 1, ..Header::default() };
    let not_found = format!("block {} not found", unknown.hash_slow());
    let cases = [
        (genesis.clone(), "genesis is not traceable"),
        (empty_block(&unknown), not_found.as_str()),
        (
            empty_block(&first),
            "could not decode block: the header is that of a block with another body",
        ),
        (Bytes::new(), "could not decode block: input too short"),
        (genesis.slice(..genesis.len() - 1), "could not decode block: input too short"),
        (hex!("c101").into(), "could not decode block: unexpected string"),
    ];
    for (block, expected) in cases {
        let error = node.fail("debug_traceBlock", json!([block])).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, expected), "{block}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_end_at_their_limits() {
    let node = Node::start_with(RpcConfig { trace_bytes_max: 1 << 20, ..RpcConfig::default() });
    let endless = || hex!("5b600056").to_vec();
    let too_large = node.fail("debug_traceCall", with_code(endless(), json!({}))).await;
    assert_eq!(too_large.code, -32_005);
    assert!(too_large.message.contains("trace_bytes_max"), "{too_large:?}");
    // The first steps alone fit, and calls alone do.
    let first = node.call("debug_traceCall", with_code(endless(), json!({"limit": 5}))).await;
    assert_eq!(first["structLogs"].as_array().unwrap().len(), 1);
    assert_eq!(first["failed"], true);
    let calls = with_code(endless(), json!({"tracer": "callTracer"}));
    assert_eq!(node.call("debug_traceCall", calls).await["error"], "out of gas");
    // Calls with long input, which costs nothing once the memory is there.
    let calling = hex!("5b6000600061ffff6000600060045af150600056").to_vec();
    let options = json!({"tracer": "callTracer"});
    let too_large = node.fail("debug_traceCall", with_code(calling, options)).await;
    assert_eq!(too_large.code, -32_005);
    let slow = with_code(endless(), json!({"tracer": "callTracer", "timeout": "1ns"}));
    let timeout = node.fail("debug_traceCall", slow).await;
    assert_eq!(timeout.message, "execution aborted (timeout = 0s)");
}

#[tokio::test(flavor = "multi_thread")]
async fn tracers_are_charged_for_what_they_record_and_answer() {
    let node = Node::start_with(RpcConfig { trace_bytes_max: 100_000, ..RpcConfig::default() });
    // Calls with long input, until the gas is used up.
    let calling = || hex!("5b6000600061ffff6000600060045af150600056").to_vec();
    for options in [
        json!({"tracer": "noopTracer"}),
        json!({"tracer": "4byteTracer"}),
        json!({"tracer": "callTracer", "tracerConfig": {"onlyTopCall": true}}),
    ] {
        node.call("debug_traceCall", with_code(calling(), options)).await;
    }
    // What costs nothing to record, and much to answer: the code of every account.
    let long = Bytes::from(vec![0; 30_000]);
    let prestate = json!({"tracer": "prestateTracer"});
    let mut both = json!({"tracer": "muxTracer", "tracerConfig": {"prestateTracer": {}}});
    both["tracerConfig"]["callTracer"] = json!({});
    for options in [prestate, both] {
        let looking = [&hex!("73")[..], LOGGER_ADDRESS.as_slice(), &hex!("3b50")].concat();
        let mut params = with_code(looking, options);
        params[2]["stateOverrides"][LOGGER_ADDRESS.to_string()] = json!({"code": long});
        node.call("debug_traceCall", params.clone()).await;
        let longer = Bytes::from(vec![0; 60_000]);
        params[2]["stateOverrides"][LOGGER_ADDRESS.to_string()] = json!({"code": longer});
        let error = node.fail("debug_traceCall", params).await;
        assert!(error.message.contains("trace_bytes_max"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_traces_of_a_block_come_in_time_or_not_at_all() {
    let node = Node::start();
    // Shorter than the steps between two looks at the clock.
    node.send(transfer(0)).await;
    node.sealed(1).await;
    let params = json!(["0x1", {"tracer": "callTracer", "timeout": "1ns"}]);
    let late = node.fail("debug_traceBlockByNumber", params).await;
    assert_eq!(late.message, "execution aborted (timeout = 0s)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deepest_calls_are_traced() {
    // More gas than any operator gives: the call depth itself is what ends it.
    let node = Node::start_with(RpcConfig { call_gas_max: 1 << 40, ..RpcConfig::default() });
    // Calls itself with all its gas.
    let deep = hex!("6000600060006000600030" "5af100").to_vec();
    let params = with_code(deep, json!({"tracer": "callTracer"}));
    let mut params = params;
    params[0]["gas"] = json!("0x10000000000");
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "debug_traceCall", "params": params});
    // Nested deeper than the test's own reader goes.
    let answer = node.module.raw_json_request(&request.to_string(), 1).await.unwrap().0;
    let depth = answer.get().matches("\"calls\":").count();
    assert!(depth > 1_000, "{depth}");
}
