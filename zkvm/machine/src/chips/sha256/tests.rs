mod forgeries;

use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Sha256, Sha256Row};
use crate::F;
use crate::buses::{BLOCK, CALL, CONSTANT};
use crate::checker::{Balance, Message, flatten, free_columns, report};
use crate::chips::precompile::{CallRecord, PrecompileTable, slot};
use crate::lookups::LookupCounts;

type Row = Sha256Row<F>;

const CLOCK: u32 = 70_000;
const CELLS: [u32; 4] = [(1 << 29) - 0x4040, 0x1234, 0, 0];
/// Where the rows of a kind begin: row 0 is the call's.
const FIRST: usize = 1;
const SECOND: usize = 2;
const SCHEDULE: usize = 3;
const ROUNDS: usize = 15;
/// The state that a hash starts from.
const START: Block = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn result(before: &[Block; 3]) -> Block {
    let mut blocks = [[0; 8]; BLOCKS_MAX];
    blocks[..3].copy_from_slice(before);
    Function::Sha256.compute(&mut blocks).unwrap();
    blocks[0]
}

fn filled(before: &[Block; 3], clock: u32, counts: &mut LookupCounts) -> Vec<Row> {
    let after = [result(before)];
    let function = Function::Sha256;
    let call = CallRecord { function, clock, cells: CELLS, before, after: &after };
    let mut rows = vec![Row::default(); Sha256::ROWS];
    Sha256::fill(&call, &mut rows, counts);
    rows
}

fn call(before: &[Block; 3]) -> Vec<Row> {
    filled(before, CLOCK, &mut LookupCounts::default())
}

struct Random(u64);

impl Random {
    fn word(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 32) as u32
    }

    fn block(&mut self) -> Block {
        core::array::from_fn(|_| self.word())
    }
}

fn sample() -> [Block; 3] {
    let mut random = Random(7);
    [START, random.block(), random.block()]
}

