use std::sync::{Arc, Mutex};

use alloy_rlp::RlpEncodable;
use minster_batcher::{Batcher, BatcherConfig, Lent, ProofState};
use minster_params::{ChainConfig, Genesis};
use minster_primitives::Header;
use minster_prover::{Prover, RunOptions};
use minster_riscv::Program;
use minster_storage::{
    Storage, StorageConfig, directory::Identity, disk::Disk, testing::FaultyDisk,
};

use super::*;

/// A guest that is quickly proven.
const GUEST: &[u8] = include_bytes!("../../../../zkvm/examples/elf/fibonacci.elf");

const IDENTITY: Identity = Identity { chain_id: 1, genesis_hash: [0; 32] };

/// The stored form of a batch's head.
#[derive(RlpEncodable)]
struct Head {
    commitment: minster_batch::Commitment,
    header: Header,
    transactions: u64,
    cycles: u64,
    reason: u8,
    sealed_at_ms: u64,
}

/// Batches that nobody made: what the queue reads of them is all there.
fn batches(count: u64) -> Batches {
    let storage = Storage::open(StorageConfig { root: None, identity: IDENTITY }).unwrap();
    batches_on(&storage, BatcherConfig::default(), count)
}

fn batches_on(storage: &Storage, config: BatcherConfig, count: u64) -> Batches {
    for number in 1..=count {
        let commitment = minster_batch::Commitment {
            number,
            first_block: number,
            last_block: number,
            ..Default::default()
        };
        let header = Header { number, ..Header::default() };
        let (transactions, cycles, reason, sealed_at_ms) = (1, 1, 0, 0);
        let head = Head { commitment, header, transactions, cycles, reason, sealed_at_ms };
        storage.inputs.write(number, &number.to_le_bytes()).unwrap();
        storage.batches.append(number, &alloy_rlp::encode(head)).unwrap();
    }
    let genesis = Genesis { config: ChainConfig::new(1), timestamp: 1, accounts: [].into() };
    let batcher = Batcher::open(&genesis, storage, config).unwrap();
    batcher.batches().clone()
}

/// Writes the same for every batch, remembers which were asked for, and stops after the last.
struct Scripted {
    answer: Vec<u8>,
    asked: Mutex<Vec<u64>>,
    last: u64,
}

impl Scripted {
    fn new(answer: Vec<u8>, last: u64) -> Self {
        Self { answer, asked: Mutex::default(), last }
    }
}

impl ProveBatch for Scripted {
    fn prove(
        &self,
        input: &Document,
        draft: &mut Draft,
        monitor: &Monitor<'_>,
    ) -> Result<(), ProofFailure> {
        let mut number = [0; 8];
        input.read_at(0, &mut number)?;
        let number = u64::from_le_bytes(number);
        self.asked.lock().unwrap().push(number);
        (monitor.progress)(Progress { cycles: 1, cycles_total: 2 });
        draft.append(&self.answer)?;
        if number == self.last {
            monitor.stop.store(true, Ordering::Release);
        }
        Ok(())
    }
}

fn refusals(answer: Vec<u8>) -> (Vec<u64>, String) {
    let batches = batches(3);
    let prover = Scripted::new(answer, 3);
    run(&batches, &prover, &GuestKey::new(GUEST), &AtomicBool::new(false)).unwrap();
    let view = batches.get(1).unwrap().unwrap();
    assert_eq!(view.proof, ProofState::Queued);
    let failure = view.failure.unwrap();
    assert!(batches.proof(1).unwrap().is_none());
    assert_eq!(batches.summary().proven, 0);
    assert_eq!(failure.attempts, 1);
    let asked = prover.asked.into_inner().unwrap();
    (asked, failure.reason)
}

#[test]
fn what_is_no_proof_is_refused_and_the_next_batch_is_tried() {
    let (asked, reason) = refusals(b"garbage".to_vec());
    assert_eq!(asked, [1, 2, 3]);
    assert!(reason.contains("refused"), "{reason}");
    let (_, reason) = refusals(Vec::new());
    assert!(reason.contains("refused"), "{reason}");
}

