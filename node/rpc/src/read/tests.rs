use alloy_eips::eip7702::SignedAuthorization;
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{TransactionRequest, state::StateOverride};
use serde_json::{Value, json};

use super::*;

/// Reads a value, or says what is wrong with it.
fn read<T: for<'a> FromJson<'a>>(value: &Value) -> Result<T, String> {
    let json = serde_json::value::to_raw_value(value).unwrap();
    T::from_json(&json).map_err(|error| error.to_string())
}

#[track_caller]
fn refused<T: for<'a> FromJson<'a> + fmt::Debug>(value: &Value, found: &str, place: &str) {
    let words = format!("json: cannot unmarshal {found} into Go {place}");
    assert_eq!(read::<T>(value).unwrap_err(), words, "{value}");
}

#[test]
fn requests_say_what_their_fields_say() {
    let address = Address::repeat_byte(0x11);
    let request: TransactionRequest = read(&json!({
        "from": address, "to": null, "gas": "0x5208", "gasPrice": "0x1", "maxFeePerGas": "0x2",
        "maxPriorityFeePerGas": "0x3", "value": "0x4", "nonce": "0x5", "chainId": "0x539",
        "data": "0x01", "input": "0x", "type": "0x02", "whatever": 1,
        "accessList": [{"address": address, "storageKeys": [B256::ZERO]}],
        "authorizationList": [{
            "chainId": "0x1", "address": address, "nonce": "0x0", "yParity": "0x1", "r": "0x2",
            "s": "0x3",
        }],
    }))
    .unwrap();
    assert_eq!((request.from, request.to, request.gas), (Some(address), None, Some(21_000)));
    assert_eq!((request.gas_price, request.max_fee_per_gas), (Some(1), Some(2)));
    assert_eq!((request.max_priority_fee_per_gas, request.nonce), (Some(3), Some(5)));
    assert_eq!((request.value, request.chain_id), (Some(U256::from(4)), Some(1_337)));
    assert_eq!(request.input.data.unwrap().as_ref(), [1]);
    assert!(request.input.input.unwrap().is_empty());
    assert_eq!(request.access_list.unwrap().0[0].storage_keys, [B256::ZERO]);
    let authorizations = request.authorization_list.unwrap();
    assert_eq!((authorizations.len(), authorizations[0].y_parity()), (1, 1));
    for member in ["blobs", "commitments", "proofs", "blobVersionedHashes"] {
        assert!(read::<TransactionRequest>(&json!({member: []})).unwrap().has_eip4844_fields());
    }
    assert_eq!(read(&json!({"blobs": null})), Ok(TransactionRequest::default()));
}

#[test]
fn every_number_of_a_request_is_strict() {
    let wrong = [json!("100"), json!("0x01"), json!("0b1"), json!("0x1_0"), json!(1), json!("0x")];
    for name in [
        "gas",
        "gasPrice",
        "maxFeePerGas",
        "maxPriorityFeePerGas",
        "maxFeePerBlobGas",
        "value",
        "nonce",
        "chainId",
    ] {
        for value in &wrong {
            let words = read::<TransactionRequest>(&json!({name: value})).unwrap_err();
            let place = format!(" into Go struct field TransactionArgs.{name} of type ");
            assert!(words.contains(&place), "{name} {value}: {words}");
        }
    }
    let bytes = [json!("12"), json!([1, 2]), json!("0x1"), json!(1)];
    for name in ["from", "to", "data", "input", "blobVersionedHashes"] {
        for value in &bytes {
            read::<TransactionRequest>(&json!({name: value})).unwrap_err();
        }
    }
}

