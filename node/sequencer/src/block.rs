//! Blocks and slices as the node holds them.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use minster_evm::BlockContext;
use minster_keccak::{hash_all, ordered_root};
use minster_os::{Executed, seal};
use minster_primitives::{
    Bloom, Encodable2718, Header, Receipt, Signature, SliceHeader, StateDiff, Transaction,
};

/// One transaction in its place in a block.
#[derive(Debug, Clone)]
pub struct Item {
    /// The transaction.
    pub transaction: Arc<Transaction>,
    /// Its receipt.
    pub receipt: Receipt,
    /// Gas it used, in contrast to the receipt's running sum.
    pub gas_used: u64,
    /// The contract it created.
    pub created: Option<Address>,
    /// Proving cost in cycle-equivalents.
    pub cycles: u64,
    /// Index in the block of its first log.
    pub first_log_index: u64,
}

impl Item {
    /// Joins a transaction with what it did.
    #[must_use]
    pub fn new(transaction: Arc<Transaction>, executed: Executed, first_log_index: u64) -> Self {
        let Executed { receipt, execution } = executed;
        Self {
            transaction,
            receipt,
            gas_used: execution.gas_used,
            created: execution.created,
            cycles: execution.cycles,
            first_log_index,
        }
    }
}

/// The header over items in their order: as [`seal`] makes it, with the hashes of the tries made
/// many at a time.
pub(crate) fn seal_items(context: &BlockContext, items: &[Arc<Item>], state_root: B256) -> Header {
    let transactions_root = ordered_root(items.len(), |index, out| {
        items[index].transaction.envelope().encode_2718(out);
    });
    let mut logs_bloom = Bloom::ZERO;
    for item in items.iter().filter(|item| !item.receipt.logs.is_empty()) {
        logs_bloom.accrue_bloom(item.receipt.bloom());
    }
    Header {
        receipts_root: ordered_root(items.len(), |index, out| {
            items[index].receipt.encode_2718(out);
        }),
        logs_bloom,
        gas_used: items.last().map_or(0, |item| item.receipt.cumulative_gas_used),
        ..seal(context, transactions_root, &[], state_root)
    }
}

/// `transactions_hash` and `receipts_hash` of a slice's header.
pub(crate) fn slice_hashes(items: &[Arc<Item>]) -> [B256; 2] {
    let mut texts = [Vec::new(), Vec::new()];
    let [transactions, receipts] = &mut texts;
    for item in items {
        write_with_length(item.transaction.envelope(), transactions);
        write_with_length(&item.receipt, receipts);
    }
    let hashes = hash_all(&texts);
    [hashes[0], hashes[1]]
}

/// Appends an encoding after its length in 8 bytes.
fn write_with_length(item: &impl Encodable2718, out: &mut Vec<u8>) {
    let length = item.encode_2718_len() as u64;
    out.extend_from_slice(&length.to_be_bytes());
    item.encode_2718(out);
}

/// A block: sealed, or the open one so far.
#[derive(Debug, Clone)]
pub struct Block {
    /// The header. Of an open block the state root is zero and the other roots are those of the
    /// block so far.
    pub header: Header,
    /// The header's hash; of an open block the hash of its last slice.
    pub hash: B256,
    /// Whether more transactions may follow.
    pub is_open: bool,
    /// Transactions in order.
    pub items: Vec<Arc<Item>>,
    /// Hashes of its slices, in order; each is an alias of the block's hash.
    pub slice_hashes: Vec<B256>,
    /// Version of the state after the block: the sequence of its last slice.
    pub state_version: u64,
}

impl Block {
    /// Block number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.header.number
    }
}

/// A slice: executed, signed and, once anybody sees it, durable.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The signed header.
    pub header: SliceHeader,
    /// The header's hash.
    pub hash: B256,
    /// The sequencer's signature over [`SliceHeader::signing_hash`].
    pub signature: Signature,
    /// Its transactions in order.
    pub items: Vec<Arc<Item>>,
    /// What it changed, the block's opening writes included in a block's first slice.
    pub diff: Arc<StateDiff>,
}

/// Where a transaction is.
#[derive(Debug, Clone)]
pub struct Located {
    /// The transaction and what it did.
    pub item: Arc<Item>,
    /// Index in the block.
    pub index: u64,
    /// Block number.
    pub block_number: u64,
    /// Hash of the sealed block, or of the slice while the block is open.
    pub block_hash: B256,
    /// Timestamp of the block in seconds.
    pub block_timestamp: u64,
    /// Base fee of the block in wei per gas.
    pub base_fee: u64,
    /// Whether the block is sealed.
    pub is_sealed: bool,
}

#[cfg(test)]
mod tests;
