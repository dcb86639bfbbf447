//! Lines 1 to 8 and 10: forged rows of instructions.

use minster_emulator::Io;
use minster_machine::F;
use minster_machine::rom::HALTED;
use minster_machine::trace::SegmentTraces;
use minster_riscv::Opcode;
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::support::{
    Assembler, Change, Ledger, Run, Score, cell, column, columns, table, tour, tour_ledger,
};

/// The tables of instructions.
const INSTRUCTIONS: std::ops::RangeInclusive<usize> = table::ADDI..=table::ECALL;

/// Holds a forgery against the ledger; what its rows leave in memory is what others find there.
fn forged(score: &mut Score, ledger: &Ledger, change: Change) {
    let name = format!("table {} row {}", change.table, change.row);
    score.caught(&name, ledger.notices(&ledger.spread(change)));
}

fn set(score: &mut Score, table: usize, row: usize, sets: &[(&str, u32)]) {
    let ledger = tour_ledger();
    let change = ledger.change(table, row, sets);
    if change.cells != ledger.cells(table, row) {
        forged(score, ledger, change);
    }
}

/// As [`set`], of a row that no other rows could make true.
fn set_false(score: &mut Score, table: usize, row: usize, sets: &[(&str, u32)]) {
    let ledger = tour_ledger();
    let change = ledger.change(table, row, sets);
    if change.cells != ledger.cells(table, row) {
        score.caught(&format!("table {table} row {row} {sets:?}"), ledger.is_false(&change));
    }
}

/// Proves a forgery of the tour and verifies it.
fn judged(score: &mut Score, attack: &str, change: Change) {
    let ledger = tour_ledger();
    let traces: SegmentTraces = ledger.apply(&ledger.spread(change));
    score.refused(attack, || tour().judge(traces, &tour().output));
}

fn set_and_judged(score: &mut Score, table: usize, row: usize, sets: &[(&str, u32)]) {
    judged(score, &format!("{sets:?}"), tour_ledger().change(table, row, sets));
}

/// Wrong words instead of a right one.
fn wrong_words(right: u32) -> Vec<u32> {
    let words = [0, 1, u32::MAX, 0x8000_0000, 0x7fff_ffff, right.wrapping_add(1)];
    let more = [right.wrapping_sub(1), !right, right.wrapping_neg(), right ^ 0x8000, right << 16];
    words.into_iter().chain(more).filter(|word| *word != right).collect()
}

/// Every row of a table with every wrong result, left in the register for who reads it next.
fn wrong_results(score: &mut Score, table: usize) {
    let ledger = tour_ledger();
    for row in 0..ledger.traces().used[table] {
        let limbs = ["result.low", "result.high"].map(|name| ledger.get(table, row, name));
        for word in wrong_words(limbs[0] | limbs[1] << 16) {
            set_false(
                score,
                table,
                row,
                &[("result.low", word & 0xffff), ("result.high", word >> 16)],
            );
        }
    }
}

/// Forged quotients and remainders of all four divisions: of small numbers, of mixed signs, of the
/// overflow, by zero; the quotient one too small with a remainder as large as the divisor; the
/// division by zero denied; another operation's result.
#[test]
fn line_01_divisions() {
    let mut score = Score::new("line 1");
    wrong_results(&mut score, table::DIV);
    let ledger = tour_ledger();
    // 7 = 1·3 + 4.
    let divu = [("is_divu", 1), ("left.low", 7), ("right.low", 3)];
    let [row] = ledger.find(table::DIV, &divu)[..] else { panic!("one such division") };
    let quotient = [("quotient[0]", 1), ("remainder.low", 4), ("result.low", 1)];
    for borrow in [0, 1] {
        let mut sets = quotient.to_vec();
        sets.push(("borrow", borrow));
        set_false(&mut score, table::DIV, row, &sets);
    }
    set_and_judged(&mut score, table::DIV, row, &quotient);
    let by_zero = ledger.find(table::DIV, &[("by_zero", 1)]);
    for row in by_zero {
        let zero = [("by_zero", 0), ("result.low", 0), ("result.high", 0)];
        set_false(&mut score, table::DIV, row, &zero);
        let digits: Vec<String> = (0..4).map(|index| format!("quotient[{index}]")).collect();
        let mut sets: Vec<(&str, u32)> = digits.iter().map(|name| (name.as_str(), 0)).collect();
        sets.extend(zero);
        set_false(&mut score, table::DIV, row, &sets);
    }
    for row in 0..ledger.traces().used[table::DIV] {
        for flag in ["left_sign", "right_sign", "quotient_sign", "remainder_sign", "by_zero"] {
            set_false(
                &mut score,
                table::DIV,
                row,
                &[(flag, 1 - ledger.get(table::DIV, row, flag))],
            );
        }
    }
    let overflow = ledger.find(table::DIV, &[("is_div", 1), ("left.high", 0x8000)])[0];
    let positive = [("result.low", 0xffff), ("result.high", 0x7fff)];
    set_and_judged(&mut score, table::DIV, overflow, &positive);
    score.end();
}

