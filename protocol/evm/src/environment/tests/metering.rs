//! The proving meter: a transaction either runs as if there were no meter, or ends like
//! out-of-gas.

use proptest::prelude::*;
use revm::{
    ExecuteEvm, MainBuilder, MainContext,
    context::{Context, TxEnv},
    database::InMemoryDB,
    state::AccountInfo,
};

use super::*;

type Contracts = Vec<(Address, Vec<u8>)>;

/// Transactions of every kind, by name.
fn programs() -> Vec<(&'static str, Contracts, Transaction)> {
    let to = |name, runtime: Vec<u8>| (name, vec![(CONTRACT, runtime)], call(CONTRACT, 0, vec![]));
    let inner = code(&[&sstore(1, 1), &[op::STOP]]);
    let calls = code(&[&call_op(OTHER, 0, 0, 100_000), &push(3), &[op::SSTORE]]);
    let identity = Address::with_last_byte(4);
    let modexp_input = [vec![0; 31], vec![1], vec![0; 31], vec![32], vec![0; 31], vec![32]];
    let modexp_input = [modexp_input.concat(), vec![0xff; 65]].concat();
    vec![
        ("transfer", vec![], call(BOB, 5, vec![])),
        ("data", vec![], call(BOB, 0, vec![7; 500])),
        to("arithmetic", code(&[&push(3), &push(4), &push(5), &[op::MULMOD, op::STOP]])),
        to("store", code(&[&sstore(1, 1), &sstore(2, 2), &[op::STOP]])),
        to("keccak", code(&[&push(3_000), &push(0), &[op::KECCAK256]])),
        to("log", code(&[&push(1), &push(64), &push(0), &[op::LOG1]])),
        to("create", create_op(0, &deploys(&[op::STOP])[..28])),
        to("precompile inside", call_op(identity, 0, 64, 50_000)),
        to("revert", code(&[&sstore(1, 1), &push(0), &push(0), &[op::REVERT]])),
        ("inner call", vec![(CONTRACT, calls), (OTHER, inner)], call(CONTRACT, 0, vec![])),
        ("precompile at top", vec![], call(Address::with_last_byte(2), 0, vec![1; 100])),
        ("priced by gas", vec![], call(Address::with_last_byte(5), 0, modexp_input)),
        ("creation", vec![], create(3, deploys(&[op::STOP]))),
        ("creation of nothing", vec![], create(3, vec![])),
    ]
}

/// All gas used, failed, nonce and fee charged, nothing else.
fn assert_ended_like_out_of_gas(name: &str, (execution, diff): &Ran, limit: u64) {
    let halted = matches!(&execution.outcome, Outcome::Halt { reason } if reason.contains("OutOf"));
    assert!(halted, "{name} at {limit}: {:?}", execution.outcome);
    assert_eq!(execution.gas_used, GAS, "{name}");
    assert!(execution.logs.is_empty() && execution.output.is_empty(), "{name}");
    assert!(execution.cycles <= limit, "{name}");
    let fee = U256::from(GAS * (BASE_FEE + TIP));
    let alice = Account { nonce: 1, balance: U256::from(10 * ETHER) - fee, ..Account::default() };
    let vault = Account { balance: U256::from(GAS * TIP), ..Account::default() };
    let mut expected = StateDiff::default();
    expected.accounts.insert(ALICE, Some(alice));
    expected.accounts.insert(VAULT, Some(vault));
    assert_eq!(*diff, expected, "{name}");
}

#[test]
fn a_transaction_past_the_limit_ends_like_out_of_gas() {
    for (name, contracts, transaction) in programs() {
        let at = |limit| {
            let context = BlockContext { transaction_cycles_max: limit, ..context() };
            run(world(&contracts), &context, &transaction)
        };
        let free = at(u64::MAX);
        let used = free.0.cycles;
        assert!(!matches!(free.0.outcome, Outcome::Halt { .. }), "{name}: {:?}", free.0.outcome);
        assert_eq!(at(used), free, "{name}");
        assert_eq!(at(used + 1), free, "{name}");
        for limit in [used - 1, used / 2, 1, 0] {
            let first = at(limit);
            assert_ended_like_out_of_gas(name, &first, limit);
            assert_eq!(at(limit), first, "{name}");
        }
    }
}

