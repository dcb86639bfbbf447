//! A chain on disk and its batches, over restarts.

mod cut;
mod damage;
mod room;

use std::{
    collections::BTreeSet,
    io::Read,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, TxKind, U256};
use alloy_rlp::Decodable;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_batcher::{
    Batcher, BatcherConfig, BatcherError, Batches, CutLimits, Job, Lent, NativeCryptography,
    ProofRecord, ProofState, UploadRefusal,
};
use minster_os::batch::{RangeInput, execute_range};
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_sequencer::{
    Mining, Running, SequencerConfig, SequencerError, StartConfig, open_storage,
};
use minster_storage::{
    Storage, StorageError,
    directory::Identity,
    disk::Disk,
    testing::{Fault, FaultyDisk, Random, simulate},
};

const CHAIN_ID: u64 = 99;
const SOON: Duration = Duration::from_millis(50);
const RECORD: ProofRecord =
    ProofRecord { verified_at_ms: 5, proving_ms: 7, guest_key: B256::repeat_byte(9) };

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

fn genesis() -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    let mut genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: [(key().address(), funded)].into(),
    };
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

fn transfer(nonce: u64) -> Vec<u8> {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(Address::with_last_byte(200)),
        value: U256::from(nonce + 1),
        ..Default::default()
    };
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}

/// Seals as soon as there is a transaction; `blocks_max` at a time.
fn limits(blocks_max: usize) -> BatcherConfig {
    let limits = CutLimits { age_idle: SOON, age_max: SOON, blocks_max, ..CutLimits::default() };
    BatcherConfig { limits, ..BatcherConfig::default() }
}

struct Node {
    running: Running,
    batches: Batches,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), BatcherError>>,
}

impl Node {
    fn start(directory: &Path, config: BatcherConfig) -> Self {
        let storage = open_storage(&genesis(), Some(directory)).unwrap();
        Self::start_on(storage, directory, config).unwrap()
    }

    fn start_on(
        storage: Storage,
        directory: &Path,
        config: BatcherConfig,
    ) -> Result<Self, BatcherError> {
        let batcher = Batcher::open(&genesis(), &storage, config)?;
        let sequencer = SequencerConfig { mining: Mining::Instant, ..Default::default() };
        let directory = Some(directory.to_owned());
        let tree_at = Some(batcher.tree_at());
        let start = StartConfig { directory, sequencer, tree_at, ..Default::default() };
        let mut running = Running::start_on(&genesis(), storage, start)?;
        let tree = running.take_batch_tree().unwrap();
        let (stop, batches) = (Arc::new(AtomicBool::new(false)), batcher.batches().clone());
        let (flag, sequencer) = (Arc::clone(&stop), running.handle().clone());
        let thread = std::thread::spawn(move || batcher.run(sequencer, tree, &flag));
        Ok(Self { running, batches, stop, thread })
    }