/// The two reads of one register see different values, or the second one skips the first.
#[test]
fn line_02_equal_operands() {
    let mut score = Score::new("line 2");
    let ledger = tour_ledger();
    for (table, name) in [(table::ADD, "right.low"), (table::MUL, "right.bytes[0]")] {
        let rows = 0..ledger.traces().used[table];
        let equal = |row: &usize| ledger.get(table, *row, "rs1") == ledger.get(table, *row, "rs2");
        let rows: Vec<usize> = rows.filter(equal).collect();
        assert!(!rows.is_empty());
        for row in rows {
            let value = ledger.get(table, row, name);
            set(&mut score, table, row, &[(name, value + 1)]);
            set(&mut score, table, row, &[(name, value ^ 1)]);
            let previous = ledger.get(table, row, "left_age.previous");
            set(&mut score, table, row, &[("right_age.previous", previous)]);
            set(&mut score, table, row, &[("right_age.previous", previous), (name, value ^ 1)]);
        }
    }
    let row = ledger.find(table::ADD, &[("is_sub", 1), ("rs1", 5), ("rs2", 5)])[0];
    let right = ledger.get(table::ADD, row, "right.low");
    let sets = [("right.low", right - 1), ("result.low", 1)];
    set(&mut score, table::ADD, row, &sets);
    set_and_judged(&mut score, table::ADD, row, &sets);
    score.end();
}

/// Wrong program counters and links: of every jump the next one, the link, jalr's low bit kept, its
/// limbs out of range; of every call the next one; a halt that goes on.
#[test]
fn line_03_program_counters() {
    let mut score = Score::new("line 3");
    let ledger = tour_ledger();
    let tables = [(table::ADDI, "next"), (table::BRANCH, "next_pc"), (table::ECALL, "next")];
    for (table, name) in tables {
        for row in 0..ledger.traces().used[table] {
            let (pc, next) = (ledger.get(table, row, "pc"), ledger.get(table, row, name));
            for wrong in [pc, pc + 1, pc + 2, next + 1, next - 1, 0, HALTED, HALTED - 1] {
                if wrong != next {
                    set(&mut score, table, row, &[(name, wrong)]);
                }
            }
        }
    }
    for row in 0..ledger.traces().used[table::JALR] {
        for name in ["odd", "high_bit", "target.carry_low", "target.carry_high"] {
            let bit = ledger.get(table::JALR, row, name);
            set(&mut score, table::JALR, row, &[(name, 1 - bit)]);
        }
        for (name, value) in [("link.low", 1), ("link.high", 7), ("target.immediate.low", 2)] {
            set(&mut score, table::JALR, row, &[(name, value)]);
        }
        for (low, high) in [(1 << 16, 1), (1, 0x7f00)] {
            let base = ["target.base.low", "target.base.high"];
            let [a, b] = base.map(|name| ledger.get(table::JALR, row, name));
            let sets = [(base[0], a + low), (base[1], b.wrapping_sub(high) & 0x7fff_ffff)];
            set(&mut score, table::JALR, row, &sets);
        }
    }
    let odd = ledger.find(table::JALR, &[("odd", 1)])[0];
    set_and_judged(&mut score, table::JALR, odd, &[("odd", 0)]);
    let taken = ledger.find(table::BRANCH, &[("is_equality", 1), ("holds", 1)])[0];
    let pc = ledger.get(table::BRANCH, taken, "pc");
    set_and_judged(&mut score, table::BRANCH, taken, &[("next_pc", pc + 1)]);
    score.end();
}

