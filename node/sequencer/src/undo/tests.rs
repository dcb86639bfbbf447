use std::sync::Arc;

use alloy_primitives::keccak256;
use minster_params::ChainConfig;
use minster_primitives::{Header, SliceHeader};
use proptest::prelude::*;

use super::*;
use crate::{
    codec::{decode, encode},
    producer::ExecutedSlice,
    sealer::{Sealer, state_root},
    state::{Retention, StateStore},
};

/// What a transaction may do to one of a few accounts.
#[derive(Debug, Clone)]
enum Step {
    /// Nonce and balance move; a new account appears.
    Touch(u8),
    /// A deployment, or a delegation set or changed (EIP-7702): codes come back again and again.
    SetCode(u8, u8),
    /// A delegation is unset.
    ClearCode(u8),
    /// Code set and gone within the slice: only its mark stays.
    PublishOnly(u8),
    /// A contract destroyed in the transaction that made it, and slots of it zeroed.
    Destroy(u8),
    /// A slot written, or zeroed by a zero.
    Store(u8, u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (account, code, slot) = (0u8..5, 0u8..5, 0u8..4);
    prop_oneof![
        account.clone().prop_map(Step::Touch),
        (account.clone(), code.clone()).prop_map(|(account, code)| Step::SetCode(account, code)),
        account.clone().prop_map(Step::ClearCode),
        code.prop_map(Step::PublishOnly),
        account.clone().prop_map(Step::Destroy),
        (account, slot, 0u8..3)
            .prop_map(|(account, slot, value)| Step::Store(account, slot, value)),
    ]
}

/// Codes of different lengths, so that a wrong size shows in the root.
fn code(index: u8) -> (B256, Bytes) {
    let code = Bytes::from(vec![index; usize::from(index) * 7 + 1]);
    (keccak256(&code), code)
}

/// Slots in an account's header group and out of it.
fn place(account: u8, slot: u8) -> (Address, U256) {
    (Address::with_last_byte(account), U256::from(u64::from(slot) * 50))
}

fn slice_diff(steps: &[Step], state: &StateDiff) -> StateDiff {
    let mut diff = StateDiff::default();
    for step in steps {
        let (Step::Touch(index)
        | Step::SetCode(index, _)
        | Step::ClearCode(index)
        | Step::PublishOnly(index)
        | Step::Destroy(index)
        | Step::Store(index, ..)) = step;
        let address = Address::with_last_byte(*index);
        let known = diff.accounts.get(&address).or_else(|| state.accounts.get(&address));
        let mut account = known.copied().flatten().unwrap_or_default();
        account.nonce += 1;
        account.balance += U256::from(7);
        match step {
            Step::Touch(_) => drop(diff.accounts.insert(address, Some(account))),
            Step::SetCode(_, index) => {
                let (hash, code) = code(*index);
                account.code_hash = hash;
                diff.accounts.insert(address, Some(account));
                diff.codes.insert(hash, code);
            }
            Step::ClearCode(_) => {
                account.code_hash = KECCAK256_EMPTY;
                diff.accounts.insert(address, Some(account));
            }
            Step::PublishOnly(index) => diff.codes.extend([code(*index)]),
            Step::Destroy(index) => {
                diff.accounts.insert(address, None);
                diff.storage.extend((0..4).map(|slot| (place(*index, slot), U256::ZERO)));
            }
            Step::Store(index, slot, value) => {
                diff.storage.insert(place(*index, *slot), U256::from(*value));
            }
        }
    }
    diff
}

fn executed(sequence: u64, block_number: u64, diff: StateDiff) -> ExecutedSlice {
    let config = ChainConfig::new(1);
    let parent = Header { number: block_number - 1, ..Default::default() };
    let context =
        minster_os::block_context(&config, &parent, B256::ZERO, block_number, Default::default());
    let header = SliceHeader {
        chain_id: 1,
        sequence,
        parent: B256::ZERO,
        block_number,
        block_timestamp: block_number,
        first_transaction_index: 0,
        transactions_hash: B256::ZERO,
        receipts_hash: B256::ZERO,
    };
    let (hash, context) = (header.hash(), Arc::new(context));
    ExecutedSlice { header, hash, items: Vec::new(), diff: Arc::new(diff), context }
}

/// A chain of blocks of slices of steps: what each block changed, and the state after each.
fn check(blocks: &[Vec<Vec<Step>>]) -> Result<(), TestCaseError> {
    let genesis = slice_diff(&[Step::SetCode(0, 0), Step::Store(0, 1, 1)], &StateDiff::default());
    let store = Arc::new(StateStore::new(Retention::default(), 0, &genesis));
    let mut sealer = Sealer::new(Arc::clone(&store), &genesis, 0).unwrap();
    let (mut states, mut changes) = (vec![genesis], Vec::new());
    let mut sequence = 0;
    for (number, slices) in (1..).zip(blocks) {
        let mut state = states[states.len() - 1].clone();
        let mut context = executed(0, number, StateDiff::default()).context;
        for steps in slices {
            sequence += 1;
            let slice = executed(sequence, number, slice_diff(steps, &state));
            state.extend((*slice.diff).clone());
            store.apply(sequence, Arc::clone(&slice.diff));
            sealer.add_slice(&slice).unwrap();
            context = slice.context;
        }
        let sealed = sealer.seal(&context).unwrap();
        prop_assert_eq!(sealed.block.header.state_root, state_root(&state).unwrap());
        changes.push(encode(&sealed.changes));
        states.push(state);
    }
    // A snapshot holds every code that was ever set.
    let codes = &states[states.len() - 1].codes;
    let mut undo = Undo::default();
    for block in (0..blocks.len()).rev() {
        undo.push(decode("change set", &changes[block]).unwrap());
        let mut tree = sealer.tree().clone();
        undo.clone().apply(&mut tree, |hash| codes.get(&hash).cloned()).unwrap();
        prop_assert_eq!(tree.root(), state_root(&states[block]).unwrap(), "block {}", block);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_last_blocks_undone_give_the_tree_before_them(
        blocks in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(step(), 0..5), 1..3),
            0..8,
        )
    ) {
        check(&blocks)?;
    }
}

/// The later tree holds another size for the account; a code that came back keeps its mark.
#[test]
fn a_code_brings_its_own_size_and_its_first_mark_stays() {
    let block = |step| vec![vec![step]];
    check(&[
        block(Step::SetCode(1, 3)),
        block(Step::SetCode(1, 2)),
        block(Step::ClearCode(1)),
        block(Step::SetCode(2, 3)),
        vec![vec![Step::SetCode(3, 4)], vec![Step::Destroy(3)], vec![Step::SetCode(3, 4)]],
    ])
    .unwrap();
}

#[test]
fn a_code_that_is_nowhere_is_an_error() {
    let account = Account { code_hash: code(1).0, ..Default::default() };
    let accounts = [(Address::with_last_byte(1), Some(account))].into();
    let undo = Undo { accounts, ..Default::default() };
    let error = undo.apply(&mut Tree::new(), |_| None).unwrap_err();
    assert!(matches!(error, SequencerError::State(StateError::CodeMissing { .. })), "{error}");
}
