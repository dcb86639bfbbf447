//! The meter holds: nothing costs the batch guest more than the meter charges natively for it.
//!
//! Every case is also a transaction that does one thing only, as far as it can: the worst that an
//! attacker could send, if that thing were priced too low.

use minster_tests::batches::meter::figures::{figures, source};
use minster_tests::batches::meter::rows::Widths;
use minster_tests::batches::meter::transactions::families;
use minster_tests::batches::meter::{Case, loops, precompiles, record, state};

/// Cases that are compared with others, and do nothing that is charged.
const UNCHARGED: [&str; 1] = ["BLOCK"];

/// What one costs and what the meter says, for each that the meter says too little of.
fn cheap(cases: &[Case]) -> Vec<String> {
    let widths = Widths::new();
    let costs = cases.iter().map(|case| (case.name.clone(), case.cost(&widths)));
    let cheap = costs.filter(|(_, cost)| cost.measured() > cost.metered);
    cheap
        .map(|(name, cost)| format!("{name}: {:.0} > {:.0}", cost.measured(), cost.metered))
        .collect()
}

fn assert_none(cheap: &[String]) {
    assert!(cheap.is_empty(), "metered too low:\n{}", cheap.join("\n"));
}

#[test]
fn instructions_cost_no_more_than_metered() {
    assert_none(&cheap(&loops::cases()));
}

#[test]
fn state_calls_and_creations_cost_no_more_than_metered() {
    assert_none(&cheap(&state::cases()));
}

#[test]
fn precompiles_cost_no_more_than_metered() {
    assert_none(&cheap(&precompiles::cases()));
}

#[test]
fn transactions_cost_no_more_than_metered() {
    let widths = Widths::new();
    let families = families();
    let charged = families.iter().filter(|family| !UNCHARGED.contains(&family.name));
    let costs = charged.map(|family| (family.name, family.cost(&widths)));
    let cheap = costs.filter(|(_, cost)| cost.measured() > cost.metered);
    let cheap: Vec<String> = cheap
        .map(|(name, cost)| format!("{name}: {:.0} > {:.0}", cost.measured(), cost.metered))
        .collect();
    assert_none(&cheap);
}

/// `cargo xtask bench meter --write` makes it equal.
#[test]
fn the_table_is_what_was_measured() {
    let table = std::fs::read_to_string(record::TABLE).expect("the table");
    assert_eq!(source(&figures(&record::read())), table);
}
