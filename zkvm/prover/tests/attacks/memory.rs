//! Lines 11 to 14: forged memory, in records and in tables.

use minster_emulator::{Access, Class, Io, Leaf, Refresh, SegmentRecord, Step, ecall};
use minster_machine::F;
use minster_machine::tree::{Compressor, MemoryTree, join};
use minster_riscv::Opcode;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::support::{
    Assembler, Change, DATA, Ledger, Run, Score, cell, column, columns, shorten, table, tour,
    tour_ledger,
};

/// The cells of registers, as in the README of the machine.
const REGISTERS: u32 = 1 << 29;

/// Fills the tables of a forged record and holds them against the checker.
fn recorded(score: &mut Score, attack: &str, forge: impl FnOnce(&mut SegmentRecord)) {
    let part = tour().part();
    let mut record = part.record.clone();
    forge(&mut record);
    let faults = tour().faults(&tour().fill(&record, &part.before));
    score.faulty(attack, &faults);
}

/// As [`recorded`], proven and verified.
fn judged(score: &mut Score, attack: &str, forge: impl FnOnce(&mut SegmentRecord)) {
    let part = tour().part();
    let mut record = part.record.clone();
    forge(&mut record);
    let traces = tour().fill(&record, &part.before);
    score.refused(attack, || tour().judge(traces, &tour().output));
}

fn steps(record: &mut SegmentRecord, class: Class) -> &mut Vec<Step> {
    &mut record.steps[class.index()]
}

/// What `x7` was overwritten with last but one.
fn stale(record: &mut SegmentRecord) -> &mut Access {
    let read = steps(record, Class::Add).iter_mut().rev().find(|step| step.rs2.stamp > 8);
    &mut read.expect("an addition").rs2
}

/// Values that nothing has written, stale ones, and ones from the future; times that are equal,
/// decreasing or beyond the range; a wrong value that one access leaves and the next one finds.
#[test]
fn line_11_values_and_times() {
    let mut score = Score::new("line 11");
    recorded(&mut score, "never written", |record| stale(record).value ^= 1);
    recorded(&mut score, "an older time", |record| stale(record).stamp -= 4);
    recorded(&mut score, "time 0", |record| stale(record).stamp = 0);
    recorded(&mut score, "a time of the future", |record| stale(record).stamp += 4000);
    judged(&mut score, "never written", |record| stale(record).value ^= 1);
    judged(&mut score, "an older time", |record| stale(record).stamp = 0);
    let ledger = tour_ledger();
    for table in table::ADDI..=table::TRANSFER {
        let ages: Vec<String> =
            columns(table).into_iter().filter(|name| name.ends_with("age.previous")).collect();
        for row in (0..ledger.traces().used[table]).step_by(5) {
            let clock = ledger.get(table, row, "clock");
            for name in &ages {
                let honest = ledger.get(table, row, name);
                let own = [4 * clock, 4 * clock + 1, 4 * clock + 2, 4 * clock + 3];
                let others = [0, honest + 1, honest.wrapping_sub(1) & 0xffff, 0x7f00_0000, 1 << 24];
                for previous in own.into_iter().chain(others).filter(|time| *time != honest) {
                    let change = ledger.change(table, row, &[(name, previous)]);
                    score.caught(name, ledger.notices(std::slice::from_ref(&change)));
                }
                if table == table::TRANSFER {
                    for value in [1, 127, 128, 1 << 16, 0x7eff_ffff] {
                        let change = ledger.change(table, row, &[("age_high", value)]);
                        score.caught("age_high", ledger.notices(&[change]));
                    }
                }
            }
        }
    }
    score.end();
}

/// Cells that are stamped anew with another value, as another cell, at a time that is not later, or
/// in a cycle.
#[test]
fn line_11_cells_stamped_anew() {
    let mut score = Score::new("line 11, cells stamped anew");
    recorded(&mut score, "left out", |record| _ = record.refreshes.remove(0));
    recorded(&mut score, "twice", |record| record.refreshes.extend_from_within(..1));
    recorded(&mut score, "another value", |record| record.refreshes[0].access.value ^= 1);
    judged(&mut score, "another value", |record| record.refreshes[0].access.value ^= 1);
    recorded(&mut score, "another cell", |record| record.refreshes[0].cell += 1);
    recorded(&mut score, "another time", |record| record.refreshes[0].stamp -= 1);
    recorded(&mut score, "its own time", |record| {
        let refresh = &mut record.refreshes[0];
        refresh.access.stamp = refresh.stamp;
    });
    // Of a value that nobody has written. That no steps lead around the field is held by the chip's
    // own tests: they would need times that the range does not hold.
    let forged = |record: &mut SegmentRecord| {
        let times = [100, 70_000, 200_000];
        for (time, next) in times.into_iter().zip([70_000, 200_000, 100]) {
            let access = Access { value: 0xdead_beef, stamp: time };
            record.refreshes.push(Refresh { cell: REGISTERS + 9, access, stamp: next });
        }
    };
    recorded(&mut score, "a cycle", forged);
    judged(&mut score, "a cycle", forged);
    let ledger = tour_ledger();
    for row in 0..ledger.traces().used[table::REFRESH] {
        for name in columns(table::REFRESH) {
            for value in [0, 1, 127, 128, 1 << 16, 0x7eff_ffff] {
                if value != ledger.get(table::REFRESH, row, &name) {
                    let change = ledger.change(table::REFRESH, row, &[(&name, value)]);
                    score.caught(&name, ledger.notices(&[change]));
                }
            }
        }
    }
    score.end();
}

