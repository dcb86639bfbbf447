//! Errors as a client reads them from the socket: codes and words are geth's, because tools match
//! on them.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip7702};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, uint};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::constants::TRANSACTION_GAS_LIMIT_MAX;
use minster_primitives::{Encodable2718, Envelope};
use serde_json::{Value, json};

use super::{
    harness::{CHAIN_ID, GWEI, NOBODY, Node, REVERTER, REVERTER_ADDRESS, creation, transfer},
    schema::required_parameters,
    transport::{ask_text, post, serve, web_socket},
};
use crate::{RpcConfig, RpcHandle};

/// Order of secp256k1.
const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

/// The wallet, as messages name it.
const WALLET: &str = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";

async fn start(node: &Node) -> RpcHandle {
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    serve(node, RpcConfig { listen, ..RpcConfig::default() }).await
}

/// The whole answer to a body.
async fn answer(server: &RpcHandle, body: &str) -> Value {
    serde_json::from_str(&post(server, "", body).await.1).unwrap()
}

async fn ask(server: &RpcHandle, method: &str, params: Value) -> Value {
    let request = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let answer = answer(server, &request.to_string()).await;
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{method}");
    answer
}

/// Panics where an answer is not this error.
#[track_caller]
fn check(answer: &Value, code: i64, message: &str) {
    let error = &answer["error"];
    assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(message)), "{answer}");
}

fn high_s(node: &Node, tx: TxEip1559) -> Bytes {
    let low = node.signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    let high = Signature::new(low.r(), ORDER - low.s(), !low.v());
    Envelope::Eip1559(tx.into_signed(high)).encoded_2718().into()
}

fn without_authorizations(node: &Node) -> Bytes {
    let tx = TxEip7702 {
        chain_id: CHAIN_ID,
        nonce: 1,
        gas_limit: 100_000,
        max_fee_per_gas: 10 * GWEI,
        max_priority_fee_per_gas: GWEI,
        to: NOBODY,
        ..Default::default()
    };
    let signature = node.signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip7702(tx.into_signed(signature)).encoded_2718().into()
}

