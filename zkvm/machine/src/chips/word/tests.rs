use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{WordAccess, WordRow};
use crate::F;
use crate::access::{RAM_CELLS, REGISTER_CELL, slot, stamp_at, word};
use crate::buses::MEMORY;
use crate::checker::{RowReport, Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const SUMS: [(u32, u32); 7] = [
    (0, 0),
    (4, 0x7fc),
    (0x7fff_fffc, 0),
    (0x0000_ffff, 1),
    (0x0001_0000, 0xffff_fffc),
    (0xffff_fffc, 8),
    (0x1234_5679, 0xffff_ffff),
];
const OLD: u32 = 0x0102_8304;
const STORED: u32 = 0xfedc_7654;

fn sample(opcode: Opcode, base: u32, imm: u32) -> Sample {
    let load = opcode == Opcode::Lw;
    let (rd, rs2) = if load { (5, 0) } else { (0, 7) };
    let instruction = Instruction { opcode, rd, rs1: 6, rs2, imm };
    Sample {
        rs1: base,
        rs2: if load { 0 } else { STORED },
        memory: OLD,
        memory_value: if load { OLD } else { STORED },
        rd_value: if load { OLD } else { 0 },
        ..Sample::new(instruction)
    }
}

fn row(opcode: Opcode, base: u32, imm: u32) -> WordRow<F> {
    let (step, line) = sample(opcode, base, imm).step();
    WordAccess::fill(&step, &line, &mut LookupCounts::default())
}

fn honest() -> impl Iterator<Item = WordRow<F>> {
    let opcodes = [Opcode::Lw, Opcode::Sw];
    SUMS.into_iter().flat_map(move |(base, imm)| opcodes.map(|opcode| row(opcode, base, imm)))
}

/// What is sent of a cell: its low limb, its high limb, and the time.
fn left_in(report: &RowReport, cell: u32) -> Vec<u32> {
    let sent = report.messages.iter().filter(|message| message.bus == MEMORY);
    let mut sent = sent.filter(|message| message.count == F::ONE && message.tuple[0] == cell);
    sent.next().unwrap().tuple[1..].to_vec()
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<WordAccess>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<WordAccess>(&flatten(WordRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn a_load_and_a_store_leave_one_value_in_both_places() {
    let clock = sample(Opcode::Lw, 0, 0).clock;
    let limbs = |value: u32, slot| vec![value & 0xffff, value >> 16, stamp_at(clock, slot)];
    let load = report::<WordAccess>(&flatten(row(Opcode::Lw, 0x1000, 8)));
    assert_eq!(left_in(&load, 0x1008 / 4), limbs(OLD, slot::MEMORY));
    assert_eq!(left_in(&load, REGISTER_CELL + 5), limbs(OLD, slot::RD));
    let store = report::<WordAccess>(&flatten(row(Opcode::Sw, 0x1000, 8)));
    assert_eq!(left_in(&store, 0x1008 / 4), limbs(STORED, slot::MEMORY));
    assert_eq!(left_in(&store, REGISTER_CELL + 7), limbs(STORED, slot::RS2));
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(WordRow::default()));
    assert_eq!(free_columns::<WordAccess>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let load = || row(Opcode::Lw, 0x1_fffc, 8);
    let store = || row(Opcode::Sw, 0x1_fffc, 8);
    let mut carry_low = load();
    carry_low.address.carry_low = F::TWO;
    let mut carry_high = store();
    carry_high.address.carry_high = -F::ONE;
    let forgeries: [(&str, WordRow<F>); 7] = [
        ("WORD-1", WordRow { is_load: F::TWO, is_store: -F::ONE, ..load() }),
        ("WORD-2", WordRow { is_store: F::TWO, is_load: -F::ONE, ..store() }),
        ("WORD-3", WordRow { is_store: F::ONE, ..load() }),
        ("WORD-4", carry_low),
        ("WORD-5", carry_high),
        ("WORD-6", WordRow { value: word(OLD ^ 1), ..load() }),
        ("WORD-7", WordRow { value: word(STORED ^ 0x8000_0000), ..store() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<WordAccess>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// The cells that some choice of carries reaches without being caught.
fn accepted(base: u32, imm: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for bits in 0..4_u32 {
        let mut row = row(Opcode::Lw, base, imm);
        row.address.carry_low = F::from_u32(bits & 1);
        row.address.carry_high = F::from_u32(bits >> 1);
        let report = report::<WordAccess>(&flatten(row));
        assert!(report.violations.is_empty());
        if report.unanswered().is_empty() {
            let cells = report.messages.iter().filter(|message| message.bus == MEMORY);
            found.extend(cells.map(|message| message.tuple[0]).filter(|cell| *cell < RAM_CELLS));
        }
    }
    found.dedup();
    found
}

#[test]
fn an_address_has_one_cell_or_none() {
    for (base, imm) in SUMS {
        assert_eq!(accepted(base, imm), [base.wrapping_add(imm) / 4], "{base:#x} {imm:#x}");
    }
    // Misaligned, or beyond RAM, where the cells of registers are.
    let trapped = [
        (1, 0),
        (2, 0),
        (0xffff, 0),
        (0x8000_0000, 0),
        (0x8000_0014, 0),
        (0, 0xffff_fffc),
        (0xbfff_fffc, 0x7fc),
        (0xfc00_0000, 0),
    ];
    for (base, imm) in trapped {
        let cells = accepted(base, imm);
        assert_eq!(cells, Vec::<u32>::new(), "{base:#x} {imm:#x}");
        let report = report::<WordAccess>(&flatten(row(Opcode::Sw, base, imm)));
        assert!(!report.unanswered().is_empty(), "{base:#x} {imm:#x}");
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for opcode in [Opcode::Lw, Opcode::Sw] {
        let (step, line) = sample(opcode, 0x7fff_fff0, 4).step();
        let mut counts = LookupCounts::default();
        let row = WordAccess::fill(&step, &line, &mut counts);
        assert_eq!(counts, report::<WordAccess>(&flatten(row)).lookups());
    }
}
