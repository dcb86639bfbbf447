//! Rows of the Keccak chip.

use core::array::from_fn;

use minster_precompiles::Block;
use minster_precompiles::keccak_f::ROUND_CONSTANTS;
use p3_field::PrimeCharacteristicRing;

use super::layout::{
    EDGE, FLIP, IOTA_POSITIONS, LANES, POSITIONS, Passage, QUARTERS, SHEETS, STATE, STATE_PACKS,
    rho_pi,
};
use super::{Keccak, KeccakRow, ROUNDS};
use crate::F;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::{KECCAK_CONSTANTS_START, LookupCounts};

impl PrecompileTable for Keccak {
    const ROWS: usize = QUARTERS * (ROUNDS + 1);

    fn fill(call: &CallRecord<'_>, rows: &mut [KeccakRow<F>], counts: &mut LookupCounts) {
        let mut round = Round::first(&lanes(call.before));
        for (step, rows) in rows.chunks_mut(QUARTERS).enumerate() {
            if step > 0 {
                round = round.next(ROUND_CONSTANTS[step - 1]);
            }
            for (quarter, row) in rows.iter_mut().enumerate() {
                round.fill(quarter, row);
                row.clock = F::from_u32(call.clock);
                row.step = F::from_usize(step);
                row.is_first = F::from_bool(step == 0);
                row.is_last = F::from_bool(step == ROUNDS);
                if step > 0 {
                    let index = (QUARTERS * (step - 1) + quarter) as u32;
                    counts.constant(KECCAK_CONSTANTS_START + index);
                }
            }
        }
    }
}

/// The lanes of a state in memory, low words first.
fn lanes(blocks: &[Block]) -> [u64; LANES] {
    let mut lanes = [0; LANES];
    let words = blocks.as_flattened().as_chunks().0;
    for (lane, [low, high]) in lanes.iter_mut().zip(words) {
        *lane = u64::from(*low) | u64::from(*high) << 32;
    }
    lanes
}

/// Packed bits of a state, by the quarter that gives or takes them.
type Packs = [[F; STATE_PACKS]; QUARTERS];

/// A round with what it is made of, each word all 64 bits of a lane or of a sheet's parities.
#[derive(Debug)]
struct Round {
    /// Parities of the state before, and what theta made of them.
    parity_before: [u64; SHEETS],
    flips: [u64; SHEETS],
    state_in: Packs,
    /// After theta, rho and pi.
    b: [u64; LANES],
    constant: u64,
    after: [u64; LANES],
    parity: [u64; SHEETS],
    /// Pairs of ones with the same x and z: their sum.
    pairs: [[u64; SHEETS]; 2],
    state_out: Packs,
}

impl Round {
    /// The state before the first round, as if a round without theta, rho, pi and iota made it.
    fn first(state: &[u64; LANES]) -> Self {
        let none = [0; SHEETS];
        let b = chi_inverse(state);
        let state_in = from_fn(|quarter| packs(quarter, &b, |passage| passage.to));
        Self::new(none, none, state_in, b, 0)
    }

    fn next(&self, constant: u64) -> Self {
        let flips = theta(&self.parity);
        let mut state = self.after;
        for row in state.chunks_mut(SHEETS) {
            row.iter_mut().zip(flips).for_each(|(lane, flips)| *lane ^= flips);
        }
        let mut state_in = [[F::ZERO; STATE_PACKS]; QUARTERS];
        for (quarter, taken) in state_in.iter_mut().enumerate() {
            for distance in 0..QUARTERS {
                let range = STATE.packs_before(distance)..STATE.packs_before(distance + 1);
                let given = &self.state_out[before(quarter, distance)][range.clone()];
                taken[range].copy_from_slice(given);
            }
        }
        Self::new(self.parity, flips, state_in, rho_pi(&state), constant)
    }

    fn new(
        parity_before: [u64; SHEETS],
        flips: [u64; SHEETS],
        state_in: Packs,
        b: [u64; LANES],
        constant: u64,
    ) -> Self {
        let mut after = chi(&b);
        after[0] ^= constant;
        let (mut parity, mut pairs) = ([0; SHEETS], [[0; SHEETS]; 2]);
        for x in 0..SHEETS {
            // Two additions of three bits each, all positions at once.
            let [a, b, c, d, e] = from_fn(|y| after[x + SHEETS * y]);
            let low = a ^ b ^ c;
            parity[x] = low ^ d ^ e;
            pairs[0][x] = a & b | c & (a ^ b);
            pairs[1][x] = low & d | e & (low ^ d);
        }
        let state_out = from_fn(|quarter| packs(quarter, &after, |passage| passage.from));
        Self { parity_before, flips, state_in, b, constant, after, parity, pairs, state_out }
    }

