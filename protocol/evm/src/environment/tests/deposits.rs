//! Deposits: what is minted stays, and none is invalid.

use minster_params::constants::{DEPOSIT_CYCLES_PER_GAS, DEPOSIT_MINT_MAX};
use minster_primitives::alloy_consensus::Sealable;
use revm::bytecode::opcode as op;

use super::*;
use crate::cost::table;

const DEPOSITOR: Address = Address::repeat_byte(0xde);

fn deposit() -> TxDeposit {
    TxDeposit {
        from: DEPOSITOR,
        to: TxKind::Call(BOB),
        mint: 100,
        value: U256::from(40),
        gas_limit: 100_000,
        ..Default::default()
    }
}

fn run_deposit(oracle: MapOracle, deposit: TxDeposit) -> Ran {
    let envelope = Envelope::Deposit(deposit.seal_slow());
    let transaction = Transaction::from_trusted_parts(envelope, DEPOSITOR);
    run(oracle, &context(), &transaction)
}

/// Nonce and balance of the depositor.
fn depositor(diff: &StateDiff) -> (u64, u128) {
    let account = diff.accounts[&DEPOSITOR].unwrap();
    (account.nonce, account.balance.to())
}

/// What did not succeed: the mint and the nonce stay, nothing else changes.
fn assert_only_minted(diff: &StateDiff, balance: u128) {
    assert_eq!(depositor(diff), (1, balance));
    assert_eq!(diff.accounts.len(), 1, "{diff:?}");
    assert!(diff.storage.is_empty() && diff.codes.is_empty());
}

#[test]
fn mints_and_moves_value_without_a_fee() {
    let (execution, diff) = run_deposit(world(&[]), deposit());
    assert!(execution.is_success());
    assert_eq!(execution.gas_used, 21_000);
    assert_eq!(execution.deposit_nonce, Some(0));
    assert_eq!(depositor(&diff), (1, 60));
    assert_eq!(balance(&diff, BOB), U256::from(40));
    assert!(!diff.accounts.contains_key(&VAULT), "the vault is not even touched");
}

#[test]
fn what_is_minted_stays_when_the_call_reverts() {
    let reverts = code(&[&sstore(1, 1), &push(0), &push(0), &[op::REVERT]]);
    let to = TxKind::Call(CONTRACT);
    let (execution, diff) =
        run_deposit(world(&[(CONTRACT, reverts)]), TxDeposit { to, ..deposit() });
    assert_eq!(execution.outcome, Outcome::Revert);
    assert!(execution.gas_used < 100_000);
    assert_only_minted(&diff, 100);
}

#[test]
fn what_is_minted_stays_when_the_call_halts() {
    let to = TxKind::Call(CONTRACT);
    let halts = code(&[&sstore(1, 1), &[op::INVALID]]);
    let (execution, diff) = run_deposit(world(&[(CONTRACT, halts)]), TxDeposit { to, ..deposit() });
    assert!(matches!(execution.outcome, Outcome::Halt { .. }));
    assert_eq!(execution.gas_used, 100_000);
    assert_only_minted(&diff, 100);
}

#[test]
fn what_cannot_run_uses_all_its_gas_and_keeps_the_mint() {
    let cases = [
        TxDeposit { value: U256::from(101), ..deposit() },
        TxDeposit { gas_limit: 20_999, ..deposit() },
        TxDeposit { gas_limit: 0, ..deposit() },
        // EIP-7623: the floor of 1,000 non-zero bytes.
        TxDeposit { gas_limit: 60_999, input: vec![1; 1_000].into(), ..deposit() },
        TxDeposit { gas_limit: 53_000, to: TxKind::Create, input: vec![0].into(), ..deposit() },
        TxDeposit { value: U256::MAX, ..deposit() },
    ];
    for case in cases {
        let (execution, diff) = run_deposit(world(&[]), case.clone());
        assert!(matches!(execution.outcome, Outcome::Halt { .. }), "{case:?}");
        assert_eq!(execution.gas_used, case.gas_limit, "{case:?}");
        assert_eq!(execution.deposit_nonce, Some(0));
        assert_only_minted(&diff, 100);
        // Whatever gas it has, a batch proves that its sender was read and written.
        let sender = table::RELOAD + table::COLD_ACCOUNT + table::CHANGED_ACCOUNT;
        assert!(execution.cycles >= table::TRANSACTION + sender, "{}", execution.cycles);
    }
}

