//! `evm_*`: the clock and the block button of a development chain.

use std::time::{Duration, Instant};

use alloy_primitives::U64;
use minster_sequencer::DevControls;

use crate::{api::Api, arguments::Arguments, error::ApiError, methods::Answer, quantity::Quantity};

/// Argument `[timestamp]`, which may be left out. Answers when the block is sealed.
pub(crate) fn mine(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let controls = controls(api, "evm_mine")?;
    if let Some(Quantity(timestamp)) = arguments.optional(0)? {
        set_next_timestamp(api, controls, timestamp)?;
    }
    let chain = api.chain();
    let head = chain.latest().number();
    controls.mine();
    let timeout_ms = api.config.call_timeout_ms;
    let deadline = Instant::now() + Duration::from_millis(timeout_ms);
    while chain.wait_past(head, deadline.saturating_duration_since(Instant::now())) <= head {
        if Instant::now() >= deadline {
            return Err(ApiError::Timeout { timeout_ms });
        }
    }
    Ok(U64::ZERO)
}

/// Argument `[seconds]`. Answers how far ahead the clock is now, in seconds.
pub(crate) fn increase_time(api: &Api, arguments: &Arguments<'_>) -> Answer<u64> {
    let controls = controls(api, "evm_increaseTime")?;
    let Quantity(seconds) = arguments.required(0)?;
    Ok(controls.increase_time(seconds)?)
}

/// Argument `[timestamp]` in seconds, of the next block.
pub(crate) fn set_next_block_timestamp(api: &Api, arguments: &Arguments<'_>) -> Answer<()> {
    let controls = controls(api, "evm_setNextBlockTimestamp")?;
    let Quantity(timestamp) = arguments.required(0)?;
    set_next_timestamp(api, controls, timestamp)
}

fn set_next_timestamp(api: &Api, controls: &DevControls, timestamp: u64) -> Answer<()> {
    let chain = api.chain();
    let last = chain.pending().unwrap_or_else(|| chain.latest());
    Ok(controls.set_next_timestamp(timestamp, last.header.timestamp)?)
}

fn controls<'a>(api: &'a Api, method: &str) -> Answer<&'a DevControls> {
    let controls = api.sequencer.dev_controls();
    controls.ok_or_else(|| ApiError::DevelopmentOnly { name: method.to_owned() })
}
