use minster_emulator::{Counts, Io, Limits, Recorder, RunError};
use minster_machine::shape::{CLOCK_MAX, SHAPES};
use minster_riscv::Program;
use minster_verifier::VerifyingKey;

use super::{Cut, Cutter, Pieces};
use crate::cost::cells;

fn program(name: &str) -> Program {
    let elf = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    Program::from_elf(&std::fs::read(elf).unwrap()).unwrap()
}

fn io(input: u32) -> Io {
    Io::with_input(input.to_le_bytes().to_vec())
}

fn cuts(program: &Program, key: &VerifyingKey, input: u32, segment_cycles_max: u32) -> Vec<Cut> {
    let (mut cutter, _) = Cutter::new(program, key, io(input), 1 << 30, segment_cycles_max);
    std::iter::from_fn(|| cutter.next_cut().unwrap()).collect()
}

/// The segments as they run have what the cuts say, down to the last node of memory.
#[test]
fn a_cut_says_what_its_segment_takes() {
    let program = program("mixed");
    let key = VerifyingKey::new(&program).unwrap();
    for (segment_cycles_max, are_stamped_anew) in [(1_000, false), (77_777, true), (u32::MAX, true)]
    {
        let mut refreshes = 0;
        let mut recorder = Recorder::new(&program, io(1), 1 << 30);
        for Cut { shape, counts } in cuts(&program, &key, 1, segment_cycles_max) {
            let limits = SHAPES[usize::from(shape)].limits();
            assert!(counts.fits(&limits) && counts.clock - 1 <= segment_cycles_max);
            let limits = Limits { clock: counts.clock, ..limits };
            assert_eq!(recorder.next_segment(&[limits]).unwrap().counts, counts);
            refreshes += counts.refreshes;
        }
        assert_eq!(refreshes > 0, are_stamped_anew);
        assert!(recorder.has_ended());
    }
}

/// No cheaper than what is cut as late as possible, as a proof could be cut without looking ahead.
#[test]
fn cuts_cost_no_more_than_the_longest_segments() {
    let program = program("mixed");
    let key = VerifyingKey::new(&program).unwrap();
    let cost = |shape: usize| cells(&key, &SHAPES[shape]);
    let found = cuts(&program, &key, 3, u32::MAX);
    let found: u64 = found.iter().map(|cut| cost(usize::from(cut.shape))).sum();
    let mut recorder = Recorder::new(&program, io(3), 1 << 30);
    let limits = SHAPES.each_ref().map(|shape| shape.limits());
    let mut longest = 0;
    while !recorder.has_ended() {
        let counts = recorder.next_segment(&limits).unwrap().counts;
        let fitting = (0..SHAPES.len()).filter(|shape| counts.fits(&limits[*shape]));
        longest += fitting.map(cost).min().unwrap();
    }
    assert!(found <= longest, "{found} cells, and {longest} without looking ahead");
}

/// What the search for shapes cuts is what a proof cuts, and shapes that any segment may have made
/// to its measure cost no more.
#[test]
fn a_whole_run_is_cut_as_for_a_proof() {
    let program = program("mixed");
    let key = VerifyingKey::new(&program).unwrap();
    let mut shapes = SHAPES.each_ref().map(|shape| (shape.limits(), cells(&key, shape)));
    shapes.sort_by_key(|(_, cells)| *cells);
    let limits = shapes.map(|(limits, _)| limits);
    let everything = Limits {
        steps: [u32::MAX; 12],
        io: u32::MAX,
        refreshes: u32::MAX,
        calls: u32::MAX,
        units: [u32::MAX; 5],
        blocks: u32::MAX,
        leaves: u32::MAX,
        nodes: u32::MAX,
        hashes: u32::MAX,
        clock: CLOCK_MAX,
    };
    let pieces = Pieces::new(&program, io(2), 1 << 30, &limits, &everything).unwrap();
    let found = pieces.cut(&shapes);
    let counts: Vec<Counts> = found.iter().map(|(_, counts)| *counts).collect();
    let proven = cuts(&program, &key, 2, u32::MAX);
    assert_eq!(counts, proven.iter().map(|cut| cut.counts).collect::<Vec<_>>());
    let cheapest = |counts: &Counts| {
        let fitting = shapes.iter().filter(|(limits, _)| counts.fits(limits));
        fitting.map(|(_, cells)| *cells).min().unwrap_or(u64::MAX >> 16)
    };
    let sum = |cuts: &[(super::Fit, Counts)]| cuts.iter().map(|(fit, _)| fit.cells).sum::<u64>();
    assert_eq!(sum(&pieces.freely_cut(cheapest)), sum(&found));
    assert_eq!(pieces.cut(&[]), []);
}

/// Few instructions that read much and call a precompile: no shape has much room for both.
#[test]
fn every_piece_fits_a_shape() {
    let program = program("keccak_precompile");
    let key = VerifyingKey::new(&program).unwrap();
    let limits = SHAPES.each_ref().map(|shape| shape.limits());
    for bytes in [4, 40_000, 400_000] {
        let mut input = vec![0; bytes];
        input[0] = 3;
        let (mut cutter, again) =
            Cutter::new(&program, &key, Io::with_input(input), 1 << 30, u32::MAX);
        let mut recorder = Recorder::new(&program, again, 1 << 30);
        while let Some(Cut { shape, counts }) = cutter.next_cut().unwrap() {
            let limits = Limits { clock: counts.clock, ..limits[usize::from(shape)] };
            assert_eq!(recorder.next_segment(&[limits]).unwrap().counts, counts);
        }
        assert!(recorder.has_ended(), "{bytes} bytes of input");
    }
}

#[test]
fn a_run_that_does_not_end_is_said_at_once() {
    let program = program("mixed");
    let key = VerifyingKey::new(&program).unwrap();
    let (mut cutter, _) = Cutter::new(&program, &key, io(1), 1_000, u32::MAX);
    assert_eq!(cutter.next_cut(), Err(RunError::CyclesExhausted { max: 1_000 }));
}