/// A read that is its own predecessor: its tuples cancel, and its value would be free.
#[test]
fn line_14_reads_of_their_own() {
    let mut score = Score::new("line 14, own predecessors");
    let ledger = tour_ledger();
    let names = ["left.low", "right.low"];
    for (slot, name) in names.into_iter().enumerate() {
        for row in 0..ledger.traces().used[table::ADD] {
            let stamp = 4 * ledger.get(table::ADD, row, "clock") + [0, 1][slot];
            let age = ["left_age.previous", "right_age.previous"][slot];
            let value = ledger.get(table::ADD, row, name) ^ 1;
            let change = ledger.change(table::ADD, row, &[(age, stamp), (name, value)]);
            score.caught(age, ledger.notices(&ledger.spread(change)));
        }
    }
    let row = ledger.find(table::WORD, &[("is_load", 1)])[0];
    let stamp = 4 * ledger.get(table::WORD, row, "clock") + 2;
    let sets = [("memory_age.previous", stamp), ("memory.low", 1), ("value.low", 1)];
    let change = ledger.change(table::WORD, row, &sets);
    let traces = ledger.apply(&ledger.spread(change));
    score.refused("a load of its own", || tour().judge(traces, &tour().output));
    score.end();
}

/// An instruction left out, run twice, or run in another order.
#[test]
fn line_11_skipped_and_repeated() {
    let mut score = Score::new("line 11, steps");
    for class in Class::ALL {
        let name = format!("{class:?}");
        recorded(&mut score, &name, |record| _ = steps(record, class).remove(0));
        recorded(&mut score, &name, |record| {
            let again = steps(record, class)[0];
            steps(record, class).push(again);
        });
        recorded(&mut score, &name, |record| {
            let mut again = steps(record, class)[0];
            again.clock = record.clock_end;
            record.clock_end += 1;
            steps(record, class).push(again);
        });
        recorded(&mut score, &name, |record| {
            let [first, second, ..] = &mut steps(record, class)[..] else { return skip(record) };
            std::mem::swap(&mut first.clock, &mut second.clock);
        });
    }
    judged(&mut score, "an addition skipped", |record| {
        steps(record, Class::Add).pop();
    });
    judged(&mut score, "an addition run twice", |record| {
        let again = steps(record, Class::Add)[0];
        steps(record, Class::Add).push(again);
    });
    recorded(&mut score, "the last instruction dropped", |record| record.clock_end -= 1);
    recorded(&mut score, "one instruction more", |record| record.clock_end += 1);
    score.end();
}

/// A class with one step alone has no order to change: its time changes instead.
fn skip(record: &mut SegmentRecord) {
    record.clock_end += 1;
}

fn leaf_of(record: &mut SegmentRecord, index: u32) -> &mut Leaf {
    record.leaves.iter_mut().find(|leaf| leaf.index == index).expect("a touched leaf")
}

/// Memory that starts twice, from two leaves of one index, from neighbours that overlap, or from
/// an index beyond the tree; cells that alias others modulo p.
#[test]
fn line_12_addresses() {
    let mut score = Score::new("line 12");
    let data = DATA / 32;
    recorded(&mut score, "the same leaf twice", |record| {
        let twin = *leaf_of(record, data);
        record.leaves.push(twin);
    });
    recorded(&mut score, "the same leaf with other words", |record| {
        let (words, none) = ([9; 8], [0; 8]);
        let idle = Leaf { before: words, after: words, starts: none, stamps: none, index: data };
        record.leaves.insert(0, idle);
    });
    recorded(&mut score, "no leaf", |record| record.leaves.retain(|leaf| leaf.index != data));
    let ledger = tour_ledger();
    let leaf = ledger.find(table::LEAF, &[("index", data)])[0];
    let eighth = F::from_u32(8).inverse();
    let index = F::from_u32(data);
    let padding = ledger.traces().used[table::LEAF];
    for forged in [index + eighth, index - eighth, index + F::from_u32(1 << 27), -index] {
        let mut cells = ledger.cells(table::LEAF, leaf);
        cells[column(table::LEAF, "index")] = forged;
        for row in [leaf, padding] {
            let change = Change { table: table::LEAF, row, cells: cells.clone() };
            score.caught("index of a leaf", ledger.notices(&[change]));
        }
    }
    let twin = Change { table: table::LEAF, row: padding, cells: ledger.cells(table::LEAF, leaf) };
    let traces = ledger.apply(&[twin]);
    score.refused("the same leaf twice", || tour().judge(traces, &tour().output));
    score.end();
}

