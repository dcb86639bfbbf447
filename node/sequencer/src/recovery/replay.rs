//! The log since the snapshot, executed again. What reads it, what executes it and what seals run
//! beside each other, as they do in the live node.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use alloy_primitives::B256;
use minster_evm::BlockContext;
use minster_primitives::{Header, Signature, SliceHeader, Transaction};
use minster_state::Tree;
use minster_storage::{Result as StorageResult, Storage};

use super::{Replay, TreeAt, expect_equal, last_of_batch, mismatch};
use crate::{
    SequencerError,
    block::Slice,
    chain::Chain,
    codec::{LogRecord, decode_record, encode, encode_block},
    producer::{ExecutedSlice, Producer},
    sealer::{SealedBlock, Sealer},
};

/// Records that are read before they are executed.
const RECORDS_AHEAD: usize = 16;

/// Slices that are executed before the tree has them.
const SLICES_AHEAD: usize = 64;

/// What was executed.
enum Executed {
    Slice(Box<ExecutedSlice>, Signature),
    /// The open block has ended, and was sealed with this number and hash.
    Block(Arc<BlockContext>, u64, B256),
}

/// Another thread is gone, and says why.
struct Disconnected;

type Parent = (Header, B256);

impl Replay<'_> {
    /// Executes the log from this record on.
    pub(super) fn run(&mut self, wal_sequence: u64) -> Result<(), SequencerError> {
        let Self { storage, chain, producer, sealer, wanted, .. } = self;
        let records = storage.wal.replay(wal_sequence)?;
        let sealing = Sealing { storage, chain, sealer, wanted: *wanted, batch_tree: None };
        let (executed, batch_tree) = thread::scope(|scope| {
            let (read, reading) = sync_channel(RECORDS_AHEAD);
            let (done, executing) = sync_channel(SLICES_AHEAD);
            let (headers, parents) = sync_channel(1);
            scope.spawn(move || read_all(records, &read));
            let sealing = scope.spawn(move || sealing.run(executing, &headers));
            let executed = execute(producer, reading, &done, &parents);
            drop((done, parents));
            (executed, sealing.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        // What the execution noticed is its own failure, or the end of what seals.
        if let Ok(transactions) = executed? {
            self.transactions = transactions;
        }
        if let Some(tree) = batch_tree? {
            self.batch_tree = Some(tree);
        }
        Ok(())
    }
}

/// Decodes the records, until one does not.
fn read_all(
    records: impl Iterator<Item = StorageResult<(u64, Vec<u8>)>>,
    read: &SyncSender<Result<LogRecord, SequencerError>>,
) {
    for record in records {
        let record = record.map_err(SequencerError::from);
        let decoded = record.and_then(|(_, bytes)| decode_record(&bytes));
        let is_last = decoded.is_err();
        if read.send(decoded).is_err() || is_last {
            break;
        }
    }
}

/// Executes the records. Returns how many transactions they had.
fn execute(
    producer: &mut Producer,
    records: Receiver<Result<LogRecord, SequencerError>>,
    done: &SyncSender<Executed>,
    parents: &Receiver<Parent>,
) -> Result<Result<u64, Disconnected>, SequencerError> {
    let mut count = 0;
    for record in records {
        match record? {
            LogRecord::Slice { header, signature, transactions } => {
                count += transactions.len() as u64;
                let slice = execute_slice(producer, &header, transactions)?;
                if done.send(Executed::Slice(Box::new(slice), signature)).is_err() {
                    return Ok(Err(Disconnected));
                }
            }
            LogRecord::Seal { number, hash } => {
                let Some(context) = producer.end_block() else {
                    return Err(mismatch(format!("block {number}"), hash, B256::ZERO));
                };
                if done.send(Executed::Block(context, number, hash)).is_err() {
                    return Ok(Err(Disconnected));
                }
                let Ok((header, hash)) = parents.recv() else { return Ok(Err(Disconnected)) };
                producer.set_parent(header, hash);
            }
        }
    }
    Ok(Ok(count))
}

fn execute_slice(
    producer: &mut Producer,
    header: &SliceHeader,
    transactions: Vec<Arc<Transaction>>,
) -> Result<ExecutedSlice, SequencerError> {
    if !producer.is_open() {
        producer.begin_block(header.block_timestamp)?;
    }
    for transaction in transactions {
        let hash = transaction.hash();
        if producer.execute(transaction)?.is_err() {
            return Err(mismatch(format!("transaction {hash}"), hash, B256::ZERO));
        }
    }
    let what = || format!("slice {}", header.sequence);
    let Some(executed) = producer.close_slice() else {
        return Err(mismatch(what(), header.hash(), B256::ZERO));
    };
    expect_equal(what(), header.hash(), executed.hash)?;
    Ok(executed)
}

/// Brings what was executed into the tree, the archives and the chain.
struct Sealing<'a> {
    storage: &'a Storage,
    chain: &'a Chain,
    sealer: &'a mut Sealer,
    wanted: Option<TreeAt>,
    batch_tree: Option<Tree>,
}

impl Sealing<'_> {
    /// Runs until there is no more. Returns the wanted tree.
    fn run(
        mut self,
        executed: Receiver<Executed>,
        headers: &SyncSender<Parent>,
    ) -> Result<Option<Tree>, SequencerError> {
        for executed in executed {
            match executed {
                Executed::Slice(executed, signature) => {
                    self.sealer.add_slice(&executed)?;
                    let ExecutedSlice { header, hash, items, diff, context } = *executed;
                    let slice = Slice { header, hash, signature, items, diff };
                    self.chain.publish_slice(&context, Arc::new(slice));
                }
                Executed::Block(context, number, hash) => {
                    let sealed = self.sealer.seal(&context)?;
                    let found = sealed.block.hash;
                    expect_equal(format!("block {number}"), hash, found)?;
                    if headers.send((sealed.block.header.clone(), found)).is_err() {
                        break;
                    }
                    self.keep(sealed)?;
                }
            }
        }
        Ok(self.batch_tree)
    }

    fn keep(&mut self, sealed: SealedBlock) -> Result<(), SequencerError> {
        let SealedBlock { block, changes, tree } = sealed;
        let number = block.number();
        self.sealer.forget_old_trees();
        if let Some(wanted) = self.wanted.filter(|wanted| wanted.block == number) {
            expect_equal(last_of_batch(number), wanted.hash, block.hash)?;
            self.batch_tree = Some(tree.clone());
        }
        self.storage.blocks.append(number, &encode_block(&block))?;
        self.storage.changes.append(number, &encode(&changes))?;
        self.chain.publish_block(block, tree);
        Ok(())
    }
}
