//! Random changes of random cells: of a run with every instruction and every call, and of random
//! programs. Tables are those of the key: a new one is attacked as soon as a program uses it.

mod random_program;
mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use minster_machine::F;
use minster_machine::buses::{COMPRESSION, PROGRAM};
use minster_machine::checker::is_answered;
use minster_machine::chip::BASE_TABLES;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::Matrix;

use self::subject::Subject;
use crate::support::{Change, Ledger, Random, Score, cell, print, table, tour, tour_ledger};

/// Seed of the campaign.
const SEED: u64 = 0x6d69_6e73_7465_7201;

/// Whether a chip's README lists the column as free in this row.
pub fn is_listed(ledger: &Ledger, table: usize, row: usize, name: &str) -> bool {
    let flag = |name: &str| ledger.get(table, row, name) == 1;
    match (ledger.chip_name(table), name) {
        ("branch", "inverse") => {
            let is_order = flag("is_signed") || flag("is_unsigned");
            ledger.get(table, row, "difference") == 0 || (is_order && !flag("high_differs"))
        }
        ("ecall", "commit_clock" | "commit_gap_high") => !flag("is_commit"),
        ("ecall", "end" | "room_low" | "room_high" | "position" | "position_end") => {
            flag("is_halt") || flag("is_write")
        }
        ("transfer", name) if name.starts_with("digest") => flag("is_read"),
        ("call", name) if name.starts_with("a1_age") => !flag("more[0]"),
        ("call", name) if name.starts_with("a2_age") => !flag("more[1]"),
        ("call", name) if name.starts_with("a3_age") => !flag("more[2]"),
        ("secp256k1", "factor_inverse") => {
            let digits = (0..16).flat_map(|k| ["low", "high"].map(|part| (part, k)));
            let mut digits = digits.map(|(part, k)| format!("factor.{part}[{k}]"));
            digits.all(|digit| ledger.get(table, row, &digit) == 0)
        }
        (chip, name) => is_listed_precompile(chip, name, &flag),
    }
}

