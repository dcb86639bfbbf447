use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{Compare, CompareRow};
use crate::F;
use crate::access::{Age, REGISTER_CELL};
use crate::buses::MEMORY;
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPERANDS: [u32; 9] =
    [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_f800, 0xffff_ffff];

fn sample(opcode: Opcode, left: u32, right: u32) -> Sample {
    let immediate = matches!(opcode, Opcode::Slti | Opcode::Sltiu);
    let (rs2, imm) = if immediate { (0, right) } else { (right, 0) };
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: 7, imm };
    let rd_value = u32::from(match opcode {
        Opcode::Slt | Opcode::Slti => left.cast_signed() < right.cast_signed(),
        _ => left < right,
    });
    Sample { rs1: left, rs2, rd_value, ..Sample::new(instruction) }
}

fn row(opcode: Opcode, left: u32, right: u32) -> CompareRow<F> {
    let sample = sample(opcode, left, right);
    let (step, line) = sample.step();
    let row = Compare::fill(&step, &line, &mut LookupCounts::default());
    assert_eq!(row.less, F::from_u32(sample.rd_value), "{opcode:?} {left:#x} {right:#x}");
    row
}

fn honest() -> impl Iterator<Item = CompareRow<F>> {
    let pairs = OPERANDS.iter().flat_map(|left| OPERANDS.iter().map(move |right| (*left, *right)));
    let opcodes = [Opcode::Slt, Opcode::Sltu, Opcode::Slti, Opcode::Sltiu];
    pairs.flat_map(move |(left, right)| opcodes.map(|opcode| row(opcode, left, right)))
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Compare>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Compare>(&flatten(CompareRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(CompareRow::default()));
    assert_eq!(free_columns::<Compare>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let slt = || row(Opcode::Slt, 0x8000_0000, 1);
    let sltu = || row(Opcode::Sltu, 5, 0x8000_0000);
    let close = || row(Opcode::Sltu, 0x1_0005, 0x1_0007);
    let forgeries: [(&str, CompareRow<F>); 11] = [
        ("COMPARE-1", CompareRow { is_slt: F::TWO, is_sltu: -F::ONE, ..slt() }),
        ("COMPARE-2", CompareRow { is_slt: -F::ONE, is_sltu: F::TWO, ..sltu() }),
        ("COMPARE-3", CompareRow { is_sltu: F::ONE, ..slt() }),
        ("COMPARE-4", CompareRow { left_sign: F::TWO, ..slt() }),
        ("COMPARE-5", CompareRow { right_sign: F::TWO, ..slt() }),
        ("COMPARE-6", CompareRow { left_sign: F::ONE, ..sltu() }),
        ("COMPARE-7", CompareRow { right_sign: F::ONE, ..sltu() }),
        ("COMPARE-8", CompareRow { inverse: F::ZERO, ..slt() }),
        ("COMPARE-9", CompareRow { inverse: F::ONE, ..close() }),
        ("COMPARE-10", CompareRow { difference: F::ONE, ..close() }),
        ("COMPARE-11", CompareRow { less: F::TWO, ..sltu() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Compare>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn a_wrong_sign_is_not_answered() {
    // -1 < 1 denied: -1 is shown as 2^32 - 1, with everything else worked out anew.
    let mut forged = row(Opcode::Slt, 0xffff_ffff, 1);
    let honest = row(Opcode::Sltu, 0xffff_ffff, 1);
    forged.left_sign = F::ZERO;
    forged.inverse = honest.inverse;
    forged.difference = honest.difference;
    forged.less = F::ZERO;
    let report = report::<Compare>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert_eq!(report.unanswered().len(), 1);
}

#[test]
fn a_wrong_answer_is_not_answered() {
    for row in honest() {
        let forged = CompareRow { less: F::ONE - row.less, ..row };
        let report = report::<Compare>(&flatten(forged));
        assert_eq!(report.violations, Vec::<&str>::new());
        assert!(!report.unanswered().is_empty(), "{row:?}");
    }
}

#[test]
fn one_register_read_twice_has_one_value() {
    let open = |right| {
        let mut row = row(Opcode::Sltu, 3, right);
        row.rs2 = row.rs1;
        row.right_age = Age { previous: row.clock * F::from_u32(4) };
        let balance = report::<Compare>(&flatten(row)).balance();
        let cell = REGISTER_CELL + 6;
        balance.0.keys().filter(|(bus, tuple)| bus == MEMORY && tuple[0] == cell).count()
    };
    assert_eq!(open(3), 2, "the second read takes what the first one left");
    assert_eq!(open(4), 4, "a value that nobody left");
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let opcodes = [Opcode::Slt, Opcode::Sltu, Opcode::Slti, Opcode::Sltiu];
    for (opcode, operand) in opcodes.into_iter().flat_map(|op| OPERANDS.map(|value| (op, value))) {
        let (step, line) = sample(opcode, operand, 0x8000_0000).step();
        let mut counts = LookupCounts::default();
        let row = Compare::fill(&step, &line, &mut counts);
        assert_eq!(counts, report::<Compare>(&flatten(row)).lookups());
    }
}
