use std::{
    io::{self, Read},
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;

use super::{Copied, Copier};
use crate::{
    Storage, StorageError,
    directory::Identity,
    disk::{Disk, DiskFile, DiskLock, MemoryDisk},
    testing::{Random, simulate, write_file},
};

const IDENTITY: Identity = Identity { chain_id: 7, genesis_hash: [1; 32] };

/// A node on a disk: it keeps the order of things that the README asks for.
struct Node {
    storage: Storage,
    random: Random,
    block: u64,
    proven: u64,
    removed: u64,
    /// A store that is full does nothing but prove, and keeps so many proofs.
    kept: Option<u64>,
    /// Blocks of the snapshots, oldest first.
    snapshots: Vec<u64>,
}

impl Node {
    fn new(disk: &Arc<dyn Disk>, seed: u64) -> Self {
        let storage = Storage::open_on(disk.clone(), &IDENTITY).unwrap();
        storage.blocks.append(0, &0_u64.to_le_bytes()).unwrap();
        for archive in [&storage.blocks, &storage.changes] {
            archive.limit_segments(2);
        }
        let (random, snapshots) = (Random::new(seed), Vec::new());
        Self { storage, random, block: 0, proven: 0, removed: 0, kept: None, snapshots }
    }

    /// Removes what neither a snapshot nor an unproven batch needs.
    fn prune(&self) {
        let Storage { blocks, changes, .. } = &self.storage;
        let batched = last_block(&self.storage, self.proven);
        // With one snapshot a start may have to fall back on genesis.
        let needed = if self.snapshots.len() < 2 { 0 } else { batched.min(self.snapshots[0]) };
        blocks.remove_oldest_before(needed).unwrap();
        changes.remove_oldest_before(needed).unwrap();
    }

    fn prove_one(&mut self) {
        let Storage { batches, inputs, proofs, .. } = &self.storage;
        self.proven += 1;
        inputs.write(self.proven, b"input").unwrap();
        batches.append(self.proven, &self.block.to_le_bytes()).unwrap();
        batches.sync().unwrap();
        proofs.write(self.proven, b"proof").unwrap();
        inputs.remove(self.proven).unwrap();
        while self.kept.is_some_and(|kept| self.proven - self.removed > kept) {
            self.removed += 1;
            proofs.note_removed_through(self.removed).unwrap();
            proofs.remove(self.removed).unwrap();
        }
    }

    fn step(&mut self) {
        if self.kept.is_some() {
            return self.prove_one();
        }
        let Storage { wal, blocks, changes, snapshots, batches, inputs, proofs, .. } =
            &mut self.storage;
        match self.random.below(24) {
            0..8 => {
                self.block += 1;
                wal.append(&[&self.block.to_le_bytes()]).unwrap();
                blocks.append(self.block, &self.block.to_le_bytes()).unwrap();
                changes.append(self.block, b"changes").unwrap();
            }
            8..13 => {
                let batch = batches.last().map_or(1, |last| last + 1);
                inputs.write(batch, b"input").unwrap();
                batches.append(batch, &self.block.to_le_bytes()).unwrap();
                batches.sync().unwrap();
            }
            13..18 if batches.last() > Some(self.proven) => {
                self.proven += 1;
                proofs.write(self.proven, b"proof").unwrap();
                inputs.remove(self.proven).unwrap();
            }
            18 if self.removed < self.proven => {
                self.removed += 1;
                proofs.note_removed_through(self.removed).unwrap();
                proofs.remove(self.removed).unwrap();
            }
            19 => {
                blocks.sync().unwrap();
                changes.sync().unwrap();
                let block = self.block.to_le_bytes();
                snapshots.write(wal.next_sequence(), |out| out.write_all(&block)).unwrap();
                snapshots.keep(NonZeroUsize::MIN.saturating_add(1)).unwrap();
                wal.rotate().unwrap();
                let oldest = snapshots.sequences().unwrap().get(1).copied().unwrap_or(0);
                wal.remove_before(oldest).unwrap();
                self.snapshots.push(self.block);
                let gone = self.snapshots.len().saturating_sub(2);
                self.snapshots.drain(..gone);
            }
            20..22 => self.prune(),
            _ => {}
        }
    }
}

/// The last block of a batch; of genesis before the first.
fn last_block(storage: &Storage, batch: u64) -> u64 {
    let head = storage.batches.get(batch).unwrap();
    head.map_or(0, |head| u64::from_le_bytes(head.try_into().unwrap()))
}

/// A disk on which a node goes on while it is read.
struct BusyDisk {
    disk: Arc<dyn Disk>,
    node: Arc<Mutex<Node>>,
    pace: u64,
}

impl BusyDisk {
    fn go_on(&self) {
        let mut node = self.node.lock();
        if node.random.one_in(self.pace) {
            node.step();
        }
    }
}

struct BusyFile(Arc<dyn DiskFile>);

impl Disk for BusyDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.go_on();
        let file = self.disk.open(path)?;
        self.go_on();
        Ok(Arc::new(BusyFile(file)))
    }

    fn create(&self, _: &str) -> io::Result<Arc<dyn DiskFile>> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn create_folder(&self, _: &str) -> io::Result<()> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.go_on();
        self.disk.list(folder)
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        self.go_on();
        self.disk.exists(path)
    }

    fn try_lock(&self, _: &str) -> io::Result<Option<DiskLock>> {
        panic!("the node has the lock")
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.disk.locate(path)
    }
}

