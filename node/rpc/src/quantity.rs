//! Hex as geth reads and refuses it: quantities and bytes.

use std::{borrow::Cow, fmt};

use alloy_primitives::hex;
use serde::{Deserialize, Deserializer, de::Visitor};
use thiserror::Error;

/// Why text is not a quantity. The texts are geth's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum QuantityError {
    #[error("empty hex string")]
    Empty,
    #[error("hex string without 0x prefix")]
    Prefix,
    #[error("hex string \"0x\"")]
    NoDigits,
    #[error("hex number with leading zero digits")]
    LeadingZero,
    #[error("hex number > 64 bits")]
    TooLarge,
    #[error("hex string of odd length")]
    OddLength,
    #[error("invalid hex string")]
    Syntax,
}

/// Reads a quantity of at most 64 bits.
pub(crate) fn parse_quantity(text: &str) -> Result<u64, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Empty);
    }
    let digits =
        text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or(QuantityError::Prefix)?;
    if digits.is_empty() {
        return Err(QuantityError::NoDigits);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(QuantityError::LeadingZero);
    }
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(QuantityError::Syntax);
    }
    u64::from_str_radix(digits, 16).map_err(|_| QuantityError::TooLarge)
}

/// A quantity of at most 64 bits. Numbers outside strings are taken too, as some libraries send
/// them for counts and timeouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity(pub(crate) u64);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;

        impl Visitor<'_> for QuantityVisitor {
            type Value = Quantity;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a hex quantity")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Quantity, E> {
                Ok(Quantity(value))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Quantity, E> {
                parse_quantity(text).map(Quantity).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(QuantityVisitor)
    }
}

/// Bytes as geth reads them: an even number of digits after `0x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HexBytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        parse_bytes(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

pub(crate) fn parse_bytes(text: &str) -> Result<Vec<u8>, QuantityError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let digits =
        text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or(QuantityError::Prefix)?;
    if !digits.len().is_multiple_of(2) {
        return Err(QuantityError::OddLength);
    }
    // What decodes would take a second prefix.
    if digits.as_bytes().get(1).is_some_and(|second| !second.is_ascii_hexdigit()) {
        return Err(QuantityError::Syntax);
    }
    hex::decode(digits).map_err(|_| QuantityError::Syntax)
}

#[cfg(test)]
mod tests;
