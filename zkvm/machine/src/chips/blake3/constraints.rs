//! Constraints of the chip of BLAKE3's half rounds.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;

use super::messages::{state, words};
use super::{Blake3, Blake3Row, HALF_ROUNDS, Half, LANES, Lane, VALUE_PLACE, before_permutation};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, BLAKE3_STATE, BLAKE3_WORDS, BLOCK, Block, XOR, constant, inverse_power};
use crate::chips::precompile::slot;
use crate::table::Table;

impl Table for Blake3 {
    const NAME: &'static str = "blake3";
    type Row<T: Copy> = Blake3Row<T>;

    fn eval<AB: ChipBuilder>(row: &Blake3Row<AB::Var>, builder: &mut AB) {
        let flags = Flags::<AB> {
            mixing: row.is_mixing.into(),
            output: row.is_output.into(),
            real: row.is_mixing.into() + row.is_output,
        };
        builder.constrain_bool("BLAKE3-1", flags.mixing.clone());
        builder.constrain_bool("BLAKE3-2", flags.output.clone());
        builder.constrain_bool("BLAKE3-3", flags.real.clone());
        let left = row.half_round.into() - constant::<AB>(HALF_ROUNDS as u32);
        builder.constrain("BLAKE3-4", flags.output.clone() * left);
        let mixed = row.lanes().map(|lane| mix(lane, &flags, builder));
        hand_on(row, &mixed, &flags, builder);
        output(row, flags.output, builder);
    }
}

type Bytes<E> = [E; 4];

struct Flags<AB: ChipBuilder> {
    mixing: AB::Expr,
    output: AB::Expr,
    real: AB::Expr,
}

/// The words of a lane.
#[derive(Clone)]
struct State<E> {
    a: Word<E>,
    b: Bytes<E>,
    c: Word<E>,
    d: Bytes<E>,
}

/// In what the halves of G differ.
struct Kind<'a, AB: ChipBuilder> {
    columns: &'a Half<AB::Var>,
    message: Word<AB::Expr>,
    /// Bytes by which d turns.
    turn: usize,
    /// Count of the exclusive ors.
    count: &'a AB::Expr,
    /// Ids of the constraints on both sums.
    ids: [&'static str; 2],
}

/// One G. The words a, b, c and d after it.
fn mix<AB: ChipBuilder>(
    lane: &Lane<AB::Var>,
    flags: &Flags<AB>,
    builder: &mut AB,
) -> [Word<AB::Expr>; 4] {
    let before = State {
        a: lane.a.expr(),
        b: lane.b.map(Into::into),
        c: lane.c.expr(),
        d: lane.d.map(Into::into),
    };
    let first = Kind::<AB> {
        columns: &lane.first,
        message: lane.x.expr(),
        turn: 2,
        count: &flags.mixing,
        ids: ["BLAKE3-5", "BLAKE3-6"],
    };
    let mut middle = half(before.clone(), first, &flags.mixing, builder);
    middle.b = turned_by_12(&middle.b, lane.nibbles, builder);
    let second = Kind::<AB> {
        columns: &lane.second,
        message: lane.y.expr(),
        turn: 1,
        count: &flags.real,
        ids: ["BLAKE3-9", "BLAKE3-10"],
    };
    let after = half(middle.clone(), second, &flags.mixing, builder);
    feed_forward::<AB>([&before, &middle, &after], &flags.output, builder);
    let b = turned_by_7(after.b, lane.tops, builder);
    [after.a, b, after.c, limbs::<AB>(&after.d)]
}

