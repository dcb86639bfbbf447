//! Advice for [`recover`](crate::recover): a host that has this handler makes guests fast. One
//! without it has none to give, and the guest computes it for itself, at several times the cost.

use alloc::vec::Vec;

use minster_guest::precompiles::{Block, mod_mul, mod_sub};

use crate::advice::{NO_ROOT, REQUEST_WORDS, ROOT, Request};
use crate::glv;
use crate::number::{FIELD, ORDER, ZERO, power};
use crate::recover::{reduced, right_side};

#[cfg(test)]
mod tests;

/// (p + 1) / 4, whose power of a square is its root.
const ROOT_EXPONENT: Block = [0xbfff_ff0c, !0, !0, !0, !0, !0, !0, 0x3fff_ffff];
/// n - 2, whose power is the inverse.
const INVERSE_EXPONENT: Block =
    [0xd036_413f, 0xbfd2_5e8c, 0xaf48_a03b, 0xbaae_dce6, 0xffff_fffe, !0, !0, !0];

/// The answer to a request; nothing if it is not a request of this crate.
pub fn answer(request: &[u8]) -> Option<Vec<u8>> {
    let (words, rest) = request.as_chunks();
    if words.len() != REQUEST_WORDS || !rest.is_empty() {
        return None;
    }
    let words: Vec<u32> = words.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    let answer = advise(&Request::from_words(&words)?);
    Some(answer.into_iter().flat_map(u32::to_le_bytes).collect())
}

/// The answer in words.
pub(crate) fn advise(request: &Request) -> Vec<u32> {
    let right = right_side(&request.x);
    let root = power(&right, &ROOT_EXPONENT, &FIELD);
    if mod_mul(&root, &root, &FIELD) != right {
        let opposite = mod_sub(&ZERO, &right, &FIELD);
        return words(NO_ROOT, [&power(&opposite, &ROOT_EXPONENT, &FIELD)], &[]);
    }
    let y = match (root[0] & 1 == 1) == request.y_is_odd {
        true => root,
        false => mod_sub(&ZERO, &root, &FIELD),
    };
    let inverse = power(&reduced(&request.x), &INVERSE_EXPONENT, &ORDER);
    let u1 = mod_mul(&reduced(&request.z), &inverse, &ORDER);
    let u2 = mod_mul(&request.s, &inverse, &ORDER);
    words(ROOT, [&y, &u1], &glv::digits(&u2))
}

fn words<const N: usize>(kind: u32, numbers: [&Block; N], bytes: &[u8]) -> Vec<u32> {
    let mut words = Vec::from([kind]);
    numbers.into_iter().for_each(|number| words.extend(number));
    let (fours, rest) = bytes.as_chunks();
    words.extend(fours.iter().map(|four| u32::from_le_bytes(*four)));
    if !rest.is_empty() {
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        words.push(u32::from_le_bytes(last));
    }
    words
}
