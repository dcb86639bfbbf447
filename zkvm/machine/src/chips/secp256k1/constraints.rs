//! Constraints of the secp256k1 chip.

use core::array::from_fn;

use minster_precompiles::Function;
use p3_field::PrimeCharacteristicRing;

use super::{Below, Distance, EXCESS, EXCESS_START, FOLD, MODULUS, Secp256k1, Secp256k1Row as Row};
use crate::builder::ChipBuilder;
use crate::buses::{
    self, BLOCK, Block, CALL, Call, SECP256K1_COORDINATE, SECP256K1_SLOPE, constant,
};
use crate::chips::bignum::{COEFFICIENTS, Factor, product, vanish};
use crate::chips::precompile::slot;
use crate::table::Table;

/// Limbs of a coordinate.
type Limbs<E> = [E; 16];

impl Table for Secp256k1 {
    const NAME: &'static str = "secp256k1";
    type Row<T: Copy> = Row<T>;

    fn eval<AB: ChipBuilder>(row: &Row<AB::Var>, builder: &mut AB) {
        builder.constrain_bool("SECP256K1-1", row.is_add);
        builder.constrain_bool("SECP256K1-2", row.is_double);
        builder.constrain_bool("SECP256K1-3", row.is_x);
        builder.constrain_bool("SECP256K1-4", row.is_y);
        let real = row.is_add.into() + row.is_double + row.is_x + row.is_y;
        builder.constrain_bool("SECP256K1-5", real.clone());
        let value = row.value.factor::<AB>();
        row.value.range(builder, &real);
        factor::<AB>(row, &value.limbs, &real, builder);
        let quotient = &row.quotient[..15];
        quotient.iter().for_each(|limb| buses::range(builder, *limb, real.clone()));
        let coefficients = equation::<AB>(row, &value, builder);
        vanish(builder, "SECP256K1-12", coefficients, &row.carries, &real);
        coordinates::<AB>(row, &value.limbs, &real, builder);
        calls::<AB>(row, &value.limbs, builder);
        links::<AB>(row, &value.limbs, builder);
    }
}

/// What the slope is multiplied with, and that it is not zero where the slope divides by it.
fn factor<AB: ChipBuilder>(
    row: &Row<AB::Var>,
    value: &Limbs<AB::Expr>,
    real: &AB::Expr,
    builder: &mut AB,
) {
    let (slope, factor) = (row.slope.factor::<AB>().limbs, row.factor.factor::<AB>().limbs);
    let given = row.is_double.into() + row.is_y;
    let fold = |k: usize| match k {
        0 => row.borrows[15].into() * constant::<AB>(FOLD),
        2 => row.borrows[15].into(),
        _ => AB::Expr::ZERO,
    };
    for k in 0..16 {
        let meant = (value[k].clone() - row.point[k]) * row.is_add
            + given.clone() * row.other[k]
            + slope[k].clone() * row.is_x;
        let below = k.checked_sub(1).map_or(AB::Expr::ZERO, |k| row.borrows[k].into());
        let after = factor[k].clone() + row.borrows[k].into() * constant::<AB>(1 << 16);
        builder.constrain("SECP256K1-6", meant + fold(k) + below - after);
        let borrow: AB::Expr = row.borrows[k].into();
        builder.constrain("SECP256K1-7", borrow.clone() * borrow.square() - borrow);
    }
    let digits = |bytes: [[AB::Var; 16]; 2]| bytes.concat();
    let factors = digits([row.factor.low, row.factor.high]);
    let slopes = digits([row.slope.low, row.slope.high]);
    for (digit, slope) in factors.iter().zip(slopes) {
        let copy: AB::Expr = (*digit).into();
        builder.constrain("SECP256K1-8", (copy - slope) * row.is_x);
    }
    let byte = |digit: AB::Var| digit.into() + constant::<AB>(1 << 7);
    for (low, high) in row.factor.low.into_iter().zip(row.factor.high) {
        buses::bytes(builder, [byte(low), byte(high)], real.clone());
    }
    let squares: AB::Expr = factors.into_iter().map(|digit| digit.into().square()).sum();
    let is_slope = row.is_add.into() + row.is_double;
    builder.constrain("SECP256K1-11", squares * row.factor_inverse - is_slope);
}

