use alloy_primitives::{Address, keccak256};
use minster_primitives::Account;
use minster_storage::{
    Folder,
    archive::ArchiveConfig,
    disk::{Disk, MemoryDisk},
    document::{Documents, Kind},
    testing::{Fault, FaultyDisk},
};

use super::*;
use crate::{sealer::state_root, state::Retention};

/// A contract of this one byte of code at the address of the same byte.
fn deployment(byte: u8) -> StateDiff {
    let code = Bytes::from(vec![byte]);
    let account = Account { nonce: 1, code_hash: keccak256(&code), ..Default::default() };
    StateDiff {
        accounts: [(Address::with_last_byte(byte), Some(account))].into(),
        codes: [(account.code_hash, code)].into(),
        ..Default::default()
    }
}

fn writer(store: &Arc<StateStore>) -> SnapshotWriter {
    writer_on(Arc::new(MemoryDisk::default()), store)
}

fn writer_on(disk: Arc<dyn Disk>, store: &Arc<StateStore>) -> SnapshotWriter {
    let folder = |name| Folder::unlocked(Arc::clone(&disk), name).unwrap();
    let archive = |name| Arc::new(Archive::open(folder(name), ArchiveConfig::default()).unwrap().0);
    let documents = Documents::open(folder("index"), Kind::INDEX).unwrap();
    SnapshotWriter {
        store: Arc::clone(store),
        index: Arc::new(Index::new(documents)),
        snapshots: Snapshots::open(folder("snapshots")).unwrap(),
        blocks: archive("blocks"),
        changes: archive("changes"),
        journal: std::sync::mpsc::sync_channel(1).0,
        stats: Arc::default(),
        oldest: Arc::default(),
    }
}

/// The chain does not wait for its snapshot: what a later slice published is no part of it.
#[test]
fn a_snapshot_holds_the_code_of_its_own_version_and_no_later() {
    let store = Arc::new(StateStore::new(Retention::default(), 0, &deployment(1)));
    let mut expected = deployment(1);
    store.apply(1, Arc::new(deployment(2)));
    expected.extend(deployment(2));
    let header =
        Header { number: 1, state_root: state_root(&expected).unwrap(), ..Default::default() };
    let block = Block {
        hash: header.hash_slow(),
        header,
        is_open: false,
        items: Vec::new(),
        slice_hashes: vec![B256::repeat_byte(1)],
        state_version: 1,
    };
    // The next block deploys, then the snapshot is written; deployed once more, a code stays old.
    store.apply(2, Arc::new(deployment(3)));
    store.apply(3, Arc::new(deployment(2)));
    let writer = writer(&store);
    writer.write(&SnapshotRequest { block: Arc::new(block), wal_sequence: 5 }).unwrap();
    let (head, state) = read(writer.snapshots.load(5).unwrap()).unwrap();
    assert_eq!(state, expected);
    assert_eq!(state_root(&state).unwrap(), head.header.state_root);
}

fn block(state_version: u64) -> Arc<Block> {
    let header = Header { number: 1, ..Default::default() };
    Arc::new(Block {
        hash: header.hash_slow(),
        header,
        is_open: false,
        items: Vec::new(),
        slice_hashes: Vec::new(),
        state_version,
    })
}

/// The disk may take its time when it has the copy: the state is held for so long alone.
#[test]
fn a_snapshot_comes_to_nothing_before_the_disk_is_asked() {
    let retention = Retention { versions_max: 2, ..Retention::default() };
    let store = Arc::new(StateStore::new(retention, 0, &deployment(1)));
    (1..=4).for_each(|version| store.apply(version, Arc::new(deployment(2))));
    let disk = FaultyDisk::new(1);
    let (journal, told) = std::sync::mpsc::sync_channel(1);
    let writer = SnapshotWriter { journal, ..writer_on(Arc::new(disk.clone()), &store) };
    writer.blocks.append(1, b"not synced").unwrap();
    disk.fail_after(0, Fault::Broken);
    let (sender, requests) = std::sync::mpsc::channel();
    sender.send(SnapshotRequest { block: block(1), wal_sequence: 5 }).unwrap();
    drop(sender);
    writer.run(&requests).unwrap();
    assert!(disk.take_fault(), "the disk was asked first");
    assert_eq!(writer.stats.snapshot().snapshots_skipped, 1);
    assert!(matches!(told.recv(), Ok(JournalMessage::SnapshotDone { wal_sequence: None })));
}

/// What a snapshot says of its block decides what is pruned, and nobody has verified it.
#[test]
fn a_head_that_does_not_fit_its_hash_lets_nothing_go() {
    let store = Arc::new(StateStore::new(Retention::default(), 0, &deployment(1)));
    let snapshots = writer(&store).snapshots;
    for (is_right, expected) in [(true, 1), (false, 0)] {
        let Block { header, hash, .. } = Block::clone(&block(0));
        let hash = if is_right { hash } else { B256::ZERO };
        let head = SnapshotHead { header, hash, slice_sequence: 0, slice_hash: B256::ZERO };
        for sequence in [1, 2] {
            let fill = |out: &mut dyn Write| write_state(out, &head, &deployment(1), &[]);
            snapshots.write(sequence, fill).unwrap();
        }
        assert_eq!(oldest_block(&snapshots).unwrap(), expected);
    }
}

/// What no start could read back is not written either.
#[test]
fn an_entry_that_cannot_be_read_is_not_written() {
    let head = SnapshotHead {
        header: Header::default(),
        hash: B256::ZERO,
        slice_sequence: 0,
        slice_hash: B256::ZERO,
    };
    let code = Bytes::from(vec![0; RECORD_BYTES_MAX]);
    let refused = write_state(&mut std::io::sink(), &head, &StateDiff::default(), &[code]);
    assert!(refused.unwrap_err().to_string().contains("too long"));
}
