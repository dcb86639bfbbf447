//! A chain over its lives on one simulated disk.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use minster_sequencer::{
    Event, HistoryConfig, Mining, Running, SequencerConfig, SequencerError, SliceKey, StartConfig,
    SubmitError, verify,
};
use minster_storage::{
    Storage, StorageError,
    directory::Identity,
    disk::{Disk, OverlayDisk},
    testing::{Fault, FaultyDisk, Random},
};
use tokio::sync::broadcast::Receiver;

use crate::{
    CHAIN_ID, SENDERS, genesis, transfer,
    witness::{Witness, check_whole},
};

pub struct World {
    pub disk: FaultyDisk,
    pub random: Random,
    pub witness: Witness,
    pub mining: Mining,
    pub history: HistoryConfig,
    pub slice_work: Duration,
    nonces: [u64; SENDERS],
    /// Whether a fault was set that nobody has asked after.
    is_armed: bool,
}

/// One life: what runs, and what it tells its readers.
pub struct Life {
    pub running: Running,
    events: Receiver<Event>,
}

impl Life {
    /// Whether a thread has failed and the node stops.
    pub fn is_over(&self) -> bool {
        matches!(self.running.handle().submit(&[]), Err(SubmitError::Stopping))
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        let mining = if random.one_in(3) { Mining::Instant } else { Mining::Interval };
        let (witness, nonces) = (Witness::default(), [0; SENDERS]);
        let history = HistoryConfig::default();
        let slice_work = SequencerConfig::default().slice_work;
        Self { disk, random, witness, mining, history, slice_work, nonces, is_armed: false }
    }

    /// Sets a fault of the disk, so many operations from now.
    pub fn fail_after(&mut self, operations: u64, fault: Fault) {
        self.is_armed = true;
        self.disk.fail_after(operations, fault);
    }

    /// Takes the fault back. Whether it had happened.
    fn has_failed(&mut self) -> bool {
        std::mem::take(&mut self.is_armed) & !self.disk.take_fault()
    }

    fn storage(disk: Arc<dyn Disk>) -> Result<Storage, StorageError> {
        let identity = Identity { chain_id: CHAIN_ID, genesis_hash: genesis().hash().0 };
        Storage::open_on(disk, &identity)
    }

    fn key() -> SliceKey {
        SliceKey::from_bytes([9; 32]).unwrap()
    }

    pub fn try_start(&mut self) -> Result<Life, SequencerError> {
        let storage = Self::storage(Arc::new(self.disk.clone()))?;
        let sequencer = SequencerConfig {
            mining: self.mining,
            history: self.history,
            slice_work: self.slice_work,
            snapshot_blocks: 3,
            is_development: true,
            ..Default::default()
        };
        let config = StartConfig {
            // Only whether there is one matters: the storage is open, and the key is given.
            directory: Some(PathBuf::from("simulated")),
            sequencer,
            slice_key: Some(Self::key()),
            ..Default::default()
        };
        let running = Running::start_on(&genesis(), storage, config)?;
        let events = running.handle().chain().subscribe();
        Ok(Life { running, events })
    }

    /// The chain is what was seen of it.
    pub fn check(&mut self, life: &Life) {
        let chain = life.running.handle().chain();
        self.witness.check(chain);
        self.nonces = check_whole(chain);
    }

    /// A first start, which the disk may not survive. Says whether it was a start.
    pub fn start_or_fail(&mut self) -> Option<Life> {
        match self.try_start() {
            Ok(life) => Some(life),
            Err(error) => {
                assert!(self.has_failed() && is_of_disk(&error), "{error}");
                self.go_down();
                None
            }
        }
    }

    /// Hears what there is to hear.
    pub fn hear(&mut self, life: &mut Life) {
        self.witness.hear(life.running.handle().chain(), &mut life.events);
    }

