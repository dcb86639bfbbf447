//! Blocks.

use std::sync::Arc;

use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth as rpc;
use minster_sequencer::Block;

use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::{BlockParameter, BlockTag},
    json::{self, ReceiptJson, TransactionJson},
    methods::Answer,
    read::Index,
};

/// Number of the last sealed block.
pub(crate) fn block_number(api: &Api, _: &Arguments<'_>) -> Answer<U64> {
    Ok(U64::from(api.chain().latest().number()))
}

/// The block of the first argument, a tag or number.
fn numbered(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<Arc<Block>>> {
    let BlockTag(parameter) = arguments.required(0)?;
    api.block(parameter)
}

/// The block of the first argument, a hash.
fn hashed(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<Arc<Block>>> {
    let hash: B256 = arguments.required(0)?;
    api.block(BlockParameter::Hash(hash))
}

type BlockJson = rpc::Block<TransactionJson>;

pub(crate) fn by_number(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<BlockJson>> {
    let BlockTag(parameter) = arguments.required(0)?;
    let is_full = arguments.required(1)?;
    Ok(api.block(parameter)?.map(|block| json::block(&block, is_full)))
}

pub(crate) fn by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<BlockJson>> {
    let (hash, is_full): (B256, bool) = (arguments.required(0)?, arguments.required(1)?);
    Ok(api.block(BlockParameter::Hash(hash))?.map(|block| json::block(&block, is_full)))
}

pub(crate) fn header_by_number(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Option<rpc::Header>> {
    Ok(numbered(api, arguments)?.map(|block| json::header(&block)))
}

pub(crate) fn header_by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<rpc::Header>> {
    Ok(hashed(api, arguments)?.map(|block| json::header(&block)))
}

/// By tag, number or hash.
pub(crate) fn receipts(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<Vec<ReceiptJson>>> {
    let block = api.block(arguments.required(0)?)?;
    Ok(block.map(|block| json::receipts(&block)))
}

pub(crate) fn transaction_count_by_number(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Option<U64>> {
    Ok(numbered(api, arguments)?.map(|block| U64::from(block.items.len())))
}

pub(crate) fn transaction_count_by_hash(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Option<U64>> {
    Ok(hashed(api, arguments)?.map(|block| U64::from(block.items.len())))
}

pub(crate) fn uncle_count_by_number(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<U64>> {
    Ok(numbered(api, arguments)?.map(|_| U64::ZERO))
}

pub(crate) fn uncle_count_by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<Option<U64>> {
    Ok(hashed(api, arguments)?.map(|_| U64::ZERO))
}

/// Arguments `[number or tag, index]`. No block has uncles.
pub(crate) fn uncle_by_number(api: &Api, arguments: &Arguments<'_>) -> Answer<()> {
    let BlockTag(parameter) = arguments.required(0)?;
    let Index(_) = arguments.required(1)?;
    api.block(parameter).map(|_| ())
}

/// Arguments `[hash, index]`.
pub(crate) fn uncle_by_hash(api: &Api, arguments: &Arguments<'_>) -> Answer<()> {
    let hash: B256 = arguments.required(0)?;
    let Index(_) = arguments.required(1)?;
    api.block(BlockParameter::Hash(hash)).map(|_| ())
}
