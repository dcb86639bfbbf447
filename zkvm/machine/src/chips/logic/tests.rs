use minster_riscv::{Instruction, Opcode};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Logic, LogicRow};
use crate::F;
use crate::access::word;
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPERANDS: [u32; 9] =
    [0, 1, 0xff, 0xff00, 0xffff, 0x8000_0000, 0xffff_ffff, 0x0f5a_33c3, 0x1234_5678];
const IMMEDIATES: [u32; 5] = [0, 1, 0x7ff, 0xffff_f800, 0xffff_ffff];
const REGISTERS: [Opcode; 3] = [Opcode::And, Opcode::Or, Opcode::Xor];
const IMMEDIATE_FORMS: [Opcode; 3] = [Opcode::Andi, Opcode::Ori, Opcode::Xori];

fn expected(opcode: Opcode, left: u32, right: u32) -> u32 {
    match opcode {
        Opcode::And | Opcode::Andi => left & right,
        Opcode::Or | Opcode::Ori => left | right,
        _ => left ^ right,
    }
}

/// A row whose second operand is an immediate if the opcode takes one.
fn row(opcode: Opcode, left: u32, right: u32) -> LogicRow<F> {
    let rd_value = expected(opcode, left, right);
    let (rs2, imm) = if REGISTERS.contains(&opcode) { (right, 0) } else { (0, right) };
    let register = if REGISTERS.contains(&opcode) { 7 } else { 0 };
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: register, imm };
    let sample = Sample { rs1: left, rs2, rd_value, ..Sample::new(instruction) };
    let (step, line) = sample.step();
    Logic::fill(&step, &line, &mut LookupCounts::default())
}

fn honest() -> Vec<LogicRow<F>> {
    let mut rows = Vec::new();
    for left in OPERANDS {
        for opcode in REGISTERS {
            rows.extend(OPERANDS.map(|right| row(opcode, left, right)));
        }
        for opcode in IMMEDIATE_FORMS {
            rows.extend(IMMEDIATES.map(|right| row(opcode, left, right)));
        }
    }
    rows
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Logic>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Logic>(&flatten(LogicRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let row = row(Opcode::Ori, 0x1234_5678, 0xffff_f800);
    let sent = report::<Logic>(&flatten(row)).messages;
    assert_eq!(sent.iter().filter(|message| message.bus == "xor").count(), 4);
    let instruction = Instruction { opcode: Opcode::Ori, rd: 5, rs1: 6, rs2: 0, imm: 0xffff_f800 };
    let (step, line) = Sample { rs1: 0x1234_5678, ..Sample::new(instruction) }.step();
    let mut counts = LookupCounts::default();
    Logic::fill(&step, &line, &mut counts);
    let total = |counts: &[u32]| counts.iter().sum::<u32>();
    assert_eq!((total(&counts.xor), total(&counts.range), total(&counts.septets)), (4, 3, 0));
    assert_eq!(counts.xor[0x78], 1);
    assert_eq!(counts.xor[0x12 + 0xff00], 1);
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().into_iter().map(flatten).collect();
    rows.push(flatten(LogicRow::default()));
    assert_eq!(free_columns::<Logic>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let and = || row(Opcode::And, 0x0f0f_3333, 0x00ff_5555);
    let or = || row(Opcode::Or, 0x0f0f_3333, 0x00ff_5555);
    let xor = || row(Opcode::Xor, 0x0f0f_3333, 0x00ff_5555);
    let half = F::TWO.inverse();
    let forgeries: [(&str, LogicRow<F>); 8] = [
        ("LOGIC-1", LogicRow { is_and: F::TWO, is_or: -F::ONE, ..and() }),
        ("LOGIC-2", LogicRow { is_or: F::TWO, is_xor: -F::ONE, ..or() }),
        ("LOGIC-3", LogicRow { is_xor: half, is_and: half, ..xor() }),
        ("LOGIC-4", LogicRow { is_or: F::ONE, ..and() }),
        // The number of OR lies between those of the others, but one row is one operation.
        ("LOGIC-4", LogicRow { is_and: F::ONE, is_or: F::ZERO, is_xor: F::ONE, ..or() }),
        ("LOGIC-5", LogicRow { result: word(0x000f_1110), ..and() }),
        ("LOGIC-6", LogicRow { result: word(0x0ffe_7777), ..or() }),
        ("LOGIC-6", LogicRow { result: word(0x000f_6666), ..xor() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Logic>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn bytes_that_are_none_are_not_answered() {
    // The low limb 0x0100 as the "byte" 256 and 0: the same word on the memory bus.
    let mut forged = row(Opcode::Xor, 0x0100, 0);
    forged.left[0] = F::from_u32(256);
    forged.left[1] = F::ZERO;
    forged.xor = forged.left;
    let report = report::<Logic>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert!(!report.unanswered().is_empty());
}

#[test]
fn a_wrong_exclusive_or_is_not_answered() {
    // Every bit of the operands taken for a common one: AND of 3 and 5 becomes 4.
    let mut forged = row(Opcode::And, 3, 5);
    forged.xor[0] = F::ZERO;
    forged.result.low = F::from_u32(4);
    let report = report::<Logic>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert!(!report.unanswered().is_empty());
}
