//! Constraints of the immediate addition chip.

use p3_field::PrimeCharacteristicRing;

use super::{Addi, AddiRow};
use crate::access::{CellAccess, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for Addi {
    const NAME: &'static str = "addi";
    type Row<T: Copy> = AddiRow<T>;

    fn eval<AB: ChipBuilder>(row: &AddiRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.real.into();
        builder.constrain_bool("ADDI-1", row.real);
        // The carries are what is left over, divided by the base. They are bits.
        let shift = buses::inverse_power::<AB>(16);
        let (left, immediate, result) = (&row.left, &row.immediate, &row.result);
        let carry = left.low.into() + immediate.low.into() - result.low.into();
        let carry = carry * shift.clone();
        builder.constrain_bool("ADDI-2", carry.clone());
        let over = left.high.into() + immediate.high.into() + carry - result.high.into();
        builder.constrain_bool("ADDI-3", over * shift);

        let line = Line {
            pc: row.pc.into(),
            operation: real.clone() * constant::<AB>(operation::ADDI),
            rd: row.rd.into(),
            rs1: row.rs1.into(),
            rs2: AB::Expr::ZERO,
            immediate: immediate.expr(),
            next: row.next.into(),
        };
        step(builder, line, row.clock, row.next.into(), real.clone());
        let read = CellAccess {
            cell: register::<AB>(row.rs1),
            stamp: stamp::<AB>(row.clock, slot::RS1),
            before: left.expr(),
            after: left.expr(),
            age: row.left_age,
        };
        let write = CellAccess {
            cell: register::<AB>(row.rd),
            stamp: stamp::<AB>(row.clock, slot::RD),
            before: row.old.expr(),
            after: result.expr(),
            age: row.old_age,
        };
        access(builder, [read, write], real.clone());
        buses::range(builder, result.low, real.clone());
        buses::range(builder, result.high, real);
    }
}
