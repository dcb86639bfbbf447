use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn account(nonce: u64) -> Option<Account> {
    (nonce > 0).then(|| Account { nonce, ..Default::default() })
}

/// One applied version: for each named key its new value; zero deletes.
type Step = Vec<(u8, u64)>;

fn diff(step: &Step) -> StateDiff {
    let mut diff = StateDiff::default();
    for (key, value) in step {
        let address = Address::with_last_byte(*key);
        diff.accounts.insert(address, account(*value));
        diff.storage.insert((address, U256::from(*key)), U256::from(*value));
    }
    diff
}

fn check(steps: &[Step], retention: Retention) -> Result<(), TestCaseError> {
    let store = Arc::new(StateStore::new(retention, 0, &StateDiff::default()));
    // The naive model: the whole state after each version.
    let mut models: Vec<BTreeMap<u8, u64>> = vec![BTreeMap::new()];
    for (index, step) in steps.iter().enumerate() {
        store.apply(index as u64 + 1, Arc::new(diff(step)));
        let mut model = models[index].clone();
        model.extend(step.iter().copied());
        models.push(model);
    }
    for (version, model) in models.iter().enumerate() {
        let Ok(view) = store.view(version as u64) else {
            prop_assert!(version < steps.len(), "the last version is always there");
            continue;
        };
        for key in 0..8 {
            let expected = model.get(&key).copied().unwrap_or(0);
            let address = Address::with_last_byte(key);
            prop_assert_eq!(view.account(address), Ok(account(expected)));
            let value = view.storage(address, U256::from(key));
            prop_assert_eq!(value, Ok(U256::from(expected)));
        }
        let mut found = BTreeMap::new();
        view.for_each(
            |address, account| {
                found.insert(address.0[19], account.nonce);
            },
            |_, _, _| (),
        )
        .unwrap();
        let existing: BTreeMap<u8, u64> =
            model.iter().filter(|(_, value)| **value > 0).map(|(k, v)| (*k, *v)).collect();
        prop_assert_eq!(found, existing);
    }
    Ok(())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(prop::collection::vec((0u8..8, 0u64..4), 0..5), 1..40)
}

proptest! {
    #[test]
    fn every_held_version_reads_as_it_was(steps in steps()) {
        check(&steps, Retention::default())?;
    }

    #[test]
    fn a_short_window_prunes_but_never_lies(steps in steps(), versions_max in 1usize..6) {
        check(&steps, Retention { versions_max, ..Retention::default() })?;
    }

    #[test]
    fn a_bound_on_changes_prunes_but_never_lies(steps in steps(), changes_max in 1usize..30) {
        check(&steps, Retention { changes_max, ..Retention::default() })?;
    }
}

#[test]
fn a_view_that_is_held_too_long_says_so() {
    let retention = Retention { versions_max: 2, ..Retention::default() };
    let store = Arc::new(StateStore::new(retention, 0, &StateDiff::default()));
    store.apply(1, Arc::new(diff(&vec![(1, 1)])));
    let view = store.view(1).unwrap();
    for version in 2..6 {
        store.apply(version, Arc::new(diff(&vec![(1, version)])));
    }
    let error = view.account(Address::with_last_byte(1)).unwrap_err();
    assert_eq!(error, StateError::Pruned { version: 1, oldest: 3 });
    assert!(store.view(1).is_err());
}

/// The end of a block wants the state before it, however many slices the block has.
#[test]
fn a_version_that_is_needed_stays() {
    for retention in [
        Retention { versions_max: 2, ..Retention::default() },
        Retention { changes_max: 2, ..Retention::default() },
    ] {
        let store = Arc::new(StateStore::new(retention, 0, &StateDiff::default()));
        let address = Address::with_last_byte(1);
        store.need(2);
        for version in 1..9 {
            store.apply(version, Arc::new(diff(&vec![(1, version)])));
        }
        assert_eq!(store.view(2).unwrap().account(address), Ok(account(2)));
        assert!(store.view(1).is_err());
        store.need(8);
        store.apply(9, Arc::new(diff(&vec![(1, 9)])));
        assert!(store.view(2).is_err(), "nobody needs it any more");
        assert_eq!(store.view(8).unwrap().account(address), Ok(account(8)));
    }
}

#[test]
fn nothing_is_known_of_the_time_before_the_base() {
    let store = Arc::new(StateStore::new(Retention::default(), 7, &diff(&vec![(1, 5)])));
    assert_eq!(store.view(6).unwrap_err(), StateError::Pruned { version: 6, oldest: 7 });
    store.apply(8, Arc::new(diff(&vec![(1, 6)])));
    let address = Address::with_last_byte(1);
    assert_eq!(store.view(7).unwrap().account(address), Ok(account(5)));
    assert_eq!(store.view(8).unwrap().account(address), Ok(account(6)));
}

#[test]
fn block_hashes_reach_back_far_enough() {
    let store = StateStore::new(Retention::default(), 0, &StateDiff::default());
    let last = BLOCK_HASHES_MAX as u64 + 999;
    for number in 0..=last {
        store.push_block_hash(number, B256::from(U256::from(number)));
    }
    let hash = |number: u64| Some(B256::from(U256::from(number)));
    assert_eq!(store.block_hash(last), hash(last));
    assert_eq!(store.block_hash(1_000), hash(1_000));
    assert_eq!(store.block_hash(999), None);
    assert_eq!(store.block_hash(last + 1), None);
}
