//! Hex as geth reads and refuses it: quantities, bytes of any number and of a fixed one.

use std::borrow::Cow;

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{FromJson, FromKey, Misread, text};

/// Letters of what a refusal repeats.
const REPEATED_MAX: usize = 128;

/// Why text is not hex. The texts are geth's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum HexError {
    #[error("empty hex string")]
    Empty,
    #[error("hex string without 0x prefix")]
    Prefix,
    #[error("hex string \"0x\"")]
    NoDigits,
    #[error("hex number with leading zero digits")]
    LeadingZero,
    #[error("hex number > {bits} bits")]
    TooLarge { bits: usize },
    #[error("hex string of odd length")]
    OddLength,
    #[error("invalid hex string")]
    Syntax,
}

/// Reads a quantity of as many bits as the type has.
pub(crate) fn parse_number<T: TryFrom<U256>>(text: &str) -> Result<T, HexError> {
    let bits = 8 * size_of::<T>();
    if text.is_empty() {
        return Err(HexError::Empty);
    }
    let digits = without_prefix(text).ok_or(HexError::Prefix)?;
    if digits.is_empty() {
        return Err(HexError::NoDigits);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(HexError::LeadingZero);
    }
    if digits.len() > bits / 4 {
        return Err(HexError::TooLarge { bits });
    }
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(HexError::Syntax);
    }
    let number = U256::from_str_radix(digits, 16).map_err(|_| HexError::Syntax)?;
    T::try_from(number).map_err(|_| HexError::TooLarge { bits })
}

/// Reads bytes, of which an empty text has none.
pub(crate) fn parse_bytes(text: &str) -> Result<Vec<u8>, HexError> {
    match bytes_with_prefix(text) {
        Err(HexError::Empty) => Ok(Vec::new()),
        bytes => bytes,
    }
}

/// Reads bytes that have their prefix in any case.
pub(crate) fn bytes_with_prefix(text: &str) -> Result<Vec<u8>, HexError> {
    if text.is_empty() {
        return Err(HexError::Empty);
    }
    let digits = without_prefix(text).ok_or(HexError::Prefix)?;
    if !digits.len().is_multiple_of(2) {
        return Err(HexError::OddLength);
    }
    // What decodes would take a second prefix.
    if digits.as_bytes().get(1).is_some_and(|second| !second.is_ascii_hexdigit()) {
        return Err(HexError::Syntax);
    }
    hex::decode(digits).map_err(|_| HexError::Syntax)
}

/// Reads exactly so many bytes.
fn parse_fixed<const SIZE: usize>(text: &str, wanted: &'static str) -> Result<[u8; SIZE], Misread> {
    let refused = |error: HexError| Misread::found(error.to_string(), wanted);
    // Said of the wrong length before any digit is looked at.
    let digits = match text {
        "" => "",
        text => without_prefix(text).ok_or_else(|| refused(HexError::Prefix))?,
    };
    if !digits.len().is_multiple_of(2) {
        return Err(refused(HexError::OddLength));
    }
    if digits.len() != 2 * SIZE {
        let (length, size) = (digits.len(), 2 * SIZE);
        let words = format!("hex string has length {length}, want {size} for {wanted}");
        return Err(Misread::Words(words));
    }
    let mut bytes = [0; SIZE];
    // A second prefix would be skipped, and what is left be too short.
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| refused(HexError::Syntax))?;
    Ok(bytes)
}

fn without_prefix(text: &str) -> Option<&str> {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
}

/// Reads a string with some other reader, whose refusals name a type of Go.
fn read_text<'a, T>(
    json: &'a RawValue,
    wanted: &'static str,
    read: impl FnOnce(&'a str) -> Result<T, HexError>,
) -> Result<T, Misread> {
    let text = text(json).ok_or_else(|| Misread::found("non-string", wanted))?;
    read(text).map_err(|error| Misread::found(error.to_string(), wanted))
}

/// Reads a quantity, of which an empty text is zero.
fn read_number<T: TryFrom<U256> + Default>(
    json: &RawValue,
    wanted: &'static str,
) -> Result<T, Misread> {
    read_text(json, wanted, |text| match parse_number(text) {
        Err(HexError::Empty) => Ok(T::default()),
        number => number,
    })
}

