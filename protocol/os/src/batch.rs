//! Batches: a run of blocks over a witness, and its commitment (spec/batches.md, clauses `BA-n`).
//!
//! The same code makes the witness on a node and checks it in the guest: blocks run over a
//! [`TreeOracle`], whole on the one and partial in the other.

mod input;
mod oracle;

use alloc::{borrow::Cow, collections::BTreeMap, vec, vec::Vec};

use alloy_consensus::Header;
use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable;
use minster_batch::{
    BlobError, Commitment, ModularArithmetic, PROTOCOL_VERSION, openings,
    pubdata::{self, PubdataError},
};
use minster_evm::{EvmEnvironment, L1Origin};
use minster_params::{ChainConfig, ChainConfigError};
use minster_primitives::{
    Receipt, SenderRecovery, Transaction, TransactionError, encoded_transactions_root,
};
use minster_state::{Blake3, Tree, TreeError, TreeKey, WitnessError, keys};
use thiserror::Error;

pub use input::{BatchInput, BlockInput, RangeInput, Salt};
pub use oracle::{CodeMap, Codes, TreeOracle, TreeOracleError};

use crate::{BlockError, TreeUpdateError, block_context, execute_block, seal, tree_updates};

/// Blocks in one batch at most (BA-1): bounds what a batch costs beside its transactions.
pub const BATCH_BLOCKS_MAX: usize = 1_024;

/// What the batch guest has precompiles for, and the node libraries.
pub trait Cryptography: SenderRecovery {
    /// Hashes of the state tree.
    type Blake3: Blake3 + Send + Sync + 'static;
    /// Arithmetic of the blobs' field.
    type Arithmetic: ModularArithmetic;

    /// Ends the life of what nobody needs any more, at the end of a range. Memory need not be given
    /// back where the program ends with the range.
    fn discard<T>(value: T) {
        drop(value);
    }
}

