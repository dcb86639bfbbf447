use alloy_primitives::{Address, B256, BloomInput};
use serde_json::json;

use super::*;
use crate::read::FromJson;

fn criteria(filter: serde_json::Value) -> Criteria {
    let filter = serde_json::value::to_raw_value(&filter).unwrap();
    Criteria::new(LogFilter::from_json(&filter).unwrap(), &RpcConfig::default()).unwrap()
}

fn numbered(number: u64) -> B256 {
    B256::from(alloy_primitives::U256::from(number))
}

fn bloom(values: &[&[u8]]) -> Bloom {
    let mut bloom = Bloom::ZERO;
    for value in values {
        bloom.accrue(BloomInput::Raw(value));
    }
    bloom
}

#[test]
fn a_bloom_has_the_bits_of_its_values() {
    for number in 0..100 {
        let (value, other) = (numbered(number), numbered(number + 1));
        let wanted = criteria(json!({"topics": [value]}));
        assert!(wanted.may_be_in(&bloom(&[value.as_slice()])));
        // Chosen so that no two have the same bits.
        assert!(!wanted.may_be_in(&bloom(&[other.as_slice()])), "{number}");
    }
}

#[test]
fn one_alternative_of_each_position_is_in_the_bloom() {
    let (address, topics) = (Address::repeat_byte(1), [numbered(1), numbered(2), numbered(3)]);
    let wanted = criteria(json!({"address": address, "topics": [null, [topics[0], topics[1]]]}));
    let has = |values: &[&[u8]]| wanted.may_be_in(&bloom(values));
    assert!(has(&[address.as_slice(), topics[0].as_slice()]));
    assert!(has(&[address.as_slice(), topics[1].as_slice()]));
    assert!(!has(&[address.as_slice(), topics[2].as_slice()]));
    assert!(!has(&[topics[0].as_slice(), topics[1].as_slice()]));
    assert!(criteria(json!({})).may_be_in(&Bloom::ZERO));
}

#[test]
fn many_alternatives_keep_no_blooms() {
    let alternatives = |count| (0..count).map(numbered).collect::<Vec<_>>();
    assert!(!criteria(json!({"topics": [alternatives(16)]})).may_be_in(&Bloom::ZERO));
    let many = criteria(json!({"topics": [alternatives(17)]}));
    assert!(many.may_be_in(&Bloom::ZERO) && many.blooms.is_empty());
    let both = criteria(json!({"topics": [alternatives(17), alternatives(1)]}));
    assert!(!both.may_be_in(&Bloom::ZERO));
}