/// The same of the chips of precompiles, whose free columns depend on the kind of row alone.
fn is_listed_precompile(chip: &str, name: &str, flag: &dyn Fn(&str) -> bool) -> bool {
    let any = |flags: &[&str]| flags.iter().any(|name| flag(name));
    let (stem, rest) = name.split_once('[').unwrap_or((name, ""));
    let index: usize = rest.trim_end_matches(']').parse().unwrap_or_default();
    match (chip, stem) {
        ("lanes", "tail") => flag("is_low"),
        ("sha256", "index") => flag("is_call"),
        ("sha256", "carries") => {
            any(&["is_first", "is_second"])
                || index >= 8 && any(&["is_schedule", "is_last"])
                || index >= 12 && any(&["is_even", "is_odd"])
        }
        ("sha256", "shared") => {
            index >= 17 && flag("is_call") || index >= 20 && any(&["is_first", "is_second"])
        }
        ("blake3", stem) => {
            let (lane, cell) = stem.split_once('.').unwrap_or_default();
            let is_cell = name == "lane_0.first.c[0]";
            let is_free = matches!(cell, "first.c" | "tops" | "x.high" | "y.high");
            flag("is_output") && lane.starts_with("lane_") && is_free && !is_cell
        }
        ("secp256k1", "cells") => index == 2 && any(&["is_x", "is_y"]),
        ("secp256k1", "other_below.inverse") => flag("is_double"),
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
    let height = ledger.traces().tables[table].height();
    if height == 0 {
        return None;
    }
    let row = random.below(rows.min(height));
    let mut cells = ledger.cells(table, row);
    let place = random.below(cells.len());
    let forged = value(random, cells[place]);
    let changed = forged != cells[place];
    cells[place] = forged;
    changed.then(|| (Change { table, row, cells }, ledger.columns(table)[place].clone()))
}

/// Whether the rows of a table answer others. Counts of answers are forged against honest
/// questions, everything else against answers that give what is asked for.
fn provides(change: &Change) -> bool {
    [table::PROGRAM, table::LOOKUP, table::COMPRESSION].contains(&change.table)
}

fn is_caught(ledger: &Ledger, change: &Change) -> bool {
    let changes = std::slice::from_ref(change);
    if provides(change) { ledger.notices_alone(changes) } else { ledger.notices(changes) }
}

/// What catches a change: a chip's constraints, a lookup without an answer, or a bus.
fn catcher(ledger: &Ledger, change: &Change) -> Option<String> {
    let report = ledger.report(change.table, change.row, &change.cells);
    if let Some(id) = report.violations.first() {
        let chip = id.split_once('-').map_or(*id, |(chip, _)| chip);
        return Some(format!("constraints {chip}"));
    }
    let difference = ledger.difference(std::slice::from_ref(change))?;
    let open = difference.into_keys().find(|tuple| provides(change) || !ledger.is_true(tuple));
    let (bus, _) = open?;
    let asks = is_answered(&bus, &[]).is_some() || [PROGRAM, COMPRESSION].contains(&bus.as_str());
    let kind = match (provides(change), asks) {
        (true, _) => "count of answers",
        (false, true) => "lookup",
        (false, false) => "bus",
    };
    Some(format!("{kind} {bus}"))
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

/// How many changes of how many programs are tried.
struct Campaign {
    programs: usize,
    changes: usize,
    /// Of each program, how many changes are also held against the checker, and proven.
    proven: usize,
}

/// What the campaign came to.
#[derive(Default)]
struct Tally {
    caught: BTreeMap<String, usize>,
    free: BTreeMap<String, usize>,
    /// Tables with an attack.
    tables: BTreeSet<&'static str>,
    /// Tables with rows in use.
    used: BTreeSet<&'static str>,
}

impl Tally {
    /// One change: caught, or in padding that sends nothing, or in a column that is listed as free.
    fn attack(&mut self, score: &mut Score, subject: &Subject, (change, name): &(Change, String)) {
        let ledger = &subject.ledger;
        let chip = ledger.chip_name(change.table);
        let catcher = catcher(ledger, change);
        assert_eq!(catcher.is_some(), is_caught(ledger, change), "{chip} {name}");
        let listed = || is_listed(ledger, change.table, change.row, name);
        if catcher.is_none() && ledger.is_silent(change) {
            *self.free.entry("padding".to_owned()).or_default() += 1;
        } else if catcher.is_none() && listed() {
            *self.free.entry(format!("{chip} {name}")).or_default() += 1;
        } else {
            score.caught(&format!("{chip} row {} {name}", change.row), catcher.is_some());
            self.tables.insert(chip);
        }
        if let Some(catcher) = catcher {
            *self.caught.entry(catcher).or_default() += 1;
        }
    }

    /// One change that is caught, proven all the same: the checker sees it, the verifier refuses.
    fn prove(&mut self, score: &mut Score, subject: &Subject, (change, name): &(Change, String)) {
        let attack =
            format!("{} row {} {name}", subject.ledger.chip_name(change.table), change.row);
        let traces = subject.ledger.apply(std::slice::from_ref(change));
        let faults = subject.run.faults(&traces);
        assert!(!faults.is_empty(), "{attack}: the ledger sees what the checker does not");
        score.refused(&attack, || subject.judge(traces));
        *self.caught.entry("verifier".to_owned()).or_default() += 1;
    }
}

fn campaign(score: &mut Score, seed: u64, campaign: &Campaign) {
    let mut tally = Tally::default();
    let mut compiled = Subject::compiled();
    for index in 0..campaign.programs {
        // A failure names the program's seed: it is made from nothing else.
        let seed = seed.wrapping_add(index as u64);
        let mut random = Random(seed);
        let subject = if index % 8 == 1 { compiled.next() } else { None };
        let subject = subject.unwrap_or_else(|| Subject::random(&mut random));
        let used = subject.ledger.traces().used.iter().enumerate();
        let used = used.filter(|(_, rows)| **rows > 0);
        tally.used.extend(used.map(|(table, _)| subject.ledger.chip_name(table)));
        let end = score.attempted() + campaign.changes;
        let failed = score.failed();
        while score.attempted() < end {
            if let Some(change) = change(&mut random, &subject.ledger) {
                tally.attack(score, &subject, &change);
            }
        }
        let mut proven = 0;
        while proven < campaign.proven {
            let changed = change(&mut random, &subject.ledger);
            let Some(change) = changed.filter(|(c, _)| is_caught(&subject.ledger, c)) else {
                continue;
            };
            tally.prove(score, &subject, &change);
            proven += 1;
        }
        assert_eq!(
            score.failed(),
            failed,
            "program {index}, of seed {seed:#x}: {}",
            score.failures()
        );
    }
    let Tally { caught, free, tables, used } = tally;
    let failed = score.failed();
    print(&format!(
        "campaign: {} changes of {} programs in {} tables, {failed} accepted; rejected by \
         {caught:?}; beside them in padding or in free columns: {free:?}",
        score.attempted(),
        campaign.programs,
        tables.len(),
    ));
    let base = (0..BASE_TABLES).map(|table| tour_ledger().chip_name(table));
    let empty: Vec<&str> = base.filter(|name| !used.contains(name)).collect();
    assert!(empty.is_empty(), "programs that leave {empty:?} empty");
    let spared: Vec<_> = used.difference(&tables).collect();
    assert!(spared.is_empty(), "no change of {spared:?}");
}

/// Random changes met a cell that its chip's README lists as free and this list did not have: the
/// inverse of a slope of 0, in a row of x.
#[test]
fn line_05_program_with_a_slope_of_0() {
    let mut score = Score::new("changed cells, with a slope of 0");
    let seed = 0x6d69_6e73_7465_7683;
    campaign(&mut score, seed, &Campaign { programs: 1, changes: 1000, proven: 0 });
    score.end();
}

/// Random programs, a few of them.
#[test]
fn line_05_and_24_random_programs() {
    let mut score = Score::new("changed cells of random programs");
    campaign(&mut score, SEED + 16, &Campaign { programs: 4, changes: 1000, proven: 1 });
    score.end();
}

/// Two hundred thousand changes, of which two hundred are proven.
#[test]
#[ignore = "a quarter of an hour"]
fn long_run_line_05_and_24_random_programs() {
    let mut score = Score::new("changed cells of many random programs");
    campaign(&mut score, SEED + 1024, &Campaign { programs: 220, changes: 1000, proven: 1 });
    assert!(score.attempted() >= 200_000);
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
