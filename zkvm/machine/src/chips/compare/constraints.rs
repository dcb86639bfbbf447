//! Constraints of the comparison chip.

use p3_field::PrimeCharacteristicRing;

use super::{Compare, CompareRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
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

        let operations = [(row.is_slt, operation::SLT), (row.is_sltu, operation::SLTU)];
        let result = Word { low: row.less.into(), high: AB::Expr::ZERO };
        let instruction = RegisterInstruction {
            pc: row.pc,
            clock: row.clock,
            operations,
            sources: [row.rs1, row.rs2],
            rd: row.rd,
            immediate: row.immediate.expr(),
            operands: [row.left.expr(), row.right.expr()],
            old: row.old,
            result,
            ages: [row.left_age, row.right_age, row.old_age],
        };
        registers::execute(builder, instruction, real);
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
