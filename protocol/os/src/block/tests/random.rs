//! Random runs of transactions: no ether appears or disappears, and a diff may be taken anywhere.

use proptest::prelude::*;

use super::*;

const SENDERS: u8 = 4;
const START: u128 = 1_000_000_000_000_000;

/// Sends its balance to its caller and stays, because it is old.
const OLD: Address = Address::repeat_byte(0xe0);
/// Creates a contract that destroys itself to the caller, with the call's value.
const FACTORY: Address = Address::repeat_byte(0xe1);
/// Adds one to slot 0, clears slot 1.
const COUNTER: Address = Address::repeat_byte(0xe2);

const OLD_CODE: [u8; 2] = [0x33, 0xff];
/// PUSH2 33ff, MSTORE at 0, CREATE(callvalue, 30, 2).
const FACTORY_CODE: [u8; 12] = [0x61, 0x33, 0xff, 0x5f, 0x52, 0x60, 2, 0x60, 30, 0x34, 0xf0, 0x00];
const COUNTER_CODE: [u8; 11] = [0x5f, 0x54, 0x60, 1, 0x01, 0x5f, 0x55, 0x5f, 0x60, 1, 0x55];

#[derive(Debug, Clone)]
enum Step {
    Transfer {
        from: u8,
        to: u8,
        value: u64,
    },
    CallOld {
        from: u8,
        value: u64,
    },
    CallFactory {
        from: u8,
        value: u64,
    },
    Count {
        from: u8,
    },
    /// Init code that destroys itself: to Bob, or to itself, which burns the value.
    Vanish {
        from: u8,
        value: u64,
        burns: bool,
    },
    /// A contract that reverts everything sent to it.
    Deploy {
        from: u8,
        value: u64,
    },
    Deposit {
        from: u8,
        mint: u64,
        value: u64,
        gas_limit: u64,
    },
    /// A nonce that no account has reached.
    Invalid {
        from: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let value = || prop_oneof![3 => 0u64..1_000, 1 => Just(u64::MAX)];
    let from = || 0..SENDERS;
    let gas_limit = prop_oneof![0u64..60_000, Just(100_000)];
    prop_oneof![
        4 => (from(), 0..SENDERS * 2, value())
            .prop_map(|(from, to, value)| Step::Transfer { from, to, value }),
        1 => (from(), value()).prop_map(|(from, value)| Step::CallOld { from, value }),
        1 => (from(), value()).prop_map(|(from, value)| Step::CallFactory { from, value }),
        2 => from().prop_map(|from| Step::Count { from }),
        2 => (from(), value(), any::<bool>())
            .prop_map(|(from, value, burns)| Step::Vanish { from, value, burns }),
        1 => (from(), value()).prop_map(|(from, value)| Step::Deploy { from, value }),
        3 => (from(), value(), value(), gas_limit).prop_map(|(from, mint, value, gas_limit)| {
            Step::Deposit { from, mint, value, gas_limit }
        }),
        1 => from().prop_map(|from| Step::Invalid { from }),
    ]
}

/// Below `SENDERS` one that sends, above it one that only receives.
fn account(index: u8) -> Address {
    Address::repeat_byte(index + 1)
}

fn start() -> MapOracle {
    let mut oracle = MapOracle::default();
    for index in 0..SENDERS {
        let account_ = Account { balance: U256::from(START), ..Account::default() };
        oracle.state.accounts.insert(account(index), Some(account_));
    }
    contract(&mut oracle, OLD, &OLD_CODE);
    contract(&mut oracle, FACTORY, &FACTORY_CODE);
    contract(&mut oracle, COUNTER, &COUNTER_CODE);
    oracle.state.storage.insert((COUNTER, U256::from(1)), U256::from(1));
    oracle
}

/// The transaction, with the nonces that count what went through.
fn transaction(step: &Step, nonces: &[u64; SENDERS as usize]) -> Transaction {
    let signed = |from: u8, to: TxKind, value: u64, input: &[u8]| {
        let tx = TxEip1559 {
            to,
            value: U256::from(value),
            input: Bytes::copy_from_slice(input),
            ..alices(nonces[usize::from(from)], 120_000)
        };
        let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
        Transaction::from_trusted_parts(envelope, account(from))
    };
    match *step {
        Step::Transfer { from, to, value } => signed(from, TxKind::Call(account(to)), value, &[]),
        Step::CallOld { from, value } => signed(from, TxKind::Call(OLD), value, &[]),
        Step::CallFactory { from, value } => signed(from, TxKind::Call(FACTORY), value, &[]),
        Step::Count { from } => signed(from, TxKind::Call(COUNTER), 0, &[]),
        Step::Vanish { from, value, burns: true } => {
            signed(from, TxKind::Create, value, &[0x30, 0xff])
        }
        Step::Vanish { from, value, burns: false } => {
            let init_code = [&[0x73], BOB.as_slice(), &[0xff]].concat();
            signed(from, TxKind::Create, value, &init_code)
        }
        Step::Deploy { from, value } => {
            // MSTORE8(0, 0xfd); RETURN(0, 1).
            signed(from, TxKind::Create, value, &[0x60, 0xfd, 0x5f, 0x53, 0x60, 1, 0x5f, 0xf3])
        }
        Step::Deposit { from, mint, value, gas_limit } => deposited(TxDeposit {
            from: account(from),
            to: TxKind::Call(OLD),
            mint: mint.into(),
            value: U256::from(value),
            gas_limit,
            ..Default::default()
        }),
        Step::Invalid { from } => {
            let tx = TxEip1559 { chain_id: 1, ..alices(0, 21_000) };
            let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
            Transaction::from_trusted_parts(envelope, account(from))
        }
    }
}

/// What a run of steps did.
struct Run {
    state: StateDiff,
    diff: StateDiff,
    receipts: Vec<Receipt>,
    minted: U256,
    burned: U256,
}

/// Runs the steps, taking the diff after every `slice` transactions.
fn run(steps: &[Step], slice: usize) -> Run {
    let mut block = open(start(), context());
    let mut run = Run {
        state: start().state,
        diff: StateDiff::default(),
        receipts: Vec::new(),
        minted: U256::ZERO,
        burned: U256::ZERO,
    };
    let mut nonces = [0; SENDERS as usize];
    for (index, step) in steps.iter().enumerate() {
        let result = block.execute(&transaction(step, &nonces)).unwrap();
        if let Ok(executed) = result {
            let from = sender(step);
            nonces[usize::from(from)] += 1;
            run.account_for(step, &executed);
            run.receipts.push(executed.receipt);
        }
        if index % slice == slice - 1 {
            run.diff.extend(advance(&mut block));
        }
    }
    run.diff.extend(block.take_diff());
    run.state.extend(run.diff.clone());
    run
}

const fn sender(step: &Step) -> u8 {
    match *step {
        Step::Transfer { from, .. }
        | Step::CallOld { from, .. }
        | Step::CallFactory { from, .. }
        | Step::Count { from }
        | Step::Vanish { from, .. }
        | Step::Deploy { from, .. }
        | Step::Deposit { from, .. }
        | Step::Invalid { from } => from,
    }
}

impl Run {
    /// What this step brought in, and what went nowhere.
    fn account_for(&mut self, step: &Step, executed: &Executed) {
        if let Step::Deposit { mint, .. } = step {
            self.minted += U256::from(*mint);
        } else {
            self.burned += U256::from(executed.execution.gas_used) * U256::from(BASE_FEE);
        }
        if let Step::Vanish { value, burns: true, .. } = step
            && executed.receipt.success
        {
            self.burned += U256::from(*value);
        }
    }
}

fn supply(state: &StateDiff) -> U256 {
    state.accounts.values().flatten().map(|account| account.balance).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn ether_is_conserved(steps in prop::collection::vec(step(), 1..60)) {
        let run = run(&steps, usize::MAX);
        let before = supply(&start().state);
        prop_assert_eq!(supply(&run.state), before + run.minted - run.burned);
        for account in run.state.accounts.values().flatten() {
            prop_assert!(!account.is_empty(), "an empty account exists");
        }
    }

    #[test]
    fn a_diff_in_slices_is_the_diff_at_once(
        steps in prop::collection::vec(step(), 1..60), slice in 1usize..5
    ) {
        let whole = run(&steps, usize::MAX);
        let sliced = run(&steps, slice);
        prop_assert_eq!(whole.receipts, sliced.receipts);
        prop_assert_eq!(whole.state, sliced.state);
        prop_assert_eq!(whole.diff, sliced.diff);
    }
}
