//! Rows of the chip of BLAKE3's half rounds.

use core::array::from_fn;

use minster_precompiles::Block;
use p3_field::PrimeCharacteristicRing;

use super::{
    Blake3, Blake3Row, HALF_ROUNDS, Half, LANES, Lane, ROWS, WORD_ORDER, before_permutation,
};
use crate::F;
use crate::access::{Word, word};
use crate::chips::blake3_call;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

impl PrecompileTable for Blake3 {
    const ROWS: usize = ROWS;

    fn fill(call: &CallRecord<'_>, rows: &mut [Blake3Row<F>], counts: &mut LookupCounts) {
        let message: [u32; 16] = from_fn(|index| call.before[1 + index / 8][index % 8]);
        let mut state = blake3_call::first_state(&call.before[0], &call.before[3]);
        let clock = F::from_u32(call.clock);
        for (half_round, row) in rows.iter_mut().take(HALF_ROUNDS).enumerate() {
            let order = WORD_ORDER[half_round];
            let mixed: [_; LANES] = from_fn(|lane| {
                let words = [message[order[2 * lane]], message[order[2 * lane + 1]]];
                mix(state[lane], words, counts)
            });
            let half_round = F::from_usize(half_round);
            let lanes = mixed.map(|(cells, _)| cells);
            *row = Blake3Row { is_mixing: F::ONE, clock, half_round, ..with(lanes) };
            state = from_fn(|lane| from_fn(|word| mixed[before_permutation(word, lane)].1[word]));
        }
        for row in rows.iter_mut().skip(HALF_ROUNDS) {
            let lanes = from_fn(|lane| feed_forward(state[lane], &call.before[0], lane, counts));
            let half_round = F::from_usize(HALF_ROUNDS);
            *row = Blake3Row { is_output: F::ONE, clock, half_round, ..with(lanes) };
            row.lane_0.first.c[0] = F::from_u32(call.cells[0]);
        }
    }
}

fn with(lanes: [Lane<F>; LANES]) -> Blake3Row<F> {
    let [lane_0, lane_1, lane_2, lane_3] = lanes;
    Blake3Row { lane_0, lane_1, lane_2, lane_3, ..Default::default() }
}

/// The cells of one G, and the words after it.
fn mix(before: [u32; 4], [x, y]: [u32; 2], counts: &mut LookupCounts) -> (Lane<F>, [u32; 4]) {
    let [a, b, c, d] = before;
    let first = half(before, x, 16, counts);
    let middle = [first[0], first[3].rotate_right(12), first[2], first[1].rotate_right(16)];
    let second = half(middle, y, 8, counts);
    let lane = Lane {
        a: word(a),
        b: bytes(b),
        c: word(c),
        d: bytes(d),
        x: word(x),
        y: word(y),
        first: cells(first),
        nibbles: nibbles(first[3]),
        second: cells(second),
        tops: [second[3] >> 7 & 1, second[3] >> 23 & 1].map(F::from_u32),
    };
    let [a, d, c, b] = second;
    (lane, [a, b.rotate_right(7), c, d.rotate_right(8)])
}

/// What a half of G computes, in the order of the columns. d and b are not yet turned.
fn half([a, b, c, d]: [u32; 4], message: u32, turn: u32, counts: &mut LookupCounts) -> [u32; 4] {
    let a = a.wrapping_add(b).wrapping_add(message);
    count_xor(d, a, counts);
    let d = d ^ a;
    let c = c.wrapping_add(d.rotate_right(turn));
    count_xor(b, c, counts);
    [a, d, c, b ^ c]
}

/// The cells of a lane at the end of a call. Of the message's words and of the first half there is
/// as much as the constraints need, and the chaining value.
fn feed_forward(
    [a, b, c, d]: [u32; 4],
    value: &Block,
    lane: usize,
    counts: &mut LookupCounts,
) -> Lane<F> {
    count_xor(a, c, counts);
    count_xor(d, b, counts);
    let [low, high] = [word(value[2 * lane]), word(value[2 * lane + 1])];
    let first_a = [low.low, low.high, high.low, high.high];
    let turned = d.rotate_left(12);
    Lane {
        a: word(a),
        b: bytes(b),
        c: word(c),
        d: bytes(d),
        x: less(limbs(first_a), [word(a), word(b)]),
        y: less(word(c), [limbs(first_a), word(d)]),
        first: Half { a: first_a, d: bytes(a.rotate_left(16)), c: [F::ZERO; 4], b: bytes(turned) },
        nibbles: nibbles(turned),
        second: cells([c, a ^ c, b, b ^ d]),
        tops: [F::ZERO; 2],
    }
}

/// A sum less two of its addends, limb by limb and without a carry.
fn less(sum: Word<F>, addends: [Word<F>; 2]) -> Word<F> {
    let [one, two] = addends;
    Word { low: sum.low - one.low - two.low, high: sum.high - one.high - two.high }
}

/// What the constraints read as the limbs of four cells.
fn limbs([a, b, c, d]: [F; 4]) -> Word<F> {
    let base = F::from_u32(1 << 8);
    Word { low: a + b * base, high: c + d * base }
}

fn cells([a, d, c, b]: [u32; 4]) -> Half<F> {
    Half { a: bytes(a), d: bytes(d), c: bytes(c), b: bytes(b) }
}

fn bytes(value: u32) -> [F; 4] {
    value.to_le_bytes().map(F::from_u8)
}

/// The low nibble of each byte in its pieces, of weights 1, 3 and 7.
fn nibbles(value: u32) -> [F; 12] {
    let bytes = value.to_le_bytes();
    from_fn(|index| {
        let nibble = bytes[index / 3] & 15;
        let high = nibble >> 3;
        let rest = nibble - 7 * high;
        F::from_u8([rest % 3, rest / 3, high][index % 3])
    })
}

fn count_xor(left: u32, right: u32, counts: &mut LookupCounts) {
    for (left, right) in left.to_le_bytes().into_iter().zip(right.to_le_bytes()) {
        counts.xor(left.into(), right.into());
    }
}
