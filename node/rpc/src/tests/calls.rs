use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::TransactionRequest;
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, NOBODY, Node, REVERTER, REVERTER_ADDRESS, transfer};
use crate::{
    RpcConfig,
    api::Api,
    block_parameter::BlockParameter,
    error::ApiError,
    eth::{call::PreparedCall, estimate::estimate},
    gate::Deadline,
};

fn word(value: u64) -> Value {
    json!(B256::from(U256::from(value)))
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_return_and_revert() {
    let node = Node::start();
    assert_eq!(node.call("eth_call", json!([{"to": LOGGER_ADDRESS}, "latest"])).await, word(42));
    assert_eq!(node.call("eth_call", json!([{"to": NOBODY, "data": "0x01"}])).await, "0x");
    for method in ["eth_call", "eth_estimateGas"] {
        let error = node.fail(method, json!([{"to": REVERTER_ADDRESS}])).await;
        assert_eq!((error.code, error.message.as_str()), (3, "execution reverted: no"));
        assert_eq!(error.data, json!(alloy_primitives::Bytes::copy_from_slice(&REVERTER[11..])));
    }
    // The state of `latest` is thrown away.
    let slot = node.call("eth_getStorageAt", json!([LOGGER_ADDRESS, "0x0"])).await;
    assert_eq!(slot, word(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_run() {
    let node = Node::start();
    let from = node.signer.address();
    let cases = [
        (
            json!([{"from": NOBODY, "to": from, "value": "0x1"}]),
            "err: insufficient funds for gas * price + value: address \
             0x9999999999999999999999999999999999999999 have 0 want 1 (supplied gas 50000000)",
        ),
        (
            json!([{"from": NOBODY, "to": from, "gasPrice": "0x77359400", "gas": "0x5208"}]),
            "err: insufficient funds for gas * price + value: address \
             0x9999999999999999999999999999999999999999 have 0 want 42000000000000 \
             (supplied gas 21000)",
        ),
        (
            json!([{"from": NOBODY, "to": from, "gasPrice": format!("{:#x}", u128::MAX),
                    "value": U256::MAX}]),
            "err: insufficient funds for gas * price + value: address \
             0x9999999999999999999999999999999999999999 required balance exceeds 256 bits \
             (supplied gas 50000000)",
        ),
        (
            json!([{"to": from, "gas": "0x1"}]),
            "err: intrinsic gas too low: have 1, want 21000 (supplied gas 1)",
        ),
        (
            json!([{"to": from, "gas": "0x0"}]),
            "err: intrinsic gas too low: have 0, want 21000 (supplied gas 0)",
        ),
        (
            json!([{"to": from, "gas": "0x59d8", "data": format!("0x{}", "ff".repeat(100))}]),
            "err: insufficient gas for floor data gas cost: have 23000, want 25000 \
             (supplied gas 23000)",
        ),
        (
            json!([{"from": from, "to": from, "maxFeePerGas": "0x1"}]),
            "err: max fee per gas less than block base fee: address \
             0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1, maxFeePerGas: 1, baseFee: 1000000000 \
             (supplied gas 50000000)",
        ),
        (
            json!([{"data": Bytes::from(vec![0; 49_153])}]),
            "err: max initcode size exceeded: code size 49153 limit 49152 \
             (supplied gas 50000000)",
        ),
        (
            json!([{"to": from, "gasPrice": "0x1", "maxFeePerGas": "0x1"}]),
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
        ),
        (
            json!([{"from": from, "to": from, "maxFeePerGas": "0x1",
                    "maxPriorityFeePerGas": "0x2"}]),
            "err: max priority fee per gas higher than max fee per gas: address \
             0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1, maxPriorityFeePerGas: 2, \
             maxFeePerGas: 1 (supplied gas 50000000)",
        ),
        (
            json!([{"to": from, "chainId": "0x1"}]),
            "chainId does not match node's (have=1, want=1337)",
        ),
        (json!([{"to": LOGGER_ADDRESS, "gas": "0x5300"}]), "out of gas"),
        (json!([{"data": "0xfe"}]), "invalid opcode: INVALID"),
    ];
    for (params, expected) in cases {
        let error = node.fail("eth_call", params.clone()).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, expected), "{params}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_on_blocks_that_are_not_there() {
    let node = Node::start();
    for (block, expected) in [
        (json!("0x63"), "header not found"),
        (json!(B256::repeat_byte(0x63)), "header for hash not found"),
    ] {
        let error = node.fail("eth_call", json!([{"to": NOBODY}, block])).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, expected));
    }
}

/// What was refunded is needed until then: geth's search ends at this very number.
#[tokio::test(flavor = "multi_thread")]
async fn estimates_begin_with_what_is_spent_before_refunds() {
    let node = Node::start();
    // 0 0 SSTORE, of a slot that has something.
    let state = json!({NOBODY.to_string(): {"code": "0x5f5f5500", "state": {
        B256::ZERO.to_string(): B256::repeat_byte(1),
    }}});
    let call = json!([{"from": node.signer.address(), "to": NOBODY}, "latest", state]);
    assert_eq!(node.call("eth_estimateGas", call).await, json!("0x662d"));
}

#[tokio::test(flavor = "multi_thread")]
async fn estimates_are_enough_and_not_much_more() {
    let node = Node::start();
    let from = node.signer.address();
    let transfer = json!([{"from": from, "to": NOBODY, "value": "0x1"}]);
    assert_eq!(node.call("eth_estimateGas", transfer).await, "0x5208");
    let call = |gas: u64| json!([{"from": from, "to": LOGGER_ADDRESS, "gas": format!("{gas:#x}")}]);
    let estimate =
        node.call("eth_estimateGas", json!([{"from": from, "to": LOGGER_ADDRESS}])).await;
    let estimate = u64::from_str_radix(&estimate.as_str().unwrap()[2..], 16).unwrap();
    node.call("eth_call", call(estimate)).await;
    node.fail("eth_call", call(estimate - estimate / 50)).await;
    let error = node.fail("eth_estimateGas", call(30_000)).await;
    assert_eq!(error.message, "gas required exceeds allowance (30000)");
    // Less than a transfer needs is as good as none.
    let small = node.call("eth_estimateGas", call(20_999)).await;
    assert_eq!(small, json!(format!("{estimate:#x}")));
    let poor = json!([{"from": NOBODY, "to": LOGGER_ADDRESS, "gasPrice": "0x3b9aca00"}]);
    let error = node.fail("eth_estimateGas", poor).await;
    assert_eq!(error.message, "insufficient funds for transfer");
    // The value is all that there is, and nothing is left for gas.
    let ether = json!({NOBODY.to_string(): {"balance": "0x64"}});
    let all = |price: Value| {
        let call = json!({"from": NOBODY, "to": from, "value": "0x64", "gasPrice": price});
        json!([call, "latest", ether])
    };
    assert_eq!(node.call("eth_estimateGas", all(Value::Null)).await, "0x5208");
    let error = node.fail("eth_estimateGas", all(json!("0x3b9aca00"))).await;
    assert_eq!(error.message, "insufficient funds for transfer");
    let unpayable = json!([{"from": from, "to": LOGGER_ADDRESS, "maxFeePerGas": "0x1"}]);
    let error = node.fail("eth_estimateGas", unpayable).await;
    let begin = "failed with 16777216 gas: max fee per gas less than block base fee: address";
    assert!(error.message.starts_with(begin), "{error:?}");
    let poorer = json!([{"from": NOBODY, "to": from, "value": "0x1", "gasPrice": "0x3b9aca00"}]);
    let error = node.fail("eth_estimateGas", poorer).await;
    assert_eq!(error.message, "insufficient funds for transfer");
    let creation = json!([{"from": from, "data": super::harness::creation(0).input}]);
    node.call("eth_estimateGas", creation).await;
    let data = format!("0x{}", "ff".repeat(1_000));
    let floor =
        node.call("eth_estimateGas", json!([{"from": from, "to": NOBODY, "data": data}])).await;
    let floor = u64::from_str_radix(&floor.as_str().unwrap()[2..], 16).unwrap();
    assert!((61_000..=61_915).contains(&floor), "{floor}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_runs_in_the_block_whose_state_it_reads() {
    let node = Node::start_development();
    node.call("evm_mine", json!([])).await;
    assert_eq!(node.call("eth_blockNumber", json!([])).await, "0x1");
    let with_code = |code: &str, block: &str| {
        let accounts = json!({NOBODY.to_string(): {"code": code}});
        json!([{"to": NOBODY}, block, accounts])
    };
    // Returns NUMBER.
    for (block, expected) in [("latest", 1), ("0x1", 1), ("0x0", 0), ("pending", 2)] {
        let params = with_code("0x4360005260206000f3", block);
        assert_eq!(node.call("eth_call", params).await, word(expected), "{block}");
    }
    // Reverts, but in block 2: what is estimated is to be sent.
    let params = with_code("0x43600214600a575f5ffd5b00", "latest");
    node.fail("eth_call", params.clone()).await;
    node.call("eth_estimateGas", params).await;
}

/// Where a block is open, a call at `latest` sees that one's number and its state.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_at_latest_runs_in_the_block_that_is_open() {
    let node = Node::start();
    let open = || node.sequencer().chain().open_context().map(|context| context.number);
    // Returns NUMBER.
    let accounts = json!({NOBODY.to_string(): {"code": "0x4360005260206000f3"}});
    for nonce in 0..20 {
        node.send(transfer(nonce)).await;
        let before = open();
        let answer = node.call("eth_call", json!([{"to": NOBODY}, "latest", accounts])).await;
        // Else it was sealed meanwhile.
        if let Some(number) = before.filter(|_| open() == before) {
            assert_eq!(answer, word(number));
            return;
        }
    }
    panic!("no block was open");
}

/// The base fee falls after an empty block, and calls at `latest` run in that one.
#[tokio::test(flavor = "multi_thread")]
async fn calls_at_latest_can_pay_the_suggested_price() {
    let node = Node::start_development();
    node.call("evm_mine", json!([])).await;
    let price = node.call("eth_gasPrice", json!([])).await;
    let block = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let number = |value: &Value| U256::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap();
    assert!(number(&price) >= number(&block["baseFeePerGas"]), "{price} {block}");
    let next = node.call("eth_baseFee", json!([])).await;
    assert!(number(&next) < number(&block["baseFeePerGas"]), "{next} {block}");
    let call = json!({"from": node.signer.address(), "to": LOGGER_ADDRESS, "gasPrice": price});
    node.call("eth_call", json!([call, "latest"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_of_state_and_block() {
    let node = Node::start();
    // Returns the word that SLOAD(0), NUMBER, SELFBALANCE or BLOCKHASH(5) gives.
    let code = |opcode: &str| json!(format!("0x{opcode}60005260206000f3"));
    let ones = json!(B256::repeat_byte(1));
    let cases = [
        (
            json!({"code": code("600054"), "stateDiff": {B256::ZERO.to_string(): word(9)}}),
            json!({}),
            word(9),
        ),
        (json!({"code": code("600054"), "state": {}}), json!({}), word(0)),
        (json!({"code": code("47"), "balance": "0x5"}), json!({}), word(5)),
        (json!({"code": code("43")}), json!({"number": "0x64"}), word(100)),
        (json!({"code": code("42")}), json!({"time": "0x7000000000"}), word(0x70_0000_0000)),
        // BASEFEE of a call that pays nothing is zero, also where it is overridden.
        (json!({"code": code("48"), "nonce": "0x7"}), json!({"baseFee": "0x7"}), word(0)),
        (json!({"code": code("48")}), json!({}), word(0)),
        (json!({"code": code("44")}), json!({"prevRandao": "0x5"}), word(5)),
        (json!({"code": code("44")}), json!({"prevRandao": B256::repeat_byte(1)}), ones),
    ];
    for (account, block, expected) in cases {
        let params = json!([{"to": NOBODY}, "latest", {NOBODY.to_string(): account}, block]);
        assert_eq!(node.call("eth_call", params.clone()).await, expected, "{params}");
    }
    for (block, name) in [
        (json!({"withdrawals": []}), "withdrawals"),
        (json!({"beaconRoot": B256::ZERO}), "beaconRoot"),
    ] {
        let words = format!("block override \"{name}\" is not supported for this RPC method");
        for method in ["eth_call", "eth_estimateGas"] {
            let error = node.fail(method, json!([{"to": NOBODY}, "latest", {}, block])).await;
            assert_eq!((error.code, &error.message), (-32_000, &words));
        }
        let options = json!({"blockOverrides": block});
        let error = node.fail("debug_traceCall", json!([{"to": NOBODY}, "latest", options])).await;
        assert_eq!((error.code, &error.message), (-32_000, &words));
    }
    let both =
        json!([{"to": NOBODY}, "latest", {NOBODY.to_string(): {"state": {}, "stateDiff": {}}}]);
    let error = node.fail("eth_call", both).await;
    let words =
        "account 0x9999999999999999999999999999999999999999 has both 'state' and 'stateDiff'";
    assert_eq!((error.code, error.message.as_str()), (-32_000, words));
    let paid = json!([
        {"from": node.signer.address(), "to": NOBODY, "gas": "0x5300", "gasPrice": "0x9"},
        "latest",
        {NOBODY.to_string(): {"code": code("48")}},
        {"baseFee": "0x7"},
    ]);
    assert_eq!(node.call("eth_call", paid).await, word(7));
    let rich = json!([
        {"from": NOBODY, "to": LOGGER_ADDRESS, "value": "0x1"},
        "latest",
        {NOBODY.to_string(): {"balance": "0x1"}},
    ]);
    assert_eq!(node.call("eth_call", rich).await, word(42));
    let gone =
        json!([{"to": LOGGER_ADDRESS}, "latest", {LOGGER_ADDRESS.to_string(): {"code": "0x"}}]);
    assert_eq!(node.call("eth_call", gone).await, "0x");
}

#[tokio::test(flavor = "multi_thread")]
async fn precompiles_are_moved_and_replaced() {
    let node = Node::start();
    let precompile = |number: u64| Address::left_padding_from(&number.to_be_bytes()).to_string();
    let (identity, sha) = (precompile(4), precompile(2));
    let call = |to: &str, overrides: Value| {
        let params = json!([{"to": to, "data": "0x0102"}, "latest", overrides]);
        let simulation = json!([{"blockStateCalls": [{
            "stateOverrides": overrides, "calls": [{"to": to, "data": "0x0102", "gas": "0xffff"}],
        }]}]);
        let node = &node;
        async move {
            let answer = node.call("eth_call", params).await;
            let simulated = node.call("eth_simulateV1", simulation).await;
            assert_eq!(simulated[0]["calls"][0]["returnData"], answer);
            answer
        }
    };
    let nobody = NOBODY.to_string();
    let moved = json!({identity.clone(): {"movePrecompileToAddress": nobody}});
    assert_eq!(call(&identity, json!({})).await, "0x0102");
    assert_eq!(call(&nobody, moved.clone()).await, "0x0102");
    assert_eq!(call(&identity, moved).await, "0x");
    // Its code runs instead.
    let replaced = json!({identity.clone(): {"code": "0x602a60005260206000f3"}});
    assert_eq!(call(&identity, replaced).await, word(42));
    // The last one is there.
    let both = json!({
        identity.clone(): {"movePrecompileToAddress": nobody},
        sha.clone(): {"movePrecompileToAddress": nobody},
    });
    assert_eq!(call(&nobody, both.clone()).await, "0x0102");
    assert_eq!(call(&sha, both).await, "0x");
    let cases = [
        (json!({identity.clone(): {"movePrecompileToAddress": identity}}), -38_022),
        (json!({nobody.clone(): {"movePrecompileToAddress": identity}}), -32_000),
        (json!({identity.clone(): {"movePrecompileToAddress": sha}, sha.clone(): {}}), -32_000),
    ];
    for (overrides, code) in cases {
        let params = json!([{"blockStateCalls": [{"stateOverrides": overrides}]}]);
        assert_eq!(node.fail("eth_simulateV1", params).await.code, code, "{overrides}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn access_lists_name_what_is_touched() {
    let node = Node::start();
    let call = json!({"from": node.signer.address(), "to": LOGGER_ADDRESS});
    let answer = node.call("eth_createAccessList", json!([call])).await;
    let expected = json!([{"address": LOGGER_ADDRESS, "storageKeys": [B256::ZERO]}]);
    assert_eq!(answer["accessList"], expected);
    assert_eq!(answer.get("error"), None);
    let with_list =
        json!([{"from": node.signer.address(), "to": LOGGER_ADDRESS, "accessList": expected}]);
    let again = node.call("eth_createAccessList", with_list).await;
    assert_eq!(again, answer, "a list is its own list");
    // Reads the balance of LOGGER, and fails.
    let code = format!("0x73{}31fe", &LOGGER_ADDRESS.to_string()[2..]);
    let overrides = json!({NOBODY.to_string(): {"code": code}});
    let from = node.signer.address();
    let fails = json!([{"from": from, "to": NOBODY, "gas": "0xffff"}, "latest", overrides]);
    let answer = node.call("eth_createAccessList", fails).await;
    assert_eq!(answer["accessList"], json!([{"address": LOGGER_ADDRESS, "storageKeys": []}]));
    assert_eq!(answer["error"], "invalid opcode: INVALID");
    let reverts = json!([{"from": from, "to": REVERTER_ADDRESS}]);
    let answer = node.call("eth_createAccessList", reverts).await;
    assert_eq!(answer["error"], "execution reverted");
}

/// Access lists are those of transactions, which pay: where no fees are named they are those that a
/// transaction would have.
#[tokio::test(flavor = "multi_thread")]
async fn access_lists_are_found_at_a_transactions_fees() {
    let node = Node::start();
    let block = node.call("eth_getBlockByNumber", json!(["latest", false])).await;
    let base_fee =
        U256::from_str_radix(&block["baseFeePerGas"].as_str().unwrap()[2..], 16).unwrap();
    let tip = U256::from(RpcConfig::default().tip_suggested_wei);
    let poor = json!([{"from": NOBODY, "to": LOGGER_ADDRESS, "value": "0x1", "gas": "0xffff"}]);
    let error = node.fail("eth_createAccessList", poor).await;
    assert!(error.message.starts_with("failed to apply transaction: 0x"), "{error:?}");
    let cost = (base_fee * U256::from(2) + tip) * U256::from(0xffff) + U256::from(1);
    let end = format!(
        " err: insufficient funds for gas * price + value: address \
         0x9999999999999999999999999999999999999999 have 0 want {cost}"
    );
    assert!(error.message.ends_with(&end), "{error:?}");
    // Returns GASPRICE where it is as said, and fails elsewhere.
    let from = node.signer.address();
    let priced = |fields: Value| {
        let mut call = json!({"from": from, "to": NOBODY, "gas": "0xffff"});
        call.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let code = format!("0x3a7f{:064x}14602757fe5b00", base_fee + tip);
        json!([call, "latest", {NOBODY.to_string(): {"code": code}}])
    };
    let answer = node.call("eth_createAccessList", priced(json!({}))).await;
    assert_eq!(answer.get("error"), None, "{answer}");
    let other = json!({"gasPrice": "0x77359400"});
    let answer = node.call("eth_createAccessList", priced(other)).await;
    assert_eq!(answer["error"], "invalid opcode: INVALID");
    for (fields, words) in [
        (json!({"gasPrice": "0x0"}), "gasPrice must be non-zero after london fork"),
        (
            json!({"gasPrice": "0x1", "maxFeePerGas": "0x1"}),
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
        ),
        (
            json!({"gasPrice": "0x1", "authorizationList": []}),
            "both gasPrice and authorizationList specified",
        ),
        (
            json!({"maxFeePerGas": "0x0", "maxPriorityFeePerGas": "0x0"}),
            "maxFeePerGas must be non-zero",
        ),
        (json!({"maxFeePerGas": "0x1"}), "maxFeePerGas (0x1) < maxPriorityFeePerGas (0xf4240)"),
    ] {
        let error = node.fail("eth_createAccessList", priced(fields)).await;
        assert_eq!((error.code, error.message.as_str()), (-32_000, words));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heavy_calls_are_bounded() {
    let config = RpcConfig { calls_running_max: 0, calls_waiting_max: 0, ..RpcConfig::default() };
    let node = Node::start_with(config);
    let error = node.fail("eth_call", json!([{"to": NOBODY}])).await;
    assert_eq!(error.code, -32_005);
    let config = RpcConfig { calls_running_max: 0, call_timeout_ms: 20, ..RpcConfig::default() };
    let node = Node::start_with(config);
    let error = node.fail("eth_call", json!([{"to": NOBODY}])).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32_000, "execution aborted (timeout = 20ms)")
    );
    let simulation = json!([{"blockStateCalls": [{"calls": [{"to": NOBODY}]}]}]);
    let error = node.fail("eth_simulateV1", simulation).await;
    assert_eq!(
        (error.code, error.message.as_str()),
        (-32_016, "execution aborted (timeout = 20ms)")
    );
    // Quick ones go on.
    node.call("eth_getBalance", json!([NOBODY, "latest"])).await;
}

/// The search for an estimate runs the call again and again; it ends when nobody waits any more.
#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_ends_with_its_time() {
    let node = Node::start();
    let api = Api::new(RpcConfig::default(), node.sequencer().clone(), None);
    let request = || TransactionRequest::default().to(LOGGER_ADDRESS);
    let call = || PreparedCall::at(&api, request(), BlockParameter::Latest).unwrap();
    let deadline = Deadline::new(&api.config);
    assert!(estimate(call(), deadline).unwrap() > 43_000);
    let over = deadline.at_most(Duration::ZERO);
    let error = estimate(call(), over).unwrap_err();
    assert!(matches!(error, ApiError::Timeout { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_asked_stalls_the_chain() {
    let node = Node::start();
    // Loops until its gas is gone, in calls, estimates, traces and simulations at once.
    let endless = json!({NOBODY.to_string(): {"code": "0x5b600056"}});
    let call = json!({"to": NOBODY, "gas": "0x2faf080"});
    let simulation = json!({"blockStateCalls": [{"stateOverrides": endless, "calls": [call]}]});
    let requests = [
        ("eth_call", json!([call, "latest", endless])),
        ("eth_estimateGas", json!([call, "latest", endless])),
        ("debug_traceCall", json!([call, "latest", {"stateOverrides": endless}])),
        ("eth_simulateV1", json!([simulation])),
    ];
    let heavy = async {
        let asked = requests.iter().cycle().take(64);
        let answers = asked.map(|(method, params)| node.try_call(method, params.clone()));
        futures::future::join_all(answers).await
    };
    let chain = async {
        let mut longest = Duration::ZERO;
        for nonce in 0..20 {
            let started = Instant::now();
            let receipt = node.send(transfer(nonce)).await;
            assert_eq!(receipt["status"], "0x1");
            longest = longest.max(started.elapsed());
        }
        longest
    };
    let (answers, longest) = tokio::join!(heavy, chain);
    assert_eq!(answers.len(), 64);
    assert!(longest < Duration::from_secs(2), "a receipt took {longest:?}");
}