/// States and blocks of few or many ones, and random ones.
fn calls() -> Vec<[Block; 3]> {
    let ends = [[0; 8], [1; 8], [0xffff; 8], [0xffff_0000; 8], [0x8000_0000; 8], [u32::MAX; 8]];
    let mut calls = Vec::new();
    for state in ends.into_iter().chain([START]) {
        for block in ends {
            calls.push([state, block, block]);
            calls.push([state, block, [0x8000_0000; 8]]);
        }
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    calls.extend((0..300).map(|_| [random.block(), random.block(), random.block()]));
    calls
}

fn limbs(block: &Block) -> impl Iterator<Item = u32> {
    block.iter().flat_map(|word| [word & 0xffff, word >> 16])
}

/// What the rest of the machine sends and receives for a call.
fn partners(before: &[Block; 3], after: &Block, clock: u32) -> Vec<Message> {
    let message = |bus: &str, tuple, count| Message { bus: bus.into(), tuple, count };
    let number = Function::Sha256.number();
    let called = vec![number, 2, clock, CELLS[0], CELLS[1], 0, 0];
    let mut messages = vec![message(CALL, called, F::ONE)];
    let blocks = [(0, 0, after), (1, 0, &before[1]), (1, 8, &before[2])];
    for (index, (operand, offset, after)) in blocks.into_iter().enumerate() {
        let mut tuple = vec![clock, slot::OPERANDS[operand], CELLS[operand] + offset];
        tuple.extend(limbs(&before[index]).chain(limbs(after)));
        messages.push(message(BLOCK, tuple, -F::ONE));
    }
    messages
}

/// What is wrong with rows and the rest of the machine's messages.
#[derive(Debug, Default, PartialEq, Eq)]
struct Faults {
    violations: Vec<&'static str>,
    unanswered: bool,
    buses: Vec<String>,
}

fn faults(rows: &[Row], partners: &[Message]) -> Faults {
    let (mut faults, mut balance) = (Faults::default(), Balance::default());
    partners.iter().for_each(|message| balance.add(message));
    for row in rows {
        let report = report::<Sha256>(&flatten(*row));
        faults.unanswered |= !report.unanswered().is_empty();
        let own = report.messages.iter().filter(|message| message.bus != CONSTANT);
        own.for_each(|message| balance.add(message));
        faults.violations.extend(report.violations);
    }
    balance.settle();
    faults.buses = balance.0.into_keys().map(|(bus, _)| bus).collect();
    faults.buses.dedup();
    faults
}

#[test]
fn calls_give_the_results_of_the_function() {
    let mut counts = LookupCounts::default();
    for before in calls() {
        let rows = filled(&before, CLOCK, &mut counts);
        let partners = partners(&before, &result(&before), CLOCK);
        assert_eq!(faults(&rows, &partners), Faults::default(), "{before:x?}");
    }
    let padding = report::<Sha256>(&flatten(Row::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let mut counts = LookupCounts::default();
    for row in filled(&sample(), CLOCK, &mut counts) {
        for message in report::<Sha256>(&flatten(row)).messages {
            if message.bus == CONSTANT {
                counts.constant[message.tuple[0] as usize] -= 1;
            }
        }
    }
    assert_eq!(counts, LookupCounts::default());
}

/// Two calls in one table, and one call of no other.
#[test]
fn calls_stand_beside_each_other() {
    let mut random = Random(3);
    let other = [random.block(), random.block(), random.block()];
    let mut counts = LookupCounts::default();
    let mut rows = filled(&sample(), CLOCK, &mut counts);
    rows.extend(filled(&other, CLOCK + 1, &mut counts));
    let mut messages = partners(&sample(), &result(&sample()), CLOCK);
    messages.extend(partners(&other, &result(&other), CLOCK + 1));
    assert_eq!(faults(&rows, &messages), Faults::default());
    for index in 0..Sha256::ROWS {
        let mut spliced = rows.clone();
        let (one, two) = (spliced[index], spliced[index + Sha256::ROWS]);
        spliced[index] = Row { clock: one.clock, ..two };
        spliced[index + Sha256::ROWS] = Row { clock: two.clock, ..one };
        assert!(!faults(&spliced, &messages).buses.is_empty(), "row {index}");
        let mut short = rows.clone();
        short.remove(index);
        assert!(!faults(&short, &messages).buses.is_empty(), "row {index}");
        let mut twice = rows.clone();
        twice.push(rows[index]);
        assert!(!faults(&twice, &messages).buses.is_empty(), "row {index}");
    }
}

fn numbered(name: &str, indices: impl IntoIterator<Item = usize>) -> Vec<String> {
    indices.into_iter().map(|index| format!("{name}[{index}]")).collect()
}

#[test]
fn no_change_escapes() {
    let rows = call(&sample());
    let free = |rows: &[Row]| {
        let mut cells: Vec<Vec<F>> = rows.iter().copied().map(flatten).collect();
        cells.push(flatten(Row::default()));
        free_columns::<Sha256>(&cells)
    };
    let sorted = |lists: &[Vec<String>]| {
        let mut names = lists.concat();
        names.sort();
        names
    };
    let of_call = sorted(&[vec!["index".into()], numbered("shared", 17..24)]);
    assert_eq!(free(&rows[..FIRST]), of_call);
    let of_block = sorted(&[numbered("carries", 0..16), numbered("shared", 20..24)]);
    assert_eq!(free(&rows[FIRST..SCHEDULE]), of_block);
    assert_eq!(free(&rows[SCHEDULE..=SCHEDULE]), sorted(&[numbered("carries", 8..16)]));
    assert_eq!(free(&rows[ROUNDS - 1..ROUNDS]), sorted(&[numbered("carries", 8..16)]));
    assert_eq!(free(&rows[ROUNDS + 4..ROUNDS + 6]), sorted(&[numbered("carries", 12..16)]));
}

/// A row with one cell of a list changed.
fn with<const N: usize>(cells: [F; N], index: usize, value: F) -> [F; N] {
    core::array::from_fn(|at| if at == index { value } else { cells[at] })
}

#[test]
fn each_constraint_catches_its_forgery() {
    let rows = call(&sample());
    let (head, first, second) = (rows[0], rows[FIRST], rows[SECOND]);
    let schedule = rows[SCHEDULE];
    let (last, even, odd) = (rows[ROUNDS - 1], rows[ROUNDS], rows[ROUNDS + 1]);
    let (one, two, half) = (F::ONE, F::TWO, F::TWO.inverse());
    let forgeries: [(&str, Row); 25] = [
        ("SHA256-1", Row { is_call: two, is_odd: -one, ..head }),
        ("SHA256-1", Row { is_first: half, is_second: half, ..first }),
        ("SHA256-1", Row { is_second: two, is_first: -one, ..second }),
        ("SHA256-1", Row { is_schedule: two, is_last: -one, ..schedule }),
        ("SHA256-1", Row { is_last: -one, is_schedule: two, ..last }),
        ("SHA256-1", Row { is_even: half, is_odd: half, ..even }),
        ("SHA256-1", Row { is_odd: two, is_call: -one, ..odd }),
        ("SHA256-2", Row { is_last: one, ..schedule }),
        ("SHA256-2", Row { is_odd: one, ..even }),
        ("SHA256-3", Row { bits: with(head.bits, 0, two), ..head }),
        ("SHA256-3", Row { bits: with(even.bits, 255, half), ..even }),
        ("SHA256-4", Row { carries: with(head.carries, 15, two), ..head }),
        ("SHA256-4", Row { carries: with(even.carries, 0, half), ..even }),
        ("SHA256-5", Row { choose: with(even.choose, 0, F::ZERO), ..even }),
        ("SHA256-5", Row { choose: with(odd.choose, 3, odd.choose[1]), ..odd }),
        ("SHA256-6", Row { majority: with(even.majority, 1, F::ZERO), ..even }),
        ("SHA256-6", Row { majority: with(odd.majority, 2, odd.majority[0]), ..odd }),
        ("SHA256-7", Row { expansion: with(last.expansion, 0, F::ZERO), ..last }),
        ("SHA256-8", Row { shared: with(even.shared, 23, even.shared[23] + one), ..even }),
        ("SHA256-9", Row { shared: with(odd.shared, 20, odd.shared[20] - one), ..odd }),
        ("SHA256-10", Row { shared: with(odd.shared, 8, one), ..odd }),
        ("SHA256-11", Row { shared: with(schedule.shared, 0, F::ZERO), ..schedule }),
        ("SHA256-12", Row { shared: with(second.shared, 3, F::ZERO), ..second }),
        ("SHA256-13", Row { index: F::ZERO, ..first }),
        ("SHA256-14", Row { index: one, ..second }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Sha256>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}
