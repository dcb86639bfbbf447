use std::sync::Arc;

use alloy_primitives::{Address, U256, keccak256, map::HashMap};
use minster_primitives::Header;
use minster_storage::{
    Folder,
    archive::ArchiveConfig,
    disk::{Disk, MemoryDisk},
    document::Kind,
};
use proptest::prelude::*;

use super::*;
use crate::codec::{ChangeSet, StoredAccount, StoredSlot, encode, encode_block};

/// An index over blocks, and what it must know.
struct World {
    disk: Arc<MemoryDisk>,
    blocks: Archive,
    changes: Archive,
    index: Index,
    header: Header,
    transactions: HashMap<B256, Place>,
    by_hash: HashMap<B256, u64>,
    /// The blocks that changed it, ascending.
    changed: HashMap<u64, Vec<u64>>,
    /// The last block that is in a run.
    written: Option<u64>,
}

fn folder(disk: &Arc<MemoryDisk>, name: &'static str) -> Folder {
    Folder::unlocked(Arc::clone(disk) as Arc<dyn Disk>, name).unwrap()
}

fn open(disk: &Arc<MemoryDisk>) -> Index {
    Index::new(Documents::open(folder(disk, "index"), Kind::INDEX).unwrap())
}

/// Two in a row begin alike, as far as a run knows a hash.
fn transaction(block: u64, index: u64) -> B256 {
    let mut hash = keccak256([block.to_be_bytes(), (index / 2).to_be_bytes()].concat());
    hash.0[31] = (index % 2) as u8;
    hash
}

fn account(index: u64) -> Address {
    Address::left_padding_from(&(index + 1).to_be_bytes())
}

/// Accounts that some blocks change, one that only this one does, and slots: one that every block
/// changes, and as many as there are transactions.
fn change_set(block: u64, count: u64) -> ChangeSet {
    let stored = |address| StoredAccount::new(address, Default::default());
    let seldom = (0..5).filter(|index| block.is_multiple_of(index + 2));
    let slot = |slot| StoredSlot { address: account(0), slot: U256::from(slot), value: U256::ONE };
    ChangeSet {
        accounts: seldom.map(|index| stored(account(index))).collect(),
        created: vec![account(1_000_000 + block)],
        slots: (0..=count).map(slot).collect(),
        published: Vec::new(),
    }
}

impl World {
    fn new() -> Self {
        let disk = Arc::new(MemoryDisk::default());
        let archive = |name| Archive::open(folder(&disk, name), ArchiveConfig::default());
        let (blocks, changes) = (archive("blocks").unwrap().0, archive("changes").unwrap().0);
        let mut world = Self {
            index: open(&disk),
            disk,
            blocks,
            changes,
            changed: HashMap::default(),
            header: Header::default(),
            transactions: HashMap::default(),
            by_hash: HashMap::default(),
            written: None,
        };
        let genesis = world.archive(0);
        assert_eq!(world.index.restore(&world.blocks, u64::MAX).unwrap(), 0);
        world.index.add_block(&genesis);
        world
    }

    /// The block on top, with a slice, in the archive alone.
    fn archive(&mut self, number: u64) -> Block {
        let parent_hash = self.header.hash_slow();
        self.header = Header { number, parent_hash, ..Header::default() };
        let slice = keccak256(parent_hash);
        let block = Block {
            header: self.header.clone(),
            hash: self.header.hash_slow(),
            is_open: false,
            items: Vec::new(),
            slice_hashes: vec![slice],
            state_version: number,
        };
        self.blocks.append(number, &encode_block(&block)).unwrap();
        self.by_hash.extend([(block.hash, number), (slice, number)]);
        block
    }

    fn block(&mut self, count: u64) {
        let number = self.header.number + 1;
        for index in 0..count {
            self.transactions.insert(transaction(number, index), Place { block: number, index });
        }
        let halves = [0..count / 2, count / 2..count];
        for half in halves {
            let first = half.start;
            let hashes = half.map(|index| transaction(number, index));
            self.index.add_transactions(number, first, hashes);
        }
        let changes = change_set(number, count);
        for key in keys(&changes) {
            self.changed.entry(key).or_default().push(number);
        }
        self.changes.append(number, &encode(&changes)).unwrap();
        let block = self.archive(number);
        self.index.add_block(&block);
    }

