//! How accounts come, change and go: EIP-161, EIP-6780, EIP-7702; and what a refusal leaves.

use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::{alloy_consensus::TxEip7702, alloy_eips::eip7702::Authorization};

use super::*;

#[test]
fn what_is_touched_but_empty_does_not_exist() {
    // EIP-161: no value, no account. The tip is zero, so the vault gets none either.
    let transfer = alices(TxKind::Call(BOB), 0, vec![]);
    let transfer = from_alice(TxEip1559 { max_priority_fee_per_gas: 0, ..transfer });
    let (_, diff) = run(world(&[]), &context(), &transfer);
    assert_eq!(diff.accounts.keys().collect::<Vec<_>>(), [&ALICE]);
}

#[test]
fn an_empty_account_goes_when_it_is_touched() {
    let mut oracle = world(&[]);
    oracle.state.accounts.insert(BOB, Some(Account::default()));
    let (_, diff) = run(oracle, &context(), &call(BOB, 0, vec![]));
    assert_eq!(diff.accounts[&BOB], None);
}

#[test]
fn nothing_but_what_changed_is_in_the_diff() {
    // The slot is set to what it is, another one changes and changes back.
    let runtime = code(&[&sstore(1, 5), &sstore(2, 6), &sstore(2, 0), &sstore(3, 0)]);
    let mut oracle = world(&[(CONTRACT, runtime)]);
    oracle.state.storage.insert((CONTRACT, U256::from(1)), U256::from(5));
    oracle.state.storage.insert((CONTRACT, U256::from(3)), U256::from(9));
    let (_, diff) = run(oracle, &context(), &call(CONTRACT, 0, vec![]));
    assert_eq!(diff.accounts.keys().collect::<Vec<_>>(), [&ALICE, &VAULT]);
    let expected = [((CONTRACT, U256::from(3)), U256::ZERO)];
    assert_eq!(diff.storage.into_iter().collect::<Vec<_>>(), expected);
    assert!(diff.codes.is_empty());
}

#[test]
fn an_old_contract_only_sends_its_balance_when_it_destroys_itself() {
    let runtime = self_destruct(BOB);
    let (execution, diff) =
        run(world(&[(CONTRACT, runtime.clone())]), &context(), &call(CONTRACT, 70, vec![]));
    assert!(execution.is_success());
    assert_eq!(balance(&diff, BOB), U256::from(70));
    // It stands as it stood, so the diff does not have it.
    assert!(!diff.accounts.contains_key(&CONTRACT));

    let to_itself = code(&[&[op::ADDRESS, op::SELFDESTRUCT]]);
    let (_, diff) = run(world(&[(CONTRACT, to_itself)]), &context(), &call(CONTRACT, 70, vec![]));
    let account = diff.accounts[&CONTRACT].unwrap();
    assert_eq!((account.nonce, account.balance), (1, U256::from(70)), "nothing is burned");
    assert_ne!(account.code_hash, KECCAK256_EMPTY);
}

#[test]
fn a_contract_of_this_transaction_goes_with_its_balance_and_storage() {
    let init_code = code(&[&sstore(1, 1), &self_destruct(BOB)]);
    let (execution, diff) = run(world(&[]), &context(), &create(70, init_code));
    assert!(execution.is_success());
    assert_eq!(balance(&diff, BOB), U256::from(70));
    assert!(!diff.accounts.contains_key(&ALICE.create(0)));
    assert!(diff.storage.is_empty());

    // To itself: the balance is burned, one that was there before included.
    let mut oracle = world(&[]);
    let before = Account { balance: U256::from(5), ..Account::default() };
    oracle.state.accounts.insert(ALICE.create(0), Some(before));
    let (_, diff) = run(oracle, &context(), &create(70, vec![op::ADDRESS, op::SELFDESTRUCT]));
    assert_eq!(diff.accounts[&ALICE.create(0)], None);
    assert_eq!(balance(&diff, ALICE), U256::from(10 * ETHER) - fees(&diff) - U256::from(70));
}

/// What Alice paid in fees: the vault has the tips.
fn fees(diff: &StateDiff) -> U256 {
    balance(diff, VAULT) * U256::from(BASE_FEE + TIP) / U256::from(TIP)
}