/// The inner call loops; the outer one would store whether it failed.
fn catcher(inner_gas: u64) -> Contracts {
    let endless = code(&[&[op::JUMPDEST], &push(0), &[op::JUMP]]);
    let catching =
        code(&[&call_op(OTHER, 0, 0, inner_gas), &[op::ISZERO], &push(1), &[op::SSTORE]]);
    vec![(CONTRACT, catching), (OTHER, endless)]
}

#[test]
fn no_frame_escapes_the_limit() {
    let transaction = call(CONTRACT, 0, vec![]);
    // Out of gas is caught.
    let free = run(world(&catcher(100_000)), &context(), &transaction);
    assert!(free.0.is_success());
    assert_eq!(free.1.storage[&(CONTRACT, U256::from(1))], U256::from(1));
    // The meter is not, though the outer frame has gas left.
    for limit in [free.0.cycles / 4, free.0.cycles / 2] {
        let context = BlockContext { transaction_cycles_max: limit, ..context() };
        let ran = run(world(&catcher(100_000)), &context, &transaction);
        assert_ended_like_out_of_gas("catcher", &ran, limit);
    }
}

#[test]
fn a_transaction_past_the_limit_does_not_burden_the_next() {
    let mut environment = EvmEnvironment::new(world(&catcher(100_000)));
    let cycles_max = 1_000_000;
    environment.set_block(&BlockContext { transaction_cycles_max: cycles_max, ..context() });
    let first = environment.execute(&call(CONTRACT, 0, vec![])).unwrap();
    assert_eq!((first.is_success(), first.cycles), (false, cycles_max));
    let transfer = TxEip1559 { nonce: 1, ..alices(TxKind::Call(BOB), 1, vec![]) };
    assert!(environment.execute(&from_alice(transfer)).unwrap().is_success());
}

/// revm as it comes, on the same state.
fn plain(oracle: &MapOracle, transaction: &Transaction) -> (ExecutionResult, StateDiff) {
    let mut database = InMemoryDB::default();
    for (address, account) in &oracle.state.accounts {
        let account = account.unwrap();
        let code = oracle.state.codes.get(&account.code_hash).cloned().unwrap_or_default();
        let mut info = AccountInfo::from_balance(account.balance).with_nonce(account.nonce);
        info.code_hash = account.code_hash;
        info.code = Some(crate::bytecode(code));
        database.insert_account_info(*address, info);
    }
    // Left alone, this database makes up block hashes.
    for number in 0..context().number {
        database.cache.block_hashes.insert(U256::from(number), B256::ZERO);
    }
    let mut machine = Context::mainnet()
        .with_db(database)
        .with_cfg(context().cfg_env())
        .with_block(context().block_env())
        .build_mainnet();
    let env: TxEnv = tx_env(transaction);
    let out = machine.transact(env).unwrap();
    let mut overlay = Overlay::new(oracle.clone());
    overlay.commit(out.state);
    (out.result, overlay.take_diff())
}

/// What the meter says of a call with so much gas, if it succeeds.
fn called_with(gas: u64, inner: &[u8]) -> Option<u64> {
    let outer = [call_op(OTHER, 0, 0, gas), push(1), vec![op::SSTORE]].concat();
    let oracle = world(&[(CONTRACT, outer), (OTHER, inner.to_vec())]);
    let (execution, diff) = run(oracle, &context(), &call(CONTRACT, 0, vec![]));
    assert!(execution.is_success());
    diff.storage.contains_key(&(CONTRACT, U256::from(1))).then_some(execution.cycles)
}

/// Words that are not whole, over memory that is there: what gas pays by the byte, or not at all.
#[test]
fn what_the_last_gas_pays_is_metered() {
    let grown = [push(7), push(64), vec![op::MSTORE]].concat();
    let over_memory = |opcode: u8| [grown.clone(), push(33), push(0), vec![opcode]].concat();
    // Fails where nothing was created.
    let created = [op::ISZERO].into_iter().chain(push(1 << 40)).chain([op::MUL, op::MLOAD]);
    let creates =
        create_op(0, &[op::PUSH1, 33, op::PUSH0, op::RETURN]).into_iter().chain(created).collect();
    for inner in [over_memory(op::LOG0), over_memory(op::RETURN), creates] {
        let with_plenty = called_with(200_000, &inner).expect("a success");
        let (mut least, mut enough) = (0, 200_000);
        while least < enough {
            let middle = (least + enough) / 2;
            match called_with(middle, &inner) {
                Some(_) => enough = middle,
                None => least = middle + 1,
            }
        }
        assert_eq!(called_with(least, &inner), Some(with_plenty), "{inner:x?}");
    }
}