#[test]
fn refusals_name_the_member() {
    refused::<TransactionRequest>(
        &json!("latest"),
        "string",
        "value of type ethapi.TransactionArgs",
    );
    let field = |rest: &str| format!("struct field TransactionArgs.{rest}");
    let check = |value: Value, found: &str, place: &str| {
        refused::<TransactionRequest>(&value, found, &field(place));
    };
    check(json!({"value": "1"}), "hex string without 0x prefix", "value of type *hexutil.Big");
    check(json!({"gas": 1}), "non-string", "gas of type hexutil.Uint64");
    check(json!({"data": "0x1"}), "hex string of odd length", "data of type hexutil.Bytes");
    check(json!({"accessList": {}}), "object", "accessList of type types.AccessList");
    let item = json!({"address": Address::ZERO, "storageKeys": [1]});
    let place = "accessList.storageKeys of type common.Hash";
    check(json!({"accessList": [item]}), "non-string", place);
    let authorization = json!({"chainId": "0x01"});
    let place = "authorizationList.chainId of type *uint256.Int";
    let found = "hex number with leading zero digits";
    check(json!({"authorizationList": [authorization]}), found, place);
    for (value, words) in [
        (json!({"to": "0x12"}), "hex string has length 2, want 40 for common.Address"),
        (json!({"accessList": [{}]}), "missing required field 'address' for AccessTuple"),
        (
            json!({"accessList": [{"address": Address::ZERO}]}),
            "missing required field 'storageKeys' for AccessTuple",
        ),
    ] {
        assert_eq!(read::<TransactionRequest>(&value).unwrap_err(), words);
    }
}

#[test]
fn authorizations_have_all_their_members() {
    let whole = json!({
        "chainId": "0x1", "address": Address::ZERO, "nonce": "0x0", "yParity": "0x1", "r": "0x2",
        "s": "0x3",
    });
    read::<SignedAuthorization>(&whole).unwrap();
    for name in ["chainId", "address", "nonce", "yParity", "r", "s"] {
        let mut less = whole.clone();
        less[name] = Value::Null;
        let words = format!("missing required field '{name}' for SetCodeAuthorization");
        assert_eq!(read::<SignedAuthorization>(&less), Err(words));
    }
    let mut odd = whole;
    odd["yParity"] = json!("0x100");
    let words = "hex number > 8 bits".to_owned();
    assert_eq!(read::<SignedAuthorization>(&odd), Err(words));
}