impl DiskFile for BusyFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, _: u64) -> io::Result<()> {
        panic!("a copy writes nothing to where it copies from")
    }

    fn length(&self) -> io::Result<u64> {
        self.0.length()
    }
}

fn copy(source: Arc<dyn Disk>, target: Arc<dyn Disk>) -> Result<Copied, StorageError> {
    let copier = Copier::new(source, target)?;
    let copied = copier.copy()?;
    Ok(copied.and(copier.finish()?))
}

/// What is there.
fn content(disk: &Arc<dyn Disk>) -> Copied {
    let mut content = Copied::default();
    for folder in disk.list("").unwrap() {
        let names = disk.list(&folder).unwrap_or_default();
        let paths = names.iter().map(|name| format!("{folder}/{name}"));
        let paths: Vec<String> =
            if names.is_empty() { vec![folder.clone()] } else { paths.collect() };
        for file in paths.iter().filter_map(|path| disk.open(path).ok()) {
            content = content.and(Copied { files: 1, bytes: file.length().unwrap() });
        }
    }
    content
}

/// What a start needs, and what was there when the copy began.
fn check(copy: &Storage, block_min: u64, batch_min: Option<u64>) {
    let mut block = 0;
    let mut from = 0;
    if let Some((sequence, mut content)) = copy.snapshots.load_latest().unwrap() {
        let mut bytes = [0; 8];
        content.read_exact(&mut bytes).unwrap();
        (from, block) = (sequence, u64::from_le_bytes(bytes));
        assert!(copy.blocks.last() >= Some(block));
        assert!(block == 0 || copy.changes.last() >= Some(block));
    }
    for record in copy.wal.replay(from).unwrap() {
        let (_, bytes) = record.unwrap();
        block += 1;
        assert_eq!(bytes, block.to_le_bytes());
    }
    assert!(block >= block_min, "{block} of {block_min}");
    let first = copy.blocks.first().unwrap();
    let snapshots = copy.snapshots.sequences().unwrap();
    assert!(first == 0 || !snapshots.is_empty());
    for sequence in snapshots {
        let mut bytes = [0; 8];
        copy.snapshots.load(sequence).unwrap().read_exact(&mut bytes).unwrap();
        let block = u64::from_le_bytes(bytes);
        assert!(first <= block, "snapshot of block {block}, and blocks from {first} on");
    }
    for number in first..=copy.blocks.last().unwrap().min(block) {
        assert_eq!(copy.blocks.get(number).unwrap().unwrap(), number.to_le_bytes());
    }
    let last = copy.batches.last();
    check_history(copy, first);
    assert!(last >= batch_min);
    let removed = copy.proofs.removed_through().unwrap().unwrap_or(0);
    assert!(Some(removed).filter(|removed| *removed > 0) <= last);
    for batch in 1..=last.unwrap_or(0) {
        let proof = copy.proofs.get(batch).unwrap();
        let is_known = proof.is_some() || batch <= removed;
        assert!(is_known || copy.inputs.get(batch).unwrap().is_some(), "batch {batch}");
    }
    for numbers in [copy.inputs.numbers().unwrap(), copy.proofs.numbers().unwrap()] {
        assert!(numbers.last().copied() <= last);
    }
}

