//! Whole calls as a forger fills them.

use minster_precompiles::modular::{self, Division};
use minster_precompiles::secp256k1;
use p3_field::Field;

use super::*;
use crate::buses::{ALIGN, BYTES, RANGE, SECP256K1_COORDINATE, SECP256K1_SLOPE};

type Operation = fn(&Block, &Block, &Block) -> Result<Division, minster_precompiles::Refusal>;

fn modulo(operation: Operation, a: &Block, b: &Block) -> Block {
    operation(a, b, &P).unwrap().result
}

fn times(a: &Block, b: &Block) -> Block {
    modulo(modular::mul, a, b)
}

fn plus(a: &Block, b: &Block) -> Block {
    modulo(modular::add, a, b)
}

fn minus(a: &Block, b: &Block) -> Block {
    modulo(modular::sub, a, b)
}

fn small(number: u32) -> Block {
    [number, 0, 0, 0, 0, 0, 0, 0]
}

/// A number plus the modulus, if that has 256 bits.
fn beyond(number: &Block) -> Block {
    let mut carry = 0;
    let sum = core::array::from_fn(|k| {
        carry += u64::from(number[k]) + u64::from(P[k]);
        let word = carry as u32;
        carry >>= 32;
        word
    });
    assert_eq!(carry, 0);
    sum
}

/// The sum of two points as a slope makes it.
fn third(p: [&Block; 2], qx: &Block, slope: &Block) -> [Block; 2] {
    let x = minus(&minus(&times(slope, slope), p[0]), qx);
    [x, minus(&times(slope, &minus(p[0], &x)), p[1])]
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(String::from).collect()
}

/// Faults of rows with this slope, and a result that follows from it.
fn faults_with(function: Function, coordinates: [Block; 4], slope: &Block) -> BTreeSet<String> {
    let [px, py, qx, _] = &coordinates;
    let other = if function == Function::SecpAdd { qx } else { px };
    let after = third([px, py], other, slope);
    let sample = Sample::with(function, &coordinates, after);
    faults(&sample.rows_with(slope, &mut LookupCounts::default()), &[&sample])
}

/// An addition of two points, all of whose coordinates and whose result are small.
fn small_addition() -> ([Block; 4], Block, [Block; 2]) {
    // A slope and x of R, P and Q that agree, then y of P such that R has y = 7.
    let (slope, rx) = (small(11), small(5));
    let px = small(20);
    let qx = minus(&minus(&times(&slope, &slope), &px), &rx);
    let py = minus(&times(&slope, &minus(&px, &rx)), &small(7));
    let qy = plus(&py, &times(&slope, &minus(&qx, &px)));
    ([px, py, qx, qy], slope, [rx, small(7)])
}

#[test]
fn the_slope_is_not_free() {
    let coordinates = {
        let mut state = 3;
        [(); 4].map(|()| random(&mut state))
    };
    let [px, py, qx, qy] = &coordinates;
    let chord = secp256k1::chord([px, py], [qx, qy]).unwrap();
    let tangent = secp256k1::tangent([px, py]).unwrap();
    for (function, slope) in [(Function::SecpAdd, chord), (Function::SecpDouble, tangent)] {
        assert_eq!(faults_with(function, coordinates, &slope), none());
        let [zero, one] = [small(0), small(1)];
        let negative = minus(&zero, &slope);
        let others = [zero, one, plus(&slope, &one), minus(&slope, &one), negative, px.to_owned()];
        for other in others {
            let faults = faults_with(function, coordinates, &other);
            assert!(faults.contains("SECP256K1-12"), "{faults:?}");
        }
    }
    // Each function with the slope of the other one.
    for (function, slope) in [(Function::SecpAdd, tangent), (Function::SecpDouble, chord)] {
        assert!(faults_with(function, coordinates, &slope).contains("SECP256K1-12"));
    }
}