/// A prover elsewhere that brings anything at all is told why not, and another may try.
#[test]
fn what_is_handed_in_is_verified_too() {
    let batches = batches(2);
    let stop = AtomicBool::new(false);
    let key = GuestKey::new(GUEST);
    std::thread::scope(|scope| {
        let verifier = scope.spawn(|| verify_submissions(&batches, &key, &stop));
        for answer in [b"garbage".as_slice(), b""] {
            let Lent { batch, loan, .. } = batches.lend().unwrap().unwrap();
            let (upload, mut draft) = batches.begin_upload(batch, loan, 7).unwrap().unwrap();
            draft.append(answer).unwrap();
            let verdict = batches.submit(upload, draft).unwrap().blocking_recv().unwrap();
            assert!(verdict.unwrap_err().contains("refused"));
            assert!(batches.proof(batch).unwrap().is_none());
        }
        assert_eq!(batches.lend().unwrap(), None, "both are to wait");
        stop.store(true, Ordering::Release);
        batches.wake_verifier();
        verifier.join().unwrap().unwrap();
    });
    // The node itself does not wait for what others failed with.
    assert_eq!(batches.next_job(Duration::ZERO).unwrap().unwrap().batch, 1);
}

/// The reserve is the chain's: what was written of the proof goes, and the next try is later.
#[cfg(unix)]
#[test]
fn a_proof_leaves_the_chain_its_part_of_the_disk() {
    const RESERVE: u64 = 1 << 30;
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("prover");
    std::fs::write(&program, "#!/bin/sh\nhead -c 1000000 /dev/zero\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let prover = crate::ChildProver { program, threads: std::num::NonZeroUsize::MIN };
    let disk = FaultyDisk::new(1);
    let storage = Storage::open_on(Arc::new(disk.clone()), &IDENTITY).unwrap();
    let config = BatcherConfig { disk_free_min_bytes: RESERVE, ..BatcherConfig::default() };
    let batches = batches_on(&storage, config, 1);
    let (key, stop) = (GuestKey::new(GUEST), AtomicBool::new(false));
    let fails_with = |reason: &str| {
        let deadline = Instant::now() + Duration::from_secs(60);
        let failure = || batches.get(1).unwrap().unwrap().failure;
        while failure().is_none_or(|failure| !failure.reason.contains(reason)) {
            assert!(Instant::now() < deadline, "{:?}", failure());
            std::thread::sleep(Duration::from_millis(5));
        }
        let names = disk.list("proofs").unwrap();
        assert!(!names.iter().any(|name| name.ends_with(".tmp")), "{names:?}");
    };
    // Enough to begin with, and too little for the first piece.
    disk.say_free(RESERVE + (64 << 20) - 1);
    std::thread::scope(|scope| {
        let queue = scope.spawn(|| run(&batches, &prover, &key, &stop));
        fails_with("no room for 67108864 bytes of a proof");
        disk.say_free(RESERVE + (64 << 20));
        fails_with("refused");
        stop.store(true, Ordering::Release);
        batches.wake();
        queue.join().unwrap().unwrap();
    });
}

#[test]
fn a_proof_that_says_something_else_is_refused_whole_and_cut() {
    let program = Program::from_elf(GUEST).unwrap();
    let prover = Prover::new(program).unwrap();
    let io = minster_emulator::Io { input: vec![10, 0, 0, 0], ..Default::default() };
    let proof = prover.prove(io, RunOptions::default(), |_| ()).unwrap().proof;
    let (_, reason) = refusals(proof.clone());
    assert!(reason.contains("another batch"), "{reason}");
    let (_, reason) = refusals(proof[..proof.len() - 1].to_vec());
    assert!(reason.contains("refused"), "{reason}");
    let mut changed = proof;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let (_, reason) = refusals(changed);
    assert!(reason.contains("refused"), "{reason}");
}
