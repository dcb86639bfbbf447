mod bounds;
mod forgeries;

use std::collections::BTreeSet;

use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::PrimeCharacteristicRing;

use super::trace::{Operands, Step, number};
use super::{Below, Distance, Secp256k1, Secp256k1Row};
use crate::F;
use crate::buses::{self, BLOCK, CALL, Call};
use crate::checker::{Balance, Message, flatten, free_columns, report};
use crate::chips::bignum::limbs;
use crate::chips::precompile::{CallRecord, PrecompileTable, slot};
use crate::lookups::LookupCounts;

type Row = Secp256k1Row<F>;

const CLOCK: u32 = 70_000;
const CELLS: [u32; 3] = [0x0100_0000, 0x0200_0010, 0x1fff_bfe0];
/// The modulus of the field.
const P: Block = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];

/// A call as it is recorded.
#[derive(Clone)]
struct Sample {
    function: Function,
    clock: u32,
    /// The blocks of all operands before.
    before: Vec<Block>,
    /// The blocks of the result.
    after: [Block; 2],
}

impl Sample {
    /// A call with these coordinates of its points and this result, whether it is one or not.
    fn with(function: Function, coordinates: &[Block], after: [Block; 2]) -> Self {
        let mut before = vec![[0x89ab_cdef; 8], [!0; 8]];
        before.extend(&coordinates[..function.blocks() - 2]);
        Self { function, clock: CLOCK, before, after }
    }

    /// A call, if the function is defined for these coordinates.
    fn new(function: Function, coordinates: &[Block]) -> Option<Self> {
        let mut sample = Self::with(function, coordinates, Default::default());
        let mut blocks = [Block::default(); BLOCKS_MAX];
        blocks[..sample.before.len()].copy_from_slice(&sample.before);
        function.compute(&mut blocks).ok()?;
        sample.after = [blocks[0], blocks[1]];
        Some(sample)
    }

    /// The first cell of each operand.
    fn cells(&self) -> [u32; 4] {
        let [result, p, q] = CELLS;
        if self.function == Function::SecpAdd { [result, p, q, 0] } else { [result, p, 0, 0] }
    }

    fn record(&self) -> CallRecord<'_> {
        CallRecord {
            function: self.function,
            clock: self.clock,
            cells: self.cells(),
            before: &self.before,
            after: &self.after,
        }
    }

    fn rows(&self, counts: &mut LookupCounts) -> [Row; 3] {
        let mut rows = [Row::default(); 3];
        Secp256k1::fill(&self.record(), &mut rows, counts);
        rows
    }

    /// Rows as a forger fills them who has this slope.
    fn rows_with(&self, slope: &Block, counts: &mut LookupCounts) -> [Row; 3] {
        let operands = Operands::new(&self.record()).unwrap();
        Step::ALL.map(|step| operands.row(&number(slope), step, counts))
    }

    /// What the chips of calls and of blocks send and receive.
    fn partners(&self) -> Vec<Message> {
        let (number, operands) = (self.function.number(), self.function.operands());
        let (clock, cells) = (self.clock, self.cells());
        let call = Call { number, operands: operands.len() as u32, clock, cells };
        let message = |bus: &str, tuple: &[u32], count| Message {
            bus: bus.into(),
            tuple: tuple.to_vec(),
            count,
        };
        let mut messages = vec![message(CALL, &call.tuple(), F::ONE)];
        for (index, before) in self.before.iter().enumerate() {
            let after = self.after.get(index).unwrap_or(before);
            let block = buses::Block {
                clock,
                slot: slot::OPERANDS[index / 2],
                cell: cells[index / 2] + 8 * (index as u32 % 2),
                before: limbs(before),
                after: limbs(after),
            };
            messages.push(message(BLOCK, &block.tuple(), -F::ONE));
        }
        messages
    }
}

