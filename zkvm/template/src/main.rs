//! Proves that somebody knows two factors of a number. (The proof is short, not zero-knowledge.)
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use minster_guest::{commit, debug, entry, exit, read};

/// The exit code for factors that prove nothing.
const EXIT_TRIVIAL: u32 = 1;

fn main() {
    // The input: two 32-bit little-endian numbers.
    let [first, second] = [next(), next()];
    debug!("{first} times {second}");
    if first <= 1 || second <= 1 {
        exit(EXIT_TRIVIAL);
    }
    // The public output: their product, as 64 bits.
    let product = u64::from(first) * u64::from(second);
    commit(&product.to_le_bytes());
}

/// The next number of the input. One that is cut off counts as missing, and as zero.
fn next() -> u32 {
    let mut bytes = [0; 4];
    if read(&mut bytes) < bytes.len() {
        return 0;
    }
    u32::from_le_bytes(bytes)
}

entry!(main);
