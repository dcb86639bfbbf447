//! Unsigned numbers of up to 32 bytes: plain, as a multiple of a power of ten, or by the number of
//! an equal one written before (PD-6, PD-7). Fewest bytes win, and plain wins a tie.

use alloc::{collections::BTreeMap, vec::Vec};

use alloy_primitives::U256;

use super::{
    PubdataError,
    wire::{Reader, Writer},
};

/// Size codes below this fit the head byte of a leaf.
pub(super) const SHORT_SIZES: u8 = 24;

/// Plain bytes that a short size code names: code 0 is none, code 9 is nine.
const PLAIN_SHORT_MAX: u8 = 9;
/// Size code of a number of one byte; that of a number of two bytes is next.
const NUMBER: u8 = 10;
/// Size code of one byte times the first power; four codes for each power.
const DECIMAL: u8 = 12;
/// The size codes from here on are plain again, with this many bytes less than the code says.
const PLAIN_LONG_OFFSET: u8 = 14;
/// The last size code: 32 plain bytes.
const SIZE_MAX: u8 = 46;
/// Most bytes before a power of ten.
const DECIMAL_SIZE_MAX: u8 = 4;
/// The bits of these bytes.
const DECIMAL_BITS_MAX: u32 = 32;

/// Powers of ten that amounts are often multiples of: a unit of USDC, a hundred-millionth and a
/// thousandth of an ether.
const POWERS: [Power; 3] = [
    Power { exponent: 6, value: 1_000_000, size: DECIMAL },
    Power { exponent: 10, value: 10_000_000_000, size: DECIMAL + 4 },
    Power { exponent: 15, value: 1_000_000_000_000_000, size: DECIMAL + 8 },
];

struct Power {
    exponent: u32,
    value: u64,
    /// Size code of one byte times this power.
    size: u8,
}

/// A magnitude that is written in at least this many bytes gets a number.
const NUMBERED_SIZE_MIN: u8 = 3;

const _: () = assert!(DECIMAL + 3 * DECIMAL_SIZE_MAX == SHORT_SIZES);
const _: () = assert!(SHORT_SIZES - PLAIN_LONG_OFFSET == PLAIN_SHORT_MAX + 1);
const _: () = assert!(SIZE_MAX - PLAIN_LONG_OFFSET == 32);

/// A magnitude as bytes behind a size code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coded {
    /// The size code.
    pub(super) size: u8,
    /// How many bytes follow it: the last ones of the number.
    pub(super) length: u8,
    number: U256,
}

impl Coded {
    /// The number's own bytes, without leading zeros.
    pub(super) fn plain(magnitude: U256) -> Self {
        let length = byte_length(&magnitude);
        let long = length > PLAIN_SHORT_MAX;
        let size = if long { length.saturating_add(PLAIN_LONG_OFFSET) } else { length };
        Self { size, length, number: magnitude }
    }

    fn number(number: u16) -> Self {
        let two_bytes = number > 0xff;
        let size = NUMBER.saturating_add(u8::from(two_bytes));
        let length = u8::from(two_bytes).saturating_add(1);
        Self { size, length, number: U256::from(number) }
    }

    /// As a multiple of the largest power of ten that divides it, which leaves the fewest bytes.
    fn decimal(magnitude: U256) -> Option<Self> {
        let [low, _, 0, 0] = magnitude.into_limbs() else { return None };
        let magnitude = u128::try_from(magnitude).ok()?;
        for power in POWERS.iter().rev() {
            let value = u128::from(power.value);
            // Too many times this power, and even more times the smaller ones.
            if magnitude >= value.wrapping_shl(DECIMAL_BITS_MAX) {
                return None;
            }
            // A multiple of 10^n is one of 2^n, and that is seen without a division.
            if low.trailing_zeros() < power.exponent {
                continue;
            }
            let multiple = magnitude.checked_div(value)?;
            if multiple.wrapping_mul(value) == magnitude {
                let number = U256::from(multiple);
                let length = byte_length(&number);
                let size = power.size.saturating_add(length.checked_sub(1)?);
                return Some(Self { size, length, number });
            }
        }
        None
    }

    /// The bytes behind the size code.
    pub(super) fn write(&self, writer: &mut Writer) {
        let skipped = 32_usize.saturating_sub(usize::from(self.length));
        let bytes = self.number.to_be_bytes::<32>();
        writer.bytes(bytes.get(skipped..).unwrap_or_default());
    }
}

