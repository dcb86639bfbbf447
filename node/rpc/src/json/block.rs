//! Blocks and headers.

use alloy_primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth as rpc;
use minster_primitives::Encodable2718;
use minster_sequencer::Block;

use super::{Place, TransactionJson, mined};

/// A block with its transactions, whole or as hashes.
pub(crate) fn block(block: &Block, is_full: bool) -> rpc::Block<TransactionJson> {
    let transactions = if is_full {
        let place = Place::from(block);
        let items = block.items.iter().zip(0..);
        rpc::BlockTransactions::Full(
            items.map(|(item, index)| mined(item, &place, index)).collect(),
        )
    } else {
        let hashes = block.items.iter().map(|item| item.transaction.hash());
        rpc::BlockTransactions::Hashes(hashes.collect::<Vec<B256>>())
    };
    let size = Some(U256::from(rlp_size(block)));
    rpc::Block {
        header: rpc::Header { size, ..header(block) },
        uncles: Vec::new(),
        transactions,
        withdrawals: Some(Default::default()),
    }
}

/// A block's header, without the size of the block, as geth has it.
pub(crate) fn header(block: &Block) -> rpc::Header {
    rpc::Header {
        hash: block.hash,
        inner: block.header.clone(),
        total_difficulty: None,
        size: None,
    }
}

/// Bytes of the block's RLP.
fn rlp_size(block: &Block) -> usize {
    let payload = block.header.length()
        + alloy_rlp::Header { list: true, payload_length: transactions_length(block) }
            .length_with_payload()
        + 2 * EMPTY_LIST.len();
    alloy_rlp::Header { list: true, payload_length: payload }.length_with_payload()
}

/// The block's RLP: header, transactions, no ommers, no withdrawals.
pub(crate) fn block_rlp(block: &Block) -> Vec<u8> {
    let mut out = Vec::with_capacity(rlp_size(block));
    let transactions = transactions_length(block);
    let list = alloy_rlp::Header { list: true, payload_length: transactions };
    let payload_length = block.header.length() + list.length_with_payload() + 2 * EMPTY_LIST.len();
    alloy_rlp::Header { list: true, payload_length }.encode(&mut out);
    block.header.encode(&mut out);
    list.encode(&mut out);
    for item in &block.items {
        item.transaction.envelope().network_encode(&mut out);
    }
    out.extend([EMPTY_LIST, EMPTY_LIST].concat());
    out
}

/// RLP of a list of nothing.
const EMPTY_LIST: [u8; 1] = [alloy_rlp::EMPTY_LIST_CODE];

/// Bytes of the transactions in the block's RLP: a typed one is a string there, a legacy one a
/// list itself.
fn transactions_length(block: &Block) -> usize {
    block.items.iter().map(|item| item.transaction.envelope().network_len()).sum()
}
