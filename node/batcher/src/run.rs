//! The batcher's thread: follows the chain, and seals batch after batch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use minster_batch::{BlobError, Commitment, pubdata::PubdataError};
use minster_blobs::load_setup;
use minster_os::{
    batch::{BatchError, BlockInput, Codes, RangeInput, Salt, genesis_commitment},
    genesis_header, tree_updates,
};
use minster_params::{ChainConfig, Genesis};
use minster_primitives::{Address, B256, Bytes, Header};
use minster_sequencer::{Block, BlockChange, Chain, Sequencer, StateStore, TreeAt};
use minster_state::Tree;
use minster_storage::Storage;

use crate::{
    Base, BatcherError, Batches, BlockCost, BuildError, Built, CutLimits, Cutter, PROOF_BYTES_MAX,
    SealReason, build,
    ledger::Unbatched,
    store::{BatchHead, Sealing},
};

/// How long the thread sleeps at most: it is also woken by blocks.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Sealed blocks whose cost is counted in one go.
const COUNTED_MAX: u64 = 1_024;

/// The batcher's settings: an operator's choices, none of which changes consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatcherConfig {
    /// When batches end.
    pub limits: CutLimits,
    /// They also end when the prover will need this long for them, as fast as it was of late.
    pub proving_max: Duration,
    /// Who is paid on L1 for Inbox entries.
    pub fee_recipient: Address,
    /// Cycle-equivalents a second that the prover is assumed to prove until it has proven a batch.
    pub rate_assumed: u64,
    /// Bytes of proofs that are kept; older ones are removed.
    pub proof_bytes_max: u64,
    /// Bytes of the disk that proofs leave free: the chain needs them more.
    pub disk_free_min_bytes: u64,
    /// The most bytes of a proof that is made or handed in. It bounds what one takes where nobody
    /// knows how much is free, as in memory.
    pub draft_bytes_max: u64,
}

impl Default for BatcherConfig {
    fn default() -> Self {
        Self {
            limits: CutLimits::default(),
            proving_max: Duration::from_secs(60),
            fee_recipient: Address::ZERO,
            rate_assumed: RATE_ASSUMED,
            proof_bytes_max: 10 << 30,
            disk_free_min_bytes: 0,
            draft_bytes_max: PROOF_BYTES_MAX,
        }
    }
}

/// One core of a laptop, roughly: 13 million cells a second.
const RATE_ASSUMED: u64 = 150_000;

/// The end of the last batch, from which the next one is made.
#[derive(Debug)]
pub struct Batcher {
    chain_config: ChainConfig,
    config: BatcherConfig,
    batches: Batches,
    commitment: Commitment,
    header: Header,
}

impl Batcher {
    /// Reads what the last run left, before the sequencer starts on the same storage.
    ///
    /// # Errors
    /// When the disk cannot be read, or the genesis has no state tree.
    pub fn open(
        genesis: &Genesis,
        storage: &Storage,
        config: BatcherConfig,
    ) -> Result<Self, BatcherError> {
        let batches = Batches::open(storage, &config)?;
        let batch = batches.summary().sealed;
        let (commitment, header) = match batches.head(batch)? {
            Some(head) => (head.commitment, head.header),
            None if batch == 0 => genesis_end(genesis)?,
            None => return Err(BatcherError::BatchMissing { batch }),
        };
        Ok(Self { chain_config: genesis.config.clone(), config, batches, commitment, header })
    }

    /// Where the sequencer's start is to give the state tree; [`Batcher::run`] takes it.
    #[must_use]
    pub const fn tree_at(&self) -> TreeAt {
        TreeAt { block: self.commitment.last_block, hash: self.commitment.last_block_hash }
    }

    /// The last batch's commitment; of genesis before the first.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// The handle for readers and for the prover.
    #[must_use]
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Batches the chain until it is told to stop. `tree` is the state at [`Batcher::tree_at`].
    /// Nothing is sealed at the end: the next start reads the same blocks again. Who sets `stop`
    /// calls [`Chain::nudge`] after it.
    ///
    /// # Errors
    /// When the disk fails, or a sealed block is none by the rules.
    pub fn run(
        self,
        sequencer: Sequencer,
        tree: Tree,
        stop: &AtomicBool,
    ) -> Result<(), BatcherError> {
        let Self { chain_config, config, batches, commitment, header } = self;
        let chain = Arc::clone(sequencer.chain());
        batches.attach(&chain);
        let unbatched = Unbatched::after(commitment.last_block);
        let next = commitment.last_block.saturating_add(1);
        let base = Base { commitment, header, tree };
        let (blocks, cutter) = (Vec::new(), cutter(&config, &batches));
        let (scanned, is_halted) = (next, false);
        let mut thread = Thread {
            chain_config,
            config,
            batches,
            sequencer,
            chain,
            base,
            next,
            blocks,
            cutter,
            scanned,
            unbatched,
            released: 0,
            is_halted,
        };
        while !stop.load(Ordering::Acquire) {
            thread.step(stop)?;
        }
        Ok(())
    }
}

