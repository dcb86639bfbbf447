//! `eth_getLogs`, and the filter that it shares with subscriptions and installed filters.

use std::sync::Arc;

use alloy_rpc_types_eth::{Filter, FilterBlockOption};
use minster_sequencer::Block;

use crate::{
    RpcConfig,
    api::Api,
    arguments::Arguments,
    block_parameter::BlockParameter,
    error::ApiError,
    gate::Deadline,
    json::{self, LogJson, Place},
    methods::Answer,
};

pub(crate) fn get_logs(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<LogJson>> {
    let filter: Filter = arguments.required(0)?;
    check_filter(&filter, &api.config)?;
    find(api, &filter)
}

/// Refuses filters that would be slow to compare with.
pub(crate) fn check_filter(filter: &Filter, config: &RpcConfig) -> Answer<()> {
    let maximum = config.logs_alternatives_max;
    let is_long = |count: usize| count > maximum;
    if is_long(filter.address.len()) || filter.topics.iter().any(|topic| is_long(topic.len())) {
        return Err(ApiError::TooManyAlternatives { maximum });
    }
    Ok(())
}

/// The logs that a filter asks for.
pub(crate) fn find(api: &Api, filter: &Filter) -> Answer<Vec<LogJson>> {
    let mut query = Query::new(filter, &api.config);
    match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let block = api.block(BlockParameter::Hash(hash))?.ok_or(ApiError::UnknownBlock)?;
            query.add(&block)?;
        }
        FilterBlockOption::Range { from_block, to_block } => {
            let from = from_block.map_or(BlockParameter::Latest, Into::into);
            let to = to_block.map_or(BlockParameter::Latest, Into::into);
            find_in_range(api, &mut query, from, to)?;
        }
    }
    Ok(query.logs)
}

fn find_in_range(
    api: &Api,
    query: &mut Query<'_>,
    from: BlockParameter,
    to: BlockParameter,
) -> Answer<()> {
    // Taken first: when the block is sealed meanwhile, its logs are in here and not below.
    let open = match to {
        BlockParameter::Pending => api.chain().pending(),
        _ => None,
    };
    let head = match &open {
        Some(open) => open.number().saturating_sub(1),
        None => api.chain().latest().number(),
    };
    if let (BlockParameter::Number(from), BlockParameter::Number(to)) = (from, to)
        && from > to
    {
        return Err(ApiError::BlockRange);
    }
    if let BlockParameter::Number(to) = to
        && to > head
        && api.chain().pending().is_none_or(|open| open.number() < to)
    {
        return Err(ApiError::BlockRangeInFuture);
    }
    // A caller that asks from the next block on, up to `latest`, gets nothing rather than an error.
    let first = number(from, head);
    find_sealed(api, query, first, number(to, head).min(head))?;
    match open {
        Some(open) if first <= open.number() => query.add(&open),
        _ => Ok(()),
    }
}

/// The logs of sealed blocks, both ends included.
pub(crate) fn find_sealed(api: &Api, query: &mut Query<'_>, first: u64, last: u64) -> Answer<()> {
    let Some(distance) = last.checked_sub(first) else { return Ok(()) };
    let maximum = api.config.logs_range_max;
    if distance >= maximum {
        return Err(ApiError::RangeTooLarge { count: distance.saturating_add(1), maximum });
    }
    for number in first..=last {
        let Some(block) = api.chain().block(number)? else { break };
        query.add(&block)?;
    }
    Ok(())
}

/// The number that an end of a range stands for.
fn number(parameter: BlockParameter, head: u64) -> u64 {
    match parameter {
        BlockParameter::Number(number) => number,
        BlockParameter::Latest | BlockParameter::Hash(_) => head,
        BlockParameter::Pending => head.saturating_add(1),
        // Nothing is settled yet.
        BlockParameter::Earliest | BlockParameter::Safe | BlockParameter::Finalized => 0,
    }
}

/// A log query in progress, within the limits of the configuration.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    filter: &'a Filter,
    pub(crate) logs: Vec<LogJson>,
    /// At least what the logs so far have as JSON.
    bytes: usize,
    bytes_max: u32,
    count_max: usize,
    deadline: Deadline,
}

impl<'a> Query<'a> {
    pub(crate) fn new(filter: &'a Filter, config: &RpcConfig) -> Self {
        Self {
            filter,
            logs: Vec::new(),
            bytes: 0,
            bytes_max: config.response_bytes_max,
            count_max: config.logs_count_max,
            deadline: Deadline::new(config),
        }
    }

    /// Adds the logs of a block.
    pub(crate) fn add(&mut self, block: &Block) -> Answer<()> {
        self.deadline.check()?;
        for log in matching(self.filter, block) {
            // Two digits of each byte of data, which is what makes a log large.
            self.bytes = self.bytes.saturating_add(log.data_length() * 2);
            if self.bytes as u64 > u64::from(self.bytes_max) {
                return Err(ApiError::LogsTooLarge { maximum: self.bytes_max });
            }
            if self.logs.len() >= self.count_max {
                return Err(ApiError::TooManyLogs { maximum: self.count_max });
            }
            self.logs.push(log);
        }
        Ok(())
    }
}

/// The logs of a block that a filter wants, whatever block it names.
pub(crate) fn matching<'a>(
    filter: &'a Filter,
    block: &'a Block,
) -> impl Iterator<Item = LogJson> + Send + 'a {
    let is_hit = filter.matches_bloom(block.header.logs_bloom);
    let items = if is_hit { block.items.as_slice() } else { &[] };
    let place = Place::from(block);
    let items = items.iter().map(Arc::as_ref).zip(0..);
    items
        .filter(|(item, _)| !item.receipt.logs.is_empty())
        .filter(|(item, _)| filter.matches_bloom(item.receipt.bloom))
        .flat_map(move |(item, index)| {
            json::logs(item, &place, index, |log| {
                filter.matches_address(log.address) && filter.matches_topics(log.data.topics())
            })
        })
}

#[cfg(test)]
mod tests;
