//! Which block a request means: a tag, a number, a hash, or an EIP-1898 object.

use std::borrow::Cow;

use alloy_primitives::B256;
use serde_json::value::RawValue;

use crate::read::{FromJson, HexError, Misread, Structure, bytes_with_prefix, parse_number, text};

/// Letters of a hash.
const HASH_TEXT_SIZE: usize = 66;

const OBJECT: Structure = Structure::tagged("rpc.BlockNumberOrHash");

/// A block as a request names it. Slice hashes count as block hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BlockParameter {
    /// State: after the last durable slice. Blocks: the last sealed one.
    #[default]
    Latest,
    /// State: as latest. Blocks: the open one.
    Pending,
    /// Committed to L1.
    Safe,
    /// Executed on L1, in an L1-finalised block.
    Finalized,
    /// Block 0.
    Earliest,
    /// By number.
    Number(u64),
    /// By the hash of a block or of a slice.
    Hash(B256),
}

impl BlockParameter {
    /// Tags, in lower case alone.
    fn tag(text: &str) -> Option<Self> {
        Some(match text {
            "latest" => Self::Latest,
            "pending" => Self::Pending,
            "safe" => Self::Safe,
            "finalized" => Self::Finalized,
            "earliest" => Self::Earliest,
            _ => return None,
        })
    }

    /// Numbers have 63 bits, as in geth; `too_high` is what it says of others.
    fn number(text: &str, too_high: &str) -> Result<Self, Misread> {
        let number: u64 = parse_number(text).map_err(Misread::words)?;
        if i64::try_from(number).is_err() {
            return Err(Misread::words(too_high));
        }
        Ok(Self::Number(number))
    }

    fn hash(text: &str) -> Result<Self, Misread> {
        let bytes = bytes_with_prefix(text).map_err(Misread::words)?;
        let hash = B256::try_from(bytes.as_slice());
        hash.map(Self::Hash).map_err(|_| Misread::words(HexError::Syntax))
    }
}

impl<'a> FromJson<'a> for BlockParameter {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("rpc.BlockNumberOrHash")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        if let Some(text) = text(json) {
            return match Self::tag(text) {
                Some(tag) => Ok(tag),
                None if text.len() == HASH_TEXT_SIZE => Self::hash(text),
                None => Self::number(text, "blocknumber too high"),
            };
        }
        // geth tries an object first; what is none, or a wrong one, should have been a string.
        let Ok((number, hash)) = members(json) else { return Err(Misread::kind::<String>(json)) };
        match (hash, number) {
            (Some(_), Some(_)) => Err(Misread::words(
                "cannot specify both BlockHash and BlockNumber, choose one or the other",
            )),
            (Some(hash), None) => Ok(Self::Hash(hash)),
            (None, Some(BlockTag(tag))) => Ok(tag),
            (None, None) => Err(Misread::words("must specify either BlockHash or BlockNumber")),
        }
    }
}

/// Number and hash of an object.
fn members(json: &RawValue) -> Result<(Option<BlockTag>, Option<B256>), Misread> {
    let (mut number, mut hash) = (None, None);
    for member in OBJECT.members(json)? {
        match member.name() {
            "blockNumber" => number = member.read()?,
            "blockHash" => hash = member.read()?,
            // Every block is canonical here.
            "requireCanonical" => drop(member.read::<bool>()?),
            _ => {}
        }
    }
    Ok((number, hash))
}

/// A tag or number where a hash is not allowed (`eth_getBlockByNumber`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockTag(pub(crate) BlockParameter);

impl<'a> FromJson<'a> for BlockTag {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("rpc.BlockNumber")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        // What is no string is read as one that has no prefix.
        let text = text(json).unwrap_or(json.get());
        match BlockParameter::tag(text) {
            Some(tag) => Ok(Self(tag)),
            None => BlockParameter::number(text, "block number larger than int64").map(Self),
        }
    }
}

#[cfg(test)]
mod tests;
