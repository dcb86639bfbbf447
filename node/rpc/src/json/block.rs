//! Blocks and headers.

use alloy_primitives::{B256, U256};
use alloy_rlp::{Encodable, length_of_length};
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
    rpc::Block {
        header: header(block),
        uncles: Vec::new(),
        transactions,
        withdrawals: Some(Default::default()),
    }
}

/// A block's header.
pub(crate) fn header(block: &Block) -> rpc::Header {
    rpc::Header {
        hash: block.hash,
        inner: block.header.clone(),
        total_difficulty: None,
        size: Some(U256::from(rlp_size(block))),
    }
}

/// Bytes of the block's RLP: header, transactions, no ommers, no withdrawals.
fn rlp_size(block: &Block) -> usize {
    const EMPTY_LIST: usize = 1;
    let transactions: usize = block
        .items
        .iter()
        .map(|item| {
            let envelope = item.transaction.envelope();
            let length = envelope.encode_2718_len();
            // A typed transaction is a string in the list; a legacy one is a list itself.
            if item.receipt.tx_type == 0 { length } else { length + length_of_length(length) }
        })
        .sum();
    let payload = block.header.length()
        + transactions
        + length_of_length(transactions)
        + EMPTY_LIST
        + EMPTY_LIST;
    payload + length_of_length(payload)
}
