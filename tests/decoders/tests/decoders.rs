//! Arbitrary bytes, and valid ones that were changed. A failure names the state of the sequence
//! from which its input can be made again, and keeps the input.

#[path = "../../../zkvm/riscv/tests/fuzz/engine.rs"]
mod engine;

use std::time::{Duration, Instant};

use engine::{Budget, Cost, Random, checked, edit_blindly, measured, report, splice};
use minster_decoders::{DECODERS, Decoder, Examples};

const SEED: u64 = 0x6d69_6e73_7465_7211;

/// The longest that one input may take, on a machine that does other things too.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Bytes that a decoder may hold for each byte that it reads: a number of one byte becomes eight,
/// in a list that grew.
const MEMORY_FACTOR: usize = 64;

/// And for none: storage reads and searches in pieces of a MiB.
const MEMORY_BASE: usize = 16 << 20;

/// Inputs that are kept, most of them because they were accepted.
const FOUND_MAX: usize = 256;

fn budget(decoder: &Decoder) -> Budget {
    let times = if std::env::var_os("MINSTER_LONG").is_some() { 100 } else { 1 };
    let inputs = if decoder.is_slow() { 400 } else { 20_000 };
    Budget { inputs: inputs * times, time: Duration::from_secs(1) * times as u32 }
}

/// Another input: bytes of no meaning, an edit of something that is known, or of two such.
fn input(random: &mut Random, known: &[Vec<u8>], tokens: &[&str]) -> Vec<u8> {
    let mut bytes = match random.below(8) {
        0 => (0..random.below(200)).map(|_| random.word() as u8).collect(),
        1 => {
            let (head, tail) = (random.choose(known), random.choose(known));
            splice(random, &head, &tail)
        }
        _ => random.choose(known),
    };
    for _ in 0..1 + random.below(4) {
        match random.below(3) {
            0 if !tokens.is_empty() => {
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, random.choose(tokens).bytes());
            }
            _ => edit_blindly(random, &mut bytes),
        }
    }
    bytes
}

fn run(decoder: &Decoder, examples: &Examples) {
    let mut known = decoder.examples(examples);
    let size: usize = known.iter().map(Vec::len).max().expect("an example");
    for example in &known {
        assert!(decoder.check(examples, example), "{}: an example is refused", decoder.name);
    }
    known.extend(decoder.near_misses());
    let Budget { inputs, time } = budget(decoder);
    let (mut random, started) = (Random(SEED), Instant::now());
    let (mut count, mut again, mut worst) = (0, 0, Cost::default());
    while count < inputs || started.elapsed() < time {
        let state = random.0;
        let bytes = input(&mut random, &known, decoder.tokens());
        let check = || measured(|| decoder.check(examples, &bytes));
        let (is_accepted, cost) = checked(state, count, &bytes, check);
        let memory_max = MEMORY_BASE + MEMORY_FACTOR * (size + bytes.len());
        assert!(cost.peak <= memory_max, "{}: {cost:?} of {} bytes", decoder.name, bytes.len());
        assert!(cost.elapsed <= TIME_MAX, "{}: {cost:?} of {} bytes", decoder.name, bytes.len());
        worst.peak = worst.peak.max(cost.peak);
        worst.elapsed = worst.elapsed.max(cost.elapsed);
        count += 1;
        again += u64::from(is_accepted);
        if is_accepted && known.len() < FOUND_MAX {
            known.push(bytes);
        }
    }
    let kib = worst.peak >> 10;
    report(&format!(
        "{}: {count} inputs, {again} accepted, at most {kib} KiB and {:?}",
        decoder.name, worst.elapsed
    ));
}

/// Found by the fuzzer: a deposit's list without the type byte 0x7e passed as a transaction, and
/// was encoded as other bytes.
#[test]
fn a_bare_deposit_is_no_transaction() {
    let examples = Examples::new();
    let decoder = Decoder::named("transaction").expect("a decoder");
    let deposits = decoder.examples(&examples).into_iter().filter(|bytes| bytes[0] == 0x7e);
    let mut count = 0;
    for deposit in deposits {
        assert!(!decoder.check(&examples, &deposit[1..]));
        count += 1;
    }
    assert!(count > 0, "no deposit among the examples");
}

#[test]
fn every_decoder_reads_or_refuses() {
    let examples = Examples::new();
    DECODERS.iter().for_each(|decoder| run(decoder, &examples));
}
