//! Whole rows that a forger would like: everything fits, except what makes the result the only one.

use super::*;
use crate::chips::bignum::{CARRIES, LIMBS};

/// What a forger chooses, limb by limb; quotient limbs may be any integers.
struct Claim {
    function: Function,
    operands: [Block; 3],
    quotient: [i64; LIMBS],
    result: [i64; LIMBS],
}

fn integers(words: &Block) -> [i64; LIMBS] {
    limbs(words).map(i64::from)
}

impl Claim {
    fn new(function: Function, operands: [Block; 3], quotient: Block, result: Block) -> Self {
        let (quotient, result) = (integers(&quotient), integers(&result));
        Self { function, operands, quotient, result }
    }

    /// The row, with carries that satisfy every equation but the last, and the best comparison.
    fn row(&self) -> ModularRow<F> {
        let mut row = row(self.function, self.operands);
        row.quotient.low = self.quotient.map(|limb| F::from_i64(limb & 0xff));
        row.quotient.high = self.quotient.map(|limb| F::from_i64(limb >> 8));
        row.result = self.result.map(F::from_i64);
        row.carries = [F::ZERO; CARRIES];
        // With all carries 0, the equations show the coefficients.
        let cells = flatten(row);
        let coefficients = coefficients(&cells);
        let mut carry = F::ZERO;
        for (cell, coefficient) in row.carries.iter_mut().zip(coefficients) {
            carry = (carry + coefficient) * F::from_u32(1 << 16).inverse();
            *cell = carry;
        }
        let result = self.result.map(|limb| u32::try_from(limb).unwrap_or(0));
        let modulus = limbs(&self.operands[2]);
        row.less = COUNTS.with_borrow_mut(|counts| less_cells(&result, &modulus, counts));
        row
    }
}

/// The values of the equations of a row.
fn coefficients(cells: &[F]) -> Vec<F> {
    #[derive(Default)]
    struct Equations(Vec<F>);
    impl crate::evaluation::Listener for Equations {
        fn constraint(&mut self, id: &'static str, value: F) {
            if id == "MODULAR-5" {
                self.0.push(value);
            }
        }
        fn message(&mut self, _: &str, _: Vec<F>, _: F, _: u32) {}
    }
    let mut evaluation = crate::evaluation::Evaluation::new(cells, &[], &[], Equations::default());
    let row = <ModularRow<F> as crate::cells::Cells<F>>::read(&mut cells.iter()).unwrap();
    <Modular as crate::table::Table>::eval(&row, &mut evaluation);
    evaluation.listener.0
}

/// The ids that a row violates, and the buses of its unanswered lookups, each once.
fn faults(row: ModularRow<F>) -> (Vec<&'static str>, Vec<String>) {
    let report = report::<Modular>(&flatten(row));
    let mut buses: Vec<String> =
        report.unanswered().iter().map(|message| message.bus.clone()).collect();
    let mut ids = report.violations;
    ids.dedup();
    buses.sort();
    buses.dedup();
    (ids, buses)
}

/// All is well, but nothing shows that the result is below the modulus.
fn assert_only_not_less(row: ModularRow<F>) {
    let (ids, buses) = faults(row);
    assert!(ids.contains(&"MODULAR-7") && !ids.contains(&"MODULAR-5"), "{ids:?}");
    assert!(buses.is_empty(), "{buses:?}");
}

fn small(value: u32) -> Block {
    [value, 0, 0, 0, 0, 0, 0, 0]
}

#[test]
fn a_claim_that_is_true_is_accepted() {
    let [a, b, m] = [N, EDGES[8], P];
    let result = compute(Function::ModMul, [a, b, m]).unwrap();
    let quotient = minster_precompiles::modular::mul(&a, &b, &m).unwrap().quotient;
    assert_eq!(Claim::new(Function::ModMul, [a, b, m], quotient, result).row(), row_of([a, b, m]));
    assert!(accepts(Claim::new(Function::ModMul, [a, b, m], quotient, result).row()));
}

