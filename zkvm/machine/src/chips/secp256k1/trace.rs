//! Rows of the secp256k1 chip.

use core::array::from_fn;

use minster_precompiles::{Block, Function, secp256k1};
use p3_field::{Field, PrimeCharacteristicRing};

use super::constraints::distance;
use super::{Below, Distance, EXCESS, EXCESS_START, FOLD, MODULUS, Secp256k1, Secp256k1Row as Row};
use crate::F;
use crate::chips::bignum::{Bytes, COEFFICIENTS, Factor, bytes, carries, limbs};
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

/// Limbs of a coordinate, or of a difference of two.
pub(super) type Limbs = [i64; 16];

/// A doubling's coefficient below this has its excess bit set.
pub(super) const LOW_COEFFICIENT: i64 = -5000 << 16;
/// The inverse of [`FOLD`] modulo 2^16.
const FOLD_INVERSE: i64 = 13_617;

impl PrecompileTable for Secp256k1 {
    const ROWS: usize = 3;

    fn fill(call: &CallRecord<'_>, rows: &mut [Row<F>], counts: &mut LookupCounts) {
        let Some(operands) = Operands::new(call) else { return };
        // Refused operands are never recorded. If they were, no slope would satisfy the rows.
        let slope = operands.slope(call).unwrap_or_default();
        for (row, step) in rows.iter_mut().zip(Step::ALL) {
            *row = operands.row(&slope, step, counts);
        }
    }
}

/// Which of the three rows of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Slope,
    X,
    Y,
}

impl Step {
    /// The rows in their order.
    pub(super) const ALL: [Self; 3] = [Self::Slope, Self::X, Self::Y];
}

/// A call's numbers as limbs. Q is P in a doubling.
pub(super) struct Operands {
    is_double: bool,
    clock: u32,
    cells: [u32; 4],
    old: [Limbs; 2],
    p: [Limbs; 2],
    q: [Limbs; 2],
    result: [Limbs; 2],
}

impl Operands {
    pub(super) fn new(call: &CallRecord<'_>) -> Option<Self> {
        let is_double = call.function == Function::SecpDouble;
        let [old_x, old_y, px, py, rest @ ..] = call.before else { return None };
        let [x, y] = call.after else { return None };
        let (qx, qy) = if is_double { (px, py) } else { (rest.first()?, rest.get(1)?) };
        let point = |x: &Block, y: &Block| [x, y].map(number);
        Some(Self {
            is_double,
            clock: call.clock,
            cells: call.cells,
            old: point(old_x, old_y),
            p: point(px, py),
            q: point(qx, qy),
            result: point(x, y),
        })
    }

    /// The slope of a call that is not refused.
    fn slope(&self, call: &CallRecord<'_>) -> Option<Limbs> {
        let [_, _, px, py, rest @ ..] = call.before else { return None };
        let slope = match rest {
            [qx, qy, ..] => secp256k1::chord([px, py], [qx, qy]),
            _ => secp256k1::tangent([px, py]),
        };
        slope.ok().as_ref().map(number)
    }

