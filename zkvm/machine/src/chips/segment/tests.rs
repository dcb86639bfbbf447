use p3_field::{PrimeCharacteristicRing, PrimeField32};

use super::{PUBLIC_WIDTH, PublicCells, Segment, SegmentRow};
use crate::F;
use crate::buses::{EXIT, STATE};
use crate::cells::Cells;
use crate::checker::{HonestRow, RowReport, flatten, free_columns, report_with};
use crate::public::PublicValues;
use crate::rom::HALTED;
use crate::table::Table;

fn public(exit_code: Option<u32>) -> PublicValues {
    let digest = |first: u32| core::array::from_fn(|index| F::from_u32(first + index as u32));
    PublicValues {
        pc_start: 0x40_0000,
        pc_end: if exit_code.is_some() { HALTED } else { 0x40_0123 },
        exit_code,
        root_before: digest(100),
        root_after: digest(200),
        output_before: digest(300),
        output_after: digest(400),
    }
}

fn row(exit_code: Option<u32>) -> SegmentRow<F> {
    SegmentRow {
        public: public(exit_code).cells(),
        clock_end: F::from_u32(1000),
        words: F::from_u32(5),
        commit_clock: F::from_u32(999),
    }
}

/// A row whose public values say what it says.
fn agreed(row: SegmentRow<F>, first: F) -> HonestRow {
    HonestRow { cells: flatten(row), preprocessed: vec![first], public: flatten(row.public) }
}

fn report_of(row: &HonestRow) -> RowReport {
    report_with::<Segment>(&row.cells, &row.preprocessed, &row.public)
}

fn halted() -> SegmentRow<F> {
    row(Some(0x8001_0007))
}

fn running() -> SegmentRow<F> {
    row(None)
}

#[test]
fn honest_rows_hold() {
    for row in [running(), halted(), row(Some(0)), row(Some(u32::MAX))] {
        let report = report_of(&agreed(row, F::ONE));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert_eq!(report.messages.len(), 7 + usize::from(row.public.halted == F::ONE));
    }
    let padding = HonestRow { public: flatten(halted().public), ..padding() };
    let report = report_of(&padding);
    assert!(report.violations.is_empty() && report.messages.is_empty());
}

fn padding() -> HonestRow {
    agreed(SegmentRow::default(), F::ZERO)
}

#[test]
fn no_change_escapes() {
    let rows = [running(), halted(), row(Some(0))].map(|row| agreed(row, F::ONE));
    assert_eq!(free_columns::<Segment>(&rows), Vec::<String>::new());
    // Padding may hold anything, but it says nothing.
    assert_eq!(free_columns::<Segment>(&[padding()]), Vec::<String>::new());
    let forged = SegmentRow { public: running().public, ..halted() };
    assert!(report_of(&agreed(forged, F::ZERO)).messages.is_empty());
}

#[test]
fn the_key_has_one_first_row() {
    let fixed = Segment::preprocessed().values;
    assert_eq!(fixed.len(), 1 << Segment::LOG_HEIGHT);
    let (first, others) = fixed.split_first().unwrap();
    assert_eq!(*first, F::ONE);
    assert!(others.iter().all(|cell| *cell == F::ZERO));
}

#[test]
fn each_constraint_catches_its_forgery() {
    let (one, two) = (F::ONE, F::TWO);
    let with = |row: SegmentRow<F>, change: &dyn Fn(&mut PublicCells<F>)| {
        let mut public = row.public;
        change(&mut public);
        SegmentRow { public, ..row }
    };
    let wrong = with(halted(), &|public| public.exit_low = F::ZERO);
    let claimed = HonestRow { cells: flatten(halted()), ..agreed(wrong, one) };
    let forgeries: [(&str, HonestRow); 8] = [
        ("SEGMENT-1", claimed),
        ("SEGMENT-2", agreed(with(halted(), &|public| public.halted = two), one)),
        ("SEGMENT-2", agreed(with(halted(), &|public| public.halted = -one), one)),
        ("SEGMENT-3", agreed(halted(), F::ZERO)),
        ("SEGMENT-4", agreed(with(halted(), &|public| public.pc_end = one), one)),
        ("SEGMENT-5", agreed(with(running(), &|public| public.exit_low = one), one)),
        ("SEGMENT-6", agreed(with(running(), &|public| public.exit_high = one), one)),
        ("SEGMENT-5", agreed(with(halted(), &|public| public.halted = F::ZERO), one)),
    ];
    for (id, forged) in forgeries {
        let violations = report_of(&forged).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn every_public_value_is_bound() {
    assert_eq!(PUBLIC_WIDTH, <PublicCells<F> as Cells<F>>::WIDTH);
    assert_eq!(Segment::width(), PUBLIC_WIDTH + 3);
    for row in [running(), halted()] {
        for index in 0..PUBLIC_WIDTH {
            let mut forged = agreed(row, F::ONE);
            forged.public[index] += F::ONE;
            assert_eq!(report_of(&forged).violations, ["SEGMENT-1"], "{index}");
        }
    }
}

#[test]
fn without_the_key_or_the_values_no_row_holds() {
    let honest = agreed(running(), F::ONE);
    let keyless = HonestRow { preprocessed: vec![], ..honest.clone() };
    let silent = HonestRow { public: vec![], ..honest };
    for forged in [keyless, silent] {
        assert_eq!(report_of(&forged).violations, ["SEGMENT-0"]);
    }
}

#[test]
fn a_halt_is_received_exactly_if_it_is_public() {
    let exits = |row| {
        let report = report_of(&agreed(row, F::ONE));
        let exits = report.messages.into_iter().filter(|message| message.bus == EXIT);
        exits.map(|message| (message.tuple, message.count)).collect::<Vec<_>>()
    };
    assert_eq!(exits(running()), []);
    assert_eq!(exits(halted()), [(vec![7, 0x8001], -F::ONE)]);
    assert_eq!(exits(row(Some(0))), [(vec![0, 0], -F::ONE)]);
}

#[test]
fn a_segment_starts_at_its_first_tick() {
    let report = report_of(&agreed(running(), F::ONE));
    let states = report.messages.into_iter().filter(|message| message.bus == STATE);
    let states: Vec<_> = states.map(|message| (message.tuple, message.count)).collect();
    assert_eq!(states, [(vec![0x40_0000, 1], F::ONE), (vec![0x40_0123, 1000], -F::ONE)]);
}

#[test]
fn elements_that_no_segment_has_are_refused() {
    for exit_code in [None, Some(0), Some(u32::MAX)] {
        let public = public(exit_code);
        assert_eq!(PublicValues::from_elements(&public.elements()), Some(public));
    }
    // pc_end, halted, exit_low, exit_high.
    let [running, halted] = [None, Some(7)].map(|exit_code| public(exit_code).elements());
    let forgeries = [
        (running, 1, HALTED),
        (running, 2, 1),
        (running, 3, 1),
        (running, 4, 1),
        (halted, 1, 0x40_0123),
        (halted, 2, 0),
        (halted, 2, 2),
        (halted, 2, F::ORDER_U32 - 1),
        (halted, 3, 1 << 16),
        (halted, 4, 1 << 16),
    ];
    for (honest, index, value) in forgeries {
        let mut elements = honest;
        elements[index] = F::from_u32(value);
        assert_eq!(PublicValues::from_elements(&elements), None, "{index} {value}");
    }
}