#[test]
fn a_destroyed_contract_can_be_created_again() {
    let init_code = self_destruct(BOB);
    let creator = code(&[&create_op(0, &init_code), &[op::POP]]);
    let mut oracle = world(&[(CONTRACT, creator)]);
    for nonce in 0..2 {
        let tx = from_alice(TxEip1559 { nonce, ..alices(TxKind::Call(CONTRACT), 0, vec![]) });
        let (execution, diff) = run(oracle.clone(), &context(), &tx);
        assert!(execution.is_success());
        oracle.apply(diff);
    }
    assert_eq!(oracle.state.accounts[&CONTRACT].unwrap().nonce, 3);
}

/// EIP-7610 would refuse. No account of a chain of ours gets there: whatever stores has a nonce.
#[test]
fn storage_alone_does_not_stop_a_creation() {
    let created = ALICE.create(0);
    let mut oracle = world(&[]);
    oracle.state.storage.insert((created, U256::from(1)), U256::from(1));
    let (execution, diff) = run(oracle, &context(), &create(0, deploys(&[op::STOP])));
    assert_eq!(execution.created, Some(created));
    assert_eq!(diff.accounts[&created].unwrap().nonce, 1);

    // A nonce or code does.
    for occupied in [world(&[(created, vec![])]), world(&[(created, vec![op::STOP])])] {
        let (execution, diff) = run(occupied, &context(), &create(0, deploys(&[op::STOP])));
        assert!(matches!(execution.outcome, Outcome::Halt { .. }));
        assert_eq!(execution.gas_used, GAS);
        assert!(!diff.accounts.contains_key(&created));
    }
}

/// A transaction of Alice that sets the code of another key.
fn delegation(key: &PrivateKeySigner, target: Address, nonce: u64, chain_id: u64) -> Transaction {
    let authorization = Authorization { chain_id: U256::from(chain_id), address: target, nonce };
    let signature = key.sign_hash_sync(&authorization.signature_hash()).unwrap();
    let tx = TxEip7702 {
        chain_id: 1337,
        nonce,
        gas_limit: GAS,
        max_fee_per_gas: 100,
        max_priority_fee_per_gas: TIP.into(),
        to: BOB,
        authorization_list: vec![authorization.into_signed(signature)],
        ..Default::default()
    };
    let envelope = Envelope::Eip7702(tx.into_signed(Signature::test_signature()));
    Transaction::from_trusted_parts(envelope, ALICE)
}

#[test]
fn a_delegation_is_code_and_clearing_it_leaves_none() {
    let key = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
    let mut oracle = world(&[(CONTRACT, code(&[&sstore(1, 1)]))]);
    let (execution, diff) = run(oracle.clone(), &context(), &delegation(&key, CONTRACT, 0, 1337));
    assert!(execution.is_success());
    let account = diff.accounts[&key.address()].unwrap();
    let designator = [&[0xef, 0x01, 0x00], CONTRACT.as_slice()].concat();
    assert_eq!((account.nonce, account.code_hash), (1, keccak256(&designator)));
    assert_eq!(diff.codes[&account.code_hash], Bytes::from(designator));
    oracle.apply(diff);

    // The key's account runs the contract's code on its own storage.
    let tx = TxEip1559 { nonce: 1, ..alices(TxKind::Call(key.address()), 0, vec![]) };
    let (_, diff) = run(oracle.clone(), &context(), &from_alice(tx));
    assert_eq!(diff.storage[&(key.address(), U256::from(1))], U256::from(1));
    assert_eq!(oracle.state.accounts[&ALICE].unwrap().nonce, 1);

    let (_, diff) = run(oracle, &context(), &delegation(&key, Address::ZERO, 1, 0));
    let account = diff.accounts[&key.address()].unwrap();
    assert_eq!((account.nonce, account.code_hash), (2, KECCAK256_EMPTY));
    assert!(diff.codes.is_empty());
}

#[test]
fn a_delegation_for_another_chain_is_ignored() {
    let key = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
    let transaction = delegation(&key, CONTRACT, 0, 1);
    let (execution, diff) = run(world(&[]), &context(), &transaction);
    assert!(execution.is_success());
    assert!(!diff.accounts.contains_key(&key.address()));
}

