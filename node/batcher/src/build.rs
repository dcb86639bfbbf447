//! From blocks to what the guest reads.

use minster_batch::{BlobError, Commitment};
use minster_blobs::{KzgError, blobs_of, versioned_hash};
use minster_os::batch::{
    BatchError, BatchInput, BlockInput, Codes, TreeOracle, execute_batch, run_blocks,
};
use minster_params::ChainConfig;
use minster_primitives::{Address, B256, Bytes, Header};
use minster_state::{Tree, TreeError, TreeKey};
use thiserror::Error;

use crate::NativeCryptography;

/// The chain at the end of a batch.
#[derive(Debug, Clone)]
pub struct Base {
    /// The batch's commitment.
    pub commitment: Commitment,
    /// Header of its last block.
    pub header: Header,
    /// The state after it.
    pub tree: Tree,
}

/// A batch that the guest accepts.
#[derive(Debug, Clone)]
pub struct Built {
    /// What the guest reads of it.
    pub input: BatchInput,
    /// The pubdata, which its blobs hold.
    pub pubdata: Vec<u8>,
    /// The chain after it.
    pub end: Base,
}

/// Why blocks did not become a batch.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The blocks are not what the rules allow; of sealed blocks a bug.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The pubdata fits no batch: there are too many blocks.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A commitment to a blob could not be made.
    #[error(transparent)]
    Kzg(#[from] KzgError),
    /// The tree lacks something.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The run over the witness came to something else than the run over the whole tree.
    #[error("the batch has block {whole} over the whole state, and {witness} over its witness")]
    Diverged {
        /// Hash of the last block over the whole tree.
        whole: B256,
        /// The same over the witness.
        witness: B256,
    },
}

/// Makes a batch of the blocks that follow `base`.
///
/// # Errors
/// When the pubdata is too long for one batch, or the blocks are none.
pub fn build(
    config: &ChainConfig,
    base: &Base,
    blocks: Vec<BlockInput>,
    codes: impl Codes,
    fee_recipient: Address,
) -> Result<Built, BuildError> {
    let cryptography = NativeCryptography;
    let mut oracle = TreeOracle::new(base.tree.clone(), codes);
    let run = run_blocks(config, &base.header, &blocks, &mut oracle, &cryptography)?;
    let pubdata = run.pubdata(&base.tree)?;
    let hashes = blobs_of(&pubdata)?.iter().map(versioned_hash).collect::<Result<_, _>>()?;
    let reads: Vec<TreeKey> = oracle.reads().collect();
    let witness = base.tree.witness_for(&reads, &run.updates)?;
    let codes: Vec<Bytes> = oracle.used_codes().map(|(_, code)| code.original_bytes()).collect();
    let input = BatchInput {
        blocks,
        codes,
        witness: witness.encode().into(),
        versioned_hashes: hashes,
        fee_recipient,
    };
    let copy = input.clone();
    let (commitment, header) =
        execute_batch(config, &base.commitment, &base.header, copy, &cryptography)?;
    let (whole, witness) = (run.header.hash_slow(), header.hash_slow());
    if whole != witness {
        return Err(BuildError::Diverged { whole, witness });
    }
    Ok(Built { input, pubdata, end: Base { commitment, header, tree: oracle.tree } })
}
