//! Constraints of the chip of word loads and stores.

use p3_field::PrimeCharacteristicRing;

use super::{WordAccess, WordRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN};
use crate::chips::address::{cell, high, words};
use crate::chips::ram::{self, RamInstruction};
use crate::rom::operation;
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

        let instruction = RamInstruction {
            pc: row.pc,
            clock: row.clock,
            operations: [(row.is_load, operation::LW), (row.is_store, operation::SW)],
            is_load,
            is_store,
            register: row.register,
            rs1: row.rs1,
            address: row.address,
            cell: cell::<AB>(words, high),
            held: [row.held, row.value],
            memory: [row.memory, row.value],
            ages: [row.base_age, row.register_age, row.memory_age],
        };
        ram::execute(builder, instruction, real);
    }
}
