//! Lines 29 and 30, and completeness: programs that must have no proof of success, and random
//! programs that must have one.

use std::time::{Duration, Instant};

use minster_emulator::{Counts, Io, Recorder, ecall};
use minster_machine::checker::faults;
use minster_machine::shape::SHAPES;
use minster_machine::trace::segment_traces;
use minster_prover::{ProveError, Prover, RunOptions};
use minster_riscv::{Opcode, Program};

use crate::support::{Assembler, BASE, DATA, Run, Score, check, prove, whole};

#[path = "../../../emulator/tests/random_programs/mod.rs"]
mod random_programs;

/// Everything that a random program writes is far above its code.
const SCRATCH: u32 = 0x0100_0000;

/// A program that ends well exactly if the square of its hint is 49.
fn root() -> Program {
    let mut code = Assembler::default();
    code.call(ecall::READ_HINT, &[DATA, 1]);
    code.load(5, DATA);
    code.immediate(Opcode::Lw, 6, 5, 0);
    code.register(Opcode::Mul, 7, 6, 6);
    code.load(8, 49);
    code.load(10, 1);
    code.branch(Opcode::Bne, 7, 8, 8);
    code.load(10, 0);
    code.load(17, ecall::HALT);
    code.push(Opcode::Ecall, 0, 0, 0, 0);
    code.program()
}

fn hinted(hints: &[u8]) -> Io {
    Io { hints: hints.to_vec(), ..Io::default() }
}

/// Wrong, missing and duplicated hints: a program that checks its hint has no proof with a wrong
/// one, and hints that it does not read change nothing.
#[test]
fn line_29_hints() {
    let mut score = Score::new("line 29");
    let prover = Prover::new(root()).expect("a key");
    for hint in [&[8, 0, 0, 0][..], &[], &[0], &[49], &[7, 1], &[0, 7], &[0, 0, 0, 0, 7, 0, 0, 0]] {
        let run = prover.prove(hinted(hint), RunOptions::default(), |_| ());
        let failed = matches!(run, Err(ProveError::Failed { exit_code: 1 }));
        score.caught(&format!("hint {hint:?}"), failed);
        // The failure itself can be proven, but not as a success.
        let run = Run::new(root(), hinted(hint));
        score.refused("the failure", || run.judge(run.part().traces.clone(), &[]));
    }
    let honest = Run::new(root(), hinted(&[7]));
    for hint in [&[7, 0, 0, 0][..], &[7, 0, 0, 0, 9], &[7, 0, 0, 0, 7, 0, 0, 0]] {
        let run = Run::new(root(), hinted(hint));
        assert_eq!(run.part().traces.public, honest.part().traces.public, "unused hints");
    }
    honest.judge(honest.part().traces.clone(), &[]).expect("the right hint");
    score.end();
}

/// A program of `code`, then a halt with 0.
fn then_halt(code: impl FnOnce(&mut Assembler)) -> Program {
    let mut program = Assembler::default();
    code(&mut program);
    program.halt(0);
    program.program()
}

/// Commits one byte of a word whose other bytes are not all 0.
fn unpadded_commit(code: &mut Assembler) {
    code.load(5, DATA);
    code.load(6, 0x0100_0001);
    code.store(Opcode::Sw, 6, 5, 0);
    code.call(ecall::COMMIT, &[DATA, 1]);
}

/// Commits one byte twice: only the last word of the output may be cut.
fn two_partial_commits(code: &mut Assembler) {
    code.call(ecall::COMMIT, &[DATA + 64, 1]);
    code.call(ecall::COMMIT, &[DATA + 64, 1]);
}

/// Programs that trap, abort, loop, or end with another code than 0 have no proof.
#[test]
fn line_30_failures() {
    let mut score = Score::new("line 30");
    let call = |number: u32, arguments: &'static [u32]| {
        then_halt(move |code| code.call(number, arguments))
    };
    let access = |opcode: Opcode, address: u32| {
        then_halt(move |code| {
            code.load(5, address);
            code.push(opcode, 6, 5, 6, 0);
        })
    };
    let programs = [
        ("an exit code", call(ecall::HALT, &[1])),
        ("an exit code in the high limb", call(ecall::HALT, &[0x1_0000])),
        ("a breakpoint", then_halt(|code| code.push(Opcode::Ebreak, 0, 0, 0, 0))),
        ("a loop", then_halt(|code| code.push(Opcode::Jal, 0, 0, 0, 0))),
        ("a jump to data", then_halt(|code| code.push(Opcode::Jal, 0, 0, 0, 0x8_0000))),
        ("a misaligned jump", then_halt(|code| code.push(Opcode::Jal, 0, 0, 0, 6))),
        ("a misaligned load", access(Opcode::Lw, DATA + 2)),
        ("a misaligned store", access(Opcode::Sh, DATA + 1)),
        ("a load behind RAM", access(Opcode::Lw, 0x8000_0000)),
        ("a load of a register", access(Opcode::Lw, 0x8000_0014)),
        ("a store at the end", access(Opcode::Sb, u32::MAX)),
        ("an unknown call", call(94, &[0])),
        ("a call of 0", call(0, &[0])),
        ("a read behind RAM", call(ecall::READ_INPUT, &[0x7fff_fffc, 2])),
        ("a read too long", call(ecall::READ_INPUT, &[DATA, 1025])),
        ("a read too long by 2^16", call(ecall::READ_HINT, &[DATA, 0x1_0000])),
        ("a misaligned read", call(ecall::READ_INPUT, &[DATA + 1, 1])),
        ("a commit too long", call(ecall::COMMIT, &[DATA, 4097])),
        ("a commit without padding", then_halt(unpadded_commit)),
        ("two ends inside words", then_halt(two_partial_commits)),
    ];
    for (name, program) in programs {
        let prover = Prover::new(program).expect("a key");
        let options = RunOptions { cycles_max: 10_000, ..RunOptions::default() };
        let io = Io::with_input(vec![0; 10_000]);
        score.caught(name, prover.prove(io, options, |_| ()).is_err());
    }
    score.end();
}

