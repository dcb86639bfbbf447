//! Whole calls that are not BLAKE3: what stops each.

use p3_field::PrimeCharacteristicRing;

use super::super::{Blake3Row, HALF_ROUNDS, ROWS};
use super::{CallRows, Sample, faults};
use crate::F;
use crate::buses::{BLAKE3_STATE, BLAKE3_WORDS, BLOCK, CALL, XOR};

fn sample() -> Sample {
    Sample::random(&mut 5)
}

/// Rows that compute another call at the tick of this one.
fn other() -> CallRows {
    Sample { clock: sample().clock, ..Sample::random(&mut 6) }.rows()
}

fn assert_faults(rows: &CallRows, expected: &[&str]) {
    assert_eq!(faults(&[rows], &[sample()]), expected);
}

#[test]
fn a_call_has_each_of_its_rows_once() {
    for index in 0..ROWS {
        let mut less = sample().rows();
        let row = less.rows.remove(index);
        let mut more = sample().rows();
        more.rows.push(row);
        for rows in [less, more] {
            let expected: &[&str] = if index == HALF_ROUNDS {
                &[BLAKE3_STATE, BLAKE3_WORDS, BLOCK]
            } else {
                &[BLAKE3_STATE, BLAKE3_WORDS]
            };
            assert_faults(&rows, expected);
        }
    }
    let mut none = sample().rows();
    none.call.clear();
    assert_faults(&none, &[BLAKE3_STATE, BLAKE3_WORDS, BLOCK, CALL]);
    let mut twice = sample().rows();
    twice.call.extend(twice.call.clone());
    assert_faults(&twice, &[BLAKE3_STATE, BLAKE3_WORDS, BLOCK, CALL]);
    let mut idle = sample().rows();
    idle.rows.clear();
    assert_faults(&idle, &[BLAKE3_STATE, BLAKE3_WORDS, BLOCK]);
}

#[test]
fn rows_without_a_call_have_no_partners() {
    let rows = sample().rows();
    assert_eq!(faults(&[&rows], &[]), [BLOCK, CALL]);
    let twice = faults(&[&rows, &rows], &[sample()]);
    assert_eq!(twice, [BLOCK, CALL]);
}

/// A call that ends before its last round, at the half round where it is or at the claimed one.
#[test]
fn no_round_is_skipped() {
    let short = |half_round: usize| {
        let mut rows = sample().rows();
        let state = rows.rows[12];
        let output = &mut rows.rows[HALF_ROUNDS];
        let honest = *output;
        let fill = |lane: &mut super::super::Lane<F>, from: &super::super::Lane<F>| {
            (lane.a, lane.b, lane.c, lane.d) = (from.a, from.b, from.c, from.d);
        };
        *output = Blake3Row { half_round: F::from_usize(half_round), ..honest };
        fill(&mut output.lane_0, &state.lane_0);
        fill(&mut output.lane_1, &state.lane_1);
        fill(&mut output.lane_2, &state.lane_2);
        fill(&mut output.lane_3, &state.lane_3);
        rows.rows.drain(12..14);
        rows
    };
    let at_its_place = faults(&[&short(12)], &[sample()]);
    assert!(at_its_place.contains(&"BLAKE3-4".to_owned()), "{at_its_place:?}");
    let claimed = faults(&[&short(14)], &[sample()]);
    assert!(claimed.contains(&BLAKE3_STATE.to_owned()), "{claimed:?}");
    assert!(claimed.contains(&BLAKE3_WORDS.to_owned()), "{claimed:?}");
}

/// Half rounds that follow themselves have nobody to begin with.
#[test]
fn half_rounds_make_no_cycle() {
    let mut rows = sample().rows();
    let mut row = rows.rows[13];
    row.half_round = -F::ONE;
    rows.rows.push(row);
    assert_faults(&rows, &[BLAKE3_STATE, BLAKE3_WORDS]);
}

/// Words of the message in another order, with everything computed from them.
#[test]
fn words_of_the_message_keep_their_order() {
    let mut swapped = sample();
    swapped.before[1].swap(0, 1);
    let mut rows = swapped.rows();
    rows.call = sample().rows().call;
    assert_faults(&rows, &[BLAKE3_WORDS, BLOCK]);
    // Those of the next half round, at their own place and at this one.
    for half_round in [0, 1] {
        let mut rows = sample().rows();
        let next = rows.rows[1];
        let row = &mut rows.rows[0];
        for (lane, from) in [
            (&mut row.lane_0, next.lane_0),
            (&mut row.lane_1, next.lane_1),
            (&mut row.lane_2, next.lane_2),
            (&mut row.lane_3, next.lane_3),
        ] {
            (lane.x, lane.y) = (from.x, from.y);
        }
        row.half_round = F::from_u32(half_round);
        let found = faults(&[&rows], &[sample()]);
        assert!(found.contains(&BLAKE3_WORDS.to_owned()), "{found:?}");
    }
}

