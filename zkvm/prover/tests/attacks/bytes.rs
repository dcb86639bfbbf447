//! Lines 23 and 24: other encodings of a proof, and edited bytes.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use minster_machine::F;
use minster_verifier::{DecodeError, SEGMENTS_MAX, VerifyError, encode_head};
use p3_field::PrimeField32;

use crate::support::{Random, Score, check, proven_doubling, whole};

/// Seed of the random edits.
const SEED: u64 = 0x6d69_6e73_7465_7202;
/// Bytes of a proof before its first part: magic, version, kind, length.
const PART_START: usize = 17;

fn honest() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let proven = proven_doubling();
        whole(&proven.run.output, &proven.parts)
    })
}

fn verify(bytes: &[u8]) -> Result<(), VerifyError> {
    check(proven_doubling().run.key(), bytes)
}

/// A proof with another part, whose length is the true one.
fn with_part(part: Vec<u8>) -> Vec<u8> {
    whole(&proven_doubling().run.output, &[part])
}

/// Field elements of `x + p`, lengths with padding, options that are neither, bytes behind the end
/// of a part, of the output and of the proof.
#[test]
fn line_23_encodings() {
    let mut score = Score::new("line 23");
    let part = &proven_doubling().parts[0];
    let lifted = |place: usize| {
        let mut part = part.clone();
        let element = part[place..place + 4].try_into().expect("four bytes");
        let element = u32::from_le_bytes(element) + F::ORDER_U32;
        part[place..place + 4].copy_from_slice(&element.to_le_bytes());
        with_part(part)
    };
    // The public values; behind them a length of one byte, and the main commitment.
    let public = (0..37).map(|index| 2 + 4 * index);
    let commitment = (0..64).map(|index| 2 + 4 * 37 + 1 + 4 * index);
    // The last bytes are the nonce before the out-of-domain point.
    for place in public.chain(commitment).chain([part.len() - 4]) {
        let decoded = |error: &VerifyError| matches!(error, VerifyError::Decode(_));
        score.refused_because("x + p", decoded, || verify(&lifted(place)));
    }
    assert_eq!(part[1], 37, "the number of public values");
    for padded in [&[37 | 0x80, 0][..], &[37 | 0x80, 0x80, 0], &[37 | 0x80, 0x80, 0x80, 0x80, 0]] {
        let part = [&part[..1], padded, &part[2..]].concat();
        let decoded = |error: &VerifyError| matches!(error, VerifyError::Decode(_));
        score.refused_because("a padded length", decoded, || verify(&with_part(part)));
    }
    for more in [&[0][..], &[1], &[0; 4], &[0xff; 100]] {
        score.refused("behind a part", || verify(&with_part([part, more].concat())));
        score.refused("behind the proof", || verify(&[honest(), more].concat()));
        score.refused("before the proof", || verify(&[more, honest()].concat()));
        let output = [&proven_doubling().run.output, more].concat();
        score.refused("behind the output", || verify(&whole(&output, std::slice::from_ref(part))));
    }
    score.refused("the proof twice", || verify(&[honest(), honest()].concat()));
    let output_block = &honest()[PART_START + part.len()..];
    score.refused("the output twice", || verify(&[honest(), output_block].concat()));
    let first = [&encode_head(), output_block, &honest()[12..]].concat();
    score.refused("the output first", || verify(&first));
    score.refused("no output", || verify(&honest()[..PART_START + part.len()]));
    for place in [12, PART_START + part.len()] {
        for kind in 0..=u8::MAX {
            let mut bytes = honest().to_vec();
            if bytes[place] != kind {
                bytes[place] = kind;
                score.refused("another kind of block", || verify(&bytes));
            }
        }
    }
    score.end();
}

