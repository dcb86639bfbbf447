//! Random use, faults, crashes and restarts, against a model that is a map.

use std::{collections::BTreeMap, fmt::Debug, io::Read, sync::Arc, time::Duration};

use super::{Documents, Kind};
use crate::{
    Folder, StorageError,
    disk::Disk,
    testing::{Fault, FaultyDisk, Random, simulate},
};

/// Documents have numbers below this.
const NUMBERS: u64 = 4;

/// What a document or the note may be: one thing, or several after a failure.
type Possible<T> = Vec<Option<T>>;

struct World {
    disk: FaultyDisk,
    random: Random,
    documents: BTreeMap<u64, Possible<Vec<u8>>>,
    note: Possible<u64>,
}

fn found(documents: &Documents, number: u64) -> Option<Vec<u8>> {
    let document = documents.get(number).unwrap()?;
    document.verify().unwrap();
    let mut content = Vec::new();
    document.reader().read_to_end(&mut content).unwrap();
    Some(content)
}

/// What is there was possible, and is now the only possibility.
fn settle<T: Debug + PartialEq>(possible: &mut Possible<T>, found: Option<T>) {
    assert!(possible.contains(&found), "{found:?} is none of {possible:?}");
    *possible = vec![found];
}

/// A change that returned leaves one possibility; one that failed adds one.
fn note<T>(possible: &mut Possible<T>, found: Option<T>, result: &Result<(), StorageError>) {
    if result.is_ok() {
        possible.clear();
    }
    possible.push(found);
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let disk = FaultyDisk::new(random.number());
        let documents = (0..NUMBERS).map(|number| (number, vec![None])).collect();
        Self { disk, random, documents, note: vec![None] }
    }

    fn try_open(&self) -> Result<Documents, StorageError> {
        let folder = Folder::unlocked(Arc::new(self.disk.clone()), "proofs")?;
        Documents::open(folder, Kind::PROOF)
    }

    fn open(&mut self) -> Documents {
        loop {
            if self.random.one_in(4) {
                self.fail_soon();
            }
            match self.try_open() {
                Ok(documents) => {
                    self.disk.take_fault();
                    self.check(&documents);
                    return documents;
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

    /// Opening has made durable what is there, and left nothing unfinished.
    fn check(&mut self, documents: &Documents) {
        for (number, possible) in &mut self.documents {
            settle(possible, found(documents, *number));
        }
        settle(&mut self.note, documents.removed_through().unwrap());
        let names = self.disk.list("proofs").unwrap();
        assert!(!names.iter().any(|name| name.ends_with(".tmp")), "{names:?}");
        let there = self.documents.iter().filter(|(_, possible)| possible[0].is_some());
        assert_eq!(documents.numbers().unwrap(), there.map(|(n, _)| *n).collect::<Vec<_>>());
    }

    fn write(&mut self, documents: &Documents, content: &[u8]) -> Result<(), StorageError> {
        let number = self.random.below(NUMBERS);
        let mut draft = documents.draft(number)?;
        for piece in content.chunks(1 + self.random.below(700) as usize) {
            draft.append(piece)?;
            if self.random.one_in(8) {
                draft.reader()?;
            }
        }
        if self.random.one_in(4) {
            return Ok(());
        }
        let result = draft.keep().map(drop);
        note(self.documents.entry(number).or_default(), Some(content.to_vec()), &result);
        result
    }

    /// A call that failed counts for nothing more once the same call succeeds.
    fn settled(&mut self, call: impl Fn() -> Result<(), StorageError>) -> Result<(), StorageError> {
        let is_repeated = self.random.one_in(2);
        call().or_else(|error| if is_repeated { call() } else { Err(error) })
    }

    fn step(&mut self, documents: &Documents) -> Result<(), StorageError> {
        match self.random.below(8) {
            0 => {
                let number = self.random.number();
                let result = self.settled(|| documents.note_removed_through(number));
                note(&mut self.note, Some(number), &result);
                result
            }
            1 | 2 => {
                let number = self.random.below(NUMBERS);
                let result = self.settled(|| documents.remove(number));
                note(self.documents.entry(number).or_default(), None, &result);
                result
            }
            _ => {
                let content = self.random.bytes(2000);
                self.write(documents, &content)
            }
        }
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..8 {
        let documents = world.open();
        if world.random.one_in(2) {
            world.fail_soon();
        }
        for _ in 0..world.random.below(30) {
            // A failure harms nothing else: the node goes on.
            let result = world.step(&documents);
            assert!(matches!(result, Ok(()) | Err(StorageError::Io { .. })), "{result:?}");
        }
        drop(documents);
        world.disk.take_fault();
        world.go_down();
    }
    world.open();
}

#[test]
fn what_was_kept_survives_whole_and_nothing_else_does() {
    simulate(400, Duration::from_secs(3), run);
}
