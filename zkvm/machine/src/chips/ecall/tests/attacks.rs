//! Whole segments in which a forger changes everything that would go along with a lie.

use minster_emulator::ecall::{COMMIT, HALT, READ_HINT, READ_INPUT};
use p3_field::PrimeCharacteristicRing;

use super::forgery::Forgery;
use super::{ECALL, Ecall, program, set};
use crate::F;
use crate::access::word;
use crate::chips::addi::Addi;
use crate::chips::program::Program;
use crate::chips::segment::Segment;
use crate::chips::transfer::Transfer;
use crate::output::OutputDigest;
use crate::rom::HALTED;

const DATA: u32 = 0x1_0000;
const BYTES: [u8; 16] = [1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 0, 0];
const FIRST: u32 = 0x0403_0201;
const SECOND: u32 = 0x0e0d_0c0b;
/// The calls' rows, and the ticks before the last call.
const HALT_ROW: usize = 4;
const TICKS: u32 = 30;

/// Two reads to the same place, two commits of a word each, and a halt.
fn run(ticks: u32) -> Forgery {
    run_of(
        &[
            [READ_INPUT, DATA + 0x100, 2],
            [READ_HINT, DATA + 0x100, 2],
            [COMMIT, DATA, 4],
            [COMMIT, DATA + 4, 4],
            [HALT, 7, 0],
        ],
        ticks,
    )
}

fn run_of(calls: &[[u32; 3]], ticks: u32) -> Forgery {
    let mut code = Vec::new();
    for [number, a0, a1] in calls {
        code.extend(set(17, *number));
        code.extend(set(10, *a0));
        code.extend(set(11, *a1));
        code.push(ECALL);
    }
    Forgery::new(&program(&code, &[(DATA, &BYTES)]), ticks)
}

/// The digests along an output of whole words.
fn digests(words: &[u32]) -> Vec<[F; 8]> {
    let mut output = OutputDigest::default();
    let mut digests = vec![output.digest()];
    for word in words {
        output.absorb(*word, 4);
        digests.push(output.digest());
    }
    digests
}

#[test]
fn a_failure_is_not_shown_as_success() {
    let mut forged = run(1 << 20);
    forged.change_ends(|ends| ends.public.exit_low = F::ZERO);
    assert_eq!(forged.faults(), ["exit"]);
    // The call as if a0 had held 0: but that is not what it held.
    forged.change::<Ecall>(HALT_ROW, |call| {
        (call.a0, call.result) = (word(0), word(0));
    });
    assert_eq!(forged.faults(), ["memory"]);
}

#[test]
fn a_halt_is_not_hidden() {
    let mut forged = run(1 << 20);
    forged.change_ends(|ends| {
        ends.public.halted = F::ZERO;
        ends.public.exit_low = F::ZERO;
    });
    assert_eq!(forged.faults(), ["exit"]);
    // The run as if it went on, at an address where it does not.
    forged.change_ends(|ends| ends.public.pc_end = ends.public.pc_start);
    assert_eq!(forged.faults(), ["exit", "state"]);
    // The call as another one: but a7 names it.
    let after = forged.row::<Ecall>(HALT_ROW).pc + F::ONE;
    forged.change_ends(|ends| ends.public.pc_end = after);
    forged.change::<Ecall>(HALT_ROW, |call| {
        (call.is_halt, call.is_write) = (F::ZERO, F::ONE);
        (call.next, call.result) = (after, call.a2);
    });
    assert_eq!(forged.faults(), ["memory"]);
}

#[test]
fn a_segment_that_goes_on_is_not_shown_as_halted() {
    let mut forged = run(TICKS);
    assert_eq!(forged.public.exit_code, None);
    forged.change_ends(|ends| ends.public.halted = F::ONE);
    assert_eq!(forged.faults(), ["SEGMENT-4", "exit"]);
    forged.change_ends(|ends| ends.public.pc_end = F::from_u32(HALTED));
    assert_eq!(forged.faults(), ["exit", "state"]);
    // A halt made up on a row of padding, with the ends of the run moved behind it.
    let (pc, clock) = {
        let ends = run(TICKS).row::<Segment>(0);
        (ends.public.pc_end, ends.clock_end)
    };
    forged.change_ends(|ends| ends.clock_end += F::ONE);
    forged.change::<Ecall>(HALT_ROW, |call| {
        call.is_halt = F::ONE;
        (call.pc, call.clock) = (pc, clock);
        call.next = F::from_u32(HALTED);
    });
    let faults = forged.faults();
    assert!(faults.contains(&"program".to_string()), "{faults:?}");
    assert!(faults.contains(&"memory".to_string()), "{faults:?}");
    assert!(!faults.contains(&"exit".to_string()), "{faults:?}");
}