/// Lengths that promise more than there is, or more than any proof has; too many segments.
#[test]
fn line_24_sizes() {
    let mut score = Score::new("line 24, sizes");
    let part = &proven_doubling().parts[0];
    for place in [8, 13, PART_START + part.len() + 1] {
        for size in [0, 1, 1 << 24, (1 << 24) + 1, 64 << 20, (64 << 20) + 1, u32::MAX] {
            let mut bytes = honest().to_vec();
            bytes[place..place + 4].copy_from_slice(&u32::to_le_bytes(size));
            if bytes != honest() {
                score.refused("another length", || verify(&bytes));
            }
        }
    }
    let mut bytes = encode_head();
    bytes.extend([0; 5].repeat(SEGMENTS_MAX + 1));
    let limit = |error: &VerifyError| {
        matches!(error, VerifyError::Decode(DecodeError::TooManySegments { .. }))
    };
    score.refused_because("too many segments", limit, || verify(&bytes));
    // A list of 2^35 elements, at every place where one may begin.
    let huge = [0xff, 0xff, 0xff, 0xff, 0x7f];
    let before = peak();
    for place in (0..600).chain((600..part.len()).step_by(part.len() / 300)) {
        let part = [&part[..place], &huge, &part[place + 1..]].concat();
        score.refused("a huge list", || verify(&with_part(part)));
    }
    let grown = peak().saturating_sub(before);
    assert!(grown < 8 << 30, "{grown} bytes of memory were asked for");
    score.end();
}

/// The most virtual memory of this process; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() << 10
}

/// A proof cut at every place of its head, around every block's end, and at many places between.
#[test]
fn line_24_truncations() {
    let mut score = Score::new("line 24, truncations");
    let (bytes, part) = (honest(), &proven_doubling().parts[0]);
    let size = bytes.len();
    let places = (0..400).chain(size - 200..size).chain((400..size).step_by(size / 200));
    for place in places {
        let truncated = |error: &VerifyError| matches!(error, VerifyError::Decode(_));
        score.refused_because("a proof cut", truncated, || verify(&bytes[..place]));
    }
    for place in (0..part.len()).step_by(part.len() / 300).chain(part.len() - 50..part.len()) {
        let cut = with_part(part[..place].to_vec());
        score.refused("a part cut", || verify(&cut));
    }
    score.end();
}

/// One random edit: of a byte, or of the structure, with the block's length kept true or not.
fn edit(random: &mut Random) -> Vec<u8> {
    let mut part = proven_doubling().parts[0].clone();
    // Half of the edits are near the start, where the structure is.
    let range = if random.below(2) == 0 { part.len() - 64 } else { 2048 };
    let place = random.below(range);
    let length = 1 + random.below(40);
    let byte = u8::try_from(random.below(256)).expect("a byte");
    match random.below(12) {
        0..=3 => part[place] ^= 1 << random.below(8),
        4 => part[place] = byte,
        5 => part.insert(place, byte),
        6 => drop(part.remove(place)),
        7 => {
            let low = part[place];
            part.splice(place..=place, [low | 0x80, 0]);
        }
        8 => {
            let taken = part[place..place + length].to_vec();
            part.splice(place..place, taken);
        }
        9 => drop(part.drain(place..place + length)),
        10 => part[place..place + length].fill(byte),
        _ => {
            let other = random.below(part.len() - 64);
            part.copy_within(other..other + length, place);
        }
    }
    if random.below(8) > 0 {
        return with_part(part);
    }
    let mut bytes = honest().to_vec();
    let place = random.below(bytes.len());
    bytes[place] = bytes[place].wrapping_add(1 + byte % 255);
    bytes
}

fn edits(score: &mut Score, seed: u64, count: usize, time: Duration) {
    let mut random = Random(seed);
    let started = Instant::now();
    while score.attempted() < count && started.elapsed() < time {
        let state = random.0;
        let bytes = edit(&mut random);
        if bytes != honest() {
            score.refused(&format!("edit at state {state:#x}"), || verify(&bytes));
        }
    }
}

/// Random edits of bytes and of structure.
#[test]
fn line_24_edits() {
    let mut score = Score::new("line 24, edits");
    edits(&mut score, SEED, 1_500, Duration::from_secs(20));
    assert!(score.attempted() >= 200, "only {} edits in time", score.attempted());
    score.end();
}

/// Ten thousand of them.
#[test]
#[ignore = "minutes"]
fn long_run_line_24_edits() {
    let mut score = Score::new("line 24, ten thousand edits");
    let before = peak();
    edits(&mut score, SEED + 1, 10_000, Duration::from_secs(3600));
    assert_eq!(score.attempted(), 10_000);
    let grown = peak().saturating_sub(before);
    assert!(grown < 4 << 30, "{grown} bytes of memory were asked for");
    score.end();
}
