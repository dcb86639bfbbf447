//! Whole calls that are wrong in one thing, with everything else made to fit.

use minster_precompiles::Block;
use minster_precompiles::sha256::ROUND_CONSTANTS;
use p3_field::PrimeCharacteristicRing;

use super::super::trace::{block_row, call_row, round_row, schedule_row, words};
use super::super::{Sha256, Sha256Row};
use super::{
    CELLS, CLOCK, FIRST, Faults, ROUNDS, Row, SCHEDULE, SECOND, START, call, faults, partners,
    result, sample, with,
};
use crate::F;
use crate::buses::{BLOCK, CALL, SHA256_ROUND, SHA256_WINDOW, SHA256_WORDS};
use crate::checker::{flatten, report};

/// A call from its parts: the words of the block's rows, those of the schedule, the words and the
/// constants of the rounds.
struct Parts {
    state: Block,
    block: [u32; 64],
    schedule: [u32; 64],
    rounds: [u32; 64],
    constants: [u32; 64],
}

impl Parts {
    fn honest(before: &[Block; 3]) -> Self {
        let words = words(before[1..].iter().flatten().map(|word| word.swap_bytes()));
        let constants = ROUND_CONSTANTS;
        Self { state: before[0], block: words, schedule: words, rounds: words, constants }
    }

    /// The rows, and the result that they lead to.
    fn rows(&self) -> (Vec<Row>, Block) {
        let mut state = self.state;
        let mut round = |pair| round_row(&mut state, &self.rounds, &self.constants, pair);
        let rounds: Vec<_> = (0..32).map(&mut round).collect();
        let after = core::array::from_fn(|index| self.state[index].wrapping_add(state[index]));
        let mut drafts = vec![
            call_row(CELLS[0], &self.state, &after),
            block_row(&self.block, 0),
            block_row(&self.block, 8),
        ];
        drafts.extend((4..16).map(|quad| schedule_row(&self.schedule, quad)));
        let place =
            |row| Sha256Row { clock: F::from_u32(CLOCK), cell: F::from_u32(CELLS[1]), ..row };
        (drafts.into_iter().chain(rounds).map(|draft| place(draft.row())).collect(), after)
    }

    /// What is wrong with the rows if their own result is what memory holds afterwards.
    fn faults(&self) -> Faults {
        let (rows, after) = self.rows();
        assert_ne!(after, result(&sample()));
        faults(&rows, &partners(&sample(), &after, CLOCK))
    }
}

fn open(buses: &[&str]) -> Faults {
    let buses = buses.iter().map(|bus| (*bus).into()).collect();
    Faults { buses, ..Faults::default() }
}

#[test]
fn parts_of_an_honest_call_are_its_rows() {
    let (rows, after) = Parts::honest(&sample()).rows();
    assert_eq!((rows, after), (call(&sample()), result(&sample())));
}

#[test]
fn another_result() {
    let before = sample();
    let mut rows = call(&before);
    let mut after = result(&before);
    after[7] ^= 1 << 31;
    let head = call_row(CELLS[0], &before[0], &after).row();
    rows[0] = Row { clock: rows[0].clock, cell: rows[0].cell, ..head };
    assert_eq!(faults(&rows, &partners(&before, &after, CLOCK)), open(&[SHA256_ROUND]));
}

#[test]
fn constants_of_other_rounds() {
    let mut parts = Parts::honest(&sample());
    parts.constants.swap(5, 6);
    let faults = parts.faults();
    assert_eq!(faults, Faults { unanswered: true, ..Faults::default() });
}

#[test]
fn words_that_are_not_those_of_the_block_or_the_schedule() {
    // The rounds take a word that no row has.
    let mut parts = Parts::honest(&sample());
    parts.rounds[33] ^= 1;
    assert_eq!(parts.faults(), open(&[SHA256_WORDS]));
    // The schedule goes on from another first half than the one that was read.
    let mut before = sample();
    before[1][0] ^= 1;
    let mut parts = Parts::honest(&sample());
    parts.schedule = Parts::honest(&before).schedule;
    parts.rounds[16..].copy_from_slice(&parts.schedule[16..]);
    assert_eq!(parts.faults(), open(&[SHA256_WINDOW]));
    // A whole block that was not read.
    assert_eq!(Parts::honest(&before).faults(), open(&[BLOCK]));
    // Bytes of a word in the other order.
    let mut before = sample();
    before[2][7] = before[2][7].swap_bytes();
    assert_eq!(Parts::honest(&before).faults(), open(&[BLOCK]));
    // Words in another order.
    let mut before = sample();
    before[2].swap(0, 7);
    assert_eq!(Parts::honest(&before).faults(), open(&[BLOCK]));
}

#[test]
fn rounds_from_another_state() {
    let mut before = sample();
    before[0] = [0; 8];
    assert_eq!(Parts::honest(&before).faults(), open(&[BLOCK]));
    let (mut rows, after) = Parts::honest(&before).rows();
    let worked: Block = core::array::from_fn(|index| START[index].wrapping_add(after[index]));
    let head = call_row(CELLS[0], &START, &worked).row();
    rows[0] = Row { clock: rows[0].clock, cell: rows[0].cell, ..head };
    let partners = partners(&sample(), &worked, CLOCK);
    assert_eq!(faults(&rows, &partners), open(&[SHA256_ROUND]));
}