/// Why a batch has no commitment.
#[derive(Debug, Error)]
pub enum BatchError {
    /// A range without batches proves nothing.
    #[error("the range has no batch")]
    EmptyRange,
    /// The chain config is out of range, whatever its hash.
    #[error("chain config: {0}")]
    Config(#[from] ChainConfigError),
    /// The input does not continue the parent.
    #[error("the {what} is not the one that the parent commits to")]
    NotTheParents {
        /// What differs.
        what: &'static str,
    },
    /// A batch has from one to [`BATCH_BLOCKS_MAX`] blocks.
    #[error("the batch has {count} blocks; it must have from 1 to {BATCH_BLOCKS_MAX}")]
    BlockCount {
        /// How many.
        count: usize,
    },
    /// The witness is not one of the parent's state.
    #[error("witness: {0}")]
    Witness(#[from] WitnessError),
    /// The witness or the codes hold what no block asked for.
    #[error("the witness holds a {what} that nothing needs")]
    Superfluous {
        /// What is too much.
        what: &'static str,
    },
    /// Timestamps strictly increase.
    #[error("block {number} has timestamp {timestamp}, its parent {parent}")]
    Timestamp {
        /// The block.
        number: u64,
        /// Its timestamp in seconds.
        timestamp: u64,
        /// Its parent's.
        parent: u64,
    },
    /// A transaction is none.
    #[error("transaction {index} of block {number}: {source}")]
    Transaction {
        /// The block.
        number: u64,
        /// Index in the block.
        index: usize,
        /// Why.
        source: TransactionError,
    },
    /// Only the Inbox makes deposits, and there is none without an L1.
    #[error("transaction {index} of block {number} is a deposit, and the chain has no Inbox")]
    Deposit {
        /// The block.
        number: u64,
        /// Index in the block.
        index: usize,
    },
    /// A block may not be as it is, or the witness does not show what it needs.
    #[error("block {number}: {source}")]
    Block {
        /// The block.
        number: u64,
        /// Why.
        source: BlockError<TreeOracleError>,
    },
    /// A diff does not become leaves.
    #[error(transparent)]
    TreeUpdate(#[from] TreeUpdateError),
    /// The witness does not show what an update or the pubdata needs.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The blobs are not those of the pubdata.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The pubdata cannot be made.
    #[error(transparent)]
    Pubdata(#[from] PubdataError),
}

/// What running a batch came to.
#[derive(Debug)]
pub struct Run {
    /// Header of the last block.
    pub header: Header,
    /// Timestamp of the first block.
    pub first_timestamp: u64,
    /// What each block wrote into the tree.
    pub updates: Vec<Vec<(TreeKey, B256)>>,
    /// Codes that were published for the first time, by hash.
    pub codes: BTreeMap<B256, Bytes>,
}

/// Runs the blocks of a batch after the block with this header.
///
/// # Errors
/// When a block is not one that the rules allow, or the oracle does not answer.
pub fn run_blocks<X: Cryptography, C: Codes>(
    config: &ChainConfig,
    parent: &Header,
    blocks: &[BlockInput],
    oracle: &mut TreeOracle<X::Blake3, C>,
    cryptography: &X,
) -> Result<Run, BatchError> {
    let count = blocks.len();
    let first = blocks.first().filter(|_| count <= BATCH_BLOCKS_MAX);
    let first_timestamp = first.ok_or(BatchError::BlockCount { count })?.timestamp;
    let mut run = Run {
        header: parent.clone(),
        first_timestamp,
        updates: Vec::with_capacity(count),
        codes: BTreeMap::new(),
    };
    for block in blocks {
        let (number, timestamp) = (run.header.number.saturating_add(1), block.timestamp);
        if timestamp <= run.header.timestamp {
            let parent = run.header.timestamp;
            return Err(BatchError::Timestamp { number, timestamp, parent });
        }
        let hash = run.header.hash_slow();
        oracle.begin_block(run.header.number, hash);
        let context = block_context(config, &run.header, hash, timestamp, L1Origin::default());
        let transactions = decode(number, &block.transactions, cryptography)?;
        let environment = EvmEnvironment::new(&mut *oracle);
        let output = execute_block(environment, &context, &transactions)
            .map_err(|source| BatchError::Block { number, source })?;
        let updates = tree_updates(&output.diff, &oracle.tree)?;
        for (code_hash, code) in output.diff.codes {
            let mark = keys::published_code_key::<X::Blake3>(code_hash);
            if oracle.tree.leaf(&mark)?.is_none() {
                run.codes.insert(code_hash, code.clone());
            }
            oracle.learn(code_hash, code);
        }
        oracle.tree.update(&updates)?;
        run.updates.push(updates);
        let receipts: Vec<&Receipt> = output.receipts.iter().collect();
        // What was decoded is what a transaction's network form is, and no other bytes are.
        let transactions_root = encoded_transactions_root(&block.transactions);
        run.header = seal(&context, transactions_root, &receipts, oracle.tree.root());
    }
    Ok(run)
}

fn decode(
    number: u64,
    transactions: &[Bytes],
    recovery: &impl SenderRecovery,
) -> Result<Vec<Transaction>, BatchError> {
    let mut decoded = Vec::with_capacity(transactions.len());
    for (index, bytes) in transactions.iter().enumerate() {
        // A transaction is large, and moved once.
        match Transaction::decode(bytes, recovery) {
            Ok(transaction) if transaction.is_deposit() => {
                return Err(BatchError::Deposit { number, index });
            }
            Ok(transaction) => decoded.push(transaction),
            Err(source) => return Err(BatchError::Transaction { number, index, source }),
        }
    }
    Ok(decoded)
}

impl Run {
    /// The final value of every leaf that the batch wrote, in the order of keys.
    #[must_use]
    pub fn final_updates(&self) -> Cow<'_, [(TreeKey, B256)]> {
        match self.updates.as_slice() {
            // As a block's are.
            [only] => Cow::Borrowed(only),
            blocks => {
                let last: BTreeMap<TreeKey, B256> = blocks.iter().flatten().copied().collect();
                last.into_iter().collect()
            }
        }
    }

    /// The pubdata, for whoever has the state before the batch.
    ///
    /// # Errors
    /// When the tree is partial and does not show what was written.
    pub fn pubdata<H: Blake3>(&self, old: &Tree<H>) -> Result<Vec<u8>, BatchError> {
        let codes: Vec<Bytes> = self.codes.values().cloned().collect();
        let mut header = Vec::with_capacity(self.header.length());
        self.header.encode(&mut header);
        Ok(pubdata::encode(old, &self.final_updates(), &codes, &[], &header)?)
    }

    /// The commitment of the batch.
    ///
    /// # Errors
    /// When another number of blobs is named than the pubdata takes.
    pub fn commitment<A: ModularArithmetic>(
        &self,
        parent: &Commitment,
        pubdata: &[u8],
        input: &BatchInput,
    ) -> Result<Commitment, BatchError> {
        let pubdata_hash = minster_primitives::keccak256(pubdata);
        let blobs = openings::<A>(pubdata, pubdata_hash, &input.versioned_hashes)?;
        Ok(Commitment {
            version: PROTOCOL_VERSION,
            parent: parent.hash(),
            chain_id: parent.chain_id,
            config_hash: parent.config_hash,
            number: parent.number.saturating_add(1),
            parent_block_hash: parent.last_block_hash,
            last_block_hash: self.header.hash_slow(),
            first_block: parent.last_block.saturating_add(1),
            last_block: self.header.number,
            first_timestamp: self.first_timestamp,
            last_timestamp: self.header.timestamp,
            old_state_root: parent.new_state_root,
            new_state_root: self.header.state_root,
            pubdata_length: u64::try_from(pubdata.len()).unwrap_or(u64::MAX),
            pubdata_hash,
            blobs,
            fee_recipient: input.fee_recipient,
            // Without an L1 there is neither origin nor Inbox, message or import (BA-5).
            ..Commitment::default()
        })
    }
}

/// The commitment of genesis, the parent of batch 1 (BA-4).
#[must_use]
pub fn genesis_commitment(config: &ChainConfig, genesis: &Header) -> Commitment {
    Commitment {
        version: PROTOCOL_VERSION,
        chain_id: config.chain_id,
        config_hash: config.hash(),
        last_block_hash: genesis.hash_slow(),
        first_block: genesis.number,
        last_block: genesis.number,
        first_timestamp: genesis.timestamp,
        last_timestamp: genesis.timestamp,
        new_state_root: genesis.state_root,
        ..Commitment::default()
    }
}

/// What a proof says: the commitment before a range of batches, and the last one in it (BA-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeClaim {
    /// Hash of the commitment before the range.
    pub before: B256,
    /// Hash of the last commitment.
    pub after: B256,
}

/// What the guest does: runs a range of batches over their witnesses (BA-9).
///
/// # Errors
/// When anything is not as the rules and the parent's commitment have it.
pub fn execute_range<X: Cryptography>(
    input: RangeInput,
    cryptography: &X,
) -> Result<RangeClaim, BatchError> {
    let RangeInput { config, parent, parent_header, batches } = input;
    config.validate()?;
    expect(parent.version == PROTOCOL_VERSION, "protocol version")?;
    expect(config.hash() == parent.config_hash, "chain config")?;
    expect(config.chain_id == parent.chain_id, "chain id")?;
    expect(parent_header.hash_slow() == parent.last_block_hash, "last header")?;
    let before = parent.hash();
    let (mut parent, mut header) = (parent, parent_header);
    if batches.is_empty() {
        return Err(BatchError::EmptyRange);
    }
    let mut rest = None;
    for batch in batches {
        let ended = end_batch(&config, &parent, &header, batch, cryptography)?;
        (parent, header) = (ended.commitment, ended.run.header.clone());
        rest = Some((ended.run, ended.old, ended.oracle, ended.input));
    }
    X::discard(rest);
    Ok(RangeClaim { before, after: parent.hash() })
}

fn expect(holds: bool, what: &'static str) -> Result<(), BatchError> {
    if holds { Ok(()) } else { Err(BatchError::NotTheParents { what }) }
}

/// Runs one batch over its witness.
///
/// # Errors
/// As [`execute_range`].
pub fn execute_batch<X: Cryptography>(
    config: &ChainConfig,
    parent: &Commitment,
    parent_header: &Header,
    input: BatchInput,
    cryptography: &X,
) -> Result<(Commitment, Header), BatchError> {
    let ended = end_batch(config, parent, parent_header, input, cryptography)?;
    Ok((ended.commitment, ended.run.header))
}

/// A batch that ran, and what it ran over.
struct Ended<H> {
    commitment: Commitment,
    run: Run,
    old: Tree<H>,
    oracle: TreeOracle<H, CodeMap>,
    input: BatchInput,
}

fn end_batch<X: Cryptography>(
    config: &ChainConfig,
    parent: &Commitment,
    parent_header: &Header,
    mut input: BatchInput,
    cryptography: &X,
) -> Result<Ended<X::Blake3>, BatchError> {
    let old = Tree::<X::Blake3>::from_witness(&input.witness, parent.new_state_root)?;
    let codes = core::mem::take(&mut input.codes);
    let code_count = codes.len();
    let mut oracle = TreeOracle::new(old.clone(), CodeMap::new(codes));
    let run = run_blocks(config, parent_header, &input.blocks, &mut oracle, cryptography)?;
    check_use(&old, &oracle, &run, code_count)?;
    let pubdata = run.pubdata(&old)?;
    let commitment = run.commitment::<X::Arithmetic>(parent, &pubdata, &input)?;
    Ok(Ended { commitment, run, old, oracle, input })
}

/// No leaf and no code may be there without a reason: whoever proves has no freedom that shows
/// (BA-10).
fn check_use<H: Blake3, C: Codes>(
    old: &Tree<H>,
    oracle: &TreeOracle<H, C>,
    run: &Run,
    code_count: usize,
) -> Result<(), BatchError> {
    if oracle.used_codes().count() != code_count {
        return Err(BatchError::Superfluous { what: "code" });
    }
    let mut leaves = Leaves::of(old);
    oracle.reads().for_each(|key| leaves.mark(&key));
    // Nearly everything that is written was read.
    if !leaves.all_are_used() {
        run.updates.iter().flatten().for_each(|(key, _)| leaves.mark(key));
    }
    match leaves.all_are_used() {
        true => Ok(()),
        false => Err(BatchError::Superfluous { what: "leaf" }),
    }
}

/// The leaves that a tree shows, and which of them are used.
struct Leaves {
    keys: Vec<TreeKey>,
    used: Vec<bool>,
}

impl Leaves {
    fn of<H>(tree: &Tree<H>) -> Self {
        let keys: Vec<TreeKey> = tree.leaves().map(|(key, _)| key).collect();
        let used = vec![false; keys.len()];
        Self { keys, used }
    }

    fn mark(&mut self, key: &TreeKey) {
        if let Ok(at) = self.keys.binary_search(key)
            && let Some(used) = self.used.get_mut(at)
        {
            *used = true;
        }
    }

    fn all_are_used(&self) -> bool {
        self.used.iter().all(|used| *used)
    }
}

#[cfg(test)]
mod tests;
