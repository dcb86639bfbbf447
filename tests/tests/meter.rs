//! The meter holds: nothing costs the batch guest more than the meter charges natively for it.
//!
//! Every case is also a transaction that does one thing only, as far as it can: the worst that an
//! attacker could send, if that thing were priced too low.
#![expect(clippy::print_stdout, reason = "the rows, for who asks with --nocapture")]

use std::sync::LazyLock;

use minster_params::constants::{BLOCK_CYCLES_MAX, TRANSACTION_CYCLES_MAX};
use minster_tests::batches::meter::figures::{figures, source};
use minster_tests::batches::meter::mixes::{metered, worst};
use minster_tests::batches::meter::rows::{Rows, Shapes};
use minster_tests::batches::meter::transactions::{self, families};
use minster_tests::batches::meter::{Case, Cost, Run, When, cases, full_block, record, state};
use minster_tests::batches::triangle::SALT;

/// Cases that are compared with others, and do nothing that is charged.
const UNCHARGED: [&str; 1] = ["BLOCK"];

/// The shapes, made once.
fn shapes() -> &'static Shapes {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::new);
    &SHAPES
}

/// What all cases cost.
fn measured() -> &'static [(Case, Cost)] {
    static MEASURED: LazyLock<Vec<(Case, Cost)>> = LazyLock::new(|| {
        let measured = cases().into_iter().map(|case| {
            let cost = case.cost(shapes());
            (case, cost)
        });
        measured.collect()
    });
    &MEASURED
}

/// None of them costs more than the meter says.
fn assert_charged<'a>(costs: impl Iterator<Item = (&'a str, Cost)>) {
    let cheap: Vec<String> = costs
        .filter(|(_, cost)| cost.measured() > cost.metered)
        .map(|(name, cost)| format!("{name}: {:.0} > {:.0}", cost.measured(), cost.metered))
        .collect();
    assert!(cheap.is_empty(), "metered too low:\n{}", cheap.join("\n"));
}

#[test]
fn what_a_contract_does_costs_no_more_than_metered() {
    assert!(measured().len() > 150, "{} cases", measured().len());
    assert_charged(measured().iter().map(|(case, cost)| (case.name.as_str(), *cost)));
}

#[test]
fn transactions_cost_no_more_than_metered() {
    let families = families();
    let charged = families.iter().filter(|family| !UNCHARGED.contains(&family.name));
    assert_charged(charged.map(|family| (family.name, family.cost(shapes()))));
}

/// What a contract does by turns, in whatever shares, is charged what a prover pays for it.
#[test]
fn turns_cost_no_more_than_metered() {
    let repeated = measured().iter().filter(|(case, _)| case.when == When::Turns);
    let (names, things): (Vec<String>, Vec<Rows>) =
        repeated.map(|(case, cost)| (case.name.clone(), metered(cost))).unzip();
    let mixes = worst(&things, shapes());
    let worst = mixes.first().expect("pairs");
    let (ratio, parts) = (worst.ratio, worst.named(&names));
    println!("{ratio:.2} of what is charged: {parts}");
    assert!(ratio <= 1.0, "metered too low: {ratio:.2} for {parts}");
    // A search that finds nothing dearer than the things themselves does not search.
    let alone = things.iter().map(|rows| shapes().cells(rows)).fold(0.0, f64::max);
    assert!(ratio > alone, "{ratio} by turns, {alone} alone");
}

/// Transactions that do the worst until their gas or the meter ends them.
const WORST: [&str; 25] = [
    "MULMOD",
    "EXP_32",
    "KECCAK256_LONG",
    "CALLDATACOPY_LONG",
    "CODECOPY_LONG",
    "MCOPY_DOWN",
    "MIX_HASH",
    "MIX_SHA256_ECRECOVER",
    "MIX_LONG_SHA256_HASH",
    "SPARSE",
    "LOG4_LONG",
    "SLOAD_ABSENT_LARGE",
    "SSTORE_NEW_LARGE",
    "SEND_NEW_LARGE",
    "CODE_TARGETS",
    "CREATE_SMALL",
    "CREATE_IDLE",
    "PRECOMPILE_5_32_3_32_255_128",
    "PRECOMPILE_5_1024_1_1024_1_128",
    "PRECOMPILE_8_1",
    "PRECOMPILE_a_",
    "PRECOMPILE_c_41_SIZES",
    "PRECOMPILE_e_1",
    "PRECOMPILE_f_1",
    "PRECOMPILE_100_",
];
/// What a batch of one block takes without transactions, in cycle-equivalents.
const BATCH_CYCLES: f64 = 500_000.0;