    fn write(&mut self) {
        self.index.roll();
        self.blocks.sync().unwrap();
        self.changes.sync().unwrap();
        self.index.write(self.header.number, &self.changes).unwrap();
        self.written = Some(self.header.number);
    }

    /// A start: what was in memory comes from the blocks, which here means from what they held.
    fn restart(&mut self) {
        self.index = open(&self.disk);
        let next = self.index.restore(&self.blocks, self.header.number).unwrap();
        assert_eq!(next, self.written.map_or(0, |last| last + 1));
        for number in next..=self.header.number {
            let mut hashes: Vec<_> =
                self.transactions.iter().filter(|(_, place)| place.block == number).collect();
            hashes.sort_unstable_by_key(|(_, place)| place.index);
            self.index.add_transactions(number, 0, hashes.into_iter().map(|(hash, _)| *hash));
            let bytes = self.blocks.get(number).unwrap().unwrap();
            self.index.add_block(&crate::codec::decode_block(&bytes).unwrap());
        }
    }

    /// It knows exactly what is there from `oldest` on.
    fn check(&self, oldest: u64) {
        for (hash, place) in &self.transactions {
            let recent = self.index.recent_transaction(hash);
            let mut found = self.index.old_transactions(hash).unwrap();
            found.extend(recent);
            let is_there = place.block >= oldest;
            assert_eq!(found.contains(place), is_there, "{hash}: {found:?}, not {place:?}");
            assert!(recent.is_some() || !is_there || self.index.reads_for_transaction(hash));
            assert!(found.len() <= 2, "{found:?}");
        }
        for (hash, number) in self.by_hash.iter().filter(|(_, number)| **number >= oldest) {
            let found = self.index.recent_block(hash).is_some_and(|found| found == *number);
            let old = self.index.old_blocks(hash).unwrap();
            assert!(found || old.iter().any(|place| place.block == *number), "block {number}");
        }
        self.check_changes(oldest);
        let mut looked_for = 0;
        for number in 0..2_000_u64 {
            let hash = keccak256(number.to_be_bytes());
            assert_eq!(self.index.recent_transaction(&hash), None);
            assert_eq!(self.index.old_transactions(&hash).unwrap(), []);
            looked_for += usize::from(self.index.reads_for_transaction(&hash));
        }
        let runs = self.index.runs.read().len();
        assert!(looked_for <= 2_000 * runs / 8, "{looked_for} of 2000 over {runs} runs");
    }

    /// Of every key it knows the next block that changed it, after each that did and the one
    /// before.
    fn check_changes(&self, oldest: u64) {
        let through = self.index.changes_through();
        assert_eq!(through, self.written.unwrap_or(0));
        for (key, blocks) in &self.changed {
            for after in blocks.iter().flat_map(|block| [block - 1, *block]) {
                if after + 1 < oldest {
                    continue;
                }
                let next = blocks.iter().find(|block| **block > after && **block <= through);
                assert_eq!(self.index.next_change(*key, after).unwrap(), next.copied());
            }
        }
        for number in 0..100_u64 {
            let nobody = account_key(account(2_000_000 + number));
            assert_eq!(self.index.next_change(nobody, oldest).unwrap(), None);
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Block(u64),
    Write,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop_oneof![Just(0), Just(1), 2..40_u64, Just(700)].prop_map(Step::Block),
        3 => Just(Step::Write),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn everything_is_found_and_nothing_else(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::Block(count) => world.block(count),
                Step::Write => world.write(),
                Step::Restart => world.restart(),
            }
        }
        world.check(0);
    }
}

#[test]
fn there_are_few_runs_however_long_the_chain_is() {
    let mut world = World::new();
    for _ in 0..64 {
        world.block(300);
        world.write();
        let count = world.index.runs.read().len() as u32;
        assert!(count <= 1 + world.header.number.ilog2(), "{count} runs");
    }
    assert_eq!(world.index.runs.read().len(), world.index.documents.numbers().unwrap().len());
    assert_eq!(world.index.count(), 64 * 300);
    world.restart();
    world.check(0);
    assert_eq!(world.index.count(), 64 * 300);
}

