mod attacks;
mod forgery;

use minster_emulator::{AGE_MAX, Access, Io, Step, ecall, run};
use minster_riscv::{Instruction, Opcode, Program, encode};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::{Ecall, EcallRow, OutputPlace};
use crate::F;
use crate::access::{RAM_CELLS, slot, stamp_at, word};
use crate::buses::{MEMORY, STATE};
use crate::checker::{SAMPLE_PC, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::rom::{HALTED, Line, lower};

const ECALL: Instruction = Instruction { opcode: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 };
const CLOCK: u32 = 70_000;
const RAM_SIZE: u32 = 4 * RAM_CELLS;
const WORDS_MAX: u32 = ecall::IO_WORDS_MAX;
const TRANSFERS: [u32; 3] = [ecall::READ_INPUT, ecall::READ_HINT, ecall::COMMIT];

/// A call: its number, then a0, a1 and a2, then a0 afterwards.
type Call = [u32; 5];

fn sample([number, a0, a1, a2, result]: Call) -> (Step, Line<u32>) {
    let seen = |value, slot| Access { value, stamp: stamp_at(CLOCK - 9, slot) };
    let step = Step {
        pc: SAMPLE_PC,
        clock: CLOCK,
        rs1: seen(number, slot::RS1),
        rs2: seen(a1, slot::RS2),
        memory: seen(a2, slot::MEMORY),
        rd: Access { value: a0, stamp: stamp_at(CLOCK, slot::RD) - AGE_MAX },
        rd_value: result,
        memory_value: a2,
        next_pc: SAMPLE_PC + 4,
    };
    (step, lower(SAMPLE_PC, ECALL).unwrap())
}

fn row(call: Call) -> EcallRow<F> {
    let (step, line) = sample(call);
    let mut output = OutputPlace { words: 5, clock: 3 };
    Ecall::fill(&step, &line, &mut output, &mut LookupCounts::default())
}

fn halt() -> EcallRow<F> {
    row([ecall::HALT, 0x8000_0007, 5, 6, 0x8000_0007])
}

fn write() -> EcallRow<F> {
    row([ecall::WRITE, 1, 0xffff_ffff, 0x1_0002, 0x1_0002])
}

fn read() -> EcallRow<F> {
    row([ecall::READ_INPUT, 0x1_0004, 3, 6, 0xffff_fff1])
}

fn commit() -> EcallRow<F> {
    row([ecall::COMMIT, 0x1_0004, 7, 6, 0x1_0004])
}

const HONEST: [Call; 14] = [
    [ecall::HALT, 0, 0, 0, 0],
    [ecall::HALT, 0xffff_ffff, 1, 2, 0xffff_ffff],
    [ecall::WRITE, 1, 0x100, 5, 5],
    [ecall::WRITE, 0, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
    [ecall::READ_INPUT, 0x1_0000, 0, 0, 0],
    [ecall::READ_INPUT, RAM_SIZE, 0, 0, 9],
    [ecall::READ_INPUT, 0x7fff_fffc, 1, 7, 0xffff_ffff],
    [ecall::READ_HINT, 0, WORDS_MAX, 0, 3],
    [ecall::READ_HINT, RAM_SIZE - 4 * WORDS_MAX, WORDS_MAX, 0, 3],
    [ecall::COMMIT, 0xfffc, 0, 0, 0xfffc],
    [ecall::COMMIT, RAM_SIZE, 0, 0, RAM_SIZE],
    [ecall::COMMIT, 0x1_0000, 1, 0, 0x1_0000],
    [ecall::COMMIT, 0x7fff_fff8, 7, 0, 0x7fff_fff8],
    [ecall::COMMIT, 0x7654_3210, 4 * WORDS_MAX, 0, 0x7654_3210],
];

#[test]
fn honest_rows_hold() {
    for call in HONEST {
        let report = report::<Ecall>(&flatten(row(call)));
        assert_eq!(report.violations, Vec::<&str>::new(), "{call:x?}");
        assert_eq!(report.unanswered(), Vec::<&_>::new(), "{call:x?}");
    }
    assert!(report::<Ecall>(&flatten(EcallRow::<F>::default())).messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = HONEST.map(row).map(flatten).to_vec();
    rows.push(flatten(EcallRow::default()));
    let free = [
        "commit_clock",
        "commit_gap_high",
        "end",
        "position",
        "position_end",
        "room_high",
        "room_low",
    ];
    assert_eq!(free_columns::<Ecall>(&rows), free);
    // Each is free only where the call does not use it.
    let commits: Vec<Vec<F>> = HONEST[9..].iter().map(|call| flatten(row(*call))).collect();
    assert_eq!(free_columns::<Ecall>(&commits), Vec::<String>::new());
    let reads: Vec<Vec<F>> = HONEST[4..9].iter().map(|call| flatten(row(*call))).collect();
    assert_eq!(free_columns::<Ecall>(&reads), free[..2]);
}

#[test]
fn each_constraint_catches_its_forgery() {
    let (one, two) = (F::ONE, F::TWO);
    let forgeries: [(&str, EcallRow<F>); 13] = [
        ("ECALL-1", EcallRow { is_halt: two, is_write: -one, ..halt() }),
        ("ECALL-2", EcallRow { is_write: two, is_halt: -one, ..write() }),
        ("ECALL-3", EcallRow { is_input: two, is_hint: -one, ..read() }),
        ("ECALL-4", EcallRow { is_hint: -one, is_input: two, ..read() }),
        ("ECALL-5", EcallRow { is_commit: two, is_hint: -one, ..commit() }),
        ("ECALL-6", EcallRow { is_commit: one, ..halt() }),
        ("ECALL-7", EcallRow { next: halt().pc + one, ..halt() }),
        ("ECALL-8", EcallRow { result: word(0x8000_0006), ..halt() }),
        ("ECALL-9", EcallRow { result: word(0x0002_0004), ..commit() }),
        ("ECALL-10", EcallRow { result: word(0x1_0001), ..write() }),
        ("ECALL-11", EcallRow { result: word(2), ..write() }),
        ("ECALL-12", EcallRow { a1: word(0x1_0003), ..read() }),
        ("ECALL-13", EcallRow { end: read().end + one, ..read() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Ecall>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn only_a_halt_halts() {
    let next = |row: EcallRow<F>| {
        let report = report::<Ecall>(&flatten(row));
        let sent = report.messages.iter().find(|sent| sent.bus == STATE && sent.count == F::ONE);
        sent.map(|sent| sent.tuple[0]).unwrap()
    };
    assert_eq!(next(halt()), HALTED);
    for row in [write(), read(), commit()] {
        assert_eq!(next(row), SAMPLE_PC / 4 + 1);
        let forged = EcallRow { next: F::from_u32(HALTED), ..row };
        assert_eq!(report::<Ecall>(&flatten(forged)).violations, ["ECALL-7"]);
    }
}

#[test]
fn a_read_may_answer_any_word_and_no_more() {
    for result in [0, 1, 0x1_0000, 0xffff_ffff] {
        let report = report::<Ecall>(&flatten(EcallRow { result: word(result), ..read() }));
        assert!(report.violations.is_empty() && report.unanswered().is_empty());
        let after = report.messages.iter().filter(|sent| sent.bus == MEMORY);
        let after = after.map(|sent| sent.tuple[1] | sent.tuple[2] << 16);
        assert!(after.into_iter().any(|word| word == result));
    }
    for (low, high) in [(1 << 16, 0), (0, 1 << 16), (F::ORDER_U32 - 1, 1)] {
        let mut forged = read();
        forged.result = crate::access::Word { low: F::from_u32(low), high: F::from_u32(high) };
        assert!(!report::<Ecall>(&flatten(forged)).unanswered().is_empty());
    }
}

/// Whether a call has a row. The prover has no choice left: where the transfer ends follows from
/// its words, and from that the room behind it, which has two limbs in one way at most.
fn has_row(number: u32, address: u32, count: u32) -> bool {
    let template = if number == ecall::COMMIT { commit() } else { read() };
    let mut row = EcallRow {
        is_input: F::from_bool(number == ecall::READ_INPUT),
        is_hint: F::from_bool(number == ecall::READ_HINT),
        a0: word(address),
        a1: word(count),
        ..template
    };
    if number == ecall::COMMIT {
        row.result = word(address);
    }
    let words = if number == ecall::COMMIT { count.div_ceil(4) } else { count };
    let quarter = F::from_u32(4).inverse();
    row.end = row.a0.low * quarter + row.a0.high * F::from_u32(1 << 14) + F::from_u32(words);
    let room = (F::from_u32(RAM_CELLS) - row.end).as_canonical_u32();
    row.room_low = F::from_u32(room & 0xffff);
    row.room_high = F::from_u32(room >> 16);
    let report = report::<Ecall>(&flatten(row));
    report.violations.is_empty() && report.unanswered().is_empty()
}

/// Whether the emulator runs a call.
fn runs(number: u32, arguments: [u32; 2]) -> bool {
    let mut code = Vec::new();
    let [a0, a1] = arguments;
    for (rd, value) in [(10, a0), (11, a1), (17, number), (5, 0)] {
        code.extend(set(rd, value));
        if rd == 17 {
            code.push(ECALL);
        }
    }
    code.extend(set(17, ecall::HALT));
    code.push(ECALL);
    run(&program(&code, &[]), Io::default(), 100).is_ok()
}

/// Two instructions that give a register its value.
fn set(rd: u8, value: u32) -> [Instruction; 2] {
    let low = (value << 20).cast_signed() >> 20;
    let low = low.cast_unsigned();
    let high = value.wrapping_sub(low);
    [
        Instruction { opcode: Opcode::Lui, rd, rs1: 0, rs2: 0, imm: high },
        Instruction { opcode: Opcode::Addi, rd, rs1: rd, rs2: 0, imm: low },
    ]
}

fn program(code: &[Instruction], data: &[(u32, &[u8])]) -> Program {
    let words: Vec<u32> = code.iter().map(encode).collect();
    Program::new(SAMPLE_PC, SAMPLE_PC, &words, data).unwrap()
}

#[test]
fn a_call_has_a_row_exactly_if_the_emulator_runs_it() {
    let near = |value: u32| (0..9).map(move |step| value.wrapping_add(step).wrapping_sub(4));
    let addresses: Vec<u32> = [0, 0x1_0000, RAM_SIZE, RAM_SIZE - 4 * WORDS_MAX, 0xc000_0000]
        .into_iter()
        .flat_map(near)
        // Where four times the cell, or the cell, comes close to the modulus.
        .chain([F::ORDER_U32, F::ORDER_U32 - 1, 4 * ((1 << 30) - 1), 0xff00_0004])
        .collect();
    let counts = [0, 1, 3, 4, 5, 8, WORDS_MAX - 1, WORDS_MAX, WORDS_MAX + 1, 4 * WORDS_MAX - 1]
        .into_iter()
        .chain([4 * WORDS_MAX, 4 * WORDS_MAX + 1, 0xffff, 0x1_0000, 0x1_0004, 0xffff_ffff]);
    for count in counts {
        for address in &addresses {
            for number in TRANSFERS {
                let ran = runs(number, [*address, count]);
                assert_eq!(
                    has_row(number, *address, count),
                    ran,
                    "{number:#x} {address:#x} {count}"
                );
            }
        }
    }
}

#[test]
fn a_number_that_names_no_call_has_no_row() {
    // The number is not a column: what a7 holds is what the flags say.
    for row in [halt(), write(), read(), commit()] {
        let report = report::<Ecall>(&flatten(row));
        let a7 = RAM_CELLS + 17;
        let seen = report.messages.iter().filter(|sent| sent.bus == MEMORY && sent.tuple[0] == a7);
        for message in seen {
            assert_eq!(message.tuple[2], 0);
            let known = [ecall::HALT, ecall::WRITE].into_iter().chain(TRANSFERS);
            assert!(known.into_iter().any(|number| number == message.tuple[1]));
        }
    }
    assert!(!runs(94, [0, 0]) && !runs(0x1_0000 + ecall::HALT, [0, 0]));
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    for call in HONEST {
        let (step, line) = sample(call);
        let mut counts = LookupCounts::default();
        let row = Ecall::fill(&step, &line, &mut OutputPlace::default(), &mut counts);
        assert_eq!(counts, report::<Ecall>(&flatten(row)).lookups(), "{call:x?}");
    }
}
