//! A filter for logs as a request writes it.

use std::borrow::Cow;

use alloy_primitives::{Address, B256, FixedBytes, map::HashSet};
use serde_json::value::RawValue;

use crate::{
    block_parameter::{BlockParameter, BlockTag},
    read::{FromJson, Misread, Structure, bytes_with_prefix, is_null, kind, text},
};

/// Topics that a log may have.
const TOPICS_MAX: usize = 4;

const FILTER: Structure = Structure::tagged("filters.input");

/// Which logs are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogFilter {
    pub(super) blocks: Blocks,
    /// Any when there is none.
    pub(super) addresses: HashSet<Address>,
    /// The alternatives of each topic that a log must have; any when there is none.
    pub(super) topics: Vec<HashSet<B256>>,
}

/// The blocks in which they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocks {
    Hash(B256),
    Range { from: BlockParameter, to: BlockParameter },
}

impl Default for Blocks {
    fn default() -> Self {
        Self::Range { from: BlockParameter::Latest, to: BlockParameter::Latest }
    }
}

impl<'a> FromJson<'a> for LogFilter {
    fn go_type() -> Cow<'static, str> {
        FILTER.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let (mut hash, mut from, mut to) = (None, None, None);
        let (mut addresses, mut topics): (Option<&RawValue>, _) = (None, None);
        for member in FILTER.members(json)? {
            match member.name() {
                "blockHash" => hash = member.read()?,
                "fromBlock" => from = member.read()?,
                "toBlock" => to = member.read()?,
                "address" => addresses = member.json(),
                "topics" => topics = member.read::<Vec<&RawValue>>()?,
                _ => {}
            }
        }
        let blocks = match (hash, from, to) {
            (Some(hash), None, None) => Blocks::Hash(hash),
            (None, from, to) => {
                let tag = |tag: Option<BlockTag>| tag.map(|BlockTag(tag)| tag).unwrap_or_default();
                Blocks::Range { from: tag(from), to: tag(to) }
            }
            _ => {
                return Err(Misread::words(
                    "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other",
                ));
            }
        };
        let addresses = addresses.map_or_else(|| Ok(HashSet::default()), read_addresses)?;
        let topics = topics.unwrap_or_default();
        if topics.len() > TOPICS_MAX {
            return Err(Misread::words("exceed max topics"));
        }
        let topics = topics.into_iter().map(read_topic).collect::<Result<_, _>>()?;
        Ok(Self { blocks, addresses, topics })
    }
}

/// One address or a list of them.
fn read_addresses(json: &RawValue) -> Result<HashSet<Address>, Misread> {
    let read = |text: &str| parse(text, "address").map(Address::from);
    match kind(json) {
        "string" => {
            let address = read(text(json).unwrap_or_default());
            let refused = |words| Misread::Words(format!("invalid address: {words}"));
            Ok(HashSet::from_iter([address.map_err(refused)?]))
        }
        "array" => {
            let items: Vec<&RawValue> = Vec::from_json(json)?;
            let read = |(index, item): (usize, &RawValue)| match text(item).map(read) {
                Some(Ok(address)) => Ok(address),
                Some(Err(words)) => {
                    Err(Misread::Words(format!("invalid address at index {index}: {words}")))
                }
                None => Err(Misread::Words(format!("non-string address at index {index}"))),
            };
            items.into_iter().enumerate().map(read).collect()
        }
        _ => Err(Misread::words("invalid addresses in query")),
    }
}

/// The alternatives of a topic; none where any will do.
fn read_topic(json: &RawValue) -> Result<HashSet<B256>, Misread> {
    let read = |text: &str| parse(text, "topic").map_err(Misread::Words);
    let invalid = || Misread::words("invalid topic(s)");
    match kind(json) {
        "null" => Ok(HashSet::default()),
        "string" => Ok(HashSet::from_iter([read(text(json).unwrap_or_default())?])),
        "array" => {
            let mut alternatives = HashSet::default();
            for item in Vec::<&RawValue>::from_json(json)? {
                // One that is null stands for any, and what follows it for nothing.
                if is_null(item) {
                    return Ok(HashSet::default());
                }
                alternatives.insert(read(text(item).ok_or_else(invalid)?)?);
            }
            Ok(alternatives)
        }
        _ => Err(invalid()),
    }
}

/// Reads exactly so many bytes, or says what geth does here alone.
fn parse<const SIZE: usize>(text: &str, name: &str) -> Result<FixedBytes<SIZE>, String> {
    let bytes = bytes_with_prefix(text).map_err(|error| error.to_string())?;
    FixedBytes::try_from(bytes.as_slice()).map_err(|_| {
        let size = bytes.len();
        format!("hex has invalid length {size} after decoding; expected {SIZE} for {name}")
    })
}

#[cfg(test)]
mod tests;
