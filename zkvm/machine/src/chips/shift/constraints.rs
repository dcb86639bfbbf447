//! Constraints of the shift chip.

use p3_field::PrimeCharacteristicRing;

use super::{Shift, ShiftRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, FACTOR, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for Shift {
    const NAME: &'static str = "shift";
    type Row<T: Copy> = ShiftRow<T>;

    fn eval<AB: ChipBuilder>(row: &ShiftRow<AB::Var>, builder: &mut AB) {
        let right = row.is_srl.into() + row.is_sra;
        let real = right.clone() + row.is_sll;
        builder.constrain_bool("SHIFT-1", row.is_sll);
        builder.constrain_bool("SHIFT-2", row.is_srl);
        builder.constrain_bool("SHIFT-3", row.is_sra);
        builder.constrain_bool("SHIFT-4", real.clone());
        let [one, two, three] = row.whole;
        for flag in row.whole {
            builder.constrain_bool("SHIFT-5", flag);
        }
        let none = real.clone() - one - two - three;
        builder.constrain_bool("SHIFT-6", none.clone());
        product::<AB>(row, right.clone(), real.clone(), builder);
        result::<AB>(row, [none, one.into(), two.into(), three.into()], right, builder);
        messages::<AB>(row, real, builder);
    }
}

/// The operand times the factor of the shift within a byte, and the operand's sign.
fn product<AB: ChipBuilder>(
    row: &ShiftRow<AB::Var>,
    right: AB::Expr,
    real: AB::Expr,
    builder: &mut AB,
) {
    let number = |[a, b, c]: [AB::Var; 3]| {
        a.into() + b.into() * constant::<AB>(1 << 8) + c.into() * constant::<AB>(1 << 16)
    };
    builder.constrain("SHIFT-7", row.left.low.into() * row.factor - number(row.low));
    builder.constrain("SHIFT-8", row.left.high.into() * row.factor - number(row.high));
    let sign: AB::Expr = row.sign.into();
    builder.constrain("SHIFT-9", sign.clone() * (sign.clone() - row.is_sra));
    let fill = sign.clone() * (constant::<AB>(1 << 8) - row.factor);
    builder.constrain("SHIFT-10", fill - row.fill);

    let [a, b, c] = row.low;
    let [d, e, f] = row.high;
    for pair in [[a, b], [c, d], [e, f], row.rest] {
        buses::bytes(builder, pair.map(Into::into), real.clone());
    }
    let factor = [right, row.distance.into(), row.factor.into()];
    buses::send(builder, FACTOR, factor, real);
    let rest = row.left.high.into().double() - sign * constant::<AB>(1 << 16);
    buses::range(builder, rest, row.is_sra);
}

/// The product moved by whole bytes. `whole` is one-hot: moved by 0, 1, 2 or 3 bytes.
fn result<AB: ChipBuilder>(
    row: &ShiftRow<AB::Var>,
    whole: [AB::Expr; 4],
    right: AB::Expr,
    builder: &mut AB,
) {
    let zero = || AB::Expr::ZERO;
    let [a, b, c] = row.low.map(Into::into);
    let [d, e, f] = row.high.map(Into::into);
    let (c, sign) = (c + d, row.sign.into() * constant::<AB>(0xff));
    let filled = f + row.fill;
    let left_bytes = [zero(), zero(), zero(), a, b.clone(), c.clone(), e.clone()];
    let right_bytes = [b, c, e, filled, sign.clone(), sign.clone(), sign];
    let limb = |bytes: &[AB::Expr; 7], at: usize| {
        bytes[at].clone() + bytes[at + 1].clone() * constant::<AB>(1 << 8)
    };
    let (mut low, mut high) = (zero(), zero());
    for (bytes, flag) in whole.into_iter().enumerate() {
        let moved = |at: usize| {
            limb(&left_bytes, 3 - bytes + at) * row.is_sll
                + limb(&right_bytes, bytes + at) * right.clone()
        };
        low += moved(0) * flag.clone();
        high += moved(2) * flag;
    }
    builder.constrain("SHIFT-11", low - row.result.low);
    builder.constrain("SHIFT-12", high - row.result.high);
}

/// The instruction's step and its accesses.
fn messages<AB: ChipBuilder>(row: &ShiftRow<AB::Var>, real: AB::Expr, builder: &mut AB) {
    let [one, two, three] = row.whole.map(Into::into);
    let [rest_low, rest_high] = row.rest.map(Into::into);
    let low = row.distance.into() - row.immediate
        + (one + two.double() + three * constant::<AB>(3)) * constant::<AB>(8)
        + rest_low * constant::<AB>(1 << 5)
        + rest_high * constant::<AB>(1 << 13);
    let right = Word { low, high: row.right_high.into() };
    let operations =
        [(row.is_sll, operation::SLL), (row.is_srl, operation::SRL), (row.is_sra, operation::SRA)];
    let instruction = RegisterInstruction {
        pc: row.pc,
        clock: row.clock,
        operations,
        sources: [row.rs1, row.rs2],
        rd: row.rd,
        immediate: Word { low: row.immediate.into(), high: AB::Expr::ZERO },
        operands: [row.left.expr(), right],
        old: row.old,
        result: row.result.expr(),
        ages: [row.left_age, row.right_age, row.old_age],
    };
    registers::execute(builder, instruction, real);
}
