//! The words of the code, in bits from the most significant of each byte on.

use alloc::vec::Vec;

use super::PathsError;

const BYTE_BITS: u32 = 8;

#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are not taken.
    free: u32,
}

impl BitWriter {
    fn bit(&mut self, bit: bool) {
        if self.free == 0 {
            self.bytes.push(0);
            self.free = BYTE_BITS;
        }
        self.free = self.free.saturating_sub(1);
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit).wrapping_shl(self.free);
        }
    }

    /// The lowest `width` bits of `value`, highest first.
    fn bits(&mut self, value: u32, width: u32) {
        for place in (0..width).rev() {
            self.bit(value.wrapping_shr(place) & 1 == 1);
        }
    }

    /// A positive number, in Elias' gamma code: as many zeros as it has bits after its first, then
    /// its bits.
    pub(super) fn number(&mut self, number: u32) {
        let width = width(number);
        self.bits(0, width.saturating_sub(1));
        self.bits(number, width);
    }

    /// How many of `count` turn right, in truncated binary, by its nearness to the middle.
    pub(super) fn share(&mut self, right: u32, count: u32) {
        let rank = rank(right, count);
        let (width, short) = (width(count), short_words(count));
        if rank < short {
            self.bits(rank, width.saturating_sub(1));
        } else {
            self.bits(rank.wrapping_add(short), width);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits of the first byte that are read.
    taken: u32,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, taken: 0 }
    }

    fn bit(&mut self) -> Result<bool, PathsError> {
        let (first, rest) = self.bytes.split_first().ok_or(PathsError::Truncated)?;
        let bit = 0x80_u8.wrapping_shr(self.taken) & first != 0;
        self.taken = self.taken.saturating_add(1);
        if self.taken == BYTE_BITS {
            self.bytes = rest;
            self.taken = 0;
        }
        Ok(bit)
    }

    /// `value` with `width` more bits at its end.
    fn bits(&mut self, mut value: u32, width: u32) -> Result<u32, PathsError> {
        for _ in 0..width {
            value = value.wrapping_shl(1) | u32::from(self.bit()?);
        }
        Ok(value)
    }

    pub(super) fn number(&mut self) -> Result<u32, PathsError> {
        for zeros in 0..u32::BITS {
            if self.bit()? {
                return self.bits(1, zeros);
            }
        }
        Err(PathsError::TooMany)
    }

    pub(super) fn share(&mut self, count: u32) -> Result<u32, PathsError> {
        let short = short_words(count);
        let mut rank = self.bits(0, width(count).saturating_sub(1))?;
        if rank >= short {
            rank = self.bits(rank, 1)?.wrapping_sub(short);
        }
        Ok(share(rank, count))
    }

    /// Nothing may follow but the zeros that fill the last byte.
    pub(super) fn finish(&self) -> Result<(), PathsError> {
        let rest = match self.bytes {
            [] => 0,
            [last] if self.taken > 0 => last.wrapping_shl(self.taken),
            _ => return Err(PathsError::TrailingBits),
        };
        if rest == 0 { Ok(()) } else { Err(PathsError::TrailingBits) }
    }
}

/// Bits of a number without leading zeros.
const fn width(number: u32) -> u32 {
    u32::BITS.saturating_sub(number.leading_zeros())
}

/// Of the `count + 1` shares, how many have words of one bit less than `width(count)`.
const fn short_words(count: u32) -> u32 {
    !count & u32::MAX.wrapping_shr(count.leading_zeros())
}

/// The place of a share of `count` in the order of nearness to the middle, right first.
const fn rank(right: u32, count: u32) -> u32 {
    let middle = count / 2;
    match right.checked_sub(middle) {
        None | Some(0) => middle.wrapping_sub(right).wrapping_mul(2),
        Some(over) => over.wrapping_mul(2).wrapping_sub(1),
    }
}

/// The share that has this rank, which is at most `count`.
const fn share(rank: u32, count: u32) -> u32 {
    let middle = count / 2;
    let away = rank.div_ceil(2);
    if rank.is_multiple_of(2) { middle.wrapping_sub(away) } else { middle.wrapping_add(away) }
}

#[cfg(test)]
mod tests;
