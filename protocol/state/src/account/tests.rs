use alloy_primitives::B256;
use proptest::prelude::*;
use serde_json::Value;

use super::{BasicData, BasicDataError, CODE_SIZE_MAX};

#[test]
fn the_leaf_matches_the_vectors() {
    let text = include_str!("../../../../spec/vectors/state-tree/basic-data.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let data = BasicData {
            code_size: u32::try_from(case["code_size"].as_u64().unwrap()).unwrap(),
            nonce: case["nonce"].as_str().unwrap().parse().unwrap(),
            balance: case["balance"].as_str().unwrap().parse().unwrap(),
        };
        let leaf: B256 = case["leaf"].as_str().unwrap().parse().unwrap();
        assert_eq!(data.encode(), Ok(leaf));
        assert_eq!(BasicData::decode(&leaf), Ok(data));
    }
}

#[test]
fn version_and_reserved_bytes_must_be_zero() {
    for position in 0..5 {
        let mut leaf = B256::ZERO;
        leaf[position] = 3;
        let expected = if position == 0 {
            BasicDataError::UnknownVersion { version: 3 }
        } else {
            BasicDataError::ReservedBytes
        };
        assert_eq!(BasicData::decode(&leaf), Err(expected));
    }
}

#[test]
fn longer_code_is_refused() {
    let largest = BasicData { code_size: CODE_SIZE_MAX, ..BasicData::default() };
    assert!(largest.encode().is_ok());
    let code_size = CODE_SIZE_MAX + 1;
    let larger = BasicData { code_size, ..BasicData::default() };
    assert_eq!(larger.encode(), Err(BasicDataError::CodeTooLong { code_size }));
}

proptest! {
    #[test]
    fn encoding_round_trips(code_size in 0..=CODE_SIZE_MAX, nonce: u64, balance: u128) {
        let data = BasicData { code_size, nonce, balance };
        prop_assert_eq!(BasicData::decode(&data.encode().unwrap()), Ok(data));
    }
}