/// For a batch that the prover proves in the time that it may take.
fn cutter(config: &BatcherConfig, batches: &Batches) -> Cutter {
    let cycles_max = config.limits.cycles_max.min(batches.batch_cycles(config.proving_max));
    Cutter::new(CutLimits { cycles_max, ..config.limits })
}

/// Genesis as if it were a batch.
pub(crate) fn genesis_end(genesis: &Genesis) -> Result<(Commitment, Header), BatcherError> {
    let (header, _) = genesis_header_and_tree(genesis)?;
    Ok((genesis_commitment(&genesis.config, &header), header))
}

/// Genesis as a block, and its state.
pub(crate) fn genesis_header_and_tree(genesis: &Genesis) -> Result<(Header, Tree), BatcherError> {
    let failed = |reason: String| BatcherError::Genesis { reason };
    let mut tree: Tree = Tree::new();
    let updates = tree_updates(&genesis.state(), &tree);
    tree.update(&updates.map_err(|error| failed(error.to_string()))?)
        .map_err(|error| failed(error.to_string()))?;
    Ok((genesis_header(genesis, tree.root()), tree))
}

/// What a batch says of a block; the rest can be computed.
pub(crate) fn block_input(block: &Block) -> BlockInput {
    BlockInput {
        timestamp: block.header.timestamp,
        transactions: block.items.iter().map(|item| item.transaction.encoded()).collect(),
    }
}

struct Thread {
    chain_config: ChainConfig,
    config: BatcherConfig,
    batches: Batches,
    /// Hears how far the prover is behind.
    sequencer: Sequencer,
    chain: Arc<Chain>,
    base: Base,
    /// The first block that is not in `blocks`.
    next: u64,
    /// Blocks of the batch in the making.
    blocks: Vec<Arc<Block>>,
    cutter: Cutter,
    /// Up to here, blocks after `next` are known to be empty.
    scanned: u64,
    unbatched: Unbatched,
    /// The last batch whose blocks were released.
    released: u64,
    is_halted: bool,
}

impl Thread {
    /// Takes the blocks there are, seals what is to be sealed, and waits for more.
    fn step(&mut self, stop: &AtomicBool) -> Result<(), BatcherError> {
        let latest = self.chain.latest().number();
        self.count(latest)?;
        while !self.is_halted && self.next <= latest && self.take(latest)? {
            if stop.load(Ordering::Acquire) {
                return Ok(());
            }
        }
        let (now, is_idle) = (Instant::now(), self.batches.is_idle());
        let wait = match self.cutter.deadline(is_idle) {
            _ if self.is_halted => LOOK_INTERVAL,
            Some(deadline) => deadline.saturating_duration_since(now).min(LOOK_INTERVAL),
            None => LOOK_INTERVAL,
        };
        if let Some(reason) = self.cutter.due(now, is_idle).filter(|_| !self.is_halted) {
            return self.seal(reason);
        }
        let _ = self.chain.wait_past(latest, wait);
        Ok(())
    }

    /// Takes the next block, and seals the batch before it if it does not fit. `false` when it is
    /// left for later.
    fn take(&mut self, latest: u64) -> Result<bool, BatcherError> {
        let block = self.block(self.next)?;
        // Counted as nothing it would take the batch over its pubdata.
        let change = self.chain.block_change(self.next)?;
        let change = change.ok_or(BatcherError::ChangesMissing { block: self.next })?;
        let cost = BlockCost::new(&block, change);
        match self.cutter.fits(&cost) {
            Ok(()) => {
                self.cutter.push(cost, Instant::now());
                self.blocks.push(block);
                self.next = self.next.saturating_add(1);
                if self.cutter.has_transactions() {
                    // Takes a second, once: now, while the batch waits for its age anyhow.
                    load_setup();
                }
            }
            // Proofs of nothing but empty blocks help nobody until there is something behind them.
            Err(_) if !self.cutter.has_transactions() && !self.is_more_to_come(latest)? => {
                return Ok(false);
            }
            Err(reason) => self.seal(reason)?,
        }
        Ok(true)
    }

    /// Says how far the prover is behind, as far as the blocks are counted. Also when no more
    /// batches are made: then it is ever farther behind.
    fn count(&mut self, latest: u64) -> Result<(), BatcherError> {
        let counted_last = latest.min(self.unbatched.next().saturating_add(COUNTED_MAX));
        while self.unbatched.next() <= counted_last {
            let block = self.block(self.unbatched.next())?;
            self.unbatched.add(&BlockCost::new(&block, BlockChange::default()));
        }
        self.sequencer.set_proof_backlog(self.batches.backlog(self.unbatched.cycles()));
        self.release()
    }