/// Calls whose rows continue one another.
#[test]
fn calls_are_not_spliced() {
    for cut in 1..ROWS {
        let mut rows = sample().rows();
        rows.rows.truncate(cut);
        rows.rows.extend(other().rows.split_off(cut));
        let found = faults(&[&rows], &[sample()]);
        assert!(found.contains(&BLAKE3_STATE.to_owned()), "{cut}: {found:?}");
        // Two calls that exchange all rows from here on, under each other's ticks.
        let calls = [Sample::random(&mut 7), Sample::random(&mut 8)];
        let [mut one, mut two] = calls.map(|call| call.rows());
        let [late_one, late_two] = [one.rows.split_off(cut), two.rows.split_off(cut)];
        let at = |rows: Vec<Blake3Row<F>>, call: Sample| {
            rows.into_iter().map(move |row| Blake3Row { clock: F::from_u32(call.clock), ..row })
        };
        one.rows.extend(at(late_two, calls[0]));
        two.rows.extend(at(late_one, calls[1]));
        let found = faults(&[&one, &two], &calls);
        assert!(found.contains(&BLAKE3_STATE.to_owned()), "{cut}: {found:?}");
    }
}

/// The end of a call with another chaining value, or at another cell.
#[test]
fn the_result_goes_where_the_value_came_from() {
    let mut rows = sample().rows();
    rows.rows[HALF_ROUNDS].lane_0.first.c[0] += F::from_u32(8);
    assert_faults(&rows, &[BLAKE3_WORDS, BLOCK]);
    let mut rows = sample().rows();
    let lane = &mut rows.rows[HALF_ROUNDS].lane_3;
    lane.first.a[3] += F::ONE;
    lane.x.high += F::from_u32(256);
    lane.y.high -= F::from_u32(256);
    assert_faults(&rows, &[BLAKE3_WORDS, BLOCK]);
    // A chaining value that differs only in what goes back to memory as the one before.
    let mut rows = sample().rows();
    rows.call[0].value[5] += F::ONE;
    assert_faults(&rows, &[BLAKE3_STATE, BLAKE3_WORDS]);
}

#[test]
fn a_result_is_the_only_one() {
    for byte in 0..4 {
        for change in [1, 256, 1 << 16] {
            let mut rows = sample().rows();
            rows.rows[HALF_ROUNDS].lane_1.second.d[byte] += F::from_u32(change);
            assert_faults(&rows, &[BLOCK, XOR]);
            let mut rows = sample().rows();
            rows.rows[HALF_ROUNDS].lane_2.second.b[byte] -= F::from_u32(change);
            assert_faults(&rows, &[BLOCK, XOR]);
        }
    }
    // The operands of an exclusive or split into bytes in another way: same limb, other result.
    let mut rows = sample().rows();
    let lane = &mut rows.rows[HALF_ROUNDS].lane_0;
    lane.second.a[0] += F::from_u32(256);
    lane.second.a[1] -= F::ONE;
    assert_faults(&rows, &[XOR]);
}

/// A top bit of b left where it is makes a limb that the next row cannot take.
#[test]
fn a_turned_word_is_cut_in_one_way() {
    for top in 0..2 {
        let mut rows = sample().rows();
        let honest = rows.rows[4].lane_1.tops[top];
        rows.rows[4].lane_1.tops[top] = F::ONE - honest;
        assert_faults(&rows, &[BLAKE3_STATE]);
        // Word b of lane 1 comes into lane 0. The bit moves 1 from one limb and 2^16 to the other.
        let bytes = &mut rows.rows[5].lane_0.b;
        let sign = if honest == F::ONE { F::ONE } else { -F::ONE };
        bytes[2 * top] -= sign;
        bytes[3 - 2 * top] += sign * F::from_u32(256);
        let found = faults(&[&rows], &[sample()]);
        assert!(!found.contains(&BLAKE3_STATE.to_owned()), "{found:?}");
        assert!(found.contains(&XOR.to_owned()), "{found:?}");
    }
}

/// The four last words of the parameters count for nothing, but are those of memory.
#[test]
fn what_is_ignored_is_still_what_memory_holds() {
    let mut other = sample();
    other.before[3][6] ^= 1;
    assert_eq!(other.result(), sample().result());
    assert_faults(&other.rows(), &[BLOCK]);
    assert_eq!(faults(&[&other.rows()], &[other]), Vec::<String>::new());
}
