//! Slices: what the sequencer signs every few milliseconds (spec/blocks-and-slices.md).

use alloc::vec::Vec;

use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{B256, Keccak256, keccak256};
use alloy_rlp::{Encodable, RlpDecodable, RlpEncodable};

use crate::{Receipt, Transaction};

/// Separates slice signatures from every other use of the sequencer's key.
const SIGNING_DOMAIN: &[u8] = b"\x19Minster slice v1\n";

/// The signed part of a slice. Slices form one chain through all blocks: `parent` is the hash of
/// the slice before, whichever block it was in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct SliceHeader {
    /// Chain the slice belongs to.
    pub chain_id: u64,
    /// Height in the chain of slices; the first slice is 1.
    pub sequence: u64,
    /// Hash of the slice before; zero for the first.
    pub parent: B256,
    /// Block that the slice extends.
    pub block_number: u64,
    /// Timestamp of that block, in seconds.
    pub block_timestamp: u64,
    /// Index in the block of the slice's first transaction.
    pub first_transaction_index: u64,
    /// keccak256 over the transactions' encodings, each after its length in 8 bytes big-endian.
    pub transactions_hash: B256,
    /// The same over the receipts' encodings.
    pub receipts_hash: B256,
}

impl SliceHeader {
    /// The slice's hash: keccak256 of its RLP.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut out = Vec::with_capacity(self.length());
        self.encode(&mut out);
        keccak256(out)
    }

    /// What the sequencer signs for a slice with this hash.
    #[must_use]
    pub fn signing_hash(hash: B256) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(SIGNING_DOMAIN);
        hasher.update(hash);
        hasher.finalize()
    }

    /// `transactions_hash` of these transactions.
    #[must_use]
    pub fn hash_transactions<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> B256 {
        hash_list(transactions.map(Transaction::envelope))
    }

    /// `receipts_hash` of these receipts.
    #[must_use]
    pub fn hash_receipts<'a>(receipts: impl Iterator<Item = &'a Receipt>) -> B256 {
        hash_list(receipts)
    }
}

fn hash_list<'a, T: Encodable2718 + 'a>(items: impl Iterator<Item = &'a T>) -> B256 {
    let mut hasher = Keccak256::new();
    let mut buffer = Vec::new();
    for item in items {
        buffer.clear();
        item.encode_2718(&mut buffer);
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        hasher.update(length.to_be_bytes());
        hasher.update(&buffer);
    }
    hasher.finalize()
}
