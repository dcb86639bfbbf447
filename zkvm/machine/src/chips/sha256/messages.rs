//! Messages of the SHA-256 chip.

use minster_precompiles::Function;
use p3_field::PrimeCharacteristicRing;

use super::{BITS, PAIRS, QUADS, SLOTS, Sha256Row};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{
    self, BLOCK, Block, CALL, CONSTANT, Call, SHA256_ROUND, SHA256_WINDOW, SHA256_WORDS, constant,
};
use crate::chips::precompile::slot;

/// Words as a list of limbs, the low one of each first.
fn flat<E: Clone, const N: usize, const LIMBS: usize>(words: &[Word<E>; N]) -> [E; LIMBS] {
    const { assert!(LIMBS == 2 * N, "two limbs a word") };
    core::array::from_fn(|index| {
        let word = &words[index / 2];
        if index % 2 == 0 { word.low.clone() } else { word.high.clone() }
    })
}

/// One list behind another.
fn joined<T: Clone, const HEAD: usize, const TAIL: usize, const N: usize>(
    head: [T; HEAD],
    tail: &[T; TAIL],
) -> [T; N] {
    const { assert!(N == HEAD + TAIL, "every part once") };
    core::array::from_fn(|index| match head.get(index) {
        Some(part) => part.clone(),
        None => tail[index - HEAD].clone(),
    })
}

/// No words.
fn none<AB: ChipBuilder, const N: usize>() -> [Word<AB::Expr>; N] {
    core::array::from_fn(|_| Word { low: AB::Expr::ZERO, high: AB::Expr::ZERO })
}

/// The tuple of the round bus.
fn round<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    index: AB::Expr,
    is_odd: AB::Expr,
    state: &[Word<AB::Expr>; 8],
    queue: &[Word<AB::Expr>; 2],
) -> [AB::Expr; 24] {
    let head: [AB::Expr; 4] = [row.clock.into(), row.cell.into(), index, is_odd];
    let head: [AB::Expr; 20] = joined(head, &flat::<_, 8, 16>(state));
    joined(head, &flat::<_, 2, 4>(queue))
}

/// The tuple of the window bus.
fn window<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    index: AB::Expr,
    words: &[Word<AB::Expr>; 16],
) -> [AB::Expr; 35] {
    joined([row.clock.into(), row.cell.into(), index], &flat::<_, 16, 32>(words))
}

/// The tuple of the words bus. `pair` is the first of the two pairs of rounds that take the words.
fn quad<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    pair: AB::Expr,
    words: &[Word<AB::Expr>; 4],
) -> [AB::Expr; 11] {
    joined([row.clock.into(), row.cell.into(), pair], &flat::<_, 4, 8>(words))
}

/// The row of the call: the state before, and the state behind the rounds as what brings the one
/// before to the result.
pub fn call<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    result: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let [before @ .., operands, _, _, _] = row.words().map(|word| word.expr::<AB::Expr>());
    let function = Function::Sha256;
    let call = Call {
        number: constant::<AB>(function.number()),
        operands: constant::<AB>(function.operands().len() as u32),
        clock: row.clock.into(),
        cells: [operands.low.clone(), row.cell.into(), AB::Expr::ZERO, AB::Expr::ZERO],
    };
    buses::receive(builder, CALL, call.tuple(), row.is_call);
    let block = Block {
        clock: row.clock.into(),
        slot: constant::<AB>(slot::OPERANDS[0]),
        cell: operands.low,
        before: flat(&before),
        after: flat(result),
    };
    buses::send(builder, BLOCK, block.tuple(), row.is_call);
    let worked = core::array::from_fn(|index| {
        let (old, new) = (&before[index], &result[index]);
        let [low, high] = [0, 1].map(|limb| Into::<AB::Expr>::into(row.carries[2 * index + limb]));
        let limb = constant::<AB>(1 << 16);
        Word {
            low: new.low.clone() - old.low.clone() + low.clone() * limb.clone(),
            high: new.high.clone() - old.high.clone() - low + high * limb,
        }
    });
    let zero = AB::Expr::ZERO;
    let start = round::<AB>(row, zero.clone(), zero.clone(), &before, &none::<AB, 2>());
    let end = round::<AB>(row, constant::<AB>(PAIRS), zero, &worked, &none::<AB, 2>());
    buses::send(builder, SHA256_ROUND, start, row.is_call);
    buses::receive(builder, SHA256_ROUND, end, row.is_call);
}