/// Input that ends early reads as zeros with the number of bytes that were left, and input that is
/// not read changes nothing.
#[test]
fn line_30_input() {
    let mut score = Score::new("line 30, input");
    let program = then_halt(|code| {
        code.call(ecall::READ_INPUT, &[DATA, 2]);
        code.load(5, DATA);
        code.store(Opcode::Sw, 10, 5, 8);
        code.call(ecall::COMMIT, &[DATA, 12]);
    });
    let run = |input: &[u8]| Run::new(program.clone(), Io::with_input(input.to_vec()));
    let honest = run(&[1, 2, 3, 4, 5]);
    assert_eq!(honest.output, [1, 2, 3, 4, 5, 0, 0, 0, 5, 0, 0, 0]);
    let part = prove(&honest.prover, honest.part().traces.clone());
    honest.verify(&honest.output, std::slice::from_ref(&part)).expect("the honest proof");
    for input in [&[][..], &[1, 2, 3, 4], &[1, 2, 3, 4, 5, 0], &[1, 2, 3, 4, 5, 0, 0, 0, 0]] {
        let other = run(input);
        let parts = std::slice::from_ref(&part);
        score.refused("the output of another input", || honest.verify(&other.output, parts));
    }
    score.end();
}

/// All tables of a run, segment by segment, in the cheapest shape that holds them.
fn has_no_faults(prover: &Prover) -> u64 {
    let fits = |counts: &Counts| SHAPES.iter().position(|shape| counts.fits(&shape.limits()));
    let limits: Vec<_> = SHAPES.iter().map(|shape| shape.limits()).take(2).collect();
    let mut recorder = Recorder::new(prover.program(), Io::default(), 1 << 20);
    let mut state = prover.start();
    while !recorder.has_ended() {
        let record = recorder.next_segment(&limits).expect("programs halt");
        let shape = fits(&record.counts).expect("a shape");
        let traces = segment_traces(&record, prover.rom(), &SHAPES[shape], &mut state);
        let traces = traces.expect("the program's own record");
        let found = faults(prover.key().chips(), &traces.tables, &traces.public, 4);
        assert_eq!(found, [], "segment {}", record.index);
    }
    recorder.cycles()
}

fn random_program(seed: u64, blocks: u32) -> Prover {
    let mut random = random_programs::Random(seed);
    let code = random_programs::program(&mut random, blocks, SCRATCH);
    Prover::new(Program::new(BASE, BASE, &code, &[]).expect("a program")).expect("a key")
}

/// Random programs with all instructions, operands and accesses satisfy every chip.
#[test]
fn random_programs_satisfy_every_chip() {
    let started = Instant::now();
    let mut cycles = 0;
    for seed in 0..60 {
        cycles += has_no_faults(&random_program(seed, 12));
        if started.elapsed() > Duration::from_secs(12) {
            break;
        }
    }
    assert!(cycles > 4_000, "only {cycles} instructions in time");
}

/// Two of them are proven and verified as a prover does it.
#[test]
fn random_programs_are_proven() {
    for seed in [1001, 1002] {
        let prover = random_program(seed, 4);
        let run = prover.prove(Io::default(), RunOptions::default(), |_| ()).expect("a proof");
        prover.key().verify(&run.proof).expect("it verifies");
        assert_eq!(usize::try_from(random_programs::DUMP_SIZE * 4), Ok(run.outcome.text.len()));
    }
}

/// A run of four segments of the smallest shape, each of another length.
#[test]
fn runs_of_many_segments_are_proven() {
    let prover = random_program(2001, 30);
    let (parts, output) = crate::support::record(&prover, Io::default());
    assert!(parts.len() >= 3, "{} segments", parts.len());
    let parts: Vec<Vec<u8>> = parts.into_iter().map(|part| prove(&prover, part.traces)).collect();
    check(prover.key(), &whole(&output, &parts)).expect("it verifies");
}
