//! Constraints of the multiplication chip.

use p3_field::PrimeCharacteristicRing;

use super::{Factor, Mul, MulRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for Mul {
    const NAME: &'static str = "mul";
    type Row<T: Copy> = MulRow<T>;

    fn eval<AB: ChipBuilder>(row: &MulRow<AB::Var>, builder: &mut AB) {
        let real = row.is_mul.into() + row.is_mulh + row.is_mulhsu + row.is_mulhu;
        builder.constrain_bool("MUL-1", row.is_mul);
        builder.constrain_bool("MUL-2", row.is_mulh);
        builder.constrain_bool("MUL-3", row.is_mulhsu);
        builder.constrain_bool("MUL-4", row.is_mulhu);
        builder.constrain_bool("MUL-5", real.clone());
        operands::<AB>(row, &real, builder);
        let half = |one: AB::Var, two: AB::Var| two.into() + (one.into() - two) * row.is_mul;
        let product = [
            half(row.result.low, row.other.low),
            half(row.result.high, row.other.high),
            half(row.other.low, row.result.low),
            half(row.other.high, row.result.high),
        ];
        low_limbs::<AB>(row, &product, builder);
        whole::<AB>(row, product, &real, builder);
        messages::<AB>(row, real, builder);
    }
}

/// The bytes of the operands, and their signs.
fn operands<AB: ChipBuilder>(row: &MulRow<AB::Var>, real: &AB::Expr, builder: &mut AB) {
    let (left, right) = (&row.left, &row.right);
    builder.constrain_bool("MUL-6", left.top_bit);
    builder.constrain_bool("MUL-7", right.top_bit);
    let signed = row.is_mulh.into() + row.is_mulhsu;
    builder.constrain("MUL-8", signed * left.top_bit - left.sign);
    builder.constrain("MUL-9", row.is_mulh.into() * right.top_bit - right.sign);
    let ([a, b, c], [d, e, f]) = (left.bytes, right.bytes);
    for pair in [[a, b], [d, e], [c, f], row.carries] {
        buses::bytes(builder, pair.map(Into::into), real.clone());
    }
    buses::septets(builder, [left.septet.into(), right.septet.into()], real.clone());
}

/// The top byte of a factor, unsigned.
fn top<AB: ChipBuilder>(factor: &Factor<AB::Var>) -> AB::Expr {
    factor.septet.into() + factor.top_bit.into() * constant::<AB>(1 << 7)
}

/// The limbs of a factor, unsigned.
fn limbs<AB: ChipBuilder>(factor: &Factor<AB::Var>) -> Word<AB::Expr> {
    let [a, b, c] = factor.bytes.map(Into::into);
    let base = constant::<AB>(1 << 8);
    Word { low: a + b * base.clone(), high: c + top::<AB>(factor) * base }
}

/// The product modulo 2^32, limb by limb: what a carry leaves out is a multiple of 2^32.
fn low_limbs<AB: ChipBuilder>(row: &MulRow<AB::Var>, product: &[AB::Expr; 4], builder: &mut AB) {
    let (byte, limb) = (constant::<AB>(1 << 8), constant::<AB>(1 << 16));
    let left = limbs::<AB>(&row.left);
    let right_top = top::<AB>(&row.right);
    let [a, b, c] = row.left.bytes.map(Into::into);
    let [d, e, f] = row.right.bytes.map(Into::into);
    for bit in row.carry_bits {
        builder.constrain_bool("MUL-10", bit);
    }
    let [bit, low_bit, high_bit] = row.carry_bits.map(Into::into);
    let [first, second] = row.carries.map(Into::into);
    let first: AB::Expr = first + bit * byte.clone();
    let second: AB::Expr = second + (low_bit + high_bit.double()) * byte.clone();
    let low = left.low.clone() * d.clone() + a.clone() * e.clone() * byte.clone();
    let low = low - product[0].clone() - first.clone() * limb.clone();
    builder.constrain("MUL-11", low);
    let whole = left.low * f + left.high * d + b * e.clone();
    let shifted = a * right_top + c * e;
    let high = whole + shifted * byte + first - product[1].clone() - second * limb;
    builder.constrain("MUL-12", high);
}

/// The whole product: modulo p, and roughly in its top limb.
fn whole<AB: ChipBuilder>(
    row: &MulRow<AB::Var>,
    product: [AB::Expr; 4],
    real: &AB::Expr,
    builder: &mut AB,
) {
    let (byte, limb) = (constant::<AB>(1 << 8), constant::<AB>(1 << 16));
    let signed = |factor: &Factor<AB::Var>| {
        let Word { low, high } = limbs::<AB>(factor);
        low + (high - factor.sign.into() * limb.clone()) * limb.clone()
    };
    let signed_top =
        |factor: &Factor<AB::Var>| top::<AB>(factor) - factor.sign.into() * byte.clone();
    builder.constrain_bool("MUL-13", row.negative);
    let [a, b, c, d] = product;
    let d = d - row.negative.into() * limb.clone();
    let sum = ((d.clone() * limb.clone() + c) * limb.clone() + b) * limb.clone() + a;
    builder.constrain("MUL-14", signed(&row.left) * signed(&row.right) - sum);
    let excess = d - signed_top(&row.left) * signed_top(&row.right) + real.clone() * byte.clone();
    builder.constrain("MUL-15", excess - row.excess);
    // Scaled so that below 2^16 means an excess below 2^10.
    buses::range(builder, row.excess.into() * constant::<AB>(1 << 6), real.clone());
    for limb in [row.result.low, row.result.high, row.other.low, row.other.high] {
        buses::range(builder, limb, real.clone());
    }
}

/// The instruction's step and its accesses.
fn messages<AB: ChipBuilder>(row: &MulRow<AB::Var>, real: AB::Expr, builder: &mut AB) {
    let operations = [
        (row.is_mul, operation::MUL),
        (row.is_mulh, operation::MULH),
        (row.is_mulhsu, operation::MULHSU),
        (row.is_mulhu, operation::MULHU),
    ];
    let instruction = RegisterInstruction {
        pc: row.pc,
        clock: row.clock,
        operations,
        sources: [row.rs1, row.rs2],
        rd: row.rd,
        immediate: Word::default(),
        operands: [limbs::<AB>(&row.left), limbs::<AB>(&row.right)],
        old: row.old,
        result: row.result.expr(),
        ages: [row.left_age, row.right_age, row.old_age],
    };
    registers::execute(builder, instruction, real);
}
