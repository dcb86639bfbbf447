//! Lines 14, 18 and 30: runs that the emulator stops.
//!
//! The record of an honest program is rewritten by hand into that of a program that traps, whose
//! instructions are at the same places. Every value and time fits, so that only what forbids the
//! trap itself can refuse it.

use minster_emulator::{Access, Class, Io, Leaf, SegmentRecord, ecall};
use minster_machine::access::REGISTER_CELL;
use minster_machine::checker::{Fault, faults};
use minster_machine::shape::SHAPES;
use minster_machine::trace::{SegmentTraces, segment_traces};
use minster_prover::Prover;
use minster_riscv::{Opcode, Program};

use crate::support::{Assembler, DATA, Run, Score, check, prove, whole};

/// A load of `address` into x7.
fn load(opcode: Opcode, address: u32) -> Program {
    let mut code = Assembler::default();
    code.push(Opcode::Lui, 5, 0, 0, address & !0xfff);
    code.push(Opcode::Addi, 5, 5, 0, address & 0xfff);
    code.push(opcode, 7, 5, 0, 0);
    code.halt(0);
    code.program()
}

fn registers(record: &mut SegmentRecord) -> &mut Leaf {
    let index = REGISTER_CELL / 8;
    record.leaves.iter_mut().find(|leaf| leaf.index == index).expect("registers are always there")
}

/// The record of a load from [`DATA`] as one from `address`: x5 and what is derived from it.
fn readdress(record: &mut SegmentRecord, address: u32) {
    let upper = address & !0xfff;
    let [first, second, ..] = &mut record.steps[Class::Addi.index()][..] else { panic!("steps") };
    first.rd_value = upper;
    (second.rs1.value, second.rd.value, second.rd_value) = (upper, upper, address);
    for class in [Class::Word, Class::SubWord] {
        let steps = &mut record.steps[class.index()];
        steps.iter_mut().for_each(|step| step.rs1.value = address);
    }
    registers(record).after[5] = address;
}

/// The load finds x5 at its address instead of a word of RAM.
fn read_register(record: &mut SegmentRecord, address: u32) {
    let class = if record.steps_of(Class::Word).is_empty() { Class::SubWord } else { Class::Word };
    let step = &mut record.steps[class.index()][0];
    step.memory = Access { value: address, stamp: 4 * step.clock };
    step.memory_value = address;
    step.rd_value = if class == Class::Word { address } else { address & 0xff };
    let (loaded, stamp) = (step.rd_value, 4 * step.clock + 2);
    record.leaves.retain(|leaf| leaf.index != DATA / 32);
    registers(record).after[7] = loaded;
    registers(record).stamps[5] = stamp;
}

/// Fills the tables of a program from the record of another one.
fn rewritten(
    honest: Program,
    forged: Program,
    rewrite: impl FnOnce(&mut SegmentRecord),
) -> (Prover, SegmentTraces) {
    let run = Run::new(honest, Io::default());
    let mut record = run.part().record.clone();
    rewrite(&mut record);
    let prover = Prover::new(forged).expect("a key");
    let mut state = prover.start();
    let traces = segment_traces(&record, prover.rom(), &SHAPES[0], &mut state);
    (prover, traces.expect("the same places"))
}

fn refused(score: &mut Score, attack: &str, forged: Program, rewrite: impl Fn(&mut SegmentRecord)) {
    let opcode = if attack.contains("byte") { Opcode::Lbu } else { Opcode::Lw };
    let (prover, traces) = rewritten(load(opcode, DATA), forged, rewrite);
    let chips = prover.key().chips();
    let found = faults(chips, &traces.tables, &traces.public, 20);
    let expected = |fault: &Fault| match fault {
        Fault::Constraint { chip, .. } => ["word", "subword"].contains(chip),
        // A misaligned address is a fraction in the field, and no leaf has such a cell.
        Fault::Bus { bus, .. } if bus == "memory" => attack.contains("misaligned"),
        Fault::Bus { bus, .. } => ["range", "align", "bytes", "septets"].contains(&bus.as_str()),
    };
    // Everything else fits: the forgery is as good as it can be.
    assert!(found.iter().all(expected), "{attack}: {found:?}");
    score.faulty(attack, &found);
    let bytes = whole(&[], &[prove(&prover, traces)]);
    score.refused(attack, || check(prover.key(), &bytes));
}

