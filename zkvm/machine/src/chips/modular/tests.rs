use core::array::from_fn;
use std::cell::RefCell;

use minster_precompiles::modular::{number, words};
use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Modular, ModularRow};
use crate::F;
use crate::buses::{self, BLOCK, CALL};
use crate::checker::{RowReport, flatten, free_columns, report};
use crate::chips::bignum::{CARRY_OFFSET, Less, less_cells, limbs};
use crate::chips::precompile::{CallRecord, PrecompileTable, slot};
use crate::lookups::LookupCounts;

mod forgeries;

const FUNCTIONS: [Function; 3] = [Function::ModMul, Function::ModAdd, Function::ModSub];
const CLOCK: u32 = 70_000;
const CELLS: [u32; 4] = [1 << 20, (1 << 29) - 8, 0, 77];
/// What the cells of the result held.
const BEFORE: Block = [0xffff_ffff, 0, 1, 0x1_0000, 0xffff, 0x89ab_cdef, 7, 0x8000_0000];
const ZERO: Block = [0; 8];
const ONE: Block = [1, 0, 0, 0, 0, 0, 0, 0];
const ONES: Block = [u32::MAX; 8];
/// The modulus of the field of secp256k1, and the order of its group.
const P: Block = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];
const N: Block = [
    0xd036_4141,
    0xbfd2_5e8c,
    0xaf48_a03b,
    0xbaae_dce6,
    0xffff_fffe,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
];
const EDGES: [Block; 12] = [
    ZERO,
    ONE,
    [2, 0, 0, 0, 0, 0, 0, 0],
    [0xffff, 0, 0, 0, 0, 0, 0, 0],
    [0x1_0000, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0x8000_0000],
    N,
    [0xffff_fc2e, 0xffff_fffe, !0, !0, !0, !0, !0, !0],
    P,
    [0xffff_fffe, !0, !0, !0, !0, !0, !0, !0],
    ONES,
];

/// The result of a function, if it has one.
fn compute(function: Function, [a, b, m]: [Block; 3]) -> Option<Block> {
    let mut blocks = [BEFORE, a, b, m, ZERO, ZERO, ZERO];
    assert_eq!(blocks.len(), BLOCKS_MAX);
    function.compute(&mut blocks).ok().map(|()| blocks[0])
}

/// The row of a call, refused or not.
fn fill(function: Function, [a, b, m]: [Block; 3], counts: &mut LookupCounts) -> ModularRow<F> {
    let mut rows = [ModularRow::default(); Modular::ROWS];
    let before = [BEFORE, a, b, m];
    let after = [compute(function, [a, b, m]).unwrap_or_default()];
    let call = CallRecord { function, clock: CLOCK, cells: CELLS, before: &before, after: &after };
    Modular::fill(&call, &mut rows, counts);
    rows[0]
}

thread_local! {
    /// Counts that nobody looks at: a table of them is too large to have one for each row.
    static COUNTS: RefCell<LookupCounts> = RefCell::default();
}

fn row(function: Function, operands: [Block; 3]) -> ModularRow<F> {
    COUNTS.with_borrow_mut(|counts| fill(function, operands, counts))
}

fn is_accepted(report: &RowReport) -> bool {
    report.violations.is_empty() && report.unanswered().is_empty()
}

fn accepts(row: ModularRow<F>) -> bool {
    is_accepted(&report::<Modular>(&flatten(row)))
}

/// The rows' messages to the rest of the machine are a call and its memory, and nothing else.
fn assert_says(report: &RowReport, function: Function, operands: [Block; 3], result: Block) {
    let call = buses::Call { number: function.number(), operands: 4, clock: CLOCK, cells: CELLS };
    let mut expected = vec![(CALL.to_owned(), call.tuple().to_vec(), -F::ONE)];
    let [a, b, m] = operands;
    for (index, (before, after)) in [(BEFORE, result), (a, a), (b, b), (m, m)].iter().enumerate() {
        let block = buses::Block {
            clock: CLOCK,
            slot: slot::OPERANDS[index],
            cell: CELLS[index],
            before: limbs(before),
            after: limbs(after),
        };
        expected.push((BLOCK.to_owned(), block.tuple().to_vec(), F::ONE));
    }
    let lookups = [buses::RANGE, buses::BYTES, buses::ALIGN];
    let said = report.messages.iter().filter(|said| !lookups.contains(&said.bus.as_str()));
    let said: Vec<_> =
        said.map(|said| (said.bus.clone(), said.tuple.clone(), said.count)).collect();
    assert_eq!(said, expected);
}

