//! Constraints of the SHA-256 chip.

use p3_field::PrimeCharacteristicRing;

use super::{
    BIG_SIGMA_0, BIG_SIGMA_1, BITS, CHOOSE_SLOTS, Distances, EXPANSION_SLOTS, MAJORITY_SLOTS,
    SLOTS, SMALL_SIGMA_0, SMALL_SIGMA_1, Sha256, Sha256Row, messages,
};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{constant, inverse_power, pack as packed};
use crate::table::Table;

impl Table for Sha256 {
    const NAME: &'static str = "sha256";
    type Row<T: Copy> = Sha256Row<T>;

    fn eval<AB: ChipBuilder>(row: &Sha256Row<AB::Var>, builder: &mut AB) {
        let kinds = [
            row.is_call,
            row.is_first,
            row.is_second,
            row.is_schedule,
            row.is_last,
            row.is_even,
            row.is_odd,
        ];
        for kind in kinds {
            builder.constrain_bool("SHA256-1", kind);
        }
        let real: AB::Expr = kinds.into_iter().map(Into::<AB::Expr>::into).sum();
        builder.constrain_bool("SHA256-2", real);
        for bit in row.bits {
            builder.constrain_bool("SHA256-3", bit);
        }
        for carry in row.carries {
            builder.constrain_bool("SHA256-4", carry);
        }
        let slots = row.slots();
        functions::<AB>(row, &slots, builder);
        let words = slots.map(|bits| pack::<AB>(&bits));
        rounds::<AB>(row, &words, builder);
        schedule::<AB>(row, &words, builder);
        block::<AB>(row, &words, builder);
        messages::call(row, &words, builder);
        messages::block(row, &slots, builder);
        messages::quads(row, &words, builder);
        messages::windows(row, &words, builder);
        messages::rounds(row, &words, builder);
    }
}

/// A word's value from its bits.
fn pack<AB: ChipBuilder>(bits: &[AB::Var; BITS]) -> Word<AB::Expr> {
    limbs::<AB>(|index| bits[index].into())
}

/// A word's limbs from its bits as expressions.
fn limbs<AB: ChipBuilder>(bit: impl Fn(usize) -> AB::Expr) -> Word<AB::Expr> {
    let limb = |start: usize| packed::<AB>((start..start + 16).map(&bit));
    Word { low: limb(0), high: limb(16) }
}

/// The exclusive or of two bits.
fn xor<E: PrimeCharacteristicRing>(left: E, right: E) -> E {
    left.clone() + right.clone() - (left * right).double()
}

/// A bit of Σ: three rotations.
fn big_sigma<AB: ChipBuilder>(bits: &[AB::Var; BITS], by: Distances, index: usize) -> AB::Expr {
    let [a, b, c] = by.map(|by| bits[(index + by as usize) % BITS].into());
    xor(xor(a, b), c)
}

/// A bit of σ: two rotations and a shift.
fn small_sigma<AB: ChipBuilder>(bits: &[AB::Var; BITS], by: Distances, index: usize) -> AB::Expr {
    let [a, b, _] = by.map(|by| bits[(index + by as usize) % BITS].into());
    match bits.get(index + by[2] as usize) {
        Some(c) => xor(xor(a, b), (*c).into()),
        None => xor(a, b),
    }
}

/// The sums of functions on bits. They hold on every row: with a flag their degree would be 4.
fn functions<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[[AB::Var; BITS]; SLOTS],
    builder: &mut AB,
) {
    let mut require = |id, value: Word<AB::Expr>, limbs: &[AB::Var]| {
        for (value, limb) in [value.low, value.high].into_iter().zip(limbs) {
            builder.constrain(id, value - *limb);
        }
    };
    for (slot, limb) in CHOOSE_SLOTS.into_iter().zip(row.choose.chunks(2)) {
        let [e, f, g] = slot.map(|slot| &slots[slot]);
        let value = limbs::<AB>(|index| {
            let chosen = g[index].into() + (f[index].into() - g[index]) * e[index];
            big_sigma::<AB>(e, BIG_SIGMA_1, index) + chosen
        });
        require("SHA256-5", value, limb);
    }
    for (slot, limb) in MAJORITY_SLOTS.into_iter().zip(row.majority.chunks(2)) {
        let [a, b, c] = slot.map(|slot| &slots[slot]);
        let value = limbs::<AB>(|index| {
            let both: AB::Expr = a[index].into() * b[index];
            let one = a[index].into() + b[index] - both.double();
            big_sigma::<AB>(a, BIG_SIGMA_0, index) + both + one * c[index]
        });
        require("SHA256-6", value, limb);
    }
    for (slot, limb) in EXPANSION_SLOTS.into_iter().zip(row.expansion.chunks(2)) {
        let [old, new] = slot.map(|slot| &slots[slot]);
        let value = limbs::<AB>(|index| {
            small_sigma::<AB>(old, SMALL_SIGMA_0, index)
                + small_sigma::<AB>(new, SMALL_SIGMA_1, index)
        });
        require("SHA256-7", value, limb);
    }
}

