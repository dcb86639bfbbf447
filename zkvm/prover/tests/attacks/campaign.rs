//! Random changes of random cells of a run with every instruction and every call.

use std::time::{Duration, Instant};

use minster_machine::F;
use p3_field::{Field, PrimeCharacteristicRing};

use crate::support::{Change, Ledger, Random, Score, cell, columns, table, tour, tour_ledger};

/// Seed of the campaign.
const SEED: u64 = 0x6d69_6e73_7465_7201;

/// Whether a chip's README lists the column as free in this row.
pub fn is_listed(ledger: &Ledger, table: usize, row: usize, name: &str) -> bool {
    let flag = |name: &str| ledger.get(table, row, name) == 1;
    match (table, name) {
        (table::BRANCH, "inverse") => {
            let is_order = flag("is_signed") || flag("is_unsigned");
            ledger.get(table, row, "difference") == 0 || (is_order && !flag("high_differs"))
        }
        (table::ECALL, "commit_clock" | "commit_gap_high") => !flag("is_commit"),
        (table::ECALL, "end" | "room_low" | "room_high" | "position" | "position_end") => {
            flag("is_halt") || flag("is_write")
        }
        (table::TRANSFER, name) => name.starts_with("digest") && flag("is_read"),
        _ => false,
    }
}

fn value(random: &mut Random, honest: F) -> F {
    let step = F::from_u32(1 << random.below(30));
    match random.below(10) {
        0 => F::ZERO,
        1 => F::ONE,
        2 => honest + F::ONE,
        3 => honest - F::ONE,
        4 => honest + step,
        5 => honest - step,
        6 => -honest,
        7 => honest + F::TWO.inverse(),
        8 => F::from_u32(1 << 16),
        _ => F::from_u64(random.next()),
    }
}

/// A change of one cell of a row in use, or of the first rows of padding.
fn change(random: &mut Random, ledger: &Ledger) -> Option<(Change, String)> {
    let table = random.below(ledger.traces().tables.len());
    let rows = ledger.traces().used[table] + 2;
    let names = columns(table);
    let height = ledger.traces().tables[table].values.len() / names.len();
    let row = random.below(rows.min(height));
    let place = random.below(names.len());
    let mut cells = ledger.cells(table, row);
    let forged = value(random, cells[place]);
    let changed = forged != cells[place];
    cells[place] = forged;
    changed.then(|| (Change { table, row, cells }, names[place].clone()))
}

fn is_caught(ledger: &Ledger, change: &Change) -> bool {
    // Counts of answers are forged against honest questions, everything else against answers that
    // give what is asked for.
    let provides = [table::PROGRAM, table::LOOKUP, table::COMPRESSION].contains(&change.table);
    let changes = std::slice::from_ref(change);
    if provides { ledger.notices_alone(changes) } else { ledger.notices(changes) }
}

/// Thousands of single changes: each a fault, or in padding that sends nothing, or in a column
/// that its chip's README lists as free.
#[test]
fn line_05_and_24_changed_cells() {
    let mut score = Score::new("changed cells");
    let ledger = tour_ledger();
    assert_eq!(tour().faults(ledger.traces()), [], "the honest run");
    let mut random = Random(SEED);
    let started = Instant::now();
    while score.attempted() < 20_000 && started.elapsed() < Duration::from_secs(15) {
        let Some((change, name)) = change(&mut random, ledger) else { continue };
        let free =
            || ledger.is_silent(&change) || is_listed(ledger, change.table, change.row, &name);
        let caught = is_caught(ledger, &change);
        if !caught && free() {
            continue;
        }
        score.caught(&format!("table {} row {} {name}", change.table, change.row), caught);
    }
    assert!(score.attempted() >= 2_000, "only {} changes in time", score.attempted());
    score.end();
}

/// The ledger finds a fault exactly where the checker of whole segments does.
#[test]
fn line_15_ledger_is_the_checker() {
    let mut score = Score::new("ledger");
    let ledger = tour_ledger();
    let mut random = Random(SEED + 1);
    while score.attempted() < 25 {
        let Some((change, name)) = change(&mut random, ledger) else { continue };
        let faults = tour().faults(&ledger.apply(std::slice::from_ref(&change)));
        assert_eq!(is_caught(ledger, &change), !faults.is_empty(), "{name}");
        if !faults.is_empty() {
            score.faulty(&name, &faults);
        }
    }
    score.end();
}

/// Some of these changes are proven, and refused by the verifier.
#[test]
fn line_24_changed_cells_proven() {
    let mut score = Score::new("changed cells, proven");
    let ledger = tour_ledger();
    let mut random = Random(SEED + 2);
    while score.attempted() < 20 {
        let Some((change, name)) = change(&mut random, ledger) else { continue };
        if !is_caught(ledger, &change) {
            continue;
        }
        let attack = format!("table {} row {} {name}", change.table, change.row);
        let traces = ledger.apply(&[change]);
        score.refused(&attack, || tour().judge(traces, &tour().output));
    }
    score.end();
}

/// A change that nobody notices is none: the honest tables with a free cell changed are accepted.
#[test]
fn line_05_free_cells_are_harmless() {
    let mut score = Score::new("free cells");
    let ledger = tour_ledger();
    let row = ledger.find(table::BRANCH, &[("is_equality", 1), ("difference", 0)])[0];
    let free = ledger.change(table::BRANCH, row, &[("inverse", 5)]);
    assert!(!ledger.notices(std::slice::from_ref(&free)));
    tour().judge(ledger.apply(&[free]), &tour().output).expect("a free cell");
    let mut bound = ledger.change(table::BRANCH, row, &[]);
    bound.cells[0] += cell(1);
    score.caught("pc", ledger.notices(&[bound]));
    score.end();
}
