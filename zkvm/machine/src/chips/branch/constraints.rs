//! Constraints of the branch chip.

use p3_field::PrimeCharacteristicRing;

use super::{Branch, BranchRow};
use crate::access::{CellAccess, Word, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for Branch {
    const NAME: &'static str = "branch";
    type Row<T: Copy> = BranchRow<T>;

    fn eval<AB: ChipBuilder>(row: &BranchRow<AB::Var>, builder: &mut AB) {
        let is_order: AB::Expr = row.is_signed.into() + row.is_unsigned;
        let real = is_order.clone() + row.is_equality;
        builder.constrain_bool("BRANCH-1", row.is_equality);
        builder.constrain_bool("BRANCH-2", row.is_signed);
        builder.constrain_bool("BRANCH-3", row.is_unsigned);
        builder.constrain_bool("BRANCH-4", real.clone());
        builder.constrain_bool("BRANCH-5", row.negated);
        difference(row, builder);
        holds(row, is_order, builder);

        let taken = row.holds.into() + row.negated - row.holds.into().double() * row.negated;
        let pc: AB::Expr = row.pc.into();
        // One line on; none on a row of zeros, which has to satisfy this too.
        let after = pc.clone() + real.clone();
        let jump = (row.target.into() - after.clone()) * taken;
        builder.constrain("BRANCH-17", after + jump - row.next_pc);

        let line = Line {
            pc,
            operation: row.is_equality.into() * constant::<AB>(operation::BEQ)
                + row.is_signed.into() * constant::<AB>(operation::BLT)
                + row.is_unsigned.into() * constant::<AB>(operation::BLTU)
                + row.negated,
            rd: AB::Expr::ZERO,
            rs1: row.rs1.into(),
            rs2: row.rs2.into(),
            immediate: Default::default(),
            next: row.target.into(),
        };
        step(builder, line, row.clock, row.next_pc.into(), real.clone());
        let read = |index: AB::Var, slot, value: &Word<AB::Var>, age| CellAccess {
            cell: register::<AB>(index),
            stamp: stamp::<AB>(row.clock, slot),
            before: value.expr(),
            after: value.expr(),
            age,
        };
        let left = read(row.rs1, slot::RS1, &row.left, row.left_age);
        let right = read(row.rs2, slot::RS2, &row.right, row.right_age);
        access(builder, [left, right], real);
    }
}

/// The difference of the highest limbs that differ, and of the low ones if none do.
fn difference<AB: ChipBuilder>(row: &BranchRow<AB::Var>, builder: &mut AB) {
    let base = constant::<AB>(1 << 16);
    let without_signs = row.is_equality.into() + row.is_unsigned;
    builder.constrain_bool("BRANCH-6", row.left_sign);
    builder.constrain_bool("BRANCH-7", row.right_sign);
    builder.constrain("BRANCH-8", without_signs.clone() * row.left_sign);
    builder.constrain("BRANCH-9", without_signs * row.right_sign);
    for (limb, sign) in [(row.left.high, row.left_sign), (row.right.high, row.right_sign)] {
        let magnitude = limb.into().double() - base.clone() * sign;
        buses::range(builder, magnitude, row.is_signed);
    }

    let (left, right): (Word<AB::Expr>, Word<AB::Expr>) = (row.left.expr(), row.right.expr());
    let signs: AB::Expr = row.left_sign.into() - row.right_sign;
    let high = left.high - right.high - signs * base;
    let same = AB::Expr::ONE - row.high_differs;
    builder.constrain_bool("BRANCH-10", row.high_differs);
    builder.constrain("BRANCH-11", high.clone() * same.clone());
    let low = left.low - right.low;
    builder.constrain("BRANCH-12", high + same * low - row.difference);
}

/// What the difference says about the comparison.
fn holds<AB: ChipBuilder>(row: &BranchRow<AB::Var>, is_order: AB::Expr, builder: &mut AB) {
    let unit = row.difference.into() * row.inverse;
    let is_zero = AB::Expr::ONE - unit.clone();
    builder.constrain("BRANCH-13", is_zero.clone() * row.high_differs);
    builder.constrain_bool("BRANCH-14", row.holds);
    builder.constrain("BRANCH-15", (is_zero - row.holds) * row.is_equality);
    let equal = row.is_equality.into() * row.holds;
    builder.constrain("BRANCH-16", equal * row.difference);
    let sum = constant::<AB>(1 << 16) * row.holds + row.difference;
    buses::range(builder, sum, is_order);
}
