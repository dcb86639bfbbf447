//! The ecalls, at and beyond their limits.

use std::sync::{Arc, Mutex};

use minster_riscv::Opcode::{self, *};
use minster_riscv::RAM_SIZE;

use super::{A0, A1, A2, Assembler, CYCLES_MAX, DATA, T0, T1, ZERO, assemble};
use crate::ecall::{COMMIT, HALT, IO_WORDS_MAX, READ_HINT, READ_INPUT, WRITE};
use crate::{Descriptor, Io, RunError, TEXT_SIZE_MAX, TrapKind, run};

#[test]
fn halt_gives_the_whole_exit_code() {
    for code in [0, 1, 256, 0x8000_0000, u32::MAX] {
        assert_eq!(assemble().call(HALT, &[code]).exit_code(), code);
    }
}

#[test]
fn unknown_ecalls_trap() {
    for number in [0, 1, 63, 94, 0xfff, 0x1003, u32::MAX] {
        assert_eq!(assemble().ecall(number).trap(), TrapKind::UnknownEcall { number });
    }
}

/// A word at `address` as the exit code.
fn exit_with_word(code: Assembler, address: u32) -> Assembler {
    code.set(T0, address).op(Lw, T1, T0, 0, 0).halt_with(T1)
}

#[test]
fn input_is_read_once_and_padded_with_zeros() {
    for (number, other) in [(READ_INPUT, READ_HINT), (READ_HINT, READ_INPUT)] {
        let io = || {
            let (bytes, others) = (vec![1, 2, 3, 4, 5, 6], vec![0xff; 3]);
            let (input, hints) =
                if number == READ_INPUT { (bytes, others) } else { (others, bytes) };
            Io { input, hints, ..Io::default() }
        };
        let exit = |code: Assembler| code.run(io()).expect("the program halts").exit_code;
        let filled = || {
            let ones = assemble().set(T0, DATA).set(T1, u32::MAX);
            ones.op(Sw, 0, T0, T1, 0).op(Sw, 0, T0, T1, 4).op(Sw, 0, T0, T1, 8)
        };
        let read = |words: u32| filled().call(number, &[DATA, words]);
        assert_eq!(exit(read(0).ecall(HALT)), 6);
        assert_eq!(exit(read(1).ecall(HALT)), 6);
        assert_eq!(exit(read(1).call(number, &[DATA, 0]).ecall(HALT)), 2);
        assert_eq!(exit(read(2).call(number, &[DATA, 1]).ecall(HALT)), 0);
        assert_eq!(exit(exit_with_word(read(2), DATA)), 0x0403_0201);
        assert_eq!(exit(exit_with_word(read(2), DATA + 4)), 0x0605);
        assert_eq!(exit(exit_with_word(read(2), DATA + 8)), u32::MAX);
        assert_eq!(exit(exit_with_word(read(3), DATA + 8)), 0);
        assert_eq!(exit(read(1).call(other, &[DATA, 0]).ecall(HALT)), 3);
    }
}

#[test]
fn buffers_of_words_are_aligned_short_and_inside_ram() {
    for number in [READ_INPUT, READ_HINT, COMMIT] {
        // COMMIT counts bytes.
        let unit = if number == COMMIT { 4 } else { 1 };
        let call = |address: u32, words: u32| assemble().call(number, &[address, unit * words]);
        let misaligned = |address| TrapKind::MisalignedAccess { address };
        let outside = |address| TrapKind::OutsideRam { address };
        for offset in 1..4 {
            assert_eq!(call(DATA + offset, 1).trap(), misaligned(DATA + offset));
        }
        let words = IO_WORDS_MAX + 1;
        assert_eq!(call(DATA, words).trap(), TrapKind::IoTooLong { words });
        call(DATA, IO_WORDS_MAX).call(HALT, &[0]).exit_code();
        let last = RAM_SIZE - 4 * IO_WORDS_MAX;
        call(last, IO_WORDS_MAX).call(HALT, &[0]).exit_code();
        assert_eq!(call(last + 4, IO_WORDS_MAX).trap(), outside(last + 4));
        assert_eq!(call(u32::MAX - 3, 1).trap(), outside(u32::MAX - 3));
        call(0, 0).call(HALT, &[0]).exit_code();
        call(RAM_SIZE, 0).call(HALT, &[0]).exit_code();
    }
    let words = u32::MAX.div_ceil(4);
    assert_eq!(assemble().call(COMMIT, &[0, u32::MAX]).trap(), TrapKind::IoTooLong { words });
    let words = u32::MAX;
    assert_eq!(assemble().call(READ_INPUT, &[0, words]).trap(), TrapKind::IoTooLong { words });
}

