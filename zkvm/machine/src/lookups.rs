//! How often each line of the lookup table is asked for.

use alloc::vec;
use alloc::vec::Vec;

use minster_precompiles::{keccak_f, sha256};

/// Lines of the lookup table: every 16-bit number, which is also every pair of bytes.
pub const LOOKUP_LINES: usize = 1 << 16;
/// Lines of it that hold a factor of a shift.
pub const FACTOR_LINES: usize = 16;

/// The constants of [`crate::buses::CONSTANT`], by their index: those of SHA-256's rounds, and of
/// each round of Keccak-f four pieces of 16 bits, low ones first.
pub fn constants() -> impl Iterator<Item = u32> {
    let pieces = |constant: u64| [0, 16, 32, 48].map(|shift| (constant >> shift) as u32 & 0xffff);
    sha256::ROUND_CONSTANTS
        .into_iter()
        .chain(keccak_f::ROUND_CONSTANTS.into_iter().flat_map(pieces))
}

/// The index of the first constant of Keccak-f.
pub const KECCAK_CONSTANTS_START: u32 = sha256::ROUND_CONSTANTS.len() as u32;

/// Counts per line of the lookup table, for each bus that the table serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupCounts {
    /// Of [`crate::buses::RANGE`], by value.
    pub range: Vec<u32>,
    /// Of [`crate::buses::SEPTETS`], by `first + 256·second`.
    pub septets: Vec<u32>,
    /// Of [`crate::buses::BYTES`], by `first + 256·second`.
    pub bytes: Vec<u32>,
    /// Of [`crate::buses::XOR`], by `first + 256·second`.
    pub xor: Vec<u32>,
    /// Of [`crate::buses::ALIGN`], by `4·word + offset`.
    pub align: Vec<u32>,
    /// Of [`crate::buses::FACTOR`], by `8·right + distance`.
    pub factor: Vec<u32>,
    /// Of [`crate::buses::CONSTANT`], by index.
    pub constant: Vec<u32>,
}

impl Default for LookupCounts {
    fn default() -> Self {
        let none = || vec![0; LOOKUP_LINES];
        Self {
            range: none(),
            septets: none(),
            bytes: none(),
            xor: none(),
            align: none(),
            factor: none(),
            constant: none(),
        }
    }
}

/// Counts a lookup. One that no line answers is left out: then the bus does not balance, as it
/// must not, and the checker says so.
fn bump(counts: &mut [u32], line: u32) {
    if let Some(count) = counts.get_mut(line as usize) {
        *count += 1;
    }
}

impl LookupCounts {
    /// Counts a number below 2^16.
    pub fn range(&mut self, value: u32) {
        bump(&mut self.range, value);
    }

    /// Counts the limbs of a word.
    pub fn word(&mut self, value: u32) {
        self.range(value & 0xffff);
        self.range(value >> 16);
    }

    /// Counts two numbers below 2^7.
    pub fn septets(&mut self, first: u32, second: u32) {
        bump(&mut self.septets, first + (second << 8));
    }

    /// Counts two bytes.
    pub fn bytes(&mut self, first: u32, second: u32) {
        bump(&mut self.bytes, first + (second << 8));
    }

    /// Counts two bytes whose exclusive or is asked for.
    pub fn xor(&mut self, first: u32, second: u32) {
        bump(&mut self.xor, first + (second << 8));
    }

    /// Counts a number below 2^14 and an offset below 4.
    pub fn align(&mut self, word: u32, offset: u32) {
        bump(&mut self.align, 4 * word + offset);
    }

    /// Counts a factor of a shift.
    pub fn factor(&mut self, right: bool, distance: u32) {
        bump(&mut self.factor, 8 * u32::from(right) + distance);
    }

    /// Counts a constant of a round.
    pub fn constant(&mut self, index: u32) {
        bump(&mut self.constant, index);
    }

    /// Adds the counts of another part of the segment.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.range, &other.range),
            (&mut self.septets, &other.septets),
            (&mut self.bytes, &other.bytes),
            (&mut self.xor, &other.xor),
            (&mut self.align, &other.align),
            (&mut self.factor, &other.factor),
            (&mut self.constant, &other.constant),
        ];
        for (sum, more) in pairs {
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }
}
