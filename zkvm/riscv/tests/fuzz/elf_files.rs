//! The loader on mutated ELF files: it never panics, its time and its memory are bounded, and what
//! it accepts keeps its promises and can be run.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use minster_emulator::{CLASSES, Io, Limits, Recorder, run};
use minster_riscv::{CODE_WORDS_MAX, IMAGE_SIZE_MAX, Program, RAM_SIZE, SEGMENTS_MAX};

use crate::corpus::Corpus;
use crate::engine::{Budget, Cost, Random, checked, edit_blindly, measured, report};
use crate::mutator::mutate;

/// Instructions that an accepted file runs.
const CYCLES: u64 = 10_000;
/// The longest that one input may take, on a machine that does other things too.
const TIME_MAX: Duration = Duration::from_secs(5);

/// The most memory that loading a file may take. Segments may show the same bytes many times, and
/// a list that grows is held twice for a moment; code has one element per word between its first
/// and its last; a symbol is six times its entry, its name apart, and is sorted.
fn memory_max(size: usize) -> usize {
    let image = size.saturating_mul(SEGMENTS_MAX).min(IMAGE_SIZE_MAX as usize);
    let code = 3 * 12 * CODE_WORDS_MAX as usize;
    let named = 64 * size;
    4 * image + code + named + (64 << 10)
}

/// What a program promises to whoever runs it.
fn check_promises(program: &Program) {
    assert!(program.code().len() <= CODE_WORDS_MAX as usize);
    let mut addresses = program.code().map(|(pc, _)| pc);
    assert!(addresses.clone().all(|pc| pc % 4 == 0 && pc < RAM_SIZE));
    assert!(addresses.any(|pc| pc == program.entry()));
    let mut last = None;
    for (address, word) in program.image() {
        assert!(last < Some(address) && address % 4 == 0 && word != 0 && address < RAM_SIZE);
        last = Some(address);
    }
    assert!(program.symbols().is_sorted_by(|a, b| a.address < b.address));
    let _ = program.function_at(program.entry());
}

/// What something came to, without its numbers.
fn without_numbers(outcome: &impl Debug) -> String {
    let text = format!("{outcome:?}");
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}

fn execute(program: &Program, random: &mut Random) -> String {
    let input = || (0..64).collect();
    if !random.one_in(16) {
        let result = run(program, Io::with_input(input()), CYCLES);
        return without_numbers(&result.map(|outcome| outcome.exit_code == 0));
    }
    // Segments of a size at which runs are cut.
    let limits = Limits {
        steps: [300; CLASSES],
        io: 256,
        refreshes: 64,
        calls: 16,
        units: std::array::from_fn(|_| 16),
        blocks: 256,
        leaves: 256,
        nodes: 1024,
        hashes: 1 << 12,
        clock: 2000,
    };
    let mut recorder = Recorder::new(program, Io::with_input(input()), CYCLES);
    while !recorder.has_ended() {
        if let Err(error) = recorder.next_segment(&[limits]) {
            return without_numbers(&error);
        }
    }
    "recorded".to_owned()
}

/// What a file led to, whether it was accepted, and what that cost.
fn check(file: &[u8], random: &mut Random) -> (String, bool, Cost) {
    let (loaded, loading) = measured(|| Program::from_elf(file));
    let memory_max = memory_max(file.len());
    assert!(loading.peak <= memory_max, "{loading:?} for {} bytes", file.len());
    let (outcome, running) = measured(|| match &loaded {
        Ok(program) => {
            check_promises(program);
            execute(program, random)
        }
        Err(error) => without_numbers(error),
    });
    let elapsed = loading.elapsed + running.elapsed;
    assert!(elapsed <= TIME_MAX, "{elapsed:?}");
    (outcome, loaded.is_ok(), Cost { elapsed, ..loading })
}

fn fuzz(seed: u64, budget: Budget) {
    let mut random = Random(seed);
    let mut corpus = Corpus::new();
    let started = Instant::now();
    let (mut inputs, mut accepted, mut worst) = (0_u64, 0_u64, Cost::default());
    while inputs < budget.inputs || started.elapsed() < budget.time {
        let mut file = corpus.pick(&mut random);
        let other = corpus.pick(&mut random);
        match random.below(16) {
            0 => {}
            1 => (0..1 + random.below(4)).for_each(|_| edit_blindly(&mut random, &mut file)),
            _ => mutate(&mut random, &mut file, &other),
        }
        let (outcome, is_accepted, cost) =
            checked(seed, inputs, &file, || check(&file, &mut random));
        worst.peak = worst.peak.max(cost.peak);
        worst.elapsed = worst.elapsed.max(cost.elapsed);
        corpus.learn(file, outcome);
        accepted += u64::from(is_accepted);
        inputs += 1;
    }
    // A fuzzer that only ever refuses, or only ever accepts, would try nothing.
    assert!(accepted > inputs / 20 && accepted < inputs - inputs / 20, "{accepted} of {inputs}");
    report(&format!(
        "ELF files: {inputs} inputs, {accepted} accepted and run, {} outcomes, 0 panics; at most \
         {} KiB and {:?} for one",
        corpus.outcomes(),
        worst.peak >> 10,
        worst.elapsed,
    ));
}

#[test]
fn mutated_files_are_loaded_and_run_or_refused() {
    fuzz(0x6d69_6e73_7465_7212, Budget { inputs: 1000, time: Duration::from_secs(2) });
}

#[test]
#[ignore = "minutes"]
fn long_run_mutated_files() {
    fuzz(0x6d69_6e73_7465_7213, Budget { inputs: 1_000_000, time: Duration::ZERO });
}