/// A branch taken the wrong way, with everything in its row changed that could hide it.
#[test]
fn line_03_branches() {
    let mut score = Score::new("line 3, branches");
    let ledger = tour_ledger();
    for row in 0..ledger.traces().used[table::BRANCH] {
        let holds = ledger.get(table::BRANCH, row, "holds");
        let next = ledger.get(table::BRANCH, row, "next_pc");
        let target = ledger.get(table::BRANCH, row, "target");
        let other = if next == target { ledger.get(table::BRANCH, row, "pc") + 1 } else { target };
        let wrong = [("holds", 1 - holds), ("next_pc", other)];
        set_false(&mut score, table::BRANCH, row, &wrong);
        for (name, value) in [("difference", 0), ("difference", 1), ("inverse", 0), ("inverse", 1)]
        {
            set_false(&mut score, table::BRANCH, row, &[wrong[0], wrong[1], (name, value)]);
        }
        for flag in ["high_differs", "left_sign", "right_sign", "negated"] {
            let flipped = 1 - ledger.get(table::BRANCH, row, flag);
            set_false(&mut score, table::BRANCH, row, &[wrong[0], wrong[1], (flag, flipped)]);
            set_false(&mut score, table::BRANCH, row, &[("next_pc", other), (flag, flipped)]);
        }
    }
    set_and_judged(&mut score, table::BRANCH, 3, &[("holds", 1), ("next_pc", 7)]);
    score.end();
}

/// Stores that change other bytes, loads with the wrong sign, the wrong lane, the wrong width.
#[test]
fn line_04_bytes_and_halves() {
    let mut score = Score::new("line 4");
    let ledger = tour_ledger();
    for row in 0..ledger.traces().used[table::SUBWORD] {
        for word in ["stored", "value"] {
            for limb in ["low", "high"] {
                let name = format!("{word}.{limb}");
                let honest = ledger.get(table::SUBWORD, row, &name);
                for flip in [1, 0x80, 0x100, 0x8000, 0xff, 0xff00, 0xffff] {
                    set_false(&mut score, table::SUBWORD, row, &[(&name, honest ^ flip)]);
                }
            }
        }
        for flag in ["odd", "upper", "sign"] {
            let flipped = 1 - ledger.get(table::SUBWORD, row, flag);
            set_false(&mut score, table::SUBWORD, row, &[(flag, flipped)]);
            for (low, high) in [(0, 0), (0xffff, 0xffff), (0xff80, 0xffff), (0x80, 0)] {
                let sets = [(flag, flipped), ("value.low", low), ("value.high", high)];
                set_false(&mut score, table::SUBWORD, row, &sets);
            }
        }
        let [low, high] = ["low_byte", "high_byte"].map(|n| ledger.get(table::SUBWORD, row, n));
        set_false(&mut score, table::SUBWORD, row, &[("low_byte", high), ("high_byte", low)]);
        let moved = [("low_byte", low + 256), ("high_byte", high.wrapping_sub(1))];
        set_false(&mut score, table::SUBWORD, row, &moved);
    }
    let store = ledger.find(table::SUBWORD, &[("is_sb", 1), ("upper", 0)])[0];
    let other = ledger.get(table::SUBWORD, store, "stored.high") ^ 1;
    set_and_judged(&mut score, table::SUBWORD, store, &[("stored.high", other)]);
    let load = ledger.find(table::SUBWORD, &[("is_lb", 1), ("sign", 1)])[0];
    set_and_judged(&mut score, table::SUBWORD, load, &[("sign", 0), ("value.high", 0)]);
    score.end();
}

