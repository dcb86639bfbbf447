//! Measures what the meter charges for, in the batch guest: `meter [--write] [NAME...]`, the cases
//! whose names start so, or all. Prints a table in Markdown. With `--write`, all are measured, and
//! the meter's table and the record of the measurement are written; with `--table`, the table from
//! the record as it is. For `cargo xtask bench meter`.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use minster_tests::batches::meter::figures::{Costs, NANOSECONDS_PER_CELL, figures, source};
use minster_tests::batches::meter::mixes::{metered, worst};
use minster_tests::batches::meter::record;
use minster_tests::batches::meter::rows::{Rows, Shapes};
use minster_tests::batches::meter::transactions::families;
use minster_tests::batches::meter::weights::weights;
use minster_tests::batches::meter::{Case, Cost, When, cases};

/// Of so many mixes it prints what they cost.
const MIXES: usize = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, wanted): (Vec<_>, Vec<_>) =
        arguments.into_iter().partition(|argument| argument.starts_with("--"));
    if flags.iter().any(|flag| flag == "--table") {
        return write_table();
    }
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|prefix| name.starts_with(prefix));
    println!("| case | cells | measured | metered | ratio | gas | CPU-µs | input |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let shapes = Shapes::new();
    let mut costs = Costs::new();
    let (mut repeated, mut mixed) = (Vec::new(), Vec::new());
    let cases = cases();
    for case in cases.iter().filter(|case| is_wanted(&case.name)) {
        let cost = case.cost(&shapes);
        print(&case.name, cost);
        costs.insert(case.name.clone(), cost);
        match case.when {
            When::Turns => repeated.push((case, cost)),
            When::Both => mixed.push((case, cost)),
            When::Phases => {}
        }
    }
    for family in families().iter().filter(|family| is_wanted(family.name)) {
        let cost = family.cost(&shapes);
        print(family.name, cost);
        costs.insert(family.name.to_owned(), cost);
    }
    if repeated.len() > 1 {
        print_mixes(&repeated, &shapes);
    }
    if !flags.is_empty() {
        assert!(wanted.is_empty(), "--write measures all cases");
        let rows: Vec<Rows> = repeated.iter().map(|(_, cost)| cost.rows).collect();
        let weights = weights(&rows, &shapes);
        for (case, cost) in repeated {
            costs.insert(case.name.clone(), cost.in_turns(&weights));
        }
        for (case, cost) in mixed {
            costs.insert(case.name.clone(), cost.or_dearer(cost.in_turns(&weights)));
        }
        record::write(&costs);
        write_table();
    }
}

fn print_mixes(repeated: &[(&Case, Cost)], shapes: &Shapes) {
    let alone: f64 = repeated.iter().map(|(_, cost)| cost.measured() / cost.metered).sum();
    let alone = alone / repeated.len() as f64;
    println!("\nAlone, what is done in a row costs {alone:.2} of its charge on average.");
    println!("\n| turns of, by what they are charged | ratio |\n| --- | ---: |");
    let things: Vec<Rows> = repeated.iter().map(|(_, cost)| metered(cost)).collect();
    let names: Vec<String> = repeated.iter().map(|(case, _)| case.name.clone()).collect();
    for mix in worst(&things, shapes).iter().take(MIXES) {
        println!("| {} | {:.2} |", mix.named(&names), mix.ratio);
    }
}

fn write_table() {
    let table = source(&figures(&record::read()));
    std::fs::write(record::TABLE, table).expect(record::TABLE);
}

fn print(name: &str, cost: Cost) {
    let (cells, metered, gas) = (cost.cells, cost.metered, cost.gas);
    let ratio = cost.measured() / metered.max(1.0);
    let micros = cells * NANOSECONDS_PER_CELL / 1e3;
    println!(
        "| {name} | {cells:.0} | {:.0} | {metered:.0} | {ratio:.2} | {gas:.0} | {micros:.1} | \
         {:.0} |",
        cost.measured(),
        cost.input
    );
}
