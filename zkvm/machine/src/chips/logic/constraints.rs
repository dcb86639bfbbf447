//! Constraints of the bitwise chip.

use p3_field::PrimeCharacteristicRing;

use super::{Logic, LogicRow};
use crate::access::{CellAccess, Word, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, XOR, constant};
use crate::rom::{Line, operation};
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
    let pc: AB::Expr = row.pc.into();
    let next = pc.clone() + AB::Expr::ONE;
    let immediate = row.immediate.expr::<AB::Expr>();
    let register_value =
        Word { low: right.low - immediate.low.clone(), high: right.high - immediate.high.clone() };
    let line = Line {
        pc,
        operation: row.is_and.into() * constant::<AB>(operation::AND)
            + row.is_or.into() * constant::<AB>(operation::OR)
            + row.is_xor.into() * constant::<AB>(operation::XOR),
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        immediate,
        next: next.clone(),
    };
    step(builder, line, row.clock, next, real.clone());
    let read = |index: AB::Var, slot, value: Word<AB::Expr>, age| CellAccess {
        cell: register::<AB>(index),
        stamp: stamp::<AB>(row.clock, slot),
        before: value.clone(),
        after: value,
        age,
    };
    let left = read(row.rs1, slot::RS1, left, row.left_age);
    let right = read(row.rs2, slot::RS2, register_value, row.right_age);
    let write = CellAccess {
        after: row.result.expr(),
        ..read(row.rd, slot::RD, row.old.expr(), row.old_age)
    };
    access(builder, [left, right, write], real);
}