/// Memory that the program did not start with: words of data, a dropped page, its state before
/// taken for that after, a word read twice with different values, an input that changes.
#[test]
fn line_13_initial_memory() {
    let mut score = Score::new("line 13");
    let data = DATA / 32;
    recorded(&mut score, "another word of data", |record| leaf_of(record, data).before[1] ^= 1);
    recorded(&mut score, "another word after", |record| leaf_of(record, data).after[1] ^= 1);
    recorded(&mut score, "both", |record| {
        leaf_of(record, data).before[1] ^= 1;
        leaf_of(record, data).after[1] ^= 1;
    });
    recorded(&mut score, "before and after swapped", |record| {
        for leaf in &mut record.leaves {
            std::mem::swap(&mut leaf.before, &mut leaf.after);
        }
    });
    recorded(&mut score, "a register that starts with 1", |record| {
        leaf_of(record, REGISTERS / 8).before[5] = 1;
    });
    recorded(&mut score, "another value on the second read", |record| {
        let reads = steps(record, Class::Word);
        let read = reads.iter_mut().rev().find(|step| step.memory.stamp > 0);
        let read = read.expect("a word read again");
        read.memory.value ^= 1;
        read.memory_value ^= 1;
    });
    recorded(&mut score, "input that changes after the read", |record| record.io[0].value ^= 1);
    recorded(&mut score, "a word of input left out", |record| _ = record.io.remove(0));
    judged(&mut score, "another word of data", |record| {
        leaf_of(record, data).before[1] ^= 1;
        leaf_of(record, data).after[1] ^= 1;
    });
    // All is consistent, but the root is not that of the key.
    let part = tour().part();
    let mut state = part.before.clone();
    let image = tour().prover.program().image().map(|(address, word)| (address / 4, word));
    let changed = image.map(|(cell, word)| (cell, if cell == DATA / 4 + 1 { 77 } else { word }));
    state.memory = MemoryTree::new(changed);
    let mut record = part.record.clone();
    leaf_of(&mut record, data).before[1] = 77;
    leaf_of(&mut record, data).after[1] = 77;
    let mut traces = tour().fill(&record, &state);
    assert_eq!(tour().faults(&traces), [], "a run of another program");
    let other = traces.clone();
    score.refused("another program's memory", || tour().judge(other, &tour().output));
    claim_honest_roots(&mut traces);
    score.faulty("another memory under the key's root", &tour().faults(&traces));
    score.refused("the same, proven", || tour().judge(traces, &tour().output));
    score.end();
}

/// Shows the honest roots in the public values and in the segment's row.
fn claim_honest_roots(traces: &mut minster_machine::trace::SegmentTraces) {
    traces.public.root_before = tour().part().traces.public.root_before;
    let cells = traces.public.elements();
    traces.tables[table::SEGMENT].values[..cells.len()].copy_from_slice(&cells);
}

/// Loads and stores at the cells of registers: of `x5`, by an address behind the end of RAM.
#[test]
fn line_14_registers_as_ram() {
    let mut score = Score::new("line 14, registers as RAM");
    for opcode in [Opcode::Lw, Opcode::Sw, Opcode::Lb, Opcode::Sb] {
        let mut code = Assembler::default();
        code.load(6, 0x0012_3456);
        // Reaches x6's cell if RAM did not end: 2^31 + 4·6.
        code.load(5, DATA);
        code.push(opcode, 7, 5, 7, 0);
        code.halt(0);
        let run = Run::new(code.program(), Io::default());
        let ledger = Ledger::new(&run, &run.part().traces);
        let table = if matches!(opcode, Opcode::Lw | Opcode::Sw) { table::WORD } else { 13 };
        for (low, high) in [(24, 0x8000), (20, 0x8000), (0, 0x8000), (0, 0xffff), (24, 0x17f01)] {
            let sets = [("address.base.low", low), ("address.base.high", high)];
            let mut change = ledger.change(table, 0, &sets);
            score.caught("address", ledger.notices(&ledger.spread(change.clone())));
            change.cells[column(table, "address.carry_high")] = F::ONE;
            score.caught("carry", ledger.notices(&ledger.spread(change)));
        }
    }
    // Transfers behind the end of RAM.
    let ledger = tour_ledger();
    for row in ledger.find(table::ECALL, &[("is_input", 1)]) {
        for (low, high) in [(0, 0x8000), (0xfffc, 0x7fff), (24, 0x8000), (0, 0xffff)] {
            let sets = [("a0.low", low), ("a0.high", high)];
            let change = ledger.change(table::ECALL, row, &sets);
            score.caught("a transfer", ledger.notices(&[change]));
        }
    }
    let transfer = ledger.find(table::TRANSFER, &[("is_read", 1)])[0];
    let sets = [("cell", REGISTERS + 5)];
    let change = ledger.change(table::TRANSFER, transfer, &sets);
    score.caught("a transfer to a register", ledger.notices(std::slice::from_ref(&change)));
    let traces = ledger.apply(&[change]);
    score.refused("a transfer to a register", || tour().judge(traces, &tour().output));
    score.end();
}

