use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, keccak256};
use minster_state::SoftwareBlake3;
use proptest::prelude::*;

use super::*;

fn account(nonce: u64, balance: u64, code: &[u8]) -> Account {
    let code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(code) };
    Account { nonce, balance: U256::from(balance), code_hash }
}

fn apply(tree: &mut Tree, diff: &StateDiff) {
    let updates = tree_updates(diff, tree).unwrap();
    tree.update(&updates).unwrap();
}

fn basic(tree: &Tree, address: Address) -> BasicData {
    BasicData::decode(&tree.get(&keys::account_key::<SoftwareBlake3>(address)).unwrap().unwrap())
        .unwrap()
}

#[test]
fn code_size_follows_the_code() {
    let address = Address::with_last_byte(1);
    let code = Bytes::from_static(&[1, 2, 3]);
    let mut tree = Tree::new();
    let mut diff = StateDiff::default();
    diff.accounts.insert(address, Some(account(1, 5, &code)));
    diff.codes.insert(keccak256(&code), code.clone());
    apply(&mut tree, &diff);
    assert_eq!(basic(&tree, address), BasicData { code_size: 3, nonce: 1, balance: 5 });
    assert_eq!(
        tree.get(&keys::code_hash_key::<SoftwareBlake3>(address)),
        Ok(Some(keccak256(&code)))
    );
    assert_eq!(
        tree.get(&keys::published_code_key::<SoftwareBlake3>(keccak256(&code))),
        Ok(Some(keys::PUBLISHED))
    );

    // A later diff that does not touch the code does not carry it either.
    let mut diff = StateDiff::default();
    diff.accounts.insert(address, Some(account(1, 9, &code)));
    apply(&mut tree, &diff);
    assert_eq!(basic(&tree, address), BasicData { code_size: 3, nonce: 1, balance: 9 });

    // A delegation that is cleared leaves no code behind.
    let mut diff = StateDiff::default();
    diff.accounts.insert(address, Some(account(2, 9, &[])));
    apply(&mut tree, &diff);
    assert_eq!(basic(&tree, address), BasicData { code_size: 0, nonce: 2, balance: 9 });
    assert_eq!(tree.get(&keys::code_hash_key::<SoftwareBlake3>(address)), Ok(None));
}

#[test]
fn what_is_gone_leaves_no_leaf() {
    let address = Address::with_last_byte(1);
    let mut tree = Tree::new();
    let mut diff = StateDiff::default();
    diff.accounts.insert(address, Some(account(1, 5, &[])));
    diff.storage.insert((address, U256::from(700)), U256::from(1));
    apply(&mut tree, &diff);
    assert_ne!(tree.root(), Tree::new().root());
    let mut diff = StateDiff::default();
    diff.accounts.insert(address, None);
    diff.storage.insert((address, U256::from(700)), U256::ZERO);
    apply(&mut tree, &diff);
    assert_eq!(tree.root(), Tree::new().root());
}

proptest! {
    /// The root is a function of the state: diff by diff, or all at once.
    #[test]
    fn the_root_does_not_depend_on_the_way(
        steps in prop::collection::vec(
            prop::collection::vec((0u8..6, 0u64..3, 0u64..70, 0u64..3), 1..8),
            1..12,
        )
    ) {
        let mut tree = Tree::new();
        let mut accounts = BTreeMap::new();
        let mut storage = BTreeMap::new();
        for step in steps {
            let mut diff = StateDiff::default();
            for (byte, nonce, slot, value) in step {
                let address = Address::with_last_byte(byte);
                let value_of = (nonce > 0).then(|| account(nonce, 0, &[]));
                diff.accounts.insert(address, value_of);
                diff.storage.insert((address, U256::from(slot)), U256::from(value));
            }
            apply(&mut tree, &diff);
            accounts.extend(diff.accounts);
            storage.extend(diff.storage);
        }
        let mut direct = Tree::new();
        accounts.retain(|_, account| account.is_some());
        storage.retain(|_, value| !value.is_zero());
        apply(&mut direct, &StateDiff { accounts, storage, codes: BTreeMap::new() });
        prop_assert_eq!(tree.root(), direct.root());
    }
}
