use alloy_primitives::address;
use serde_json::{Value, json};

use super::*;
use crate::read::FromJson;

fn read(request: Value) -> Answer<CallRequest> {
    let request = serde_json::value::to_raw_value(&request).unwrap();
    let request = TransactionRequest::from_json(&request);
    call_request(request.unwrap(), 1_337, 50_000_000).map(|described| described.request)
}

#[test]
fn fields_that_are_left_out() {
    let call = read(json!({})).unwrap();
    assert_eq!(call.kind, TxKind::Create);
    assert_eq!(call.gas_limit, 50_000_000);
    assert_eq!((call.gas_price, call.gas_priority_fee), (0, None));
    let to = address!("00000000000000000000000000000000000000aa");
    let call = read(json!({"to": to, "gas": "0xffffffffff", "input": "0x01"})).unwrap();
    assert_eq!((call.kind, call.gas_limit), (TxKind::Call(to), 50_000_000));
    assert_eq!(read(json!({"gas": "0x0"})).unwrap().gas_limit, 0);
    assert_eq!(read(json!({"gas": "0x7"})).unwrap().gas_limit, 7);
}

#[test]
fn fees_as_geth_reads_them() {
    let cases = [
        (json!({"gasPrice": "0x5"}), (5, None)),
        (json!({"maxFeePerGas": "0x5"}), (5, Some(0))),
        (json!({"maxFeePerGas": "0x5", "maxPriorityFeePerGas": "0x2"}), (5, Some(2))),
        (json!({}), (0, None)),
        (json!({"maxPriorityFeePerGas": "0x2"}), (0, Some(2))),
        (json!({"maxFeePerGas": "0x0", "maxPriorityFeePerGas": "0x0"}), (0, Some(0))),
    ];
    for (request, expected) in cases {
        let call = read(request.clone()).unwrap();
        assert_eq!((call.gas_price, call.gas_priority_fee), expected, "{request}");
    }
}

#[test]
fn requests_that_contradict_themselves() {
    let cases = [
        json!({"chainId": "0x1"}),
        json!({"gasPrice": "0x1", "maxPriorityFeePerGas": "0x1"}),
        json!({"maxFeePerBlobGas": "0x1", "blobVersionedHashes": []}),
    ];
    for request in cases {
        read(request).unwrap_err();
    }
    read(json!({"chainId": "0x539"})).unwrap();
    read(json!({"maxFeePerBlobGas": "0x1"})).unwrap();
}

/// As geth: only where a transaction is made of them, two that differ are refused.
#[test]
fn input_comes_before_data() {
    for (data, input, expected) in [
        (Some("0x01"), Some("0x02"), [2_u8].as_slice()),
        (Some("0x01"), None, &[1]),
        (None, Some("0x02"), &[2]),
        (Some("0x01"), Some("0x"), &[]),
        (None, None, &[]),
    ] {
        let call = read(json!({"data": data, "input": input})).unwrap();
        assert_eq!(call.input[..], *expected);
    }
}
