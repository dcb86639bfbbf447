use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::{Field, PrimeCharacteristicRing};

use super::layout::{FLIP_PACKS, STATE_PACKS};
use super::{Keccak, KeccakRow, QUARTERS, ROUNDS};
use crate::F;
use crate::buses::{BLOCK, CALL};
use crate::checker::{Balance, RowReport, flatten, free_columns, report};
use crate::chips::lanes::{Lanes, LanesRow};
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;
use crate::table::Table;

type State = [Block; BLOCKS_MAX];

const CLOCK: u32 = 70_000;
const CELL: u32 = 0x0008_0001;

/// The rows of some calls, of both chips.
#[derive(Clone)]
struct Rows {
    keccak: Vec<KeccakRow<F>>,
    lanes: Vec<LanesRow<F>>,
}

impl Rows {
    fn of(clock: u32, before: &State, counts: &mut LookupCounts) -> Self {
        let mut after = *before;
        Function::KeccakF.compute(&mut after).unwrap();
        let function = Function::KeccakF;
        let cells = [CELL, 0, 0, 0];
        let call = CallRecord { function, clock, cells, before, after: &after };
        let mut keccak = vec![KeccakRow::default(); Keccak::ROWS];
        Keccak::fill(&call, &mut keccak, counts);
        let mut lanes = vec![LanesRow::default(); Lanes::ROWS];
        Lanes::fill(&call, &mut lanes, counts);
        Self { keccak, lanes }
    }

    /// All that the rows do.
    fn report(&self) -> RowReport {
        let mut all = RowReport::default();
        let keccak = self.keccak.iter().map(|row| report::<Keccak>(&flatten(*row)));
        let lanes = self.lanes.iter().map(|row| report::<Lanes>(&flatten(*row)));
        for report in keccak.chain(lanes) {
            all.violations.extend(report.violations);
            all.messages.extend(report.messages);
        }
        all
    }

    /// What the rows say to the rest of the machine, if it is the whole of what they say.
    fn claim(&self) -> Option<Balance> {
        let report = self.report();
        let is_open = |(bus, _): &(String, Vec<u32>)| bus != CALL && bus != BLOCK;
        let claim = report.balance();
        let accepted = report.violations.is_empty()
            && report.unanswered().is_empty()
            && !claim.0.keys().any(is_open);
        accepted.then_some(claim)
    }
}

fn rows(before: &State) -> Rows {
    Rows::of(CLOCK, before, &mut LookupCounts::default())
}

/// What a call has to say: one call is taken, and its blocks change as the function says.
fn expected(clock: u32, before: &State) -> Balance {
    let mut after = *before;
    Function::KeccakF.compute(&mut after).unwrap();
    let mut balance = Balance::default();
    let call = vec![Function::KeccakF.number(), 1, clock, CELL, 0, 0, 0];
    balance.0.insert((CALL.into(), call), -F::ONE);
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        let limbs = |block: &Block| block.map(|word| [word & 0xffff, word >> 16]);
        let mut tuple = vec![clock, 3, CELL + 8 * index as u32];
        tuple.extend_from_slice(limbs(before).as_flattened());
        tuple.extend_from_slice(limbs(&after).as_flattened());
        balance.0.insert((BLOCK.into(), tuple), F::ONE);
    }
    balance
}

fn random(seed: u64) -> State {
    let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
    [[(); 8]; BLOCKS_MAX].map(|block| {
        block.map(|()| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 32) as u32
        })
    })
}

fn edges() -> Vec<State> {
    let mut states = vec![[[0; 8]; BLOCKS_MAX], [[u32::MAX; 8]; BLOCKS_MAX]];
    // The largest limb, p - 1 and p as words, and single bits at the ends of quarters.
    for word in [0xffff, 0xffff_0000, 0x7f00_0000, 0x7f00_0001, 1, 1 << 15, 1 << 16, 1 << 31] {
        states.push([[word; 8]; BLOCKS_MAX]);
        let mut state = [[0; 8]; BLOCKS_MAX];
        state[6][1] = word;
        states.push(state);
    }
    states
}