    /// Fills one quarter of the round, but for what all quarters share.
    fn fill(&self, quarter: usize, row: &mut KeccakRow<F>) {
        let start = POSITIONS * quarter;
        row.quarter = from_fn(|index| F::from_bool(index == quarter));
        spread(&mut row.b, &self.b, start);
        spread(&mut row.parity, &self.parity, start);
        let [first, second] = &self.pairs;
        spread(&mut row.pairs, first, start);
        for (cells, word) in row.pairs.chunks_mut(POSITIONS).zip(second) {
            let add = |(at, cell): (usize, &mut F)| *cell += bit(*word, start + at);
            cells.iter_mut().enumerate().for_each(add);
        }
        let chi = self.after[0] ^ self.constant;
        row.iota = IOTA_POSITIONS.map(|position| bit(self.constant, start + position));
        row.chi = IOTA_POSITIONS.map(|position| bit(chi, start + position));
        row.limbs = self.after.map(|lane| F::from_u16((lane >> start) as u16));
        row.state_in = self.state_in[quarter];
        row.state_out = self.state_out[quarter];
        self.fill_theta(quarter, row);
        let flips = theta(&self.parity).map(|flips| flips >> start);
        for (packed, group) in row.flips_out.iter_mut().zip(FLIP.packs()) {
            *packed = pack(group.iter().map(|flip| flips[flip.sheet] >> flip.position));
        }
    }

    /// What theta of this round added, out of each quarter at its distance.
    fn fill_theta(&self, quarter: usize, row: &mut KeccakRow<F>) {
        for distance in 0..QUARTERS {
            let start = POSITIONS * before(quarter, distance);
            for (cell, flip) in row.flips[FLIP.range(distance)].iter_mut().zip(FLIP.at(distance)) {
                *cell = bit(self.flips[flip.sheet], start + flip.position);
            }
            for (index, x) in EDGE.range(distance).zip(EDGE.at(distance)) {
                let low = self.parity_before[(x + SHEETS - 1) % SHEETS];
                let high = self.parity_before[(x + 1) % SHEETS];
                row.low_edges[index] = bit(low, start);
                row.high_edges[index] = bit(high, (start + 63) % 64);
            }
        }
    }
}

/// The quarter that lies so far before one.
const fn before(quarter: usize, distance: usize) -> usize {
    (quarter + QUARTERS - distance) % QUARTERS
}

/// The packed bits of one quarter of a state, each bit at the index that is asked for.
fn packs(
    quarter: usize,
    state: &[u64; LANES],
    index: impl Fn(&Passage) -> usize,
) -> [F; STATE_PACKS] {
    let state = state.map(|lane| lane >> (POSITIONS * quarter));
    let mut packs = [F::ZERO; STATE_PACKS];
    for (packed, group) in packs.iter_mut().zip(STATE.packs()) {
        let bits = group.iter().map(&index);
        *packed = pack(bits.map(|index| state[index / POSITIONS] >> (index % POSITIONS)));
    }
    packs
}

/// A bit of a word.
fn bit(word: u64, index: usize) -> F {
    F::from_bool(word >> index & 1 == 1)
}

/// The bits of a quarter of each word.
fn spread(cells: &mut [F], words: &[u64], start: usize) {
    for (cells, word) in cells.chunks_mut(POSITIONS).zip(words) {
        cells.iter_mut().enumerate().for_each(|(index, cell)| *cell = bit(*word, start + index));
    }
}

/// The lowest bits of words as the digits of a number, the lowest first.
fn pack(bits: impl DoubleEndedIterator<Item = u64>) -> F {
    F::from_u64(bits.rfold(0, |sum, bit| sum << 1 | bit & 1))
}

/// What theta adds to the lanes of each x.
fn theta(parity: &[u64; SHEETS]) -> [u64; SHEETS] {
    from_fn(|x| parity[(x + SHEETS - 1) % SHEETS] ^ parity[(x + 1) % SHEETS].rotate_left(1))
}

/// Five lanes that share y, each in its turn the first.
fn in_turn(state: &[u64; LANES], step: impl Fn([u64; SHEETS]) -> u64) -> [u64; LANES] {
    from_fn(|lane| {
        let row = lane - lane % SHEETS;
        step(from_fn(|ahead| state[row + (lane + ahead) % SHEETS]))
    })
}

fn chi(state: &[u64; LANES]) -> [u64; LANES] {
    in_turn(state, |[a, b, c, ..]| a ^ (!b & c))
}

/// The state that chi takes to this one.
fn chi_inverse(state: &[u64; LANES]) -> [u64; LANES] {
    in_turn(state, |[a, b, c, d, e]| a ^ (!b & (c ^ (!d & e))))
}