/// One half of G, but for the rotation of b.
fn half<AB: ChipBuilder>(
    before: State<AB::Expr>,
    kind: Kind<'_, AB>,
    is_mixing: &AB::Expr,
    builder: &mut AB,
) -> State<AB::Expr> {
    let Half { a, d, c, b } = *kind.columns;
    let [bytes_a, mut d, bytes_c, b] = [a, d, c, b].map(|word| word.map(Into::<AB::Expr>::into));
    let a = limbs::<AB>(&bytes_a);
    for carry in carries::<AB, 3>([&before.a, &limbs::<AB>(&before.b), &kind.message], &a) {
        builder.constrain(kind.ids[0], up_to_two::<AB>(carry));
    }
    xor(builder, [&before.d, &bytes_a, &d], kind.count);
    d.rotate_left(kind.turn);
    let c = limbs::<AB>(&bytes_c);
    for carry in carries::<AB, 2>([&before.c, &limbs::<AB>(&d)], &c) {
        builder.constrain(kind.ids[1], is_mixing.clone() * carry.bool_check());
    }
    xor(builder, [&before.b, &bytes_c, &b], kind.count);
    State { a, b, c, d }
}

/// On the last row the second half's exclusive ors are those of a and c, and of d and b.
fn feed_forward<AB: ChipBuilder>(
    [before, middle, after]: [&State<AB::Expr>; 3],
    is_output: &AB::Expr,
    builder: &mut AB,
) {
    let [b, d, middle_b, middle_d] = [&before.b, &before.d, &middle.b, &middle.d].map(limbs::<AB>);
    let mut equal = |id, left: &Word<AB::Expr>, right: &Word<AB::Expr>| {
        builder.constrain(id, is_output.clone() * (left.low.clone() - right.low.clone()));
        builder.constrain(id, is_output.clone() * (left.high.clone() - right.high.clone()));
    };
    equal("BLAKE3-12", &middle_d, &before.a);
    equal("BLAKE3-13", &after.a, &before.c);
    equal("BLAKE3-14", &middle_b, &d);
    equal("BLAKE3-15", &after.c, &b);
}

/// The limbs of a word of bytes.
fn limbs<AB: ChipBuilder>(bytes: &Bytes<AB::Expr>) -> Word<AB::Expr> {
    let [a, b, c, d] = bytes.clone();
    let base = constant::<AB>(1 << 8);
    Word { low: a + b * base.clone(), high: c + d * base }
}

/// The carries out of both limbs of a sum.
fn carries<AB: ChipBuilder, const N: usize>(
    addends: [&Word<AB::Expr>; N],
    sum: &Word<AB::Expr>,
) -> [AB::Expr; 2] {
    let inverse = inverse_power::<AB>(16);
    let lows: AB::Expr = addends.iter().map(|word| word.low.clone()).sum();
    let highs: AB::Expr = addends.iter().map(|word| word.high.clone()).sum();
    let low = (lows - sum.low.clone()) * inverse.clone();
    [low.clone(), (highs + low - sum.high.clone()) * inverse]
}

/// Zero for 0, 1 and 2.
fn up_to_two<AB: ChipBuilder>(value: AB::Expr) -> AB::Expr {
    value.bool_check() * (value - AB::Expr::TWO)
}

/// Requires the third word to be the exclusive or of the others, and all to be bytes.
fn xor<AB: ChipBuilder>(builder: &mut AB, words: [&Bytes<AB::Expr>; 3], count: &AB::Expr) {
    for index in 0..4 {
        buses::send(builder, XOR, words.map(|word| word[index].clone()), count.clone());
    }
}

/// A word turned to the right by 12 bits: its bytes, which whoever takes them bounds.
fn turned_by_12<AB: ChipBuilder>(
    bytes: &Bytes<AB::Expr>,
    pieces: [AB::Var; 12],
    builder: &mut AB,
) -> Bytes<AB::Expr> {
    let nibbles: Bytes<AB::Expr> = from_fn(|index| {
        let [low, middle, high] = from_fn(|piece| pieces[3 * index + piece].into());
        for piece in [&low, &middle] {
            builder.constrain("BLAKE3-7", up_to_two::<AB>(AB::Expr::clone(piece)));
        }
        builder.constrain_bool("BLAKE3-8", AB::Expr::clone(&high));
        low + middle * constant::<AB>(3) + high * constant::<AB>(7)
    });
    let inverse = inverse_power::<AB>(4);
    from_fn(|index| {
        let (lower, upper) = ((index + 1) % 4, (index + 2) % 4);
        let high_nibble = (bytes[lower].clone() - nibbles[lower].clone()) * inverse.clone();
        high_nibble + nibbles[upper].clone() * constant::<AB>(1 << 4)
    })
}

