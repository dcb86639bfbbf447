//! Rows of the SHA-256 chip.

use minster_precompiles::Block;
use minster_precompiles::sha256::ROUND_CONSTANTS;
use p3_field::PrimeCharacteristicRing;

use super::{
    BIG_SIGMA_0, BIG_SIGMA_1, BITS, CHOOSE_SLOTS, Distances, EXPANSION_SLOTS, MAJORITY_SLOTS,
    PAIRS, QUADS, SLOTS, SMALL_SIGMA_0, SMALL_SIGMA_1, Sha256, Sha256Row,
};
use crate::F;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

/// Rows of the call and of the block.
const HEAD: usize = 3;
/// Rows of the schedule.
const SCHEDULE: usize = 12;

impl PrecompileTable for Sha256 {
    const ROWS: usize = HEAD + SCHEDULE + PAIRS as usize;

    fn fill(call: &CallRecord<'_>, rows: &mut [Sha256Row<F>], counts: &mut LookupCounts) {
        let ([before, block @ ..], [after, ..]) = (call.before, call.after) else { return };
        let words = words(block.iter().flatten().map(|word| word.swap_bytes()));
        let cell = call.cells[1];
        let head =
            [call_row(call.cells[0], before, after), block_row(&words, 0), block_row(&words, 8)];
        let schedule = (4..16).map(|quad| schedule_row(&words, quad));
        let mut state = *before;
        let rounds = (0..PAIRS).map(|pair| {
            counts.constant(2 * pair);
            counts.constant(2 * pair + 1);
            round_row(&mut state, &words, &ROUND_CONSTANTS, pair as usize)
        });
        for (row, draft) in rows.iter_mut().zip(head.into_iter().chain(schedule).chain(rounds)) {
            *row = Sha256Row {
                clock: F::from_u32(call.clock),
                cell: F::from_u32(cell),
                ..draft.row()
            };
        }
    }
}

/// What a row holds.
#[derive(Default)]
pub(super) struct Draft {
    kind: Kind,
    index: u32,
    slots: [u32; SLOTS],
    shared: [Limbs; 12],
    carries: [u32; 16],
}

/// The kinds of rows, in the order of their flags.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Call,
    First,
    Second,
    Schedule,
    Last,
    Even,
    Odd,
}

impl Draft {
    pub(super) fn row(self) -> Sha256Row<F> {
        let flag = |kind| F::from_bool(self.kind == kind);
        let bit = |index: usize| F::from_u32(self.slots[index / BITS] >> (index % BITS) & 1);
        let (choose, majority, expansion) = functions(&self.slots);
        Sha256Row {
            is_call: flag(Kind::Call),
            is_first: flag(Kind::First),
            is_second: flag(Kind::Second),
            is_schedule: flag(Kind::Schedule),
            is_last: flag(Kind::Last),
            is_even: flag(Kind::Even),
            is_odd: flag(Kind::Odd),
            index: F::from_u32(self.index),
            bits: core::array::from_fn(bit),
            choose: cells(choose),
            majority: cells(majority),
            expansion: cells(expansion),
            carries: self.carries.map(F::from_u32),
            shared: cells(self.shared),
            ..Sha256Row::default()
        }
    }
}

/// The limbs of a word, or sums of such limbs.
type Limbs = [u32; 2];

/// The limbs of a word.
fn limbs(word: u32) -> Limbs {
    [word & 0xffff, word >> 16]
}

/// The sum of two words by limbs, without a carry.
fn added(left: u32, right: u32) -> Limbs {
    let ([a, b], [c, d]) = (limbs(left), limbs(right));
    [a + c, b + d]
}

/// The cells of words' limbs.
fn cells<const N: usize, const LIMBS: usize>(words: [Limbs; N]) -> [F; LIMBS] {
    core::array::from_fn(|index| F::from_u32(words[index / 2][index % 2]))
}

fn big_sigma(word: u32, [a, b, c]: Distances) -> u32 {
    word.rotate_right(a) ^ word.rotate_right(b) ^ word.rotate_right(c)
}

fn small_sigma(word: u32, [a, b, c]: Distances) -> u32 {
    word.rotate_right(a) ^ word.rotate_right(b) ^ word >> c
}

/// The sum of Σ1 and Ch.
fn choose([e, f, g]: [u32; 3]) -> Limbs {
    added(big_sigma(e, BIG_SIGMA_1), e & f | !e & g)
}

/// The sum of Σ0 and Maj.
fn majority([a, b, c]: [u32; 3]) -> Limbs {
    added(big_sigma(a, BIG_SIGMA_0), a & b ^ a & c ^ b & c)
}

/// The sums of Σ1 and Ch, of Σ0 and Maj, and of σ0 and σ1.
fn functions(slots: &[u32; SLOTS]) -> ([Limbs; 2], [Limbs; 2], [Limbs; 4]) {
    let choose = CHOOSE_SLOTS.map(|slot| choose(slot.map(|slot| slots[slot])));
    let majority = MAJORITY_SLOTS.map(|slot| majority(slot.map(|slot| slots[slot])));
    let expansion = EXPANSION_SLOTS.map(|[old, new]| {
        added(small_sigma(slots[old], SMALL_SIGMA_0), small_sigma(slots[new], SMALL_SIGMA_1))
    });
    (choose, majority, expansion)
}

/// The whole message schedule.
pub(super) fn words(block: impl Iterator<Item = u32>) -> [u32; 64] {
    let mut words = [0; 64];
    words.iter_mut().zip(block).for_each(|(word, block)| *word = block);
    for t in 16..64 {
        words[t] = words[t - 16]
            .wrapping_add(small_sigma(words[t - 15], SMALL_SIGMA_0))
            .wrapping_add(words[t - 7])
            .wrapping_add(small_sigma(words[t - 2], SMALL_SIGMA_1));
    }
    words
}

