//! `eth_getLogs`, and the search that it shares with subscriptions and installed filters.

mod criteria;
mod filter;

use minster_sequencer::Block;

pub(crate) use self::criteria::Criteria;
use self::{criteria::check_range, filter::Blocks};
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

/// Logs and transactions that are looked at in one piece of a block.
const PIECE_STEPS: usize = 1 << 10;

/// About how much memory the logs of a piece take; the last one may be larger.
const PIECE_BYTES: usize = 64 << 10;

/// About how much memory a log takes beside its data.
const LOG_BYTES: usize = 512;

pub(crate) fn get_logs(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<LogJson>> {
    find(api, &Criteria::new(arguments.required(0)?, &api.config)?)
}

/// The logs that are asked for.
pub(crate) fn find(api: &Api, criteria: &Criteria) -> Answer<Vec<LogJson>> {
    let mut query = Query::new(criteria, &api.config);
    match criteria.blocks() {
        Blocks::Hash(hash) => {
            let block = api.block(BlockParameter::Hash(hash))?.ok_or(ApiError::UnknownBlock)?;
            query.add(&block)?;
        }
        Blocks::Range { from, to } => find_in_range(api, &mut query, from, to)?,
    }
    Ok(query.logs)
}

fn find_in_range(
    api: &Api,
    query: &mut Query<'_>,
    from: BlockParameter,
    to: BlockParameter,
) -> Answer<()> {
    // Taken first: when the block is sealed meanwhile, its logs are in here and not below. Whoever
    // names it by its number has that from a receipt.
    let open = match to {
        BlockParameter::Pending => api.chain().pending(),
        BlockParameter::Number(to) => api.chain().pending().filter(|open| open.number() == to),
        _ => None,
    };
    let head = match &open {
        Some(open) => open.number().saturating_sub(1),
        None => api.chain().latest().number(),
    };
    check_range(from, to)?;
    let oldest = api.chain().oldest_block();
    let (first, last) = (number(from, oldest, head), number(to, oldest, head));
    if open.is_none() && matches!(to, BlockParameter::Number(_)) && last > head {
        return Err(ApiError::BlockRangeInFuture);
    }
    // A caller that asks from the next block on, up to `latest`, gets nothing rather than an error.
    let is_next = first == head.saturating_add(1) && matches!(to, BlockParameter::Latest);
    if first > last && !is_next {
        return Err(ApiError::BlockRange);
    }
    find_sealed(api, query, first, last.min(head))?;
    match open {
        Some(open) if first <= open.number() => query.add(&open),
        _ => Ok(()),
    }
}

/// The logs of sealed blocks, both ends included.
pub(crate) fn find_sealed(api: &Api, query: &mut Query<'_>, first: u64, last: u64) -> Answer<()> {
    let Some(distance) = last.checked_sub(first) else { return Ok(()) };
    // Before the range is too long: who shortens it hears from where on. Genesis has no logs,
    // whether it is asked for or not.
    api.chain().refuse_pruned(first.max(1).min(last))?;
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
fn number(parameter: BlockParameter, oldest: u64, head: u64) -> u64 {
    match parameter {
        BlockParameter::Number(number) => number,
        BlockParameter::Latest | BlockParameter::Hash(_) => head,
        BlockParameter::Pending => head.saturating_add(1),
        BlockParameter::Earliest => oldest,
        // Nothing is settled yet.
        BlockParameter::Safe | BlockParameter::Finalized => 0,
    }
}

/// A log query in progress, within the limits of the configuration.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    criteria: &'a Criteria,
    pub(crate) logs: Vec<LogJson>,
    /// At least what the logs so far have as JSON.
    bytes: usize,
    bytes_max: u32,
    count_max: usize,
    deadline: Deadline,
}

impl<'a> Query<'a> {
    pub(crate) fn new(criteria: &'a Criteria, config: &RpcConfig) -> Self {
        Self {
            criteria,
            logs: Vec::new(),
            bytes: 0,
            bytes_max: config.response_bytes_max,
            count_max: config.logs_count_max,
            deadline: Deadline::new(config),
        }
    }

    /// Adds the logs of a block.
    pub(crate) fn add(&mut self, block: &Block) -> Answer<()> {
        let mut next = Some(Cursor::default());
        while let Some(cursor) = next {
            self.deadline.check()?;
            let piece = look(self.criteria, block, cursor);
            next = piece.next;
            for log in piece.logs {
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
        }
        Ok(())
    }
}

/// A place in a block: a transaction, and one of its logs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cursor {
    transaction: usize,
    log: usize,
}

/// What was found in a part of a block.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) logs: Vec<LogJson>,
    /// Where to look next; `None` at the end of the block.
    pub(crate) next: Option<Cursor>,
}

/// Looks for the logs of a block from some place on, whatever block the filter names. It looks at
/// so much at a time that a thread may do it beside other things.
pub(crate) fn look(criteria: &Criteria, block: &Block, mut cursor: Cursor) -> Piece {
    let mut piece = Piece::default();
    if !criteria.may_be_in(&block.header.logs_bloom) {
        return piece;
    }
    let place = Place::from(block);
    let (mut steps, mut bytes) = (0, 0);
    while let Some(item) = block.items.get(cursor.transaction) {
        let logs = item.receipt.logs.as_slice();
        let is_wanted = cursor.log > 0 || criteria.may_be_in(item.receipt.bloom());
        if let Some(log) = logs.get(cursor.log).filter(|_| is_wanted) {
            if criteria.match_log(log) {
                let index = (cursor.transaction as u64, item.first_log_index + cursor.log as u64);
                piece.logs.push(json::log(log, item, &place, index));
                bytes += LOG_BYTES + log.data.data.len();
            }
            cursor.log += 1;
        } else {
            cursor = Cursor { transaction: cursor.transaction + 1, log: 0 };
        }
        steps += 1;
        if steps == PIECE_STEPS || bytes >= PIECE_BYTES {
            piece.next = Some(cursor);
            break;
        }
    }
    piece
}

#[cfg(test)]
mod tests;
