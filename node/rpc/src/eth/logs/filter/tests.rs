use serde_json::{Value, json};

use super::*;

fn read(filter: &Value) -> Result<LogFilter, String> {
    let json = serde_json::value::to_raw_value(filter).unwrap();
    LogFilter::from_json(&json).map_err(|error| error.to_string())
}

#[test]
fn members_are_read() {
    let (address, hash) = (Address::repeat_byte(1), B256::repeat_byte(2));
    let filter = read(&json!({
        "fromBlock": "0x1", "toBlock": "pending", "address": [address, address],
        "topics": [null, hash, [hash, B256::ZERO], [null, 5]], "whatever": {},
    }));
    let expected = LogFilter {
        blocks: Blocks::Range { from: BlockParameter::Number(1), to: BlockParameter::Pending },
        addresses: HashSet::from_iter([address]),
        topics: vec![
            HashSet::default(),
            HashSet::from_iter([hash]),
            HashSet::from_iter([hash, B256::ZERO]),
            HashSet::default(),
        ],
    };
    assert_eq!(filter, Ok(expected));
    let nulls = json!({
        "blockHash": null, "fromBlock": null, "toBlock": null, "address": null, "topics": null,
    });
    for nothing in [json!({}), nulls, Value::Null] {
        assert_eq!(read(&nothing), Ok(LogFilter::default()));
    }
    let by_hash = LogFilter { blocks: Blocks::Hash(hash), ..LogFilter::default() };
    assert_eq!(read(&json!({"blockHash": hash})), Ok(by_hash));
}

#[test]
fn filters_that_are_wrong_say_why_in_geths_words() {
    let both = "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other";
    let address = "hex has invalid length 1 after decoding; expected 20 for address";
    for (filter, words) in [
        (json!({"blockHash": B256::ZERO, "fromBlock": "0x1"}), both.to_owned()),
        (json!({"blockHash": B256::ZERO, "toBlock": "latest"}), both.to_owned()),
        (json!({"topics": [null, null, null, null, null]}), "exceed max topics".to_owned()),
        (json!({"topics": [5]}), "invalid topic(s)".to_owned()),
        (json!({"topics": [[5]]}), "invalid topic(s)".to_owned()),
        (json!({"topics": [""]}), "empty hex string".to_owned()),
        (
            json!({"topics": ["0x12"]}),
            "hex has invalid length 1 after decoding; expected 32 for topic".to_owned(),
        ),
        (json!({"address": "0x12"}), format!("invalid address: {address}")),
        (
            json!({"address": [Address::ZERO, "0x12"]}),
            format!("invalid address at index 1: {address}"),
        ),
        (json!({"address": [5]}), "non-string address at index 0".to_owned()),
        (json!({"address": 5}), "invalid addresses in query".to_owned()),
        (json!({"fromBlock": "LATEST"}), "hex string without 0x prefix".to_owned()),
        (json!({"fromBlock": "0x01"}), "hex number with leading zero digits".to_owned()),
        (json!({"toBlock": 5}), "hex string without 0x prefix".to_owned()),
        (
            json!({"blockHash": 5}),
            "json: cannot unmarshal non-string into Go struct field input.blockHash of type \
             common.Hash"
                .to_owned(),
        ),
        (
            json!({"topics": "0x12"}),
            "json: cannot unmarshal string into Go struct field input.topics of type \
             []interface {}"
                .to_owned(),
        ),
        (
            json!("latest"),
            "json: cannot unmarshal string into Go value of type filters.input".to_owned(),
        ),
    ] {
        assert_eq!(read(&filter), Err(words), "{filter}");
    }
}
