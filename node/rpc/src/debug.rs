//! `debug_*`: encodings as consensus has them, and traces.

mod answer;
mod empty;
mod options;
pub(crate) mod trace;
pub(crate) mod watch;
mod wording;

use alloy_primitives::Bytes;
use alloy_rlp::Encodable;
use minster_primitives::Encodable2718;
use minster_sequencer::Block;

use crate::{
    api::Api, arguments::Arguments, block_parameter::BlockParameter, error::ApiError, json,
    methods::Answer,
};

/// Any block of the first argument: tag, number or hash.
fn block(api: &Api, arguments: &Arguments<'_>) -> Answer<std::sync::Arc<Block>> {
    let parameter: BlockParameter = arguments.required(0)?;
    api.block(parameter)?.ok_or(ApiError::HeaderNotFound)
}

pub(crate) fn raw_header(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let block = block(api, arguments)?;
    let mut out = Vec::with_capacity(block.header.length());
    block.header.encode(&mut out);
    Ok(out.into())
}

pub(crate) fn raw_block(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    Ok(json::block_rlp(&*block(api, arguments)?).into())
}

pub(crate) fn raw_receipts(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<Bytes>> {
    let block = block(api, arguments)?;
    Ok(block.items.iter().map(|item| item.receipt.encoded_2718().into()).collect())
}

/// A sequencer seals no block that it then refuses.
pub(crate) fn bad_blocks(_: &Api, _: &Arguments<'_>) -> Answer<Vec<()>> {
    Ok(Vec::new())
}