/// Bytes of a number without leading zeros. By words: counting bits takes the guest much longer.
fn byte_length(number: &U256) -> u8 {
    let mut length: u8 = 32;
    for limb in number.as_limbs().iter().rev() {
        let [high, low] = [limb.wrapping_shr(32), limb & 0xffff_ffff];
        for word in [high, low] {
            match word {
                0 => length = length.saturating_sub(4),
                1..=0xff => return length.saturating_sub(3),
                0x100..=0xffff => return length.saturating_sub(2),
                0x1_0000..=0xff_ffff => return length.saturating_sub(1),
                _ => return length,
            }
        }
    }
    length
}

/// Reads the number behind a plain size code.
pub(super) fn read_plain(size: u8, reader: &mut Reader<'_>) -> Result<U256, PubdataError> {
    let length = match size {
        0..=PLAIN_SHORT_MAX => size,
        SHORT_SIZES..=SIZE_MAX => size.saturating_sub(PLAIN_LONG_OFFSET),
        _ => return Err(PubdataError::NotCanonical),
    };
    read_number(length, reader)
}

fn read_number(length: u8, reader: &mut Reader<'_>) -> Result<U256, PubdataError> {
    U256::try_from_be_slice(reader.bytes(length.into())?).ok_or(PubdataError::NotCanonical)
}

const fn is_numbered(size: u8, length: u8) -> bool {
    length >= NUMBERED_SIZE_MIN && (size < NUMBER || size >= DECIMAL)
}

/// The magnitudes that have been written and have a number.
#[derive(Default)]
pub(super) struct Written {
    /// By their limbs, the lowest first, in which magnitudes differ soonest.
    numbers: BTreeMap<[u64; 4], u16>,
}

impl Written {
    /// The shortest form of this magnitude here.
    pub(super) fn code(&self, magnitude: U256) -> Coded {
        let plain = Coded::plain(magnitude);
        if plain.length < NUMBERED_SIZE_MIN {
            return plain;
        }
        let direct = Coded::decimal(magnitude)
            .filter(|decimal| decimal.length < plain.length)
            .unwrap_or(plain);
        if direct.length < NUMBERED_SIZE_MIN {
            return direct;
        }
        self.numbers.get(magnitude.as_limbs()).map_or(direct, |number| Coded::number(*number))
    }

    /// Gives the magnitude a number if it was written in enough bytes, as long as numbers last.
    pub(super) fn note(&mut self, magnitude: U256, coded: &Coded) {
        if is_numbered(coded.size, coded.length)
            && let Ok(next) = u16::try_from(self.numbers.len())
        {
            self.numbers.entry(magnitude.into_limbs()).or_insert(next);
        }
    }
}

/// The magnitudes that have been read and have a number.
#[derive(Default)]
pub(super) struct Seen {
    magnitudes: Vec<U256>,
}

impl Seen {
    /// Reads the magnitude behind a size code.
    pub(super) fn read(&mut self, size: u8, reader: &mut Reader<'_>) -> Result<U256, PubdataError> {
        let (magnitude, length) = match size {
            NUMBER..DECIMAL => {
                let length = size.saturating_sub(NUMBER).saturating_add(1);
                let number = read_number(length, reader)?;
                let found = usize::try_from(number).ok().and_then(|at| self.magnitudes.get(at));
                (*found.ok_or(PubdataError::NotCanonical)?, length)
            }
            DECIMAL..SHORT_SIZES => {
                let power = POWERS.iter().rfind(|power| power.size <= size);
                let power = power.ok_or(PubdataError::NotCanonical)?;
                let length = size.saturating_sub(power.size).saturating_add(1);
                // Below 2^32 * 2^50.
                let multiple = read_number(length, reader)?;
                (multiple.wrapping_mul(U256::from(power.value)), length)
            }
            _ => {
                let magnitude = read_plain(size, reader)?;
                (magnitude, byte_length(&magnitude))
            }
        };
        if is_numbered(size, length) && u16::try_from(self.magnitudes.len()).is_ok() {
            self.magnitudes.push(magnitude);
        }
        Ok(magnitude)
    }
}

#[cfg(test)]
mod tests;