    /// Says which blocks no batch needs any more: those of batches that are proven with all before
    /// them. Their end stays, as the next batch begins with its tree.
    fn release(&mut self) -> Result<(), BatcherError> {
        let proven = self.batches.summary().first_unproven.saturating_sub(1);
        if proven > self.released {
            let head = self.batches.head(proven)?;
            let head = head.ok_or(BatcherError::BatchMissing { batch: proven })?;
            self.chain.set_proven_through(head.commitment.last_block);
            self.released = proven;
        }
        Ok(())
    }

    fn block(&self, block: u64) -> Result<Arc<Block>, BatcherError> {
        self.chain.block(block)?.ok_or(BatcherError::BlockMissing { block })
    }

    /// Whether a block from `next` on has a transaction. Every block is looked at once.
    fn is_more_to_come(&mut self, latest: u64) -> Result<bool, BatcherError> {
        self.scanned = self.scanned.max(self.next);
        while self.scanned <= latest {
            if !self.block(self.scanned)?.items.is_empty() {
                return Ok(true);
            }
            self.scanned = self.scanned.saturating_add(1);
        }
        Ok(false)
    }

    /// Seals the blocks at hand, or as many of them as fit.
    fn seal(&mut self, mut reason: SealReason) -> Result<(), BatcherError> {
        let started = Instant::now();
        let built = loop {
            match self.build() {
                Ok(built) => break built,
                Err(error) if is_too_long(&error) => {
                    let half = self.blocks.len() / 2;
                    if half == 0 {
                        self.halt(&error);
                        return Ok(());
                    }
                    self.blocks.truncate(half);
                    reason = SealReason::Pubdata;
                }
                Err(source) => {
                    let batch = self.base.commitment.number.saturating_add(1);
                    return Err(BatcherError::Build { batch, source: Box::new(source) });
                }
            }
        };
        self.publish(built, reason, started)
    }

    fn build(&self) -> Result<Built, BuildError> {
        let blocks = self.blocks.iter().map(|block| block_input(block)).collect();
        let codes = ChainCodes(self.chain.state_store());
        build(&self.chain_config, &self.base, blocks, codes, self.config.fee_recipient)
    }

    fn publish(
        &mut self,
        built: Built,
        reason: SealReason,
        started: Instant,
    ) -> Result<(), BatcherError> {
        let Built { input, end, .. } = built;
        let (batch, found) = (end.commitment.number, end.commitment.last_block_hash);
        let sealed = self.blocks.last().map_or(B256::ZERO, |block| block.hash);
        if sealed != found {
            return Err(BatcherError::Mismatch { batch, sealed, found });
        }
        let items = || self.blocks.iter().flat_map(|block| &block.items);
        let sealing = Sealing {
            transactions: items().count() as u64,
            cycles: items().fold(0, |sum: u64, item| sum.saturating_add(item.cycles)),
            reason,
            sealed_at_ms: now_ms(),
        };
        let input = RangeInput {
            config: self.chain_config.clone(),
            parent: self.base.commitment.clone(),
            parent_header: self.base.header.clone(),
            batches: vec![input],
        };
        let head = BatchHead::new(end.commitment.clone(), end.header.clone(), sealing);
        // Drawn when the blocks cannot change any more: who sent their transactions cannot know it.
        let mut salt = Salt::default();
        getrandom::fill(&mut salt)?;
        self.batches.seal(&head, &input.salted(&salt))?;
        self.unbatched.sealed(&head);
        tracing::info!(
            batch,
            first_block = end.commitment.first_block,
            last_block = end.commitment.last_block,
            transactions = sealing.transactions,
            commitment = %end.commitment.hash(),
            parent = %end.commitment.parent,
            reason = reason.name(),
            seconds = started.elapsed().as_secs_f64(),
            "sealed batch"
        );
        self.next = end.commitment.last_block.saturating_add(1);
        self.blocks.clear();
        self.cutter = cutter(&self.config, &self.batches);
        self.base = end;
        Ok(())
    }

    /// A single block's pubdata is too long for a batch, against the rules. The chain can go on
    /// without batches; batches cannot go on without the block.
    fn halt(&mut self, error: &BuildError) {
        let block = self.base.commitment.last_block.saturating_add(1);
        let reason = format!("block {block} fits no batch: {error}");
        tracing::error!(block, %error, "no more batches: the block fits none");
        self.batches.halt(reason);
        self.is_halted = true;
    }
}

/// Whether fewer blocks would do. The encoder of the pubdata sees it before the blobs do.
fn is_too_long(error: &BuildError) -> bool {
    match error {
        BuildError::Batch(BatchError::Pubdata(error)) => {
            matches!(error, PubdataError::TooLarge { .. })
        }
        BuildError::Blob(error) | BuildError::Batch(BatchError::Blob(error)) => {
            matches!(error, BlobError::TooLong { .. })
        }
        _ => false,
    }
}

fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Codes as the chain has them.
struct ChainCodes<'a>(&'a StateStore);

impl Codes for ChainCodes<'_> {
    fn code(&mut self, code_hash: B256) -> Option<Bytes> {
        self.0.code(code_hash).ok().map(|code| code.original_bytes())
    }
}
