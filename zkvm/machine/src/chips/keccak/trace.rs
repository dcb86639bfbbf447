//! Rows of the Keccak chip.

use minster_precompiles::Block;
use minster_precompiles::keccak_f::ROUND_CONSTANTS;
use p3_field::PrimeCharacteristicRing;

use super::layout::{
    EDGE, FLIP, IOTA_POSITIONS, LANES, PACKED, POSITIONS, QUARTERS, SHEETS, STATE, rho_pi,
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
                *row = round.row(quarter);
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

/// A round with what it is made of, each word all 64 bits of a lane or of a sheet's parities.
#[derive(Debug)]
struct Round {
    /// Parities of the state before, and what theta made of them.
    parity_before: [u64; SHEETS],
    flips: [u64; SHEETS],
    /// After theta, rho and pi.
    b: [u64; LANES],
    constant: u64,
    after: [u64; LANES],
    parity: [u64; SHEETS],
}

impl Round {
    /// The state before the first round, as if a round without theta, rho, pi and iota made it.
    fn first(state: &[u64; LANES]) -> Self {
        let none = [0; SHEETS];
        Self::new(none, none, chi_inverse(state), 0)
    }

    fn next(&self, constant: u64) -> Self {
        let flips = theta(&self.parity);
        let mut state = self.after;
        for row in state.chunks_mut(SHEETS) {
            row.iter_mut().zip(flips).for_each(|(lane, flips)| *lane ^= flips);
        }
        Self::new(self.parity, flips, rho_pi(&state), constant)
    }

    fn new(
        parity_before: [u64; SHEETS],
        flips: [u64; SHEETS],
        b: [u64; LANES],
        constant: u64,
    ) -> Self {
        let mut after = chi(&b);
        after[0] ^= constant;
        let parity = core::array::from_fn(|x| {
            (0..SHEETS).fold(0, |parity, y| parity ^ after[x + SHEETS * y])
        });
        Self { parity_before, flips, b, constant, after, parity }
    }

    /// One quarter of the round, without what all quarters share.
    fn row(&self, quarter: usize) -> KeccakRow<F> {
        let start = POSITIONS * quarter;
        let mut row = KeccakRow::default();
        row.quarter[quarter] = F::ONE;
        spread(&mut row.b, &self.b, start);
        spread(&mut row.parity, &self.parity, start);
        let chi = self.after[0] ^ self.constant;
        for (index, position) in IOTA_POSITIONS.into_iter().enumerate() {
            row.iota[index] = bit(self.constant, start + position);
            row.chi[index] = bit(chi, start + position);
        }
        for (limb, lane) in row.limbs.iter_mut().zip(self.after) {
            *limb = F::from_u16((lane >> start) as u16);
        }
        for (index, pairs) in row.pairs.iter_mut().enumerate() {
            let (x, at) = (index / POSITIONS, start + index % POSITIONS);
            let ones: u64 = (0..SHEETS).map(|y| self.after[x + SHEETS * y] >> at & 1).sum();
            *pairs = F::from_u64(ones >> 1);
        }
        self.fill_before(&mut row, quarter);
        let after = |index: usize| self.after[index / POSITIONS] >> (start + index % POSITIONS) & 1;
        for (packed, group) in row.state_out.iter_mut().zip(STATE.packs()) {
            *packed = pack(group.iter().map(|passage| after(passage.from)));
        }
        let flips = theta(&self.parity);
        for (packed, group) in row.flips_out.iter_mut().zip(FLIP.packs()) {
            *packed = pack(group.iter().map(|flip| flips[flip.sheet] >> (start + flip.position)));
        }
        row
    }

    /// What comes from the state before, out of each quarter at its distance.
    fn fill_before(&self, row: &mut KeccakRow<F>, quarter: usize) {
        let mut packs = row.state_in.iter_mut();
        for distance in 0..QUARTERS {
            let start = POSITIONS * ((quarter + QUARTERS - distance) % QUARTERS);
            for (cell, flip) in row.flips[FLIP.range(distance)].iter_mut().zip(FLIP.at(distance)) {
                *cell = bit(self.flips[flip.sheet], start + flip.position);
            }
            for (index, x) in EDGE.range(distance).zip(EDGE.at(distance)) {
                let low = self.parity_before[(x + SHEETS - 1) % SHEETS];
                let high = self.parity_before[(x + 1) % SHEETS];
                row.low_edges[index] = bit(low, start);
                row.high_edges[index] = bit(high, (start + 63) % 64);
            }
            for (group, packed) in STATE.at(distance).chunks(PACKED).zip(packs.by_ref()) {
                *packed = pack(group.iter().map(|passage| {
                    let (lane, at) = (passage.to / POSITIONS, passage.to % POSITIONS);
                    let (source, from) = (passage.from / POSITIONS, passage.from % POSITIONS);
                    let flip = self.flips[source % SHEETS] >> (start + from);
                    self.b[lane] >> (POSITIONS * quarter + at) ^ flip
                }));
            }
        }
    }
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
    core::array::from_fn(|x| {
        parity[(x + SHEETS - 1) % SHEETS] ^ parity[(x + 1) % SHEETS].rotate_left(1)
    })
}

/// Five lanes that share y, each in its turn the first.
fn in_turn(state: &[u64; LANES], step: impl Fn([u64; SHEETS]) -> u64) -> [u64; LANES] {
    core::array::from_fn(|lane| {
        let row = lane - lane % SHEETS;
        step(core::array::from_fn(|ahead| state[row + (lane + ahead) % SHEETS]))
    })
}

fn chi(state: &[u64; LANES]) -> [u64; LANES] {
    in_turn(state, |[a, b, c, ..]| a ^ (!b & c))
}

/// The state that chi takes to this one.
fn chi_inverse(state: &[u64; LANES]) -> [u64; LANES] {
    in_turn(state, |[a, b, c, d, e]| a ^ (!b & (c ^ (!d & e))))
}
