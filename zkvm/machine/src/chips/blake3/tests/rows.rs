//! Single rows: what each constraint and each lookup refuses.

use p3_field::{Field, PrimeCharacteristicRing};

use super::super::{Blake3, Blake3Row, Lane};
use super::Sample;
use crate::F;
use crate::checker::{flatten, free_columns, report};

fn lane(row: &mut Blake3Row<F>, index: usize) -> &mut Lane<F> {
    match index {
        0 => &mut row.lane_0,
        1 => &mut row.lane_1,
        2 => &mut row.lane_2,
        _ => &mut row.lane_3,
    }
}

fn sample() -> Sample {
    Sample::random(&mut 4)
}

fn mixing() -> Blake3Row<F> {
    sample().rows().rows[7]
}

fn output() -> Blake3Row<F> {
    sample().rows().rows[14]
}

#[test]
fn no_change_escapes() {
    let honest = sample().rows().rows;
    let ones = Sample::of(u32::MAX).rows().rows;
    let rows = [honest[0], honest[13], ones[0], Blake3Row::default()].map(flatten);
    assert_eq!(free_columns::<Blake3>(&rows), Vec::<String>::new());
}

/// The columns that the last row of a call does not need.
#[test]
fn of_the_end_only_these_columns_are_free() {
    let free = free_columns::<Blake3>(&[flatten(output()), flatten(Sample::of(0).rows().rows[14])]);
    let mut expected = Vec::new();
    for lane in 0..4 {
        let cells = (0..4).map(|cell| format!("lane_{lane}.first.c[{cell}]"));
        expected.extend(cells.skip(usize::from(lane == 0)));
        let others = ["tops[0]", "tops[1]", "x.high", "y.high"];
        expected.extend(others.map(|name| format!("lane_{lane}.{name}")));
    }
    assert_eq!(free, expected);
}

fn assert_caught(id: &str, forged: Blake3Row<F>) {
    let violations = report::<Blake3>(&flatten(forged)).violations;
    assert!(violations.contains(&id), "{id}: {violations:?}");
}

#[test]
fn each_constraint_on_flags_catches_its_forgery() {
    let (one, two) = (F::ONE, F::TWO);
    for (id, forged) in [
        ("BLAKE3-1", Blake3Row { is_mixing: two, is_output: -one, ..mixing() }),
        ("BLAKE3-1", Blake3Row { is_mixing: two.inverse(), ..mixing() }),
        ("BLAKE3-2", Blake3Row { is_mixing: -one, is_output: two, ..output() }),
        ("BLAKE3-3", Blake3Row { is_output: one, ..mixing() }),
        ("BLAKE3-3", Blake3Row { is_mixing: one, ..output() }),
        ("BLAKE3-4", Blake3Row { half_round: F::from_u32(13), ..output() }),
        ("BLAKE3-4", Blake3Row { half_round: F::ZERO, ..output() }),
    ] {
        assert_caught(id, forged);
    }
}