/// What is read for the last gas is charged, though no instruction comes after it.
#[test]
fn what_is_touched_last_is_metered() {
    let account = code(&[&[op::PUSH20], OTHER.as_slice(), &[op::EXTCODESIZE, op::POP]]);
    let slot = code(&[&push(9), &[op::SLOAD, op::POP]]);
    for reads in [account, slot] {
        let with_gas = |gas_limit| {
            let contracts = [(CONTRACT, reads.clone()), (OTHER, vec![op::STOP; 20_000])];
            let to = TxKind::Call(CONTRACT);
            let call = from_alice(TxEip1559 { gas_limit, ..alices(to, 0, vec![]) });
            run(world(&contracts), &context(), &call).0
        };
        let whole = with_gas(GAS);
        // Gas is missing for POP alone.
        let ended = with_gas(whole.gas_used - 1);
        assert!(whole.is_success() && !ended.is_success());
        assert!(ended.cycles + 10_000 > whole.cycles, "{} of {}", ended.cycles, whole.cycles);
    }
}

/// A frame that asks for more memory than it can pay ends, and nothing else does.
#[test]
fn memory_that_no_gas_pays_is_not_metered() {
    for offset in [1_u64 << 20, 1 << 31, 1 << 33, 1 << 40, u64::MAX] {
        for opcode in [op::CODECOPY, op::MSTORE, op::KECCAK256, op::MCOPY, op::RETURN] {
            let operands: &[u64] = match opcode {
                op::CODECOPY | op::MCOPY => &[offset, 0, 32],
                op::MSTORE => &[offset, 1],
                _ => &[offset, 32],
            };
            // The first operand is on top.
            let mut inner: Vec<u8> = operands.iter().rev().flat_map(|value| push(*value)).collect();
            inner.push(opcode);
            let outer = [call_op(OTHER, 0, 32, 30_000), sstore(1, 7)].concat();
            let oracle = world(&[(CONTRACT, outer), (OTHER, inner)]);
            let transaction = call(CONTRACT, 0, vec![]);
            let (execution, diff) = run(oracle, &context(), &transaction);
            assert!(execution.is_success(), "{opcode:#x} at {offset}");
            assert!(execution.cycles < 2_000_000, "{opcode:#x} at {offset}: {}", execution.cycles);
            assert_eq!(diff.storage[&(CONTRACT, U256::from(1))], U256::from(7));
        }
    }
}

/// Bytes in which opcodes that do something are frequent.
fn random_code() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => (0u64..80).prop_map(push),
        6 => (0u8..).prop_map(|byte| vec![byte]),
        2 => (0u8..0x21).prop_map(|byte| vec![byte]),
        1 => (0u64..4, 0u64..4).prop_map(|(slot, value)| sstore(slot, value)),
        1 => Just(call_op(OTHER, 0, 32, 20_000)),
        1 => (1u8..18).prop_map(|last| call_op(Address::with_last_byte(last), 0, 64, 30_000)),
        1 => Just(create_op(0, &sstore(1, 2))),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_meter_that_is_not_reached_changes_nothing(outer in random_code(), inner in random_code()) {
        let oracle = world(&[(CONTRACT, outer), (OTHER, inner)]);
        let transaction = call(CONTRACT, 0, vec![]);
        let (execution, diff) = run(oracle.clone(), &context(), &transaction);
        let (expected, expected_diff) = plain(&oracle, &transaction);
        prop_assert_eq!(execution.gas_used, expected.tx_gas_used());
        prop_assert_eq!(execution.is_success(), expected.is_success());
        let logs = if expected.is_success() { expected.logs() } else { &[] };
        prop_assert_eq!(&execution.logs[..], logs);
        prop_assert_eq!(&execution.output, expected.output().unwrap_or_default());
        prop_assert_eq!(diff, expected_diff);
    }

    #[test]
    fn a_limit_is_all_or_nothing(
        outer in random_code(), inner in random_code(), share in 0u64..130
    ) {
        let oracle = world(&[(CONTRACT, outer), (OTHER, inner)]);
        let transaction = call(CONTRACT, 0, vec![]);
        let free = run(oracle.clone(), &context(), &transaction);
        let limit = free.0.cycles * share / 100;
        let context = BlockContext { transaction_cycles_max: limit, ..context() };
        let ran = run(oracle, &context, &transaction);
        if free.0.cycles <= limit {
            prop_assert_eq!(ran, free);
        } else {
            assert_ended_like_out_of_gas("random", &ran, limit);
        }
    }
}
