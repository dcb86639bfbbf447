//! Constraints of the division chip.

use p3_field::PrimeCharacteristicRing;

use super::{Div, DivRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::chips::registers::{self, RegisterInstruction};
use crate::rom::operation;
use crate::table::Table;

impl Table for Div {
    const NAME: &'static str = "div";
    type Row<T: Copy> = DivRow<T>;

    fn eval<AB: ChipBuilder>(row: &DivRow<AB::Var>, builder: &mut AB) {
        let real = row.is_div.into() + row.is_divu + row.is_rem + row.is_remu;
        builder.constrain_bool("DIV-1", row.is_div);
        builder.constrain_bool("DIV-2", row.is_divu);
        builder.constrain_bool("DIV-3", row.is_rem);
        builder.constrain_bool("DIV-4", row.is_remu);
        builder.constrain_bool("DIV-5", real.clone());
        let folded = Folded::<AB>::of(row);
        signs::<AB>(row, builder);
        divisor::<AB>(row, &folded, &real, builder);
        quotient::<AB>(row, &folded, &real, builder);
        remainder::<AB>(row, &folded, &real, builder);
        result::<AB>(row, &folded, builder);
        messages::<AB>(row, real, builder);
    }
}

/// The limbs of the folded numbers.
struct Folded<AB: ChipBuilder> {
    quotient: Word<AB::Expr>,
    divisor: Word<AB::Expr>,
    remainder: Word<AB::Expr>,
    /// The divisor's top byte.
    divisor_top: AB::Expr,
}

impl<AB: ChipBuilder> Folded<AB> {
    fn of(row: &DivRow<AB::Var>) -> Self {
        let limb = |low: AB::Expr, high: AB::Expr| low + high * constant::<AB>(1 << 8);
        let [a, b, c, d] = row.quotient.map(Into::into);
        let [e, f, g, h] = row.divisor.map(Into::into);
        let divisor_top: AB::Expr = h + row.divisor_bit.into() * constant::<AB>(1 << 7);
        Self {
            quotient: Word { low: limb(a, b), high: limb(c, d) },
            divisor: Word { low: limb(e, f), high: limb(g, divisor_top.clone()) },
            remainder: row.remainder.expr(),
            divisor_top,
        }
    }
}

/// A word as one number.
fn number<AB: ChipBuilder>(word: &Word<AB::Expr>) -> AB::Expr {
    word.low.clone() + word.high.clone() * constant::<AB>(1 << 16)
}

/// A limb of a word from the limb of its folded number.
fn unfold<AB: ChipBuilder>(limb: &AB::Expr, sign: AB::Var) -> AB::Expr {
    limb.clone() + (constant::<AB>(0xffff) - limb.double()) * sign
}

/// 1 or -1.
fn unit<AB: ChipBuilder>(sign: AB::Var) -> AB::Expr {
    AB::Expr::ONE - sign.into().double()
}

/// Which numbers are negative.
fn signs<AB: ChipBuilder>(row: &DivRow<AB::Var>, builder: &mut AB) {
    let signed = row.is_div.into() + row.is_rem;
    let (left, right): (AB::Expr, AB::Expr) = (row.left_sign.into(), row.right_sign.into());
    let (quotient, remainder) = (row.quotient_sign.into(), row.remainder_sign.into());
    builder.constrain("DIV-6", left.clone() * (signed.clone() - left.clone()));
    builder.constrain("DIV-7", right.clone() * (signed.clone() - right.clone()));
    builder.constrain_bool("DIV-8", row.quotient_sign);
    builder.constrain("DIV-9", remainder.clone() * (left.clone() - remainder.clone()));
    let size = row.remainder.low.into() + row.remainder.high;
    builder.constrain("DIV-10", (left.clone() - remainder) * size);
    let product: AB::Expr = quotient.xor(&right);
    builder.constrain("DIV-11", product - row.product_sign);
    let rest = row.left.high.into().double() - left * constant::<AB>(1 << 16);
    buses::range(builder, rest, signed);
}

/// The divisor's bytes, and whether it is zero.
fn divisor<AB: ChipBuilder>(
    row: &DivRow<AB::Var>,
    folded: &Folded<AB>,
    real: &AB::Expr,
    builder: &mut AB,
) {
    let unsigned = row.is_divu.into() + row.is_remu;
    let bit: AB::Expr = row.divisor_bit.into();
    builder.constrain("DIV-12", bit.clone() * (unsigned - bit.clone()));
    let low = unfold::<AB>(&folded.divisor.low, row.right_sign);
    let high = unfold::<AB>(&folded.divisor.high, row.right_sign);
    builder.constrain("DIV-13", low - row.right.low);
    builder.constrain("DIV-14", high - row.right.high);
    let by_zero: AB::Expr = row.by_zero.into();
    builder.constrain("DIV-15", by_zero.clone() * (real.clone() - by_zero.clone()));
    let [a, b, c, d] = row.divisor.map(Into::into);
    let [e, f, g, h] = row.quotient.map(Into::into);
    let divisor: AB::Expr = a + b + c + d + bit + row.right_sign;
    builder.constrain("DIV-16", by_zero.clone() * divisor);
    let not_minus_one = e + f + g + h + AB::Expr::ONE - row.quotient_sign;
    builder.constrain("DIV-17", by_zero * not_minus_one);
}

/// Quotient times divisor plus remainder is the dividend.
fn quotient<AB: ChipBuilder>(
    row: &DivRow<AB::Var>,
    folded: &Folded<AB>,
    real: &AB::Expr,
    builder: &mut AB,
) {
    let (byte, limb) = (constant::<AB>(1 << 8), constant::<AB>(1 << 16));
    let [a, b, c, d]: [AB::Expr; 4] = row.quotient.map(Into::into);
    let [e, f, g, _]: [AB::Expr; 4] = row.divisor.map(Into::into);
    let top = folded.divisor_top.clone();
    let beyond = d.clone() * (f.clone() + g.clone() + top.clone())
        + c * (g.clone() + top.clone())
        + b.clone() * top;
    builder.constrain("DIV-18", beyond);

    let quotient_sign: AB::Expr = row.quotient_sign.into();
    let (right_sign, remainder_sign) = (row.right_sign.into(), row.remainder_sign.into());
    let product = (number::<AB>(&folded.quotient) + quotient_sign.clone())
        * (number::<AB>(&folded.divisor) + right_sign.clone());
    let remainder = number::<AB>(&folded.remainder) + remainder_sign.clone();
    let left = number::<AB>(&Word {
        low: row.left.low.into(),
        high: row.left.high.into() - row.left_sign.into() * limb.clone(),
    });
    let (product_unit, remainder_unit) =
        (unit::<AB>(row.product_sign), unit::<AB>(row.remainder_sign));
    let sum = product * product_unit.clone() + remainder * remainder_unit.clone();
    builder.constrain("DIV-19", sum - left);

    let low_product = a.clone() * e.clone()
        + (a * f + b * e) * byte.clone()
        + folded.divisor.low.clone() * quotient_sign.clone()
        + folded.quotient.low.clone() * right_sign.clone()
        + quotient_sign * right_sign;
    let low_remainder = folded.remainder.low.clone() + remainder_sign;
    let low = low_product * product_unit + low_remainder * remainder_unit - row.left.low;
    let [carry_low, carry_high] = row.carry.map(Into::into);
    let carry = carry_low + carry_high * byte - real.clone() * constant::<AB>(1 << 14);
    builder.constrain("DIV-20", low - carry * limb);

    let [e, f, g, h] = row.divisor;
    let [a, b, c, d] = row.quotient;
    for pair in [[a, b], [c, d], [e, f], [g, row.carry[0]]] {
        buses::bytes(builder, pair.map(Into::into), real.clone());
    }
    buses::septets(builder, [h.into(), row.carry[1].into()], real.clone());
}

/// The remainder is smaller than the divisor.
fn remainder<AB: ChipBuilder>(
    row: &DivRow<AB::Var>,
    folded: &Folded<AB>,
    real: &AB::Expr,
    builder: &mut AB,
) {
    let borrow: AB::Expr = row.borrow.into();
    let range = borrow.clone().bool_check() * (borrow.clone() - AB::Expr::TWO);
    builder.constrain("DIV-21", range);
    builder.constrain("DIV-22", borrow.clone() * row.by_zero);
    let (divisor, remainder) = (&folded.divisor, &folded.remainder);
    let low = divisor.low.clone() + row.right_sign
        - remainder.low.clone()
        - row.remainder_sign
        - AB::Expr::ONE
        + borrow.clone() * constant::<AB>(1 << 16);
    let high = divisor.high.clone() - remainder.high.clone() - borrow;
    let compared = real.clone() - row.by_zero;
    buses::range(builder, low, compared.clone());
    buses::range(builder, high, compared);
    buses::range(builder, remainder.low.clone(), real.clone());
    buses::range(builder, remainder.high.clone(), real.clone());
}

/// The result is the quotient's word or the remainder's.
fn result<AB: ChipBuilder>(row: &DivRow<AB::Var>, folded: &Folded<AB>, builder: &mut AB) {
    let limb = |quotient: &AB::Expr, remainder: &AB::Expr| {
        unfold::<AB>(quotient, row.quotient_sign) * (row.is_div.into() + row.is_divu)
            + unfold::<AB>(remainder, row.remainder_sign) * (row.is_rem.into() + row.is_remu)
    };
    let (quotient, remainder) = (&folded.quotient, &folded.remainder);
    let low = limb(&quotient.low, &remainder.low);
    let high = limb(&quotient.high, &remainder.high);
    builder.constrain("DIV-23", low - row.result.low);
    builder.constrain("DIV-24", high - row.result.high);
}

/// The instruction's step and its accesses.
fn messages<AB: ChipBuilder>(row: &DivRow<AB::Var>, real: AB::Expr, builder: &mut AB) {
    let operations = [
        (row.is_div, operation::DIV),
        (row.is_divu, operation::DIVU),
        (row.is_rem, operation::REM),
        (row.is_remu, operation::REMU),
    ];
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
    registers::execute(builder, instruction, real);
}
