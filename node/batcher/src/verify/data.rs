//! The data of batches, made again from the chain's blocks.
//!
//! Neither pubdata nor blobs are kept: who needs them makes them from the blocks, and the
//! commitment says what has to come out. So a commitment is held against blocks that were found
//! right, and nothing of it is believed, also where the batch was proven long ago and its input is
//! gone.

use std::collections::BTreeMap;

use minster_batch::{Commitment, pubdata, unpack};
use minster_blobs::{Blob, blobs_of, versioned_hash};
use minster_os::batch::{
    BATCH_BLOCKS_MAX, BatchError, BatchInput, BlockInput, Codes, Cryptography, Run, TreeOracle,
    run_blocks,
};
use minster_params::Genesis;
use minster_primitives::{B256, Bytes, Header};
use minster_sequencer::stored_block;
use minster_state::Tree;
use minster_storage::Storage;

use crate::{BatcherError, BuildError, NativeCryptography, run::block_input, store::BatchHead};

type Arithmetic = <NativeCryptography as Cryptography>::Arithmetic;

/// The chain at the end of the last batch that was made again.
pub(super) struct Remaking<'a> {
    genesis: &'a Genesis,
    storage: &'a Storage,
    header: Header,
    tree: Tree,
    /// All codes that there are.
    codes: BTreeMap<B256, Bytes>,
}

/// What a batch came to when it was made again.
pub(super) enum Remade {
    /// What is wrong with its commitment; nothing, when it is empty.
    Whole(Vec<String>),
    /// Its blocks are not there: the chain itself says so, and nothing after it can be made.
    BlocksMissing,
}

/// Codes of a whole chain.
struct AllCodes<'a>(&'a BTreeMap<B256, Bytes>);

impl Codes for AllCodes<'_> {
    fn code(&mut self, code_hash: B256) -> Option<Bytes> {
        self.0.get(&code_hash).cloned()
    }
}

impl<'a> Remaking<'a> {
    /// At genesis, of which these are the header and the state.
    pub(super) fn new(
        genesis: &'a Genesis,
        storage: &'a Storage,
        header: Header,
        tree: Tree,
    ) -> Self {
        Self { genesis, storage, header, tree, codes: genesis.state().codes }
    }

    /// Makes the next batch again, whose end and choices are those of its head, and compares.
    pub(super) fn next(
        &mut self,
        head: &BatchHead,
        before: &Commitment,
    ) -> Result<Remade, BatcherError> {
        let commitment = &head.commitment;
        let Some(blocks) = self.blocks(commitment.last_block)? else {
            return Ok(Remade::BlocksMissing);
        };
        let failed = |source: BuildError| BatcherError::Build {
            batch: commitment.number,
            source: Box::new(source),
        };
        let (run, tree) = self.run(&blocks).map_err(|error| failed(error.into()))?;
        let (blobs, made) = self.data(&run, before, commitment).map_err(failed)?;
        let mut wrong = compare(commitment, &made);
        if !self.is_enough(&blobs, made.pubdata_length, &run, &tree).map_err(failed)? {
            wrong.push("its blobs do not lead to its last block".to_owned());
        }
        (self.header, self.tree) = (run.header, tree);
        self.codes.extend(run.codes);
        Ok(Remade::Whole(wrong))
    }

    /// The blocks after the last batch, up to this one; no more than show that they are too many.
    fn blocks(&self, last: u64) -> Result<Option<Vec<BlockInput>>, BatcherError> {
        let first = self.header.number.saturating_add(1);
        let numbers = (first..=last).take(BATCH_BLOCKS_MAX.saturating_add(1));
        let read = |number| -> Result<Option<BlockInput>, BatcherError> {
            Ok(stored_block(self.storage, number)?.as_ref().map(block_input))
        };
        numbers.map(read).collect()
    }