fn row_of(operands: [Block; 3]) -> ModularRow<F> {
    row(Function::ModMul, operands)
}

/// Results that differ from the right one by a multiple of the modulus.
#[test]
fn a_result_that_is_not_reduced() {
    // 7·8 = 3·17 + 5 = 2·17 + 22, 9 + 8 = 0·17 + 17, 3 + 17 = 1·17 + 3.
    for (function, a, b, quotient, result) in [
        (Function::ModMul, 7, 8, 2, 22),
        (Function::ModAdd, 9, 8, 0, 17),
        (Function::ModSub, 3, 17, 2, 20),
    ] {
        let operands = [small(a), small(b), small(17)];
        let mut row = Claim::new(function, operands, small(quotient), small(result)).row();
        assert_only_not_less(row);
        // With the flag at any limb, and the gap that it asks for.
        for k in 0..LIMBS {
            row.less = Less::default();
            row.less.first[k] = F::ONE;
            let limbs = limbs(&operands[2]);
            row.less.gap = F::from_u32(limbs[k]) - row.result[k] - F::ONE;
            assert_eq!(faults(row).1, [buses::RANGE], "{k}");
        }
    }
    // The modulus and its multiples themselves, over all limbs.
    let row = Claim::new(Function::ModMul, [P, ONE, P], ZERO, P).row();
    assert_only_not_less(row);
}

/// Each result below twice a small modulus, with each quotient that could go with it: one pair is
/// accepted.
#[test]
fn there_is_one_result() {
    for (a, b) in [(0, 0), (3, 4), (1, 5), (4, 4), (3, 13)] {
        for function in FUNCTIONS {
            let operands = [small(a), small(b), small(5)];
            let expected = compute(function, operands).unwrap();
            for result in 0..10 {
                let claims = (0..12).map(|quotient| {
                    Claim::new(function, operands, small(quotient), small(result)).row()
                });
                let accepted = claims.filter(|row| accepts(*row)).count();
                assert_eq!(accepted, usize::from(small(result) == expected), "{a} {b} {result}");
            }
        }
    }
}

/// Quotients that are no number of 256 bits.
#[test]
fn a_quotient_has_256_bits() {
    let ids = Vec::<&str>::new;
    // (2^256 - 1)·2 = q·1 + 0: with limbs that are too large, everything else fits.
    let mut claim = Claim::new(Function::ModMul, [ONES, small(2), ONE], ONES, ZERO);
    claim.quotient = [0x1_fffe; LIMBS];
    assert_eq!(faults(claim.row()), (ids(), vec![buses::BYTES.to_owned()]));
    // 9 - 0 = 1·7 + 2 is not what a subtraction shows: its quotient would be -1.
    let mut claim = Claim::new(Function::ModSub, [small(9), ZERO, small(7)], ZERO, small(2));
    claim.quotient[0] = -1;
    assert_eq!(faults(claim.row()), (ids(), vec![buses::BYTES.to_owned()]));
    assert_eq!(compute(Function::ModSub, [small(9), ZERO, small(7)]), None);
    assert!(!accepts(row(Function::ModSub, [small(9), ZERO, small(7)])));
}

/// Whatever the quotient: nothing is below a modulus of 0.
#[test]
fn no_modulus_is_zero() {
    for function in FUNCTIONS {
        for (a, b) in [(0, 0), (1, 1), (5, 3)] {
            let whole = match function {
                Function::ModMul => a * b,
                Function::ModAdd => a + b,
                _ => a - b,
            };
            let claim = Claim::new(function, [small(a), small(b), ZERO], ONES, small(whole));
            assert_only_not_less(claim.row());
        }
    }
}

