//! The shapes that segments choose from.

use minster_machine::shape::{SHAPES, Shape};
use minster_riscv::{Instruction, Opcode, Program, encode};
use minster_verifier::VerifyingKey;
use p3_air::BaseAir;

/// Elements of the field that the prover commits to for a segment, the quotient left out.
fn cells(key: &VerifyingKey, shape: &Shape) -> usize {
    let tables = key.chips().iter().zip(&key.shared().lookups).zip(key.log_heights(shape));
    let cells = tables.map(|((chip, lookups), log_height)| {
        let bus_columns = if lookups.is_empty() { 0 } else { lookups.len() + 1 };
        log_height.map_or(0, |log_height| (chip.width() + 5 * bus_columns) << log_height)
    });
    cells.sum()
}

/// A segment takes the first that it fits into.
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