#[test]
fn commits_append_to_the_output() {
    let data: &[(u32, &[u8])] = &[(DATA, &[1, 2, 3, 4, 5, 6, 7, 0])];
    let output = |code: Assembler| {
        let program = code.op(Addi, T0, A0, 0, 0).call(HALT, &[0]).program(data);
        run(&program, Io::default(), CYCLES_MAX).map(|outcome| outcome.output)
    };
    let commit = |size| assemble().call(COMMIT, &[DATA, size]);
    assert_eq!(output(commit(0)), Ok(vec![]));
    assert_eq!(output(commit(8)), Ok(vec![1, 2, 3, 4, 5, 6, 7, 0]));
    assert_eq!(output(commit(4).call(COMMIT, &[DATA + 4, 3])), Ok(vec![1, 2, 3, 4, 5, 6, 7]));
    assert_eq!(output(commit(7).call(COMMIT, &[DATA, 0])), Ok(vec![1, 2, 3, 4, 5, 6, 7]));

    let kind = |code: Assembler| match output(code) {
        Err(RunError::Trap(trap)) => trap.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(commit(7).call(COMMIT, &[DATA, 4])), TrapKind::CommitAfterPartial);
    for size in [1, 2, 3, 5, 6] {
        assert_eq!(kind(commit(size)), TrapKind::CommitPadding, "{size}");
    }
}

#[test]
fn commit_keeps_a0() {
    let code = assemble().call(COMMIT, &[DATA, 8]).op(Addi, T0, A0, 0, 0);
    assert_eq!(code.halt_with(T0).exit_code(), DATA);
}

#[test]
fn text_is_kept_and_handed_on() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let handler = move |descriptor, text: &[u8]| {
        log.lock().expect("not poisoned").push((descriptor, text.to_vec()));
    };
    let io = Io { text_handler: Some(Box::new(handler)), ..Io::default() };
    let code = assemble()
        .call(WRITE, &[1, DATA + 1, 2])
        .call(WRITE, &[2, DATA, 1])
        .call(WRITE, &[7, DATA, 4])
        .ecall(HALT);
    let program = code.program(&[(DATA, b"abcd")]);
    let outcome = run(&program, io, CYCLES_MAX).expect("the program halts");
    assert_eq!(outcome.text, b"bca");
    assert_eq!(outcome.exit_code, 4);
    let expected = [(Descriptor::Out, b"bc".to_vec()), (Descriptor::Error, b"a".to_vec())];
    assert_eq!(*seen.lock().expect("not poisoned"), expected);
}

#[test]
fn write_never_fails() {
    let code = assemble()
        .call(WRITE, &[1, RAM_SIZE - 2, 100])
        .call(WRITE, &[1, RAM_SIZE, 100])
        .call(WRITE, &[1, u32::MAX, u32::MAX])
        .op(Addi, T0, A0, 0, 0)
        .call(WRITE, &[1, 0, u32::MAX])
        .call(WRITE, &[1, 0, u32::MAX])
        .halt_with(T0);
    let outcome = code.run(Io::default()).expect("the program halts");
    assert_eq!(outcome.exit_code, u32::MAX);
    assert_eq!(outcome.text.len(), TEXT_SIZE_MAX);
}

#[test]
fn requests_are_answered_by_hints() {
    let code = assemble()
        .call(WRITE, &[3, DATA, 2])
        .call(READ_HINT, &[DATA + 8, 2])
        .op(Addi, T0, A0, 0, 0)
        .call(COMMIT, &[DATA + 8, 8])
        .halt_with(T0);
    let program = code.program(&[(DATA, b"ab")]);
    let outcome = |hint_handler| {
        let io = Io { hints: vec![1, 2], hint_handler, ..Io::default() };
        run(&program, io, CYCLES_MAX).expect("the program halts")
    };
    let unanswered = outcome(None);
    assert_eq!((unanswered.exit_code, &*unanswered.output), (2, &[1, 2, 0, 0, 0, 0, 0, 0][..]));
    let answered = outcome(Some(Box::new(|request: &[u8]| {
        assert_eq!(request, b"ab");
        vec![7, 8, 9]
    })));
    assert_eq!((answered.exit_code, &*answered.output), (5, &[1, 2, 7, 8, 9, 0, 0, 0][..]));
    assert_eq!(answered.text, b"");
}

#[test]
fn ecalls_change_a0_only() {
    let registers = (1..32).filter(|register| *register != A0);
    for (number, arguments) in [(WRITE, [1, DATA, 1]), (READ_INPUT, [DATA, 1, 9])] {
        let before = registers.clone().filter(|r| ![A1, A2, super::A7].contains(r));
        let code = before.fold(assemble(), |code, r| code.set(r, 0x100 + u32::from(r)));
        let code = code.call(number, &arguments).op(Addi, A0, ZERO, 0, 0);
        let sum = registers.clone().fold(code, |code, r| code.op(Opcode::Add, A0, A0, r, 0));
        let expected: u32 = registers
            .clone()
            .map(|r| match r {
                A1 => arguments[1],
                A2 => arguments[2],
                super::A7 => number,
                _ => 0x100 + u32::from(r),
            })
            .sum();
        assert_eq!(sum.ecall(HALT).exit_code(), expected);
    }
}
