//! A chain whose beginning was pruned: what is left is held against a snapshot instead of genesis.
//!
//! The newest snapshot's state, with what later blocks changed undone, is the state after the
//! oldest block that it leads back to; that block's header says whether it is. From there on blocks
//! are executed, as on a whole chain from genesis on. Blocks before it have no state any more: they
//! follow each other, and their transactions and receipts are those of their headers.

use std::{collections::BTreeMap, sync::Arc};

use minster_params::Genesis;
use minster_primitives::{Receipt, Transaction, receipts_root, transactions_root};
use minster_storage::Storage;

use super::{Executor, is_signed};
use crate::{
    Retention, SequencerError,
    block::Block,
    changes,
    codec::decode_block,
    producer::{Producer, SliceTip},
    sealer::Sealer,
    snapshot::{self, SnapshotHead},
    state::StateStore,
};

/// The block after which the oldest state is; `None` on a chain that has its genesis.
pub(super) fn oldest_state(storage: &Storage) -> Option<u64> {
    let first = storage.blocks.first().filter(|first| *first > 0)?;
    let changed = storage.changes.first().unwrap_or_default();
    Some(first.max(changed.saturating_sub(1)))
}

/// What executes the blocks after the oldest state, or why none can be.
pub(super) fn executor<'a>(
    genesis: &Genesis,
    storage: &'a Storage,
    snapshots: &BTreeMap<u64, SnapshotHead>,
    oldest: u64,
) -> Result<Result<Executor<'a>, String>, SequencerError> {
    let Some((sequence, head)) = snapshots.last_key_value() else {
        return Ok(Err("they do not begin with genesis, and no snapshot is right".into()));
    };
    let last = head.header.number;
    let Some(bytes) = storage.blocks.get(oldest)?.filter(|_| oldest <= last) else {
        return Ok(Err(format!("nothing leads from snapshot {sequence} to block {oldest}")));
    };
    let block = decode_block(&bytes)?;
    let undo = changes::undo(&storage.changes, last, oldest)?;
    let (_, mut state) = snapshot::read(storage.snapshots.load(*sequence)?)?;
    undo.rewind(&mut state);
    let version = block.state_version;
    let store = Arc::new(StateStore::new(Retention::default(), version, &state));
    let sealer = Sealer::new(Arc::clone(&store), &state, version)?;
    if sealer.root() != block.header.state_root {
        return Ok(Err(format!(
            "snapshot {sequence}, taken back to block {oldest}, has not that block's state root"
        )));
    }
    let tip = SliceTip { sequence: version, hash: Default::default() };
    let Block { header, hash, .. } = block;
    let producer = Producer::new(genesis.config.clone(), Arc::clone(&store), header, hash, tip);
    store.push_block_hash(oldest, hash);
    let (number, genesis_hash) = (oldest, Default::default());
    Ok(Ok(Executor { storage, store, producer, sealer, hash, number, version, genesis_hash }))
}

/// What is wrong with a block that cannot be executed, whose parent is `before`.
pub(super) fn wrong(block: &Block, before: Option<&Block>) -> Option<&'static str> {
    if block.header.hash_slow() != block.hash {
        return Some("its hash is not that of its header");
    }
    let follows = before.is_none_or(|before| {
        let next = before.number().saturating_add(1);
        (block.number(), block.header.parent_hash) == (next, before.hash)
    });
    if !follows {
        return Some("it does not follow the one before it");
    }
    let transactions: Vec<&Transaction> =
        block.items.iter().map(|item| item.transaction.as_ref()).collect();
    if transactions_root(&transactions) != block.header.transactions_root {
        return Some("its transactions are not those of its header");
    }
    let receipts: Vec<&Receipt> = block.items.iter().map(|item| &item.receipt).collect();
    if receipts_root(&receipts) != block.header.receipts_root {
        return Some("its receipts are not those of its header");
    }
    let is_right = transactions.iter().all(|transaction| is_signed(transaction));
    (!is_right).then_some("the sender of a transaction did not sign it")
}