/// A quantity of at most 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity(pub(crate) u64);

impl<'a> FromJson<'a> for Quantity {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("hexutil.Uint64")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_number(json, "hexutil.Uint64").map(Self)
    }
}

/// The place of something in a list, written as a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Index(pub(crate) u64);

impl<'a> FromJson<'a> for Index {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("hexutil.Uint")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_number(json, "hexutil.Uint").map(Self)
    }
}

/// A quantity of 256 bits in geth, of which this node takes as many as the type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Big<T>(pub(crate) T);

impl<'a, T: TryFrom<U256> + Default> FromJson<'a> for Big<T> {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("*hexutil.Big")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_number(json, "*hexutil.Big").map(Self)
    }
}

/// A quantity of 256 bits within an authorization, where geth has another type for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) U256);

impl<'a> FromJson<'a> for Word {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("*uint256.Int")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_number(json, "*uint256.Int").map(Self)
    }
}

/// A count, a duration or a time: those alone may be plain numbers or decimal, with leading zeros
/// or without, because libraries send them so. What says nothing is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl Count {
    fn parse(text: &str) -> Option<u64> {
        let (digits, radix) = match without_prefix(text) {
            Some(digits) => (digits, 16),
            None => (text, 10),
        };
        let is_plain = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
        u64::from_str_radix(digits, radix).ok().filter(|_| is_plain)
    }
}

impl<'a> FromJson<'a> for Count {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("math.HexOrDecimal64")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let text = text(json).unwrap_or(json.get());
        let repeated: String = text.chars().take(REPEATED_MAX).collect();
        Self::parse(text)
            .map(Self)
            .ok_or_else(|| Misread::Words(format!("invalid hex or decimal integer {repeated:?}")))
    }
}

impl FromKey for u64 {
    const GO_TYPE: &'static str = "uint64";

    fn from_key(key: &str) -> Result<Self, Misread> {
        Count::parse(key).ok_or_else(|| Misread::found(format!("number {key:.20}"), Self::GO_TYPE))
    }
}

impl<'a> FromJson<'a> for Bytes {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("hexutil.Bytes")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_text(json, "hexutil.Bytes", parse_bytes).map(Self::from)
    }
}

impl FromKey for Address {
    const GO_TYPE: &'static str = "common.Address";

    fn from_key(key: &str) -> Result<Self, Misread> {
        parse_fixed(key, Self::GO_TYPE).map(Self::new)
    }
}

impl FromKey for B256 {
    const GO_TYPE: &'static str = "common.Hash";

    fn from_key(key: &str) -> Result<Self, Misread> {
        parse_fixed(key, Self::GO_TYPE).map(Self)
    }
}

impl<'a> FromJson<'a> for Address {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed(<Self as FromKey>::GO_TYPE)
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_fixed(json)
    }
}

impl<'a> FromJson<'a> for B256 {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed(<Self as FromKey>::GO_TYPE)
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        read_fixed(json)
    }
}

fn read_fixed<T: FromKey>(json: &RawValue) -> Result<T, Misread> {
    T::from_key(text(json).ok_or_else(|| Misread::found("non-string", T::GO_TYPE))?)
}

/// A storage key: up to 32 bytes of hex, with a prefix or not, as geth has always taken them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotKey {
    pub(crate) slot: U256,
    /// Whether all 32 bytes were written.
    pub(crate) is_whole: bool,
}

impl SlotKey {
    /// The key of a text, or what geth says of it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let digits = without_prefix(text).unwrap_or(text);
        let repeated: String = text.chars().take(REPEATED_MAX).collect();
        // An odd digit is the first of a byte that is not written out.
        let size = digits.len().div_ceil(2);
        if size > B256::len_bytes() {
            return Err(format!("storage key too long (want at most 32 bytes): {repeated:?}"));
        }
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(format!("invalid hex in storage key: {repeated:?}"));
        }
        let slot = match digits {
            "" => Some(U256::ZERO),
            digits => U256::from_str_radix(digits, 16).ok(),
        };
        let slot = slot.ok_or_else(|| format!("invalid hex in storage key: {repeated:?}"))?;
        Ok(Self { slot, is_whole: size == B256::len_bytes() })
    }
}

#[cfg(test)]
mod tests;
