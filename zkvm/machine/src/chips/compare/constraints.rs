//! Constraints of the comparison chip.

use p3_field::PrimeCharacteristicRing;

use super::{Compare, CompareRow};
use crate::access::{CellAccess, Word, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::rom::{Line, operation};
use crate::table::Table;

impl Table for Compare {
    const NAME: &'static str = "compare";
    type Row<T: Copy> = CompareRow<T>;

    fn eval<AB: ChipBuilder>(row: &CompareRow<AB::Var>, builder: &mut AB) {
        let is_slt: AB::Expr = row.is_slt.into();
        let is_sltu: AB::Expr = row.is_sltu.into();
        let real = is_slt.clone() + is_sltu.clone();
        builder.constrain_bool("COMPARE-1", row.is_slt);
        builder.constrain_bool("COMPARE-2", row.is_sltu);
        builder.constrain_bool("COMPARE-3", real.clone());
        compare(row, real.clone(), builder);

        let pc: AB::Expr = row.pc.into();
        let next = pc.clone() + AB::Expr::ONE;
        let line = Line {
            pc,
            operation: is_slt * constant::<AB>(operation::SLT)
                + is_sltu * constant::<AB>(operation::SLTU),
            rd: row.rd.into(),
            rs1: row.rs1.into(),
            rs2: row.rs2.into(),
            immediate: row.immediate.expr(),
            next: next.clone(),
        };
        step(builder, line, row.clock, next, real.clone());
        let read = |index: AB::Var, slot, value: &Word<AB::Var>, age| CellAccess {
            cell: register::<AB>(index),
            stamp: stamp::<AB>(row.clock, slot),
            before: value.expr(),
            after: value.expr(),
            age,
        };
        let left = read(row.rs1, slot::RS1, &row.left, row.left_age);
        let right = read(row.rs2, slot::RS2, &row.right, row.right_age);
        let write = CellAccess {
            after: Word { low: row.less.into(), high: AB::Expr::ZERO },
            ..read(row.rd, slot::RD, &row.old, row.old_age)
        };
        access(builder, [left, right, write], real);
    }
}

/// `less` is the sign of the difference of the highest limbs that differ.
fn compare<AB: ChipBuilder>(row: &CompareRow<AB::Var>, real: AB::Expr, builder: &mut AB) {
    let base = constant::<AB>(1 << 16);
    let left: Word<AB::Expr> = row.left.expr();
    let (value, immediate) = (row.right.expr::<AB::Expr>(), row.immediate.expr::<AB::Expr>());
    let right = Word { low: value.low + immediate.low, high: value.high + immediate.high };
    builder.constrain_bool("COMPARE-4", row.left_sign);
    builder.constrain_bool("COMPARE-5", row.right_sign);
    builder.constrain("COMPARE-6", row.left_sign.into() * row.is_sltu);
    builder.constrain("COMPARE-7", row.right_sign.into() * row.is_sltu);
    for (limb, sign) in [(&left.high, row.left_sign), (&right.high, row.right_sign)] {
        let magnitude = limb.double() - base.clone() * sign;
        buses::range(builder, magnitude, row.is_slt);
    }

    let signs: AB::Expr = row.left_sign.into() - row.right_sign;
    let high = left.high - right.high - signs * base.clone();
    let same = AB::Expr::ONE - high.clone() * row.inverse;
    builder.constrain("COMPARE-8", high.clone() * same.clone());
    builder.constrain("COMPARE-9", same.clone() * row.inverse);
    let difference = high + same * (left.low - right.low);
    builder.constrain("COMPARE-10", difference - row.difference);
    builder.constrain_bool("COMPARE-11", row.less);
    buses::range(builder, base * row.less + row.difference, real);
}
