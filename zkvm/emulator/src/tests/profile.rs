//! Counting does not change a run, and counts every instruction once.

use minster_riscv::Opcode;

use super::recording::{busy_io, busy_program};
use super::{CYCLES_MAX, T0, assemble};
use crate::{Class, Io, RunError, profile, run};

#[test]
fn every_instruction_is_counted_once() {
    for seed in 0..10 {
        let program = busy_program(seed);
        let (outcome, counted) = profile(&program, busy_io(), CYCLES_MAX).expect("it halts");
        assert_eq!(run(&program, busy_io(), CYCLES_MAX), Ok(outcome.clone()));
        let opcodes: u64 = counted.opcodes.iter().map(|(_, count)| count).sum();
        let functions: u64 = counted.functions.iter().map(|function| function.cycles).sum();
        let classes: u64 = counted.classes.iter().sum();
        assert_eq!([opcodes, functions, classes], [outcome.cycles; 3]);
        assert!(counted.opcodes.is_sorted_by(|a, b| a.1 >= b.1));
    }
}

#[test]
fn a_small_run_by_hand() {
    let program = assemble()
        .op(Opcode::Addi, T0, 0, 0, 3)
        .op(Opcode::Addi, T0, T0, 0, -1)
        .op(Opcode::Bne, 0, T0, 0, -4)
        .halt_with(T0)
        .program(&[]);
    let (outcome, counted) = profile(&program, Io::default(), CYCLES_MAX).expect("it halts");
    assert_eq!(outcome.cycles, 11);
    let expected = [(Opcode::Addi, 6), (Opcode::Bne, 3), (Opcode::Lui, 1), (Opcode::Ecall, 1)];
    assert_eq!(counted.opcodes, expected);
    assert_eq!(counted.classes[Class::Addi.index()], 7);
    assert_eq!(counted.functions.len(), 1);
    assert_eq!((&*counted.functions[0].name, counted.functions[0].cycles), ("", 11));
    let error = profile(&program, Io::default(), 5).err();
    assert_eq!(error, Some(RunError::CyclesExhausted { max: 5 }));
}