/// What the limbs of a sum of words carry when they are brought to those of a result.
fn carries<const N: usize>(words: [Limbs; N], result: u32) -> [u32; 2] {
    let sum = |limb: usize| words.iter().map(|word| word[limb]).sum::<u32>();
    let low = sum(0) >> 16;
    [low, (sum(1) + low - (result >> 16)) >> 16]
}

/// The row of the call.
pub(super) fn call_row(cell: u32, before: &Block, after: &Block) -> Draft {
    let mut draft = Draft { kind: Kind::Call, slots: *after, ..Draft::default() };
    draft.shared[..SLOTS].copy_from_slice(&before.map(limbs));
    draft.shared[SLOTS] = [cell, 0];
    let pairs = before.iter().zip(after).zip(draft.carries.chunks_mut(2));
    for ((before, after), cells) in pairs {
        let worked = after.wrapping_sub(*before);
        cells.copy_from_slice(&carries([limbs(*before), limbs(worked)], *after));
    }
    draft
}

/// The row of eight words of the block, from word `first` on.
pub(super) fn block_row(words: &[u32; 64], first: usize) -> Draft {
    let (kind, index) = if first == 0 { (Kind::First, 1) } else { (Kind::Second, 3) };
    let mut draft = Draft { kind, index, ..Draft::default() };
    draft.slots.copy_from_slice(&words[first..first + SLOTS]);
    draft.shared[..2].copy_from_slice(&[words[first + 6], words[first + 7]].map(limbs));
    if kind == Kind::Second {
        let older = draft.shared[2..].iter_mut().zip(&words[..SLOTS]);
        older.for_each(|(limb, word)| *limb = limbs(*word));
    }
    draft
}

/// The row that makes quad `quad` of the schedule.
pub(super) fn schedule_row(words: &[u32; 64], quad: usize) -> Draft {
    let kind = if quad == QUADS as usize - 1 { Kind::Last } else { Kind::Schedule };
    let at = |offset: usize| words[4 * quad - 16 + offset];
    let slots = [1, 2, 3, 4, 16, 17, 14, 15].map(at);
    let shared = [18, 19, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13].map(|offset| limbs(at(offset)));
    let (_, _, expansion) = functions(&slots);
    let mut draft = Draft { kind, index: quad as u32, slots, shared, ..Draft::default() };
    for (index, cells) in draft.carries.chunks_mut(2).enumerate().take(4) {
        let terms = [limbs(at(index)), limbs(at(index + 9)), expansion[index]];
        cells.copy_from_slice(&carries(terms, at(index + 16)).map(|carry| carry >> 1));
    }
    draft
}

/// The row of two rounds, which leaves the state as it is behind them.
pub(super) fn round_row(
    state: &mut Block,
    words: &[u32; 64],
    constants: &[u32; 64],
    pair: usize,
) -> Draft {
    let kind = if pair.is_multiple_of(2) { Kind::Even } else { Kind::Odd };
    let mut draft = Draft { kind, index: pair as u32, ..Draft::default() };
    let [d, h] = [state[3], state[7]];
    let [k0, k1] = [constants[2 * pair], constants[2 * pair + 1]];
    for (index, constant) in [k0, k1].into_iter().enumerate() {
        let uppers = round(state, words[2 * pair + index], constant);
        draft.carries[4 * index..][..4].copy_from_slice(&uppers[..4]);
        draft.carries[8 + 2 * index..][..2].copy_from_slice(&uppers[4..]);
        if index == 0 {
            draft.slots = *state;
        }
    }
    let quad: [u32; 4] = core::array::from_fn(|index| words[4 * (pair / 2) + index]);
    let ([q0, q1], new) = match kind {
        Kind::Even => ([0, 0], quad),
        _ => ([quad[2], quad[3]], [0; 4]),
    };
    let [v0, v1, v2, v3] = new;
    draft.shared = [d, h, q0, q1, v0, v1, v2, v3, k0, k1, state[0], state[4]].map(limbs);
    draft
}

/// One round. Returns the upper bits of the carries: four of e, two of a.
fn round(state: &mut Block, word: u32, constant: u32) -> [u32; 6] {
    let [a, b, c, d, e, f, g, h] = *state;
    let (choose, majority) = (choose([e, f, g]), majority([a, b, c]));
    let terms = [limbs(d), limbs(h), choose, limbs(constant), limbs(word)];
    let new_e = total(&terms);
    let [low, high] = carries(terms, new_e);
    // Less d by adding the limbs of what is left to 2^16: each carry rises by one.
    let less = limbs(d).map(|limb| (1 << 16) - limb);
    let new_a = total(&[limbs(new_e), majority]).wrapping_sub(d);
    let [sum_low, sum_high] = [0, 1].map(|limb| limbs(new_e)[limb] + majority[limb] + less[limb]);
    let low_a = sum_low >> 16;
    let high_a = (sum_high + low_a - 1) >> 16;
    *state = [new_a, a, b, c, new_e, e, f, g];
    [low >> 1 & 1, low >> 2, high >> 1 & 1, high >> 2, low_a >> 1, high_a >> 1]
}

/// The sum of words, modulo 2^32.
fn total(words: &[Limbs]) -> u32 {
    let word = |[low, high]: &Limbs| low.wrapping_add(high << 16);
    words.iter().map(word).fold(0, u32::wrapping_add)
}