/// Rounds that take no word: all odd, so that nobody has to read the block.
#[test]
fn rounds_without_words() {
    let parts = Parts::honest(&[START, [0; 8], [0; 8]]);
    let (mut rows, after) = parts.rows();
    rows.drain(FIRST..ROUNDS);
    for row in &mut rows[FIRST..] {
        (row.is_even, row.is_odd) = (F::ZERO, F::ONE);
    }
    let mut messages = partners(&sample(), &after, CLOCK);
    messages.truncate(2);
    assert_eq!(faults(&rows, &messages), open(&[SHA256_ROUND]));
}

/// The schedule begins behind the first half, with anything before it: the second is never read.
#[test]
fn half_of_a_block() {
    let before = sample();
    let forged = Parts::honest(&[before[0], [7; 8], before[1]]);
    let more = words(forged.block[48..].iter().copied());
    let mut parts = Parts::honest(&before);
    parts.rounds[8..56].copy_from_slice(&forged.block[16..]);
    parts.rounds[56..].copy_from_slice(&more[16..24]);
    let (honest, after) = parts.rows();
    let mut rows = honest[..SECOND].to_vec();
    rows[FIRST].shared[4..20].copy_from_slice(&forged.rows().0[SECOND].shared[4..20]);
    let schedule = (4..16).map(|quad| schedule_row(&forged.schedule, quad).row());
    let schedule = schedule.chain([4, 5].map(|quad| schedule_row(&more, quad).row()));
    rows.extend(schedule.enumerate().map(|(index, row)| Row {
        clock: honest[0].clock,
        cell: honest[0].cell,
        index: F::from_usize(index + 2),
        is_schedule: F::from_bool(index < 13),
        is_last: F::from_bool(index == 13),
        ..row
    }));
    rows.extend(&honest[ROUNDS..]);
    let mut messages = partners(&before, &after, CLOCK);
    messages.truncate(3);
    assert_eq!(faults(&rows, &messages), open(&[SHA256_WINDOW]));
}

#[test]
fn fewer_or_more_rounds() {
    let honest = call(&sample());
    let messages = partners(&sample(), &result(&sample()), CLOCK);
    let last = ROUNDS + 31;
    // The last two pairs again, and the call from there on.
    let mut more = honest.clone();
    for index in [last - 1, last] {
        more.push(Row { index: honest[index].index + F::TWO, ..honest[index] });
    }
    let seen = faults(&more, &messages);
    assert!(seen.unanswered && seen.buses.iter().any(|bus| bus == SHA256_ROUND));
    // Two pairs less: those before them under their numbers.
    let mut fewer = honest[..last - 1].to_vec();
    for row in &mut fewer[last - 3..] {
        row.index += F::TWO;
    }
    let seen = faults(&fewer, &messages);
    assert!(seen.unanswered && seen.buses.iter().any(|bus| bus == SHA256_ROUND));
}

/// Rows of a call that nobody made.
#[test]
fn a_call_of_nobody() {
    assert_eq!(faults(&call(&sample()), &[]), open(&[BLOCK, CALL]));
    let rows = call(&sample());
    assert_eq!(faults(&rows[FIRST..], &[]), open(&[BLOCK, SHA256_ROUND]));
}

/// A row with the upper bits of some carries, of all those bits that hold.
fn settled(row: Row, places: core::ops::Range<usize>) -> Option<Row> {
    let settings = 0..1 << places.len();
    let set = |bits: u32| {
        places.clone().enumerate().fold(row, |row, (bit, place)| Row {
            carries: with(row.carries, place, F::from_u32(bits >> bit & 1)),
            ..row
        })
    };
    settings.map(set).find(|row| report::<Sha256>(&flatten(*row)).violations.is_empty())
}

/// The last two words of the schedule are no bits anywhere: their limbs may be written with a carry
/// more, and lead to the same result. What bits hold, cannot.
#[test]
fn limbs_beyond_16_bits() {
    let limb = F::from_u32(1 << 16);
    let lift = |row: Row, low: usize| {
        let shared = with(row.shared, low, row.shared[low] + limb);
        Row { shared: with(shared, low + 1, row.shared[low + 1] - F::ONE), ..row }
    };
    let messages = partners(&sample(), &result(&sample()), CLOCK);
    let mut found = 0;
    for quad in 4..16 {
        let mut rows = call(&sample());
        let (schedule, even) = (quad - 4 + SCHEDULE, 2 * quad + ROUNDS);
        // Word 18, which waits in the queue for the odd row.
        let Some(lifted) = settled(lift(rows[schedule], 0), 4..5) else { continue };
        rows[schedule] = lifted;
        rows[even] = lift(rows[even], 12);
        rows[even + 1] = settled(lift(rows[even + 1], 4), 0..2).unwrap();
        let seen = faults(&rows, &messages);
        let expected = if quad == 15 { open(&[]) } else { open(&[SHA256_WINDOW]) };
        assert_eq!(seen, expected, "quad {quad}");
        found += 1;
    }
    assert!(found > 3);
}
