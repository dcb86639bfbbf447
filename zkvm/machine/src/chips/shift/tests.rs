use minster_riscv::{Instruction, Opcode};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Shift, ShiftRow};
use crate::F;
use crate::access::word;
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPERANDS: [u32; 8] =
    [0, 1, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff, 0x0001_8000, 0x89ab_cdef, 0x1234_5678];
const REGISTERS: [Opcode; 3] = [Opcode::Sll, Opcode::Srl, Opcode::Sra];
const IMMEDIATE_FORMS: [Opcode; 3] = [Opcode::Slli, Opcode::Srli, Opcode::Srai];

fn expected(opcode: Opcode, left: u32, distance: u32) -> u32 {
    match opcode {
        Opcode::Sll | Opcode::Slli => left.wrapping_shl(distance),
        Opcode::Srl | Opcode::Srli => left.wrapping_shr(distance),
        _ => left.cast_signed().wrapping_shr(distance).cast_unsigned(),
    }
}

fn sample(opcode: Opcode, left: u32, right: u32) -> Sample {
    let rd_value = expected(opcode, left, right);
    let register_form = REGISTERS.contains(&opcode);
    let (rs2, imm, register) = if register_form { (right, 0, 7) } else { (0, right, 0) };
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: register, imm };
    Sample { rs1: left, rs2, rd_value, ..Sample::new(instruction) }
}

fn row(opcode: Opcode, left: u32, right: u32) -> ShiftRow<F> {
    let (step, line) = sample(opcode, left, right).step();
    Shift::fill(&step, &line, &mut LookupCounts::default())
}

