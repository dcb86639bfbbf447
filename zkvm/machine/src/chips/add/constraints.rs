//! Constraints of the addition chip.

use p3_field::PrimeCharacteristicRing;

use super::{Add, AddRow};
use crate::access::{CellAccess, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for Add {
    const NAME: &'static str = "add";
    type Row<T: Copy> = AddRow<T>;

    fn eval<AB: ChipBuilder>(row: &AddRow<AB::Var>, builder: &mut AB) {
        let is_add: AB::Expr = row.is_add.into();
        let is_sub: AB::Expr = row.is_sub.into();
        let real = is_add.clone() + is_sub.clone();
        builder.constrain_bool("ADD-1", row.is_add);
        builder.constrain_bool("ADD-2", row.is_sub);
        builder.constrain_bool("ADD-3", real.clone());
        sum(row, builder);

        let pc: AB::Expr = row.pc.into();
        let next = pc.clone() + AB::Expr::ONE;
        let line = Line {
            pc,
            operation: is_add * constant::<AB>(operation::ADD)
                + is_sub * constant::<AB>(operation::SUB),
            rd: row.rd.into(),
            rs1: row.rs1.into(),
            rs2: row.rs2.into(),
            immediate: Default::default(),
            next: next.clone(),
        };
        step(builder, line, row.clock, next, real.clone());
        let read = |index: AB::Var, slot, value: &crate::access::Word<AB::Var>, age| CellAccess {
            cell: register::<AB>(index),
            stamp: stamp::<AB>(row.clock, slot),
            before: value.expr(),
            after: value.expr(),
            age,
        };
        let left = read(row.rs1, slot::RS1, &row.left, row.left_age);
        let right = read(row.rs2, slot::RS2, &row.right, row.right_age);
        let write = CellAccess {
            after: row.result.expr(),
            ..read(row.rd, slot::RD, &row.old, row.old_age)
        };
        access(builder, [left, right, write], real.clone());
        buses::range(builder, row.result.low, real.clone());
        buses::range(builder, row.result.high, real);
    }
}

/// `left + right = result` for ADD, `result + right = left` for SUB, limb by limb with carries.
fn sum<AB: ChipBuilder>(row: &AddRow<AB::Var>, builder: &mut AB) {
    let limb = |term: AB::Var, carry_in: AB::Expr, total: AB::Var, right: AB::Var, out: AB::Var| {
        let base = constant::<AB>(1 << 16);
        term.into() + right.into() + carry_in - total.into() - out.into() * base
    };
    builder.constrain_bool("ADD-4", row.carry_low);
    builder.constrain_bool("ADD-5", row.carry_high);
    let (left, right, result) = (&row.left, &row.right, &row.result);
    let low = |term, total| limb(term, AB::Expr::ZERO, total, right.low, row.carry_low);
    let high = |term, total| limb(term, row.carry_low.into(), total, right.high, row.carry_high);
    builder.constrain("ADD-6", low(left.low, result.low) * row.is_add);
    builder.constrain("ADD-7", high(left.high, result.high) * row.is_add);
    builder.constrain("ADD-8", low(result.low, left.low) * row.is_sub);
    builder.constrain("ADD-9", high(result.high, left.high) * row.is_sub);
}
