use minster_riscv::{Instruction, Opcode};
use p3_field::PrimeCharacteristicRing;

use super::{SubwordAccess, SubwordRow};
use crate::F;
use crate::access::{RAM_CELLS, word};
use crate::buses::MEMORY;
use crate::checker::{Sample, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::table::InstructionTable;

const WORDS: [u32; 6] = [0, 0xffff_ffff, 0x0080_7fff, 0x8000_ff7f, 0x7f80_8001, 0x1234_5678];
const OPCODES: [Opcode; 6] =
    [Opcode::Lb, Opcode::Lbu, Opcode::Lh, Opcode::Lhu, Opcode::Sb, Opcode::Sh];
const BASE: u32 = 0x0001_fffc;
const STORED: u32 = 0xfedc_76a5;

fn is_half(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::Lh | Opcode::Lhu | Opcode::Sh)
}

fn is_store(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::Sb | Opcode::Sh)
}

/// The register and the word of RAM after an instruction, byte by byte.
fn expected(opcode: Opcode, offset: u32, memory: u32) -> (u32, u32) {
    let (mut bytes, at) = (memory.to_le_bytes(), offset as usize);
    let byte = bytes[at];
    let half = || u16::from_le_bytes([byte, bytes[at + 1]]);
    let register = match opcode {
        Opcode::Lb => i32::from(byte.cast_signed()).cast_unsigned(),
        Opcode::Lbu => u32::from(byte),
        Opcode::Lh => i32::from(half().cast_signed()).cast_unsigned(),
        Opcode::Lhu => u32::from(half()),
        _ => STORED,
    };
    if is_store(opcode) {
        let size = if is_half(opcode) { 2 } else { 1 };
        bytes[at..at + size].copy_from_slice(&STORED.to_le_bytes()[..size]);
    }
    (register, u32::from_le_bytes(bytes))
}

fn sample(opcode: Opcode, base: u32, imm: u32, memory: u32) -> Sample {
    let (rd, rs2) = if is_store(opcode) { (0, 7) } else { (5, 0) };
    let instruction = Instruction { opcode, rd, rs1: 6, rs2, imm };
    let rs2 = if is_store(opcode) { STORED } else { 0 };
    Sample { rs1: base, rs2, memory, ..Sample::new(instruction) }
}

fn row_at(opcode: Opcode, base: u32, imm: u32, memory: u32) -> SubwordRow<F> {
    let (step, line) = sample(opcode, base, imm, memory).step();
    SubwordAccess::fill(&step, &line, &mut LookupCounts::default())
}

fn row(opcode: Opcode, offset: u32, memory: u32) -> SubwordRow<F> {
    row_at(opcode, BASE, 8 + offset, memory)
}

/// Every instruction at every offset that it may have, on every word.
fn cases() -> impl Iterator<Item = (Opcode, u32, u32)> {
    let places = OPCODES.into_iter().flat_map(|opcode| (0..4).map(move |offset| (opcode, offset)));
    let aligned = places.filter(|(opcode, offset)| !is_half(*opcode) || offset % 2 == 0);
    aligned.flat_map(|(opcode, offset)| WORDS.map(|memory| (opcode, offset, memory)))
}

fn honest() -> impl Iterator<Item = SubwordRow<F>> {
    cases().map(|(opcode, offset, memory)| row(opcode, offset, memory))
}