#[test]
fn an_invalid_transaction_leaves_no_trace() {
    let base = alices(TxKind::Call(BOB), 1, vec![]);
    let cases = [
        TxEip1559 { nonce: 1, ..base.clone() },
        TxEip1559 { chain_id: 1, ..base.clone() },
        TxEip1559 { gas_limit: 20_999, ..base.clone() },
        TxEip1559 { gas_limit: 16_777_217, ..base.clone() },
        TxEip1559 { max_fee_per_gas: 6, max_priority_fee_per_gas: 0, ..base.clone() },
        TxEip1559 { max_priority_fee_per_gas: 101, ..base.clone() },
        TxEip1559 { value: U256::from(10 * ETHER), ..base.clone() },
        TxEip1559 { value: U256::MAX, ..base.clone() },
        TxEip1559 { to: TxKind::Create, input: vec![0; 49_153].into(), ..base.clone() },
    ];
    for case in cases {
        let (result, diff) = try_run(world(&[]), &context(), &from_alice(case.clone()));
        assert!(matches!(result, Err(ExecutionError::Invalid(_))), "{case:?}: {result:?}");
        assert!(diff.is_empty(), "{case:?}: {diff:?}");
    }
    // EIP-3607: an account with code sends nothing.
    let oracle = world(&[(ALICE, vec![op::STOP])]);
    let (result, diff) = try_run(oracle, &context(), &from_alice(TxEip1559 { nonce: 1, ..base }));
    assert!(matches!(result, Err(ExecutionError::Invalid(_))));
    assert!(diff.is_empty());
}

/// Knows nothing.
#[derive(Debug)]
struct Silent;

#[derive(Debug, thiserror::Error)]
#[error("not known")]
struct Unknown;

impl Oracle for Silent {
    type Error = Unknown;
    fn account(&mut self, _: Address) -> Result<Option<Account>, Unknown> {
        Err(Unknown)
    }
    fn code(&mut self, _: B256) -> Result<revm::bytecode::Bytecode, Unknown> {
        Err(Unknown)
    }
    fn storage(&mut self, _: Address, _: U256) -> Result<U256, Unknown> {
        Err(Unknown)
    }
    fn block_hash(&mut self, _: u64) -> Result<B256, Unknown> {
        Err(Unknown)
    }
}

#[test]
fn an_oracle_that_does_not_know_is_no_empty_state() {
    let mut environment = EvmEnvironment::new(Silent);
    environment.set_block(&context());
    let result = environment.execute(&call(BOB, 1, vec![]));
    assert!(matches!(result, Err(ExecutionError::Oracle(Unknown))), "{result:?}");
    assert!(environment.take_diff().is_empty());
}

#[test]
fn code_that_only_looks_like_a_delegation_runs_as_code() {
    for runtime in [vec![0xef], vec![0xef, 0x01], vec![0xef, 0x01, 0x00, 1], vec![0xef; 23]] {
        let oracle = world(&[(CONTRACT, runtime.clone())]);
        let (execution, _) = run(oracle, &context(), &call(CONTRACT, 0, vec![]));
        assert!(matches!(execution.outcome, Outcome::Halt { .. }), "{runtime:?}");
        assert_eq!(execution.gas_used, GAS, "{runtime:?}");
    }
}

#[test]
fn blob_base_fee_and_coinbase_are_the_contexts() {
    let runtime = code(&[
        &[op::BLOBBASEFEE],
        &push(1),
        &[op::SSTORE, op::COINBASE],
        &push(2),
        &[op::SSTORE, op::DIFFICULTY],
        &push(3),
        &[op::SSTORE],
    ]);
    let (_, diff) = run(world(&[(CONTRACT, runtime)]), &context(), &call(CONTRACT, 0, vec![]));
    let slot = |slot: u64| diff.storage[&(CONTRACT, U256::from(slot))];
    assert_eq!(slot(1), U256::from(1));
    assert_eq!(slot(2), U256::from_be_slice(VAULT.as_slice()));
    assert_eq!(slot(3), U256::from_be_bytes(context().prev_randao.0));
}