/// Every distance on every operand, and registers with bits above the distance.
fn honest() -> Vec<ShiftRow<F>> {
    let mut rows = Vec::new();
    for left in OPERANDS {
        for opcode in REGISTERS.into_iter().chain(IMMEDIATE_FORMS) {
            rows.extend((0..32).map(|distance| row(opcode, left, distance)));
        }
        for opcode in REGISTERS {
            let distances = [32, 0xffff_ffff, 0xffe0, 0x8000_0000, 0x0001_0009];
            rows.extend(distances.map(|distance| row(opcode, left, distance)));
        }
    }
    rows
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Shift>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Shift>(&flatten(ShiftRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for (opcode, ranges) in [(Opcode::Sll, 3), (Opcode::Srl, 3), (Opcode::Sra, 4)] {
        let (step, line) = sample(opcode, 0x89ab_cdef, 13).step();
        let mut counts = LookupCounts::default();
        let row = Shift::fill(&step, &line, &mut counts);
        let messages = report::<Shift>(&flatten(row)).messages;
        let total = |counts: &[u32]| counts.iter().sum::<u32>() as usize;
        let sent = |bus| messages.iter().filter(|message| message.bus == bus).count();
        assert_eq!((total(&counts.range), sent("range")), (ranges, ranges));
        assert_eq!((total(&counts.bytes), sent("bytes")), (4, 4));
        assert_eq!((total(&counts.factor), sent("factor")), (1, 1));
        assert_eq!((total(&counts.septets), sent("septets")), (0, 0));
        for message in messages {
            let line = match (message.bus.as_str(), message.tuple.as_slice()) {
                ("range", [value]) => &mut counts.range[*value as usize],
                ("bytes", [first, second]) => &mut counts.bytes[(first + 256 * second) as usize],
                ("factor", [right, distance, _]) => {
                    &mut counts.factor[(8 * right + distance) as usize]
                }
                _ => continue,
            };
            assert!(*line > 0, "{message:?}");
            *line -= 1;
        }
    }
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().into_iter().map(flatten).collect();
    rows.push(flatten(ShiftRow::default()));
    assert_eq!(free_columns::<Shift>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let sll = || row(Opcode::Sll, 0x89ab_cdef, 13);
    let srl = || row(Opcode::Srl, 0x89ab_cdef, 13);
    let sra = || row(Opcode::Sra, 0x89ab_cdef, 13);
    let half = F::TWO.inverse();
    let whole = |one, two, three| [one, two, three];
    let forgeries: [(&str, ShiftRow<F>); 15] = [
        ("SHIFT-1", ShiftRow { is_sll: F::TWO, is_srl: -F::ONE, ..sll() }),
        ("SHIFT-2", ShiftRow { is_srl: F::TWO, is_sra: -F::ONE, ..srl() }),
        ("SHIFT-3", ShiftRow { is_sll: half, is_sra: half, ..sra() }),
        ("SHIFT-4", ShiftRow { is_sll: F::ONE, ..sra() }),
        // 13 = 5 + 8·(3 - 2): one byte as "three less two".
        ("SHIFT-5", ShiftRow { whole: whole(F::ZERO, -F::ONE, F::ONE), ..srl() }),
        // 29 = 5 + 8·3 as "one and two".
        ("SHIFT-6", ShiftRow { whole: whole(F::ONE, F::ONE, F::ZERO), ..row(Opcode::Srl, 9, 29) }),
        ("SHIFT-7", ShiftRow { low: sll().high, ..sll() }),
        ("SHIFT-8", ShiftRow { high: sll().low, ..sll() }),
        // A logical shift that keeps a sign.
        ("SHIFT-9", ShiftRow { sign: F::ONE, ..srl() }),
        ("SHIFT-9", ShiftRow { sign: F::TWO, ..sra() }),
        // No fill, and too much of it.
        ("SHIFT-10", ShiftRow { fill: F::ZERO, ..sra() }),
        ("SHIFT-10", ShiftRow { fill: F::from_u32(255), ..sra() }),
        ("SHIFT-11", ShiftRow { result: word(0x79bd_e001), ..sll() }),
        ("SHIFT-12", ShiftRow { result: word(0x0000_4d5e), ..sra() }),
        // The shift by no whole bytes in place of that by one.
        ("SHIFT-11", ShiftRow { result: row(Opcode::Srl, 0x89ab_cdef, 5).result, ..srl() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Shift>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// Rows that satisfy every constraint, but ask for a lookup that has no answer.
#[test]
fn what_the_lookups_refuse() {
    // The sign of a negative operand denied, and one claimed for a positive operand.
    let mut denied = row(Opcode::Sra, 0x8000_0000, 4);
    (denied.sign, denied.fill) = (F::ZERO, F::ZERO);
    denied.result = word(0x0800_0000);
    let mut claimed = row(Opcode::Sra, 0x4000_0000, 4);
    (claimed.sign, claimed.fill) = (F::ONE, F::from_u32(0xf0));
    claimed.result = word(0xf400_0000);
    // A byte of the product past its range, with the next one made to fit.
    let mut bytes = row(Opcode::Sll, 0x0101, 0);
    bytes.low = [F::from_u32(257), F::ZERO, F::ZERO];
    // A shift by 8 that is none by whole bytes.
    let mut distance = row(Opcode::Sll, 1, 8);
    distance.whole = [F::ZERO; 3];
    distance.distance = F::from_u32(8);
    distance.result = word(1);
    // The register holds 1, read as a distance of 0 and a rest of 1/32.
    let mut rest = row(Opcode::Sll, 1, 1);
    let zero = row(Opcode::Sll, 1, 0);
    rest.rest = [F::from_u32(32).inverse(), F::ZERO];
    (rest.distance, rest.factor, rest.low) = (zero.distance, zero.factor, zero.low);
    rest.result = zero.result;
    for (name, forged) in [
        ("denied", denied),
        ("claimed", claimed),
        ("bytes", bytes),
        ("distance", distance),
        ("rest", rest),
    ] {
        let report = report::<Shift>(&flatten(forged));
        assert_eq!(report.violations, Vec::<&str>::new(), "{name}");
        assert!(!report.unanswered().is_empty(), "{name}");
    }
}