/// What is wrong with rows that should show these calls and no others: ids of constraints, and
/// buses that have no answer or are open.
fn faults(rows: &[Row], calls: &[&Sample]) -> BTreeSet<String> {
    let mut faults = BTreeSet::new();
    let mut balance = Balance::default();
    for row in rows {
        let report = report::<Secp256k1>(&flatten(*row));
        faults.extend(report.violations.iter().map(|id| (*id).to_owned()));
        faults.extend(report.unanswered().iter().map(|message| message.bus.clone()));
        for ((bus, tuple), count) in report.balance().0 {
            balance.add(&Message { bus, tuple, count });
        }
    }
    for message in calls.iter().flat_map(|call| call.partners()) {
        balance.add(&message);
    }
    balance.settle();
    faults.extend(balance.0.into_keys().map(|(bus, _)| bus));
    faults
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

/// Coordinates at the edges: of the field, of its representation, of digits.
fn edges() -> [Block; 16] {
    let below = |low, high| [low, high, !0, !0, !0, !0, !0, !0];
    [
        [0; 8],
        [1, 0, 0, 0, 0, 0, 0, 0],
        below(0xffff_fc2e, 0xffff_fffe),
        below(0xffff_fc2d, 0xffff_fffe),
        below(0xfffe_ffff, 0xffff_fffe),
        below(0xffff_ffff, 0xffff_fffd),
        below(0xffff_ffff, 0x0000_fffe),
        [!0, !0, 0xfffe_ffff, !0, !0, !0, !0, !0],
        [!0, !0, !0, !0, !0, !0, !0, 0xfffe_ffff],
        [!0, !0, !0, !0, !0, !0, !0, 0x7fff_ffff],
        [0, 0, 0, 0, 0, 0, 0, 0x8000_0000],
        [0x8080_8080; 8],
        [0x7f7f_7f7f; 8],
        [0x8080_8080, 0x7f7f_7f7f, 0x8080_8080, 0x7f7f_7f7f, 0, 0, 0x8080_8080, 0x7f7f_7f7f],
        [0x00ff_00ff; 8],
        [0xff00_ff00; 8],
    ]
}

/// Numbers that look random, most of them below the modulus.
fn random(state: &mut u64) -> Block {
    core::array::from_fn(|_| {
        *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (*state >> 32) as u32
    })
}

/// A call of each function.
fn samples() -> [Sample; 2] {
    let mut state = 7;
    let coordinates = [(); 4].map(|()| random(&mut state));
    let of = |function| Sample::new(function, &coordinates).unwrap();
    [of(Function::SecpAdd), of(Function::SecpDouble)]
}

#[test]
fn honest_rows_hold() {
    let edges = edges();
    let mut counts = LookupCounts::default();
    let mut check = |function, coordinates: &[Block]| {
        let Some(sample) = Sample::new(function, coordinates) else { return 0 };
        assert_eq!(faults(&sample.rows(&mut counts), &[&sample]), none(), "{coordinates:x?}");
        1
    };
    let mut calls = 0;
    for (index, first) in edges.iter().enumerate() {
        for second in &edges {
            calls += check(Function::SecpDouble, &[*first, *second]);
            for turn in [1, 2, 5] {
                let [third, fourth] = [index + turn, index + 2 * turn].map(|k| edges[k % 16]);
                calls += check(Function::SecpAdd, &[*first, *second, third, fourth]);
                calls += check(Function::SecpAdd, &[*first, third, *second, fourth]);
            }
        }
    }
    assert_eq!(calls, 16 * 15 + 3 * 16 * 16 + 3 * 16 * 15);
    assert!(report::<Secp256k1>(&flatten(Row::default())).messages.is_empty());
    assert_eq!(faults(&[Row::default()], &[]), none());
}

#[test]
fn random_calls_leave_what_the_function_computes() {
    let mut state = 1;
    let mut counts = LookupCounts::default();
    for index in 0..600 {
        let function = if index % 2 == 0 { Function::SecpAdd } else { Function::SecpDouble };
        let coordinates = [(); 4].map(|()| random(&mut state));
        let sample = Sample::new(function, &coordinates).unwrap();
        assert_eq!(faults(&sample.rows(&mut counts), &[&sample]), none(), "{coordinates:x?}");
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let [zero, one, most, ..] = edges();
    let edge = Sample::new(Function::SecpAdd, &[most, one, zero, most]).unwrap();
    for sample in samples().into_iter().chain([edge]) {
        let (mut counts, mut sent) = (LookupCounts::default(), LookupCounts::default());
        for row in sample.rows(&mut counts) {
            sent.add(&report::<Secp256k1>(&flatten(row)).lookups());
        }
        assert!(counts == sent);
    }
}

#[test]
fn no_change_escapes() {
    let mut counts = LookupCounts::default();
    let [add, double] = samples().map(|sample| sample.rows(&mut counts).map(flatten));
    let free = |rows: &[Vec<F>]| free_columns::<Secp256k1>(rows);
    assert_eq!(free(&add[..1]), Vec::<String>::new());
    // No coordinate besides `value` is shown to be below the modulus there.
    assert_eq!(free(&double[..1]), ["other_below.inverse"]);
    // No message has the cells of Q there.
    assert_eq!(free(&add[1..]), ["cells[2]"]);
    assert_eq!(free(&double[1..]), ["cells[2]"]);
    assert_eq!(free(&[flatten(Row::default())]), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let mut counts = LookupCounts::default();
    let [add, double] = samples().map(|sample| sample.rows(&mut counts));
    let ([add, x, y], [double, ..]) = (add, double);
    let (one, two) = (F::ONE, F::TWO);
    let bump = |limbs: [F; 16], k: usize| {
        let mut limbs = limbs;
        limbs[k] += one;
        limbs
    };
    let far = |below: Below<F>, far| Below { far, ..below };
    let mut slope = x.slope;
    slope.high[9] += one;
    let mut carries = y.carries;
    carries[30] += one;
    let distance = |change: fn(&mut Distance<F>)| {
        let mut row = add;
        change(&mut row.distance);
        row
    };
    let forgeries: [(&str, Row); 19] = [
        ("SECP256K1-1", Row { is_add: two, is_double: -one, ..add }),
        ("SECP256K1-2", Row { is_double: two, is_add: -one, ..double }),
        ("SECP256K1-3", Row { is_x: two, is_y: -one, ..x }),
        ("SECP256K1-4", Row { is_y: two, is_x: -one, ..y }),
        ("SECP256K1-5", Row { is_x: one, ..y }),
        ("SECP256K1-6", Row { other: bump(y.other, 3), ..y }),
        ("SECP256K1-7", Row { borrows: [two; 16], ..add }),
        ("SECP256K1-8", Row { slope, ..x }),
        ("SECP256K1-9", Row { point: bump(double.point, 15), ..double }),
        ("SECP256K1-10", Row { old: [two; 16], ..double }),
        ("SECP256K1-11", Row { factor_inverse: F::ZERO, ..add }),
        ("SECP256K1-12", Row { carries, ..y }),
        ("SECP256K1-13", distance(|distance| distance.high += F::ONE)),
        ("SECP256K1-13", distance(|distance| distance.low += F::ONE)),
        ("SECP256K1-13", distance(|distance| distance.limb += F::ONE)),
        ("SECP256K1-14", Row { value_below: far(x.value_below, two), ..x }),
        ("SECP256K1-14", Row { other_below: far(x.other_below, -one), ..x }),
        ("SECP256K1-15", Row { value_below: far(y.value_below, F::ZERO), ..y }),
        ("SECP256K1-16", Row { other_below: Below::default(), ..y }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Secp256k1>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}