/// Limbs of a row's cells as a word.
fn word<AB: ChipBuilder>(limbs: &[AB::Var; 4], index: usize) -> Word<AB::Expr> {
    Word { low: limbs[2 * index].into(), high: limbs[2 * index + 1].into() }
}

/// The sum of words, limb by limb.
fn sum<AB: ChipBuilder, const N: usize>(words: [Word<AB::Expr>; N]) -> Word<AB::Expr> {
    let zero = || Word { low: AB::Expr::ZERO, high: AB::Expr::ZERO };
    words
        .into_iter()
        .fold(zero(), |sum, word| Word { low: sum.low + word.low, high: sum.high + word.high })
}

/// What the limbs of a sum carry when they are brought to those of a result.
fn carries<AB: ChipBuilder>(sum: Word<AB::Expr>, result: &Word<AB::Expr>) -> [AB::Expr; 2] {
    let low = (sum.low - result.low.clone()) * inverse_power::<AB>(16);
    let high = (sum.high + low.clone() - result.high.clone()) * inverse_power::<AB>(16);
    [low, high]
}

/// Two rounds. The second one works on the words of the first, moved by one place.
fn rounds<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let is_round = row.is_even.into() + row.is_odd;
    let [d, h, queue @ .., k0, k1, a, e] = row.words().map(|word| word.expr::<AB::Expr>());
    let [q0, q1, w0, w1, w2, w3] = queue;
    let [a1, _, _, c, e1, _, _, g] = slots.clone();
    let rounds = [(d, h, k0, q0, w0.clone(), a1, e1), (c, g, k1, q1, w1.clone(), a, e)];
    let (uppers, majority_uppers) = (row.carries.chunks(4), row.carries[8..].chunks(2));
    let rounds = rounds.into_iter().zip(uppers.zip(majority_uppers)).enumerate();
    for (index, ((d, h, k, queued, new, a, e), (upper_e, upper_a))) in rounds {
        let choose = word::<AB>(&row.choose, index);
        let majority = word::<AB>(&row.majority, index);
        let total = sum::<AB, 6>([d.clone(), h, choose, k, queued, new]);
        for (carry, upper) in carries::<AB>(total, &e).into_iter().zip(upper_e.chunks(2)) {
            let upper: AB::Expr =
                upper.iter().rev().fold(AB::Expr::ZERO, |sum, bit| sum.double() + *bit);
            let lowest = carry - upper.double();
            builder.constrain("SHA256-8", is_round.clone() * lowest.bool_check());
        }
        let negated = Word { low: -d.low, high: -d.high };
        let total = sum::<AB, 3>([e, majority, negated]);
        for (carry, upper) in carries::<AB>(total, &a).into_iter().zip(upper_a) {
            let lowest = carry + AB::Expr::ONE - Into::<AB::Expr>::into(*upper).double();
            builder.constrain("SHA256-9", is_round.clone() * lowest.bool_check());
        }
    }
    for limb in [w0, w1, w2, w3].into_iter().flat_map(|word| [word.low, word.high]) {
        builder.constrain("SHA256-10", limb * row.is_odd);
    }
}

/// Four new words of the schedule.
fn schedule<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let is_schedule = row.is_schedule.into() + row.is_last;
    let [w18, w19, w0, _, _, _, _, w9, w10, w11, w12, _] =
        row.words().map(|word| word.expr::<AB::Expr>());
    let [w1, w2, w3, _, w16, w17, _, _] = slots.clone();
    let words = [(w0, w9, w16), (w1, w10, w17), (w2, w11, w18), (w3, w12, w19)];
    let cells = row.expansion.chunks(2).zip(row.carries.chunks(2));
    for ((old, new, result), (expansion, uppers)) in words.into_iter().zip(cells) {
        let mut limbs = expansion.iter().map(|limb| Into::<AB::Expr>::into(*limb));
        let mut limb = || limbs.next().unwrap_or(AB::Expr::ZERO);
        let expansion = Word { low: limb(), high: limb() };
        let total = sum::<AB, 3>([old, new, expansion]);
        for (carry, upper) in carries::<AB>(total, &result).into_iter().zip(uppers) {
            let lowest = carry - Into::<AB::Expr>::into(*upper).double();
            builder.constrain("SHA256-11", is_schedule.clone() * lowest.bool_check());
        }
    }
}

/// Eight words of the block: where they stand, and the last two once more as limbs.
fn block<AB: ChipBuilder>(
    row: &Sha256Row<AB::Var>,
    slots: &[Word<AB::Expr>; SLOTS],
    builder: &mut AB,
) {
    let is_block = row.is_first.into() + row.is_second;
    let [first, second, ..] = row.words();
    let [.., w6, w7] = slots.clone();
    for (copy, word) in [(first, w6), (second, w7)] {
        for (copy, limb) in [(copy.low, word.low), (copy.high, word.high)] {
            builder.constrain("SHA256-12", is_block.clone() * (limb - copy));
        }
    }
    let index = |index| row.index.into() - constant::<AB>(index);
    builder.constrain("SHA256-13", index(1) * row.is_first);
    builder.constrain("SHA256-14", index(3) * row.is_second);
}
