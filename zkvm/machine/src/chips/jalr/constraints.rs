//! Constraints of the chip of indirect jumps.

use p3_field::PrimeCharacteristicRing;

use super::{Jalr, JalrRow};
use crate::access::{CellAccess, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, constant};
use crate::chips::address::{cell, high, words};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for Jalr {
    const NAME: &'static str = "jalr";
    type Row<T: Copy> = JalrRow<T>;

    fn eval<AB: ChipBuilder>(row: &JalrRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.is_real.into();
        builder.constrain_bool("JALR-1", row.is_real);
        builder.constrain_bool("JALR-2", row.target.carry_low);
        builder.constrain_bool("JALR-3", row.target.carry_high);
        builder.constrain_bool("JALR-4", row.odd);
        builder.constrain_bool("JALR-5", row.high_bit);

        let odd: AB::Expr = row.odd.into();
        let words = words::<AB>(&row.target, odd.clone());
        let high = high::<AB>(&row.target);
        buses::send(builder, ALIGN, [words.clone(), odd], real.clone());
        // Below 2^15: a wrong carry would move the next pc by 2^30, where no code is, but where
        // the states of a machine that has stopped are.
        let high_rest = high.clone() - row.high_bit.into() * constant::<AB>(1 << 14);
        buses::send(builder, ALIGN, [high_rest, AB::Expr::ZERO], real.clone());

        let line = Line {
            pc: row.pc.into(),
            operation: constant::<AB>(operation::JALR),
            rd: row.rd.into(),
            rs1: row.rs1.into(),
            rs2: row.link.low.into(),
            immediate: row.target.immediate.expr(),
            next: row.link.high.into(),
        };
        step(builder, line, row.clock, cell::<AB>(words, high), real.clone());
        let read = CellAccess {
            cell: register::<AB>(row.rs1),
            stamp: stamp::<AB>(row.clock, slot::RS1),
            before: row.target.base.expr(),
            after: row.target.base.expr(),
            age: row.base_age,
        };
        let write = CellAccess {
            cell: register::<AB>(row.rd),
            stamp: stamp::<AB>(row.clock, slot::RD),
            before: row.old.expr(),
            after: row.link.expr(),
            age: row.old_age,
        };
        access(builder, [read, write], real);
    }
}
