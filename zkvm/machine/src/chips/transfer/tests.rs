use minster_emulator::{Access, IoKind, IoStep};
use p3_field::PrimeCharacteristicRing;

use super::{Transfer, TransferRow};
use crate::F;
use crate::access::{RAM_CELLS, slot, stamp_at, word};
use crate::buses::{COMPRESSION, MEMORY, TRANSFER};
use crate::checker::{flatten, free_columns, report};
use crate::lookups::LookupCounts;
use crate::output::OutputDigest;

const WORDS: [u32; 6] = [0, 1, 0xffff, 0x1_0000, 0x8000_0000, 0xffff_ffff];
const CLOCK: u32 = 70_000;

fn step(kind: IoKind, before: u32, value: u32, remaining: u32) -> IoStep {
    IoStep {
        kind,
        clock: CLOCK,
        address: RAM_CELLS - 1,
        memory: Access { value: before, stamp: stamp_at(3, slot::MEMORY) },
        value,
        remaining,
    }
}

fn fill(step: &IoStep) -> TransferRow<F> {
    let mut output = OutputDigest::default();
    output.absorb(0x1234_5678, 4);
    Transfer::fill(step, 1, &mut output, &mut LookupCounts::default())
}

fn read(before: u32, value: u32, remaining: u32) -> TransferRow<F> {
    fill(&step(IoKind::Read, before, value, remaining))
}

fn commit(word: u32, remaining: u32) -> TransferRow<F> {
    fill(&step(IoKind::Commit, word, word, remaining))
}

/// Commits of the last word, so far as the bytes that do not count are zero.
const LAST: [(u32, u32); 7] =
    [(0, 1), (0xff, 1), (0, 2), (0xffff, 2), (0, 3), (0xff_ffff, 3), (0xff_0000, 3)];

fn reads() -> impl Iterator<Item = TransferRow<F>> {
    let pairs = WORDS.iter().flat_map(|before| WORDS.iter().map(move |after| (*before, *after)));
    pairs.flat_map(|(before, after)| [1, 2, 1024].map(|left| read(before, after, left)))
}

fn commits() -> impl Iterator<Item = TransferRow<F>> {
    let whole = WORDS.iter().flat_map(|word| [4, 5, 7, 8, 4096].map(|left| commit(*word, left)));
    whole.chain(LAST.map(|(word, left)| commit(word, left)))
}

