//! Batches on a disk that loses power, tears writes, has no room and fails: against a model that
//! is a list of what was told to whoever asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    sync::Arc,
};

use minster_batch::Commitment;
use minster_primitives::{B256, Header};
use minster_storage::{
    StorageError,
    directory::Identity,
    disk::Disk,
    testing::{Fault, FaultyDisk, Random, simulate},
};

use super::*;
use crate::{SealReason, store::Sealing};

/// Room for a few of the proofs that are made here.
const PROOF_BYTES_MAX: u64 = 6_000;

const FAULTS: [Fault; 3] = [Fault::Full, Fault::Broken, Fault::PowerCut];

/// A proof as it was verified.
#[derive(Debug, Clone, PartialEq)]
struct Proof {
    content: Vec<u8>,
    record: ProofRecord,
}

/// A batch that was sealed, or may have been.
#[derive(Debug, Clone)]
struct Sealed {
    head: BatchHead,
    input: Vec<u8>,
    /// What was verified of it. When the disk refused to keep one, it is there or not.
    verified: Vec<Proof>,
    /// Whether somebody was told that it is proven.
    is_proven: bool,
}

struct World {
    disk: FaultyDisk,
    random: Random,
    /// Of batch 1 on: those that somebody was told of.
    sealed: Vec<Sealed>,
    /// The next one, whose sealing failed.
    doubtful: Option<Sealed>,
    /// Since the last start, batches that were given up for a while.
    failed: BTreeSet<u64>,
    /// Since the last start, batches that are lent.
    lent: BTreeMap<u64, LoanId>,
}

fn is_off(disk: &FaultyDisk) -> bool {
    disk.list("").is_err()
}

