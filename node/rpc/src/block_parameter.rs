//! Which block a request means: a tag, a number, a hash, or an EIP-1898 object.

use std::fmt;

use alloy_primitives::B256;
use alloy_rpc_types_eth::BlockNumberOrTag;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use crate::quantity::parse_quantity;

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
    /// Numbers have 63 bits, as in geth; `too_high` is what it says of others.
    fn parse<E: serde::de::Error>(text: &str, too_high: &str) -> Result<Self, E> {
        Ok(match text {
            "latest" => Self::Latest,
            "pending" => Self::Pending,
            "safe" => Self::Safe,
            "finalized" => Self::Finalized,
            "earliest" => Self::Earliest,
            _ if text.len() == 66 => Self::Hash(text.parse().map_err(E::custom)?),
            _ => match parse_quantity(text).map_err(E::custom)? {
                number if i64::try_from(number).is_err() => return Err(E::custom(too_high)),
                number => Self::Number(number),
            },
        })
    }
}

impl From<BlockNumberOrTag> for BlockParameter {
    fn from(tag: BlockNumberOrTag) -> Self {
        match tag {
            BlockNumberOrTag::Latest => Self::Latest,
            BlockNumberOrTag::Pending => Self::Pending,
            BlockNumberOrTag::Safe => Self::Safe,
            BlockNumberOrTag::Finalized => Self::Finalized,
            BlockNumberOrTag::Earliest => Self::Earliest,
            BlockNumberOrTag::Number(number) => Self::Number(number),
        }
    }
}

impl<'de> Deserialize<'de> for BlockParameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BlockParameterVisitor)
    }
}

struct BlockParameterVisitor;

impl<'de> Visitor<'de> for BlockParameterVisitor {
    type Value = BlockParameter;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a block tag, number, hash, or object")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BlockParameter, E> {
        BlockParameter::parse(text, "blocknumber too high")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BlockParameter, A::Error> {
        let mut hash: Option<B256> = None;
        let mut number: Option<BlockTag> = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "blockHash" => hash = map.next_value()?,
                "blockNumber" => number = map.next_value()?,
                // Every block is canonical here.
                _ => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        match (hash, number) {
            (Some(_), Some(_)) => Err(A::Error::custom(
                "cannot specify both BlockHash and BlockNumber, choose one or the other",
            )),
            (Some(hash), None) => Ok(BlockParameter::Hash(hash)),
            (None, Some(BlockTag(tag))) => Ok(tag),
            (None, None) => Err(A::Error::custom("must specify either BlockHash or BlockNumber")),
        }
    }
}

/// A tag or number where a hash is not allowed (`eth_getBlockByNumber`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockTag(pub(crate) BlockParameter);

impl<'de> Deserialize<'de> for BlockTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BlockTagVisitor;

        impl Visitor<'_> for BlockTagVisitor {
            type Value = BlockTag;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a block tag or number")
            }

            fn visit_u64<E>(self, number: u64) -> Result<BlockTag, E> {
                Ok(BlockTag(BlockParameter::Number(number)))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BlockTag, E> {
                match BlockParameter::parse(text, "block number larger than int64")? {
                    BlockParameter::Hash(_) => Err(E::custom("hex number > 64 bits")),
                    tag => Ok(BlockTag(tag)),
                }
            }
        }

        deserializer.deserialize_any(BlockTagVisitor)
    }
}

#[cfg(test)]
mod tests;