/// The coefficients of the row's equation, which has to be zero: a product, what it has to be
/// modulo the field's modulus, and the quotient.
fn equation<AB: ChipBuilder>(
    row: &Row<AB::Var>,
    value: &Factor<AB::Expr>,
    builder: &mut AB,
) -> [AB::Expr; COEFFICIENTS] {
    let times = AB::Expr::ONE + row.is_double;
    let slope = row.slope.factor::<AB>();
    let scaled = Factor {
        limbs: slope.limbs.map(|limb| limb * times.clone()),
        highs: slope.highs.map(|high| high * times.clone()),
    };
    let run = product::<AB>(&scaled, &row.factor.factor::<AB>());
    let modulus = Factor {
        limbs: MODULUS.map(constant::<AB>),
        highs: MODULUS.map(|limb| constant::<AB>(limb >> 8)),
    };
    let square = product::<AB>(value, &(value.clone() - modulus));
    let triple = row.is_double.into() * constant::<AB>(3);
    for bit in row.old {
        builder.constrain("SECP256K1-10", bit.into().bool_check() * row.is_double);
    }
    let limbs = |k: usize| {
        let rise = row.old[k].into() - row.other[k];
        let sum = value.limbs[k].clone() + row.point[k];
        rise * row.is_add + (sum.clone() + row.other[k] + row.point[k]) * row.is_x - sum * row.is_y
    };
    let excess = |k: Option<usize>, weight: u32| {
        let bit = k.and_then(|k| k.checked_sub(EXCESS_START)).and_then(|k| row.old.get(k));
        bit.map_or(AB::Expr::ZERO, |bit| row.is_double.into() * *bit * constant::<AB>(weight))
    };
    let quotient = |k: Option<usize>| {
        let limb = k.and_then(|k| row.quotient.get(k));
        limb.map_or(AB::Expr::ZERO, |limb| (*limb).into())
    };
    let terms = run.into_iter().zip(square).enumerate();
    let mut coefficients = terms.map(|(k, (run, square))| {
        let linear = if k < 16 { limbs(k) } else { AB::Expr::ZERO };
        triple.clone() * square - run
            + linear
            + quotient(Some(k)) * constant::<AB>(FOLD)
            + quotient(k.checked_sub(2))
            - quotient(k.checked_sub(16))
            + excess(Some(k), EXCESS << 16)
            - excess(k.checked_sub(1), EXCESS)
    });
    from_fn(|_| coefficients.next().unwrap_or(AB::Expr::ZERO))
}

/// Coordinates are below the modulus, and the two ways to write x of a point that is doubled agree.
fn coordinates<AB: ChipBuilder>(
    row: &Row<AB::Var>,
    value: &Limbs<AB::Expr>,
    real: &AB::Expr,
    builder: &mut AB,
) {
    for (value, point) in value.iter().zip(row.point) {
        builder.constrain("SECP256K1-9", (value.clone() - point) * row.is_double);
    }
    let distances = distance(value, real);
    below::<AB>(&distances, &row.value_below, real, builder);
    let is_coordinate: AB::Expr = row.is_x.into() + row.is_y;
    let other: Limbs<AB::Expr> =
        from_fn(|k| is_coordinate.clone() * row.point[k] + row.old[k].into() * row.is_add);
    let count = is_coordinate + row.is_add;
    let Distance { high, low, limb } = distance(&other, &count);
    let cells = &row.distance;
    for (meant, cell) in [(high, cells.high), (low, cells.low), (limb, cells.limb)] {
        builder.constrain("SECP256K1-13", meant - cell);
    }
    let cells = [cells.high, cells.low, cells.limb].map(Into::into);
    let [high, low, limb] = cells;
    below::<AB>(&Distance { high, low, limb }, &row.other_below, &count, builder);
}

/// The distance of a number from the modulus, times `count`, which is in the number already.
pub fn distance<E: PrimeCharacteristicRing>(number: &Limbs<E>, count: &E) -> Distance<E> {
    let ones = count.clone() * E::from_u32(0xffff);
    let gap = |k: usize| ones.clone() - number[k].clone();
    let high = (3..16).map(gap).sum::<E>().double() + gap(2);
    Distance { low: high.clone() - count.clone() + gap(1), high, limb: number[0].clone() }
}

/// Requires a number of this distance to be below the modulus where `count`, a bit, is 1.
fn below<AB: ChipBuilder>(
    distance: &Distance<AB::Expr>,
    cells: &Below<AB::Var>,
    count: &AB::Expr,
    builder: &mut AB,
) {
    let Distance { high, low, limb } = distance.clone();
    let far: AB::Expr = cells.far.into();
    builder.constrain_bool("SECP256K1-14", far.clone());
    builder.constrain("SECP256K1-15", high.clone() * low * cells.inverse - far.clone());
    builder.constrain("SECP256K1-16", (count.clone() - far.clone()) * (high - AB::Expr::ONE));
    let top = constant::<AB>(MODULUS[0] - 1);
    buses::range(builder, top + far * constant::<AB>(FOLD) - limb, count.clone());
}