/// Blocks and changes reach back to the first batch of the copy that is not proven there.
fn check_history(copy: &Storage, first: u64) {
    let removed = copy.proofs.removed_through().unwrap().unwrap_or(0);
    let is_proven = |batch: &u64| *batch <= removed || copy.proofs.get(*batch).unwrap().is_some();
    let proven = (1..=copy.batches.last().unwrap_or(0)).take_while(is_proven).last();
    let needed = proven.map_or(0, |batch| last_block(copy, batch));
    assert!(first <= needed, "blocks begin with {first}, {needed} is needed");
    assert!(copy.changes.first().is_none_or(|first| first <= needed + 1));
}

#[test]
fn a_copy_of_a_running_node_is_what_a_crash_would_leave() {
    let (mut made, mut gone, mut pruned) = (0_u32, 0_u32, 0_u32);
    let counts = Mutex::new((&mut made, &mut gone, &mut pruned));
    simulate(300, Duration::from_secs(2), |seed| {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let mut node = Node::new(&disk, seed);
        for _ in 0..node.random.below(80) {
            node.step();
        }
        let (block, batch) = (node.block, node.storage.batches.last());
        let pace = 1 + node.random.below(12);
        let node = Arc::new(Mutex::new(node));
        let busy: Arc<dyn Disk> = Arc::new(BusyDisk { disk, node, pace });
        let target: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let mut counts = counts.lock();
        match copy(busy, target.clone()) {
            Ok(copied) => {
                // At least the genesis, the log and FORMAT.
                assert!(copied.files >= 3 && copied.bytes > 0);
                let there = content(&target);
                assert!(copied.files <= there.files && copied.bytes <= there.bytes);
                let copy = Storage::open_on(target, &IDENTITY).unwrap();
                check(&copy, block, batch);
                *counts.0 += 1;
                *counts.2 += u32::from(copy.blocks.first() > Some(0));
            }
            Err(StorageError::NeverSettled { .. }) => *counts.1 += 1,
            Err(error) => panic!("{error}"),
        }
    });
    assert!(made > 10 * gone, "{made} copies, {gone} given up");
    assert!(pruned > made / 10, "{made} copies, {pruned} of a pruned node");
}

#[test]
fn nothing_is_copied_over_something() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    drop(Node::new(&disk, 0));
    let target: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    write_file(target.as_ref(), "mine", b"");
    let refused = copy(disk, target.clone());
    assert!(matches!(refused, Err(StorageError::NotEmpty { .. })), "{refused:?}");
    assert_eq!(target.list("").unwrap(), ["mine"]);
}

/// Until it is finished a copy is no data directory, and nobody else may make one there.
#[test]
fn a_copy_is_nothing_before_it_is_finished() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    drop(Node::new(&disk, 0));
    let target: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    target.create_folder("lost+found").unwrap();
    let copier = Copier::new(disk.clone(), target.clone()).unwrap();
    let other = Copier::new(disk.clone(), target.clone());
    assert!(matches!(other, Err(StorageError::BeingRead { .. } | StorageError::Locked { .. })));
    copier.copy().unwrap();
    drop(copier);
    let refused = Storage::open_on(target, &IDENTITY);
    assert!(matches!(refused, Err(StorageError::ForeignDirectory { .. })), "{refused:?}");
}

/// A full store removes a proof for each that comes; it can be copied all the same.
#[test]
fn a_store_that_is_full_does_not_keep_a_copy_from_settling() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let mut node = Node::new(&disk, 1);
    for _ in 0..40 {
        node.prove_one();
    }
    node.kept = Some(40);
    let batch = node.storage.batches.last();
    let busy = BusyDisk { disk, node: Arc::new(Mutex::new(node)), pace: 4 };
    let target: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    copy(Arc::new(busy), target.clone()).unwrap();
    check(&Storage::open_on(target, &IDENTITY).unwrap(), 0, batch);
}
