//! Batches on disk, held against the blocks that they are of.

use minster_params::Genesis;
use minster_primitives::B256;
use minster_storage::Storage;

use crate::{BatcherError, run::genesis_end, store::Store};

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

/// Looks at all batches in a storage. `blocks` are the hashes of the chain's blocks by number.
pub fn verify(genesis: &Genesis, storage: &Storage, blocks: &[B256]) -> VerifiedBatches {
    let mut verified = VerifiedBatches::default();
    if let Err(error) = verified.look(genesis, storage, blocks) {
        verified.findings.push(error.to_string());
    }
    verified
}

impl VerifiedBatches {
    fn look(
        &mut self,
        genesis: &Genesis,
        storage: &Storage,
        blocks: &[B256],
    ) -> Result<(), BatcherError> {
        let store = Store::open(storage)?;
        let (mut before, _) = genesis_end(genesis)?;
        let removed_through = store.removed_through()?;
        for batch in 1..=store.last() {
            let head = store.head(batch)?.ok_or(BatcherError::BatchMissing { batch })?;
            let commitment = &head.commitment;
            let block = usize::try_from(commitment.last_block).ok().and_then(|n| blocks.get(n));
            let follows = commitment.number == batch
                && commitment.parent == before.hash()
                && commitment.first_block == before.last_block.saturating_add(1);
            let is_of_chain = block == Some(&commitment.last_block_hash)
                && head.header.hash_slow() == commitment.last_block_hash;
            if !follows {
                self.findings.push(format!("batch {batch} does not follow the one before it"));
            }
            if !is_of_chain {
                let block = commitment.last_block;
                self.findings.push(format!("batch {batch} ends with another block {block}"));
            }
            self.batches = self.batches.saturating_add(1);
            before = head.commitment;
            if let Some(proof) = store.proof(batch)? {
                self.proofs = self.proofs.saturating_add(1);
                self.findings.extend(proof.verify().err().map(|error| error.to_string()));
            } else if batch > removed_through {
                self.inputs = self.inputs.saturating_add(1);
                self.findings.extend(store.input(batch).err().map(|error| error.to_string()));
            }
        }
        Ok(())
    }
}