#[test]
fn refused_points_have_no_slope() {
    let mut state = 5;
    let [x, y, z] = [(); 3].map(|()| random(&mut state));
    let zero = small(0);
    let add = |coordinates, slope| faults_with(Function::SecpAdd, coordinates, &slope);
    let double = |x, slope| faults_with(Function::SecpDouble, [x, zero, x, zero], &slope);
    // Any slope satisfies every equation where the slope divides zero by zero.
    for slope in [zero, small(1), secp256k1::tangent([&x, &y]).unwrap(), z] {
        assert_eq!(add([x, y, x, y], slope), set(["SECP256K1-11"]));
        assert_eq!(double(zero, slope), set(["SECP256K1-11"]));
        assert!(add([x, y, x, z], slope).contains("SECP256K1-11"));
        assert!(double(x, slope).contains("SECP256K1-11"));
    }
    // Equal points whose x is written in two ways.
    let five = small(5);
    let faults = add([five, y, beyond(&five), y], z);
    assert!(faults.contains(RANGE), "{faults:?}");
}

/// Rows that satisfy every equation, with one number written as itself plus the modulus.
#[test]
fn numbers_beyond_the_modulus_are_refused() {
    let (coordinates, slope, result) = small_addition();
    let mut counts = LookupCounts::default();
    let mut check = |coordinates: &[Block; 4], result, slope: &Block| {
        let sample = Sample::with(Function::SecpAdd, coordinates, result);
        let mut rows = sample.rows_with(slope, &mut counts);
        let honest = faults(&rows, &[&sample]);
        // Whatever is claimed of the distances, in all rows at once.
        let mut faults_ = vec![honest.clone()];
        for far in [F::ZERO, F::ONE] {
            for row in &mut rows {
                row.value_below.far = far;
                row.other_below.far = far;
            }
            faults_.push(faults(&rows, &[&sample]));
        }
        (honest, faults_)
    };
    assert_eq!(check(&coordinates, result, &slope).0, none());
    let [x, y] = result;
    for forged in [[beyond(&x), y], [x, beyond(&y)]] {
        let (natural, claims) = check(&coordinates, forged, &slope);
        assert_eq!(natural, set([RANGE]));
        assert!(claims.iter().all(|faults| !faults.is_empty()));
    }
    // Each coordinate of an operand small in turn; the slope is that of the numbers modulo m.
    let mut state = 11;
    for index in 0..4 {
        let mut points = [(); 4].map(|()| random(&mut state));
        points[index] = small(900 + index as u32);
        let [px, py, qx, qy] = &points;
        let slope = secp256k1::chord([px, py], [qx, qy]).unwrap();
        let result = third([px, py], qx, &slope);
        assert_eq!(check(&points, result, &slope).0, none());
        points[index] = beyond(&points[index]);
        let (natural, claims) = check(&points, result, &slope);
        assert_eq!(natural, set([RANGE]), "{index}");
        assert!(claims.iter().all(|faults| !faults.is_empty()), "{index}");
    }
    // The largest ones, and the modulus itself.
    for forged in [P, [!0; 8], [0xffff_ffff, 0, !0, !0, !0, !0, !0, !0]] {
        let points = [small(3), forged, small(4), small(9)];
        let honest = check(&points, result, &slope).0;
        assert_eq!(honest.contains(RANGE) || honest.contains("SECP256K1-16"), forged[1] != 0);
    }
}

#[test]
fn the_result_is_not_free() {
    let mut counts = LookupCounts::default();
    for sample in samples() {
        let [x, y] = sample.after;
        let [px, py] = [&sample.before[2], &sample.before[3]];
        let slope = match sample.before.get(4..6) {
            Some([qx, qy]) => secp256k1::chord([px, py], [qx, qy]),
            _ => secp256k1::tangent([px, py]),
        };
        let slope = slope.unwrap();
        let one = small(1);
        let others = [
            [x, minus(&small(0), &y)],
            [plus(&x, &one), y],
            [x, plus(&y, &one)],
            [y, x],
            [*px, *py],
            [small(0), small(0)],
        ];
        for after in others {
            let forged = Sample { after, ..sample.clone() };
            let faults = faults(&forged.rows_with(&slope, &mut counts), &[&forged]);
            assert!(faults.contains("SECP256K1-12"), "{faults:?}");
        }
        // A right result that is not the one which goes to memory.
        let forged = Sample { after: [y, x], ..sample.clone() };
        assert_eq!(faults(&sample.rows(&mut counts), &[&forged]), set([BLOCK]));
    }
}