/// Every pair of neighbouring cells of every row: 2^16 moved from one to the other, and p added to
/// what they stand for.
#[test]
fn line_05_limbs() {
    let mut score = Score::new("line 5");
    let ledger = tour_ledger();
    let shifts = [(1 << 16, -1), (-(1 << 16), 1), (1, 0x7f00), (1 << 8, -1), (-(1 << 8), 1)];
    for table in INSTRUCTIONS {
        let width = columns(table).len();
        for row in (0..ledger.traces().used[table]).step_by(3) {
            for low in 0..width - 1 {
                for (first, second) in shifts {
                    let mut cells = ledger.cells(table, row);
                    cells[low] += F::from_i32(first);
                    cells[low + 1] += F::from_i32(second);
                    let change = Change { table, row, cells };
                    score.caught("limbs", ledger.notices(&[change]) || is_free(table, row, low));
                }
            }
        }
    }
    wrong_results(&mut score, table::ADD);
    let row = ledger.find(table::ADD, &[("is_add", 1), ("carry_low", 1)])[0];
    let low = ledger.get(table::ADD, row, "result.low") + (1 << 16);
    set_and_judged(&mut score, table::ADD, row, &[("result.low", low), ("carry_low", 0)]);
    score.end();
}

/// Whether a pair of cells is one of those that the chips' READMEs list as free.
fn is_free(table: usize, row: usize, low: usize) -> bool {
    let names = columns(table);
    crate::campaign::is_listed(tour_ledger(), table, row, &names[low])
        && crate::campaign::is_listed(tour_ledger(), table, row, &names[low + 1])
}

/// Flags that are no bits, none on a row of an instruction, two at once, and padding that sends.
#[test]
fn line_06_selectors() {
    let mut score = Score::new("line 6");
    let ledger = tour_ledger();
    for table in table::ADDI..=table::NODE {
        let names = columns(table);
        let flags: Vec<&String> =
            names.iter().filter(|name| name.starts_with("is_") || *name == "real").collect();
        let used = ledger.traces().used[table];
        for flag in &flags {
            for row in (0..used).step_by(1 + used / 20) {
                for value in [0, 1, 2, F::NEG_ONE.as_canonical_u32()] {
                    set(&mut score, table, row, &[(flag, value)]);
                }
                let others = flags.iter().filter(|other| other != &flag);
                for other in others {
                    set(&mut score, table, row, &[(flag, 1), (other, 1)]);
                    set(&mut score, table, row, &[(flag, 2), (other, u32::MAX >> 2)]);
                }
            }
            let padding = ledger.change(table, used, &[(flag, 1)]);
            score.caught("padding that sends", ledger.notices(&[padding]));
        }
    }
    let padding = ledger.traces().used[table::ADD];
    set_and_judged(&mut score, table::ADD, padding, &[("is_add", 1)]);
    set_and_judged(&mut score, table::ADD, 0, &[("is_add", 0)]);
    set_and_judged(&mut score, table::ADD, 0, &[("is_add", 1), ("is_sub", 1)]);
    set_and_judged(&mut score, table::LOGIC, 0, &[("is_and", 2)]);
    score.end();
}

/// x0 written instead of the sink, by every instruction that drops its result; a load to x0 that
/// takes no part in memory; an x0 that starts with a value.
#[test]
fn line_07_x0() {
    let mut score = Score::new("line 7");
    let ledger = tour_ledger();
    for (table, name) in [(table::ADDI, "rd"), (table::ADD, "rd"), (table::WORD, "register")] {
        for row in ledger.find(table, &[(name, 32)]) {
            set(&mut score, table, row, &[(name, 0)]);
            set(&mut score, table, row, &[(name, 7)]);
        }
    }
    let load = ledger.find(table::WORD, &[("register", 32)])[0];
    let cells = vec![cell(0); columns(table::WORD).len()];
    score.caught("no load", ledger.notices(&[Change { table: table::WORD, row: load, cells }]));
    let registers = ledger.find(table::LEAF, &[("index", 1 << 26)])[0];
    let sets = [("before[0]", 1), ("after[0]", 1)];
    set(&mut score, table::LEAF, registers, &sets);
    set_and_judged(&mut score, table::LEAF, registers, &sets);
    let row = ledger.find(table::ADDI, &[("rd", 32), ("rs1", 5)])[0];
    set_and_judged(&mut score, table::ADDI, row, &[("rd", 0)]);
    score.end();
}

