//! Constraints of the chip of word loads and stores.

use p3_field::PrimeCharacteristicRing;

use super::{WordAccess, WordRow};
use crate::access::{CellAccess, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, constant};
use crate::chips::address::{cell, high, words};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for WordAccess {
    const NAME: &'static str = "word";
    type Row<T: Copy> = WordRow<T>;

    fn eval<AB: ChipBuilder>(row: &WordRow<AB::Var>, builder: &mut AB) {
        let is_load: AB::Expr = row.is_load.into();
        let is_store: AB::Expr = row.is_store.into();
        let real = is_load.clone() + is_store.clone();
        builder.constrain_bool("WORD-1", row.is_load);
        builder.constrain_bool("WORD-2", row.is_store);
        builder.constrain_bool("WORD-3", real.clone());
        builder.constrain_bool("WORD-4", row.address.carry_low);
        builder.constrain_bool("WORD-5", row.address.carry_high);
        let moved = |memory: AB::Var, held: AB::Var, value: AB::Var| {
            is_load.clone() * memory + is_store.clone() * held - value
        };
        builder.constrain("WORD-6", moved(row.memory.low, row.held.low, row.value.low));
        builder.constrain("WORD-7", moved(row.memory.high, row.held.high, row.value.high));

        let words = words::<AB>(&row.address, AB::Expr::ZERO);
        let high = high::<AB>(&row.address);
        buses::send(builder, ALIGN, [words.clone(), AB::Expr::ZERO], real.clone());
        // Below 2^15: a cell of RAM, never one of a register.
        buses::range(builder, high.double(), real.clone());

        let pc: AB::Expr = row.pc.into();
        let next = pc.clone() + AB::Expr::ONE;
        let line = Line {
            pc,
            operation: is_load.clone() * constant::<AB>(operation::LW)
                + is_store.clone() * constant::<AB>(operation::SW),
            rd: row.register.into(),
            rs1: row.rs1.into(),
            rs2: AB::Expr::ZERO,
            immediate: row.address.immediate.expr(),
            next: next.clone(),
        };
        step(builder, line, row.clock, next, real.clone());
        accesses(row, cell::<AB>(words, high), real, builder);
    }
}

/// The address is read; then the word and the register hold `value`. A store reads its register in
/// the slot of a second operand, before the word; a load writes it in the slot of a result.
fn accesses<AB: ChipBuilder>(
    row: &WordRow<AB::Var>,
    cell: AB::Expr,
    real: AB::Expr,
    builder: &mut AB,
) {
    let base = CellAccess {
        cell: register::<AB>(row.rs1),
        stamp: stamp::<AB>(row.clock, slot::RS1),
        before: row.address.base.expr(),
        after: row.address.base.expr(),
        age: row.base_age,
    };
    let slot = row.is_load.into() * constant::<AB>(slot::RD)
        + row.is_store.into() * constant::<AB>(slot::RS2);
    let held = CellAccess {
        cell: register::<AB>(row.register),
        stamp: stamp::<AB>(row.clock, 0) + slot,
        before: row.held.expr(),
        after: row.value.expr(),
        age: row.register_age,
    };
    let memory = CellAccess {
        cell,
        stamp: stamp::<AB>(row.clock, slot::MEMORY),
        before: row.memory.expr(),
        after: row.value.expr(),
        age: row.memory_age,
    };
    access(builder, [base, held, memory], real);
}
