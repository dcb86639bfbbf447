//! The OS natively and in the guest: the same commitments for everything that a chain can do.
//!
//! With `--nocapture` each test prints a row: name, cycles, transactions, bytes of the guest's
//! input and of the pubdata.
#![expect(clippy::print_stdout, reason = "the rows, for who asks with --nocapture")]

use minster_batcher::BuildError;
use std::env;

use minster_os::batch::BatchError;
use minster_primitives::{Encodable2718, Envelope, TxDeposit, alloy_consensus::Sealable};
use minster_tests::batches::chain::Chain;
use minster_tests::batches::scenarios::{
    accounts, blocks, creation, delegation, failures, precompiles, safe, small::SMALL, tokens,
    transfers, uniswap, user_operations,
};
use minster_tests::batches::triangle::{self, Emulated, Range};
use minster_tests::batches::{World, other, record, transfer};
use minster_tests::differential::generate;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Random cases of a short run.
const RANDOM_CASES: u32 = 48;
/// With any value, the cases are new ones.
const LONG_VARIABLE: &str = "MINSTER_LONG";

fn check(name: &str, chain: Chain) {
    check_range(name, triangle::range_of(chain, 0));
}

fn check_range(name: &str, range: Range) {
    let Emulated { cycles, transactions, input, pubdata } = triangle::check_range(range);
    println!("| {name} | {cycles} | {transactions} | {input} | {pubdata} |");
    record::hold(name, cycles);
}

macro_rules! scenarios {
    ($($name:ident = $chain:path;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), $chain());
        }
    )*};
}

scenarios! {
    transfers = transfers::transfers;
    erc20 = tokens::erc20;
    uniswap_v2 = uniswap::v2;
    uniswap_v3 = uniswap::v3;
    safe = safe::safe;
    user_operations = user_operations::user_operations;
    delegation = delegation::delegation;
    precompiles = precompiles::precompiles;
    changed_inputs_of_precompiles = precompiles::changed_inputs;
    creation_of_contracts = creation::creation_of_contracts;
    self_destruct = creation::self_destruct;
    failures = failures::failures;
    surroundings = blocks::surroundings;
    empty_blocks = blocks::empty_blocks;
    longest_batch = blocks::longest_batch;
    thousands_of_accounts = accounts::thousands;
    slots_that_go = accounts::slots_that_go;
    sizes = accounts::sizes;
}

/// Those that are proved, too.
#[test]
fn small_scenarios() {
    for (name, scenario) in SMALL {
        let chain = scenario();
        let last = chain.ended();
        check_range(&format!("small_{name}"), triangle::range_of(chain, last));
    }
}

/// What is held against another EVM is held against the guest as well. `cargo xtask long guest`
/// takes other cases each time, and more of them.
#[test]
fn random_transactions() {
    let is_long = env::var_os(LONG_VARIABLE).is_some();
    let cases = if is_long { Config::default().cases } else { RANDOM_CASES };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = match is_long {
        true => TestRunner::new(config),
        false => {
            let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            TestRunner::new_with_rng(config, random)
        }
    };
    let result = runner.run(&generate::case(), |case| {
        triangle::check(case.chain());
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// A batch proved by itself commits to what it commits to inside of a range.
#[test]
fn a_range_is_its_batches() {
    let whole = triangle::range_of(transfers::transfers(), 0);
    let Range { input, claim, .. } = triangle::range_of(transfers::transfers(), 1);
    assert!(input.batches.len() < whole.input.batches.len());
    assert_eq!(claim[32..], whole.claim[32..]);
    assert_eq!(triangle::emulate(&input).output, claim);
}

/// The salt decides the order in the guest's tables and what it costs to find something there, so
/// that nobody knows it beforehand; and nothing else.
#[test]
fn every_salt_makes_the_same_claim() {
    let Range { input, claim, .. } = triangle::range_of(uniswap::v2(), 0);
    let salts = [[0; 32], [0xff; 32], triangle::SALT];
    let cycles = salts.map(|salt| {
        let outcome = triangle::emulate_salted(&input, &salt);
        assert_eq!(outcome.output, claim);
        outcome.cycles
    });
    let (least, most) = (cycles.iter().min().unwrap(), cycles.iter().max().unwrap());
    assert!(least < most, "the tables' keys are known to everybody: {cycles:?}");
    assert!(most - least < least / 50, "the salt decides what a batch costs: {cycles:?}");
}

/// Without blocks there is no batch, natively or in the guest.
#[test]
fn a_batch_has_blocks() {
    let world = World::new(1, 0);
    let refused = world.build(Vec::new());
    assert!(matches!(refused, Err(BuildError::Batch(BatchError::BlockCount { count: 0 }))));
    let mut range = triangle::range_of(blocks::empty_blocks(), 1).input;
    range.batches[0].blocks.clear();
    assert_ne!(triangle::emulate(&range).exit_code, 0);
}

/// Deposits are the Inbox's, and without an L1 there is none: they are refused on both sides.
#[test]
fn deposits_need_an_inbox() {
    let mut world = World::new(1, 0);
    let built = world.batch(vec![vec![transfer(0, 0, other(1), 1)]]);
    let deposit = TxDeposit { gas_limit: 100_000, mint: 5, ..TxDeposit::default() };
    let deposit = Envelope::Deposit(deposit.seal_slow()).encoded_2718();
    let mut range = world.range(&built);
    assert_eq!(triangle::emulate(&range).exit_code, 0);
    let blocks = &mut range.batches[0].blocks;
    blocks[0].transactions.push(deposit.into());
    let refused = world.build(blocks.clone());
    assert!(matches!(refused, Err(BuildError::Batch(BatchError::Deposit { .. }))));
    assert_ne!(triangle::emulate(&range).exit_code, 0);
}