    /// One row, with its lookups counted.
    pub(super) fn row(&self, slope: &Limbs, step: Step, counts: &mut LookupCounts) -> Row<F> {
        let ([px, py], [qx, qy], [x, y], [old_x, old_y]) = (self.p, self.q, self.result, self.old);
        let run = |x: &Limbs| from_fn(|k| x[k] - px[k]);
        let is_double = self.is_double && step == Step::Slope;
        let is_add = !self.is_double && step == Step::Slope;
        let numbers = match step {
            Step::Slope => Numbers { value: qx, point: px, other: py, old: qy },
            Step::X => Numbers { value: x, point: px, other: run(&qx), old: old_x },
            Step::Y => Numbers { value: y, point: py, other: run(&x), old: old_y },
        };
        let slope = Digits::new(slope);
        let factor = match step {
            Step::Slope if is_add => Digits::new(&run(&qx)),
            Step::Slope => Digits::new(&py),
            Step::X => Digits { borrows: [0; 16], ..slope },
            Step::Y => Digits::new(&run(&x)),
        };
        let mut coefficients = equation(&numbers, [&slope, &factor], (is_add, is_double), step);
        let quotient = divide(&mut coefficients);
        let excess = if is_double { excess(&mut coefficients) } else { [0; 16] };
        let old = if is_double { excess } else { numbers.old };
        let (distance, other_below) = match step {
            Step::Slope if is_double => Default::default(),
            Step::Slope => below(&numbers.old, counts),
            _ => below(&numbers.point, counts),
        };
        count(&factor, &quotient, counts);
        let digits = factor.cells();
        let squares: F = [digits.low, digits.high].iter().flatten().map(F::square).sum();
        let is_slope = step == Step::Slope;
        Row {
            is_add: F::from_bool(is_add),
            is_double: F::from_bool(is_double),
            is_x: F::from_bool(step == Step::X),
            is_y: F::from_bool(step == Step::Y),
            clock: F::from_u32(self.clock),
            cells: [self.cells[0], self.cells[1], self.cells[2]].map(F::from_u32),
            slope: slope.cells(),
            factor: digits,
            borrows: factor.borrows.map(F::from_i64),
            value: bytes(&numbers.value.map(|limb| limb as u32), counts),
            point: numbers.point.map(F::from_i64),
            other: numbers.other.map(F::from_i64),
            old: old.map(F::from_i64),
            quotient: quotient.map(F::from_i64),
            carries: carries(&coefficients, counts),
            factor_inverse: if is_slope { inverse(squares) } else { F::ZERO },
            value_below: below(&numbers.value, counts).1,
            distance,
            other_below,
        }
    }
}

/// A number modulo the field's modulus, in digits from -128 to 127.
#[derive(Clone, Copy)]
struct Digits {
    bytes: Bytes<i64>,
    borrows: [i64; 16],
}

impl Digits {
    /// The digits of a number between the modulus and its negative. One of three multiples of the
    /// modulus brings it into their range.
    fn new(number: &Limbs) -> Self {
        let tries = [0, 1, -1].map(|multiple| (multiple, Self::less(number, multiple)));
        let [(_, first), ..] = tries;
        let found = tries.iter().find(|(multiple, digits)| digits.borrows[15] == *multiple);
        found.map_or(first, |(_, digits)| *digits)
    }

    /// The digits of a number less a multiple of the modulus, if that is what is borrowed last.
    fn less(number: &Limbs, multiple: i64) -> Self {
        let fold = |k: usize| match k {
            0 => multiple * i64::from(FOLD),
            2 => multiple,
            _ => 0,
        };
        let digit = |value: i64| ((value + 128) & 0xff) - 128;
        let mut digits = Self { bytes: Bytes::default(), borrows: [0; 16] };
        let mut borrow = 0;
        for (k, limb) in number.iter().enumerate() {
            let value = limb + fold(k) + borrow;
            let low = digit(value);
            let high = digit((value - low) >> 8);
            borrow = (value - low - (high << 8)) >> 16;
            digits.bytes.low[k] = low;
            digits.bytes.high[k] = high;
            digits.borrows[k] = borrow;
        }
        digits
    }

    /// The digits as one side of a product.
    fn factor(&self) -> Factor<i64> {
        let Bytes { low, high } = self.bytes;
        Factor { limbs: from_fn(|k| low[k] + (high[k] << 8)), highs: high }
    }

    /// The cells of the digits.
    fn cells(&self) -> Bytes<F> {
        Bytes { low: self.bytes.low.map(F::from_i64), high: self.bytes.high.map(F::from_i64) }
    }
}

/// The limbs of a number in memory.
pub(super) fn number(block: &Block) -> Limbs {
    limbs(block).map(i64::from)
}

/// The limbs of a row.
struct Numbers {
    value: Limbs,
    point: Limbs,
    other: Limbs,
    old: Limbs,
}

