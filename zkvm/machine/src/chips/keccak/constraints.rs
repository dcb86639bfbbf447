//! Constraints of the Keccak chip.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;

use super::layout::{
    BITS, EDGE, FLIP, IOTA_POSITIONS, PACKED, PARITIES, POSITIONS, QUARTERS, SHEETS, STATE,
};
use super::{HALF_LANES, Keccak, KeccakRow, LOW_LANES, ROUNDS};
use crate::builder::ChipBuilder;
use crate::buses::{self, CONSTANT, KECCAK, KECCAK_LIMBS, constant, pack};
use crate::lookups::KECCAK_CONSTANTS_START;
use crate::table::Table;

/// Parts of a tuple of the Keccak bus: four, and the packed columns of a distance, which are at
/// most seven.
const TUPLE: usize = 11;

/// A column that a tuple has no part for would be dropped, and its bits would be free.
const _: () = {
    let mut distance = 0;
    while distance < QUARTERS {
        let state = STATE.packs_before(distance + 1) - STATE.packs_before(distance);
        let flips = FLIP.packs_before(distance + 1) - FLIP.packs_before(distance);
        assert!(4 + state + flips <= TUPLE, "a tuple has a part for every column");
        distance += 1;
    }
};

impl Table for Keccak {
    const NAME: &'static str = "keccak";
    type Row<T: Copy> = KeccakRow<T>;

    fn eval<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, builder: &mut AB) {
        let counts = counts::<AB>(row, builder);
        let bits = rounded::<AB>(row, builder);
        parities::<AB>(row, &bits, builder);
        for (limb, bits) in row.limbs.into_iter().zip(bits.chunks(POSITIONS)) {
            builder.constrain("KECCAK-19", pack::<AB>(bits.iter().cloned()) - limb);
        }
        for (packed, group) in row.state_out.into_iter().zip(STATE.packs()) {
            let value = pack::<AB>(group.iter().map(|bit| bits[bit.from].clone()));
            builder.constrain("KECCAK-20", value - packed);
        }
        flips_out::<AB>(row, builder);
        state_in::<AB>(row, builder);
        neighbours::<AB>(row, &counts, builder);
        let limbs = row.limbs.map(Into::<AB::Expr>::into);
        let place = quarter::<AB>(row, 0) + row.is_last.into() * constant::<AB>(4);
        for (half, lanes) in [&limbs[..LOW_LANES], &limbs[LOW_LANES..]].into_iter().enumerate() {
            let place = place.clone() + constant::<AB>(8 * half as u32);
            let mut parts = [row.clock.into(), place].into_iter().chain(lanes.iter().cloned());
            let tuple: [AB::Expr; 2 + HALF_LANES] =
                from_fn(|_| parts.next().unwrap_or(AB::Expr::ZERO));
            buses::send(builder, KECCAK_LIMBS, tuple, counts.shown.clone());
        }
    }
}

/// How often a row does what it can do.
struct Counts<E> {
    /// Takes bits from the round before, and uses a round constant.
    taken: E,
    /// Gives bits to the round behind.
    given: E,
    /// Shows its limbs to the lanes in memory.
    shown: E,
}

/// What kind of row it is.
fn counts<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, builder: &mut AB) -> Counts<AB::Expr> {
    let (first, last) = (row.is_first.into(), row.is_last.into());
    let real: AB::Expr = row.quarter.into_iter().map(Into::<AB::Expr>::into).sum();
    for flag in row.quarter {
        builder.constrain_bool("KECCAK-1", flag);
    }
    builder.constrain_bool("KECCAK-2", real.clone());
    builder.constrain_bool("KECCAK-3", row.is_first);
    builder.constrain_bool("KECCAK-4", row.is_last);
    let taken = real.clone() - first.clone();
    builder.constrain_bool("KECCAK-5", taken.clone());
    let given = real - last.clone();
    builder.constrain_bool("KECCAK-6", given.clone());
    let shown = first.clone() + last.clone();
    builder.constrain_bool("KECCAK-7", shown.clone());
    let step: AB::Expr = row.step.into();
    builder.constrain("KECCAK-8", first * step.clone());
    builder.constrain("KECCAK-9", last * (step.clone() - constant::<AB>(ROUNDS as u32)));

    let index = (step - AB::Expr::ONE) * constant::<AB>(QUARTERS as u32) + quarter::<AB>(row, 0);
    let index = index + constant::<AB>(KECCAK_CONSTANTS_START);
    let bits = row.iota.into_iter().zip(IOTA_POSITIONS);
    let piece = bits.map(|(bit, position)| bit.into() * constant::<AB>(1 << position)).sum();
    buses::send(builder, CONSTANT, [index, piece, AB::Expr::ZERO], taken.clone());
    Counts { taken, given, shown }
}

/// The number of the quarter that lies `distance` behind that of the row.
fn quarter<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, distance: usize) -> AB::Expr {
    let numbered = row.quarter.into_iter().enumerate();
    numbered
        .map(|(index, flag)| flag.into() * constant::<AB>(((index + distance) % QUARTERS) as u32))
        .sum()
}

