use minster_emulator::Step;
use minster_riscv::{Instruction, Opcode};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::trace::Division;
use super::{Div, DivRow};
use crate::F;
use crate::access::{Word, word};
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::rom::Line;
use crate::table::InstructionTable;

const OPCODES: [Opcode; 4] = [Opcode::Div, Opcode::Divu, Opcode::Rem, Opcode::Remu];
const MIN: u32 = 0x8000_0000;
const MINUS_ONE: u32 = 0xffff_ffff;
const OPERANDS: [u32; 22] = [
    0,
    1,
    2,
    3,
    7,
    0xff,
    0x100,
    0xffff,
    0x1_0000,
    0x1_0001,
    0x00ff_ffff,
    0x7f00_0001,
    0x7fff_ffff,
    MIN,
    0x8000_0001,
    0xff00_0000,
    0xffff_0000,
    0xffff_0001,
    0xffff_fff9,
    0xffff_fffe,
    MINUS_ONE,
    0x1234_5678,
];

fn expected(opcode: Opcode, left: u32, right: u32) -> u32 {
    let (signed_left, signed_right) = (left.cast_signed(), right.cast_signed());
    match (opcode, right) {
        (Opcode::Div | Opcode::Divu, 0) => MINUS_ONE,
        (_, 0) => left,
        (Opcode::Div, _) => signed_left.wrapping_div(signed_right).cast_unsigned(),
        (Opcode::Rem, _) => signed_left.wrapping_rem(signed_right).cast_unsigned(),
        (Opcode::Divu, _) => left / right,
        _ => left % right,
    }
}

fn step(opcode: Opcode, left: u32, right: u32, rd_value: u32) -> (Step, Line<u32>) {
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: 7, imm: 0 };
    Sample { rs1: left, rs2: right, rd_value, ..Sample::new(instruction) }.step()
}

fn row(opcode: Opcode, left: u32, right: u32) -> DivRow<F> {
    let (step, line) = step(opcode, left, right, expected(opcode, left, right));
    Div::fill(&step, &line, &mut LookupCounts::default())
}

/// The row of an instruction whose numbers are changed, consistent with them everywhere else.
fn claim(opcode: Opcode, left: u32, right: u32, change: impl Fn(&mut Division)) -> DivRow<F> {
    let (mut step, line) = step(opcode, left, right, 0);
    let mut division = Division::of(&step, &line);
    change(&mut division);
    let result = match opcode {
        Opcode::Div | Opcode::Divu => division.quotient,
        _ => division.remainder,
    };
    step.rd_value = (result & 0xffff_ffff) as u32;
    division.row(&step, &line, &mut LookupCounts::default())
}

fn pairs() -> impl Iterator<Item = (Opcode, u32, u32)> {
    let operands = OPERANDS.iter().flat_map(|left| OPERANDS.iter().map(|right| (*left, *right)));
    operands.flat_map(|(left, right)| OPCODES.map(|opcode| (opcode, left, right)))
}

fn is_accepted(row: DivRow<F>) -> bool {
    let report = report::<Div>(&flatten(row));
    report.violations.is_empty() && report.unanswered().is_empty()
}