/// Instructions that the program does not have: other registers, immediates, operations, places;
/// an instruction of another place; counts of lines; code that the program has overwritten.
#[test]
fn line_08_program() {
    let mut score = Score::new("line 8");
    let ledger = tour_ledger();
    let parts =
        ["rd", "rs1", "rs2", "register", "immediate.low", "immediate.high", "pc", "link.low"];
    for table in INSTRUCTIONS {
        let names = columns(table);
        let parts = parts.iter().filter(|part| names.iter().any(|name| name == *part));
        for part in parts {
            for row in 0..ledger.traces().used[table] {
                let honest = ledger.get(table, row, part);
                set(&mut score, table, row, &[(part, honest + 1)]);
                set(&mut score, table, row, &[(part, honest ^ 2)]);
            }
        }
    }
    let add = ledger.find(table::ADD, &[("is_add", 1), ("rd", 7)])[0];
    let [left, right] = ["left.low", "right.low"].map(|n| ledger.get(table::ADD, add, n));
    let sub = [("is_add", 0), ("is_sub", 1), ("result.low", left - right)];
    set(&mut score, table::ADD, add, &sub);
    set_and_judged(&mut score, table::ADD, add, &sub);
    for row in 0..ledger.traces().used[table::PROGRAM] {
        let honest = ledger.get(table::PROGRAM, row, "count");
        for count in [honest + 1, 0x7f00_0000, 1 << 30] {
            let change = ledger.change(table::PROGRAM, row, &[("count", count)]);
            score.caught("count of a line", ledger.notices_alone(&[change]));
        }
    }
    overwritten(&mut score);
    score.end();
}

/// A program that overwrites its next instruction, `addi x8, x8, 1`, by `addi x8, x8, 2`.
fn overwritten(score: &mut Score) {
    let mut code = Assembler::default();
    code.immediate(Opcode::Auipc, 5, 0, 0);
    code.load(6, 0x0024_0413);
    code.store(Opcode::Sw, 6, 5, 16);
    code.immediate(Opcode::Addi, 8, 8, 1);
    code.halt(0);
    let run = Run::new(code.program(), Io::default());
    assert_eq!(run.faults(&run.part().traces), []);
    let ledger = Ledger::new(&run, &run.part().traces);
    let row = ledger.find(table::ADDI, &[("rd", 8)])[0];
    let sets = [("immediate.low", 2), ("result.low", 2)];
    let changes = ledger.spread(ledger.change(table::ADDI, row, &sets));
    score.caught("overwritten code", ledger.notices(&changes));
    let traces = ledger.apply(&changes);
    score.refused("overwritten code", || run.judge(traces, &run.output));
}

/// Words of a transfer skipped, moved twice, moved by no call; a call that moves nothing.
#[test]
fn line_10_transfers() {
    let mut score = Score::new("line 10");
    let ledger = tour_ledger();
    let used = ledger.traces().used[table::TRANSFER];
    let width = columns(table::TRANSFER).len();
    for row in 0..used {
        let skip = Change { table: table::TRANSFER, row, cells: vec![cell(0); width] };
        score.caught("skipped", ledger.notices(&[skip]));
        let again = Change { row: used, cells: ledger.cells(table::TRANSFER, row), table: 15 };
        score.caught("twice", ledger.notices(&[again]));
        for name in ["remaining", "cell", "position", "clock", "is_read", "is_commit", "part[0]"] {
            let honest = ledger.get(table::TRANSFER, row, name);
            for value in [honest + 1, honest ^ 1, honest + 4] {
                let change = ledger.change(table::TRANSFER, row, &[(name, value)]);
                score.caught(name, ledger.notices(&[change]));
            }
        }
    }
    for row in ledger.find(table::ECALL, &[("is_halt", 0), ("is_write", 0)]) {
        for name in ["end", "position_end", "a1.low", "a0.low", "room_low", "room_high"] {
            let honest = ledger.get(table::ECALL, row, name);
            for value in [honest + 1, honest ^ 1, honest + 4] {
                set(&mut score, table::ECALL, row, &[(name, value)]);
            }
        }
    }
    let place = column(table::TRANSFER, "is_read");
    let cells: Vec<_> = (0..width).map(|index| cell(u32::from(index == place))).collect();
    judged(&mut score, "a read of no call", Change { table: table::TRANSFER, row: used, cells });
    let skip = Change { table: table::TRANSFER, row: 0, cells: vec![cell(0); width] };
    judged(&mut score, "a read skipped", skip);
    score.end();
}
