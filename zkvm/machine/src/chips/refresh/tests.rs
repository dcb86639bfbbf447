use minster_emulator::{Access, Refresh as RefreshRecord};
use p3_field::PrimeCharacteristicRing;

use super::{Refresh, RefreshRow};
use crate::F;
use crate::access::REGISTER_CELL;
use crate::buses::MEMORY;
use crate::checker::{flatten, free_columns, report};
use crate::lookups::LookupCounts;

const WORDS: [u32; 5] = [0, 1, 0xffff, 0x1_0000, 0xffff_ffff];
/// Old times and new ones: the earliest and the latest, the shortest and the longest gap.
const TIMES: [(u32, u32); 5] =
    [(4, 0x1_0005), (5, 0x7f_fffe), (1, 2), (0x12_3456, 0x23_4567), (0x7e_fffe, 0x7f_ffff)];

fn record(cell: u32, value: u32, (old, stamp): (u32, u32)) -> RefreshRecord {
    RefreshRecord { cell, access: Access { value, stamp: old }, stamp }
}

fn row(times: (u32, u32)) -> RefreshRow<F> {
    Refresh::fill(&record(77, 0x1234_5678, times), &mut LookupCounts::default())
}

fn honest() -> impl Iterator<Item = RefreshRecord> {
    let cells = [3, REGISTER_CELL + 5].into_iter();
    let words = cells.flat_map(|cell| WORDS.map(|value| (cell, value)));
    words.flat_map(|(cell, value)| TIMES.map(|times| record(cell, value, times)))
}

#[test]
fn honest_rows_hold_and_count_their_lookups() {
    for record in honest() {
        let mut counts = LookupCounts::default();
        let report = report::<Refresh>(&flatten(Refresh::fill(&record, &mut counts)));
        assert_eq!(report.violations, Vec::<&str>::new(), "{record:?}");
        assert!(report.unanswered().is_empty(), "{record:?}");
        assert_eq!(report.lookups(), counts);
    }
    let padding = report::<Refresh>(&flatten(RefreshRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn a_row_changes_the_time_alone() {
    for record in honest() {
        let row = Refresh::fill(&record, &mut LookupCounts::default());
        let messages = report::<Refresh>(&flatten(row)).messages;
        let memory = messages.into_iter().filter(|message| message.bus == MEMORY);
        let seen: Vec<_> = memory.map(|message| (message.count, message.tuple)).collect();
        let RefreshRecord { cell, access, stamp } = record;
        let tuple = |time| vec![cell, access.value & 0xffff, access.value >> 16, time];
        assert_eq!(seen, [(-F::ONE, tuple(access.stamp)), (F::ONE, tuple(stamp))]);
    }
}

#[test]
fn no_change_escapes() {
    let mut counts = LookupCounts::default();
    let rows = honest().map(|record| flatten(Refresh::fill(&record, &mut counts)));
    let mut rows: Vec<Vec<F>> = rows.collect();
    rows.push(flatten(RefreshRow::default()));
    assert_eq!(free_columns::<Refresh>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    for real in [F::TWO, -F::ONE] {
        let forged = RefreshRow { real, ..row(TIMES[0]) };
        assert!(report::<Refresh>(&flatten(forged)).violations.contains(&"REFRESH-1"));
    }
}

/// Soundness list 11: a cell that goes back in time, or stays where it is, could be its own
/// predecessor.
#[test]
fn a_new_time_is_later() {
    for (old, stamp) in [(9, 9), (10, 9), (0x7f_ffff, 4), (0x12_0000, 0x11_ffff)] {
        let forged = row((old, stamp));
        assert!(!report::<Refresh>(&flatten(forged)).unanswered().is_empty(), "{old} {stamp}");
    }
}

/// Soundness list 11: new times that each are a little later than the last would lead around the
/// field and back. No row sends a time of 2^23 or more.
#[test]
fn no_time_leads_around_the_field() {
    let last = row((0x7f_fff0, 0x7f_ffff));
    for (low, high) in [(0, 0x80), (0x1_0000, 0x7f), (5, 0xffff), (-7, 0), (0, -1)] {
        let cell = |limb: i32| F::from_i32(limb);
        let mut forged = RefreshRow { stamp_low: cell(low), stamp_high: cell(high), ..last };
        // The gap alone is as the range bus wants it.
        let stamp = forged.stamp_low + forged.stamp_high * F::from_u32(1 << 16);
        forged.age.previous = stamp - F::from_u32(6);
        forged.age_high = F::ZERO;
        assert!(!report::<Refresh>(&flatten(forged)).unanswered().is_empty(), "{low} {high}");
    }
}
