use minster_riscv::{Instruction, Opcode};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::{Factor, Mul, MulRow};
use crate::F;
use crate::access::word;
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const OPCODES: [Opcode; 4] = [Opcode::Mul, Opcode::Mulh, Opcode::Mulhsu, Opcode::Mulhu];
const OPERANDS: [u32; 16] = [
    0,
    1,
    2,
    0xff,
    0x100,
    0xffff,
    0x1_0000,
    0x00ff_ffff,
    0x7f00_0001,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xff00_0000,
    0xffff_0000,
    0xffff_ffff,
    0x1234_5678,
];

fn expected(opcode: Opcode, left: u32, right: u32) -> u32 {
    let (signed_left, signed_right) = (left.cast_signed(), right.cast_signed());
    let high = |product: i128| (product >> 32) as u32;
    match opcode {
        Opcode::Mul => left.wrapping_mul(right),
        Opcode::Mulh => high(i128::from(signed_left) * i128::from(signed_right)),
        Opcode::Mulhsu => high(i128::from(signed_left) * i128::from(right)),
        _ => high(i128::from(left) * i128::from(right)),
    }
}

fn sample(opcode: Opcode, left: u32, right: u32) -> Sample {
    let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: 7, imm: 0 };
    let rd_value = expected(opcode, left, right);
    Sample { rs1: left, rs2: right, rd_value, ..Sample::new(instruction) }
}

fn row(opcode: Opcode, left: u32, right: u32) -> MulRow<F> {
    let (step, line) = sample(opcode, left, right).step();
    Mul::fill(&step, &line, &mut LookupCounts::default())
}

