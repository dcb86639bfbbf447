//! Bytes in order. Numbers are in base 128, the least digits first, with the top bit set in every
//! byte but the last (LEB128).

use alloc::vec::Vec;

use alloy_primitives::Bytes;

use super::PubdataError;

/// Digits of a 64-bit number in base 128.
const VARINT_SIZE_MAX: u32 = 10;

#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            let [digit, ..] = number.to_le_bytes();
            self.byte(digit | 0x80);
            number = number.wrapping_shr(7);
        }
        let [digit, ..] = number.to_le_bytes();
        self.byte(digit);
    }

    /// How many things follow.
    pub(super) fn count(&mut self, count: usize) {
        self.varint(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Bytes behind their number.
    pub(super) fn prefixed(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes(bytes);
    }

    /// Byte strings behind their number.
    pub(super) fn list(&mut self, items: &[Bytes]) {
        self.count(items.len());
        for item in items {
            self.prefixed(item);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not read yet.
    #[cfg(test)]
    pub(super) const fn rest_size(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, PubdataError> {
        let (byte, rest) = self.rest.split_first().ok_or(PubdataError::Truncated)?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], PubdataError> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(PubdataError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PubdataError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(PubdataError::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(super) fn varint(&mut self) -> Result<u64, PubdataError> {
        let mut number = 0_u64;
        for place in 0..VARINT_SIZE_MAX {
            let byte = self.byte()?;
            // Bits beyond the 64th are lost here, and found missing when it is encoded again.
            number |= u64::from(byte & 0x7f).wrapping_shl(place.saturating_mul(7));
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(PubdataError::NotCanonical)
    }

    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], PubdataError> {
        let size = usize::try_from(self.varint()?).map_err(|_| PubdataError::Truncated)?;
        self.bytes(size)
    }

    /// Byte strings behind their number. Reserves nothing: the number may be a lie.
    pub(super) fn list(&mut self) -> Result<Vec<Bytes>, PubdataError> {
        let count = self.varint()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(Bytes::copy_from_slice(self.prefixed()?));
        }
        Ok(items)
    }
}
