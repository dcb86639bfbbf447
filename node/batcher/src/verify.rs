//! Batches on disk, held against the blocks that they are of.

mod data;

use std::io;

use data::{Remade, Remaking};
use minster_batch::Commitment;
use minster_os::batch::{RangeClaim, RangeInput, execute_range, genesis_commitment};
use minster_params::Genesis;
use minster_sequencer::Verified;
use minster_storage::{Storage, document::Document};

use crate::{
    BatchHead, BatcherError, NativeCryptography,
    run::genesis_header_and_tree,
    store::{Store, decode_exact},
};

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifiedBatches {
    /// Batches.
    pub batches: u64,
    /// Of these, whose pubdata and blobs were made again from their blocks.
    pub remade: u64,
    /// Proofs that are here, each with its size and checksum.
    pub proofs: u64,
    /// Of these, which were verified again.
    pub proofs_verified: u64,
    /// Inputs of batches that are not proven.
    pub inputs: u64,
    /// What nobody here can say of a proof, and why.
    pub unverified: Vec<String>,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<String>,
}

/// Who has batches looked at; `()` wants nothing more than the findings.
pub trait Inspector {
    /// Hears which batch is looked at, of so many.
    fn batch(&mut self, number: u64, last: u64);

    /// Verifies a proof again, or does not.
    ///
    /// # Errors
    /// When it cannot be read.
    fn proof(&mut self, proof: &Document, claim: &RangeClaim) -> io::Result<Judgement>;
}

/// What an [`Inspector`] says of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It has not verified it.
    None,
    /// The proof shows what it has to.
    Proven,
    /// It may be right, and why that is not known.
    Unknown(String),
    /// Why not.
    Refused(String),
}

impl Inspector for () {
    fn batch(&mut self, _: u64, _: u64) {}

    fn proof(&mut self, _: &Document, _: &RangeClaim) -> io::Result<Judgement> {
        Ok(Judgement::None)
    }
}

/// Looks at all batches in a storage. `chain` is what was found of its blocks; of a batch with
/// blocks that were pruned there is nothing to be held against but the batches around it, and its
/// proof.
///
/// A commitment is held against the one before it, the last block's header, and the pubdata and
/// blobs that its blocks make when they are run again. The input of a batch that is not proven is
/// run as its prover will; a proof is held against its checksum, and verified when the inspector
/// does that. The cost of a batch and when it was sealed are notes that nothing rests on.
///
/// # Errors
/// When the system fails to read, which says nothing about what is there.
pub fn verify(
    genesis: &Genesis,
    storage: &Storage,
    chain: &Verified,
    inspector: &mut dyn Inspector,
) -> Result<VerifiedBatches, BatcherError> {
    let mut verified = VerifiedBatches::default();
    let looked = verified.look(genesis, storage, chain, inspector);
    verified.found("the batches", looked)?;
    Ok(verified)
}

