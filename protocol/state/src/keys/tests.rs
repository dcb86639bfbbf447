use alloy_primitives::{Address, B256, U256};
use serde_json::Value;

use super::{
    account_key, account_key_of, code_hash_key, code_hash_key_of, header_stem, published_code_key,
    storage_key, storage_key_of,
};
use crate::{SoftwareBlake3, TreeKey};

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
            "account" => account_key::<SoftwareBlake3>(field(case, "address")),
            "code_hash" => code_hash_key::<SoftwareBlake3>(field(case, "address")),
            "storage" => check_storage(field(case, "address"), field(case, "slot")),
            "published_code" => published_code_key::<SoftwareBlake3>(field(case, "code_hash")),
            kind => panic!("unknown kind {kind}"),
        };
        assert_eq!(found, TreeKey::from(field::<B256>(case, "key")), "{case}");
    }
}

/// The slot's key, which is the same whether the header's stem is known or not.
fn check_storage(address: Address, slot: U256) -> TreeKey {
    let key = storage_key::<SoftwareBlake3>(address, slot);
    let header = header_stem::<SoftwareBlake3>(address);
    assert_eq!(storage_key_of::<SoftwareBlake3>(address, &header, slot), key);
    key
}

#[test]
fn header_slots_share_the_account_stem_and_others_do_not() {
    let address = Address::repeat_byte(7);
    let header = header_stem::<SoftwareBlake3>(address);
    assert_eq!(account_key::<SoftwareBlake3>(address), account_key_of(&header));
    assert_eq!(code_hash_key::<SoftwareBlake3>(address), code_hash_key_of(&header));
    let slot = |number: u64| check_storage(address, U256::from(number));
    assert_eq!(slot(63).stem(), header);
    assert_eq!(slot(63).sub_index(), 127);
    assert_ne!(slot(64).stem(), header);
    assert_eq!(slot(64).stem(), slot(255).stem());
    assert_ne!(slot(64).stem(), slot(256).stem());
}