    /// Sends some transfers of one sender; none once the node stops.
    pub fn send(&mut self, life: &Life, count: u64) -> Vec<B256> {
        let sender = self.random.below(SENDERS as u64) as usize;
        let mut hashes = Vec::new();
        for _ in 0..count {
            match life.running.handle().submit(&transfer(sender, self.nonces[sender])) {
                Ok(hash) => hashes.push(hash),
                Err(SubmitError::Stopping) => break,
                Err(error) => panic!("{error}"),
            }
            self.nonces[sender] += 1;
        }
        hashes
    }

    /// Waits for receipts, or for the end of the node.
    pub fn wait(&mut self, life: &mut Life, hashes: &[B256]) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            self.hear(life);
            if hashes.iter().all(|hash| self.witness.has(hash)) || life.is_over() {
                return;
            }
            assert!(Instant::now() < deadline, "no receipts, and the node goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Uses the chain for some steps, or until the node stops.
    pub fn live(&mut self, life: &mut Life, steps: u64) {
        for _ in 0..steps {
            if life.is_over() {
                return;
            }
            if self.random.one_in(3) {
                let controls = life.running.handle().dev_controls().unwrap();
                // Nobody obeys on a node that stops.
                let _ = controls.mine(None, Duration::from_millis(200));
            }
            let count = 1 + self.random.below(4);
            let hashes = self.send(life, count);
            if self.random.one_in(2) {
                self.wait(life, &hashes);
            }
            self.hear(life);
        }
    }

    /// Stops the node and goes down with it. Says whether the disk had failed; a node that lived
    /// through that must say so.
    pub fn end(&mut self, life: Life) -> bool {
        let Life { running, mut events } = life;
        let chain = Arc::clone(running.handle().chain());
        let stopped = running.stop();
        self.witness.hear(&chain, &mut events);
        let has_failed = self.has_failed();
        match stopped {
            Ok(()) => assert!(!has_failed, "a failure of the disk was passed over"),
            Err(error) => assert!(has_failed && is_of_disk(&error), "{error}"),
        }
        self.go_down();
        has_failed
    }

    /// The machine dies; or, while the power is on, the process alone.
    fn go_down(&mut self) {
        let is_powered = self.disk.list("").is_ok();
        if is_powered && self.random.one_in(2) { self.disk.restart() } else { self.disk.crash() }
    }

    /// Starts a node that is not disturbed, looks at everything, and goes on a little.
    pub fn settle(&mut self) {
        let mut life = self.try_start().unwrap();
        self.check(&life);
        let hashes = self.send(&life, 2);
        self.wait(&mut life, &hashes);
        self.check(&life);
        life.running.stop().unwrap();
        self.disk.restart();
        self.verify();
    }

    /// Executes the whole chain again from what is on the disk.
    fn verify(&self) {
        let storage =
            Self::storage(Arc::new(OverlayDisk::new(Arc::new(self.disk.clone())))).unwrap();
        let signers = [Self::key().address()];
        let verified = verify(&genesis(), &storage, &signers, &mut |_, _| {}).unwrap();
        assert_eq!(verified.findings, Vec::<String>::new());
    }

    /// Starts, with failures on the way as often as `fault` has one.
    pub fn start(&mut self, fault: impl Fn(&mut Random) -> Option<(u64, Fault)>) -> Life {
        loop {
            if let Some((operations, fault)) = fault(&mut self.random) {
                self.fail_after(operations, fault);
            }
            match self.start_or_fail() {
                // What fails behind the start's back is found when the node ends.
                Some(life) if self.disk.take_fault() || !self.is_armed => {
                    self.is_armed = false;
                    self.check(&life);
                    return life;
                }
                Some(life) => drop(self.end(life)),
                None => {}
            }
        }
    }
}

/// Whether the disk is to blame: it said so itself, or it took no more after it had.
fn is_of_disk(error: &SequencerError) -> bool {
    let SequencerError::Storage(error) = error else { return false };
    matches!(error, StorageError::Io { .. } | StorageError::Poisoned { .. })
}