    /// Sends transfers, each in a block of its own.
    fn send(&self, nonces: std::ops::Range<u64>) {
        let chain = self.running.handle().chain();
        for nonce in nonces {
            let before = chain.latest().number();
            self.running.handle().submit(&transfer(nonce)).unwrap();
            self.until("a block", || chain.latest().number() > before);
        }
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds() {
            assert!(!self.thread.is_finished(), "the batcher ended before {what}");
            assert!(Instant::now() < deadline, "no {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until every block is in a batch.
    fn catch_up(&self) {
        let latest = self.running.handle().chain().latest().number();
        self.until("batches", || self.batches.of_block(latest).unwrap().is_some());
    }

    fn stop(self) {
        self.try_stop().unwrap();
    }

    fn try_stop(self) -> Result<(), BatcherError> {
        self.stop.store(true, Ordering::Release);
        self.running.handle().chain().nudge();
        let batched = self.thread.join().unwrap();
        self.running.stop()?;
        batched
    }
}

/// Everything that is true of batches by themselves: each follows the one before, covers its
/// blocks, and its input executes to its claim.
fn check(batches: &Batches) -> Vec<String> {
    let sealed = batches.summary().sealed;
    let mut commitments = Vec::new();
    let mut last_block = 0;
    for number in 1..=sealed {
        let view = batches.get(number).unwrap().unwrap();
        let commitment = &view.head.commitment;
        assert_eq!(commitment.number, number);
        assert_eq!(commitment.first_block, last_block + 1);
        if number > 1 {
            let before = batches.head(number - 1).unwrap().unwrap();
            assert_eq!(commitment.parent, before.commitment.hash());
        }
        last_block = commitment.last_block;
        assert_eq!(batches.of_block(commitment.first_block).unwrap(), Some(number));
        assert_eq!(batches.of_block(last_block).unwrap(), Some(number));
        commitments.push(commitment.hash().to_string());
    }
    assert_eq!(batches.of_block(last_block + 1).unwrap(), None);
    assert_eq!(batches.of_block(0).unwrap(), None);
    assert!(batches.get(sealed + 1).unwrap().is_none());
    commitments
}

fn job(batches: &Batches) -> Job {
    batches.next_job(Duration::from_secs(1)).unwrap().unwrap()
}

/// Borrows a batch as soon as it is lent again.
fn borrow(batches: &Batches, batch: u64) -> Lent {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match batches.lend().unwrap() {
            Some(lent) if lent.batch == batch => return lent,
            _ => assert!(Instant::now() < deadline, "batch {batch} is lent no more"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn blocks_become_batches_and_a_restart_goes_on_with_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path(), limits(3));
    // An idle chain makes no batch.
    std::thread::sleep(3 * SOON);
    assert_eq!(node.batches.summary().sealed, 0);
    assert!(node.batches.next_job(Duration::ZERO).unwrap().is_none());
    node.send(0..7);
    node.catch_up();
    let before = check(&node.batches);
    assert!(before.len() >= 3, "{before:?}");
    node.stop();

    // What a crash leaves of a batch that never was is gone, and its blocks are batched again.
    let storage = open_storage(&genesis(), Some(directory.path())).unwrap();
    storage.inputs.write(before.len() as u64 + 1, b"half a batch").unwrap();
    drop(storage);

    let node = Node::start(directory.path(), limits(3));
    node.send(7..12);
    node.catch_up();
    let after = check(&node.batches);
    assert!(after.starts_with(&before), "{after:?} after {before:?}");
    assert!(after.len() > before.len());
    node.stop();
}

#[test]
fn every_input_executes_to_its_claim_and_a_kept_proof_stays() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path(), limits(2));
    node.send(0..4);
    node.catch_up();
    let sealed = node.batches.summary().sealed;
    for number in 1..=sealed {
        let Job { batch, claim, input, .. } = job(&node.batches);
        assert_eq!(batch, number);
        let mut bytes = vec![0; input.size() as usize];
        input.read_at(0, &mut bytes).unwrap();
        let (_, list) = RangeInput::split_salt(&bytes).unwrap();
        let range = RangeInput::decode(&mut &*list).unwrap();
        assert_eq!(execute_range(range, &NativeCryptography).unwrap(), claim);
        let view = node.batches.get(batch).unwrap().unwrap();
        assert!(matches!(view.proof, ProofState::Proving(_)), "{:?}", view.proof);
        // The first batch fails, the others go on without it.
        if batch == 1 {
            assert_eq!(node.batches.failed(batch, "a test".into()), 1);
            let view = node.batches.get(batch).unwrap().unwrap();
            assert_eq!((view.proof, view.failure.unwrap().attempts), (ProofState::Queued, 1));
            continue;
        }
        let mut draft = node.batches.proof_draft(batch).unwrap();
        draft.append(b"no proof, but the caller says it is verified").unwrap();
        node.batches.verified(batch, draft, &RECORD).unwrap();
    }
    assert_eq!(node.batches.summary().proven, sealed - 1);
    node.stop();

    let node = Node::start(directory.path(), limits(2));
    let summary = node.batches.summary();
    assert_eq!((summary.proven, summary.first_unproven), (sealed - 1, 1));
    assert!(node.batches.proof(1).unwrap().is_none());
    let view = node.batches.get(sealed).unwrap().unwrap();
    let ProofState::Verified(proof) = view.proof else { panic!("{:?}", view.proof) };
    assert_eq!((proof.bytes, proof.record), (44, RECORD));
    assert_eq!(job(&node.batches).batch, 1);
    node.stop();
}

#[test]
fn old_proofs_make_room_and_stay_proven() {
    let directory = tempfile::tempdir().unwrap();
    // One proof has room beside the newest.
    let config = BatcherConfig { proof_bytes_max: 400, ..limits(1) };
    let node = Node::start(directory.path(), config);
    node.send(0..4);
    node.catch_up();
    for _ in 0..3 {
        let batch = job(&node.batches).batch;
        let mut draft = node.batches.proof_draft(batch).unwrap();
        draft.append(&[0; 90]).unwrap();
        node.batches.verified(batch, draft, &RECORD).unwrap();
    }
    let states = |batches: &Batches| -> Vec<bool> {
        let state = |batch| batches.get(batch).unwrap().unwrap().proof;
        assert_eq!(state(1), ProofState::Removed);
        assert_eq!(batches.proof(1).unwrap().map(|proof| proof.size()), None);
        (1..=4).map(|batch| matches!(state(batch), ProofState::Verified(_))).collect()
    };
    let before = states(&node.batches);
    assert_eq!(before, [false, true, true, false]);
    assert_eq!(node.batches.summary().first_unproven, 4);
    node.stop();

    let storage = open_storage(&genesis(), Some(directory.path())).unwrap();
    assert_eq!(storage.inputs.numbers().unwrap(), [4]);
    assert_eq!(storage.proofs.numbers().unwrap(), [2, 3]);
    // A crash between the note and the removal.
    storage.proofs.write(1, b"left over").unwrap();
    drop(storage);
    let node = Node::start(directory.path(), config);
    assert_eq!(states(&node.batches), before);
    assert_eq!(job(&node.batches).batch, 4);
    node.stop();
}

#[test]
fn a_lent_batch_is_nobody_elses_until_it_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path(), limits(1));
    node.send(0..3);
    node.catch_up();
    let batches = &node.batches;
    let lend = || batches.lend().unwrap();
    let lent = || lend().map(|lent| lent.batch);
    let proof = |batch| batches.get(batch).unwrap().unwrap().proof;
    let first = lend().unwrap();
    let input = batches.lent_input(1, first.loan).unwrap().unwrap();
    assert_eq!((first.batch, first.input_bytes), (1, input.size()));
    assert_eq!(job(batches).batch, 2);
    let third = lend().unwrap();
    assert_eq!((third.batch, lent()), (3, None));
    assert!(batches.renew(1, first.loan, 5, 10) && !batches.renew(2, first.loan, 5, 10));
    let ProofState::Proving(proving) = proof(1) else { panic!("{:?}", proof(1)) };
    assert_eq!((proving.batch, proving.cycles, proving.cycles_total), (1, 5, 10));
    assert_eq!(batches.summary().lent, 2);

