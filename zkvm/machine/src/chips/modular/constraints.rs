//! Constraints of the chip of modular arithmetic.

use core::array::from_fn;

use minster_precompiles::Function;

use super::{Modular, ModularRow};
use crate::access::numbered;
use crate::builder::ChipBuilder;
use crate::buses::{self, BLOCK, CALL, constant};
use crate::chips::bignum::{
    COEFFICIENT_MAX, COEFFICIENTS, COMPLETE_MAX, LIMBS, less, product, vanish,
};
use crate::chips::precompile::slot;
use crate::table::Table;

// One product on each side of the equation, and two limbs at most on top of it.
const _: () = assert!(COEFFICIENT_MAX + 2 * 0xffff <= COMPLETE_MAX);

impl Table for Modular {
    const NAME: &'static str = "modular";
    type Row<T: Copy> = ModularRow<T>;

    fn eval<AB: ChipBuilder>(row: &ModularRow<AB::Var>, builder: &mut AB) {
        let real = row.is_mul.into() + row.is_add + row.is_sub;
        builder.constrain_bool("MODULAR-1", row.is_mul);
        builder.constrain_bool("MODULAR-2", row.is_add);
        builder.constrain_bool("MODULAR-3", row.is_sub);
        builder.constrain_bool("MODULAR-4", real.clone());
        for number in [&row.a, &row.b, &row.m, &row.quotient] {
            number.range(builder, &real);
        }
        vanish(builder, "MODULAR-5", equation::<AB>(row), &row.carries, &real);
        let result = row.result.map(Into::<AB::Expr>::into);
        for limb in row.result {
            buses::range(builder, limb, real.clone());
        }
        let ids = ["MODULAR-6", "MODULAR-7", "MODULAR-8", "MODULAR-9"];
        let pair = [&result, &row.m.factor::<AB>().limbs];
        less(builder, ids, pair, &row.less, &real);
        messages::<AB>(row, result, real, builder);
    }
}

/// The coefficients of `a·b - q·m - r`, of `a + b - q·m - r`, or of `a - b + q·m - r`.
fn equation<AB: ChipBuilder>(row: &ModularRow<AB::Var>) -> [AB::Expr; COEFFICIENTS] {
    let [a, b, m, quotient] =
        [row.a, row.b, row.m, row.quotient].map(|number| number.factor::<AB>());
    let [products, multiples] = [product::<AB>(&a, &b), product::<AB>(&quotient, &m)];
    let (is_sum, sign) = (row.is_add.into() + row.is_sub, row.is_add.into() - row.is_sub);
    let multiple_sign = row.is_sub.into() - row.is_mul - row.is_add;
    let mut coefficients: [AB::Expr; COEFFICIENTS] = from_fn(|k| {
        products[k].clone() * row.is_mul + multiples[k].clone() * multiple_sign.clone()
    });
    for (k, coefficient) in coefficients.iter_mut().enumerate().take(LIMBS) {
        *coefficient += a.limbs[k].clone() * is_sum.clone() + b.limbs[k].clone() * sign.clone();
        *coefficient -= row.result[k].into();
    }
    coefficients
}

/// The call, and its memory.
fn messages<AB: ChipBuilder>(
    row: &ModularRow<AB::Var>,
    result: [AB::Expr; LIMBS],
    real: AB::Expr,
    builder: &mut AB,
) {
    let number = numbered::<AB, 3>([
        (row.is_mul, Function::ModMul.number()),
        (row.is_add, Function::ModAdd.number()),
        (row.is_sub, Function::ModSub.number()),
    ]);
    let clock: AB::Expr = row.clock.into();
    let cells = row.cells.map(Into::<AB::Expr>::into);
    let operands = constant::<AB>(cells.len() as u32);
    let call = buses::Call { number, operands, clock: clock.clone(), cells: cells.clone() };
    buses::receive(builder, CALL, call.tuple(), real.clone());
    let [a, b, m] = [row.a, row.b, row.m].map(|number| number.factor::<AB>().limbs);
    let contents =
        [(row.before.map(Into::into), result), (a.clone(), a), (b.clone(), b), (m.clone(), m)];
    for ((cell, slot), (before, after)) in cells.into_iter().zip(slot::OPERANDS).zip(contents) {
        let slot = constant::<AB>(slot);
        let block = buses::Block { clock: clock.clone(), slot, cell, before, after };
        buses::send(builder, BLOCK, block.tuple(), real.clone());
    }
}
