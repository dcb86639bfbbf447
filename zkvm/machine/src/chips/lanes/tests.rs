use minster_precompiles::{BLOCKS_MAX, Block, Function};
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Lanes, LanesRow};
use crate::F;
use crate::buses::{BLOCK, CALL, KECCAK_CELL, KECCAK_LIMBS};
use crate::checker::{RowReport, flatten, free_columns, report};
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;
use crate::table::Table;

const CELL: u32 = 0x1fff_bfc8;

fn rows() -> [LanesRow<F>; 2] {
    let mut before = [[0; 8]; BLOCKS_MAX];
    for (index, word) in before.as_flattened_mut().iter_mut().enumerate() {
        *word = 0x9e37_79b9_u32.wrapping_mul(index as u32 + 1);
    }
    of(&before)
}

fn of(before: &[Block; BLOCKS_MAX]) -> [LanesRow<F>; 2] {
    let mut after = *before;
    Function::KeccakF.compute(&mut after).unwrap();
    let function = Function::KeccakF;
    let cells = [CELL, 0, 0, 0];
    let call = CallRecord { function, clock: 70_000, cells, before, after: &after };
    let mut rows = [LanesRow::default(); Lanes::ROWS];
    let mut counts = LookupCounts::default();
    Lanes::fill(&call, &mut rows, &mut counts);
    assert_eq!(counts, LookupCounts::default(), "no lookups");
    rows
}

fn on<'a>(report: &'a RowReport, bus: &'a str) -> impl Iterator<Item = (&'a [u32], F)> {
    let messages = report.messages.iter().filter(move |message| message.bus == bus);
    messages.map(|message| (message.tuple.as_slice(), message.count))
}

#[test]
fn honest_rows_hold() {
    for before in [[[0; 8]; BLOCKS_MAX], [[u32::MAX; 8]; BLOCKS_MAX]] {
        for row in of(&before).into_iter().chain(rows()) {
            assert_eq!(report::<Lanes>(&flatten(row)).violations, Vec::<&str>::new());
        }
    }
    let padding = report::<Lanes>(&flatten(LanesRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
    assert_eq!((Lanes::width(), Lanes::ROWS), (120, 2));
}

#[test]
fn a_call_is_taken_once_and_its_blocks_follow_each_other() {
    let [low, high] = rows().map(|row| report::<Lanes>(&flatten(row)));
    assert_eq!(on(&low, CALL).count(), 1);
    assert_eq!(on(&high, CALL).count(), 0);
    let behind = [70_000, CELL + 24];
    assert_eq!(on(&low, KECCAK_CELL).collect::<Vec<_>>(), [(&behind[..], F::ONE)]);
    assert_eq!(on(&high, KECCAK_CELL).collect::<Vec<_>>(), [(&behind[..], -F::ONE)]);
    let cells = on(&low, BLOCK).chain(on(&high, BLOCK)).map(|(tuple, _)| tuple[2]);
    assert_eq!(cells.collect::<Vec<_>>(), [0, 8, 16, 24, 32, 40, 48].map(|word| CELL + word));
    let places = on(&low, KECCAK_LIMBS).chain(on(&high, KECCAK_LIMBS)).map(|(tuple, _)| tuple[1]);
    assert_eq!(places.collect::<Vec<_>>(), (0..16).collect::<Vec<u32>>());
    assert!(on(&low, KECCAK_LIMBS).all(|(tuple, _)| tuple[14] == 0), "12 lanes");
}

#[test]
fn words_behind_the_lanes_stay() {
    for index in 0..12 {
        let [_, mut row] = rows();
        row.tail[index] += F::ONE;
        let report = report::<Lanes>(&flatten(row));
        let (last, _) = on(&report, BLOCK).last().unwrap();
        assert_eq!(last[3 + 4 + index], last[3 + 16 + 4 + index]);
    }
}

#[test]
fn no_change_escapes() {
    let [low, high] = rows().map(flatten);
    assert_eq!(free_columns::<Lanes>(&[high]), Vec::<String>::new());
    let mut tail: Vec<String> = (0..12).map(|index| format!("tail[{index}]")).collect();
    tail.sort();
    assert_eq!(free_columns::<Lanes>(&[low]), tail);
}

#[test]
fn each_constraint_catches_its_forgery() {
    let [low, high] = rows();
    let (one, two, half) = (F::ONE, F::TWO, F::TWO.inverse());
    let forgeries: [(&str, LanesRow<F>); 6] = [
        ("LANES-1", LanesRow { is_low: two, is_high: -one, ..low }),
        ("LANES-1", LanesRow { is_low: half, is_high: half, ..low }),
        ("LANES-2", LanesRow { is_high: two, is_low: -one, ..high }),
        ("LANES-2", LanesRow { is_high: -one, is_low: one, ..high }),
        ("LANES-3", LanesRow { is_high: one, ..low }),
        ("LANES-3", LanesRow { is_low: one, ..high }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Lanes>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}