#[test]
fn an_exit_code_without_a_halt_is_refused() {
    let mut forged = run(TICKS);
    forged.change_ends(|ends| ends.public.exit_low = F::ONE);
    assert!(forged.faults().contains(&"SEGMENT-5".to_string()));
}

#[test]
fn commits_are_not_reordered() {
    let mut forged = run(1 << 20);
    let [first, second] = [2, 3].map(|row| forged.row::<Ecall>(row).clock);
    let chain = digests(&[SECOND, FIRST]);
    forged.change::<Ecall>(3, |call| {
        (call.position, call.position_end) = (F::ZERO, F::ONE);
        call.commit_clock = F::ZERO;
    });
    forged.change::<Ecall>(2, |call| {
        (call.position, call.position_end) = (F::ONE, F::TWO);
        call.commit_clock = second;
    });
    forged.change::<Transfer>(5, |moved| {
        moved.position = F::ZERO;
        (moved.digest, moved.digest_after) = (chain[0], chain[1]);
    });
    forged.change::<Transfer>(4, |moved| {
        moved.position = F::ONE;
        (moved.digest, moved.digest_after) = (chain[1], chain[2]);
    });
    forged.change_ends(|ends| {
        ends.commit_clock = first;
        ends.public.output_after = chain[2];
    });
    // All goes along, but the first commit would come after the second.
    assert_eq!(forged.faults(), ["range"]);
    // Whatever is said to be the upper part of its age.
    for high in [1, 127, 128, 0x7eff] {
        forged.change::<Ecall>(2, |call| call.commit_gap_high = F::from_u32(high));
        assert!(!forged.faults().is_empty(), "{high}");
    }
}

#[test]
fn two_commits_do_not_take_one_place() {
    let mut forged = run(1 << 20);
    let chain = digests(&[SECOND]);
    forged.change::<Ecall>(3, |call| {
        (call.position, call.position_end) = (F::ZERO, F::ONE);
        call.commit_clock = F::ZERO;
    });
    forged.change::<Transfer>(5, |moved| {
        moved.position = F::ZERO;
        (moved.digest, moved.digest_after) = (chain[0], chain[1]);
    });
    forged.change_ends(|ends| {
        ends.words = F::ONE;
        ends.public.output_after = chain[1];
    });
    assert_eq!(forged.faults(), ["order", "output"]);
}

#[test]
fn a_commit_is_not_left_out() {
    let mut forged = run(1 << 20);
    let chain = digests(&[FIRST]);
    let first = forged.row::<Ecall>(2).clock;
    forged.change_ends(|ends| {
        (ends.words, ends.commit_clock) = (F::ONE, first);
        ends.public.output_after = chain[1];
    });
    assert_eq!(forged.faults(), ["order", "output"]);
    // Without its word: but the call has bytes left.
    forged.change::<Transfer>(5, |moved| *moved = Default::default());
    forged.change::<Ecall>(3, |call| call.position_end = call.position);
    let faults = forged.faults();
    assert!(faults.contains(&"transfer".to_string()), "{faults:?}");
}

#[test]
fn words_of_a_commit_keep_their_order() {
    let mut forged = run_of(&[[COMMIT, DATA, 8], [HALT, 0, 0]], 1 << 20);
    let chain = digests(&[SECOND, FIRST]);
    for (row, place) in [(1, 0), (0, 1)] {
        forged.change::<Transfer>(row, |moved| {
            moved.position = F::from_u32(place as u32);
            moved.remaining = F::from_u32(8 - 4 * place as u32);
            (moved.digest, moved.digest_after) = (chain[place], chain[place + 1]);
        });
    }
    forged.change_ends(|ends| ends.public.output_after = chain[2]);
    assert_eq!(forged.faults(), ["transfer"]);
}

