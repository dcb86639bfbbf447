use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{Add, AddRow};
use crate::F;
use crate::access::{Age, slot, word};
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPERANDS: [u32; 8] = [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 12_345];

fn row(opcode: Opcode, left: u32, right: u32) -> AddRow<F> {
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: 7, imm: 0 };
    let rd_value = match opcode {
        Opcode::Sub => left.wrapping_sub(right),
        _ => left.wrapping_add(right),
    };
    let sample = Sample { rs1: left, rs2: right, rd_value, ..Sample::new(instruction) };
    let (step, line) = sample.step();
    Add::fill(&step, &line, &mut LookupCounts::default())
}

fn honest() -> impl Iterator<Item = AddRow<F>> {
    let pairs = OPERANDS.iter().flat_map(|left| OPERANDS.iter().map(move |right| (*left, *right)));
    pairs.flat_map(|(left, right)| [row(Opcode::Add, left, right), row(Opcode::Sub, left, right)])
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Add>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    assert!(report::<Add>(&flatten(AddRow::<F>::default())).messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(AddRow::default()));
    assert_eq!(free_columns::<Add>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let add = || row(Opcode::Add, 0xffff_0001, 0x0002_ffff);
    let sub = || row(Opcode::Sub, 1, 0xffff_ffff);
    let forgeries: [(&str, AddRow<F>); 9] = [
        ("ADD-1", AddRow { is_add: F::TWO, is_sub: -F::ONE, ..add() }),
        ("ADD-2", AddRow { is_add: -F::ONE, is_sub: F::TWO, ..sub() }),
        ("ADD-3", AddRow { is_sub: F::ONE, ..add() }),
        ("ADD-4", AddRow { carry_low: F::TWO, ..add() }),
        ("ADD-5", AddRow { carry_high: F::TWO, ..add() }),
        ("ADD-6", AddRow { result: word(0x0002_0001), ..add() }),
        ("ADD-7", AddRow { result: word(0x0001_0000), ..add() }),
        ("ADD-8", AddRow { result: word(3), ..sub() }),
        ("ADD-9", AddRow { result: word(0x0001_0002), ..sub() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Add>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn a_limb_past_its_range_is_not_answered() {
    // The sum of the low limbs with the carry denied: in the field, but not below 2^16.
    let mut forged = row(Opcode::Add, 0xffff, 1);
    forged.result.low = F::from_u32(0x1_0000);
    forged.result.high = F::ZERO;
    forged.carry_low = F::ZERO;
    let report = report::<Add>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert!(!report.unanswered().is_empty());
}

/// Soundness list 11: an access shows that the one before was earlier, and not long ago.
#[test]
fn an_access_is_later_than_the_one_before() {
    let honest = row(Opcode::Add, 1, 2);
    let stamp = |slot| honest.clock * F::from_u32(4) + F::from_u32(slot);
    let is_answered = |age: i32| {
        let age = |slot| Age { previous: stamp(slot) - F::from_i32(age) };
        let rows = [
            AddRow { left_age: age(slot::RS1), ..honest },
            AddRow { right_age: age(slot::RS2), ..honest },
            AddRow { old_age: age(slot::RD), ..honest },
        ];
        rows.map(|row| report::<Add>(&flatten(row)).unanswered().is_empty())
    };
    assert_eq!([1, 0x1_0000].map(is_answered), [[true; 3]; 2]);
    assert_eq!([0, -1, 0x1_0001].map(is_answered), [[false; 3]; 3]);
}