    // Who has borrowed another batch can do nothing to this one.
    let refusal = |batch, loan| batches.begin_upload(batch, loan, 5).unwrap().unwrap_err();
    assert!(batches.lent_input(1, third.loan).unwrap().is_none());
    assert!(!batches.renew(1, third.loan, 6, 10) && !batches.give_back(1, third.loan));
    assert_eq!(refusal(1, third.loan), UploadRefusal::NotLent);
    assert_eq!(batches.summary().lent, 2);

    // Given back, it is lent again after a while; broken off while it is handed in, too.
    assert!(batches.give_back(3, third.loan) && !batches.give_back(3, third.loan));
    assert_eq!(lent(), None);
    let third = borrow(batches, 3);
    let (upload, draft) = batches.begin_upload(3, third.loan, 5).unwrap().unwrap();
    assert_eq!(refusal(3, third.loan), UploadRefusal::NotLent, "twice");
    assert!(!batches.give_back(3, third.loan), "it is being handed in");
    drop((upload, draft));
    assert_eq!(lent(), None);
    let reason = batches.get(3).unwrap().unwrap().failure.unwrap().reason;
    assert!(reason.contains("did not hand the proof in"), "{reason}");
    let third = borrow(batches, 3);

    // What is refused is not lent again at once, but the node itself may prove it.
    let (upload, mut draft) = batches.begin_upload(1, first.loan, 5).unwrap().unwrap();
    draft.append(b"a lie").unwrap();
    let mut heard = batches.submit(upload, draft).unwrap();
    let submission = batches.next_submission(Duration::ZERO).unwrap();
    assert_eq!((submission.batch, submission.draft.size()), (1, 5));
    batches.refused(1, "a lie".into());
    submission.verdict.tell(Err("a lie".into()));
    assert_eq!(heard.try_recv().unwrap(), Err("a lie".into()));
    assert!(!batches.renew(1, first.loan, 6, 10));
    assert_eq!(lent(), None);
    assert_eq!(batches.get(1).unwrap().unwrap().failure.unwrap().reason, "a lie");
    batches.given_up();
    assert_eq!(job(batches).batch, 1);

