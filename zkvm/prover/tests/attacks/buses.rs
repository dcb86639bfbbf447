//! Lines 15 and 17: buses that do not balance, counts, and fixed tables.

use std::sync::Arc;

use minster_emulator::Io;
use minster_machine::F;
use minster_machine::chip::{Chip, TABLES};
use minster_machine::rom::Rom;
use p3_field::{Field, PrimeCharacteristicRing};

use crate::support::{
    Assembler, Change, Random, Run, Score, cell, columns, doubling, proven_doubling, table, tour,
    tour_ledger,
};

/// Rows left out, rows twice, rows that moved: of every table.
#[test]
fn line_15_rows() {
    let mut score = Score::new("line 15, rows");
    let ledger = tour_ledger();
    for table in table::ADDI..=table::NODE {
        let used = ledger.traces().used[table];
        let silent = vec![cell(0); columns(table).len()];
        for row in 0..used {
            let dropped = Change { table, row, cells: silent.clone() };
            score.caught("left out", ledger.notices(&[dropped]));
            let twice = Change { table, row: used, cells: ledger.cells(table, row) };
            score.caught("twice", ledger.notices(&[twice]));
            let over = Change { table, row: (row + 1) % used, cells: ledger.cells(table, row) };
            score.caught("over another", used == 1 || ledger.notices(&[over]));
        }
        if table % 5 == 0 {
            let dropped = Change { table, row: used - 1, cells: silent };
            let traces = ledger.apply(&[dropped]);
            score.refused("left out", || tour().judge(traces, &tour().output));
        }
    }
    score.end();
}

/// Counts of answers that are not what is asked for: one more, one fewer, all of another line, of
/// another bus, of no question, the half of p.
#[test]
fn line_15_counts() {
    let mut score = Score::new("line 15, counts");
    let ledger = tour_ledger();
    let mut random = Random(0x15);
    let half = F::TWO.inverse();
    for table in [table::PROGRAM, table::LOOKUP, table::COMPRESSION] {
        let names = columns(table);
        let rows = ledger.traces().tables[table].values.len() / names.len();
        let counts: Vec<usize> = match table {
            table::COMPRESSION => {
                names.iter().position(|name| name == "count").into_iter().collect()
            }
            _ => (0..names.len()).collect(),
        };
        for _ in 0..400 {
            let (row, place) = (random.below(rows), counts[random.below(counts.len())]);
            let honest = ledger.cells(table, row);
            let other = F::from_u32(1 << 16);
            for count in [F::ONE, -F::ONE, half, other, F::from_u64(random.next())] {
                let mut cells = honest.clone();
                cells[place] += count;
                let change = Change { table, row, cells };
                let silent = ledger.is_silent(&change);
                score.caught("a count", silent || ledger.notices_alone(&[change]));
            }
        }
    }
    // The answers of one bus given on another.
    let row = (0..rows(table::LOOKUP)).find(|row| ledger.cells(table::LOOKUP, *row)[0] != F::ZERO);
    let row = row.expect("a range that is asked for");
    for place in 1..columns(table::LOOKUP).len() {
        let mut cells = ledger.cells(table::LOOKUP, row);
        let moved = cells[0];
        cells[place] += moved;
        cells[0] = F::ZERO;
        let change = Change { table: table::LOOKUP, row, cells };
        score.caught("another bus", ledger.notices_alone(std::slice::from_ref(&change)));
        if place == 2 {
            let traces = ledger.apply(&[change]);
            score.refused("another bus", || tour().judge(traces, &tour().output));
        }
    }
    score.end();
}

fn rows(table: usize) -> usize {
    tour_ledger().traces().tables[table].values.len() / columns(table).len()
}

/// A flag of one half on two rows: what they send adds up to what one row should.
#[test]
fn line_15_halves() {
    let mut score = Score::new("line 15, halves");
    let ledger = tour_ledger();
    for table in table::ADDI..=table::NODE {
        let names = columns(table);
        let flags = names.iter().enumerate();
        let flags = flags.filter(|(_, name)| name.starts_with("is_") || *name == "real");
        for (place, _) in flags {
            let used = ledger.traces().used[table];
            let set = |row: &usize| ledger.cells(table, *row)[place] == F::ONE;
            let Some(row) = (0..used).find(set) else { continue };
            let mut cells = ledger.cells(table, row);
            cells[place] = F::TWO.inverse();
            let halves = [row, used].map(|row| Change { table, row, cells: cells.clone() });
            score.caught("halves", ledger.notices(&halves));
        }
    }
    score.end();
}

/// The fixed columns of another program, which has one other instruction, under this program's key
/// and digest: the preprocessed commitment is the key's, not the proof's.
#[test]
fn line_17_fixed_tables() {
    let mut score = Score::new("line 17");
    let key = &proven_doubling().run;
    let mut forged = Assembler::default();
    forged.immediate(minster_riscv::Opcode::Addi, 6, 5, 1);
    let rest = doubling().program();
    let words: Vec<u32> = (rest.code().skip(1))
        .map(|(_, instruction)| minster_riscv::encode(&instruction.expect("an instruction")))
        .collect();
    forged.words(&words);
    let run = Run::new(forged.program(), Io::default());
    let chips = Chip::all(Arc::new(Rom::new(&forged.program())));
    assert_ne!(key.faults(&run.part().traces), [], "the key's program has no such instruction");
    for chips in [&chips[..], key.key().chips()] {
        let proof = run.prove_under(key.key().digest(), chips);
        score.refused("another program's table", || key.key().verify_segment(0, &proof));
        let part = proof.encode().expect("an encoding");
        score.refused("as a run", || key.verify(&run.output, &[part]));
    }
    let mut exchanged = key.key().chips().to_vec();
    exchanged[table::PROGRAM] = chips[table::PROGRAM].clone();
    let proof = key.prove_under(key.key().digest(), &exchanged);
    score.refused("one table exchanged", || key.key().verify_segment(0, &proof));
    score.end();
}

/// Every table is on some bus, so that every terminal is a sum that the verifier checks; and every
/// count that is declared to be a bit is one, on every row of a run with every instruction.
#[test]
fn line_17_declarations() {
    let mut score = Score::new("line 17, declarations");
    let lookups = &tour().key().shared().lookups;
    assert_eq!(lookups.len(), TABLES);
    assert!(lookups.iter().all(|table| !table.is_empty()));
    let ledger = tour_ledger();
    // A flag of 2 sends a count of 2: caught by its constraint, whatever the bus makes of it.
    for table in table::ADDI..=table::NODE {
        let names = columns(table);
        let flags = names.iter().enumerate();
        for (place, _) in flags.filter(|(_, name)| name.starts_with("is_") || *name == "real") {
            let mut cells = ledger.cells(table, 0);
            cells[place] = F::TWO;
            let report = ledger.report(table, 0, &cells);
            let constrained = |id: &&str| id.contains('-');
            score.caught("a count of 2", report.violations.iter().any(constrained));
        }
    }
    score.end();
}
