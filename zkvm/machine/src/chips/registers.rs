//! Instructions that take two registers and write a third: what their chips share.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::access::{
    Age, CellAccess, Word, access, ages, numbered, register, slot, stamp, stamp_at, step,
};
use crate::builder::ChipBuilder;
use crate::lookups::LookupCounts;
use crate::rom::Line;

/// One instruction on registers, as expressions of its row.
pub struct RegisterInstruction<AB: ChipBuilder, const N: usize> {
    /// Address of the instruction in words.
    pub pc: AB::Var,
    /// Tick of the instruction.
    pub clock: AB::Var,
    /// The flags of its operations, of which one is set, and their numbers.
    pub operations: [(AB::Var, u32); N],
    /// The registers of the operands.
    pub sources: [AB::Var; 2],
    /// The register that is written, or the sink.
    pub rd: AB::Var,
    /// The immediate, which the right operand's register does not include.
    pub immediate: Word<AB::Expr>,
    /// What the registers of the operands hold.
    pub operands: [Word<AB::Expr>; 2],
    /// What `rd` held.
    pub old: Word<AB::Var>,
    /// What `rd` holds afterwards.
    pub result: Word<AB::Expr>,
    /// Previous accesses of the operands' registers and of `rd`.
    pub ages: [Age<AB::Var>; 3],
}

/// Runs the instruction: on to the one after it, with both operands read and the result written.
/// `count` is a bit.
pub fn execute<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    instruction: RegisterInstruction<AB, N>,
    count: AB::Expr,
) {
    let RegisterInstruction { pc, clock, operations, sources, rd, immediate, .. } = instruction;
    let RegisterInstruction { operands, old, result, ages, .. } = instruction;
    let [rs1, rs2] = sources;
    let next = pc.into() + AB::Expr::ONE;
    let line = Line {
        pc: pc.into(),
        operation: numbered::<AB, N>(operations),
        rd: rd.into(),
        rs1: rs1.into(),
        rs2: rs2.into(),
        immediate,
        next: next.clone(),
    };
    step(builder, line, clock, next, count.clone());
    let at = |index: AB::Var, slot, value: Word<AB::Expr>, age| CellAccess {
        cell: register::<AB>(index),
        stamp: stamp::<AB>(clock, slot),
        before: value.clone(),
        after: value,
        age,
    };
    let [left, right] = operands;
    let [left_age, right_age, old_age] = ages;
    let left = at(rs1, slot::RS1, left, left_age);
    let right = at(rs2, slot::RS2, right, right_age);
    let write = CellAccess { after: result, ..at(rd, slot::RD, old.expr(), old_age) };
    access(builder, [left, right, write], count);
}

/// The ages of both operands' registers and of `rd`, with their lookups counted.
pub fn register_ages(step: &Step, counts: &mut LookupCounts) -> [Age<F>; 3] {
    ages(
        [
            (step.rs1, stamp_at(step.clock, slot::RS1)),
            (step.rs2, stamp_at(step.clock, slot::RS2)),
            (step.rd, stamp_at(step.clock, slot::RD)),
        ],
        counts,
    )
}