#[test]
fn honest_rows_hold() {
    for (opcode, left, right) in pairs() {
        let report = report::<Div>(&flatten(row(opcode, left, right)));
        let name = format!("{opcode:?} {left:#x} {right:#x}");
        assert_eq!(report.violations, Vec::<&str>::new(), "{name}");
        assert!(report.unanswered().is_empty(), "{name}: {:?}", report.unanswered());
    }
    let padding = report::<Div>(&flatten(DivRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn random_rows_hold() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for index in 0..3_000 {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let right = (state.rotate_left(17) as u32).cast_signed() >> (state >> 59);
        let left = (state >> 32) as u32;
        let opcode = OPCODES[index % 4];
        assert!(is_accepted(row(opcode, left, right.cast_unsigned())), "{left} {right}");
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for (opcode, right, total) in
        [(Opcode::Div, 0xfedc, 13), (Opcode::Remu, 0xfedc, 12), (Opcode::Rem, 0, 11)]
    {
        let (step, line) = step(opcode, 0x89ab_cdef, right, expected(opcode, 0x89ab_cdef, right));
        let mut counts = LookupCounts::default();
        let row = Div::fill(&step, &line, &mut counts);
        let mut sent = 0;
        for message in report::<Div>(&flatten(row)).messages {
            let line = match (message.bus.as_str(), message.tuple.as_slice()) {
                ("range", [value]) => &mut counts.range[*value as usize],
                ("bytes", [first, second]) => &mut counts.bytes[(first + 256 * second) as usize],
                ("septets", [first, second]) => {
                    &mut counts.septets[(first + 256 * second) as usize]
                }
                _ => continue,
            };
            assert!(*line > 0, "{message:?}");
            *line -= 1;
            sent += 1;
        }
        assert_eq!(sent, total);
        let left: u32 = [counts.range, counts.bytes, counts.septets].iter().flatten().sum();
        assert_eq!(left, 0);
    }
}

#[test]
fn no_change_escapes() {
    let some = pairs().step_by(13).chain([(Opcode::Div, MIN, MINUS_ONE), (Opcode::Divu, 7, 0)]);
    let mut rows: Vec<Vec<F>> = some.map(|(o, left, right)| flatten(row(o, left, right))).collect();
    rows.push(flatten(DivRow::default()));
    assert_eq!(free_columns::<Div>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let div = || row(Opcode::Div, 0xffff_ff9c, 7);
    let divu = || row(Opcode::Divu, 0xffff_ff9c, 7);
    let rem = || row(Opcode::Rem, 0xffff_ff9c, 7);
    let remu = || row(Opcode::Remu, 0xffff_ff9c, 7);
    let zero = || row(Opcode::Divu, 100, 0);
    let half = F::TWO.inverse();
    let one = [F::ONE, F::ZERO, F::ZERO, F::ZERO];
    let p = i64::from(F::ORDER_U32);
    let quotient = |opcode, right, quotient: i64| {
        claim(opcode, 0, right, |division| division.quotient = quotient)
    };
    let forgeries: [(&str, DivRow<F>); 28] = [
        ("DIV-1", DivRow { is_div: F::TWO, is_divu: -F::ONE, ..div() }),
        ("DIV-2", DivRow { is_divu: F::TWO, is_rem: -F::ONE, ..divu() }),
        ("DIV-3", DivRow { is_div: half, is_rem: half, ..rem() }),
        ("DIV-4", DivRow { is_remu: F::TWO, is_rem: -F::ONE, ..remu() }),
        ("DIV-5", DivRow { is_div: F::ONE, ..remu() }),
        // Signs of numbers that have none.
        ("DIV-6", DivRow { left_sign: F::ONE, ..divu() }),
        ("DIV-7", DivRow { right_sign: F::ONE, ..remu() }),
        ("DIV-7", DivRow { right_sign: F::TWO, ..div() }),
        ("DIV-8", DivRow { quotient_sign: F::TWO, ..div() }),
        ("DIV-9", DivRow { remainder_sign: F::ONE, ..remu() }),
        // -100 = -15 · 7 + 5.
        (
            "DIV-10",
            claim(Opcode::Rem, 0xffff_ff9c, 7, |division| {
                (division.quotient, division.remainder) = (-15, 5);
            }),
        ),
        ("DIV-11", DivRow { product_sign: F::ZERO, ..div() }),
        ("DIV-12", DivRow { divisor_bit: F::ONE, ..div() }),
        ("DIV-12", DivRow { divisor_bit: F::TWO, ..divu() }),
        ("DIV-13", DivRow { right: word(8), ..div() }),
        ("DIV-14", DivRow { right: word(0x1_0007), ..div() }),
        // Padding that would send with a count of -1.
        ("DIV-15", DivRow { by_zero: F::ONE, ..DivRow::default() }),
        ("DIV-15", DivRow { by_zero: half, ..zero() }),
        ("DIV-16", DivRow { by_zero: F::ONE, ..div() }),
        ("DIV-17", DivRow { quotient: one, result: word(0xffff_fffe), ..zero() }),
        ("DIV-17", DivRow { quotient_sign: F::ZERO, result: word(0), ..zero() }),
        // 0 = p · 2^16 modulo p and modulo 2^16; the others fail in one of the two.
        ("DIV-18", quotient(Opcode::Divu, 1 << 16, p)),
        ("DIV-19", quotient(Opcode::Divu, 1, 1 << 16)),
        ("DIV-20", quotient(Opcode::Divu, 1, p)),
        ("DIV-21", DivRow { borrow: -F::ONE, ..div() }),
        ("DIV-22", DivRow { borrow: F::ONE, ..zero() }),
        ("DIV-23", DivRow { result: word(0xffff_fff3), ..div() }),
        ("DIV-24", DivRow { result: word(0xfffe_fffe), ..rem() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Div>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// Three constraints carry the equation, and none of them is spare.
#[test]
fn the_equation_takes_all_three() {
    let p = i64::from(F::ORDER_U32);
    for (right, quotient, id) in [(1 << 16, p, "DIV-18"), (1, 1 << 16, "DIV-19"), (1, p, "DIV-20")]
    {
        let forged = claim(Opcode::Divu, 0, right, |division| division.quotient = quotient);
        let report = report::<Div>(&flatten(forged));
        assert_eq!(report.violations, [id]);
        assert!(report.unanswered().is_empty());
    }
}

/// `q + k` and `r - k·d` satisfy the equation as the true ones do.
#[test]
fn other_solutions_of_the_equation_are_refused() {
    for (opcode, left, right) in pairs() {
        for k in [-2, -1, 1, 2] {
            let forged = claim(opcode, left, right, |division| {
                division.quotient += k;
                division.remainder -= k * division.right;
            });
            assert!(!is_accepted(forged), "{opcode:?} {left:#x} {right:#x} {k}");
        }
    }
}

/// Whether the row of changed numbers is accepted although it is not the honest one.
fn escapes((opcode, left, right): (Opcode, u32, u32), change: impl Fn(&mut Division)) -> bool {
    let forged = claim(opcode, left, right, change);
    forged != row(opcode, left, right) && is_accepted(forged)
}

#[test]
fn forged_quotients_and_remainders_are_refused() {
    let offsets = [-(1 << 32), -(1 << 16), -1, 1, 1 << 16, i64::from(F::ORDER_U32), 1 << 32];
    for case in pairs().step_by(3) {
        for offset in offsets {
            assert!(!escapes(case, |division| division.quotient += offset), "{case:x?}");
            assert!(!escapes(case, |division| division.remainder += offset), "{case:x?}");
        }
        assert!(!escapes(case, |division| division.quotient *= -1), "{case:x?}");
        assert!(!escapes(case, |division| division.remainder *= -1), "{case:x?}");
    }
}

/// Operands read with signs that they do not have, and without those that they have.
#[test]
fn signs_cannot_be_chosen() {
    let moves = [(1_i64, 0_i64), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1)];
    for case in pairs() {
        for (left, right) in moves {
            let changed = escapes(case, |division| {
                division.left += left << 32;
                division.right += right << 32;
                division.quotient = division.left.checked_div(division.right).unwrap_or(-1);
                division.remainder = division.left - division.quotient * division.right;
            });
            assert!(!changed, "{case:x?} {left} {right}");
        }
    }
}

/// Rows that satisfy every constraint, but ask for a lookup that has no answer.
#[test]
fn what_the_lookups_refuse() {
    // 7 / 0 as 0 remainder 7, the zero denied.
    let mut denied = claim(Opcode::Div, 7, 0, |division| division.quotient = 0);
    denied.by_zero = F::ZERO;
    // The largest divisor as none below zero: DIV of 1 by -1 with a septet of eight bits.
    let mut septet = row(Opcode::Div, 1, 1);
    septet.right = word(MINUS_ONE);
    septet.divisor = [0xff; 4].map(F::from_u8);
    septet.quotient = [F::ZERO; 4];
    septet.remainder = word(1);
    septet.result = word(0);
    septet.carry = [F::ZERO, F::from_u32(64)];
    // A quotient with 1/2 in a byte: 3 / 2 as 3/2 remainder 0.
    let mut half = row(Opcode::Divu, 3, 2);
    half.quotient[0] = F::from_u32(3) * F::TWO.inverse();
    half.remainder = Word { low: F::ZERO, high: F::ZERO };
    half.result = Word { low: half.quotient[0], high: F::ZERO };
    // A carry that is no integer: 0 / 1 as p.
    let p = i64::from(F::ORDER_U32);
    let mut carry = claim(Opcode::Divu, 0, 1, |division| division.quotient = p);
    let fraction = F::from_u32(1 << 16).inverse();
    carry.carry = [fraction, F::from_u32(64)];
    // A remainder with a negative limb: 0 / 2^16 as 0 remainder 2^16 - 2^16.
    let mut limbs = row(Opcode::Remu, 0, 1 << 16);
    limbs.remainder = Word { low: -F::from_u32(1 << 16), high: F::ONE };
    limbs.result = limbs.remainder;
    limbs.carry[0] = -F::ONE;
    let forged = [
        ("denied", denied),
        ("septet", septet),
        ("half", half),
        ("carry", carry),
        ("limbs", limbs),
    ];
    for (name, forged) in forged {
        let report = report::<Div>(&flatten(forged));
        assert_eq!(report.violations, Vec::<&str>::new(), "{name}");
        assert!(!report.unanswered().is_empty(), "{name}");
    }
}

/// The comparison of remainder and divisor around p: 5 / 3 as 0 remainder 5, with the borrow that
/// brings both limbs of the difference into range modulo p.
#[test]
fn a_borrow_past_its_bound_is_refused() {
    let mut forged = claim(Opcode::Remu, 5, 3, |division| {
        (division.quotient, division.remainder) = (0, 5);
    });
    forged.borrow = -F::from_u32(0x7eff);
    let report = report::<Div>(&flatten(forged));
    assert_eq!(report.violations, ["DIV-21"]);
    assert!(report.unanswered().is_empty());
}

#[test]
fn the_smallest_number_by_minus_one_does_not_overflow() {
    let (quotient, remainder) =
        (row(Opcode::Div, MIN, MINUS_ONE), row(Opcode::Rem, MIN, MINUS_ONE));
    assert_eq!(quotient.result, word(MIN));
    assert_eq!(remainder.result, word(0));
    assert!(is_accepted(quotient) && is_accepted(remainder));
    for wrong in [0, 1, 0x7fff_ffff, 0x8000_0001, MINUS_ONE] {
        assert!(!is_accepted(DivRow { result: word(wrong), ..quotient }));
    }
    // The quotient as the negative number that the word looks like.
    let negative = claim(Opcode::Div, MIN, MINUS_ONE, |division| division.quotient *= -1);
    assert_eq!(negative.result, word(MIN));
    assert!(!is_accepted(negative));
}
