//! Constraints of the addition chip.

use p3_field::PrimeCharacteristicRing;

use super::{Add, AddRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for Add {
    const NAME: &'static str = "add";
    type Row<T: Copy> = AddRow<T>;

    fn eval<AB: ChipBuilder>(row: &AddRow<AB::Var>, builder: &mut AB) {
        let real = row.is_add.into() + row.is_sub.into();
        builder.constrain_bool("ADD-1", row.is_add);
        builder.constrain_bool("ADD-2", row.is_sub);
        builder.constrain_bool("ADD-3", real.clone());
        sum(row, builder);

        let operations = [(row.is_add, operation::ADD), (row.is_sub, operation::SUB)];
        let instruction = RegisterInstruction {
            pc: row.pc,
            clock: row.clock,
            operations,
            sources: [row.rs1, row.rs2],
            rd: row.rd,
            immediate: Word::default(),
            operands: [row.left.expr(), row.right.expr()],
            old: row.old,
            result: row.result.expr(),
            ages: [row.left_age, row.right_age, row.old_age],
        };
        registers::execute(builder, instruction, real.clone());
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