/// The coefficients of a row's equation without its quotient.
fn equation(
    numbers: &Numbers,
    [slope, factor]: [&Digits; 2],
    (is_add, is_double): (bool, bool),
    step: Step,
) -> [i64; COEFFICIENTS] {
    let Numbers { value, point, other, old } = numbers;
    let times = if is_double { 2 } else { 1 };
    let mut sum = slope.factor().times(&factor.factor()).map(|product| -times * product);
    if is_double {
        let [value, modulus] = [&value.map(|limb| limb as u32), &MODULUS].map(Factor::of);
        let square = value.times(&(value.clone() - modulus));
        sum.iter_mut().zip(square).for_each(|(sum, square)| *sum += 3 * square);
    }
    for (k, sum) in sum.iter_mut().take(16).enumerate() {
        *sum += match step {
            Step::Slope if is_add => old[k] - other[k],
            Step::Slope => 0,
            Step::X => value[k] + other[k] + 2 * point[k],
            Step::Y => -value[k] - point[k],
        };
    }
    sum
}

/// Takes the multiple of the field's modulus that a number is from it, and says which: the limbs
/// that make each coefficient in turn a multiple of 2^16, the last ones as a sign.
fn divide(coefficients: &mut [i64; COEFFICIENTS]) -> [i64; 16] {
    let mut limbs = [0; 17];
    let mut carry = 0;
    for k in 0..17 {
        let sum = coefficients[k] + carry + multiple(&limbs, k);
        limbs[k] = (-sum * FOLD_INVERSE) & 0xffff;
        carry = (sum + i64::from(FOLD) * limbs[k]) >> 16;
    }
    let [quotient @ .., sign] = limbs;
    let mut quotient: Limbs = quotient;
    quotient[15] += (sign << 48 >> 48) << 16;
    for (k, sum) in coefficients.iter_mut().enumerate() {
        *sum += multiple(&quotient, k);
    }
    quotient
}

/// Coefficient `k` of a quotient's limbs times the field's modulus, negated.
fn multiple(quotient: &[i64], k: usize) -> i64 {
    let limb = |k: Option<usize>| k.and_then(|k| quotient.get(k)).copied().unwrap_or(0);
    limb(Some(k)) * i64::from(FOLD) + limb(k.checked_sub(2)) - limb(k.checked_sub(16))
}

/// Sets the excess bits of a doubling, which raise coefficients that are too low for their carries.
fn excess(coefficients: &mut [i64; COEFFICIENTS]) -> Limbs {
    from_fn(|index| {
        let k = EXCESS_START + index;
        let bit = i64::from(coefficients[k] < LOW_COEFFICIENT);
        coefficients[k] += (bit * i64::from(EXCESS)) << 16;
        coefficients[k + 1] -= bit * i64::from(EXCESS);
        bit
    })
}

/// The distance of a coordinate from the modulus, and what shows that it is below.
fn below(number: &Limbs, counts: &mut LookupCounts) -> (Distance<F>, Below<F>) {
    let distance = distance(&number.map(F::from_i64), &F::ONE);
    let product = distance.high * distance.low;
    let far = product != F::ZERO;
    let top = i64::from(MODULUS[0]) - 1 + i64::from(FOLD) * i64::from(far);
    if let Ok(gap) = u32::try_from(top - number[0]) {
        counts.range(gap);
    }
    (distance, Below { far: F::from_bool(far), inverse: inverse(product) })
}

fn inverse(value: F) -> F {
    value.try_inverse().unwrap_or(F::ZERO)
}

/// Counts the digits of the factor and the limbs of the quotient.
fn count(factor: &Digits, quotient: &Limbs, counts: &mut LookupCounts) {
    let byte = |digit: i64| (digit + 128) as u32;
    for (low, high) in factor.bytes.low.into_iter().zip(factor.bytes.high) {
        counts.bytes(byte(low), byte(high));
    }
    for limb in &quotient[..15] {
        counts.range(*limb as u32);
    }
}