#[test]
fn overrides_of_state_are_strict() {
    let address = Address::ZERO.to_string();
    let slots = json!({B256::ZERO.to_string(): B256::repeat_byte(1)});
    let account = json!({
        "nonce": "0x1", "balance": "0x2", "code": "0x03", "stateDiff": slots,
        "movePrecompileToAddress": Address::repeat_byte(4), "whatever": 1,
    });
    let state: StateOverride = read(&json!({address.clone(): account})).unwrap();
    let account = &state[&Address::ZERO];
    assert_eq!((account.nonce, account.balance), (Some(1), Some(U256::from(2))));
    assert_eq!(account.state_diff.as_ref().unwrap()[&B256::ZERO], B256::repeat_byte(1));
    assert_eq!(account.move_precompile_to, Some(Address::repeat_byte(4)));
    let field = |rest: &str| format!("struct field OverrideAccount.{rest}");
    for (account, found, place) in [
        (json!({"balance": "1"}), "hex string without 0x prefix", "balance of type *hexutil.Big"),
        (json!({"nonce": 1}), "non-string", "nonce of type hexutil.Uint64"),
        (json!({"code": "0x1"}), "hex string of odd length", "code of type hexutil.Bytes"),
        (json!({"state": {B256::ZERO.to_string(): 1}}), "non-string", "state of type common.Hash"),
        (json!({"stateDiff": 1}), "number", "stateDiff of type map[common.Hash]common.Hash"),
    ] {
        refused::<StateOverride>(&json!({address.clone(): account}), found, &field(place));
    }
    for (state, words) in [
        (json!({"0x12": {}}), "hex string has length 2, want 40 for common.Address"),
        (
            json!({address.clone(): {"state": {"0x0": B256::ZERO}}}),
            "hex string of odd length into Go struct field OverrideAccount.state of type",
        ),
        (json!([]), "json: cannot unmarshal array into Go value of type override.StateOverride"),
    ] {
        let error = read::<StateOverride>(&state).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn overrides_of_blocks_are_strict() {
    let names = [
        ["number", "time", "gasLimit", "feeRecipient", "prevRandao", "baseFeePerGas"],
        ["blockNumber", "timestamp", "gasLimit", "coinbase", "random", "baseFee"],
    ];
    for [number, time, gas_limit, coinbase, randao, base_fee] in names {
        let block: BlockOverrides = read(&json!({
            number: "0x1", time: "0x2", gas_limit: "0x3", coinbase: Address::ZERO, randao: "0x4",
            base_fee: "0x5", "blobBaseFee": "0x6", "blockHash": {"7": B256::ZERO},
            "withdrawals": [{}, {}], "beaconRoot": B256::ZERO, "difficulty": "0x0",
        }))
        .unwrap();
        let expected = BlockOverrides {
            number: Some(1),
            time: Some(2),
            gas_limit: Some(3),
            coinbase: Some(Address::ZERO),
            prev_randao: Some(B256::with_last_byte(4)),
            base_fee: Some(5),
            blob_base_fee: Some(6),
            block_hashes: Some([(7, B256::ZERO)].into()),
            beacon_root: Some(B256::ZERO),
            withdrawals: Some(2),
        };
        assert_eq!(block, expected);
    }
    let whole: BlockOverrides = read(&json!({"prevRandao": B256::repeat_byte(9)})).unwrap();
    assert_eq!(whole.prev_randao, Some(B256::repeat_byte(9)));
    let field = |rest: &str| format!("struct field BlockOverrides.{rest}");
    for (block, found, place) in [
        (json!({"number": "1"}), "hex string without 0x prefix", "Number of type *hexutil.Big"),
        (json!({"time": 1}), "non-string", "Time of type hexutil.Uint64"),
        (
            json!({"baseFeePerGas": "0x01"}),
            "hex number with leading zero digits",
            "BaseFeePerGas of type *hexutil.Big",
        ),
        (json!({"prevRandao": 1}), "non-string", "PrevRandao of type common.Hash"),
        (
            json!({"number": "0x10000000000000000"}),
            "hex number > 64 bits",
            "Number of type *hexutil.Big",
        ),
        (json!({"withdrawals": 1}), "number", "Withdrawals of type types.Withdrawals"),
    ] {
        refused::<BlockOverrides>(&block, found, &field(place));
    }
    for randao in ["4", "0x04", "0x"] {
        read::<BlockOverrides>(&json!({"prevRandao": randao})).unwrap_err();
    }
}

#[test]
fn lists_and_flags_say_what_they_are() {
    assert_eq!(read(&json!(true)), Ok(true));
    assert_eq!(read(&Value::Null), Ok(false));
    assert_eq!(read::<Vec<String>>(&json!([null, "b"])), Ok(vec![String::new(), "b".to_owned()]));
    assert_eq!(read(&json!([null, 1.5])), Ok(vec![0.0, 1.5]));
    refused::<bool>(&json!("true"), "string", "value of type bool");
    assert_eq!(read::<Vec<String>>(&json!(["a", "b"])), Ok(vec!["a".to_owned(), "b".to_owned()]));
    refused::<Vec<String>>(&json!("a"), "string", "value of type []string");
    refused::<Vec<String>>(&json!([1]), "number", "value of type string");
    assert_eq!(read::<Option<bool>>(&Value::Null), Ok(None));
    assert_eq!(
        read::<Foreign<u8>>(&json!(300)).unwrap_err(),
        "invalid value: integer `300`, expected u8"
    );
}

/// What is deep is passed over, and not gone into.
#[test]
fn members_that_nobody_knows_are_not_looked_into() {
    let deep = format!("{{\"to\":null,\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let json: &RawValue = serde_json::from_str(&deep).unwrap();
    assert_eq!(TransactionRequest::from_json(json), Ok(TransactionRequest::default()));
}
