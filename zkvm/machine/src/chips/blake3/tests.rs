mod forgeries;
mod rows;

use core::array::from_fn;

use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::PrimeCharacteristicRing;

use super::{Blake3, Blake3Row, HALF_ROUNDS, ROWS};
use crate::F;
use crate::access::RAM_CELLS;
use crate::buses::{self, BLOCK, CALL, Call};
use crate::checker::{Balance, Message, RowReport, flatten, report};
use crate::chips::blake3_call::{Blake3Call, Blake3CallRow};
use crate::chips::precompile::{CallRecord, PrecompileTable, slot};
use crate::lookups::LookupCounts;

/// A call, and what memory holds before it.
#[derive(Clone, Copy)]
struct Sample {
    clock: u32,
    cells: [u32; 4],
    before: [Block; 4],
}

/// All rows of a call.
#[derive(Clone)]
struct CallRows {
    call: Vec<Blake3CallRow<F>>,
    rows: Vec<Blake3Row<F>>,
}

/// Words at the edges of words, of limbs and of the field.
const EDGES: [u32; 8] =
    [0, u32::MAX, 0x8000_0000, 0x7fff_ffff, 0xffff, 0xffff_0000, 0x7f00_0000, 0x7f00_0001];

/// A sequence that looks random.
fn random(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
    (*state >> 32) as u32
}

impl Sample {
    fn of(word: u32) -> Self {
        Self { clock: 70_000, cells: [100, 200, 300, 0], before: [[word; 8]; 4] }
    }

    fn random(state: &mut u64) -> Self {
        let cells = [0, 1, 2].map(|_| random(state) % (RAM_CELLS - 64));
        let before = from_fn(|_| from_fn(|_| random(state)));
        Self { clock: random(state) >> 10, cells: [cells[0], cells[1], cells[2], 0], before }
    }

    /// What operand 0 holds after the call.
    fn result(&self) -> Block {
        let mut blocks = [[0; 8]; BLOCKS_MAX];
        blocks[..4].copy_from_slice(&self.before);
        Function::Blake3.compute(&mut blocks).expect("nothing is refused");
        blocks[0]
    }

    fn fill(&self, counts: &mut LookupCounts) -> CallRows {
        let Self { clock, cells, ref before } = *self;
        let function = Function::Blake3;
        let call = CallRecord { function, clock, cells, before, after: &[self.result()] };
        let mut rows = CallRows {
            call: vec![Blake3CallRow::default()],
            rows: vec![Blake3Row::default(); ROWS],
        };
        Blake3Call::fill(&call, &mut rows.call, counts);
        Blake3::fill(&call, &mut rows.rows, counts);
        rows
    }

    fn rows(&self) -> CallRows {
        self.fill(&mut LookupCounts::default())
    }

    /// What the chips of the calls and of the blocks send: the negative of what the call does.
    fn partners(&self) -> Vec<Message> {
        let Self { clock, cells, before } = *self;
        let message = |bus: &str, tuple: Vec<u32>, count| Message { bus: bus.into(), tuple, count };
        let call = Call { number: 0x2002, operands: 3, clock, cells };
        let block = |slot, cell, before: Block, after: Block| {
            let [before, after] = [before, after].map(limbs);
            let block = buses::Block { clock, slot, cell, before, after };
            message(BLOCK, block.tuple().to_vec(), -F::ONE)
        };
        let [result, one, two, _] = slot::OPERANDS;
        vec![
            message(CALL, call.tuple().to_vec(), F::ONE),
            block(result, cells[0], before[0], self.result()),
            block(one, cells[1], before[1], before[1]),
            block(one, cells[1] + 8, before[2], before[2]),
            block(two, cells[2], before[3], before[3]),
        ]
    }
}

fn limbs(block: Block) -> [u32; 16] {
    from_fn(|limb| block[limb / 2] >> (16 * (limb % 2)) & 0xffff)
}

impl CallRows {
    /// What all rows do together.
    fn report(&self) -> RowReport {
        let calls = self.call.iter().map(|row| report::<Blake3Call>(&flatten(*row)));
        let rows = self.rows.iter().map(|row| report::<Blake3>(&flatten(*row)));
        calls.chain(rows).fold(RowReport::default(), |mut all, one| {
            all.violations.extend(one.violations);
            all.messages.extend(one.messages);
            all
        })
    }
}

/// What stops rows from being proved: ids of constraints, and buses that lack an answer or a
/// partner, if honest chips make and serve these calls.
fn faults(rows: &[&CallRows], calls: &[Sample]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut balance = Balance::default();
    for rows in rows {
        let report = rows.report();
        faults.extend(report.violations.iter().map(|id| (*id).to_owned()));
        faults.extend(report.unanswered().iter().map(|message| message.bus.clone()));
        for ((bus, tuple), count) in report.balance().0 {
            balance.add(&Message { bus, tuple, count });
        }
    }
    for message in calls.iter().flat_map(Sample::partners) {
        balance.add(&message);
    }
    balance.settle();
    faults.extend(balance.0.into_keys().map(|(bus, _)| bus));
    faults.sort();
    faults.dedup();
    faults
}

#[test]
fn calls_give_what_blake3_gives() {
    let mut state = 1;
    let edges = EDGES.map(Sample::of);
    let samples = edges.into_iter().chain((0..300).map(|_| Sample::random(&mut state)));
    for sample in samples {
        assert_eq!(faults(&[&sample.rows()], &[sample]), Vec::<String>::new());
    }
}

#[test]
fn calls_hold_together() {
    let mut state = 2;
    let samples: [Sample; 5] = from_fn(|_| Sample::random(&mut state));
    let rows = samples.map(|sample| sample.rows());
    assert_eq!(faults(&rows.each_ref(), &samples), Vec::<String>::new());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let mut state = 3;
    for sample in [Sample::of(0), Sample::of(u32::MAX), Sample::random(&mut state)] {
        let mut counts = LookupCounts::default();
        let rows = sample.fill(&mut counts);
        assert_eq!(counts, rows.report().lookups());
        assert_eq!(counts.xor.iter().sum::<u32>(), 64 * HALF_ROUNDS as u32 + 32);
    }
}

#[test]
fn a_row_of_zeros_sends_nothing() {
    let report = report::<Blake3>(&flatten(Blake3Row::<F>::default()));
    assert!(report.violations.is_empty() && report.messages.is_empty());
}

/// The paper's own order of words, quad by quad, against the order of the lanes.
#[test]
fn words_meet_as_the_paper_says() {
    use minster_precompiles::blake3::{QUADS, SCHEDULE};
    let mut places: [[usize; 4]; 4] = from_fn(|lane| from_fn(|word| 4 * word + lane));
    let mut message: [usize; 16] = from_fn(|index| index);
    for (half_round, order) in super::WORD_ORDER.iter().enumerate() {
        let first = 4 * (half_round % 2);
        let mut seen = Vec::new();
        for (lane, quad) in places.iter().enumerate() {
            let index = QUADS.iter().skip(first).take(4).position(|known| known == quad);
            let index = first + index.expect("a quad of this half round");
            assert_eq!(order[2 * lane..][..2], message[2 * index..][..2]);
            seen.push(index);
        }
        seen.sort_unstable();
        assert_eq!(seen, (first..first + 4).collect::<Vec<_>>());
        places =
            from_fn(|lane| from_fn(|word| places[super::before_permutation(word, lane)][word]));
        if half_round % 2 == 1 {
            message = SCHEDULE.map(|index| message[index]);
        }
    }
    assert_eq!(places, from_fn(|lane| from_fn(|word| 4 * word + lane)));
}
