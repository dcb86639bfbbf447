use minster_emulator::{Access, BlockAccess, Slot};
use p3_field::PrimeCharacteristicRing;

use super::{Block, BlockRow};
use crate::F;
use crate::buses::{BLOCK, MEMORY};
use crate::checker::{flatten, free_columns, report};
use crate::lookups::LookupCounts;

const WORDS: [u32; 8] = [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 12_345];

fn record(clock: u32, slot: Slot, cell: u32) -> BlockAccess {
    // One cell was accessed in the slot before, one never, the others long ago.
    let mut stamps = [1, 0, 0x1_0007, 5, 6, 7, 8, slot.stamp(clock) - 1].into_iter();
    let memory = WORDS.map(|value| Access { value, stamp: stamps.next().unwrap() });
    BlockAccess { clock, slot, cell, memory, after: WORDS.map(|word| !word) }
}

fn honest() -> Vec<BlockAccess> {
    vec![
        record(70_000, Slot::Rd, 8),
        record(70_000, Slot::Rs1, (1 << 29) - (1 << 14) - 1),
        record((1 << 21) - 1, Slot::Rd, 0x12345),
        record(0x8002, Slot::Memory, 3),
    ]
}

#[test]
fn honest_rows_hold_and_count_their_lookups() {
    for access in honest() {
        let mut counts = LookupCounts::default();
        let report = report::<Block>(&flatten(Block::fill(&access, &mut counts)));
        assert_eq!(report.violations, Vec::<&str>::new(), "{access:?}");
        assert!(report.unanswered().is_empty(), "{access:?}");
        assert_eq!(report.lookups(), counts);
    }
    let padding = report::<Block>(&flatten(BlockRow::<F>::default()));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn a_block_is_eight_accesses() {
    let access = record(70_000, Slot::Rd, 800);
    let report = report::<Block>(&flatten(Block::fill(&access, &mut LookupCounts::default())));
    let limbs = |words: [u32; 8]| words.into_iter().flat_map(|word| [word & 0xffff, word >> 16]);
    let mut expected = Vec::new();
    for (index, (access_, after)) in access.memory.iter().zip(access.after).enumerate() {
        let cell = 800 + index as u32;
        let tuple = |word: u32, stamp| vec![cell, word & 0xffff, word >> 16, stamp];
        expected.push((-F::ONE, tuple(access_.value, access_.stamp)));
        expected.push((F::ONE, tuple(after, 4 * 70_000 + 3)));
    }
    let memory = report.messages.iter().filter(|message| message.bus == MEMORY);
    let seen: Vec<_> = memory.map(|message| (message.count, message.tuple.clone())).collect();
    assert_eq!(seen, expected);
    let block: Vec<_> = report.messages.iter().filter(|message| message.bus == BLOCK).collect();
    let [block] = block.as_slice() else { panic!("{block:?}") };
    let words = access.memory.map(|access| access.value);
    let tuple = [70_000, 3, 800].into_iter().chain(limbs(words)).chain(limbs(access.after));
    assert_eq!((block.count, block.tuple.clone()), (-F::ONE, tuple.collect()));
}

#[test]
fn no_change_escapes() {
    let mut counts = LookupCounts::default();
    let rows = honest().into_iter().map(|access| flatten(Block::fill(&access, &mut counts)));
    let mut rows: Vec<Vec<F>> = rows.collect();
    rows.push(flatten(BlockRow::default()));
    assert_eq!(free_columns::<Block>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let row = Block::fill(&record(70_000, Slot::Rd, 8), &mut LookupCounts::default());
    let forged = BlockRow { real: F::TWO, ..row };
    assert!(report::<Block>(&flatten(forged)).violations.contains(&"BLOCK-1"));
}

/// The previous access of every cell must be earlier, or a value could come from nowhere.
#[test]
fn an_access_is_later_than_the_one_before() {
    let access = record(70_000, Slot::Rs2, 8);
    let now = Slot::Rs2.stamp(70_000);
    for (cell, later) in (0..8).flat_map(|cell| [(cell, now), (cell, now + 1)]) {
        let mut forged = access;
        forged.memory[cell].stamp = later;
        let row = Block::fill(&forged, &mut LookupCounts::default());
        assert!(!report::<Block>(&flatten(row)).unanswered().is_empty(), "{cell} {later}");
    }
}
