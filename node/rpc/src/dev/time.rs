//! `evm_*`: the clock and the block button of a development chain.

use std::time::{Duration, Instant};

use alloy_primitives::U64;
use minster_sequencer::{ControlError, DevControls, Obeyed};

use crate::{api::Api, arguments::Arguments, error::ApiError, methods::Answer, read::Count};

/// Argument `[timestamp]`, which may be left out. The block has what the pool holds; the answer
/// comes when it is sealed.
pub(crate) fn mine(api: &Api, arguments: &Arguments<'_>) -> Answer<U64> {
    let timestamp = arguments.optional(0)?.map(|Count(timestamp)| timestamp);
    obeyed(api, "evm_mine", |controls, wait| controls.mine(timestamp, wait))?;
    Ok(U64::ZERO)
}

/// Argument `[seconds]`. Answers how far ahead the clock is now, in seconds.
pub(crate) fn increase_time(api: &Api, arguments: &Arguments<'_>) -> Answer<u64> {
    let Count(seconds) = arguments.required(0)?;
    let increase = |controls: &DevControls, wait| controls.increase_time(seconds, wait);
    Ok(obeyed(api, "evm_increaseTime", increase)?.ahead_seconds)
}

/// Argument `[timestamp]` in seconds, of the next block.
pub(crate) fn set_next_block_timestamp(api: &Api, arguments: &Arguments<'_>) -> Answer<()> {
    let Count(timestamp) = arguments.required(0)?;
    let set = |controls: &DevControls, wait| controls.set_next_timestamp(timestamp, wait);
    obeyed(api, "evm_setNextBlockTimestamp", set).map(|_| ())
}

/// Has the sequencer do something, and waits until what it did can be seen.
fn obeyed(
    api: &Api,
    method: &str,
    order: impl FnOnce(&DevControls, Duration) -> Result<Obeyed, ControlError>,
) -> Answer<Obeyed> {
    let controls = api.sequencer.dev_controls();
    let controls = controls.ok_or_else(|| ApiError::DevelopmentOnly { name: method.to_owned() })?;
    let timeout_ms = api.config.call_timeout_ms;
    let wait = Duration::from_millis(timeout_ms);
    let started = Instant::now();
    let obeyed = order(controls, wait).map_err(|error| match error {
        ControlError::NotYet => ApiError::Timeout { timeout_ms },
        error => ApiError::Control(error),
    })?;
    if api.chain().wait_for_block(obeyed.block, wait.saturating_sub(started.elapsed())) {
        Ok(obeyed)
    } else {
        Err(ApiError::Timeout { timeout_ms })
    }
}