#[test]
fn each_constraint_on_lanes_catches_its_forgery() {
    type Change = fn(&mut Lane<F>);
    let mixings: [(&str, Change); 20] = [
        ("BLAKE3-5", |lane| lane.x.low += F::ONE),
        ("BLAKE3-5", |lane| lane.x.high += F::ONE),
        ("BLAKE3-5", |lane| lane.a.low += F::from_u32(3 << 16)),
        ("BLAKE3-5", |lane| lane.a.high -= F::from_u32(3 << 16)),
        ("BLAKE3-6", |lane| lane.first.c[0] += F::ONE),
        ("BLAKE3-6", |lane| lane.first.c[2] += F::ONE),
        ("BLAKE3-6", |lane| lane.c.low += F::from_u32(2 << 16)),
        ("BLAKE3-6", |lane| lane.c.high -= F::from_u32(2 << 16)),
        ("BLAKE3-7", |lane| lane.nibbles[0] = F::from_u32(3)),
        ("BLAKE3-7", |lane| lane.nibbles[10] = -F::ONE),
        ("BLAKE3-8", |lane| lane.nibbles[2] = F::TWO),
        ("BLAKE3-8", |lane| lane.nibbles[11] = -F::ONE),
        ("BLAKE3-9", |lane| lane.y.low += F::ONE),
        ("BLAKE3-9", |lane| lane.y.high += F::ONE),
        ("BLAKE3-9", |lane| lane.first.b[2] += F::ONE),
        ("BLAKE3-9", |lane| lane.y.low += F::from_u32(3 << 16)),
        ("BLAKE3-10", |lane| lane.second.c[0] += F::ONE),
        ("BLAKE3-10", |lane| lane.second.c[2] += F::ONE),
        ("BLAKE3-11", |lane| lane.tops[0] = F::TWO),
        ("BLAKE3-11", |lane| lane.tops[1] = -F::ONE),
    ];
    let outputs: [(&str, Change); 8] = [
        ("BLAKE3-12", |lane| lane.a.low += F::ONE),
        ("BLAKE3-12", |lane| lane.a.high += F::ONE),
        ("BLAKE3-13", |lane| lane.c.low += F::ONE),
        ("BLAKE3-13", |lane| lane.c.high += F::ONE),
        ("BLAKE3-14", |lane| lane.d[0] += F::ONE),
        ("BLAKE3-14", |lane| lane.d[2] += F::ONE),
        ("BLAKE3-15", |lane| lane.b[0] += F::ONE),
        ("BLAKE3-15", |lane| lane.b[2] += F::ONE),
    ];
    let mixings = mixings.map(|(id, change)| (id, change, mixing()));
    let outputs = outputs.map(|(id, change)| (id, change, output()));
    for (id, change, row) in mixings.into_iter().chain(outputs) {
        for index in 0..4 {
            let mut forged = row;
            change(lane(&mut forged, index));
            assert_caught(id, forged);
        }
    }
}

/// Every choice of pieces makes a nibble, and every nibble has one.
#[test]
fn pieces_make_nibbles() {
    let mut seen = [false; 16];
    for pieces in 0..18_usize {
        let (low, middle, high) = (pieces % 3, pieces / 3 % 3, pieces / 9);
        seen[low + 3 * middle + 7 * high] = true;
    }
    assert_eq!(seen, [true; 16]);
}

/// Other nibbles than those of the bytes make something that is no byte.
#[test]
fn a_byte_is_cut_in_one_way() {
    for nibble in 0..4 {
        for pieces in 0..18_u32 {
            let mut forged = mixing();
            let cells = &mut lane(&mut forged, 2).nibbles[3 * nibble..][..3];
            let value =
                |cells: &[F]| cells[0] + cells[1] * F::from_u32(3) + cells[2] * F::from_u32(7);
            let honest = value(cells);
            cells.copy_from_slice(&[pieces % 3, pieces / 3 % 3, pieces / 9].map(F::from_u32));
            let is_honest = value(cells) == honest;
            let report = report::<Blake3>(&flatten(forged));
            assert!(is_honest || !report.unanswered().is_empty(), "{nibble} {pieces}");
            assert_eq!(is_honest, report.violations.is_empty() && report.unanswered().is_empty());
        }
    }
}

/// Rows that satisfy every constraint, but ask for an exclusive or that has no answer.
#[test]
fn what_the_lookups_refuse() {
    type Change = fn(&mut Lane<F>);
    let changes: [(&str, Change); 6] = [
        ("a byte of d beyond its range", |lane| {
            lane.d[0] += F::from_u32(1 << 8);
            lane.d[1] -= F::ONE;
        }),
        ("a byte of a sum beyond its range", |lane| {
            lane.second.a[2] += F::from_u32(1 << 8);
            lane.second.a[3] -= F::ONE;
        }),
        ("a sum without the carry into its upper limb", |lane| {
            lane.y.low += F::from_u32(1 << 16);
            lane.second.a[1] += F::from_u32(1 << 8);
        }),
        ("another exclusive or at the end", |lane| lane.second.b[1] += F::ONE),
        ("bytes of a sum that change places", |lane| {
            let [low, high, ..] = &mut lane.first.a;
            let difference = *high - *low;
            *low += difference * F::from_u32(1 << 8);
            *high -= difference;
        }),
        ("nibbles that no limb of the turned word depends on", |lane| {
            lane.nibbles[2] = F::ONE - lane.nibbles[2];
            lane.nibbles[8] = F::ONE - lane.nibbles[8];
        }),
    ];
    for (name, change) in changes {
        let mut forged = mixing();
        change(&mut forged.lane_1);
        let report = report::<Blake3>(&flatten(forged));
        assert!(!report.unanswered().is_empty(), "{name}");
        assert_eq!(report.violations, Vec::<&str>::new(), "{name}");
    }
}