    fn run(&self, blocks: &[BlockInput]) -> Result<(Run, Tree), BatchError> {
        let mut oracle = TreeOracle::new(self.tree.clone(), AllCodes(&self.codes));
        let config = &self.genesis.config;
        let run = run_blocks(config, &self.header, blocks, &mut oracle, &NativeCryptography)?;
        Ok((run, oracle.tree))
    }

    /// The blobs with the pubdata, and the commitment to both.
    fn data(
        &self,
        run: &Run,
        before: &Commitment,
        commitment: &Commitment,
    ) -> Result<(Vec<Blob>, Commitment), BuildError> {
        let bytes = run.pubdata(&self.tree)?;
        let blobs = blobs_of(&bytes)?;
        let versioned_hashes = blobs.iter().map(versioned_hash).collect::<Result<_, _>>()?;
        // Who is paid is the operator's choice.
        let fee_recipient = commitment.fee_recipient;
        let input = BatchInput { versioned_hashes, fee_recipient, ..BatchInput::default() };
        let made = run.commitment::<Arithmetic>(before, &bytes, &input)?;
        Ok((blobs, made))
    }

    /// Whether who has the state before and the blobs alone has the state after, and the header: a
    /// node that follows L1 has nothing else.
    fn is_enough(
        &self,
        blobs: &[Blob],
        pubdata_length: u64,
        run: &Run,
        after: &Tree,
    ) -> Result<bool, BuildError> {
        let blobs: Vec<_> = blobs.iter().map(Blob::as_bytes).collect();
        let bytes = unpack(&blobs, pubdata_length)?;
        let decoded = pubdata::decode(&self.tree, &bytes).map_err(BatchError::from)?;
        let updates: Vec<_> = decoded.updates.into_iter().collect();
        let mut tree = self.tree.clone();
        tree.update(&updates)?;
        let header = Bytes::from(alloy_rlp::encode(&run.header));
        Ok(tree.root() == after.root() && decoded.header == header)
    }
}

/// What a commitment says of its batch, held against what was made again. That it follows the one
/// before it, and ends with its block, is looked at elsewhere.
fn compare(said: &Commitment, made: &Commitment) -> Vec<String> {
    let mut wrong = Vec::new();
    let (length, hash) = (made.pubdata_length, made.pubdata_hash);
    let (said_length, said_hash) = (said.pubdata_length, said.pubdata_hash);
    if (length, hash) != (said_length, said_hash) {
        wrong.push(format!(
            "its blocks make {length} bytes of pubdata ({hash}), and its commitment says \
             {said_length} ({said_hash})"
        ));
    }
    let (count, said_count) = (made.blobs.len(), said.blobs.len());
    if count != said_count {
        wrong.push(format!("its pubdata fills {count} blobs, and its commitment has {said_count}"));
    }
    for (index, (said, made)) in said.blobs.iter().zip(&made.blobs).enumerate() {
        if said.versioned_hash != made.versioned_hash {
            let (hash, said) = (made.versioned_hash, said.versioned_hash);
            wrong.push(format!("its blob {index} is {hash}, and its commitment says {said}"));
        } else if said != made {
            wrong.push(format!("its commitment opens its blob {index} wrongly"));
        }
    }
    let others = [
        ("version", said.version == made.version),
        ("first timestamp", said.first_timestamp == made.first_timestamp),
        (
            "L1 origin",
            (said.l1_origin_number, said.l1_origin_hash)
                == (made.l1_origin_number, made.l1_origin_hash),
        ),
        (
            "inbox",
            (said.inbox_index_after, said.inbox_hash_after)
                == (made.inbox_index_after, made.inbox_hash_after),
        ),
        (
            "message root",
            (said.message_count, said.message_root) == (made.message_count, made.message_root),
        ),
        ("interop root", said.interop_root == made.interop_root),
        ("data mode", said.data_mode == made.data_mode),
    ];
    let wrong_others = others.into_iter().filter(|(_, is_right)| !is_right);
    wrong.extend(wrong_others.map(|(what, _)| format!("its commitment has another {what}")));
    wrong
}
