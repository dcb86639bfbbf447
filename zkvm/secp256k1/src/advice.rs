//! What the guest asks for one recovery, and how the answer lies in words.
//!
//! | request | | | answer | |
//! | --- | --- | --- | --- | --- |
//! | words 0 to 2 | [`NAME`] | | word 0 | [`ROOT`] or [`NO_ROOT`] |
//! | word 3 | 1 if y is odd, else 0 | | words 1 to 8 | y of R, or w with w² = -(x³ + 7) |
//! | words 4 to 11 | x of R | | words 9 to 16 | u1 = z/r mod n; only of a root |
//! | words 12 to 19 | the digest z | | from word 17 on | u2 = s/r mod n in digits; only of a root |
//! | words 20 to 27 | s | | | |
//!
//! [`crate::glv`] has the form of digits. Nothing in an answer is believed; see [`crate::recover`].

use minster_guest::precompiles::Block;

use crate::number::{FIELD, ORDER, is_below};

/// What a request begins with, so that hosts know it from those of others.
pub const NAME: [u32; 3] =
    [u32::from_le_bytes(*b"secp"), u32::from_le_bytes(*b"256k"), u32::from_le_bytes(*b"1rec")];
/// The curve has points with this x.
pub const ROOT: u32 = 1;
/// It has none.
pub const NO_ROOT: u32 = 2;

/// Words of a request.
pub const REQUEST_WORDS: usize = 28;
/// The word of an answer at which the digits begin.
pub const DIGITS_START: usize = 17;
/// Words of the longest answer that a host has reason to give: two scalars of 128 bits have at most
/// 34 digits each, and 16 counts go before them.
pub const ANSWER_WORDS_MAX: usize = DIGITS_START + (16 + 2 * 34_usize).div_ceil(4);

/// A recovery, as its request tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The x of R, below p.
    pub x: Block,
    /// Whether its y is odd.
    pub y_is_odd: bool,
    /// The digest as a number.
    pub z: Block,
    /// The second half of the signature, from 1 to n - 1.
    pub s: Block,
}

impl Request {
    /// As words.
    pub fn to_words(self) -> [u32; REQUEST_WORDS] {
        let mut words = [0; REQUEST_WORDS];
        let (start, numbers) = words.split_at_mut(4);
        start.copy_from_slice(&[NAME[0], NAME[1], NAME[2], u32::from(self.y_is_odd)]);
        for (to, from) in numbers.as_chunks_mut().0.iter_mut().zip([self.x, self.z, self.s]) {
            *to = from;
        }
        words
    }

    /// From words; nothing if they are not such a request, or a number is out of its range.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        let words: &[u32; REQUEST_WORDS] = words.try_into().ok()?;
        let rest = words.strip_prefix(&NAME)?;
        let (parity, rest) = rest.split_first()?;
        let (numbers, _) = rest.as_chunks();
        let [x, z, s] = numbers.try_into().ok()?;
        let is_in_range = is_below(&x, &FIELD) && is_below(&s, &ORDER);
        is_in_range.then_some(Self { x, y_is_odd: *parity == 1, z, s })
    }
}