/// Its entries fill pages of one run, and there are several runs.
#[test]
fn a_key_that_every_block_changes_is_found_at_each() {
    let mut world = World::new();
    for number in 1..=1_500 {
        world.block(u64::from(number % 100 == 0));
        if [1_000, 1_300, 1_400].contains(&number) {
            world.write();
        }
    }
    assert_eq!(world.index.runs.read().len(), 3);
    world.check_changes(0);
    world.restart();
    world.check_changes(0);
}

#[test]
fn changes_that_are_missing_are_said() {
    let mut world = World::new();
    world.block(1);
    let block = world.archive(2);
    world.index.add_block(&block);
    world.index.roll();
    let missing = world.index.write(2, &world.changes).unwrap_err();
    assert!(matches!(missing, SequencerError::ChangesMissing { block: 2 }), "{missing}");
}

#[test]
fn pruned_blocks_are_not_found_and_their_runs_go() {
    let mut world = World::new();
    for _ in 0..24 {
        world.block(50);
        world.write();
    }
    let before = world.index.count();
    world.index.forget_before(20);
    world.index.removed_before(20);
    world.check(20);
    for _ in 0..8 {
        world.block(50);
        world.write();
    }
    world.check(20);
    assert!(world.index.count() < before);
    world.index.forget_before(33);
    world.index.removed_before(33);
    world.block(50);
    world.write();
    world.check(33);
    assert_eq!(world.index.documents.numbers().unwrap().len(), world.index.runs.read().len());
}

/// What is answered no more may be there again after a crash, until it is removed for good.
#[test]
fn a_crash_before_blocks_are_removed_loses_no_entry() {
    let mut world = World::new();
    for _ in 0..20 {
        world.block(50);
        world.write();
    }
    world.index.forget_before(18);
    let runs = world.index.documents.numbers().unwrap();
    for _ in 0..20 {
        world.block(50);
        world.write();
    }
    assert_ne!(world.index.documents.numbers().unwrap(), runs, "none was joined");
    world.check(18);
    world.restart();
    world.check(0);
}

/// Every byte of a run matters, and a start does not believe one that changed.
#[test]
fn a_damaged_run_is_made_again() {
    let mut world = World::new();
    for count in [400, 100, 20] {
        world.block(count);
        world.write();
    }
    let numbers = world.index.documents.numbers().unwrap();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
    let name = format!("index/{:020}.run", numbers[1]);
    let file = world.disk.open(&name).unwrap();
    let length = file.length().unwrap();
    for offset in (0..length).step_by(97).chain([length - 1]) {
        let mut byte = [0];
        file.read_at(offset, &mut byte).unwrap();
        file.write_at(offset, &[byte[0] ^ 1]).unwrap();
        let found = damaged(&world.index.documents).unwrap();
        assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [numbers[1]]);
        file.write_at(offset, &byte).unwrap();
    }
    assert!(damaged(&world.index.documents).unwrap().is_empty());
    // Nor does who has taken it up long before.
    let next = |world: &World| world.index.next_change(slot_key(account(0), U256::ZERO), 0);
    assert_eq!(next(&world).unwrap(), Some(1));
    let first = world.disk.open(&format!("index/{:020}.run", numbers[0])).unwrap();
    let (mut byte, last) = ([0], first.length().unwrap() - 200);
    first.read_at(last, &mut byte).unwrap();
    first.write_at(last, &[byte[0] ^ 1]).unwrap();
    let seen: Vec<_> = world.changed.keys().map(|key| world.index.next_change(*key, 0)).collect();
    assert!(seen.iter().any(Result::is_err) && seen.iter().any(Result::is_ok));
    first.write_at(last, &byte).unwrap();
    file.write_at(20, &[0xff; 7]).unwrap();
    world.written = Some(numbers[1] - 1);
    world.restart();
    world.check(0);
    assert_eq!(world.index.documents.numbers().unwrap(), [numbers[0]]);
    world.write();
    world.restart();
    world.check(0);
}