/// A batch costs the guest no more than the meter said natively.
fn assert_metered(name: &str, run: &Run) {
    let cost = run.measured(shapes());
    let (measured, metered) = (cost.measured(), cost.metered + BATCH_CYCLES);
    let (bytes, gas) = (cost.input, cost.gas);
    let padding = cost.cells / shapes().full_cells(&cost.rows);
    println!(
        "{name}: {measured:.0} of {metered:.0}, padded {padding:.2}, {bytes:.0} bytes, {gas:.0} gas"
    );
    assert!(measured <= metered, "{name}: {measured:.0} > {metered:.0}");
}

/// Whole batches of one such transaction each cost the guest no more than the meter says natively.
fn assert_bounded(cycles_max: u64) {
    let cases = cases();
    for name in WORST {
        let case = cases.iter().find(|case| case.name == name).expect(name);
        let run = case.exhausted(cycles_max);
        assert!(run.cycles <= cycles_max, "{name}");
        assert_metered(name, &run);
    }
}

#[test]
fn the_worst_transactions_stay_within_the_meter() {
    assert_bounded(100_000_000);
}

/// The same with the limit that chains have by default.
#[test]
#[ignore = "takes ten minutes"]
fn long_run_the_worst_transactions_stay_within_the_default_limit() {
    assert_bounded(TRANSACTION_CYCLES_MAX);
}

/// Runs of which a block holds the most: of proofs, of changes, of logs, of memory, of accounts.
const FULL: [&str; 6] = [
    "SLOAD_ABSENT_LARGE",
    "SSTORE_NEW_LARGE",
    "SEND_NEW_LARGE",
    "LOG4_LONG",
    "SPARSE",
    "CREATE_SMALL",
];

/// A block that is full is still one that the guest can prove, in its memory and within the meter.
fn assert_full_blocks_bounded(transaction: u64, block: u64) {
    let cases = cases();
    for name in FULL {
        let case = cases.iter().find(|case| case.name == name).expect(name);
        let (run, full) = case.full_block(transaction, block);
        assert!(run.cycles <= block, "{name}");
        println!("{name} fills a block's {full:?}");
        assert_metered(name, &run);
    }
}

/// The same with what comes before a transaction's first instruction.
fn assert_full_of_transactions_bounded(transaction_cycles_max: u64, block: u64) {
    for (name, transaction) in transactions::FULL {
        let genesis = transactions::limited(transaction_cycles_max, block);
        let (run, full) = full_block(name, genesis, transaction);
        println!("{name} fill a block's {full:?}");
        assert_metered(name, &run);
    }
}

/// What the meter charges for the largest code, about.
const CODE_CYCLES: u64 = 2_400_000;

/// The largest input that a block can have: codes that each make all there is to pay for.
fn assert_full_of_codes(transaction: u64, block: u64) {
    let case = state::many_codes(block / transaction + 1, transaction / CODE_CYCLES + 1);
    let (run, full) = case.full_block(transaction, block);
    println!("codes fill a block's {full:?}");
    assert_metered("CODES", &run);
    // Most of what it pays for is read.
    let codes = run.range.input.salted(&SALT).len() as u64 / state::CODE_SIZE_MAX as u64;
    assert!(codes > block / CODE_CYCLES / 2, "{codes} codes");
}

/// What transactions return is more than the guest has memory for, all of it together.
fn assert_full_of_outputs(transaction: u64, block: u64) {
    let (run, full) = state::outputs().full_block(transaction, block);
    println!("outputs fill a block's {full:?}");
    assert_metered("OUTPUTS", &run);
}

#[test]
fn full_blocks_stay_within_the_meter() {
    assert_full_blocks_bounded(10_000_000, 80_000_000);
    assert_full_of_transactions_bounded(10_000_000, 80_000_000);
    assert_full_of_codes(10_000_000, 80_000_000);
    assert_full_of_outputs(10_000_000, 80_000_000);
}

/// With a limit that leaves no cycle of the block unused.
#[test]
#[ignore = "takes ten minutes"]
fn long_run_a_block_full_of_outputs_stays_within_the_default_limit() {
    assert_full_of_outputs(5_000_000, BLOCK_CYCLES_MAX);
}

#[test]
#[ignore = "takes ten minutes"]
fn long_run_a_block_full_of_codes_stays_within_the_default_limit() {
    assert_full_of_codes(TRANSACTION_CYCLES_MAX, BLOCK_CYCLES_MAX);
}

/// The same with the limits that chains have by default.
#[test]
#[ignore = "takes half an hour"]
fn long_run_full_blocks_stay_within_the_default_limit() {
    assert_full_blocks_bounded(TRANSACTION_CYCLES_MAX, BLOCK_CYCLES_MAX);
    assert_full_of_transactions_bounded(TRANSACTION_CYCLES_MAX, BLOCK_CYCLES_MAX);
}

/// `cargo xtask bench meter --write` makes it equal.
#[test]
fn the_table_is_what_was_measured() {
    let table = std::fs::read_to_string(record::TABLE).expect("the table");
    assert_eq!(source(&figures(&record::read())), table);
}