    // What is kept is proven, whoever made it.
    let (upload, draft) = batches.begin_upload(3, third.loan, 5).unwrap().unwrap();
    let heard = batches.submit(upload, draft).unwrap();
    let submission = batches.next_submission(Duration::ZERO).unwrap();
    batches.verified(3, submission.draft, &RECORD).unwrap();
    submission.verdict.tell(Ok(()));
    assert_eq!(heard.blocking_recv().unwrap(), Ok(()));
    assert!(matches!(proof(3), ProofState::Verified(_)), "{:?}", proof(3));
    assert!(matches!(proof(1), ProofState::Proving(_)), "the node's own goes on");
    assert_eq!(refusal(3, third.loan), UploadRefusal::NotLent);
    node.stop();
}

/// A prover of one cycle a second is hours behind after one block.
#[test]
fn a_chain_that_outruns_its_prover_takes_nothing_more_until_it_has_proofs() {
    let directory = tempfile::tempdir().unwrap();
    let config = BatcherConfig { rate_assumed: 1, ..limits(1) };
    let node = Node::start(directory.path(), config);
    node.send(0..1);
    let sequencer = node.running.handle().clone();
    node.until("refusal", || sequencer.submit(&transfer(1)).is_err());
    let error = sequencer.submit(&transfer(1)).unwrap_err().to_string();
    assert!(error.contains("of unproven work, more than the"), "{error}");
    assert!(sequencer.pool().tip_min() > 0);
    let summary = node.batches.summary();
    assert!(summary.backlog > Duration::from_secs(6 * 3_600), "{summary:?}");
    node.catch_up();
    let sealed = node.batches.summary().sealed;
    for _ in 0..sealed {
        let batch = job(&node.batches).batch;
        let draft = node.batches.proof_draft(batch).unwrap();
        node.batches.verified(batch, draft, &RECORD).unwrap();
    }
    node.until("release", || sequencer.pool().tip_min() == 0);
    let summary = node.batches.summary();
    assert_eq!((summary.unproven_cycles, summary.backlog), (0, Duration::ZERO));
    assert!(summary.cycles_per_second > 1_000_000, "{summary:?}");
    sequencer.submit(&transfer(2)).unwrap();
    node.stop();
}

#[test]
fn a_chain_that_ran_without_batches_catches_up() {
    let directory = tempfile::tempdir().unwrap();
    let sequencer = SequencerConfig { mining: Mining::Instant, ..Default::default() };
    let path = Some(directory.path().to_owned());
    let start = StartConfig { directory: path, sequencer, ..Default::default() };
    let running = Running::start(&genesis(), start).unwrap();
    for nonce in 0..3 {
        running.handle().submit(&transfer(nonce)).unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while running.handle().stats().snapshot().transactions < 3 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(2));
    }
    running.stop().unwrap();
    let node = Node::start(directory.path(), limits(100));
    node.catch_up();
    assert_eq!(check(&node.batches).len(), 1);
    node.stop();
}

/// A chain and its batches on one disk, until its power goes.
struct Powered {
    disk: FaultyDisk,
    random: Random,
    directory: tempfile::TempDir,
    /// Commitments of batches that somebody was told of.
    told: Vec<String>,
    /// Batches of which a proof was kept.
    kept: BTreeSet<u64>,
    nonce: u64,
}

impl Powered {
    fn is_off(&self) -> bool {
        self.disk.list("").is_err()
    }