/// A word's limbs as a little-endian machine loads them: its bytes in the other order.
fn swapped<AB: ChipBuilder>(bits: &[AB::Var; BITS]) -> Word<AB::Expr> {
    let byte =
        |start: usize| buses::pack::<AB>(bits[start..start + 8].iter().map(|bit| (*bit).into()));
    let base = constant::<AB>(1 << 8);
    Word { low: byte(24) + byte(16) * base.clone(), high: byte(8) + byte(0) * base }
}

/// Eight words of the block, as they lie in memory.
pub fn block<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    bits: &[[AB::Var; BITS]; SLOTS],
    builder: &mut AB,
) {
    let memory = flat(&bits.map(|bits| swapped::<AB>(&bits)));
    let block = Block {
        clock: row.clock.into(),
        slot: constant::<AB>(slot::OPERANDS[1]),
        cell: row.cell.into() + row.is_second.into() * constant::<AB>(8),
        before: memory.clone(),
        after: memory,
    };
    buses::send(builder, BLOCK, block.tuple(), row.is_first.into() + row.is_second);
}

/// The quads of a row: the rounds take each once.
pub fn quads<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let is_block = row.is_first.into() + row.is_second;
    let is_schedule = row.is_schedule.into() + row.is_last;
    let [w6, w7, ..] = row.words().map(|word| word.expr::<AB::Expr>());
    let [w0, w1, w2, w3, w4, w5, ..] = slots.clone();
    let pair = row.is_second.into() * constant::<AB>(4);
    let front = quad::<AB>(row, pair, &[w0, w1, w2, w3]);
    let back = quad::<AB>(row, row.index.into().double(), &[w4, w5, w6, w7]);
    buses::send(builder, SHA256_WORDS, front, is_block.clone());
    buses::send(builder, SHA256_WORDS, back, is_block + is_schedule);
}

/// The last sixteen words, from row to row.
pub fn windows<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let shared = row.words().map(|word| word.expr::<AB::Expr>());
    let index: AB::Expr = row.index.into();

    // The first half of the block waits for the second under a number that no quad has.
    let [_, _, older @ .., _, _] = shared.clone();
    let half = constant::<AB>(QUADS);
    let number = row.is_first.into() * half.clone() + row.is_second.into() * constant::<AB>(3);
    let first: [_; 16] = joined(none::<AB, 8>(), &older);
    let whole: [_; 16] = joined(older, slots);
    buses::receive(builder, SHA256_WINDOW, window::<AB>(row, half, &first), row.is_second);
    let is_block = row.is_first.into() + row.is_second;
    buses::send(builder, SHA256_WINDOW, window::<AB>(row, number, &whole), is_block);

    let [w18, w19, w0, w5, w6, w7, w8, w9, w10, w11, w12, w13] = shared;
    let [w1, w2, w3, w4, w16, w17, w14, w15] = slots.clone();
    let middle = [w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15];
    let found: [_; 16] = joined([w0, w1, w2, w3], &middle);
    let left: [_; 16] = joined(middle, &[w16, w17, w18, w19]);
    let found = window::<AB>(row, index.clone() - AB::Expr::ONE, &found);
    let is_schedule = row.is_schedule.into() + row.is_last;
    buses::receive(builder, SHA256_WINDOW, found, is_schedule);
    buses::send(builder, SHA256_WINDOW, window::<AB>(row, index, &left), row.is_schedule);
}

/// Two rounds: the state before and behind them, two words that wait for the next two rounds, four
/// new words in every other row, and the constants.
pub fn rounds<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let is_round = row.is_even.into() + row.is_odd;
    let index: AB::Expr = row.index.into();
    let [d, h, q0, q1, w0, w1, w2, w3, k0, k1, a2, e2] =
        row.words().map(|word| word.expr::<AB::Expr>());
    let [a1, a, b, c, e1, e, f, g] = slots.clone();
    let found = [a.clone(), b.clone(), c, d, e.clone(), f.clone(), g, h];
    let left = [a2, a1, a, b, e2, e1, e, f];
    let next = index.clone() + AB::Expr::ONE;
    let queue = [w2.clone(), w3.clone()];
    let found = round::<AB>(row, index.clone(), row.is_odd.into(), &found, &[q0, q1]);
    let left = round::<AB>(row, next, row.is_even.into(), &left, &queue);
    buses::receive(builder, SHA256_ROUND, found, is_round.clone());
    buses::send(builder, SHA256_ROUND, left, is_round.clone());
    let words = quad::<AB>(row, index.clone(), &[w0, w1, w2, w3]);
    buses::receive(builder, SHA256_WORDS, words, row.is_even);
    let first = index.double();
    for (index, k) in [(first.clone(), k0), (first + AB::Expr::ONE, k1)] {
        buses::send(builder, CONSTANT, [index, k.low, k.high], is_round.clone());
    }
}