#[test]
fn honest_rows_hold() {
    for (opcode, offset, memory) in cases() {
        let row = row(opcode, offset, memory);
        let (register, stored) = expected(opcode, offset, memory);
        assert_eq!(row.value, word(register), "{opcode:?} {offset} {memory:#x}");
        assert_eq!(row.stored, word(stored), "{opcode:?} {offset} {memory:#x}");
        let report = report::<SubwordAccess>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    let padding = report::<SubwordAccess>(&flatten(SubwordRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(SubwordRow::default()));
    assert_eq!(free_columns::<SubwordAccess>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    type Row = SubwordRow<F>;
    let (two, one) = (F::TWO, F::ONE);
    let lb = || row(Opcode::Lb, 1, 0x8000_ff7f);
    let lh = || row(Opcode::Lh, 2, 0x8000_ff7f);
    let sb = || row(Opcode::Sb, 3, 0x1234_5678);
    let sh = || row(Opcode::Sh, 0, 0x1234_5678);
    let mut carry_low = lb();
    carry_low.address.carry_low = two;
    let mut carry_high = lb();
    carry_high.address.carry_high = two;
    let forgeries: [(&str, Row); 23] = [
        ("SUBWORD-1", Row { is_lb: two, is_lbu: -one, ..lb() }),
        ("SUBWORD-2", Row { is_lbu: two, is_lb: -one, ..lb() }),
        ("SUBWORD-3", Row { is_lh: two, is_lhu: -one, ..lh() }),
        ("SUBWORD-4", Row { is_lhu: two, is_lh: -one, ..lh() }),
        ("SUBWORD-5", Row { is_sb: two, is_sh: -one, ..sb() }),
        ("SUBWORD-6", Row { is_sh: two, is_sb: -one, ..sh() }),
        ("SUBWORD-7", Row { is_sb: one, ..lb() }),
        ("SUBWORD-8", carry_low),
        ("SUBWORD-9", carry_high),
        // Offsets that the bus answers and that are no sum of these two bits.
        ("SUBWORD-10", Row { odd: two, upper: F::ZERO, ..row(Opcode::Lb, 2, 0x8000_ff7f) }),
        ("SUBWORD-11", Row { odd: one, upper: F::ONE.halve(), ..lb() }),
        ("SUBWORD-12", row(Opcode::Lh, 1, 0x1234_5678)),
        ("SUBWORD-13", Row { low_byte: one, ..sh() }),
        ("SUBWORD-14", Row { sign: two, ..lb() }),
        ("SUBWORD-15", Row { sign: F::ZERO, ..lb() }),
        ("SUBWORD-16", Row { rest: one, ..lb() }),
        ("SUBWORD-17", Row { tested: one, ..sb() }),
        ("SUBWORD-18", Row { sign: one, ..sb() }),
        ("SUBWORD-19", Row { value: word(0xffff_00ff), ..lb() }),
        ("SUBWORD-20", Row { value: word(0xff), ..row(Opcode::Lb, 0, 0xff) }),
        ("SUBWORD-21", Row { stored: word(0x8000_ff7e), ..lh() }),
        ("SUBWORD-22", Row { stored: word(0x1235_76a5), ..sh() }),
        ("SUBWORD-23", Row { stored: word(0xa5ff_5678), ..sb() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<SubwordAccess>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn a_denied_sign_is_not_answered() {
    for opcode in [Opcode::Lb, Opcode::Lh] {
        for (memory, sign) in [(0x8080, F::ZERO), (0x7f7f, F::ONE)] {
            let honest = row(opcode, 0, memory);
            let extended = F::from_u32(if opcode == Opcode::Lb { 0xff00 } else { 0 });
            let mut forged = SubwordRow { sign, ..honest };
            forged.tested += F::from_u32(256) * (honest.sign - sign);
            forged.value.low += extended * (sign - honest.sign);
            forged.value.high = F::from_u32(0xffff) * sign;
            let report = report::<SubwordAccess>(&flatten(forged));
            assert_eq!(report.violations, Vec::<&str>::new(), "{opcode:?} {memory:#x}");
            assert_eq!(report.unanswered().len(), 1, "{opcode:?} {memory:#x}");
        }
    }
}

#[test]
fn bytes_that_reach_into_each_other_are_not_answered() {
    // The limb 0x0100 as the bytes 256 and 0: a load of byte 0 would yield 256.
    let mut forged = row(Opcode::Lbu, 0, 0x100);
    forged.low_byte = F::from_u32(256);
    forged.high_byte = F::ZERO;
    forged.tested = F::from_u32(512);
    forged.value.low = F::from_u32(256);
    let loaded = report::<SubwordAccess>(&flatten(forged));
    assert_eq!(loaded.violations, Vec::<&str>::new());
    assert_eq!(loaded.unanswered().len(), 2);
    // The register's 0x76a5 as a byte of 0x76a5: a store of it would reach the next byte.
    let mut forged = row(Opcode::Sb, 0, 0);
    forged.tested = forged.held.low;
    forged.rest = F::ZERO;
    forged.stored.low = forged.held.low;
    let stored = report::<SubwordAccess>(&flatten(forged));
    assert_eq!(stored.violations, Vec::<&str>::new());
    assert_eq!(stored.unanswered().len(), 1);
}

#[test]
fn untouched_bytes_stay() {
    for (opcode, offset, memory) in cases() {
        let honest = row(opcode, offset, memory);
        for bit in 0..32 {
            let (_, stored) = expected(opcode, offset, memory);
            let forged = SubwordRow { stored: word(stored ^ 1 << bit), ..honest };
            let violations = report::<SubwordAccess>(&flatten(forged)).violations;
            assert!(!violations.is_empty(), "{opcode:?} {offset} {memory:#x} {bit}");
        }
    }
}

/// Cells and offsets that some choice of carries and bits reaches without being caught.
fn accepted(opcode: Opcode, base: u32, imm: u32) -> Vec<(u32, F)> {
    let mut found = Vec::new();
    for bits in 0..16_u32 {
        let bit = |index: u32| F::from_u32(bits >> index & 1);
        // All bytes of the word are alike, so that a wrong lane alone is not caught.
        let mut row = row_at(opcode, base, imm, 0x4242_4242);
        row.address.carry_low = bit(0);
        row.address.carry_high = bit(1);
        row.odd = bit(2);
        row.upper = bit(3);
        let report = report::<SubwordAccess>(&flatten(row));
        if report.unanswered().is_empty() && report.violations.is_empty() {
            let cells = report.messages.iter().filter(|message| message.bus == MEMORY);
            let cell = cells.map(|message| message.tuple[0]).find(|cell| *cell < RAM_CELLS);
            found.push((cell.unwrap(), row.upper.double() + row.odd));
        }
    }
    found
}

#[test]
fn an_address_has_one_place_or_none() {
    let sums =
        [(0, 0), (0x7fff_ffff, 0), (0xffff_fffd, 6), (0x1_0001, 0xffff_fffd), (0xffff, 0x7ff)];
    for (base, imm) in sums {
        let sum = u32::wrapping_add(base, imm);
        let place = (sum / 4, F::from_u32(sum % 4));
        assert_eq!(accepted(Opcode::Lbu, base, imm), [place], "{base:#x} {imm:#x}");
        let half = accepted(Opcode::Lhu, base, imm);
        assert_eq!(half, if sum % 2 == 0 { vec![place] } else { vec![] }, "{base:#x} {imm:#x}");
    }
    for (base, imm) in [(0x8000_0000, 0), (0, 0xffff_ffff), (0xbfff_ffff, 1), (0xfc00_0001, 0)] {
        assert_eq!(accepted(Opcode::Lb, base, imm), [], "{base:#x} {imm:#x}");
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for (opcode, offset, memory) in cases().step_by(5) {
        let (step, line) = sample(opcode, BASE, 8 + offset, memory).step();
        let mut counts = LookupCounts::default();
        let row = SubwordAccess::fill(&step, &line, &mut counts);
        assert_eq!(counts, report::<SubwordAccess>(&flatten(row)).lookups());
    }
}
