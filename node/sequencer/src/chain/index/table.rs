//! The part of the index that is in memory.

use alloy_primitives::{B256, map::HashMap};

use super::Place;
use crate::block::Block;

/// The places of the newest blocks, and of the open one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    first: u64,
    /// The last sealed block.
    last: Option<(u64, B256)>,
    transactions: HashMap<B256, Place>,
    /// Block hashes and slice hashes.
    blocks: HashMap<B256, u64>,
}

impl Recent {
    /// An empty one for the blocks from this one on.
    pub(super) fn from_block(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// The first block that it is about.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// The last sealed block in it.
    pub(super) fn last(&self) -> Option<u64> {
        self.last.map(|(number, _)| number)
    }

    /// Its hash.
    pub(super) fn last_hash(&self) -> B256 {
        self.last.map(|(_, hash)| hash).unwrap_or_default()
    }

    pub(super) fn transaction(&self, hash: &B256) -> Option<Place> {
        self.transactions.get(hash).copied()
    }

    pub(super) fn block(&self, hash: &B256) -> Option<u64> {
        self.blocks.get(hash).copied()
    }

    pub(super) fn add_transaction(&mut self, hash: B256, place: Place) {
        self.transactions.insert(hash, place);
    }

    pub(super) fn add_block(&mut self, block: &Block) {
        for hash in std::iter::once(&block.hash).chain(&block.slice_hashes) {
            self.blocks.insert(*hash, block.number());
        }
        self.last = Some((block.number(), block.hash));
    }

    /// How many hashes.
    pub(super) fn entries(&self) -> usize {
        self.transactions.len() + self.blocks.len()
    }

    /// How many transactions.
    pub(super) fn count(&self) -> usize {
        self.transactions.len()
    }

    pub(super) fn transactions(&self) -> impl Iterator<Item = (B256, Place)> + '_ {
        self.transactions.iter().map(|(hash, place)| (*hash, *place))
    }

    /// Blocks and slices; a block is a place without an index.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (B256, Place)> + '_ {
        self.blocks.iter().map(|(hash, block)| (*hash, Place { block: *block, index: 0 }))
    }
}
