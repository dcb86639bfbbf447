use core::array::from_fn;

use minster_precompiles::{Block, Function};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Blake3Call, Blake3CallRow};
use crate::F;
use crate::buses::{BLAKE3_STATE, BLAKE3_WORDS};
use crate::checker::{RowReport, flatten, free_columns, report};
use crate::chips::blake3::VALUE_PLACE;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

const CELL: u32 = 1000;

fn blocks() -> [Block; 4] {
    from_fn(|block| from_fn(|word| 0x89ab_cdef_u32.wrapping_mul((8 * block + word + 1) as u32)))
}

fn row(before: &[Block; 4]) -> Blake3CallRow<F> {
    let (function, cells) = (Function::Blake3, [CELL, 2000, 3000, 0]);
    let call = CallRecord { function, clock: 70_000, cells, before, after: &[] };
    let mut rows = [Blake3CallRow::default()];
    Blake3Call::fill(&call, &mut rows, &mut LookupCounts::default());
    rows[0]
}

fn tuples(report: &RowReport, bus: &str) -> Vec<Vec<u32>> {
    let messages = report.messages.iter().filter(|message| message.bus == bus);
    messages.map(|message| message.tuple.clone()).collect()
}

#[test]
fn honest_rows_hold() {
    for before in [blocks(), [[0; 8]; 4], [[u32::MAX; 8]; 4]] {
        let report = report::<Blake3Call>(&flatten(row(&before)));
        assert_eq!(report.violations, Vec::<&str>::new());
        assert_eq!(report.messages.len(), 20);
    }
    let padding = report::<Blake3Call>(&flatten(Blake3CallRow::<F>::default()));
    assert!(padding.violations.is_empty() && padding.messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let rows = [row(&blocks()), row(&[[0; 8]; 4]), Blake3CallRow::default()].map(flatten);
    assert_eq!(free_columns::<Blake3Call>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    for real in [F::TWO, -F::ONE, F::TWO.inverse()] {
        let violations =
            report::<Blake3Call>(&flatten(Blake3CallRow { real, ..row(&blocks()) })).violations;
        assert!(violations.contains(&"BLAKE3_CALL-1"), "{violations:?}");
    }
}

/// The paper's table of states: chaining value, constants, counter, length, flags.
#[test]
fn the_first_state_is_that_of_the_paper() {
    let [value, .., parameters] = blocks();
    let found = tuples(&report::<Blake3Call>(&flatten(row(&blocks()))), BLAKE3_STATE);
    let words: Vec<u32> = found[0][2..].chunks(2).map(|limbs| limbs[0] | limbs[1] << 16).collect();
    assert_eq!(found[0][..2], [70_000, 0]);
    let constants = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a];
    let expected: Vec<u32> = (0..4)
        .flat_map(|lane| [value[lane], value[4 + lane], constants[lane], parameters[lane]])
        .collect();
    assert_eq!(words, expected);
}

/// Each half round has a place of its own, and the chaining value one behind them.
#[test]
fn places_are_distinct() {
    let mut row = row(&blocks());
    for cell in [0, 1, CELL, (1 << 29) - 8] {
        row.cells[0] = F::from_u32(cell);
        let found = tuples(&report::<Blake3Call>(&flatten(row)), BLAKE3_WORDS);
        let places: Vec<u32> = found.iter().map(|tuple| tuple[1]).collect();
        let expected: Vec<u32> = (0..14).chain([VALUE_PLACE + cell]).collect();
        assert_eq!(places, expected);
    }
}
