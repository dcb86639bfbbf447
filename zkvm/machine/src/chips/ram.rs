//! Instructions that load a register from RAM or store it there: what their chips share.

use minster_emulator::{Access, Step};
use p3_field::PrimeCharacteristicRing;

use super::address::Address;
use crate::F;
use crate::access::{
    Age, CellAccess, Word, access, ages, numbered, register, slot, stamp, stamp_at, step,
};
use crate::builder::ChipBuilder;
use crate::buses::constant;
use crate::lookups::LookupCounts;
use crate::rom::Line;

/// One load or store, as expressions of its row.
pub struct RamInstruction<AB: ChipBuilder, const N: usize> {
    /// Address of the instruction in words.
    pub pc: AB::Var,
    /// Tick of the instruction.
    pub clock: AB::Var,
    /// The flags of its operations, of which one is set, and their numbers.
    pub operations: [(AB::Var, u32); N],
    /// 1 for a load.
    pub is_load: AB::Expr,
    /// 1 for a store.
    pub is_store: AB::Expr,
    /// The register that is loaded or stored.
    pub register: AB::Var,
    /// The register of the address.
    pub rs1: AB::Var,
    /// The address.
    pub address: Address<AB::Var>,
    /// The cell of RAM.
    pub cell: AB::Expr,
    /// What the loaded or stored register held, and what it holds afterwards.
    pub held: [Word<AB::Var>; 2],
    /// What the word of RAM held, and what it holds afterwards.
    pub memory: [Word<AB::Var>; 2],
    /// Previous accesses of `rs1`, of `register` and of the word of RAM.
    pub ages: [Age<AB::Var>; 3],
}

/// Runs the instruction: on to the one after it, with the address read, the register and the word
/// of RAM accessed. A store reads its register in the slot of a second operand, before the word; a
/// load writes it in the slot of a result. `count` is a bit.
pub fn execute<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    instruction: RamInstruction<AB, N>,
    count: AB::Expr,
) {
    let RamInstruction { pc, clock, operations, is_load, is_store, rs1, address, .. } = instruction;
    let RamInstruction { register: index, cell, held, memory, ages, .. } = instruction;
    let next = pc.into() + AB::Expr::ONE;
    let line = Line {
        pc: pc.into(),
        operation: numbered::<AB, N>(operations),
        rd: index.into(),
        rs1: rs1.into(),
        rs2: AB::Expr::ZERO,
        immediate: address.immediate.expr(),
        next: next.clone(),
    };
    step(builder, line, clock, next, count.clone());
    let [base_age, register_age, memory_age] = ages;
    let base = CellAccess {
        cell: register::<AB>(rs1),
        stamp: stamp::<AB>(clock, slot::RS1),
        before: address.base.expr(),
        after: address.base.expr(),
        age: base_age,
    };
    let slot = is_load * constant::<AB>(slot::RD) + is_store * constant::<AB>(slot::RS2);
    let [before, after] = held.map(|word| word.expr());
    let held = CellAccess {
        cell: register::<AB>(index),
        stamp: stamp::<AB>(clock, 0) + slot,
        before,
        after,
        age: register_age,
    };
    let stamp = stamp::<AB>(clock, slot::MEMORY);
    let [before, after] = memory.map(|word| word.expr());
    let memory = CellAccess { cell, stamp, before, after, age: memory_age };
    access(builder, [base, held, memory], count);
}

/// The access of the register that is loaded or stored, and the ages of the address's register, of
/// that one and of the word of RAM, with their lookups counted.
pub fn ram_ages(step: &Step, is_load: bool, counts: &mut LookupCounts) -> (Access, [Age<F>; 3]) {
    let (held, slot) = if is_load { (step.rd, slot::RD) } else { (step.rs2, slot::RS2) };
    let accesses = [
        (step.rs1, stamp_at(step.clock, slot::RS1)),
        (held, stamp_at(step.clock, slot)),
        (step.memory, stamp_at(step.clock, slot::MEMORY)),
    ];
    (held, ages(accesses, counts))
}