    fn try_start(&self) -> Result<Node, BatcherError> {
        let chain = genesis();
        let identity = Identity { chain_id: CHAIN_ID, genesis_hash: chain.hash().0 };
        let storage = Storage::open_on(Arc::new(self.disk.clone()), &identity)?;
        Node::start_on(storage, self.directory.path(), limits(2))
    }

    fn start(&mut self) -> Node {
        loop {
            if self.random.one_in(3) {
                self.disk.fail_after(self.random.below(60), Fault::PowerCut);
            }
            let started = self.try_start();
            if !self.is_off() {
                self.disk.take_fault();
                return started.unwrap();
            }
            match started {
                Ok(node) => drop(node.try_stop()),
                Err(error) => assert!(is_power(&error), "{error}"),
            }
            self.disk.crash();
        }
    }

    fn check(&mut self, node: &Node) {
        let found = check(&node.batches);
        assert!(found.starts_with(&self.told), "{found:?} after {:?}", self.told);
        self.told = found;
        let proofs = (1..=self.told.len() as u64).filter(|batch| node.batches.is_proven(*batch));
        for batch in proofs {
            let proof = node.batches.proof(batch).unwrap().unwrap();
            let mut content = Vec::new();
            proof.reader().read_to_end(&mut content).unwrap();
            // One that the disk refused when it was kept says what it was made of.
            assert_eq!(content, format!("proof of batch {batch}").as_bytes());
        }
        assert!(self.kept.iter().all(|batch| node.batches.is_proven(*batch)), "{:?}", self.kept);
    }

    /// Sends transfers and proves batches until the power goes.
    fn live(&mut self, node: &Node) {
        let sequencer = node.running.handle();
        for _ in 0..self.random.below(40) {
            // Those that were not answered before the power went are sent again.
            match sequencer.submit(&transfer(self.nonce)) {
                Ok(_) => self.nonce += 1,
                Err(error) if error.to_string().contains("nonce too low") => self.nonce += 1,
                Err(_) if self.is_off() => return,
                Err(error) => panic!("{error}"),
            }
            std::thread::sleep(Duration::from_millis(self.random.below(20)));
            for number in self.told.len() as u64 + 1..=node.batches.summary().sealed {
                let Ok(head) = node.batches.head(number) else { return };
                self.told.push(head.unwrap().commitment.hash().to_string());
            }
            if self.random.one_in(3) && self.prove(node).is_err() {
                return;
            }
        }
    }

    fn prove(&mut self, node: &Node) -> Result<(), BatcherError> {
        let Some(Job { batch, .. }) = node.batches.next_job(Duration::ZERO)? else { return Ok(()) };
        let content = format!("proof of batch {batch}").into_bytes();
        let mut draft = node.batches.proof_draft(batch)?;
        draft.append(&content)?;
        node.batches.verified(batch, draft, &RECORD)?;
        self.kept.insert(batch);
        Ok(())
    }
}

fn is_power(error: &BatcherError) -> bool {
    let storage = match error {
        BatcherError::Storage(error) | BatcherError::Sequencer(SequencerError::Storage(error)) => {
            error
        }
        _ => return false,
    };
    matches!(storage, StorageError::Io { .. } | StorageError::Poisoned { .. })
}

/// Whatever the disk had of the chain when the power went, it had no batch beyond it, and none
/// that was told is another one afterwards.
#[test]
fn a_power_cut_leaves_batches_of_blocks_that_are_there() {
    simulate(4, Duration::from_secs(5), |seed| {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        let directory = tempfile::tempdir().unwrap();
        let (told, kept, nonce) = (Vec::new(), BTreeSet::new(), 0);
        let mut world = Powered { disk, random, directory, told, kept, nonce };
        for _ in 0..4 {
            let node = world.start();
            world.check(&node);
            world.disk.fail_after(world.random.below(400), Fault::PowerCut);
            world.live(&node);
            if let Err(error) = node.try_stop() {
                assert!(is_power(&error), "{error}");
            }
            world.disk.take_fault();
            world.disk.crash();
            world.nonce = 0;
        }
        let node = world.start();
        world.check(&node);
        node.stop();
    });
}
