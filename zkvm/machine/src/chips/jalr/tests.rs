use minster_riscv::{Instruction, Opcode};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use super::{Jalr, JalrRow};
use crate::F;
use crate::access::word;
use crate::buses::STATE;
use crate::checker::{RowReport, SAMPLE_PC, Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::rom::HALTED;
use crate::table::InstructionTable;

const SUMS: [(u32, u32); 10] = [
    (0, 0),
    (SAMPLE_PC, 0),
    (SAMPLE_PC + 1, 0x7f8),
    (0x7fff_fffc, 0),
    (0x3fff_ffff, 1),
    (0x0000_fffd, 3),
    (0x0001_0000, 0xffff_fffc),
    (0xffff_fffc, 8),
    (0x0400_0004, 0),
    (0x0000_0009, 0xffff_fffc),
];

fn sample(base: u32, imm: u32) -> Sample {
    let instruction = Instruction { opcode: Opcode::Jalr, rd: 1, rs1: 6, rs2: 0, imm };
    let next_pc = base.wrapping_add(imm) & !1;
    Sample { rs1: base, rd_value: SAMPLE_PC + 4, next_pc, ..Sample::new(instruction) }
}

fn row(base: u32, imm: u32) -> JalrRow<F> {
    let (step, line) = sample(base, imm).step();
    Jalr::fill(&step, &line, &mut LookupCounts::default())
}

fn honest() -> impl Iterator<Item = JalrRow<F>> {
    SUMS.into_iter().map(|(base, imm)| row(base, imm))
}

fn next_pc(report: &RowReport) -> u32 {
    let sent = |message: &&crate::checker::Message| message.bus == STATE && message.count == F::ONE;
    report.messages.iter().find(sent).unwrap().tuple[0]
}

#[test]
fn honest_rows_hold() {
    for (base, imm) in SUMS {
        let row = row(base, imm);
        let report = report::<Jalr>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
        assert_eq!(next_pc(&report), base.wrapping_add(imm) / 4, "{base:#x} {imm:#x}");
        assert_eq!(row.link, word(SAMPLE_PC + 4));
    }
    let padding = report::<Jalr>(&flatten(JalrRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(JalrRow::default()));
    assert_eq!(free_columns::<Jalr>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let honest = row(0x3fff_fffc, 8);
    let mut carry_low = honest;
    carry_low.target.carry_low = F::TWO;
    let mut carry_high = honest;
    carry_high.target.carry_high = -F::ONE;
    let forgeries: [(&str, JalrRow<F>); 5] = [
        ("JALR-1", JalrRow { is_real: F::TWO, ..honest }),
        ("JALR-2", carry_low),
        ("JALR-3", carry_high),
        // A jump to the middle of a word: the offset 2 has an answer on the bus, but is no bit.
        ("JALR-4", JalrRow { odd: F::TWO, ..row(SAMPLE_PC + 2, 0) }),
        // An address of 2 GiB and more, with two bits above the bound instead of one.
        ("JALR-5", JalrRow { high_bit: F::TWO, ..row(0x8000_0000, 0) }),
    ];
    for (id, forged) in forgeries {
        let report = report::<Jalr>(&flatten(forged));
        assert!(report.violations.contains(&id), "{id}: {report:?}");
    }
}

/// What every choice of carries and bits makes of a sum, of those that nobody catches.
fn accepted(base: u32, imm: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for bits in 0..16_u32 {
        let bit = |index: u32| F::from_u32(bits >> index & 1);
        let mut row = row(base, imm);
        row.target.carry_low = bit(0);
        row.target.carry_high = bit(1);
        row.odd = bit(2);
        row.high_bit = bit(3);
        let report = report::<Jalr>(&flatten(row));
        assert!(report.violations.is_empty());
        if report.unanswered().is_empty() {
            found.push(next_pc(&report));
        }
    }
    found
}

#[test]
fn a_sum_has_one_target_or_none() {
    for (base, imm) in SUMS {
        assert_eq!(accepted(base, imm), [base.wrapping_add(imm) / 4], "{base:#x} {imm:#x}");
    }
    // Misaligned, or beyond RAM: such a jump traps.
    let trapped = [
        (2, 0),
        (3, 0),
        (SAMPLE_PC, 2),
        (0x8000_0000, 0),
        (0xbfff_fffc, 0x7fc),
        (0, 0xffff_fffc),
        (0x0400_0004, 0xffff_f800 - 0x0400_0000),
        (0xffff_ffff, 0),
    ];
    for (base, imm) in trapped {
        assert_eq!(accepted(base, imm), Vec::<u32>::new(), "{base:#x} {imm:#x}");
    }
}

#[test]
fn a_denied_carry_does_not_halt_the_machine() {
    // The sum is 4. Without its carry the next pc would be 2^30 + 1: the state of a halted machine.
    let mut forged = row(0xffff_fffc, 8);
    forged.target.carry_high = F::ZERO;
    let denied = report::<Jalr>(&flatten(forged));
    assert_eq!(next_pc(&denied), HALTED);
    assert_eq!(denied.unanswered().len(), 1);
    // The sum is 2^26. With a carry made up the next pc is the same, past the modulus.
    let mut forged = row(0x0400_0000, 0);
    forged.target.carry_high = F::ONE;
    let invented = report::<Jalr>(&flatten(forged));
    assert_eq!(next_pc(&invented), F::ORDER_U32 - (1 << 30) + (1 << 24));
    assert_eq!(next_pc(&invented), HALTED);
    assert_eq!(invented.unanswered().len(), 1);
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for (base, imm) in SUMS {
        let (step, line) = sample(base, imm).step();
        let mut counts = LookupCounts::default();
        let row = Jalr::fill(&step, &line, &mut counts);
        assert_eq!(counts, report::<Jalr>(&flatten(row)).lookups());
    }
}
