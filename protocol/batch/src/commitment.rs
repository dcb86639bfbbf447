//! The commitment of a batch (spec/batches.md, BA-2 to BA-5).

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_rlp::{RlpDecodable, RlpEncodable};

/// Version of the protocol that a batch follows: the rules of execution, of commitments and of
/// pubdata.
pub const PROTOCOL_VERSION: u64 = 1;

/// A blob of a batch, and its value at the point where the proof and L1 meet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct BlobOpening {
    /// Versioned hash of its KZG commitment (EIP-4844).
    pub versioned_hash: B256,
    /// The point, derived from the versioned hash and the hash of the pubdata.
    pub point: U256,
    /// The value there of the polynomial that the blob is.
    pub value: U256,
}

/// Everything about a batch that L1 has to know, and its parent's commitment.
#[derive(Debug, Clone, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Commitment {
    /// [`PROTOCOL_VERSION`].
    pub version: u64,
    /// Hash of the parent's commitment; zero for genesis.
    pub parent: B256,
    /// Chain id of L1; 0 without one.
    pub l1_chain_id: u64,
    /// Address of the chain's contract on L1; zero without one.
    pub l1_chain_address: Address,
    /// Chain id.
    pub chain_id: u64,
    /// Hash of the chain config.
    pub config_hash: B256,
    /// Number of the batch; 0 is genesis.
    pub number: u64,
    /// Hash of the parent's last block.
    pub parent_block_hash: B256,
    /// Hash of the last block.
    pub last_block_hash: B256,
    /// Number of the first block.
    pub first_block: u64,
    /// Number of the last block.
    pub last_block: u64,
    /// Timestamp of the first block in seconds.
    pub first_timestamp: u64,
    /// Timestamp of the last block in seconds.
    pub last_timestamp: u64,
    /// Root of the state before the batch.
    pub old_state_root: B256,
    /// Root of the state after it.
    pub new_state_root: B256,
    /// Number of the last block's L1 origin.
    pub l1_origin_number: u64,
    /// Hash of the last block's L1 origin.
    pub l1_origin_hash: B256,
    /// Entries of the Inbox processed before the batch.
    pub inbox_index_before: u64,
    /// Rolling hash of these entries.
    pub inbox_hash_before: B256,
    /// Entries of the Inbox processed after the batch.
    pub inbox_index_after: u64,
    /// Rolling hash of these entries.
    pub inbox_hash_after: B256,
    /// Messages to L1 in the batch.
    pub message_count: u64,
    /// Root of the tree of these messages; zero without any.
    pub message_root: B256,
    /// Interop root that the batch imported; zero without one.
    pub interop_root: B256,
    /// Where the pubdata is: 0 = state diffs in blobs.
    pub data_mode: u64,
    /// Bytes of pubdata.
    pub pubdata_length: u64,
    /// keccak256 of the pubdata.
    pub pubdata_hash: B256,
    /// The blobs that hold the pubdata, in order.
    pub blobs: Vec<BlobOpening>,
    /// Who is paid for the batch's Inbox entries on L1.
    pub fee_recipient: Address,
}

impl Commitment {
    /// The commitment: keccak256 of its words (BA-2).
    #[must_use]
    pub fn hash(&self) -> B256 {
        self.words().digest()
    }

    /// The fields in order, each as a word of 32 bytes big-endian; in place of the blobs keccak256
    /// of their fields written the same way (BA-3).
    fn words(&self) -> Words {
        let mut blobs = Words::default();
        for blob in &self.blobs {
            blobs.hash(blob.versioned_hash);
            blobs.hash(blob.point.into());
            blobs.hash(blob.value.into());
        }
        let mut words = Words::default();
        words.number(self.version);
        words.hash(self.parent);
        words.number(self.l1_chain_id);
        words.hash(self.l1_chain_address.into_word());
        words.number(self.chain_id);
        words.hash(self.config_hash);
        words.number(self.number);
        words.hash(self.parent_block_hash);
        words.hash(self.last_block_hash);
        words.number(self.first_block);
        words.number(self.last_block);
        words.number(self.first_timestamp);
        words.number(self.last_timestamp);
        words.hash(self.old_state_root);
        words.hash(self.new_state_root);
        words.number(self.l1_origin_number);
        words.hash(self.l1_origin_hash);
        words.number(self.inbox_index_before);
        words.hash(self.inbox_hash_before);
        words.number(self.inbox_index_after);
        words.hash(self.inbox_hash_after);
        words.number(self.message_count);
        words.hash(self.message_root);
        words.hash(self.interop_root);
        words.number(self.data_mode);
        words.number(self.pubdata_length);
        words.hash(self.pubdata_hash);
        words.hash(blobs.digest());
        words.hash(self.fee_recipient.into_word());
        words
    }
}

/// Words of 32 bytes, as Solidity's `abi.encode` lays out values of static types.
#[derive(Default)]
struct Words(Vec<u8>);

impl Words {
    fn number(&mut self, value: u64) {
        self.hash(U256::from(value).into());
    }

    fn hash(&mut self, value: B256) {
        self.0.extend_from_slice(value.as_slice());
    }

    fn digest(&self) -> B256 {
        keccak256(&self.0)
    }
}

#[cfg(test)]
mod tests;
