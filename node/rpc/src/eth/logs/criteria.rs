//! What a filter wants of a log, ready to be compared with.

use std::{ops::RangeInclusive, sync::Arc};

use alloy_primitives::{Bloom, keccak256};
use minster_primitives::Log;

use super::filter::{Blocks, LogFilter};
use crate::{
    RpcConfig, accept::Asker, api::Api, block_parameter::BlockParameter, error::ApiError,
    methods::Answer, quota::Part,
};

/// Alternatives beyond which a bloom is not looked at: it would say no too seldom, and looking each
/// log up costs less.
const BLOOM_ALTERNATIVES_MAX: usize = 16;

/// The bits that a value sets in a bloom.
type Bits = [u16; 3];

/// A filter for logs that was checked.
#[derive(Debug)]
pub(crate) struct Criteria {
    filter: LogFilter,
    /// Of the address and of each topic the bits of all alternatives, where those are few: one of
    /// them is in the bloom of whatever has a wanted log.
    blooms: Vec<Vec<Bits>>,
    /// What its values take of all that clients may keep.
    kept: Option<Part>,
}

impl Criteria {
    /// Refuses filters that would be slow to compare with.
    pub(crate) fn new(filter: LogFilter, config: &RpcConfig) -> Answer<Self> {
        let maximum = config.logs_alternatives_max;
        let mut criteria = Self { filter, blooms: Vec::new(), kept: None };
        if criteria.counts().any(|count| count > maximum) {
            return Err(ApiError::TooManyAlternatives);
        }
        let LogFilter { addresses, topics, .. } = &criteria.filter;
        let addresses: Vec<Bits> = few(addresses.len(), addresses.iter());
        let topics = topics.iter().map(|topic| few(topic.len(), topic.iter()));
        criteria.blooms = std::iter::once(addresses).chain(topics).collect();
        criteria.blooms.retain(|alternatives| !alternatives.is_empty());
        Ok(criteria)
    }

    /// To be kept for a client beyond a request, for logs that are still to come.
    pub(crate) fn keep(mut self, api: &Api, asker: Asker) -> Answer<Arc<Self>> {
        if let Blocks::Range { from, to } = self.filter.blocks {
            check_range(from, to)?;
            // What is still to come begins after any block that has a number or is settled.
            let has_come = |end| {
                use BlockParameter::{Earliest, Finalized, Number, Safe};
                matches!(end, Number(_) | Earliest | Safe | Finalized)
            };
            let is_from = matches!(from, BlockParameter::Number(_) | BlockParameter::Earliest);
            if has_come(to) && !(is_from && matches!(to, BlockParameter::Number(_)))
                || has_come(from) && !is_from
            {
                return Err(ApiError::BlockRange);
            }
        }
        api.filters.forget_lapsed();
        let mut kept = Arc::clone(&api.filter_values).part(asker);
        kept.grow(self.counts().sum())
            .map_err(|full| ApiError::TooManyFilterValues { maximum: full.maximum })?;
        self.kept = Some(kept);
        Ok(Arc::new(self))
    }

    /// How many alternatives there are for the address and for each topic.
    fn counts(&self) -> impl Iterator<Item = usize> {
        let topics = self.filter.topics.iter().map(|topic| topic.len());
        std::iter::once(self.filter.addresses.len()).chain(topics)
    }

    /// The blocks that it names.
    pub(crate) const fn blocks(&self) -> Blocks {
        self.filter.blocks
    }

    /// The numbers of the blocks whose logs are still to come: all but those that a number leaves
    /// out, as in geth.
    pub(crate) const fn numbers(&self) -> RangeInclusive<u64> {
        let (mut first, mut last) = (0, u64::MAX);
        if let Blocks::Range { from, to } = self.filter.blocks {
            if let BlockParameter::Number(from) = from {
                first = from;
            }
            if let BlockParameter::Number(to) = to {
                last = to;
            }
        }
        first..=last
    }

    /// Whether a wanted log may be among those of a bloom.
    pub(crate) fn may_be_in(&self, bloom: &Bloom) -> bool {
        let has = |bit: &u16| bloom.0[255 - usize::from(bit / 8)] & (1 << (bit % 8)) != 0;
        let has_one = |alternatives: &Vec<Bits>| alternatives.iter().any(|it| it.iter().all(has));
        self.blooms.iter().all(has_one)
    }

    /// Whether a log is wanted, wherever it is.
    pub(crate) fn match_log(&self, log: &Log) -> bool {
        let LogFilter { addresses, topics, .. } = &self.filter;
        let has_topics = log.data.topics();
        // One that may be anything must be there nevertheless.
        (addresses.is_empty() || addresses.contains(&log.address))
            && topics.len() <= has_topics.len()
            && topics.iter().zip(has_topics).all(|(any, it)| any.is_empty() || any.contains(it))
    }
}

/// Refuses a range that ends before it begins.
pub(super) const fn check_range(from: BlockParameter, to: BlockParameter) -> Answer<()> {
    match (from, to) {
        (BlockParameter::Number(from), BlockParameter::Number(to)) if from > to => {
            Err(ApiError::BlockRange)
        }
        _ => Ok(()),
    }
}

/// The bits of values, unless there are many.
fn few<T: AsRef<[u8]>>(count: usize, values: impl Iterator<Item = T>) -> Vec<Bits> {
    if count > BLOOM_ALTERNATIVES_MAX { Vec::new() } else { values.map(bits).collect() }
}

/// Three times the low 11 bits of a pair of bytes (Yellow Paper, 4.4.1).
fn bits(value: impl AsRef<[u8]>) -> Bits {
    let [a, b, c, d, e, f, ..] = keccak256(value).0;
    [[a, b], [c, d], [e, f]].map(|pair| u16::from_be_bytes(pair) & 0x7ff)
}

#[cfg(test)]
mod tests;
