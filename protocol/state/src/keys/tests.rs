use alloy_primitives::{Address, B256, U256};
use serde_json::Value;

use super::{account_key, code_hash_key, published_code_key, storage_key};
use crate::TreeKey;

fn field<T: std::str::FromStr<Err: std::fmt::Debug>>(case: &Value, name: &str) -> T {
    case[name].as_str().unwrap().parse().unwrap()
}

#[test]
fn derivation_matches_the_vectors() {
    let text = include_str!("../../../../spec/vectors/state-tree/keys.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(cases.len() >= 30);
    for case in &cases {
        let found = match case["kind"].as_str().unwrap() {
            "account" => account_key(field(case, "address")),
            "code_hash" => code_hash_key(field(case, "address")),
            "storage" => storage_key(field(case, "address"), field(case, "slot")),
            "published_code" => published_code_key(field(case, "code_hash")),
            kind => panic!("unknown kind {kind}"),
        };
        assert_eq!(found, TreeKey::from(field::<B256>(case, "key")), "{case}");
    }
}

#[test]
fn header_slots_share_the_account_stem_and_others_do_not() {
    let address = Address::repeat_byte(7);
    let header = account_key(address).stem();
    assert_eq!(code_hash_key(address).stem(), header);
    assert_eq!(storage_key(address, U256::from(63)).stem(), header);
    assert_eq!(storage_key(address, U256::from(63)).sub_index(), 127);
    let first_outside = storage_key(address, U256::from(64));
    assert_ne!(first_outside.stem(), header);
    assert_eq!(first_outside.stem(), storage_key(address, U256::from(255)).stem());
    assert_ne!(first_outside.stem(), storage_key(address, U256::from(256)).stem());
}