/// A rewritten load of the same address is the honest one: what the others are measured by.
#[test]
fn line_30_rewriting_is_honest() {
    let (prover, traces) =
        rewritten(load(Opcode::Lw, DATA), load(Opcode::Lw, DATA + 4), |record| {
            readdress(record, DATA + 4);
            let step = &mut record.steps[Class::Word.index()][0];
            step.memory.value = 2;
            step.memory_value = 2;
            step.rd_value = 2;
            let stamp = 4 * step.clock + 2;
            registers(record).after[7] = 2;
            let data = record.leaves.iter_mut().find(|leaf| leaf.index == DATA / 32).expect("data");
            data.starts = [0, stamp - 1, 0, 0, 0, 0, 0, 0];
            data.stamps = [0, stamp, 0, 0, 0, 0, 0, 0];
        });
    let bytes = whole(&[], &[prove(&prover, traces)]);
    check(prover.key(), &bytes).expect("an honest load");
}

/// Registers read through addresses behind the end of RAM: a word of x5, and a byte of it.
#[test]
fn line_14_registers_behind_ram() {
    let mut score = Score::new("line 14, registers behind RAM");
    let address = 4 * REGISTER_CELL + 4 * 5;
    for (attack, opcode) in [("a word", Opcode::Lw), ("a byte", Opcode::Lbu)] {
        refused(&mut score, attack, load(opcode, address), |record| {
            readdress(record, address);
            read_register(record, address);
        });
    }
    score.end();
}

/// A misaligned load that sees the whole word.
#[test]
fn line_30_misaligned() {
    let mut score = Score::new("line 30, misaligned");
    for offset in [1, 2, 3] {
        let forged = load(Opcode::Lw, DATA + offset);
        refused(&mut score, "a misaligned word", forged, |record| readdress(record, DATA + offset));
    }
    score.end();
}

/// Two commits of `size` bytes of the word 1.
fn commits(size: u32) -> Program {
    let mut code = Assembler::default();
    code.call(ecall::COMMIT, &[DATA, size]);
    code.call(ecall::COMMIT, &[DATA, size]);
    code.halt(0);
    code.program()
}

/// Two commits that end inside a word. Every table agrees, but no output has such a digest.
#[test]
fn line_18_two_partial_commits() {
    let mut score = Score::new("line 18, partial commits");
    for size in [1, 2, 3] {
        let (prover, traces) = rewritten(commits(4), commits(size), |record| {
            let number = |value: &mut u32| {
                if *value == 4 {
                    *value = size
                }
            };
            for step in &mut record.steps[Class::Addi.index()] {
                number(&mut step.rd_value);
                number(&mut step.rd.value);
            }
            let calls = &mut record.steps[Class::Ecall.index()];
            calls.iter_mut().for_each(|step| number(&mut step.rs2.value));
            record.io.iter_mut().for_each(|step| step.remaining = size);
            let registers =
                record.leaves.iter_mut().find(|leaf| leaf.index == REGISTER_CELL / 8 + 1);
            number(&mut registers.expect("registers").after[3]);
        });
        let chips = prover.key().chips();
        let found = faults(chips, &traces.tables, &traces.public, 20);
        assert_eq!(found, [], "the output's end is the verifier's to check");
        let part = prove(&prover, traces);
        for output in
            [&[1][..], &[1, 1], &[1, 0, 0, 0, 1], &[1, 0, 0, 0, 1, 0, 0, 0], &[1, 0, 1, 0]]
        {
            let bytes = whole(output, std::slice::from_ref(&part));
            score.refused("two ends", || check(prover.key(), &bytes));
        }
    }
    score.end();
}
