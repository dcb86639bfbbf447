//! What functions take is every instruction once, whatever jumps a program makes.

use minster_riscv::Opcode;

use super::recording::{busy_io, busy_program};
use super::{CYCLES_MAX, T0, ZERO, assemble};
use crate::{Io, RunError, calls, run};

const RA: u8 = 1;

#[test]
fn every_instruction_is_counted_once() {
    for seed in 0..10 {
        let program = busy_program(seed);
        let (outcome, uses) = calls(&program, busy_io(), CYCLES_MAX).expect("it halts");
        assert_eq!(run(&program, busy_io(), CYCLES_MAX), Ok(outcome.clone()));
        let own: u64 = uses.iter().map(|function| function.cycles).sum();
        assert_eq!(own, outcome.cycles);
        assert_eq!(uses[0].cycles_with_callees, outcome.cycles);
    }
}

/// The code has no symbols, so that it is one function, which here calls itself.
#[test]
fn recursion_counts_once() {
    let program = assemble().op(Opcode::Jal, RA, ZERO, 0, 8).halt_with(T0).program(&[]);
    let jumped = calls(&program, Io::default(), CYCLES_MAX).expect("it halts");
    let (outcome, uses) = jumped;
    assert_eq!(uses.len(), 1);
    assert_eq!((uses[0].calls, uses[0].cycles), (2, outcome.cycles));
    assert_eq!(uses[0].cycles_with_callees, outcome.cycles);
    assert_eq!(calls(&program, Io::default(), 1).err(), Some(RunError::CyclesExhausted { max: 1 }));
}
