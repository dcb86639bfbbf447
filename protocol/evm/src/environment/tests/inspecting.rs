//! Under an inspector everything is as without.

use minster_primitives::alloy_consensus::Sealable;
use revm::{DatabaseRef, bytecode::opcode as op, inspector::NoOpInspector};

use super::*;

/// Transactions of a block that end in every way, deposits among them.
fn block() -> (MapOracle, Vec<Transaction>) {
    let stores = code(&[&sstore(1, 7), &sstore(300, 8), &[op::STOP]]);
    let calls = code(&[&call_op(CONTRACT, 0, 0, 100_000), &push(0), &push(0), &[op::REVERT]]);
    let oracle = world(&[(CONTRACT, stores.clone()), (OTHER, calls)]);
    let nth =
        |nonce, kind, value, input| from_alice(TxEip1559 { nonce, ..alices(kind, value, input) });
    let deposit = |mint, value| {
        let tx = TxDeposit {
            from: BOB,
            to: TxKind::Call(CONTRACT),
            mint,
            value: U256::from(value),
            gas_limit: 100_000,
            ..Default::default()
        };
        Transaction::from_trusted_parts(Envelope::Deposit(tx.seal_slow()), BOB)
    };
    let transactions = vec![
        nth(0, TxKind::Call(CONTRACT), 0, vec![]),
        nth(1, TxKind::Call(OTHER), 5, vec![]),
        nth(7, TxKind::Call(BOB), 5, vec![]),
        nth(2, TxKind::Create, 3, deploys(&[op::STOP])),
        deposit(100, 40),
        // More than it has.
        deposit(0, 1_000),
        nth(3, TxKind::Create, 0, vec![op::INVALID]),
        nth(4, TxKind::Call(CONTRACT), 1, vec![1; 40]),
    ];
    (oracle, transactions)
}

#[test]
fn what_is_inspected_and_kept_is_what_is_executed() {
    let (oracle, transactions) = block();
    let mut plain = EvmEnvironment::new(oracle.clone());
    let mut inspected = EvmEnvironment::new(oracle);
    plain.set_block(&context());
    inspected.set_block(&context());
    for transaction in &transactions {
        let expected = plain.execute(transaction);
        let found = inspected.inspect(transaction, NoOpInspector).map(|inspection| {
            // Looking at the state before is no touch, and shows nothing of the run.
            let before = inspected.state_before();
            assert_eq!(before.basic_ref(OTHER).unwrap().unwrap().nonce, 1);
            before.storage_ref(Address::repeat_byte(0x66), U256::from(9)).unwrap();
            drop(before);
            inspected.keep(inspection)
        });
        match (expected, found) {
            (Ok(expected), Ok(found)) => {
                let halted = |run: &Execution| matches!(run.outcome, Outcome::Halt { .. });
                assert_eq!(halted(&expected), halted(&found));
                let outcome = expected.outcome.clone();
                assert_eq!(expected, Execution { outcome, ..found });
            }
            (Err(expected), Err(found)) => assert_eq!(expected.to_string(), found.to_string()),
            (expected, found) => panic!("{expected:?} and {found:?}"),
        }
    }
    assert_eq!(plain.take_diff(), inspected.take_diff());
}

#[test]
fn what_is_not_kept_changes_nothing() {
    let (oracle, transactions) = block();
    let mut environment = EvmEnvironment::new(oracle);
    environment.set_block(&context());
    let inspection = environment.inspect(&transactions[0], NoOpInspector).unwrap();
    assert!(inspection.result.result.is_success());
    assert_eq!(environment.account(ALICE).unwrap().unwrap().nonce, 0);
    assert_eq!(environment.take_diff(), StateDiff::default());
}

#[test]
fn calls_are_checked_as_they_are_told() {
    let mut environment = EvmEnvironment::new(world(&[]));
    environment.set_block(&context());
    let request = || crate::CallRequest {
        from: ALICE,
        kind: TxKind::Call(BOB),
        gas_limit: 21_000,
        ..Default::default()
    };
    let mut call = |nonce, checks| {
        let inspection = environment.inspect_call(request(), nonce, checks, NoOpInspector);
        inspection.map(|inspection| inspection.result.result.is_success())
    };
    assert!(call(9, CallChecks::Funds).unwrap());
    let error = call(0, CallChecks::All).unwrap_err().to_string();
    assert!(error.contains("basefee"), "{error}");
}
