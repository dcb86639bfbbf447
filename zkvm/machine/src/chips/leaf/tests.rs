mod segments;

use minster_emulator::{LEAF_WORDS, Leaf as LeafRecord};
use p3_field::PrimeCharacteristicRing;

use super::{Leaf, LeafRow};
use crate::F;
use crate::access::{RAM_CELLS, REGISTER_CELL};
use crate::buses::{COMPRESSION, MEMORY, NODE, RANGE};
use crate::checker::{Balance, Message, canonical, flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::tree::{Compressor, limbs};

/// The first leaf, the last one of RAM, the first of the registers, the last of all.
const INDICES: [u32; 5] = [0, 77, (1 << 26) - 1, 1 << 26, (1 << 27) - 1];
const WORDS: [u32; LEAF_WORDS] =
    [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 12_345];

/// A leaf of which the accesses at `stamps` change the cells; those at 0 are not accessed.
fn record(index: u32, stamps: [u32; LEAF_WORDS]) -> LeafRecord {
    let change = |at: usize| if stamps[at] == 0 { WORDS[at] } else { !WORDS[at] };
    let (after, starts) =
        (core::array::from_fn(change), stamps.map(|stamp| stamp.saturating_sub(1)));
    LeafRecord { index, before: WORDS, after, starts, stamps }
}

fn fill(leaf: &LeafRecord, counts: &mut LookupCounts) -> LeafRow<F> {
    let digest = |words| Compressor::default().compress(limbs(words));
    Leaf::fill(leaf, [digest(&leaf.before), digest(&leaf.after)], counts)
}

fn row(index: u32, stamps: [u32; LEAF_WORDS]) -> LeafRow<F> {
    fill(&record(index, stamps), &mut LookupCounts::default())
}

fn honest() -> impl Iterator<Item = LeafRow<F>> {
    let stamps = [[0; LEAF_WORDS], [4, 0, 5, 0, 6, 7, (1 << 23) - 1, 0]];
    INDICES.into_iter().flat_map(move |index| stamps.map(|stamps| row(index, stamps)))
}

/// The messages of rows on one bus, after what honest accesses add to the memory bus: for every
/// stamp one access, straight from where the cell starts.
fn open(rows: &[LeafRow<F>], bus: &str, accesses: &[LeafRecord]) -> Balance {
    let mut balance = Balance::default();
    for row in rows {
        let messages = report::<Leaf>(&flatten(*row)).messages;
        messages.iter().filter(|message| message.bus == bus).for_each(|m| balance.add(m));
    }
    let message = |tuple, count| Message { bus: MEMORY.into(), tuple, count };
    for leaf in accesses {
        for (at, stamp) in leaf.stamps.iter().enumerate().filter(|(_, stamp)| **stamp != 0) {
            let cell = 8 * leaf.index + at as u32;
            let limbs = |word: u32| [word & 0xffff, word >> 16];
            let [[low, high], [new_low, new_high]] = [leaf.before[at], leaf.after[at]].map(limbs);
            balance.add(&message(vec![cell, low, high, leaf.starts[at]], -F::ONE));
            balance.add(&message(vec![cell, new_low, new_high, *stamp], F::ONE));
        }
    }
    balance.settle();
    balance
}

#[test]
fn honest_rows_hold() {
    for row in honest() {
        let report = report::<Leaf>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
        let count = |bus| report.messages.iter().filter(|message| message.bus == bus).count();
        assert_eq!([MEMORY, RANGE, COMPRESSION, NODE].map(count), [16, 16, 2, 1]);
    }
    assert!(report::<Leaf>(&flatten(LeafRow::<F>::default())).messages.is_empty());
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let mut counts = LookupCounts::default();
    let row = fill(&record(5, [0; LEAF_WORDS]), &mut counts);
    assert_eq!(report::<Leaf>(&flatten(row)).lookups(), counts);
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = honest().map(flatten).collect();
    rows.push(flatten(LeafRow::default()));
    assert_eq!(free_columns::<Leaf>(&rows), Vec::<String>::new());
}

#[test]
fn each_constraint_catches_its_forgery() {
    let forgeries: [(&str, LeafRow<F>); 3] = [
        ("LEAF-1", LeafRow { real: F::TWO, ..row(1, [0; LEAF_WORDS]) }),
        ("LEAF-1", LeafRow { real: -F::ONE, ..row(1, [0; LEAF_WORDS]) }),
        ("LEAF-1", LeafRow { real: F::TWO, ..LeafRow::default() }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Leaf>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn memory_balances_with_honest_accesses() {
    let leaves = [record(3, [0, 4, 8, 0, 0, 0, 0, 9]), record(1 << 26, [4; LEAF_WORDS])];
    let rows = leaves.map(|leaf| fill(&leaf, &mut LookupCounts::default()));
    assert_eq!(open(&rows, MEMORY, &leaves), Balance::default());
}

/// Soundness list 11: a cell that nobody wrote changes; a write is lost; a stale value is kept.
#[test]
fn values_that_nobody_wrote_leave_the_bus_open() {
    let leaf = record(3, [0, 4, 0, 0, 0, 0, 0, 0]);
    let honest = fill(&leaf, &mut LookupCounts::default());
    let mut changed = honest;
    changed.after[0] += F::ONE;
    let mut lost = honest;
    (lost.after[2], lost.after[3]) = (honest.before[2], honest.before[3]);
    let mut stale = lost;
    stale.stamps[1] = stale.starts[1];
    let mut late = honest;
    late.stamps[1] += F::ONE;
    let mut early = honest;
    early.starts[1] -= F::ONE;
    let forgeries =
        [("changed", changed), ("lost", lost), ("stale", stale), ("late", late), ("early", early)];
    for (name, forged) in forgeries {
        assert_ne!(open(&[forged], MEMORY, &[leaf]), Balance::default(), "{name}");
    }
}

/// Soundness list 12: a leaf on two rows starts its cells twice. One of them can stand in for the
/// other on the memory bus, so it is the node bus that must not take both: see the node chip.
#[test]
fn a_leaf_on_two_rows_sends_two_nodes() {
    let touched = record(3, [4; LEAF_WORDS]);
    let (words, none) = ([7; 8], [0; 8]);
    let idle = LeafRecord { before: words, after: words, starts: none, stamps: none, index: 3 };
    let rows = [touched, idle].map(|leaf| fill(&leaf, &mut LookupCounts::default()));
    assert_eq!(open(&rows, MEMORY, &[touched]), Balance::default());
    assert_eq!(open(&rows, NODE, &[]).0.len(), 2);
}

/// Soundness list 5: limbs past 2^16 that mean the same word.
#[test]
fn limbs_past_their_range_are_not_answered() {
    let mut forged = row(3, [0; LEAF_WORDS]);
    // 0x1_0000 as one limb, in the root before and after.
    for limbs in [&mut forged.before, &mut forged.after] {
        (limbs[6], limbs[7]) = (F::from_u32(0x1_0000), F::ZERO);
    }
    forged.digest_before = Compressor::default().compress(forged.before);
    forged.digest_after = forged.digest_before;
    let report = report::<Leaf>(&flatten(forged));
    assert_eq!(report.violations, Vec::<&str>::new());
    assert_eq!(report.unanswered().len(), 1);
}

/// Soundness list 14: RAM ends where the registers begin, and no leaf holds both.
#[test]
fn leaves_of_ram_and_registers_do_not_meet() {
    let cells = |index| {
        let messages = report::<Leaf>(&flatten(row(index, [0; LEAF_WORDS]))).messages;
        let of_bus = messages.into_iter().filter(|message| message.bus == MEMORY);
        of_bus.map(|message| message.tuple[0]).collect::<Vec<u32>>()
    };
    let last = cells((1 << 26) - 1);
    assert_eq!(last.iter().max(), Some(&(RAM_CELLS - 1)));
    let first = cells(1 << 26);
    assert_eq!(first.iter().min(), Some(&REGISTER_CELL));
}

/// The digests of a row are those of its limbs, in the order of the tree.
#[test]
fn digests_are_those_of_the_limbs() {
    let row = row(9, [4; LEAF_WORDS]);
    let messages = report::<Leaf>(&flatten(row)).messages;
    let hashes: Vec<&Message> = messages.iter().filter(|m| m.bus == COMPRESSION).collect();
    let sides = [(row.before, row.digest_before), (row.after, row.digest_after)];
    for (message, (limbs, digest)) in hashes.into_iter().zip(sides) {
        assert_eq!(digest, Compressor::default().compress(limbs));
        assert_eq!(message.tuple, canonical(&[limbs.as_slice(), &digest].concat()));
    }
}