/// A word turned to the right by 7 bits: its limbs, which whoever takes them bounds.
fn turned_by_7<AB: ChipBuilder>(
    bytes: Bytes<AB::Expr>,
    tops: [AB::Var; 2],
    builder: &mut AB,
) -> Word<AB::Expr> {
    for top in tops {
        builder.constrain_bool("BLAKE3-11", top);
    }
    let [a, b, c, d] = bytes;
    let [low, high] = tops.map(Into::<AB::Expr>::into);
    let limb = |top: &AB::Expr, first: AB::Expr, second: AB::Expr, cut: &AB::Expr| {
        let (first, second) = (first.double(), second * constant::<AB>(1 << 9));
        top.clone() + first + second - cut.clone() * constant::<AB>(1 << 16)
    };
    Word { low: limb(&low, b, c, &high), high: limb(&high, d, a, &low) }
}

/// Takes the state and the words of the message, and gives the state on to the next half round.
fn hand_on<AB: ChipBuilder>(
    row: &Blake3Row<AB::Var>,
    mixed: &[[Word<AB::Expr>; 4]; LANES],
    flags: &Flags<AB>,
    builder: &mut AB,
) {
    let lanes = row.lanes();
    let [clock, half_round] = [row.clock, row.half_round].map(Into::<AB::Expr>::into);
    let now = lanes.map(|lane| {
        let [b, d] = [lane.b, lane.d].map(|word| limbs::<AB>(&word.map(Into::into)));
        [lane.a.expr(), b, lane.c.expr(), d]
    });
    let then = from_fn(|lane| from_fn(|word| mixed[before_permutation(word, lane)][word].clone()));
    let now = state(clock.clone(), half_round.clone(), &now);
    let then = state(clock.clone(), half_round.clone() + AB::Expr::ONE, &then);
    buses::receive(builder, BLAKE3_STATE, now, flags.real.clone());
    buses::send(builder, BLAKE3_STATE, then, flags.mixing.clone());
    let message = from_fn(|index| {
        let Lane { x, y, .. } = lanes[index / 4];
        [x.low, x.high, y.low, y.high][index % 4].into()
    });
    let message = words(clock, half_round, &message);
    buses::receive(builder, BLAKE3_WORDS, message, flags.mixing.clone());
}

/// The end of a call: takes the chaining value and its cell, where half rounds have other things,
/// and gives the block of the result.
fn output<AB: ChipBuilder>(row: &Blake3Row<AB::Var>, is_output: AB::Expr, builder: &mut AB) {
    let lanes = row.lanes();
    let clock: AB::Expr = row.clock.into();
    let [cell, ..] = row.lane_0.first.c.map(Into::<AB::Expr>::into);
    let value: [AB::Expr; 16] = from_fn(|limb| lanes[limb / 4].first.a[limb % 4].into());
    let place = cell.clone() + constant::<AB>(VALUE_PLACE);
    let taken = words(clock.clone(), place, &value);
    buses::receive(builder, BLAKE3_WORDS, taken, is_output.clone());
    let word = |bytes: [AB::Var; 4]| limbs::<AB>(&bytes.map(Into::into));
    let lower = lanes.map(|lane| word(lane.second.d));
    let upper = lanes.map(|lane| word(lane.second.b));
    let result: [AB::Expr; 16] = from_fn(|limb| {
        let Word { low, high } = if limb < 8 { &lower[limb / 2] } else { &upper[limb / 2 - 4] };
        if limb % 2 == 0 { low.clone() } else { high.clone() }
    });
    let slot = constant::<AB>(slot::OPERANDS[0]);
    let block = Block { clock, slot, cell, before: value, after: result };
    buses::send(builder, BLOCK, block.tuple(), is_output);
}