fn bytes_of(document: &Document) -> Vec<u8> {
    document.verify().unwrap();
    let mut content = Vec::new();
    document.reader().read_to_end(&mut content).unwrap();
    content
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        let (sealed, failed, lent) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { disk, random, sealed, doubtful: None, failed, lent }
    }

    fn try_open(&self) -> Result<Batches, BatcherError> {
        let identity = Identity { chain_id: 1, genesis_hash: [0; 32] };
        let storage = Storage::open_on(Arc::new(self.disk.clone()), &identity)?;
        let config = BatcherConfig { proof_bytes_max: PROOF_BYTES_MAX, ..Default::default() };
        Batches::open(&storage, &config)
    }

    /// Starts until a start succeeds, and then everything is as it was told.
    fn open(&mut self) -> Batches {
        loop {
            if self.random.one_in(4) {
                self.fail_soon(40);
            }
            let opened = self.try_open();
            let happened = !self.disk.take_fault();
            match opened {
                Ok(batches) if !is_off(&self.disk) => {
                    self.settle(&batches);
                    self.check_start(&batches);
                    // What the disk refused to remove stays until the next start.
                    assert!(happened || Self::is_within_limit(&batches));
                    return batches;
                }
                Ok(_) => {}
                Err(error) => {
                    let is_io = matches!(error, BatcherError::Storage(StorageError::Io { .. }));
                    assert!(is_io && happened, "{error}");
                }
            }
            self.go_down();
        }
    }

    fn fail_soon(&mut self, operations: u64) {
        let fault = FAULTS[self.random.below(3) as usize];
        self.disk.fail_after(self.random.below(operations), fault);
    }

    fn go_down(&mut self) {
        self.disk.take_fault();
        let crashes = is_off(&self.disk) || self.random.one_in(2);
        if crashes { self.disk.crash() } else { self.disk.restart() }
    }

    /// What was doubtful is there or not, and stays so.
    fn settle(&mut self, batches: &Batches) {
        (self.failed, self.lent) = (BTreeSet::new(), BTreeMap::new());
        let doubtful = self.doubtful.take();
        if batches.summary().sealed == self.sealed.len() as u64 + 1 {
            self.sealed.extend(doubtful);
        }
        for (number, sealed) in (1..).zip(&mut self.sealed) {
            sealed.is_proven |= batches.is_proven(number) && !sealed.verified.is_empty();
        }
    }

    /// Nothing that was told is lost or changed, and nothing is there that was not told.
    fn check(&self, batches: &Batches) {
        let summary = batches.summary();
        assert_eq!(summary.sealed, self.sealed.len() as u64);
        let is_proven = |sealed: &&Sealed| sealed.is_proven;
        assert_eq!(summary.proven, self.sealed.iter().filter(is_proven).count() as u64);
        let leading = self.sealed.iter().take_while(is_proven).count() as u64;
        assert_eq!(summary.first_unproven, leading + 1);
        let unproven = self.sealed.iter().filter(|sealed| !sealed.is_proven);
        let work: u64 = unproven.map(|sealed| work_of(&sealed.head)).sum();
        assert_eq!(summary.unproven_cycles, work);
        for (number, sealed) in (1..).zip(&self.sealed) {
            let view = batches.get(number).unwrap().unwrap();
            assert_eq!(view.head, sealed.head);
            assert_eq!(batches.is_proven(number), sealed.is_proven);
            let commitment = &sealed.head.commitment;
            assert_eq!(batches.of_block(commitment.last_block).unwrap(), Some(number));
            self.check_proof(batches, sealed, number, view.proof);
        }
        assert!(batches.get(summary.sealed + 1).unwrap().is_none());
    }

    fn check_proof(&self, batches: &Batches, sealed: &Sealed, number: u64, state: ProofState) {
        match (sealed.is_proven, batches.proof(number).unwrap()) {
            (false, None) => {
                assert!(matches!(state, ProofState::Queued | ProofState::Proving(_)), "{state:?}");
            }
            (true, None) => assert_eq!(state, ProofState::Removed),
            (is_proven, Some(document)) => {
                let record = KeptProof::of(&document).record;
                let found = Proof { content: bytes_of(&document), record };
                assert!(is_proven && sealed.verified.contains(&found), "batch {number}: {found:?}");
                assert_eq!(state, ProofState::Verified(KeptProof::of(&document)));
            }
        }
    }

    /// The same, and that a start leaves nothing that nobody needs.
    fn check_start(&self, batches: &Batches) {
        self.check(batches);
        let summary = batches.summary();
        assert_eq!((summary.lent, summary.proving, summary.failing), (0, None, None));
        let store = &batches.shared.store;
        let unproven = (1..).zip(&self.sealed).filter(|(_, sealed)| !sealed.is_proven);
        let unproven: BTreeMap<u64, &Sealed> = unproven.collect();
        assert!(store.inputs().unwrap().iter().eq(unproven.keys()));
        for (number, sealed) in unproven {
            assert_eq!(bytes_of(&store.input(number).unwrap()), sealed.input);
        }
        for folder in ["batches", "inputs", "proofs"] {
            let names = self.disk.list(folder).unwrap();
            assert!(!names.iter().any(|name| name.ends_with(".tmp")), "{names:?}");
        }
    }

    fn is_within_limit(batches: &Batches) -> bool {
        let store = &batches.shared.store;
        let proofs = store.proofs().unwrap();
        let size = |number: &u64| store.proof(*number).unwrap().unwrap().size_on_disk();
        let is_fixed = proofs.len() < 2 || proofs[0] >= batches.summary().first_unproven;
        is_fixed || proofs.iter().map(size).sum::<u64>() <= PROOF_BYTES_MAX
    }

    fn next_batch(&mut self) -> (BatchHead, Vec<u8>) {
        let before = self.sealed.last().map(|sealed| sealed.head.commitment.clone());
        let before = before.unwrap_or_default();
        let blocks = 1 + self.random.below(4);
        // Another one each time: the blocks may be batched in another way after a crash.
        let root = B256::from([self.random.number() as u8; 32]);
        let commitment = Commitment {
            number: before.number + 1,
            parent: before.hash(),
            first_block: before.last_block + 1,
            last_block: before.last_block + blocks,
            new_state_root: root,
            ..Commitment::default()
        };
        let (cycles, sealed_at_ms) = (self.random.below(1 << 30), self.random.number());
        let sealing =
            Sealing { transactions: blocks, cycles, reason: SealReason::Age, sealed_at_ms };
        let head = BatchHead::new(commitment.clone(), Header::default(), sealing);
        (head, self.random.bytes(600))
    }

    fn seal(&mut self, batches: &Batches) -> Result<(), BatcherError> {
        let (head, input) = self.next_batch();
        let verified = Vec::new();
        let sealed = Sealed { head, input, verified, is_proven: false };
        let result = batches.seal(&sealed.head, &sealed.input);
        match &result {
            Ok(()) => self.sealed.push(sealed),
            Err(_) => self.doubtful = Some(sealed),
        }
        result
    }

    /// A proof, or what somebody says is one.
    fn write(&mut self, draft: &mut Draft) -> Result<Vec<u8>, BatcherError> {
        let content = self.random.bytes(3_000);
        for piece in content.chunks(1 + self.random.below(2_000) as usize) {
            draft.append(piece)?;
            if self.random.one_in(4) {
                draft.reader()?;
            }
        }
        Ok(content)
    }

    fn verified(
        &mut self,
        batches: &Batches,
        batch: u64,
        draft: Draft,
        content: Vec<u8>,
    ) -> Result<(), BatcherError> {
        let [verified_at_ms, proving_ms] = [(); 2].map(|()| self.random.number() >> 32);
        let guest_key = B256::from([self.random.number() as u8; 32]);
        let record = ProofRecord { verified_at_ms, proving_ms, guest_key };
        let sealed = &mut self.sealed[batch as usize - 1];
        let proof = Proof { content, record };
        sealed.verified.push(proof.clone());
        batches.verified(batch, draft, &record)?;
        (sealed.verified, sealed.is_proven) = (vec![proof], true);
        self.lent.remove(&batch);
        Ok(())
    }

    /// The batch that is due: the first one that nobody has and that waits for nothing.
    fn check_due(&self, batch: u64) {
        assert!(!self.sealed[batch as usize - 1].is_proven && !self.lent.contains_key(&batch));
        let is_due = |number: &u64| {
            !self.sealed[*number as usize - 1].is_proven
                && !self.lent.contains_key(number)
                && !self.failed.contains(number)
        };
        assert_eq!((1..batch).find(is_due), None, "before batch {batch}");
    }

    /// The node's own prover at work.
    fn prove(&mut self, batches: &Batches) -> Result<(), BatcherError> {
        let Some(Job { batch, claim, input, .. }) = batches.next_job(Duration::ZERO)? else {
            return Ok(());
        };
        self.check_due(batch);
        let sealed = &self.sealed[batch as usize - 1];
        assert_eq!(claim, sealed.head.claim());
        assert!(is_off(&self.disk) || bytes_of(&input) == sealed.input);
        let made = batches.proof_draft(batch).and_then(|mut draft| {
            let content = self.write(&mut draft)?;
            Ok((draft, content))
        });
        let kept = match (made, self.random.below(6)) {
            (Ok(_), 0) => {
                batches.given_up();
                return Ok(());
            }
            (Ok((draft, content)), 2..) => self.verified(batches, batch, draft, content),
            (Ok(_), _) => Err(BatcherError::BatchMissing { batch }),
            (Err(error), _) => Err(error),
        };
        if kept.is_err() {
            batches.failed(batch, String::new());
            self.failed.insert(batch);
        }
        Ok(())
    }

    fn lend(&mut self, batches: &Batches) -> Result<(), BatcherError> {
        let Some(Lent { batch, loan, .. }) = batches.lend()? else { return Ok(()) };
        assert!(!self.sealed[batch as usize - 1].is_proven);
        assert_eq!(self.lent.insert(batch, loan), None, "batch {batch} is lent twice");
        Ok(())
    }

    /// Somebody brings a proof of a batch, whether it has borrowed it or not.
    fn hand_in(&mut self, batches: &Batches) -> Result<(), BatcherError> {
        let batch = 1 + self.random.below(self.sealed.len() as u64 + 1);
        let stranger = LoanId::random()?;
        let begun = batches.begin_upload(batch, stranger, 1_000)?;
        assert_eq!(begun.unwrap_err(), UploadRefusal::NotLent);
        let loan = self.lent.remove(&batch);
        let was_lent = loan.is_some();
        let begun = batches.begin_upload(batch, loan.unwrap_or(stranger), 1_000);
        let Ok((upload, mut draft)) = begun? else {
            assert!(!was_lent);
            return Ok(());
        };
        assert!(was_lent);
        let content = self.write(&mut draft)?;
        if self.random.one_in(4) {
            return Ok(());
        }
        drop(batches.submit(upload, draft)?);
        let submission = batches.next_submission(Duration::ZERO).unwrap();
        assert_eq!(submission.claim, self.sealed[batch as usize - 1].head.claim());
        let kept = match self.random.one_in(3) {
            true => Err(BatcherError::BatchMissing { batch }),
            false => self.verified(batches, batch, submission.draft, content),
        };
        if kept.is_err() {
            batches.refused(batch, String::new());
        }
        Ok(())
    }

    /// Somebody is late with a proof of a batch that has one.
    fn prove_again(&mut self, batches: &Batches) -> Result<(), BatcherError> {
        let batch = 1 + self.random.below(self.sealed.len() as u64);
        if !batches.is_proven(batch) {
            return Ok(());
        }
        let mut draft = batches.proof_draft(batch)?;
        let content = self.write(&mut draft)?;
        self.verified(batches, batch, draft, content)
    }

    /// `false`: the node stops, as it does when a batch cannot be sealed or read.
    fn step(&mut self, batches: &Batches) -> bool {
        let result = match self.random.below(9) {
            0..=2 => self.seal(batches),
            3 | 4 => self.prove(batches),
            5 => self.lend(batches),
            6 => self.hand_in(batches),
            7 => self.prove_again(batches),
            _ if is_off(&self.disk) => Ok(()),
            _ => {
                self.check(batches);
                Ok(())
            }
        };
        match result {
            Ok(()) => true,
            Err(BatcherError::Storage(StorageError::Io { .. } | StorageError::Poisoned { .. })) => {
                self.doubtful.is_none() && !is_off(&self.disk)
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn live(&mut self, batches: Batches, steps: u64) {
        for _ in 0..steps {
            if !self.step(&batches) {
                break;
            }
        }
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..6 {
        let batches = world.open();
        if !world.random.one_in(4) {
            world.fail_soon(80);
        }
        let steps = world.random.below(30);
        world.live(batches, steps);
        world.go_down();
    }
    world.open();
}

/// The same life over and over, which ends one operation of the disk later each time.
fn end_at_every_operation(seed: u64) {
    for fault in FAULTS {
        for operation in 0.. {
            let mut world = World::new(seed);
            let batches = world.open();
            world.live(batches, 12);
            world.go_down();
            let batches = world.open();
            world.disk.fail_after(operation, fault);
            world.live(batches, 16);
            let is_over = world.disk.take_fault();
            world.go_down();
            drop(world.open());
            if is_over {
                break;
            }
        }
    }
}

/// Changes, shortens or removes one file of a store that was left in order. Returns its path.
fn damage(disk: &FaultyDisk, random: &mut Random) -> String {
    let in_folder = |folder: &&str| {
        let mut names = disk.list(folder).unwrap();
        names.sort();
        names.into_iter().map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
    };
    let paths: Vec<String> = ["batches", "inputs", "proofs"].iter().flat_map(in_folder).collect();
    let path = paths[random.below(paths.len() as u64) as usize].clone();
    let file = disk.open(&path).unwrap();
    let length = file.length().unwrap();
    let place = random.below(length);
    match random.below(4) {
        0 => disk.remove(&path).unwrap(),
        1 => file.truncate(place).unwrap(),
        _ => {
            let mut byte = [0];
            file.read_at(place, &mut byte).unwrap();
            file.write_at(place, &[byte[0] ^ (1 << random.below(8))]).unwrap();
        }
    }
    path
}

/// What is told of a damaged store is the truth, or that it is damaged.
fn run_damaged(seed: u64) {
    let mut world = World::new(seed);
    let batches = world.open();
    world.live(batches, 40);
    world.go_down();
    drop(world.open());
    world.disk.restart();
    let path = damage(&world.disk, &mut world.random);
    let refused = |error: BatcherError| {
        let text = error.to_string();
        assert!(text.contains("restore"), "{path}: {text}");
        assert!(text.contains("faulty:") || text.contains("batch "), "{path}: {text}");
    };
    let batches = match world.try_open() {
        Ok(batches) => batches,
        Err(error) => return refused(error),
    };
    assert_eq!(batches.summary().sealed, world.sealed.len() as u64, "{path}");
    for (number, sealed) in (1..).zip(&world.sealed) {
        assert_eq!(batches.is_proven(number), sealed.is_proven, "{path}");
        match batches.head(number) {
            Ok(head) => assert_eq!(head.as_ref(), Some(&sealed.head), "{path}"),
            Err(error) => refused(error),
        }
        match batches.proof(number).unwrap().map(|proof| (proof.verify(), proof)) {
            Some((Err(error), _)) => refused(error.into()),
            Some((Ok(()), proof)) => assert_eq!(bytes_of(&proof), sealed.verified[0].content),
            None => {}
        }
        match batches.shared.store.input(number) {
            _ if sealed.is_proven => {}
            Ok(input) => assert_eq!(bytes_of(&input), sealed.input, "{path}"),
            Err(error) => refused(error),
        }
    }
}

/// Heads as they were some batches ago, beside inputs or proofs as they are now.
#[test]
fn a_part_of_an_older_backup_is_refused() {
    for proven in [false, true] {
        let mut world = World::new(1);
        let batches = world.try_open().unwrap();
        world.seal(&batches).unwrap();
        let read = |path: &String| {
            let file = world.disk.open(path).unwrap();
            let mut content = vec![0; file.length().unwrap() as usize];
            file.read_at(0, &mut content).unwrap();
            content
        };
        let names = world.disk.list("batches").unwrap();
        let paths = names.into_iter().map(|name| format!("batches/{name}"));
        let older: Vec<_> = paths.map(|path| (read(&path), path)).collect();
        let sealed = if proven { 1 } else { 2 };
        (0..sealed).for_each(|_| world.seal(&batches).unwrap());
        for batch in (1..=2).filter(|_| proven) {
            let draft = batches.proof_draft(batch).unwrap();
            world.verified(&batches, batch, draft, Vec::new()).unwrap();
        }
        drop(batches);
        world.disk.restart();
        for (content, path) in older {
            world.disk.create(&path).unwrap().write_at(0, &content).unwrap();
        }
        let error = world.try_open().unwrap_err();
        let expected = sealed + 1;
        assert!(
            matches!(error, BatcherError::BatchMissing { batch } if batch == expected),
            "{error}"
        );
    }
}

#[test]
fn damage_is_refused_and_never_told() {
    simulate(300, Duration::from_secs(2), run_damaged);
}

#[test]
fn what_was_told_of_batches_stays_true() {
    simulate(60, Duration::from_secs(3), run);
}

#[test]
fn no_operation_of_the_disk_is_a_bad_one_to_end_at() {
    simulate(2, Duration::from_secs(3), end_at_every_operation);
}
