//! `debug_*`: encodings as consensus has them, and traces.

mod answer;
mod empty;
mod options;
mod steps;
pub(crate) mod trace;
pub(crate) mod watch;
mod wording;

use std::sync::Arc;

use alloy_primitives::{B256, Bytes};
use minster_primitives::Encodable2718;
use minster_sequencer::Block;

use crate::{
    api::Api, arguments::Arguments, block_parameter::BlockParameter, error::ApiError, json,
    methods::Answer,
};

/// Any block of the first argument, and the hash by which it was asked for.
type Asked = (Option<Arc<Block>>, Option<B256>);

/// The block of the first argument: tag, number or hash.
fn block(api: &Api, arguments: &Arguments<'_>) -> Answer<Asked> {
    let parameter: BlockParameter = arguments.required(0)?;
    let block = api.block(parameter)?;
    Ok(match parameter {
        BlockParameter::Hash(hash) => (block, Some(hash)),
        // geth looks for the hash of that one among the sealed blocks.
        BlockParameter::Pending => (None, block.map(|block| block.hash)),
        _ => (block, None),
    })
}

/// An encoding of a block. As on geth there is nothing of a number that no block has yet, and an
/// error for a hash that none has.
fn encoded(
    (block, hash): Asked,
    part: &'static str,
    encode: impl FnOnce(&Block) -> Vec<u8>,
) -> Answer<Bytes> {
    match (block, hash) {
        (Some(block), _) => Ok(encode(&block).into()),
        (None, Some(hash)) => Err(ApiError::UnknownHash { part, hash }),
        (None, None) => Ok(Bytes::new()),
    }
}

pub(crate) fn raw_header(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    encoded(block(api, arguments)?, "header", |block| alloy_rlp::encode(&block.header))
}

pub(crate) fn raw_block(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    encoded(block(api, arguments)?, "block", json::block_rlp)
}

/// Of a number that no block has yet null, of such a hash no receipts: again as on geth.
pub(crate) fn raw_receipts(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<Vec<Bytes>>> {
    let (block, hash) = block(api, arguments)?;
    let Some(block) = block else { return Ok(hash.map(|_| Vec::new())) };
    Ok(Some(block.items.iter().map(|item| item.receipt.encoded_2718().into()).collect()))
}

/// A sequencer seals no block that it then refuses.
pub(crate) fn bad_blocks(_: &Api, _: &Arguments<'_>) -> Answer<Vec<()>> {
    Ok(Vec::new())
}