#[test]
fn honest_rows_hold() {
    for before in edges() {
        let mut counts = LookupCounts::default();
        let rows = Rows::of(CLOCK, &before, &mut counts);
        let report = rows.report();
        assert_eq!(report.violations, Vec::<&str>::new());
        assert!(report.unanswered().is_empty());
        assert_eq!(rows.claim(), Some(expected(CLOCK, &before)));
        assert_eq!(report.lookups(), counts);
    }
    let padding = report::<Keccak>(&flatten(KeccakRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn calls_compute_the_function() {
    let mut counts = LookupCounts::default();
    for seed in 0..200 {
        let before = random(seed);
        let clock = 1 + seed as u32;
        assert_eq!(Rows::of(clock, &before, &mut counts).claim(), Some(expected(clock, &before)));
    }
}

#[test]
fn no_change_escapes() {
    let keccak = rows(&random(1)).keccak;
    let chosen = [0, 5, 50, 99].map(|index| flatten(keccak[index]));
    assert_eq!(free_columns::<Keccak>(&chosen), Vec::<String>::new());
}

#[test]
fn the_columns_are_as_many_as_documented() {
    assert_eq!((STATE_PACKS, FLIP_PACKS), (15, 9));
    assert_eq!((Keccak::width(), Keccak::ROWS), (889, 100));
    let messages = report::<Keccak>(&flatten(rows(&random(1)).keccak[50])).messages;
    assert_eq!(messages.len(), 9, "with two of limbs in the first and the last rows: 11");
}

#[test]
fn each_constraint_catches_its_forgery() {
    let honest = rows(&random(2)).keccak;
    let middle = || honest[50];
    let (first, last) = (|| honest[1], || honest[98]);
    let (zero, one, two, half) = (F::ZERO, F::ONE, F::TWO, F::TWO.inverse());
    let set = |mut row: KeccakRow<F>, change: fn(&mut KeccakRow<F>)| {
        change(&mut row);
        row
    };
    let forgeries: [(&str, KeccakRow<F>); 25] = [
        ("KECCAK-1", KeccakRow { quarter: [two, -one, zero, zero], ..middle() }),
        ("KECCAK-1", KeccakRow { quarter: [half, half, zero, zero], ..middle() }),
        ("KECCAK-2", KeccakRow { quarter: [one, one, zero, zero], ..middle() }),
        ("KECCAK-3", KeccakRow { is_first: -one, ..KeccakRow::default() }),
        ("KECCAK-4", KeccakRow { is_last: -one, ..KeccakRow::default() }),
        ("KECCAK-5", KeccakRow { quarter: [zero; 4], ..first() }),
        ("KECCAK-6", KeccakRow { quarter: [zero; 4], ..last() }),
        ("KECCAK-7", KeccakRow { is_last: one, ..first() }),
        ("KECCAK-8", KeccakRow { is_first: one, ..middle() }),
        ("KECCAK-9", KeccakRow { is_last: one, ..middle() }),
        ("KECCAK-10", set(middle(), |row| row.b[399] = F::TWO)),
        ("KECCAK-11", set(middle(), |row| row.iota[4] = F::TWO)),
        ("KECCAK-12", set(middle(), |row| row.chi[0] = F::ONE - row.chi[0])),
        ("KECCAK-13", set(middle(), |row| row.parity[79] -= F::TWO)),
        ("KECCAK-14", set(middle(), |row| row.pairs[79] += F::from_u8(3))),
        ("KECCAK-15", set(middle(), |row| row.parity[0] = F::ONE - row.parity[0])),
        ("KECCAK-15", set(middle(), |row| row.b[16 * 24] = F::ONE - row.b[16 * 24])),
        ("KECCAK-16", set(middle(), |row| row.flips[220] = -F::ONE)),
        ("KECCAK-17", set(middle(), |row| row.low_edges[12] = F::TWO)),
        ("KECCAK-18", set(middle(), |row| row.high_edges[12] = F::TWO)),
        ("KECCAK-19", set(middle(), |row| row.limbs[24] += F::ONE)),
        ("KECCAK-20", set(middle(), |row| row.state_out[14] += F::ONE)),
        ("KECCAK-21", set(middle(), |row| row.flips_out[8] += F::ONE)),
        ("KECCAK-22", set(middle(), |row| row.state_in[14] += F::ONE)),
        ("KECCAK-22", set(middle(), |row| row.low_edges[0] = F::ONE - row.low_edges[0])),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Keccak>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

/// A round whose constant, or a bit of it, is another: every constraint holds, and no line of the
/// fixed table answers.
#[test]
fn round_constants_are_fixed() {
    let honest = rows(&random(3));
    for (row, index) in [(4, 0), (51, 1), (99, 4)] {
        let mut forged = honest.clone();
        let row = &mut forged.keccak[row];
        row.iota[index] = F::ONE - row.iota[index];
        let report = forged.report();
        assert!(!report.unanswered().is_empty(), "{index}");
        assert_eq!(forged.claim(), None);
    }
}

/// Two rows that share all but their place, exchanged, left out or there twice.
#[test]
fn rows_keep_their_places() {
    let honest = rows(&random(4));
    let claim = honest.claim();
    for row in [0, 3, 4, 40, 47, 96, 99] {
        let mut missing = honest.clone();
        missing.keccak.remove(row);
        assert_eq!(missing.claim(), None, "without {row}");
        let mut twice = honest.clone();
        twice.keccak.push(honest.keccak[row]);
        assert_eq!(twice.claim(), None, "{row} twice");
        let mut turned = honest.clone();
        turned.keccak[row].quarter.rotate_left(1);
        assert_eq!(turned.claim(), None, "{row} as another quarter");
        let mut moved = honest.clone();
        moved.keccak[row].step += F::ONE;
        assert_eq!(moved.claim(), None, "{row} as another step");
    }
    let mut shuffled = honest.clone();
    shuffled.keccak.reverse();
    shuffled.lanes.reverse();
    assert_eq!(shuffled.claim(), claim, "the order of rows says nothing");
}

/// Steps left out, done again, or in a circle.
#[test]
fn no_other_number_of_rounds() {
    let honest = rows(&random(5));
    let round = |step: usize| QUARTERS * step..QUARTERS * (step + 1);
    let mut short = honest.clone();
    short.keccak.drain(round(7));
    assert_eq!(short.claim(), None, "round 7 left out");
    let renumbered = |row: &mut KeccakRow<F>| row.step -= F::ONE;
    short.keccak[round(7).start..].iter_mut().for_each(renumbered);
    assert!(short.report().violations.contains(&"KECCAK-9"));
    let mut early = honest.clone();
    early.keccak.truncate(round(ROUNDS).start);
    early.keccak[round(ROUNDS - 1)].iter_mut().for_each(|row| row.is_last = F::ONE);
    assert!(early.report().violations.contains(&"KECCAK-9"));
    // The state after as it was before, by rows that are both first and last.
    let mut none = honest.clone();
    none.keccak.truncate(QUARTERS);
    none.keccak.iter_mut().for_each(|row| row.is_last = F::ONE);
    none.lanes.iter_mut().for_each(|row| row.after = row.before);
    assert_eq!(none.claim(), None);
    // A last round that goes on into another first one.
    let mut circle = honest.clone();
    circle.keccak[round(ROUNDS)].iter_mut().for_each(|row| row.is_last = F::ZERO);
    assert_eq!(circle.claim(), None);
}

/// Rows of one call in another, and rows that no call asks for.
#[test]
fn calls_do_not_mix() {
    let (one, other) = (rows(&random(6)), rows(&random(7)));
    for step in [1, 12, ROUNDS] {
        let mut spliced = one.clone();
        spliced.keccak[QUARTERS * step..].clone_from_slice(&other.keccak[QUARTERS * step..]);
        spliced.lanes[0].after = other.lanes[0].after;
        spliced.lanes[1].after = other.lanes[1].after;
        assert!(spliced.report().violations.is_empty());
        assert_eq!(spliced.claim(), None, "spliced before step {step}");
    }
    for quarter in 0..QUARTERS {
        let mut spliced = one.clone();
        for step in 0..=ROUNDS {
            let index = QUARTERS * step + quarter;
            spliced.keccak[index] = other.keccak[index];
        }
        assert_eq!(spliced.claim(), None, "quarter {quarter} of another call");
    }
    let later = Rows::of(CLOCK + 1, &random(7), &mut LookupCounts::default());
    let mut both = one.clone();
    both.keccak.extend(&later.keccak);
    assert_eq!(both.claim(), None, "rounds without a call");
    both.lanes.extend(&later.lanes);
    let mut expected_both = expected(CLOCK, &random(6));
    expected_both.0.extend(expected(CLOCK + 1, &random(7)).0);
    assert_eq!(both.claim(), Some(expected_both), "two calls");
    let mut crossed = both.clone();
    let (first, second) = crossed.lanes.split_at_mut(2);
    core::mem::swap(&mut first[0].after, &mut second[0].after);
    assert_eq!(crossed.claim(), None, "results exchanged");
    let without = Rows { keccak: Vec::new(), ..one.clone() };
    assert_eq!(without.claim(), None, "a call without rounds");
}

/// The halves of a call's lanes: each once, where the call says, and each lane in its place.
#[test]
fn halves_belong_together() {
    let honest = rows(&random(9));
    let mut swapped = honest.clone();
    swapped.lanes[0].after.swap(12, 16);
    assert_eq!(swapped.claim(), None, "limbs of two lanes exchanged");
    let mut elsewhere = honest.clone();
    elsewhere.lanes[1].cell += F::from_u8(8);
    assert_eq!(elsewhere.claim(), None, "an upper half that lies elsewhere");
    for half in 0..2 {
        let mut missing = honest.clone();
        missing.lanes.remove(half);
        assert_eq!(missing.claim(), None, "without half {half}");
        let mut twice = honest.clone();
        twice.lanes.push(honest.lanes[half]);
        assert_eq!(twice.claim(), None, "half {half} twice");
    }
    // A second permutation of the same tick asks for a second call.
    let mut again = honest.clone();
    again.keccak.extend(&honest.keccak);
    again.lanes.extend(&honest.lanes);
    assert_ne!(again.claim(), honest.claim());
    let calls = again.claim().map(|claim| claim.0.into_values().filter(|c| *c == -F::TWO).count());
    assert_eq!(calls, Some(1));
}

/// Bits of theta that no parities make, in a row that is consistent in itself.
#[test]
fn theta_is_that_of_the_parities() {
    let honest = rows(&random(8));
    for (row, index) in [(4, 0), (30, 100), (99, 220)] {
        let mut forged = honest.clone();
        let flip = &mut forged.keccak[row].flips[index];
        *flip = F::ONE - *flip;
        repack(&mut forged.keccak[row]);
        assert!(forged.report().violations.is_empty());
        assert_eq!(forged.claim(), None);
    }
    for index in 0..13 {
        let mut forged = honest.clone();
        let row = &mut forged.keccak[41];
        row.low_edges[index] = F::ONE - row.low_edges[index];
        row.high_edges[index] = F::ONE - row.high_edges[index];
        assert!(forged.report().violations.is_empty(), "their exclusive or is the same");
        assert_eq!(forged.claim(), None);
    }
    // The same numbers by digits that are no bits.
    let mut forged = honest.clone();
    let row = &mut forged.keccak[41];
    row.flips[0] -= F::TWO;
    row.flips[1] += F::ONE;
    repack(row);
    assert!(forged.report().violations.contains(&"KECCAK-16"));
}

/// Makes the packed bits of the state before what the row's other columns say.
fn repack(row: &mut KeccakRow<F>) {
    for index in 0..STATE_PACKS {
        let held = |value: F| {
            let mut row = *row;
            row.state_in[index] = value;
            let ids = report::<Keccak>(&flatten(row)).violations;
            ids.iter().filter(|id| **id == "KECCAK-22").count()
        };
        let most = held(row.state_in[index]);
        let shifts = (0..30).flat_map(|log| [F::from_u32(1 << log), -F::from_u32(1 << log)]);
        let fitting = shifts.map(|shift| row.state_in[index] + shift).find(|v| held(*v) < most);
        row.state_in[index] = fitting.unwrap_or(row.state_in[index]);
    }
}
