//! From hashes to places. Spread over locks, so that neither a table that grows nor one that
//! shrinks keeps the thread that publishes for long.

use alloy_primitives::{B256, map::HashMap};
use parking_lot::RwLock;

use crate::block::Block;

const SHARD_COUNT: usize = 64;

/// A table is made smaller when it has room for so many times what is in it, and for more than
/// [`ROOM_MIN`].
const ROOM_FACTOR: usize = 4;

/// Room that no table gives back.
const ROOM_MIN: usize = 1_024;

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u64,
    pub(super) index: u64,
}

#[derive(Debug, Default)]
struct Shard {
    transactions: HashMap<B256, Place>,
    /// Block hashes and slice hashes.
    blocks: HashMap<B256, u64>,
}

/// The places of all transactions and blocks that are kept.
#[derive(Debug)]
pub(super) struct Index {
    shards: Vec<RwLock<Shard>>,
}

impl Default for Index {
    fn default() -> Self {
        Self { shards: (0..SHARD_COUNT).map(|_| RwLock::default()).collect() }
    }
}

impl Index {
    fn shard(&self, hash: &B256) -> &RwLock<Shard> {
        &self.shards[usize::from(hash.0[31]) % SHARD_COUNT]
    }

    pub(super) fn transaction(&self, hash: &B256) -> Option<Place> {
        self.shard(hash).read().transactions.get(hash).copied()
    }

    pub(super) fn block(&self, hash: &B256) -> Option<u64> {
        self.shard(hash).read().blocks.get(hash).copied()
    }

    pub(super) fn add_transaction(&self, hash: B256, place: Place) {
        self.shard(&hash).write().transactions.insert(hash, place);
    }

    /// Enters a sealed block under its hash and those of its slices.
    pub(super) fn add_block(&self, block: &Block) {
        for hash in hashes(block) {
            self.shard(hash).write().blocks.insert(*hash, block.number());
        }
    }

    /// Forgets a sealed block and its transactions.
    pub(super) fn forget(&self, block: &Block) {
        for hash in hashes(block) {
            self.shard(hash).write().blocks.remove(hash);
        }
        for item in &block.items {
            let hash = item.transaction.hash();
            self.shard(&hash).write().transactions.remove(&hash);
        }
    }

    /// Gives memory back that was needed for more than is there now.
    pub(super) fn shrink(&self) {
        for shard in &self.shards {
            let mut shard = shard.write();
            let Shard { transactions, blocks } = &mut *shard;
            if let Some(room) = room_wanted(transactions.len(), transactions.capacity()) {
                transactions.shrink_to(room);
            }
            if let Some(room) = room_wanted(blocks.len(), blocks.capacity()) {
                blocks.shrink_to(room);
            }
        }
    }

    /// How many transactions and how many hashes of blocks and slices it has.
    pub(super) fn counts(&self) -> (usize, usize) {
        let count = |shard: &RwLock<Shard>| {
            let shard = shard.read();
            (shard.transactions.len(), shard.blocks.len())
        };
        self.shards.iter().map(count).fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    }
}

fn hashes(block: &Block) -> impl Iterator<Item = &B256> {
    std::iter::once(&block.hash).chain(&block.slice_hashes)
}

/// The room that a table should have, when it has far too much.
fn room_wanted(len: usize, capacity: usize) -> Option<usize> {
    let is_too_large = capacity > ROOM_MIN && capacity / ROOM_FACTOR > len;
    is_too_large.then(|| (len * 2).max(ROOM_MIN / 2))
}