/// The mint is read and written before the call, and is charged as other accounts are.
#[test]
fn the_sender_is_metered_once() {
    let (execution, _) = run_deposit(world(&[]), deposit());
    let account = table::RELOAD + table::COLD_ACCOUNT + table::CHANGED_ACCOUNT;
    // Its own, that of the call, and perhaps the vault, which any other transaction pays.
    let range = table::TRANSACTION + 2 * account..=table::TRANSACTION + 3 * account;
    assert!(range.contains(&execution.cycles), "{} of {range:?}", execution.cycles);
}

#[test]
fn a_sender_with_code_works() {
    let oracle = world(&[(DEPOSITOR, vec![op::STOP])]);
    let (execution, diff) = run_deposit(oracle, deposit());
    assert!(execution.is_success());
    assert_eq!(execution.deposit_nonce, Some(1));
    assert_eq!(depositor(&diff), (2, 60));
}

#[test]
fn creates_at_the_address_of_the_nonce_before() {
    let input = deploys(&[op::CALLER, op::STOP]).into();
    let (execution, diff) =
        run_deposit(world(&[]), TxDeposit { to: TxKind::Create, input, ..deposit() });
    let created = DEPOSITOR.create(0);
    assert!(execution.is_success());
    assert_eq!(execution.created, Some(created));
    assert_eq!(depositor(&diff), (1, 60));
    let account = diff.accounts[&created].unwrap();
    assert_eq!((account.nonce, account.balance), (1, U256::from(40)));
    assert_eq!(diff.codes[&account.code_hash][..], [op::CALLER, op::STOP]);
}

#[test]
fn the_gas_price_is_zero_and_the_gas_cap_does_not_hold() {
    let sees_price = code(&[&[op::GASPRICE], &push(1), &[op::SSTORE], &sstore(2, 1)]);
    let to = TxKind::Call(CONTRACT);
    let (execution, diff) = run_deposit(
        world(&[(CONTRACT, sees_price)]),
        TxDeposit { to, gas_limit: 20_000_000, ..deposit() },
    );
    assert!(execution.is_success());
    assert!(!diff.storage.contains_key(&(CONTRACT, U256::from(1))));
    assert_eq!(diff.storage[&(CONTRACT, U256::from(2))], U256::from(1));
}

#[test]
fn no_more_is_minted_than_an_l1_could_hold() {
    let (_, diff) = run_deposit(world(&[]), TxDeposit { mint: DEPOSIT_MINT_MAX, ..deposit() });
    assert_eq!(depositor(&diff), (1, DEPOSIT_MINT_MAX - 40));
    let (execution, diff) =
        run_deposit(world(&[]), TxDeposit { mint: DEPOSIT_MINT_MAX + 1, ..deposit() });
    assert!(!execution.is_success(), "without the mint the value is missing");
    assert_only_minted(&diff, 0);
}

#[test]
fn a_deposit_has_cycles_by_its_gas_and_no_more_than_a_transaction() {
    // Exchanges of words on the stack cost more for their gas than a deposit has.
    let body = [op::CODESIZE, op::CODESIZE, op::SWAP1, op::POP, op::POP].repeat(400);
    let loops = code(&[&[op::JUMPDEST], &body, &push(0), &[op::JUMP]]);
    let gas_limit = 1_000_000;
    let to = TxKind::Call(CONTRACT);
    let deposit = TxDeposit { to, gas_limit, ..deposit() };
    let transaction =
        Transaction::from_trusted_parts(Envelope::Deposit(deposit.seal_slow()), DEPOSITOR);
    let by_gas = gas_limit * DEPOSIT_CYCLES_PER_GAS;
    for (cycles_max, expected) in [(by_gas + 1, by_gas), (by_gas, by_gas), (by_gas / 2, by_gas / 2)]
    {
        let context = BlockContext { transaction_cycles_max: cycles_max, ..context() };
        let (execution, diff) = run(world(&[(CONTRACT, loops.clone())]), &context, &transaction);
        assert_eq!(execution.cycles, expected);
        assert_eq!(execution.gas_used, gas_limit);
        assert_only_minted(&diff, 100);
    }
}