/// The bits after chi and iota, of degree 3.
fn rounded<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, builder: &mut AB) -> [AB::Expr; BITS] {
    for bit in row.b {
        builder.constrain_bool("KECCAK-10", bit);
    }
    let mut bits: [AB::Expr; BITS] = from_fn(|index| {
        let (lane, position) = (index / POSITIONS, index % POSITIONS);
        let beside = |step: usize| {
            let x = (lane + step) % SHEETS;
            row.b[POSITIONS * (lane - lane % SHEETS + x) + position]
        };
        let kept: AB::Expr = row.b[index].into();
        let added = (AB::Expr::ONE - beside(1)) * beside(2);
        kept.xor(&added)
    });
    for (index, position) in IOTA_POSITIONS.into_iter().enumerate() {
        let (iota, chi): (AB::Expr, AB::Expr) = (row.iota[index].into(), row.chi[index].into());
        builder.constrain_bool("KECCAK-11", iota.clone());
        builder.constrain("KECCAK-12", bits[position].clone() - chi.clone());
        bits[position] = chi.xor(&iota);
    }
    bits
}

/// The parities of the bits after the round.
fn parities<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, bits: &[AB::Expr; BITS], builder: &mut AB) {
    for (index, (parity, pairs)) in row.parity.into_iter().zip(row.pairs).enumerate() {
        let pairs: AB::Expr = pairs.into();
        builder.constrain_bool("KECCAK-13", parity);
        let at_most_two = pairs.clone().bool_check() * (pairs.clone() - constant::<AB>(2));
        builder.constrain("KECCAK-14", at_most_two);
        let column = (0..SHEETS).map(|y| bits[index + PARITIES * y].clone());
        let ones: AB::Expr = column.sum();
        builder.constrain("KECCAK-15", ones - pairs.double() - parity);
    }
}

/// What theta of the next round adds: at position 0 its second half is in another quarter.
fn flips_out<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, builder: &mut AB) {
    for (packed, group) in row.flips_out.into_iter().zip(FLIP.packs()) {
        let bits = group.iter().map(|flip| {
            let before: AB::Expr = parity::<AB>(row, flip.sheet + SHEETS - 1, flip.position);
            before.xor(&parity::<AB>(row, flip.sheet + 1, flip.position - 1))
        });
        builder.constrain("KECCAK-21", pack::<AB>(bits) - packed);
    }
}

/// A parity after the round; x is taken modulo 5.
fn parity<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, x: usize, position: usize) -> AB::Expr {
    row.parity[POSITIONS * (x % SHEETS) + position].into()
}

/// The bits before theta, from those after theta, rho and pi.
fn state_in<AB: ChipBuilder>(row: &KeccakRow<AB::Var>, builder: &mut AB) {
    for bit in row.flips {
        builder.constrain_bool("KECCAK-16", bit);
    }
    for bit in row.low_edges {
        builder.constrain_bool("KECCAK-17", bit);
    }
    for bit in row.high_edges {
        builder.constrain_bool("KECCAK-18", bit);
    }
    for (packed, group) in row.state_in.into_iter().zip(STATE.packs()) {
        let bits = group.iter().map(|passage| {
            let after: AB::Expr = row.b[passage.to].into();
            if passage.from % POSITIONS == 0 {
                let low: AB::Expr = row.low_edges[passage.theta].into();
                after.xor(&low.xor(&row.high_edges[passage.theta].into()))
            } else {
                after.xor(&row.flips[passage.theta].into())
            }
        });
        builder.constrain("KECCAK-22", pack::<AB>(bits) - packed);
    }
}

/// Takes bits from the round before, and gives bits to the one behind: by their distance.
fn neighbours<AB: ChipBuilder>(
    row: &KeccakRow<AB::Var>,
    counts: &Counts<AB::Expr>,
    builder: &mut AB,
) {
    for distance in 0..QUARTERS {
        let slot = constant::<AB>((QUARTERS * distance) as u32);
        let state = STATE.packs_before(distance)..STATE.packs_before(distance + 1);
        // The second half of a bit at the edge comes from one quarter further on.
        let nearer = (distance + QUARTERS - 1) % QUARTERS;

        let low = row.low_edges[EDGE.range(distance)].iter();
        let edges = low.chain(&row.high_edges[EDGE.range(nearer)]);
        let [step, place] = [row.step.into(), slot.clone() + quarter::<AB>(row, 0)];
        let head = [row.clock.into(), step, place, pack::<AB>(edges.map(|bit| (*bit).into()))];
        let flips = row.flips[FLIP.range(distance)].chunks(PACKED);
        let flips = flips.map(|bits| pack::<AB>(bits.iter().map(|bit| (*bit).into())));
        let packed = row.state_in[state.clone()].iter().map(|packed| (*packed).into());
        let taken = tuple::<AB>(head, packed.chain(flips));
        buses::receive(builder, KECCAK, taken, counts.taken.clone());

        let low = EDGE.at(distance).iter().map(|x| parity::<AB>(row, x + SHEETS - 1, 0));
        let high = EDGE.at(nearer).iter().map(|x| parity::<AB>(row, x + 1, POSITIONS - 1));
        let step = row.step.into() + AB::Expr::ONE;
        let place = slot + quarter::<AB>(row, distance);
        let head = [row.clock.into(), step, place, pack::<AB>(low.chain(high))];
        let flips = FLIP.packs_before(distance)..FLIP.packs_before(distance + 1);
        let packed = row.state_out[state].iter().chain(&row.flips_out[flips]);
        let given = tuple::<AB>(head, packed.map(|packed| (*packed).into()));
        buses::send(builder, KECCAK, given, counts.given.clone());
    }
}

/// A tuple of the Keccak bus; parts that a distance does not have are zero.
fn tuple<AB: ChipBuilder>(
    head: [AB::Expr; 4],
    packed: impl Iterator<Item = AB::Expr>,
) -> [AB::Expr; TUPLE] {
    let mut parts = head.into_iter().chain(packed);
    from_fn(|_| parts.next().unwrap_or(AB::Expr::ZERO))
}