impl VerifiedBatches {
    /// Notes what is wrong; a failure of the system is none of what is here.
    fn found(&mut self, what: &str, result: Result<(), BatcherError>) -> Result<(), BatcherError> {
        match result {
            Err(error) if error.is_failure() => Err(error),
            Err(error) => {
                self.findings.push(format!("{what}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn look(
        &mut self,
        genesis: &Genesis,
        storage: &Storage,
        chain: &Verified,
        inspector: &mut dyn Inspector,
    ) -> Result<(), BatcherError> {
        let store = Store::open(storage)?;
        let (header, tree) = genesis_header_and_tree(genesis)?;
        let mut before = genesis_commitment(&genesis.config, &header);
        let mut remaking = Some(Remaking::new(genesis, storage, header, tree));
        let removed_through = store.removed_through()?;
        for batch in 1..=store.last() {
            inspector.batch(batch, store.last());
            let head = store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
            let what = format!("batch {batch}");
            if !follows(&head.commitment, batch, &before) {
                self.findings.push(format!("{what} does not follow the one before it"));
            }
            if !ends_as_said(&head, chain) {
                let block = head.commitment.last_block;
                self.findings.push(format!("{what} ends with another block {block}"));
            }
            self.batches = self.batches.saturating_add(1);
            remaking = self.data(remaking, &head, &before)?;
            match store.proof(batch) {
                Ok(Some(proof)) => {
                    self.proofs = self.proofs.saturating_add(1);
                    let kept = self.proof(&head, &proof, inspector);
                    self.found(&what, kept)?;
                }
                Ok(None) if batch > removed_through => {
                    let ran = self.input(&store, &head);
                    self.found(&what, ran)?;
                }
                Ok(None) => {}
                Err(error) => self.found(&what, Err(error))?,
            }
            before = head.commitment;
        }
        Ok(())
    }

    /// Makes a batch's pubdata and blobs again, and compares. What cannot be made ends this for all
    /// batches after it.
    fn data<'a>(
        &mut self,
        remaking: Option<Remaking<'a>>,
        head: &BatchHead,
        before: &Commitment,
    ) -> Result<Option<Remaking<'a>>, BatcherError> {
        let Some(mut remaking) = remaking else { return Ok(None) };
        let batch = head.commitment.number;
        match remaking.next(head, before) {
            Ok(Remade::Whole(wrong)) => {
                self.remade = self.remade.saturating_add(1);
                let wrong = wrong.into_iter().map(|wrong| format!("batch {batch}: {wrong}"));
                self.findings.extend(wrong);
                Ok(Some(remaking))
            }
            Ok(Remade::BlocksMissing) => Ok(None),
            Err(error) => {
                self.found("a batch cannot be made again", Err(error))?;
                Ok(None)
            }
        }
    }

    /// Holds a proof against its checksum and, where somebody can, against what it has to say.
    fn proof(
        &mut self,
        head: &BatchHead,
        proof: &Document,
        inspector: &mut dyn Inspector,
    ) -> Result<(), BatcherError> {
        let batch = head.commitment.number;
        proof.verify()?;
        let judged = inspector.proof(proof, &head.claim());
        match judged.map_err(|source| BatcherError::ProofUnread { batch, source })? {
            Judgement::None => {}
            Judgement::Proven => self.proofs_verified = self.proofs_verified.saturating_add(1),
            Judgement::Unknown(reason) => self.unverified.push(format!("batch {batch}: {reason}")),
            Judgement::Refused(reason) => {
                self.findings.push(format!("batch {batch}: its proof does not prove it: {reason}"));
            }
        }
        Ok(())
    }

    /// Runs a batch again, as its prover will.
    fn input(&mut self, store: &Store, head: &BatchHead) -> Result<(), BatcherError> {
        let batch = head.commitment.number;
        let document = match store.input(batch) {
            Err(BatcherError::InputMissing { .. }) => {
                let finding = format!("batch {batch}: neither its proof nor its input is here");
                self.findings.push(finding);
                return Ok(());
            }
            document => document?,
        };
        self.inputs = self.inputs.saturating_add(1);
        let unreadable = |reason: String| BatcherError::Record { batch, reason };
        let size = usize::try_from(document.size()).map_err(|e| unreadable(e.to_string()))?;
        let mut bytes = vec![0; size];
        document.read_at(0, &mut bytes)?;
        let input = RangeInput::split_salt(&bytes).and_then(|(_, list)| decode_exact(list));
        let input: RangeInput = input.map_err(|e| unreadable(e.to_string()))?;
        let wrong = match execute_range(input, &NativeCryptography) {
            Ok(claim) if claim == head.claim() => return Ok(()),
            Ok(_) => "it makes another commitment".to_owned(),
            Err(error) => error.to_string(),
        };
        self.findings.push(format!("batch {batch}: its input cannot be proven: {wrong}"));
        Ok(())
    }
}

/// Whether a commitment continues the one before it.
fn follows(commitment: &Commitment, batch: u64, before: &Commitment) -> bool {
    let expected = Commitment {
        version: before.version,
        parent: before.hash(),
        l1_chain_id: before.l1_chain_id,
        l1_chain_address: before.l1_chain_address,
        chain_id: before.chain_id,
        config_hash: before.config_hash,
        number: batch,
        parent_block_hash: before.last_block_hash,
        first_block: before.last_block.saturating_add(1),
        old_state_root: before.new_state_root,
        inbox_index_before: before.inbox_index_after,
        inbox_hash_before: before.inbox_hash_after,
        ..commitment.clone()
    };
    expected == *commitment
}

/// Whether a batch ends with the block of the chain whose header it has.
fn ends_as_said(head: &BatchHead, chain: &Verified) -> bool {
    let BatchHead { commitment, header, .. } = head;
    let is_pruned = commitment.last_block < chain.first_block;
    let is_there = chain.block_hash(commitment.last_block) == Some(commitment.last_block_hash);
    let expected = Commitment {
        last_block_hash: header.hash_slow(),
        last_block: header.number,
        last_timestamp: header.timestamp,
        new_state_root: header.state_root,
        ..commitment.clone()
    };
    (is_pruned || is_there) && expected == *commitment
}