/// Wrong results with carries that satisfy every equation they can: those that are out of range
/// are refused, and if none is, the last equation fails.
#[test]
fn carries_do_not_hide_a_wrong_result() {
    let mut random = Random(3);
    for index in 0..300 {
        let (function, operands) = (FUNCTIONS[index % 3], [N, EDGES[8], P]);
        let right = row(function, operands);
        let mut row = Claim::new(function, operands, random.block(), random.block()).row();
        assert!(!accepts(row));
        row = Claim::new(function, operands, ZERO, ZERO).row();
        row.quotient = right.quotient;
        row.result = right.result;
        row.result[index % LIMBS] += F::from_u32(random.next() % 3 + 1);
        assert!(!accepts(row));
    }
    // The same number from limbs that are none.
    let mut row = row(Function::ModAdd, [ONE, ONE, P]);
    row.result[0] += F::from_u32(1 << 16);
    row.result[1] -= F::ONE;
    row.carries[0] -= F::ONE;
    assert_eq!(faults(row), (vec![], vec![buses::RANGE.to_owned()]));
    // Half a carry: 1·1 = 1 + 2^15 - 2^16/2, and the rest at the next limb.
    let mut row = super::row(Function::ModMul, [ONE, ONE, P]);
    row.carries[0] = -F::TWO.inverse();
    row.result[0] += F::from_u32(1 << 15);
    row.result[1] -= F::TWO.inverse();
    let (ids, buses) = faults(row);
    assert_eq!(ids, Vec::<&str>::new());
    assert_eq!(buses, [buses::ALIGN, buses::RANGE]);
}

/// The carries' bounds, and one beyond each.
#[test]
fn carries_are_bounded() {
    for (carry, accepted) in [
        (-CARRY_OFFSET - 1, false),
        (-CARRY_OFFSET, true),
        (CARRY_OFFSET - 1, true),
        (CARRY_OFFSET, false),
    ] {
        let mut row = row(Function::ModMul, [ONE, ONE, P]);
        row.carries[7] = F::from_i64(carry);
        assert_eq!(faults(row).1.is_empty(), accepted, "{carry}");
    }
}

/// The same limbs from bytes that are none.
#[test]
fn bytes_are_bytes() {
    let shift = |bytes: &mut crate::chips::bignum::Bytes<F>| {
        bytes.low[0] += F::from_u32(1 << 8);
        bytes.high[0] -= F::ONE;
    };
    let honest = row(Function::ModAdd, [N, N, P]);
    let changed = |change: &dyn Fn(&mut ModularRow<F>)| {
        let mut row = honest;
        change(&mut row);
        row
    };
    for row in [
        changed(&|row| shift(&mut row.a)),
        changed(&|row| shift(&mut row.b)),
        changed(&|row| shift(&mut row.m)),
        changed(&|row| shift(&mut row.quotient)),
    ] {
        assert_eq!(faults(row).1, [buses::BYTES]);
    }
}

/// A row does what the number in its call says, on the blocks of that call.
#[test]
fn functions_and_operands_are_not_exchanged() {
    let operands = [N, EDGES[8], P];
    let swapped = [EDGES[8], N, P];
    let said = |function, operands| {
        let report = report::<Modular>(&flatten(row(function, operands)));
        assert!(is_accepted(&report));
        report.balance()
    };
    let mut seen = Vec::new();
    for function in FUNCTIONS {
        for operands in [operands, swapped] {
            let balance = said(function, operands);
            assert!(!seen.contains(&balance), "{function:?}");
            seen.push(balance);
        }
    }
    // A claim with one function's numbers and another one's result.
    for function in FUNCTIONS {
        for other in FUNCTIONS.into_iter().filter(|other| *other != function) {
            let mut row = row(function, operands);
            let of = super::row(other, operands);
            (row.result, row.quotient) = (of.result, of.quotient);
            (row.carries, row.less) = (of.carries, of.less);
            assert!(!accepts(row), "{function:?} {other:?}");
        }
    }
    assert_eq!(words(number(&N)), N);
}
