use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{Addi, AddiRow};
use crate::F;
use crate::access::word;
use crate::checker::{SAMPLE_PC, Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPERANDS: [u32; 8] = [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 12_345];

fn filled(sample: Sample) -> AddiRow<F> {
    let (step, line) = sample.step();
    Addi::fill(&step, &line, &mut LookupCounts::default())
}

fn row(left: u32, imm: u32) -> AddiRow<F> {
    let instruction = Instruction { opcode: Opcode::Addi, rd: 5, rs1: 6, rs2: 0, imm };
    let rd_value = left.wrapping_add(imm);
    filled(Sample { rs1: left, rd_value, ..Sample::new(instruction) })
}

fn constant(opcode: Opcode, imm: u32, rd_value: u32) -> AddiRow<F> {
    let instruction = Instruction { opcode, rd: 1, rs1: 0, rs2: 0, imm };
    filled(Sample { rd_value, ..Sample::new(instruction) })
}

fn honest() -> Vec<AddiRow<F>> {
    let pairs = OPERANDS.iter().flat_map(|left| OPERANDS.iter().map(move |right| (*left, *right)));
    let mut rows: Vec<_> = pairs.map(|(left, right)| row(left, right)).collect();
    rows.push(constant(Opcode::Lui, 0xffff_f000, 0xffff_f000));
    rows.push(constant(Opcode::Auipc, 0x1000, SAMPLE_PC + 0x1000));
    rows.push(constant(Opcode::Jal, 0x40, SAMPLE_PC + 4));
    rows.push(constant(Opcode::Fence, 0, 0));
    rows
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Addi>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    assert!(report::<Addi>(&flatten(AddiRow::<F>::default())).messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().into_iter().map(flatten).collect();
    rows.push(flatten(AddiRow::default()));
    assert_eq!(free_columns::<Addi>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let honest = || row(0xffff_0001, 0x0002_ffff);
    let forgeries: [(&str, AddiRow<F>); 3] = [
        ("ADDI-1", AddiRow { real: F::TWO, ..honest() }),
        ("ADDI-2", AddiRow { result: word(0x0002_0001), ..honest() }),
        ("ADDI-3", AddiRow { result: word(0x0001_0000), ..honest() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Addi>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}
