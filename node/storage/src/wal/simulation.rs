//! Random use, faults, crashes and restarts, against a model that is a list.

use std::{sync::Arc, time::Duration};

use super::{Wal, WalConfig};
use crate::{
    Folder, StorageError,
    testing::{Fault, FaultyDisk, Random, simulate},
};

struct World {
    disk: FaultyDisk,
    random: Random,
    /// Every record that was acknowledged, by sequence number.
    acknowledged: Vec<Vec<u8>>,
    /// The group whose append failed: it may be there as a whole or not at all.
    unclear: Vec<Vec<u8>>,
    /// Records from here on must be there.
    removed_before: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        let (acknowledged, unclear) = (Vec::new(), Vec::new());
        Self { disk, random, acknowledged, unclear, removed_before: 0 }
    }

    fn try_open(&mut self) -> Result<Wal, StorageError> {
        let folder = Folder::unlocked(Arc::new(self.disk.clone()), "wal")?;
        let wal = Wal::open(folder, WalConfig { segment_bytes: 4000 })?;
        wal.settle()?;
        Ok(wal)
    }

    /// Starts, perhaps with more failures on the way, and compares with the model.
    fn open(&mut self) -> Wal {
        loop {
            if self.random.one_in(4) {
                self.fail_soon();
            }
            match self.try_open() {
                Ok(wal) => {
                    self.disk.take_fault();
                    self.check(&wal);
                    return wal;
                }
                Err(error) => {
                    assert!(matches!(error, StorageError::Io { .. }), "{error}");
                    self.go_down();
                }
            }
        }
    }

    fn fail_soon(&mut self) {
        let fault = [Fault::Full, Fault::Broken, Fault::PowerCut][self.random.below(3) as usize];
        self.disk.fail_after(self.random.below(12), fault);
    }

    fn go_down(&mut self) {
        // A restart is possible only while the power is on.
        let powered = crate::disk::Disk::list(&self.disk, "").is_ok();
        if powered && self.random.one_in(2) { self.disk.restart() } else { self.disk.crash() }
    }

    fn check(&mut self, wal: &Wal) {
        let unclear = std::mem::take(&mut self.unclear);
        if wal.next_sequence() != self.acknowledged.len() as u64 {
            self.acknowledged.extend(unclear);
        }
        assert_eq!(wal.next_sequence(), self.acknowledged.len() as u64);
        let first = wal.first_sequence();
        assert!(first <= self.removed_before);
        let from = first + self.random.below(wal.next_sequence() - first + 1);
        let replayed: Vec<(u64, Vec<u8>)> = wal.replay(from).unwrap().map(Result::unwrap).collect();
        let expected: Vec<(u64, Vec<u8>)> =
            (from..).zip(self.acknowledged[from as usize..].iter().cloned()).collect();
        assert_eq!(replayed, expected);
    }

    fn append(&mut self, wal: &mut Wal) -> Result<(), StorageError> {
        let size = if self.random.one_in(8) { 3000 } else { 200 };
        let records: Vec<Vec<u8>> =
            (0..=self.random.below(4)).map(|_| self.random.bytes(size)).collect();
        let group: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let result = wal.append(&group);
        match result {
            Ok(()) => self.acknowledged.extend(records),
            Err(_) => self.unclear = records,
        }
        result
    }

    fn step(&mut self, wal: &mut Wal) -> Result<(), StorageError> {
        match self.random.below(12) {
            0 => wal.rotate(),
            1 => {
                let sequence = self.random.below(wal.next_sequence() + 1);
                self.removed_before = self.removed_before.max(sequence);
                wal.remove_before(sequence)
            }
            _ => self.append(wal),
        }
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..8 {
        let mut wal = world.open();
        if world.random.one_in(2) {
            world.fail_soon();
        }
        for _ in 0..world.random.below(30) {
            if world.step(&mut wal).is_err() {
                let refused = wal.append(&[b"after a failure"]);
                assert!(matches!(refused, Err(StorageError::Poisoned { .. })));
                assert!(wal.replay(wal.next_sequence()).is_err());
                break;
            }
        }
        drop(wal);
        world.disk.take_fault();
        world.go_down();
    }
    world.open();
}

#[test]
fn what_was_acknowledged_survives_and_nothing_else_appears() {
    simulate(400, Duration::from_secs(3), run);
}