/// A node of the memory tree twice; a sibling that differs between the two roots, with every node
/// above it and the root after recomputed.
#[test]
fn line_14_tree() {
    let mut score = Score::new("line 14, tree");
    let ledger = tour_ledger();
    let used = ledger.traces().used[table::NODE];
    for row in 0..used {
        let twin = Change { table: table::NODE, row: used, cells: ledger.cells(table::NODE, row) };
        score.caught("a node twice", ledger.notices(&[twin]));
        for (name, value) in [("level", 0), ("index", 0), ("level", 27), ("level", 28)] {
            let change = ledger.change(table::NODE, row, &[(name, value)]);
            let changed = change.cells != ledger.cells(table::NODE, row);
            score.caught(name, !changed || ledger.notices(&[change]));
        }
    }
    for level in [1, 5, 20] {
        let (changes, root) = sibling(ledger, level);
        score.caught("a sibling", ledger.notices(&changes));
        let mut traces = ledger.apply(&changes);
        traces.public.root_after = root;
        let cells = traces.public.elements();
        traces.tables[table::SEGMENT].values[..cells.len()].copy_from_slice(&cells);
        score.faulty("a sibling", &tour().faults(&traces));
        if level == 5 {
            score.refused("a sibling", || tour().judge(traces, &tour().output));
        }
    }
    score.end();
}

/// Another sibling after at a level, and the path above it: a false change of untouched memory.
fn sibling(ledger: &Ledger, level: u32) -> (Vec<Change>, [F; 8]) {
    let names = columns(table::NODE);
    let at = |name: &str| names.iter().position(|column| column == name).expect("a column");
    let [left, right, after] = ["left_after[0]", "right_after[0]", "after[0]"].map(&at);
    let flag = |row: &usize, name| ledger.get(table::NODE, *row, name) == 0;
    let rows = ledger.find(table::NODE, &[("level", level)]);
    let row = rows.into_iter().find(|row| flag(row, "left_touched") || flag(row, "right_touched"));
    let mut row = row.expect("a node with an untouched child");
    let mut place = if flag(&row, "left_touched") { left } else { right };
    let mut digest: [F; 8] = std::array::from_fn(|index| cell(u32::try_from(index).unwrap() + 1));
    let compressor = Compressor::default();
    let mut changes = Vec::new();
    loop {
        let mut cells = ledger.cells(table::NODE, row);
        cells[place..place + 8].copy_from_slice(&digest);
        let child = |start: usize| -> [F; 8] { std::array::from_fn(|index| cells[start + index]) };
        digest = compressor.compress(join(&child(left), &child(right)));
        cells[after..after + 8].copy_from_slice(&digest);
        let [level, index] = ["level", "index"].map(|name| cells[at(name)].as_canonical_u32());
        changes.push(Change { table: table::NODE, row, cells });
        if level == 27 {
            return (changes, digest);
        }
        row = ledger.find(table::NODE, &[("level", level + 1), ("index", index / 2)])[0];
        place = if index % 2 == 0 { left } else { right };
    }
}

/// The bytes of a commit, forged on their way from memory to the output.
#[test]
fn line_13_commits() {
    let mut score = Score::new("line 13, commits");
    let ledger = tour_ledger();
    for row in ledger.find(table::TRANSFER, &[("is_commit", 1)]) {
        for name in ["before.low", "after.low", "before.high", "after.high", "bounded"] {
            let honest = ledger.get(table::TRANSFER, row, name);
            let change = ledger.change(table::TRANSFER, row, &[(name, honest ^ 1)]);
            score.caught(name, ledger.notices(&ledger.spread(change)));
        }
    }
    recorded(&mut score, "a word not committed", |record| shorten(&mut record.io));
    recorded(&mut score, "a commit taken for a read", |record| {
        for step in steps(record, Class::Ecall) {
            if step.rs1.value == ecall::READ_HINT {
                step.rs1.value = ecall::READ_INPUT;
            }
        }
    });
    score.end();
}
