//! What the batch guest reads (spec/batches.md, BA-8).

use alloc::vec::Vec;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes};
use alloy_rlp::{Encodable, RlpDecodable, RlpEncodable};
use minster_batch::Commitment;
use minster_params::ChainConfig;

/// A run of batches after one that is known by its commitment.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct RangeInput {
    /// The chain's parameters; the parent commits to their hash.
    pub config: ChainConfig,
    /// The batch before the first.
    pub parent: Commitment,
    /// The header of its last block.
    pub parent_header: Header,
    /// The batches, in order.
    pub batches: Vec<BatchInput>,
}

/// Random bytes before the list (BA-8): the guest's hash tables have their keys from them, so that
/// nobody who sends a transaction can choose names that collide. They decide nothing else.
pub type Salt = [u8; 32];

impl RangeInput {
    /// What the guest reads.
    #[must_use]
    pub fn salted(&self, salt: &Salt) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(salt.len().saturating_add(self.length()));
        bytes.extend_from_slice(salt);
        self.encode(&mut bytes);
        bytes
    }

    /// Takes apart what the guest reads: the salt, and the bytes of the list.
    ///
    /// # Errors
    /// When it ends within the salt.
    pub fn split_salt(bytes: &[u8]) -> Result<(&Salt, &[u8]), alloy_rlp::Error> {
        bytes.split_first_chunk().ok_or(alloy_rlp::Error::InputTooShort)
    }
}

/// One batch, and the part of the state that it touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct BatchInput {
    /// Its blocks, in order; at least one.
    pub blocks: Vec<BlockInput>,
    /// The codes that run and were there before, in any order.
    pub codes: Vec<Bytes>,
    /// The witness of the state tree, encoded.
    pub witness: Bytes,
    /// Versioned hashes of the blobs that hold the pubdata. L1 and whoever verifies compare them
    /// with the data; the guest evaluates what they name.
    pub versioned_hashes: Vec<B256>,
    /// Who is paid for Inbox entries.
    pub fee_recipient: Address,
}

/// What of a block cannot be computed. The L1 origin is missing because there is no L1 yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct BlockInput {
    /// Timestamp in seconds.
    pub timestamp: u64,
    /// Transactions in their network form.
    pub transactions: Vec<Bytes>,
}