#[test]
fn honest_rows_hold() {
    for row in reads().chain(commits()) {
        let report = report::<Transfer>(&flatten(row));
        assert_eq!(report.violations, Vec::<&str>::new(), "{row:?}");
        assert!(report.unanswered().is_empty(), "{row:?}");
    }
    assert!(report::<Transfer>(&flatten(TransferRow::<F>::default())).messages.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = commits().map(flatten).collect();
    rows.push(flatten(TransferRow::default()));
    assert_eq!(free_columns::<Transfer>(&rows), Vec::<String>::new());
    rows.extend(reads().map(flatten));
    let digest = |name| (0..8).map(move |index| format!("{name}[{index}]"));
    let free: Vec<String> = digest("digest").chain(digest("digest_after")).collect();
    assert_eq!(free_columns::<Transfer>(&rows), free);
}

#[test]
fn each_constraint_catches_its_forgery() {
    let (one, two, zero) = (F::ONE, F::TWO, F::ZERO);
    let whole = || commit(0x0102_0304, 9);
    let part = |part, word, left| TransferRow { part, ..commit(word, left) };
    let forgeries: [(&str, TransferRow<F>); 15] = [
        ("TRANSFER-1", TransferRow { is_read: two, is_commit: -one, ..read(1, 2, 3) }),
        ("TRANSFER-2", TransferRow { is_commit: two, is_read: -one, ..whole() }),
        ("TRANSFER-3", TransferRow { is_read: one, ..whole() }),
        ("TRANSFER-4", part([two, -one, zero], 5, 1)),
        ("TRANSFER-4", part([-one, two, zero], 5, 1)),
        ("TRANSFER-4", part([zero, -one, two], 5, 1)),
        ("TRANSFER-5", part([one, one, zero], 5, 1)),
        ("TRANSFER-5", TransferRow { part: [one, zero, zero], ..read(1, 2, 3) }),
        ("TRANSFER-6", part([zero, zero, one], 5, 4)),
        ("TRANSFER-6", part([one, zero, zero], 5, 2)),
        ("TRANSFER-7", TransferRow { after: word(0x0102_0305), ..whole() }),
        ("TRANSFER-8", TransferRow { after: word(0x0103_0304), ..whole() }),
        ("TRANSFER-9", commit(0x1_0000, 2)),
        ("TRANSFER-9", commit(0x1_0000, 1)),
        ("TRANSFER-10", TransferRow { bounded: one, ..commit(0x10_0000, 3) }),
    ];
    for (id, forged) in forgeries {
        let violations = report::<Transfer>(&flatten(forged)).violations;
        assert!(violations.contains(&id), "{id}: {violations:?}");
    }
}

#[test]
fn bytes_that_do_not_count_are_zero() {
    for left in 1..=4 {
        for bit in 0..32 {
            let report = report::<Transfer>(&flatten(commit(1 << bit, left)));
            let accepted = report.violations.is_empty() && report.unanswered().is_empty();
            assert_eq!(accepted, bit < 8 * left, "{left} {bit}");
        }
    }
}

#[test]
fn a_commit_takes_its_bytes_in_one_way() {
    // Every choice of flags for every number of bytes left: what is left then, if accepted.
    for left in 1..=9_u32 {
        let mut found = Vec::new();
        for flags in 0..8_u32 {
            let part = [0, 1, 2].map(|bit| F::from_u32(flags >> bit & 1));
            let mut forged = TransferRow { part, ..commit(0, 4) };
            forged.remaining = F::from_u32(left);
            let report = report::<Transfer>(&flatten(forged));
            if report.violations.is_empty() && report.unanswered().is_empty() {
                let sent = report.messages.iter().filter(|sent| sent.bus == TRANSFER);
                found.extend(sent.filter(|sent| sent.count == F::ONE).map(|sent| sent.tuple[2]));
            }
        }
        // Below a whole word the number of bytes would become negative, and never 0 again: a
        // table has far fewer than p / 4 rows.
        let beyond = F::from_i64(i64::from(left) - 4);
        let whole = p3_field::PrimeField32::as_canonical_u32(&beyond);
        let expected = if left < 4 { vec![whole, 0] } else { vec![whole] };
        assert_eq!(found, expected, "{left}");
    }
}

#[test]
fn what_is_read_is_a_word() {
    for (low, high) in [(1 << 16, 0), (0, 1 << 16)] {
        let mut forged = read(0, 0, 1);
        forged.after.low = F::from_u32(low);
        forged.after.high = F::from_u32(high);
        forged.bounded = forged.after.low;
        let report = report::<Transfer>(&flatten(forged));
        assert_eq!(report.violations, Vec::<&str>::new());
        assert_eq!(report.unanswered().len(), 1);
    }
}

#[test]
fn a_read_says_nothing_of_the_output() {
    for row in reads() {
        let messages = report::<Transfer>(&flatten(row)).messages;
        let buses = messages.iter().map(|message| message.bus.as_str());
        let mut buses: Vec<&str> =
            buses.filter(|bus| [MEMORY, COMPRESSION].contains(bus)).collect();
        buses.dedup();
        assert_eq!(buses, [MEMORY]);
    }
}

#[test]
fn a_digest_tells_how_many_bytes_count() {
    let digest = |words: &[(u32, u32)]| {
        let mut output = OutputDigest::default();
        words.iter().for_each(|(word, bytes)| output.absorb(*word, *bytes));
        output.digest()
    };
    assert_eq!(digest(&[(0x0403_0201, 4), (5, 1)]), OutputDigest::of(&[1, 2, 3, 4, 5]));
    assert_ne!(digest(&[(0x0403_0201, 4), (5, 1)]), OutputDigest::of(&[1, 2, 3, 4, 5, 0]));
    // A commit after one that ended inside a word: no output has this digest.
    let refused = digest(&[(0x0003_0201, 3), (0x0807_0605, 4)]);
    for output in [&[1, 2, 3, 5, 6, 7, 8][..], &[1, 2, 3, 0, 5, 6, 7, 8]] {
        assert_ne!(refused, OutputDigest::of(output));
    }
}

#[test]
fn lookups_are_counted_as_they_are_sent() {
    let reads = [(IoKind::Read, 0xffff_0001, 1), (IoKind::Read, 7, 1024)];
    let commits = LAST.map(|(word, left)| (IoKind::Commit, word, left));
    let whole = [(IoKind::Commit, 0x8000_ffff, 4), (IoKind::Commit, 9, 7)];
    for (kind, word, left) in reads.into_iter().chain(commits).chain(whole) {
        let step = step(kind, word, word, left);
        let mut counts = LookupCounts::default();
        let row = Transfer::fill(&step, 0, &mut OutputDigest::default(), &mut counts);
        assert_eq!(counts, report::<Transfer>(&flatten(row)).lookups(), "{step:?}");
    }
}
