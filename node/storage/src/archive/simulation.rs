//! Random use, faults, crashes and restarts, against a model that is a list.

use std::{sync::Arc, time::Duration};

use super::{Archive, ArchiveConfig};
use crate::{
    Folder, StorageError,
    disk::Disk,
    testing::{Fault, FaultyDisk, Random, simulate},
};

/// The number of the first record.
const FIRST: u64 = 7;

struct World {
    disk: FaultyDisk,
    random: Random,
    /// What was appended and may be there, from [`FIRST`] on.
    records: Vec<Vec<u8>>,
    /// How many of them must be there.
    durable: usize,
    /// Records from here on may not be removed from the front.
    removed_before: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        Self { disk, random, records: Vec::new(), durable: 0, removed_before: FIRST }
    }

    fn try_open(&mut self) -> Result<Archive, StorageError> {
        let folder = Folder::unlocked(Arc::new(self.disk.clone()), "blocks")?;
        Ok(Archive::open(folder, ArchiveConfig { segment_bytes: 2000 })?.0)
    }

    fn open(&mut self) -> Archive {
        loop {
            if self.random.one_in(4) {
                self.fail_soon();
            }
            match self.try_open() {
                Ok(archive) => {
                    self.disk.take_fault();
                    self.check(&archive);
                    return archive;
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
        self.disk.fail_after(self.random.below(16), fault);
    }

    fn go_down(&mut self) {
        let powered = self.disk.list("").is_ok();
        if powered && self.random.one_in(2) { self.disk.restart() } else { self.disk.crash() }
    }

    /// What is there is a beginning of what was appended, and reaches as far as was promised.
    /// Opening makes it durable.
    fn check(&mut self, archive: &Archive) {
        let count = archive.last().map_or(0, |last| (last - FIRST + 1) as usize);
        assert!(count >= self.durable, "{count} records, {} durable", self.durable);
        assert!(count <= self.records.len());
        self.records.truncate(count);
        self.durable = count;
        let first = archive.first().unwrap_or(FIRST);
        assert!(first <= self.removed_before);
        for (number, record) in (FIRST..).zip(&self.records).skip((first - FIRST) as usize) {
            assert_eq!(archive.get(number).unwrap().as_ref(), Some(record));
        }
    }

    fn append(&mut self, archive: &Archive) -> Result<(), StorageError> {
        let record = self.random.bytes(if self.random.clone().one_in(8) { 1500 } else { 100 });
        let number = FIRST + self.records.len() as u64;
        self.records.push(record);
        archive.append(number, self.records.last().unwrap())
    }

    fn sync(&mut self, archive: &Archive) -> Result<(), StorageError> {
        archive.sync()?;
        self.durable = self.records.len();
        Ok(())
    }

    fn truncate(&mut self, archive: &Archive) -> Result<(), StorageError> {
        // Not before what may have been removed from the front: see the case of an emptied
        // archive in the tests.
        let Some(kept) = archive.first() else { return Ok(()) };
        let end = FIRST + self.records.len() as u64;
        let last = kept + self.random.below(end - kept);
        let count = (last - FIRST + 1) as usize;
        self.durable = self.durable.min(count);
        archive.truncate_after(last)?;
        self.records.truncate(count);
        Ok(())
    }

    fn step(&mut self, archive: &Archive) -> Result<(), StorageError> {
        match self.random.below(24) {
            0 => {
                let number = FIRST + self.random.below(self.records.len() as u64 + 1);
                self.removed_before = self.removed_before.max(number);
                while archive.remove_oldest_before(number)?.is_some() {}
                Ok(())
            }
            23 => {
                archive.limit_segments(1 + self.random.below(30));
                Ok(())
            }
            1 | 2 => self.sync(archive),
            3 => self.truncate(archive),
            _ => self.append(archive),
        }
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..8 {
        let archive = world.open();
        if world.random.one_in(2) {
            world.fail_soon();
        }
        for _ in 0..world.random.below(60) {
            if world.step(&archive).is_err() {
                assert!(matches!(archive.sync(), Err(StorageError::Poisoned { .. })));
                break;
            }
        }
        drop(archive);
        world.disk.take_fault();
        world.go_down();
    }
    world.open();
}

#[test]
fn what_was_synced_survives_and_the_rest_is_a_beginning() {
    simulate(400, Duration::from_secs(3), run);
}
