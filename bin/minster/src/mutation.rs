//! Changes of texts, for tests of what reads them.

use minster_storage::testing::Random;

/// What means something in TOML or JSON, or nearly does.
const TOKENS: [&str; 18] = [
    "=",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "\"",
    "'''",
    "\\u0000",
    ".",
    ",",
    ":",
    "-",
    "0x",
    "1e999",
    "null",
    "\n",
    "340282366920938463463374607431768211456",
];

/// A text with a few changes, each of which knows little of what it means.
pub fn changed(random: &mut Random, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        let end = (at + random.below(24) as usize).min(bytes.len());
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() as u64 + 1) as usize;
                bytes.splice(to..to, piece);
            }
            3 => drop(bytes.splice(at..at, random.bytes(8))),
            4 if at < end => bytes[at] = bytes[at].wrapping_add(random.number() as u8 | 1),
            _ => {
                let token = TOKENS[random.below(TOKENS.len() as u64) as usize];
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    bytes
}
