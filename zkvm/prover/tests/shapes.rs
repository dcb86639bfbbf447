//! The shapes that segments choose from.

use minster_machine::shape::SHAPES;
use minster_prover::cost::cells;
use minster_riscv::{Instruction, Opcode, Program, encode};
use minster_verifier::VerifyingKey;

#[test]
fn they_are_listed_by_cost() {
    let halt = Instruction { opcode: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 };
    let base = 0x0020_0000;
    let program = Program::new(base, base, &[encode(&halt)], &[]).expect("a program");
    let key = VerifyingKey::new(&program).expect("a key");
    let costs = SHAPES.each_ref().map(|shape| (cells(&key, shape), shape.name));
    assert!(costs.is_sorted(), "{costs:#?}");
}

/// No two have the same tables at the same heights: one would be there for nothing, and a segment
/// of one would pass for a segment of the other.
#[test]
fn no_two_are_alike() {
    for (index, shape) in SHAPES.iter().enumerate() {
        for other in &SHAPES[index + 1..] {
            assert_ne!(shape.log_heights(10), other.log_heights(10), "{}", shape.name);
            assert_ne!(shape.name, other.name);
        }
    }
}
