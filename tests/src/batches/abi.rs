//! Calls of contracts as Solidity's ABI has them.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

const WORD: usize = 32;

/// A value in a call.
#[derive(Debug, Clone)]
pub enum Value {
    /// What fits a word.
    Word(B256),
    /// `bytes` and `string`.
    Bytes(Vec<u8>),
    /// An array without a fixed length.
    Array(Vec<Value>),
    /// A struct.
    Tuple(Vec<Value>),
}

impl From<U256> for Value {
    fn from(number: U256) -> Self {
        Self::Word(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        U256::from(number).into()
    }
}

/// Negative numbers are in two's complement.
impl From<i32> for Value {
    fn from(number: i32) -> Self {
        let mut word = B256::repeat_byte(if number < 0 { 0xff } else { 0 });
        word[WORD - 4..].copy_from_slice(&number.to_be_bytes());
        Self::Word(word)
    }
}

impl From<Address> for Value {
    fn from(address: Address) -> Self {
        Self::Word(address.into_word())
    }
}

impl From<B256> for Value {
    fn from(word: B256) -> Self {
        Self::Word(word)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        u64::from(flag).into()
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&Bytes> for Value {
    fn from(bytes: &Bytes) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl Value {
    fn is_dynamic(&self) -> bool {
        match self {
            Self::Word(_) => false,
            Self::Bytes(_) | Self::Array(_) => true,
            Self::Tuple(members) => members.iter().any(Self::is_dynamic),
        }
    }

    /// What stands at the value's place, or behind its offset if it is dynamic.
    fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Word(word) => word.to_vec(),
            Self::Bytes(bytes) => {
                let mut out = U256::from(bytes.len()).to_be_bytes::<WORD>().to_vec();
                out.extend(bytes);
                out.resize(out.len().next_multiple_of(WORD), 0);
                out
            }
            Self::Array(members) => {
                let mut out = U256::from(members.len()).to_be_bytes::<WORD>().to_vec();
                out.extend(encode(members));
                out
            }
            Self::Tuple(members) => encode(members),
        }
    }
}

/// The values one after another: static ones in their places, offsets in those of dynamic ones.
#[must_use]
pub fn encode(values: &[Value]) -> Vec<u8> {
    let encoded: Vec<_> =
        values.iter().map(|value| (value.is_dynamic(), value.encoded())).collect();
    let size = |(dynamic, bytes): &(bool, Vec<u8>)| if *dynamic { WORD } else { bytes.len() };
    let head_size: usize = encoded.iter().map(size).sum();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for (dynamic, bytes) in encoded {
        if dynamic {
            head.extend(U256::from(head_size + tail.len()).to_be_bytes::<WORD>());
            tail.extend(bytes);
        } else {
            head.extend(bytes);
        }
    }
    head.extend(tail);
    head
}

/// The call of the function with this signature.
#[must_use]
pub fn call(signature: &str, arguments: &[Value]) -> Bytes {
    let selector = &keccak256(signature)[..4];
    [selector, &encode(arguments)].concat().into()
}

/// The word with this index in what a call returned.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn word(output: &[u8], index: usize) -> U256 {
    U256::from_be_slice(&output[WORD * index..WORD * (index + 1)])
}

/// A returned address.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn address(output: &[u8]) -> Address {
    Address::from_word(word(output, 0).into())
}
