//! Batches on disk, held against the blocks that they are of.

use minster_batch::Commitment;
use minster_os::batch::{RangeInput, execute_range};
use minster_params::Genesis;
use minster_sequencer::Verified;
use minster_storage::Storage;

use crate::{
    BatchHead, BatcherError, NativeCryptography,
    run::genesis_end,
    store::{Store, decode_exact},
};

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifiedBatches {
    /// Batches.
    pub batches: u64,
    /// Proofs that are here, each with its checksum. Whether they prove anything, `minster verify`
    /// says.
    pub proofs: u64,
    /// Inputs of batches that are not proven.
    pub inputs: u64,
    /// What is wrong; empty when nothing is.
    pub findings: Vec<String>,
}

/// Looks at all batches in a storage. `chain` is what was found of its blocks; a batch that ends
/// with a block that was pruned has nothing to be held against but the batches around it.
///
/// A commitment is held against the one before it and the last block's header. What else is in it
/// (pubdata, blobs, messages) comes out only when the batch is run again, which is done where its
/// input is still there; of the others their proofs speak. The cost of a batch and when it was
/// sealed are notes that nothing rests on.
///
/// # Errors
/// When the system fails to read, which says nothing about what is there.
pub fn verify(
    genesis: &Genesis,
    storage: &Storage,
    chain: &Verified,
) -> Result<VerifiedBatches, BatcherError> {
    let mut verified = VerifiedBatches::default();
    let looked = verified.look(genesis, storage, chain);
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
    ) -> Result<(), BatcherError> {
        let store = Store::open(storage)?;
        let (mut before, _) = genesis_end(genesis)?;
        let removed_through = store.removed_through()?;
        for batch in 1..=store.last() {
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
            match store.proof(batch) {
                Ok(Some(proof)) => {
                    self.proofs = self.proofs.saturating_add(1);
                    self.found(&what, proof.verify().map_err(Into::into))?;
                }
                Ok(None) if batch > removed_through => {
                    self.inputs = self.inputs.saturating_add(1);
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

    /// Runs a batch again, as its prover will.
    fn input(&mut self, store: &Store, head: &BatchHead) -> Result<(), BatcherError> {
        let batch = head.commitment.number;
        let document = store.input(batch)?;
        let unreadable = |reason: String| BatcherError::Record { batch, reason };
        let size = usize::try_from(document.size()).map_err(|e| unreadable(e.to_string()))?;
        let mut bytes = vec![0; size];
        document.read_at(0, &mut bytes)?;
        let input: RangeInput = decode_exact(&bytes).map_err(|e| unreadable(e.to_string()))?;
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