/// A crash after two runs were joined, before the newer one is removed.
#[test]
fn a_run_that_is_in_another_is_removed() {
    let mut world = World::new();
    world.block(10);
    world.write();
    world.block(10);
    world.index.roll();
    let ended = world.index.memory.read().ended.clone().unwrap();
    world.blocks.sync().unwrap();
    world.changes.sync().unwrap();
    world.index.write(2, &world.changes).unwrap();
    world.written = Some(2);
    assert_eq!(world.index.documents.numbers().unwrap(), [0]);
    let changed = changes::collect(&world.changes, 2, Some(2)).unwrap();
    Run::write(&world.index.documents, &ended, &changed).unwrap();
    assert_eq!(world.index.documents.numbers().unwrap(), [0, 2]);
    world.restart();
    assert_eq!(world.index.documents.numbers().unwrap(), [0]);
    world.check(0);
}

/// However often a snapshot comes to nothing, a hash is looked for in two tables.
#[test]
fn what_is_not_written_is_in_two_tables_at_most() {
    let mut world = World::new();
    for _ in 0..5 {
        world.block(10);
        world.index.roll();
    }
    assert_eq!(world.index.memory.read().ended.as_ref().unwrap().last(), Some(1));
    world.check(0);
    world.blocks.sync().unwrap();
    world.changes.sync().unwrap();
    world.index.write(5, &world.changes).unwrap();
    world.written = Some(1);
    world.check(0);
    world.restart();
    world.check(0);
    world.write();
    world.check(0);
}

/// A run knows the two by what they have in common.
#[test]
fn two_hashes_of_a_block_may_begin_alike() {
    let mut world = World::new();
    let mut block = world.archive(1);
    let mut alike = block.slice_hashes[0];
    alike.0[31] ^= 1;
    block.slice_hashes.push(alike);
    world.by_hash.insert(alike, 1);
    world.changes.append(1, &encode(&change_set(1, 0))).unwrap();
    world.index.add_block(&block);
    world.write();
    world.check(0);
    world.restart();
    world.check(0);
}

/// Their hashes are in memory, too, when a start makes the index again.
#[test]
fn blocks_without_transactions_count() {
    let mut world = World::new();
    let before = world.index.unrolled();
    (0..3).for_each(|_| world.block(0));
    assert_eq!(world.index.unrolled() - before, 3 * 2);
}

/// The end of the archive was cut and written anew: the run is about blocks that never were.
#[test]
fn a_run_of_other_blocks_is_not_believed() {
    let mut world = World::new();
    world.block(10);
    world.write();
    let header = world.header.clone();
    world.block(10);
    world.block(10);
    world.index.roll();
    world.index.write(3, &world.changes).unwrap();
    world.blocks.truncate_after(1).unwrap();
    world.header = Header { gas_used: 1, ..header };
    world.transactions.retain(|_, place| place.block < 2);
    world.by_hash.retain(|_, number| *number < 2);
    let other = world.archive(2);
    assert_eq!(other.header.number, 2);
    world.index = open(&world.disk);
    // Joined with the one before it, which goes with it.
    assert_eq!(world.index.restore(&world.blocks, u64::MAX).unwrap(), 0);
    assert_eq!(world.index.documents.numbers().unwrap(), Vec::<u64>::new());
}

/// A start from an older snapshot executes the blocks after it again.
#[test]
fn a_run_beyond_the_snapshot_is_made_again() {
    let mut world = World::new();
    for _ in 0..3 {
        world.block(10);
        world.write();
    }
    world.block(10);
    let before = world.index.documents.numbers().unwrap().len();
    assert_eq!(before, 2);
    world.index = open(&world.disk);
    assert_eq!(world.index.restore(&world.blocks, 2).unwrap(), 2 + 1);
    world.written = Some(2);
    for number in 3..=4 {
        let hashes = (0..10).map(|index| transaction(number, index));
        world.index.add_transactions(number, 0, hashes);
        let bytes = world.blocks.get(number).unwrap().unwrap();
        world.index.add_block(&crate::codec::decode_block(&bytes).unwrap());
    }
    world.check(0);
    world.write();
    world.check(0);
}
