use alloy_primitives::B256;
use proptest::prelude::*;
use serde_json::Value;

use super::BasicData;

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
        assert_eq!(data.encode(), leaf);
        assert_eq!(BasicData::decode(leaf), Some(data));
    }
}

#[test]
fn version_and_reserved_bytes_must_be_zero() {
    for position in 0..6 {
        let mut leaf = B256::ZERO;
        leaf[position] = 3;
        assert_eq!(BasicData::decode(leaf).is_some(), position == 5);
    }
}

#[test]
fn a_code_size_past_three_bytes_is_refused_and_not_cut() {
    let data = |code_size| BasicData { code_size, ..BasicData::default() };
    assert_eq!(BasicData::decode(data(0xff_ffff).encode()), Some(data(0xff_ffff)));
    assert_eq!(BasicData::decode(data(0x100_0000).encode()), None);
    assert_eq!(BasicData::decode(data(u32::MAX).encode()), None);
}

proptest! {
    #[test]
    fn encoding_round_trips(code_size in 0..1_u32 << 24, nonce: u64, balance: u128) {
        let data = BasicData { code_size, nonce, balance };
        prop_assert_eq!(BasicData::decode(data.encode()), Some(data));
    }
}