fn of_a_poor_sender() -> Bytes {
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x02)).unwrap();
    let tx = transfer(0);
    let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_are_refused() {
    let node = Node::start();
    let server = start(&node).await;
    node.send(transfer(0)).await;
    node.call("eth_sendRawTransaction", json!([node.sign(transfer(5))])).await;
    let data = |size: usize| Bytes::from(vec![0xff; size]);
    let large = TxEip1559 { gas_limit: 16_000_000, input: data(131_072), ..transfer(1) };
    let large = node.sign(large);
    let oversized = format!("oversized data: transaction size {}, limit 131072", large.len());
    let too_cheap = format!(
        "max fee per gas less than block base fee: address {WALLET}, maxFeePerGas: 1, \
         baseFee: 1000000000"
    );
    let cost = 21_000 * 10 * GWEI + 1;
    let unpaid = format!(
        "insufficient funds for gas * price + value: balance 0, tx cost {cost}, overshot {cost}"
    );
    let cases: Vec<(Bytes, &str)> = vec![
        (node.sign(transfer(5)), "already known"),
        (
            node.sign(TxEip1559 { value: U256::from(2), ..transfer(0) }),
            "nonce too low: next nonce 1, tx nonce 0",
        ),
        (
            node.sign(TxEip1559 { value: U256::from(2), ..transfer(5) }),
            "replacement transaction underpriced",
        ),
        (of_a_poor_sender(), &unpaid),
        (
            node.sign(TxEip1559 { gas_limit: 20_000, ..transfer(1) }),
            "intrinsic gas too low: gas 20000, minimum needed 21000",
        ),
        (
            node.sign(TxEip1559 { gas_limit: 23_000, input: data(100), ..transfer(1) }),
            "insufficient gas for floor data gas cost: gas 23000, minimum needed 25000",
        ),
        (
            node.sign(TxEip1559 { gas_limit: TRANSACTION_GAS_LIMIT_MAX + 1, ..transfer(1) }),
            "transaction gas limit too high (cap: 16777216, tx: 16777217)",
        ),
        (
            node.sign(TxEip1559 { max_fee_per_gas: 1, max_priority_fee_per_gas: 1, ..transfer(1) }),
            &too_cheap,
        ),
        (
            node.sign(TxEip1559 { max_priority_fee_per_gas: 11 * GWEI, ..transfer(1) }),
            "max priority fee per gas higher than max fee per gas",
        ),
        (high_s(&node, transfer(1)), "invalid sender: invalid transaction v, r, s values"),
        (
            node.sign(TxEip1559 { chain_id: 1, ..transfer(1) }),
            "invalid sender: invalid chain id for signer: have 1 want 1337",
        ),
        (large, &oversized),
        (
            node.sign(TxEip1559 { to: TxKind::Create, input: data(49_153), ..creation(1) }),
            "max initcode size exceeded: code size 49153 limit 49152",
        ),
        (without_authorizations(&node), "set code tx must have at least one authorization tuple"),
        (node.sign(transfer(u64::MAX)), "nonce has max value"),
    ];
    for (raw, message) in cases {
        check(&ask(&server, "eth_sendRawTransaction", json!([raw])).await, -32_000, message);
        check(&ask(&server, "eth_sendRawTransactionSync", json!([raw])).await, -32_000, message);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_transaction() {
    let node = Node::start();
    let server = start(&node).await;
    let trailing = [node.sign(transfer(0)).to_vec(), vec![0]].concat();
    let cases: [(Bytes, &str); 6] = [
        (trailing.into(), "rlp: input contains more than one value"),
        (Bytes::from_static(&[0x03, 0xc0]), "transaction type not supported"),
        (Bytes::from_static(&[0x05, 0xc0]), "transaction type not supported"),
        (Bytes::from_static(&[0x7e, 0xc0]), "transaction type not supported"),
        (Bytes::new(), "typed transaction too short"),
        (Bytes::from_static(&[0x02]), "typed transaction too short"),
    ];
    for (raw, message) in cases {
        check(&ask(&server, "eth_sendRawTransaction", json!([raw])).await, -32_000, message);
        check(&ask(&server, "eth_sendRawTransactionSync", json!([raw])).await, -32_000, message);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_fail() {
    let node = Node::start();
    let server = start(&node).await;
    let reverter = json!([{"to": REVERTER_ADDRESS}]);
    for method in ["eth_call", "eth_estimateGas"] {
        let answer = ask(&server, method, reverter.clone()).await;
        check(&answer, 3, "execution reverted: no");
        let data = json!(Bytes::copy_from_slice(&REVERTER[11..]));
        assert_eq!(answer["error"]["data"], data);
    }
    // A custom error has no words of its own.
    let custom = json!({NOBODY.to_string(): {"code": "0x63123456786000526004601cfd"}});
    let answer = ask(&server, "eth_call", json!([{"to": NOBODY}, "latest", custom])).await;
    check(&answer, 3, "execution reverted");
    assert_eq!(answer["error"]["data"], "0x12345678");
    let overflow = format!("0x{}", "5f".repeat(1_025));
    // A call of a precompile comes before what fails.
    let after_call = "0x5f5f5f5f5f600463fffffffff15050";
    let wide = format!("0x7f{}51", "ff".repeat(32));
    let halts = [
        ("0xfe", "invalid opcode: INVALID"),
        ("0x600156", "invalid jump destination"),
        ("0x5f0c", "invalid opcode: opcode 0xc not defined"),
        ("0x5f01", "stack underflow (1 <=> 2)"),
        ("0x5f91", "stack underflow (1 <=> 3)"),
        (&overflow, "stack limit reached 1024 (1023)"),
        (after_call, "stack underflow (0 <=> 1)"),
        (&wide, "gas uint64 overflow"),
        ("0x6160015ff3", "max code size exceeded: code size 24577 limit 24576"),
    ];
    for (data, message) in halts {
        for method in ["eth_call", "eth_estimateGas"] {
            check(&ask(&server, method, json!([{"data": data}])).await, -32_000, message);
        }
    }
    // More gas would not do, and for geth it might.
    let unpriced = json!([{"data": "0x6501000000000051"}]);
    let answer = ask(&server, "eth_call", unpriced.clone()).await;
    check(&answer, -32_000, "out of gas: gas uint64 overflow");
    let answer = ask(&server, "eth_estimateGas", unpriced).await;
    check(&answer, -32_000, "gas required exceeds allowance (16777216)");
    // What it returns is not paid for.
    let unstored = json!([{"data": "0x60c85ff3", "gas": "0x11170"}]);
    for method in ["eth_call", "eth_estimateGas"] {
        let answer = ask(&server, method, unstored.clone()).await;
        check(&answer, -32_000, "contract creation code storage out of gas");
    }
    let call = json!({"from": NOBODY, "to": NOBODY, "value": "0x1", "gas": "0x5208"});
    let unpaid =
        format!("insufficient funds for gas * price + value: address {NOBODY} have 0 want 1");
    let framed = [
        ("eth_call", format!("err: {unpaid} (supplied gas 21000)")),
        ("eth_estimateGas", format!("failed with 21000 gas: {unpaid}")),
        ("debug_traceCall", format!("tracing failed: {unpaid}")),
    ];
    for (method, message) in framed {
        check(&ask(&server, method, json!([call, "latest"])).await, -32_000, &message);
    }
    server.stop().await;
}

/// EIP-7702: a list that is there has something in it.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_authorize_nothing() {
    let node = Node::start();
    let server = start(&node).await;
    let call = json!({"from": WALLET, "to": NOBODY, "gas": "0x5208", "authorizationList": []});
    let words = format!("EIP-7702 transaction with empty auth list (sender {WALLET})");
    for (method, frame) in [
        ("eth_call", format!("err: {words} (supplied gas 21000)")),
        ("eth_estimateGas", format!("failed with 21000 gas: {words}")),
        ("debug_traceCall", format!("tracing failed: {words}")),
    ] {
        check(&ask(&server, method, json!([call, "latest"])).await, -32_000, &frame);
    }
    let answer = ask(&server, "eth_createAccessList", json!([call])).await;
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("failed to apply transaction: 0x"), "{message}");
    assert!(message.ends_with(&format!(" err: {words}")), "{message}");
    let payload = json!([{"blockStateCalls": [{"calls": [call]}]}]);
    let simulated = ask(&server, "eth_simulateV1", payload).await;
    check(&simulated, -32_603, &format!("err: {words} (supplied gas 21000)"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_are_not_there() {
    let node = Node::start();
    let server = start(&node).await;
    let (far, unknown) = ("0xffffff", B256::repeat_byte(0x99));
    for (method, params) in [
        ("eth_getBlockByNumber", json!([far, false])),
        ("eth_getBlockByHash", json!([unknown, false])),
        ("eth_getBlockReceipts", json!([far])),
        ("eth_getTransactionByHash", json!([unknown])),
        ("eth_getTransactionReceipt", json!([unknown])),
        ("eth_getTransactionByBlockNumberAndIndex", json!([far, "0x0"])),
    ] {
        let answer = ask(&server, method, params).await;
        assert!(answer["result"].is_null() && answer.get("error").is_none(), "{method} {answer}");
    }
    let logs = |from: &str, to: &str| json!([{"fromBlock": from, "toBlock": to}]);
    for (method, params, code, message) in [
        ("eth_getBalance", json!([NOBODY, far]), -32_000, "header not found"),
        ("eth_getBalance", json!([NOBODY, unknown]), -32_000, "header for hash not found"),
        ("eth_getCode", json!([NOBODY, {"blockNumber": far}]), -32_000, "header not found"),
        ("eth_getStorageAt", json!([NOBODY, "0x0", far]), -32_000, "header not found"),
        ("eth_call", json!([{"to": NOBODY}, far]), -32_000, "header not found"),
        ("eth_estimateGas", json!([{"to": NOBODY}, far]), -32_000, "header not found"),
        ("eth_getLogs", logs("0x2", "0x1"), -32_602, "invalid block range params"),
        ("eth_getLogs", logs("0x0", far), -32_602, "block range extends beyond current head block"),
        ("eth_getLogs", json!([{"blockHash": unknown}]), -32_000, "unknown block"),
        (
            "eth_feeHistory",
            json!(["0x1", far, []]),
            -32_000,
            "request beyond head block: requested 16777215, head 0",
        ),
        ("debug_traceBlockByNumber", json!([far]), -32_000, "block #16777215 not found"),
        ("debug_traceCall", json!([{"to": NOBODY}, far]), -32_000, "block #16777215 not found"),
        ("debug_traceTransaction", json!([unknown]), -32_000, "transaction not found"),
    ] {
        check(&ask(&server, method, params).await, code, message);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_wrong() {
    let node = Node::start();
    let server = start(&node).await;
    for (method, params, message) in [
        ("eth_getBalance", json!([]), "missing value for required argument 0"),
        ("eth_getBalance", Value::Null, "missing value for required argument 0"),
        ("eth_getStorageAt", json!([NOBODY]), "missing value for required argument 1"),
        ("eth_call", json!([]), "missing value for required argument 0"),
        ("eth_chainId", json!([1]), "too many arguments, want at most 0"),
        ("eth_getBalance", json!([NOBODY, "latest", 1]), "too many arguments, want at most 2"),
        ("eth_getBalance", json!({"address": NOBODY}), "non-array args"),
        (
            "eth_getBalance",
            json!([NOBODY, "0x10000000000000000"]),
            "invalid argument 1: hex number > 64 bits",
        ),
        (
            "eth_sendRawTransaction",
            json!(["0x123"]),
            "invalid argument 0: json: cannot unmarshal hex string of odd length into Go value of \
             type hexutil.Bytes",
        ),
        (
            "eth_sendRawTransactionSync",
            json!(["12"]),
            "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go value \
             of type hexutil.Bytes",
        ),
        (
            "eth_getBlockByNumber",
            json!(["0x01", false]),
            "invalid argument 0: hex number with leading zero digits",
        ),
        (
            "eth_getBlockByNumber",
            json!(["1", false]),
            "invalid argument 0: hex string without 0x prefix",
        ),
    ] {
        check(&ask(&server, method, params).await, -32_602, message);
    }
    server.stop().await;
}

/// What is wrong with an argument as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn arguments_of_another_type() {
    let node = Node::start();
    let server = start(&node).await;
    let bare = NOBODY.to_string()[2..].to_owned();
    let no_prefix = "hex string without 0x prefix";
    for (method, params, index, found, wanted) in [
        ("eth_getBalance", json!([5]), 0, "non-string", "value of type common.Address"),
        ("eth_getBalance", json!([bare]), 0, no_prefix, "value of type common.Address"),
        ("eth_getBalance", json!([NOBODY, true]), 1, "bool", "value of type string"),
        ("eth_getBlockByHash", json!([[1], true]), 0, "non-string", "value of type common.Hash"),
        ("eth_getBlockByNumber", json!(["latest", "yes"]), 1, "string", "value of type bool"),
        ("eth_getStorageAt", json!([NOBODY, 0]), 1, "number", "value of type string"),
        ("eth_getFilterChanges", json!([1]), 0, "number", "value of type rpc.ID"),
        ("web3_sha3", json!(["12"]), 0, no_prefix, "value of type hexutil.Bytes"),
        ("eth_call", json!(["latest"]), 0, "string", "value of type ethapi.TransactionArgs"),
    ] {
        let message =
            format!("invalid argument {index}: json: cannot unmarshal {found} into Go {wanted}");
        check(&ask(&server, method, params).await, -32_602, &message);
    }
    for (method, params, message) in [
        (
            "eth_getBalance",
            json!(["0x12"]),
            "invalid argument 0: hex string has length 2, want 40 for common.Address",
        ),
        (
            "eth_getBlockByHash",
            json!(["0x12", true]),
            "invalid argument 0: hex string has length 2, want 64 for common.Hash",
        ),
        (
            "eth_getLogs",
            json!([{"address": "0x1"}]),
            "invalid argument 0: invalid address: hex string of odd length",
        ),
        (
            "eth_getLogs",
            json!([{"toBlock": "LATEST"}]),
            "invalid argument 0: hex string without 0x prefix",
        ),
        ("eth_getStorageAt", json!([NOBODY, "0x1_0"]), "invalid hex in storage key: \"0x1_0\""),
    ] {
        check(&ask(&server, method, params).await, -32_602, message);
    }
    server.stop().await;
}

/// What is wrong within an argument, and where.
#[tokio::test(flavor = "multi_thread")]
async fn members_of_another_type() {
    let node = Node::start();
    let server = start(&node).await;
    let no_prefix = "hex string without 0x prefix";
    for (method, params, index, found, wanted) in [
        (
            "eth_call",
            json!([{"to": NOBODY, "value": "100"}]),
            0,
            no_prefix,
            "struct field TransactionArgs.value of type *hexutil.Big",
        ),
        (
            "eth_estimateGas",
            json!([{"gas": "0x05"}]),
            0,
            "hex number with leading zero digits",
            "struct field TransactionArgs.gas of type hexutil.Uint64",
        ),
        (
            "eth_call",
            json!([{}, "latest", {NOBODY.to_string(): {"balance": 1}}]),
            2,
            "non-string",
            "struct field OverrideAccount.balance of type *hexutil.Big",
        ),
        (
            "eth_call",
            json!([{}, "latest", {}, {"baseFeePerGas": "7"}]),
            3,
            no_prefix,
            "struct field BlockOverrides.BaseFeePerGas of type *hexutil.Big",
        ),
        (
            "eth_simulateV1",
            json!([{"blockStateCalls": [{"calls": [{"value": "1"}]}]}]),
            0,
            no_prefix,
            "struct field TransactionArgs.BlockStateCalls.Calls.value of type *hexutil.Big",
        ),
        (
            "debug_traceCall",
            json!([{}, "latest", {"stateOverrides": {NOBODY.to_string(): {"nonce": "1"}}}]),
            2,
            no_prefix,
            "struct field OverrideAccount.StateOverrides.nonce of type hexutil.Uint64",
        ),
    ] {
        let message =
            format!("invalid argument {index}: json: cannot unmarshal {found} into Go {wanted}");
        check(&ask(&server, method, params).await, -32_602, &message);
    }
    server.stop().await;
}

/// There are no uncles, and still the arguments are read.
#[tokio::test(flavor = "multi_thread")]
async fn uncles_are_asked_for_with_arguments() {
    let node = Node::start();
    for (method, block) in [
        ("eth_getUncleByBlockNumberAndIndex", json!("0x0")),
        ("eth_getUncleByBlockHashAndIndex", json!(B256::ZERO)),
    ] {
        assert_eq!(node.call(method, json!([block, "0x0"])).await, Value::Null);
        let (missing, invalid) = ("missing value for required argument", "invalid argument");
        for (params, words) in [
            (json!([]), format!("{missing} 0")),
            (json!([block]), format!("{missing} 1")),
            (json!(["0x1g", "0x0"]), format!("{invalid} 0")),
            (json!([block, "0x00"]), format!("{invalid} 1")),
        ] {
            let error = node.fail(method, params.clone()).await;
            assert_eq!(error.code, -32_602, "{method} {params}");
            assert!(error.message.starts_with(&words), "{method} {params}: {error:?}");
        }
    }
}

/// Every method names the first of its required parameters that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_missing() {
    let node = Node::start_development();
    let table: BTreeSet<&str> = node.module.method_names().collect();
    for (method, example) in required_parameters() {
        for count in (0..example.len()).filter(|_| table.contains(method)) {
            let error = node.fail(method, json!(example[..count])).await;
            let expected = (-32_602, format!("missing value for required argument {count}"));
            assert_eq!((error.code, error.message), expected, "{method}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_none() {
    let node = Node::start();
    let server = start(&node).await;
    let unknown = ask(&server, "eth_nonsense", json!([])).await;
    check(&unknown, -32_601, "the method eth_nonsense does not exist/is not available");
    // An id is repeated in the answer, for which there is always room.
    let long_id = json!({"jsonrpc": "2.0", "id": "a".repeat(1_025), "method": "eth_chainId"});
    let long_id = long_id.to_string();
    for (body, code, words) in [
        ("{", -32_700, "parse error"),
        ("nonsense", -32_700, "parse error"),
        ("\u{c}", -32_700, "parse error"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId""#, -32_700, "parse error"),
        ("[1,", -32_700, "parse error"),
        ("1", -32_600, "invalid request"),
        ("null", -32_600, "invalid request"),
        (r#""text""#, -32_600, "invalid request"),
        (r#"{"jsonrpc":"2.0","id":1,"method":""}"#, -32_600, "invalid request"),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32_600, "invalid request"),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32_600, "invalid request"),
        (r#"{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}"#, -32_600, "invalid request"),
        (&long_id, -32_600, "invalid request"),
        ("[]", -32_600, "empty batch"),
    ] {
        check(&answer(&server, body).await, code, words);
    }
    let entry = |id: u64| json!({"jsonrpc": "2.0", "id": id, "method": "net_version"});
    let notification = json!({"jsonrpc": "2.0", "method": "net_version"});
    let batch = json!([entry(1), 5, notification, entry(2), {"jsonrpc": "2.0", "id": 3}]);
    let answers = answer(&server, &batch.to_string()).await;
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 4, "a notification has no answer: {answers:?}");
    let codes: Vec<_> = answers.iter().map(|answer| answer["error"]["code"].as_i64()).collect();
    assert_eq!(codes, [None, Some(-32_600), None, Some(-32_600)], "{answers:?}");
    for body in [
        String::new(),
        " \n".to_owned(),
        notification.to_string(),
        json!([notification]).to_string(),
    ] {
        assert_eq!(post(&server, "", &body).await.1, "", "{body}");
    }
    server.stop().await;
}

/// One value is taken from a body, and what stands after it is not looked at.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_after_a_request_is_not_read() {
    let node = Node::start();
    let server = start(&node).await;
    let call = |id: u64| json!({"jsonrpc": "2.0", "id": id, "method": "eth_chainId"}).to_string();
    let (raw, margin) = (node.sign(transfer(0)), " ".repeat(1_000));
    let send = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw],
    });
    for tail in ["x", " x", "{", "]", " null", "\0", &call(2)] {
        let single = answer(&server, &format!("{margin}{}{tail}", call(1))).await;
        assert_eq!((&single["id"], &single["result"]), (&json!(1), &json!("0x539")), "{tail}");
        let batch = answer(&server, &format!("{margin}[{}, {}]{tail}", call(3), call(4))).await;
        let ids: Vec<_> = batch.as_array().unwrap().iter().map(|it| it["id"].as_u64()).collect();
        assert_eq!(ids, [Some(3), Some(4)], "{tail}");
        for nonsense in ["1", "null", r#""text""#, "{}"] {
            let refused = answer(&server, &format!("{nonsense}{tail}")).await;
            check(&refused, -32_600, "invalid request");
        }
    }
    // The short way, which such a request does not go, takes it no other way.
    let sent = answer(&server, &format!("{send}{send}")).await;
    assert_eq!(sent["result"], json!(alloy_primitives::keccak256(&raw)));
    let mut stream = web_socket(&server).await;
    for tail in ["x", "{", &call(2)] {
        let answer = ask_text(&mut stream, &format!("{}{tail}", call(1))).await;
        assert_eq!((&answer["id"], &answer["result"]), (&json!(1), &json!("0x539")), "{tail}");
    }
    // Nor is it answered later.
    assert_eq!(ask_text(&mut stream, &call(9)).await["id"], 9);
    check(&ask_text(&mut stream, " ").await, -32_700, "parse error");
    check(&ask_text(&mut stream, "{").await, -32_700, "parse error");
    assert_eq!(ask_text(&mut stream, &call(10)).await["id"], 10, "it stays open");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_come_back_as_they_were_written() {
    let node = Node::start();
    let server = start(&node).await;
    for id in ["-7", "1.50", "1e3", "18446744073709551616", "true", "null", "\"\\u0000-7\""] {
        let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"eth_chainId"}}"#);
        let answered = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"0x539"}}"#);
        let nonsense = format!(r#"{{"jsonrpc":"2.0","id":{id}}}"#);
        let invalid = r#""error":{"code":-32600,"message":"invalid request"}}"#;
        let refused = format!(r#"{{"jsonrpc":"2.0","id":{id},{invalid}"#);
        assert_eq!(post(&server, "", &call).await.1, answered);
        assert_eq!(post(&server, "", &nonsense).await.1, refused);
        let batch = post(&server, "", &format!("[{call},{nonsense}]")).await.1;
        assert_eq!(batch, format!("[{answered},{refused}]"));
    }
    server.stop().await;
}

/// The address that messages name is the wallet's.
#[test]
fn the_wallet_is_the_one_that_is_named() {
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x01)).unwrap();
    assert_eq!(signer.address(), WALLET.parse::<Address>().unwrap());
}
