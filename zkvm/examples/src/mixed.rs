//! A little of everything, for measurements: text, sorting and both hashes in turn, each on what
//! the one before has made.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{json, keccak, sha256, sort};

#[cfg(test)]
mod tests;

const WORDS: u32 = 256;
const RECORDS: u32 = 12;

/// As many rounds as the input's first four bytes say (little-endian, missing ones are zero). The
/// output is the last round's digest; without a round it is 32 zeros.
pub fn run(input: &[u8]) -> Vec<u8> {
    let mut rounds = [0; 4];
    for (to, from) in rounds.iter_mut().zip(input) {
        *to = *from;
    }
    let mut digest = Vec::from([0; 32]);
    for round in 0..u32::from_le_bytes(rounds) {
        digest = step(round, &digest);
    }
    digest
}

fn step(round: u32, digest: &[u8]) -> Vec<u8> {
    let seed = digest.iter().fold(round, |seed, byte| seed.rotate_left(5) ^ u32::from(*byte));
    let mut summary = json::run(document(seed).as_bytes());
    let words = (0..WORDS).map(|index| seed.wrapping_add(index).wrapping_mul(0x9e37_79b1));
    let sorted = sort::run(&words.flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    summary.extend(sha256::run(&sorted));
    summary.extend(digest);
    keccak::run(&summary)
}

/// A document of some records that depend on the seed.
fn document(seed: u32) -> String {
    let record = |index: u32| {
        let value = seed.wrapping_mul(index.wrapping_add(1));
        format!(r#"{{"index": {index}, "value": {value}, "tags": ["a", "b", null]}}"#)
    };
    let records: Vec<String> = (0..RECORDS).map(record).collect();
    format!("[{}]", records.join(", "))
}