#[test]
fn an_empty_commit_adds_nothing() {
    let mut forged = run_of(&[[COMMIT, DATA, 0], [COMMIT, DATA, 4], [HALT, 0, 0]], 1 << 20);
    forged.change::<Ecall>(0, |call| call.position_end = F::ONE);
    forged.change::<Ecall>(1, |call| (call.position, call.position_end) = (F::ONE, F::TWO));
    forged.change::<Transfer>(0, |moved| moved.position = F::ONE);
    forged.change_ends(|ends| ends.words = F::TWO);
    assert_eq!(forged.faults(), ["output", "transfer"]);
}

#[test]
fn a_segment_may_commit_nothing() {
    let mut honest = run_of(&[[COMMIT, DATA, 0], [HALT, 0, 0]], 1 << 20);
    let ends = honest.row::<Segment>(0);
    assert_eq!(ends.public.output_before, ends.public.output_after);
    honest.change_ends(|ends| ends.public.output_after[0] += F::ONE);
    assert_eq!(honest.faults(), ["output"]);
}

#[test]
fn two_reads_do_not_share_words() {
    let mut forged = run(1 << 20);
    for row in [2, 3] {
        forged.change::<Transfer>(row, |moved| *moved = Default::default());
    }
    let faults = forged.faults();
    assert_eq!(faults, ["memory", "transfer"]);
    // The first call's words at the tick of the second: then the first call has none.
    let mut forged = run(1 << 20);
    let second = forged.row::<Ecall>(1).clock;
    for row in [0, 1] {
        forged.change::<Transfer>(row, |moved| moved.clock = second);
    }
    assert!(forged.faults().contains(&"transfer".to_string()));
}

#[test]
fn no_word_moves_without_a_call() {
    let mut forged = run(1 << 20);
    let last = forged.row::<Transfer>(3);
    for (clock, cell, remaining) in [(1, 5, 1), (3, 6, 0)] {
        forged.change::<Transfer>(20, |moved| {
            *moved = last;
            moved.clock = F::from_u32(clock);
            (moved.cell, moved.remaining) = (F::from_u32(cell), F::from_u32(remaining));
        });
        assert!(forged.faults().contains(&"transfer".to_string()));
    }
}

#[test]
fn a_read_does_not_reach_beyond_its_words() {
    // One word more, behind the last one: its bytes left would be -1 and then end there.
    let mut forged = run(1 << 20);
    let last = forged.row::<Transfer>(1);
    forged.change::<Transfer>(20, |moved| {
        *moved = last;
        moved.cell += F::ONE;
        moved.remaining = F::ZERO;
    });
    forged.change::<Ecall>(0, |call| {
        call.end += F::ONE;
        call.room_low -= F::ONE;
    });
    let faults = forged.faults();
    assert!(faults.contains(&"transfer".to_string()), "{faults:?}");
}

#[test]
fn one_segment_row_counts() {
    let mut forged = run(1 << 20);
    let ends = forged.row::<Segment>(0);
    forged.change::<Segment>(1, |row| *row = ends);
    assert_eq!(forged.faults(), ["SEGMENT-3", "SEGMENT-5", "exit"]);
    // Of a segment that goes on, a second row says nothing to anyone.
    let mut forged = run(TICKS);
    let ends = forged.row::<Segment>(0);
    forged.change::<Segment>(1, |row| *row = ends);
    assert_eq!(forged.all_faults(), []);
}

#[test]
fn only_the_programs_lines_are_run() {
    // The exit code's instruction with another immediate, and its result with it.
    let mut forged = run(1 << 20);
    let mut addi = 0;
    while forged.row::<Addi>(addi).immediate != word(7) {
        addi += 1;
    }
    forged.change::<Addi>(addi, |row| {
        row.immediate = word(0);
        row.result = word(0);
    });
    let faults = forged.faults();
    assert!(faults.contains(&"program".to_string()), "{faults:?}");
}

#[test]
fn a_line_is_run_as_often_as_it_is_counted() {
    for change in [F::ONE, -F::ONE, F::TWO] {
        let mut forged = run(1 << 20);
        forged.change::<Program>(3, |line| line.count += change);
        assert_eq!(forged.all_faults().len(), 1);
    }
    // Lines that are none answer for no instruction.
    let mut forged = run(1 << 20);
    forged.change::<Program>(60, |line| line.count += F::ONE);
    assert_eq!(forged.faults(), ["program"]);
}
