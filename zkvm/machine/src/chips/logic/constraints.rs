//! Constraints of the bitwise chip.

use p3_field::PrimeCharacteristicRing;

use super::{Logic, LogicRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, XOR, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for Logic {
    const NAME: &'static str = "logic";
    type Row<T: Copy> = LogicRow<T>;

    fn eval<AB: ChipBuilder>(row: &LogicRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.is_and.into() + row.is_or + row.is_xor;
        builder.constrain_bool("LOGIC-1", row.is_and);
        builder.constrain_bool("LOGIC-2", row.is_or);
        builder.constrain_bool("LOGIC-3", row.is_xor);
        builder.constrain_bool("LOGIC-4", real.clone());
        for ((left, right), xor) in row.left.into_iter().zip(row.right).zip(row.xor) {
            buses::send(builder, XOR, [left, right, xor].map(Into::into), real.clone());
        }
        let (left, right) = (word::<AB>(row.left), word::<AB>(row.right));
        let xor = word::<AB>(row.xor);
        let low = result::<AB>(row, left.low.clone(), right.low.clone(), xor.low);
        let high = result::<AB>(row, left.high.clone(), right.high.clone(), xor.high);
        builder.constrain("LOGIC-5", low - row.result.low.into().double());
        builder.constrain("LOGIC-6", high - row.result.high.into().double());
        messages::<AB>(row, left, right, real, builder);
    }
}

/// The limbs of a word of bytes.
fn word<AB: ChipBuilder>([a, b, c, d]: [AB::Var; 4]) -> Word<AB::Expr> {
    let limb = |low: AB::Var, high: AB::Var| low.into() + high.into() * constant::<AB>(1 << 8);
    Word { low: limb(a, b), high: limb(c, d) }
}

/// Twice a limb of the result: a sum counts common bits twice, the exclusive or leaves them out.
fn result<AB: ChipBuilder>(
    row: &LogicRow<AB::Var>,
    left: AB::Expr,
    right: AB::Expr,
    xor: AB::Expr,
) -> AB::Expr {
    let sum = left + right;
    let and = (sum.clone() - xor.clone()) * row.is_and;
    let or = (sum + xor.clone()) * row.is_or;
    and + or + xor.double() * row.is_xor
}

/// The instruction's step and its accesses.
fn messages<AB: ChipBuilder>(
    row: &LogicRow<AB::Var>,
    left: Word<AB::Expr>,
    right: Word<AB::Expr>,
    real: AB::Expr,
    builder: &mut AB,
) {
    let immediate = row.immediate.expr::<AB::Expr>();
    let register_value =
        Word { low: right.low - immediate.low.clone(), high: right.high - immediate.high.clone() };
    let operations =
        [(row.is_and, operation::AND), (row.is_or, operation::OR), (row.is_xor, operation::XOR)];
    let instruction = RegisterInstruction {
        pc: row.pc,
        clock: row.clock,
        operations,
        sources: [row.rs1, row.rs2],
        rd: row.rd,
        immediate,
        operands: [left, register_value],
        old: row.old,
        result: row.result.expr(),
        ages: [row.left_age, row.right_age, row.old_age],
    };
    registers::execute(builder, instruction, real);
}