fn honest() -> Vec<MulRow<F>> {
    let mut rows = Vec::new();
    for opcode in OPCODES {
        for left in OPERANDS {
            rows.extend(OPERANDS.map(|right| row(opcode, left, right)));
        }
    }
    rows
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Mul>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<Mul>(&flatten(MulRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn random_rows_hold() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for index in 0..4_000 {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let right = (state.rotate_left(17) as u32) >> (state >> 59);
        let row = row(OPCODES[index % 4], (state >> 32) as u32, right);
        let report = report::<Mul>(&flatten(row));
        assert!(report.violations.is_empty() && report.unanswered().is_empty(), "{row:?}");
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let (step, line) = sample(Opcode::Mulh, 0x89ab_cdef, 0xfedc_ba98).step();
    let mut counts = LookupCounts::default();
    let row = Mul::fill(&step, &line, &mut counts);
    let mut sent = 0;
    for message in report::<Mul>(&flatten(row)).messages {
        let line = match (message.bus.as_str(), message.tuple.as_slice()) {
            ("range", [value]) => &mut counts.range[*value as usize],
            ("bytes", [first, second]) => &mut counts.bytes[(first + 256 * second) as usize],
            ("septets", [first, second]) => &mut counts.septets[(first + 256 * second) as usize],
            _ => continue,
        };
        assert!(*line > 0, "{message:?}");
        *line -= 1;
        sent += 1;
    }
    assert_eq!(sent, 13);
    let left: u32 = [counts.range, counts.bytes, counts.septets].iter().flatten().sum();
    assert_eq!(left, 0);
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().into_iter().step_by(5).map(flatten).collect();
    rows.push(flatten(MulRow::default()));
    assert_eq!(free_columns::<Mul>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let mul = || row(Opcode::Mul, 0x89ab_cdef, 0xfedc_ba98);
    let mulh = || row(Opcode::Mulh, 0x89ab_cdef, 0xfedc_ba98);
    let mulhsu = || row(Opcode::Mulhsu, 0x89ab_cdef, 0xfedc_ba98);
    let mulhu = || row(Opcode::Mulhu, 0x89ab_cdef, 0xfedc_ba98);
    let half = F::TWO.inverse();
    let with = |factor: Factor<F>, sign| Factor { sign, ..factor };
    let top = |factor: Factor<F>, top_bit| Factor { top_bit, ..factor };
    let forgeries: [(&str, MulRow<F>); 19] = [
        ("MUL-1", MulRow { is_mul: F::TWO, is_mulh: -F::ONE, ..mul() }),
        ("MUL-2", MulRow { is_mulh: F::TWO, is_mul: -F::ONE, ..mulh() }),
        ("MUL-3", MulRow { is_mulhsu: half, is_mulhu: half, ..mulhsu() }),
        ("MUL-4", MulRow { is_mulhu: F::TWO, is_mulhsu: -F::ONE, ..mulhu() }),
        ("MUL-5", MulRow { is_mul: F::ONE, ..mulhu() }),
        ("MUL-6", MulRow { left: top(mulh().left, F::TWO), ..mulh() }),
        ("MUL-7", MulRow { right: top(mulh().right, half), ..mulh() }),
        // Signs claimed where operands have none, and denied where they have one.
        ("MUL-8", MulRow { left: with(mulhu().left, F::ONE), ..mulhu() }),
        ("MUL-8", MulRow { left: with(mulhsu().left, F::ZERO), ..mulhsu() }),
        ("MUL-9", MulRow { right: with(mulhsu().right, F::ONE), ..mulhsu() }),
        ("MUL-9", MulRow { right: with(mulh().right, F::ZERO), ..mulh() }),
        ("MUL-10", MulRow { carry_bits: [F::TWO, F::ZERO, F::ZERO], ..mul() }),
        ("MUL-10", MulRow { carry_bits: [F::ZERO, F::TWO, F::ZERO], ..mul() }),
        ("MUL-11", MulRow { result: word(expected(Opcode::Mul, 0x89ab_cdef, 1)), ..mul() }),
        ("MUL-11", MulRow { other: mulh().result, ..mulh() }),
        ("MUL-12", MulRow { carries: [mul().carries[0], F::ZERO], ..mul() }),
        ("MUL-13", MulRow { negative: F::TWO, ..mulhsu() }),
        ("MUL-14", MulRow { result: word(0), ..mulhu() }),
        ("MUL-15", MulRow { excess: F::ZERO, ..mulh() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Mul>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// The signed products of the same words are not exchanged.
#[test]
fn mixed_signs_are_not_exchanged() {
    let results = OPCODES.map(|opcode| row(opcode, 0x8000_0001, 0xffff_fffe).result);
    for (index, opcode) in OPCODES.into_iter().enumerate() {
        for (other, result) in results.into_iter().enumerate() {
            let forged = MulRow { result, ..row(opcode, 0x8000_0001, 0xffff_fffe) };
            let report = report::<Mul>(&flatten(forged));
            let accepted = report.violations.is_empty() && report.unanswered().is_empty();
            assert_eq!(accepted, index == other, "{opcode:?} with the result of {other}");
        }
    }
}

/// Rows that satisfy every constraint, but ask for a lookup that has no answer.
#[test]
fn what_the_lookups_refuse() {
    // 2^16 · 2^16 = 2^32 · 1, and p more in the upper half: the same modulo p and modulo 2^32.
    let mut upper = row(Opcode::Mulhu, 0x1_0000, 0x1_0000);
    upper.result = word(1 + F::ORDER_U32);
    upper.excess += upper.result.high;
    // 1 · 1 = 1 + p through a carry beyond its bound.
    let mut lower = row(Opcode::Mul, 1, 1);
    lower.result = word(1 + F::ORDER_U32);
    lower.carries[0] = F::from_u32(0x7f00);
    // The same limb by limb: the first one takes half of a carry.
    let mut half = row(Opcode::Mul, 1, 1);
    half.carries[0] = F::TWO.inverse();
    half.result.low -= F::from_u32(1 << 15);
    half.result.high = F::TWO.inverse();
    // An upper half of a positive product shown as that of a negative one.
    let mut negative = row(Opcode::Mulh, 2, 3);
    negative.negative = F::ONE;
    negative.result.high = F::from_u32(1 << 16);
    // A sign denied with a septet of eight bits.
    let mut septet = row(Opcode::Mulh, 0x8000_0000, 0);
    septet.left = Factor { septet: F::from_u32(128), top_bit: F::ZERO, ..Factor::default() };
    // Bytes past their range with the same limb.
    let mut bytes = row(Opcode::Mul, 0x100, 1);
    bytes.left.bytes = [F::from_u32(256), F::ZERO, F::ZERO];
    for (name, forged) in [
        ("upper", upper),
        ("lower", lower),
        ("half", half),
        ("negative", negative),
        ("septet", septet),
        ("bytes", bytes),
    ] {
        let report = report::<Mul>(&flatten(forged));
        assert_eq!(report.violations, Vec::<&str>::new(), "{name}");
        assert!(!report.unanswered().is_empty(), "{name}");
    }
}
