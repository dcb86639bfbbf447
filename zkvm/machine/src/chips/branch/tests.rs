use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{Branch, BranchRow};
use crate::F;
use crate::checker::{SAMPLE_PC, Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::rom::NOWHERE;
use crate::table::InstructionTable;

const OPERANDS: [u32; 9] =
    [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff];
const OPCODES: [Opcode; 6] =
    [Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];
const BACK: u32 = 0xffff_ff00;

fn taken(opcode: Opcode, left: u32, right: u32) -> bool {
    match opcode {
        Opcode::Beq => left == right,
        Opcode::Bne => left != right,
        Opcode::Blt => left.cast_signed() < right.cast_signed(),
        Opcode::Bge => left.cast_signed() >= right.cast_signed(),
        Opcode::Bltu => left < right,
        _ => left >= right,
    }
}

fn sample(opcode: Opcode, left: u32, right: u32) -> Sample {
    let instruction = Instruction { opcode, rd: 0, rs1: 6, rs2: 7, imm: BACK };
    let offset = if taken(opcode, left, right) { BACK } else { 4 };
    let next_pc = SAMPLE_PC.wrapping_add(offset);
    Sample { rs1: left, rs2: right, next_pc, ..Sample::new(instruction) }
}

fn row(opcode: Opcode, left: u32, right: u32) -> BranchRow<F> {
    let sample = sample(opcode, left, right);
    let (step, line) = sample.step();
    let row = Branch::fill(&step, &line, &mut LookupCounts::default());
    assert_eq!(row.next_pc, F::from_u32(sample.next_pc / 4), "{opcode:?} {left:#x} {right:#x}");
    row
}

fn cases() -> impl Iterator<Item = (Opcode, u32, u32)> {
    let pairs = OPERANDS.iter().flat_map(|left| OPERANDS.iter().map(move |right| (*left, *right)));
    pairs.flat_map(|(left, right)| OPCODES.map(|opcode| (opcode, left, right)))
}

fn honest() -> impl Iterator<Item = BranchRow<F>> {
    cases().map(|(opcode, left, right)| row(opcode, left, right))
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Branch>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Branch>(&flatten(BranchRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn only_unused_inverses_are_free() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(BranchRow::default()));
    assert_eq!(free_columns::<Branch>(&rows), ["inverse"]);
    // Where an inverse is used, it is not free.
    let used = |row: &BranchRow<F>| row.inverse != F::ZERO;
    let rows: Vec<Vec<F>> = honest().filter(used).map(flatten).collect();
    assert_eq!(free_columns::<Branch>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let beq = || row(Opcode::Beq, 0x8000_0001, 0x8000_0001);
    let bne = || row(Opcode::Bne, 0x8000_0001, 0x8000_0003);
    let blt = || row(Opcode::Blt, 0x8000_0000, 1);
    let bltu = || row(Opcode::Bltu, 5, 0x8000_0000);
    let forgeries: [(&str, BranchRow<F>); 17] = [
        ("BRANCH-1", BranchRow { is_equality: F::TWO, is_signed: -F::ONE, ..beq() }),
        ("BRANCH-2", BranchRow { is_signed: F::TWO, is_unsigned: -F::ONE, ..blt() }),
        ("BRANCH-3", BranchRow { is_unsigned: F::TWO, is_signed: -F::ONE, ..bltu() }),
        ("BRANCH-4", BranchRow { is_equality: F::ONE, ..bltu() }),
        ("BRANCH-5", BranchRow { negated: F::TWO, ..beq() }),
        ("BRANCH-6", BranchRow { left_sign: F::TWO, ..blt() }),
        ("BRANCH-7", BranchRow { right_sign: F::TWO, ..blt() }),
        ("BRANCH-8", BranchRow { left_sign: F::ONE, ..beq() }),
        ("BRANCH-9", BranchRow { right_sign: F::ONE, ..bltu() }),
        ("BRANCH-10", BranchRow { high_differs: F::TWO, ..bltu() }),
        ("BRANCH-11", BranchRow { high_differs: F::ZERO, ..bltu() }),
        ("BRANCH-12", BranchRow { difference: F::ONE, ..beq() }),
        ("BRANCH-13", BranchRow { high_differs: F::ONE, ..beq() }),
        ("BRANCH-14", BranchRow { holds: F::TWO, ..beq() }),
        ("BRANCH-15", BranchRow { holds: F::ZERO, ..beq() }),
        ("BRANCH-16", BranchRow { holds: F::ONE, inverse: F::ZERO, ..bne() }),
        ("BRANCH-17", BranchRow { next_pc: F::from_u32(SAMPLE_PC / 4 + 1), ..blt() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Branch>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn the_other_way_is_closed() {
    for (opcode, left, right) in cases() {
        let honest = row(opcode, left, right);
        let next_pc = honest.target + honest.pc + F::ONE - honest.next_pc;
        let forged = BranchRow { holds: F::ONE - honest.holds, next_pc, ..honest };
        for inverse in [honest.inverse, F::ZERO, F::ONE] {
            let report = report::<Branch>(&flatten(BranchRow { inverse, ..forged }));
            let caught = !report.violations.is_empty() || !report.unanswered().is_empty();
            assert!(caught, "{opcode:?} {left:#x} {right:#x}");
        }
    }
}

#[test]
fn a_wrong_sign_is_not_answered() {
    // -1 < 1 denied: -1 is shown as 2^32 - 1, with everything else worked out anew.
    let unsigned = row(Opcode::Bltu, 0xffff_ffff, 1);
    let forged = BranchRow { is_unsigned: F::ZERO, is_signed: F::ONE, ..unsigned };
    let report = report::<Branch>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert_eq!(report.unanswered().len(), 1);
}

#[test]
fn a_misaligned_target_is_left_only_by_not_jumping() {
    let instruction = Instruction { opcode: Opcode::Beq, rd: 0, rs1: 6, rs2: 7, imm: 6 };
    let next = |rs1| {
        let (step, line) = Sample { rs1, ..Sample::new(instruction) }.step();
        Branch::fill(&step, &line, &mut LookupCounts::default()).next_pc
    };
    assert_eq!(next(1), F::from_u32(SAMPLE_PC / 4 + 1));
    assert_eq!(next(0), F::from_u32(NOWHERE), "a state that no instruction receives");
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for (opcode, left, right) in cases().step_by(7) {
        let (step, line) = sample(opcode, left, right).step();
        let mut counts = LookupCounts::default();
        let row = Branch::fill(&step, &line, &mut counts);
        assert_eq!(counts, report::<Branch>(&flatten(row)).lookups());
    }
}