/// y plus 1, with a top limb of the quotient and with carries that solve every equation modulo p.
#[test]
fn carries_do_not_wrap() {
    let mut counts = LookupCounts::default();
    for sample in samples() {
        let [slope, x, mut y] = sample.rows(&mut counts);
        let mut changes = [F::ZERO; 32];
        changes[0] = -F::ONE;
        let base = F::from_u32(1 << 16);
        let weight = |k| base.exp_u64(k);
        let fold = F::from_u32(977);
        let limb = (fold * weight(15) + weight(17) - weight(31)).inverse();
        changes[15] += fold * limb;
        changes[17] += limb;
        changes[31] -= limb;
        y.value.low[0] += F::ONE;
        y.quotient[15] += limb;
        let mut carry = F::ZERO;
        for (cell, change) in y.carries.iter_mut().zip(changes) {
            carry = (carry + change) / base;
            *cell += carry;
        }
        let product = (y.value_below.inverse, y.value_below.far);
        assert_eq!(product.1, F::ONE, "the distance does not depend on limb 0");
        let mut forged = sample.clone();
        forged.after[1][0] += 1;
        assert_eq!(faults(&[slope, x, y], &[&forged]), set([ALIGN]));
    }
}

/// A limb of a factor with other digits.
#[test]
fn digits_are_in_range() {
    let mut counts = LookupCounts::default();
    let [sample, _] = samples();
    let [.., mut y] = sample.rows(&mut counts);
    for k in 0..16 {
        y.factor.low[k] += F::from_u32(256);
        y.factor.high[k] -= F::ONE;
    }
    let report = report::<Secp256k1>(&flatten(y));
    let bytes = report.unanswered().iter().filter(|message| message.bus == BYTES).count();
    assert_eq!(bytes, 16);
    assert!(!report.violations.contains(&"SECP256K1-6"));
}

#[test]
fn rows_of_different_calls_do_not_mix() {
    let mut counts = LookupCounts::default();
    let [add, double] = samples();
    let mut other = Sample::new(Function::SecpAdd, &[small(1), small(2), small(3), small(5)]);
    let other = other.as_mut().unwrap();
    // Of one tick, and of two.
    for clock in [CLOCK, CLOCK + 1] {
        other.clock = clock;
        let first = add.rows(&mut counts);
        let second = other.rows(&mut counts);
        if clock != CLOCK {
            let rows = [first, second].concat();
            assert_eq!(faults(&rows, &[&add, other]), none());
        }
        for swapped in 0..3 {
            let mut rows = first;
            rows[swapped] = second[swapped];
            assert!(faults(&rows, &[&add]).contains(SECP256K1_SLOPE), "{clock} {swapped}");
        }
    }
    // The slope of a doubling, and the coordinates of an addition to the same point.
    let [slope, ..] = double.rows(&mut counts);
    let [_, x, y] = add.rows(&mut counts);
    assert!(faults(&[slope, x, y], &[&double]).contains(SECP256K1_SLOPE));
}

#[test]
fn steps_are_not_skipped_or_repeated() {
    let mut counts = LookupCounts::default();
    for sample in samples() {
        let [slope, x, y] = sample.rows(&mut counts);
        let open = |rows: &[Row], call: bool| {
            let calls: &[&Sample] = if call { &[&sample] } else { &[] };
            faults(rows, calls)
        };
        let links = [SECP256K1_SLOPE, SECP256K1_COORDINATE];
        for rows in [&[slope][..], &[slope, x], &[slope, y], &[x, y], &[slope, x, x, y]] {
            let faults = open(rows, true);
            assert!(links.iter().any(|bus| faults.contains(*bus)), "{faults:?}");
        }
        // Without a call, and a call twice.
        assert!(open(&[slope, x, y], false).contains(CALL));
        assert!(open(&[slope, x, y, slope, x, y], true).contains(CALL));
        for rows in [&[x][..], &[y], &[x, y]] {
            assert!(open(rows, false).contains(SECP256K1_SLOPE));
        }
        // y in the place of x: the step tells them apart.
        let mut early = y;
        (early.is_x, early.is_y) = (F::ONE, F::ZERO);
        assert!(open(&[slope, early, y], true).contains(SECP256K1_SLOPE));
    }
}
