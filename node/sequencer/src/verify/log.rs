//! The log, record by record: each slice names the one before it, each seal the next block, and
//! each snapshot a place between two blocks.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use alloy_primitives::{Address, B256};
use minster_primitives::{SenderRecovery, Signature, SliceHeader, Transaction};
use minster_recovery::Libsecp;
use minster_storage::Storage;

use super::Verified;
use crate::{
    SequencerError,
    block::Block,
    codec::{LogRecord, decode_record},
    snapshot::SnapshotHead,
};

/// A block as the log seals it.
#[derive(Debug)]
pub(super) struct Logged {
    hash: B256,
    /// Its slices, and the sequence of the last one; `None` when the log begins within it.
    slices: Option<(Vec<B256>, u64)>,
}

impl Logged {
    /// What of a block is not as the log has it.
    pub(super) fn wrong(&self, block: &Block) -> Option<&'static str> {
        if self.hash != block.hash {
            return Some("it is another one than the log seals");
        }
        let (hashes, version) = self.slices.as_ref()?;
        let is_same = (&block.slice_hashes, block.state_version) == (hashes, *version);
        (!is_same).then_some("its slices are not those of the log")
    }
}

/// What a log has said so far.
struct Log<'a> {
    /// Whose slices are to be there; anybody's, when it is empty.
    wanted: &'a [Address],
    signers: BTreeMap<Address, u64>,
    /// Sequence and hash of the last slice.
    slice: Option<(u64, B256)>,
    /// Number and hash of the last block.
    block: Option<(u64, B256)>,
    /// Slices of the open block, if the log has all of them.
    open: Option<Vec<B256>>,
    blocks: BTreeMap<u64, Logged>,
}

impl Verified {
    /// Reads the log; `snapshots` are by the sequence at which it takes over from each.
    pub(super) fn log(
        &mut self,
        storage: &Storage,
        signers: &[Address],
        snapshots: &BTreeMap<u64, SnapshotHead>,
    ) -> Result<BTreeMap<u64, Logged>, SequencerError> {
        let first = storage.wal.first_sequence();
        // A log from its beginning on continues genesis.
        let begin = (first == 0).then_some((0, B256::ZERO));
        let mut log = Log {
            wanted: signers,
            signers: BTreeMap::new(),
            slice: begin,
            block: None,
            open: begin.map(|_| Vec::new()),
            blocks: BTreeMap::new(),
        };
        let records = match storage.wal.replay(first) {
            Ok(records) => records,
            Err(error) => {
                self.found("the log", error.into())?;
                return Ok(BTreeMap::new());
            }
        };
        for record in records {
            let (sequence, bytes) = match record {
                Ok(record) => record,
                Err(error) => {
                    self.found("the log", error.into())?;
                    self.signers = log.signers;
                    return Ok(log.blocks);
                }
            };
            if let Some(head) = snapshots.get(&sequence) {
                self.findings.extend(log.pass(sequence, head));
            }
            self.log_records += 1;
            let wrong = match decode_record(&bytes) {
                Ok(LogRecord::Slice { header, signature, transactions }) => {
                    self.slices += 1;
                    log.slice(&header, &signature, &transactions)
                }
                Ok(LogRecord::Seal { number, hash }) => log.seal(number, hash),
                Err(error) => Some(error.to_string()),
            };
            let finding = wrong.map(|wrong| format!("record {sequence} of the log: {wrong}"));
            self.findings.extend(finding);
        }
        let next = storage.wal.next_sequence();
        if let Some(head) = snapshots.get(&next) {
            self.findings.extend(log.pass(next, head));
        }
        self.signers = log.signers;
        Ok(log.blocks)
    }
}

impl Log<'_> {
    /// Passes the place of a snapshot, and says what is wrong if it is not that.
    fn pass(&mut self, sequence: u64, head: &SnapshotHead) -> Option<String> {
        let slice = (head.slice_sequence, head.slice_hash);
        let block = (head.header.number, head.hash);
        let is_here = self.slice.is_none_or(|before| before == slice)
            && self.block.is_none_or(|before| before == block)
            && self.open.as_ref().is_none_or(Vec::is_empty);
        if !is_here {
            let number = head.header.number;
            return Some(format!(
                "snapshot {sequence}: the log does not stand after block {number} there"
            ));
        }
        (self.slice, self.block, self.open) = (Some(slice), Some(block), Some(Vec::new()));
        None
    }

    /// What is wrong with the next slice.
    fn slice(
        &mut self,
        header: &SliceHeader,
        signature: &Signature,
        transactions: &[Arc<Transaction>],
    ) -> Option<String> {
        let (hash, sequence) = (header.hash(), header.sequence);
        let before = self.slice.replace((sequence, hash));
        if let Some(open) = &mut self.open {
            open.push(hash);
        }
        let follows = before.is_none_or(|(last, parent)| {
            sequence.checked_sub(1) == Some(last) && header.parent == parent
        });
        if !follows {
            return Some(format!("slice {sequence} does not follow the one before it"));
        }
        let listed = SliceHeader::hash_transactions(transactions.iter().map(Arc::as_ref));
        if listed != header.transactions_hash {
            return Some(format!("slice {sequence} has other transactions than were signed"));
        }
        let Some(signer) = Libsecp.recover(SliceHeader::signing_hash(hash), signature) else {
            return Some(format!("slice {sequence} has a signature that is none"));
        };
        match self.signers.entry(signer) {
            Entry::Occupied(mut known) => *known.get_mut() += 1,
            Entry::Vacant(new) => drop(new.insert(1)),
        }
        let is_wanted = self.wanted.is_empty() || self.wanted.contains(&signer);
        (!is_wanted).then(|| format!("slice {sequence} is signed by {signer}"))
    }

    /// What is wrong with the seal of the open block.
    fn seal(&mut self, number: u64, hash: B256) -> Option<String> {
        let before = self.block.replace((number, hash));
        let version = self.slice.map_or(0, |(sequence, _)| sequence);
        let slices = self.open.replace(Vec::new()).map(|hashes| (hashes, version));
        self.blocks.insert(number, Logged { hash, slices });
        let follows = before.is_none_or(|(last, _)| number.checked_sub(1) == Some(last));
        (!follows).then(|| format!("it seals block {number}, which is not the next one"))
    }
}
