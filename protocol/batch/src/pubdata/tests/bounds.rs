//! The bounds that a block is counted with (PD-10) against what is written.

use minster_primitives::{Account, KECCAK256_EMPTY};
use minster_state::keys::{BASIC_DATA_SUB_INDEX, CODE_HASH_SUB_INDEX};

use super::{properties::batches, *};
use crate::pubdata::{
    account_size_max, code_size_max, slot_size_max, stem_size_max, transaction_size_max,
};

/// Lengths of codes, messages, paths and lists, and the version.
const LENGTHS: usize = 32;

/// The account of these leaves, where they are some account's.
fn account(basic: B256, code_hash: B256) -> Option<Account> {
    let BasicData { code_size, nonce, balance } = BasicData::decode(&basic).ok()?;
    let code_hash = if code_size == 0 { KECCAK256_EMPTY } else { code_hash };
    Some(Account { nonce, balance: U256::from(balance), code_hash })
}

/// The bound of a group, as an account's where it can be one.
fn group_size_max(old: &Tree, leaves: &[(TreeKey, B256)]) -> u64 {
    let [(first, _), ..] = leaves else { return 0 };
    let stem = first.stem();
    let before = |key: &TreeKey| old.get(key).unwrap().unwrap_or_default();
    let after = |sub_index| {
        let key = stem.with_sub_index(sub_index);
        leaves.iter().find(|leaf| leaf.0 == key).map_or_else(|| before(&key), |leaf| leaf.1)
    };
    let both = [BASIC_DATA_SUB_INDEX, CODE_HASH_SUB_INDEX];
    let [start, end] = [
        account(before(&stem.with_sub_index(both[0])), before(&stem.with_sub_index(both[1]))),
        account(after(both[0]), after(both[1])),
    ];
    let is_account = |old: &Account, new: &Account| {
        // Code and its size change together.
        let data = |key| BasicData::decode(key).unwrap().code_size;
        let sizes = data(&before(&stem.with_sub_index(0))) == data(&after(0));
        let hashes = before(&stem.with_sub_index(1)) == after(1);
        (old.code_hash == new.code_hash) == hashes && sizes == hashes
    };
    let accounts = start.zip(end).filter(|(start, end)| is_account(start, end));
    let of_account = accounts.map(|(start, end)| account_size_max(&start, &end));
    let slots = leaves.iter().filter(|(key, _)| of_account.is_none() || key.sub_index() > 1);
    slots.fold(of_account.unwrap_or_default(), |sum, (key, new)| {
        sum + slot_size_max(key.sub_index(), before(key).into(), (*new).into())
    })
}

proptest! {
    #[test]
    fn no_batch_is_longer_than_its_bound((tree, pubdata) in batches()) {
        let bytes = round_trip(&tree, &pubdata);
        let marks: Vec<TreeKey> = pubdata.codes.iter().map(|code| mark(code).0).collect();
        let leaves = list(&pubdata.updates).into_iter().filter(|leaf| !marks.contains(&leaf.0));
        let changed = leaves.filter(|(key, new)| {
            tree.get(key).unwrap().unwrap_or_default() != *new
        });
        let changed: Vec<_> = changed.collect();
        let groups = changed.chunk_by(|a, b| a.0.stem() == b.0.stem());
        // Stems of these trees part where no hashes do, so all may be as long as new ones.
        let size_max = |group| group_size_max(&tree, group) + stem_size_max(false);
        let diff: u64 = groups.map(size_max).sum();
        let codes: u64 = pubdata.codes.iter().map(|code| code_size_max(code.len())).sum();
        let others = pubdata.header.len() + LENGTHS
            + pubdata.messages.iter().map(|message| message.len() + 1).sum::<usize>();
        let bound = diff + codes + u64::try_from(others).unwrap();
        prop_assert!(u64::try_from(bytes.len()).unwrap() <= bound, "{} > {bound}", bytes.len());
    }
}

/// What is written longer than its numbers are: a slot that passes for basic data, or for a code's
/// hash.
#[test]
fn slots_that_look_like_accounts_are_within_their_bound() {
    let nonce_and_less = (basic(1, 0), basic(0, u128::MAX));
    let rises = (basic(0, u128::MAX), basic(1, 0));
    let near = (B256::from(U256::from(1) << 64), basic(0, 5));
    for (old, new) in [nonce_and_less, rises, near] {
        let key = stem(1).with_sub_index(0);
        let bytes = leaf_bytes(&[(key, old)], &[(key, new)]);
        let bound = slot_size_max(0, old.into(), new.into());
        assert!(u64::try_from(bytes.len()).unwrap() <= bound, "{old} to {new}: {}", bytes.len());
    }
    assert_eq!(slot_size_max(0, U256::from(1), U256::from(1)), 0);
    assert_eq!(slot_size_max(1, U256::from(1), U256::from(2)), 35);
    assert_eq!(slot_size_max(2, U256::from(1), U256::from(2)), 4);
    assert_eq!(slot_size_max(2, U256::from(1), U256::ZERO), 3);
}

#[test]
fn accounts_at_the_edges() {
    let hash = B256::repeat_byte(7);
    let of = |nonce, balance, code_hash| Account { nonce, balance: U256::from(balance), code_hash };
    let size = |old: Account, new: Account| account_size_max(&old, &new);
    let old = of(3, 1000_u128, KECCAK256_EMPTY);
    assert_eq!(size(old, old), 0);
    assert_eq!(size(old, Account { nonce: 4, ..old }), 2);
    assert_eq!(size(old, Account { nonce: 5, ..old }), 3);
    assert_eq!(size(old, Account { nonce: 3 + 128, ..old }), 4);
    assert_eq!(size(old, Account { nonce: 2, ..old }), 2 + 10);
    assert_eq!(size(old, of(4, 1001, KECCAK256_EMPTY)), 3);
    assert_eq!(size(old, of(4, 2000, KECCAK256_EMPTY)), 4);
    assert_eq!(size(old, Account { code_hash: hash, ..old }), 2 + 4 + 34);
    assert_eq!(size(of(0, 0, KECCAK256_EMPTY), of(2, u128::MAX, hash)), 2 + 1 + 16 + 4 + 34);
}

/// Nothing that a leaf or a stem costs a block is above what gas is said to pay for.
#[test]
fn no_leaf_is_above_the_rate_of_gas() {
    let per_slot = transaction_size_max(4_800) - transaction_size_max(0);
    assert_eq!(per_slot, 66);
    assert_eq!(stem_size_max(false) + slot_size_max(0, U256::ZERO, U256::MAX), per_slot);
    assert_eq!(stem_size_max(false) + slot_size_max(9, U256::ZERO, U256::MAX), per_slot);
    let most = Account { nonce: 3, balance: U256::from(u128::MAX), code_hash: KECCAK256_EMPTY };
    assert!(stem_size_max(false) + account_size_max(&most, &Account { nonce: 1, ..most }) < 64);
    assert!(stem_size_max(true) < stem_size_max(false));
}