/// Holds a row against the function: it has one exactly if the function is defined.
fn check(function: Function, operands: [Block; 3], counts: &mut LookupCounts) {
    let row = fill(function, operands, counts);
    let report = report::<Modular>(&flatten(row));
    match compute(function, operands) {
        Some(result) => {
            assert_eq!(report.violations, Vec::<&str>::new(), "{function:?} {operands:x?}");
            assert!(report.unanswered().is_empty(), "{function:?} {operands:x?}");
            assert_says(&report, function, operands, result);
        }
        None => assert!(!is_accepted(&report), "{function:?} {operands:x?}"),
    }
}

/// Numbers of any length, with runs of zeros and ones.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 32) as u32
    }

    fn block(&mut self) -> Block {
        let length = self.next() % 9;
        from_fn(|index| match self.next() % 8 {
            _ if index as u32 >= length => 0,
            0 => 0,
            1 => u32::MAX,
            _ => self.next(),
        })
    }
}

#[test]
fn edge_values_hold() {
    let mut counts = LookupCounts::default();
    for function in FUNCTIONS {
        for a in EDGES {
            for b in EDGES {
                EDGES.iter().for_each(|m| check(function, [a, b, *m], &mut counts));
            }
        }
    }
    let padding = report::<Modular>(&flatten(ModularRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

/// The largest coefficients: a product of ones, and a quotient by few bits.
#[test]
fn the_largest_carries_hold() {
    let a = [!0, !0, !0, !0, !0, !0, !0, 0xfffe_ffff];
    let m = [0, 0, 0, 0, 0, 0, 0, 0xffff_0000];
    check(Function::ModMul, [a, a, m], &mut LookupCounts::default());
    let carries = row(Function::ModMul, [a, a, m]).carries;
    assert!(carries.contains(&F::from_u32(7_649)), "{carries:?}");
}

#[test]
fn random_calls_hold() {
    let (mut random, mut counts) = (Random(0x9e37_79b9_7f4a_7c15), LookupCounts::default());
    for index in 0..1_000 {
        let operands = [(); 3].map(|()| random.block());
        check(FUNCTIONS[index % 3], operands, &mut counts);
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let mut random = Random(7);
    let (mut counted, mut sent) = (LookupCounts::default(), LookupCounts::default());
    for index in 0..30 {
        let m = random.block();
        let operands = [random.block(), random.block(), if m == ZERO { P } else { m }];
        if compute(FUNCTIONS[index % 3], operands).is_some() {
            let row = fill(FUNCTIONS[index % 3], operands, &mut counted);
            sent.add(&report::<Modular>(&flatten(row)).lookups());
        }
    }
    assert_eq!(counted, sent);
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = vec![
        flatten(row(Function::ModMul, [N, EDGES[8], P])),
        flatten(row(Function::ModAdd, [EDGES[8], N, P])),
        flatten(row(Function::ModSub, [ONE, N, P])),
    ];
    rows.push(flatten(ModularRow::default()));
    assert_eq!(free_columns::<Modular>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let (one, two) = (F::ONE, F::TWO);
    let mul = || row(Function::ModMul, [N, EDGES[8], P]);
    let add = || row(Function::ModAdd, [N, N, P]);
    let sub = || row(Function::ModSub, [N, P, P]);
    let less = |change: fn(&mut Less<F>)| {
        let mut forged = mul();
        change(&mut forged.less);
        forged
    };
    let mut result = sub();
    result.result[0] += one;
    let mut carry = mul();
    carry.carries[30] += one;
    let forgeries: [(&str, ModularRow<F>); 14] = [
        ("MODULAR-1", ModularRow { is_mul: two, is_add: -one, ..mul() }),
        ("MODULAR-2", ModularRow { is_add: two, is_sub: -one, ..add() }),
        ("MODULAR-3", ModularRow { is_sub: two.inverse(), is_add: two.inverse(), ..sub() }),
        ("MODULAR-4", ModularRow { is_add: one, ..mul() }),
        ("MODULAR-5", result),
        ("MODULAR-5", carry),
        // The sum for the difference, the product for the sum.
        ("MODULAR-5", ModularRow { is_add: F::ZERO, is_sub: one, ..add() }),
        ("MODULAR-5", ModularRow { is_mul: F::ZERO, is_add: one, ..mul() }),
        ("MODULAR-6", less(|less| less.first[3] = F::TWO)),
        ("MODULAR-7", less(|less| *less = Less::default())),
        ("MODULAR-7", ModularRow { less: add().less, ..ModularRow::default() }),
        ("MODULAR-8", less(|less| less.first.rotate_left(1))),
        ("MODULAR-9", less(|less| less.gap += F::ONE)),
        ("MODULAR-9", ModularRow { less: Less { gap: one, ..Less::default() }, ..<_>::default() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Modular>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}