/// The call, and the blocks of its operands: those of Q in the row of the slope, those of the
/// result and of P in the rows of coordinates.
fn calls<AB: ChipBuilder>(row: &Row<AB::Var>, value: &Limbs<AB::Expr>, builder: &mut AB) {
    let [result, p, q] = row.cells.map(Into::<AB::Expr>::into);
    let is_slope = row.is_add.into() + row.is_double;
    let is_coordinate = row.is_x.into() + row.is_y;
    let kinds = [(row.is_add, Function::SecpAdd), (row.is_double, Function::SecpDouble)];
    let sum = |part: fn(Function) -> u32| -> AB::Expr {
        kinds.map(|(flag, function)| flag.into() * constant::<AB>(part(function))).into_iter().sum()
    };
    let call = Call {
        number: sum(Function::number),
        operands: sum(|function| function.operands().len() as u32),
        clock: row.clock.into(),
        cells: [result.clone(), p.clone(), q.clone(), AB::Expr::ZERO],
    };
    buses::receive(builder, CALL, call.tuple(), is_slope);

    let eight = constant::<AB>(8);
    let [old, point] = [row.old, row.point].map(|limbs| limbs.map(Into::<AB::Expr>::into));
    let behind = row.is_y.into() * eight.clone();
    let blocks = [
        (0, result + behind.clone(), &old, value, is_coordinate.clone()),
        (1, p + behind, &point, &point, is_coordinate),
        (2, q.clone(), value, value, row.is_add.into()),
        (2, q + eight, &old, &old, row.is_add.into()),
    ];
    for (operand, cell, before, after, count) in blocks {
        let block = Block {
            clock: row.clock.into(),
            slot: constant::<AB>(slot::OPERANDS[operand]),
            cell,
            before: before.clone(),
            after: after.clone(),
        };
        buses::send(builder, BLOCK, block.tuple(), count);
    }
}

/// What the rows of a call know of each other. Step 1 leads to the row of x, step 2 to that of y.
fn links<AB: ChipBuilder>(row: &Row<AB::Var>, value: &Limbs<AB::Expr>, builder: &mut AB) {
    let is_slope = row.is_add.into() + row.is_double;
    let is_coordinate: AB::Expr = row.is_x.into() + row.is_y;
    let from = row.is_x.into() + row.is_y.into().double();
    let to = is_slope.clone() + row.is_x.into().double();
    let [point, other] = [row.point, row.other].map(|limbs| limbs.map(Into::<AB::Expr>::into));
    let run = from_fn(|k| value[k].clone() - point[k].clone());
    let count = is_slope.clone() + row.is_x;
    buses::send(builder, SECP256K1_SLOPE, slope_tuple::<AB>(row, to, run), count);
    let taken = slope_tuple::<AB>(row, from.clone(), other.clone());
    buses::receive(builder, SECP256K1_SLOPE, taken, is_coordinate.clone());

    let tuple = |step, limbs| coordinate_tuple::<AB>(row, step, limbs);
    buses::send(builder, SECP256K1_COORDINATE, tuple(AB::Expr::ONE, &point), is_slope.clone());
    buses::send(builder, SECP256K1_COORDINATE, tuple(AB::Expr::TWO, &other), is_slope);
    buses::receive(builder, SECP256K1_COORDINATE, tuple(from, &point), is_coordinate);
}

/// The tuple of the slope bus.
fn slope_tuple<AB: ChipBuilder>(
    row: &Row<AB::Var>,
    step: AB::Expr,
    run: Limbs<AB::Expr>,
) -> [AB::Expr; 52] {
    let [result, p, _] = row.cells;
    let head = [row.clock.into(), step, result.into(), p.into()];
    let digits = row.slope.low.into_iter().chain(row.slope.high).map(Into::into);
    let mut parts = head.into_iter().chain(digits).chain(run);
    from_fn(|_| parts.next().unwrap_or(AB::Expr::ZERO))
}

/// The tuple of the coordinate bus.
fn coordinate_tuple<AB: ChipBuilder>(
    row: &Row<AB::Var>,
    step: AB::Expr,
    limbs: &Limbs<AB::Expr>,
) -> [AB::Expr; 18] {
    let mut parts = [row.clock.into(), step].into_iter().chain(limbs.iter().cloned());
    from_fn(|_| parts.next().unwrap_or(AB::Expr::ZERO))
}
