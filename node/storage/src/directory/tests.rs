use std::{fs, path::Path, sync::Arc};

use super::{DataDir, Identity, LOCK, WAL, inspect};
use crate::{
    StorageError,
    disk::{Disk, MemoryDisk, ReadOnlyDisk, RealDisk},
    testing::{Fault, FaultyDisk, read_file, write_file},
};

const IDENTITY: Identity = Identity { chain_id: 7, genesis_hash: [0xab; 32] };

fn open(disk: &MemoryDisk) -> Result<DataDir, StorageError> {
    DataDir::open(Arc::new(disk.clone()), &IDENTITY)
}

fn real(path: &Path) -> Arc<RealDisk> {
    Arc::new(RealDisk::open(path).unwrap())
}

/// A message is one line that begins with the path, whatever it says.
fn message(result: Result<DataDir, StorageError>) -> String {
    let message = result.err().unwrap().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn a_directory_is_created_once_and_opened_again() {
    let disk = MemoryDisk::default();
    open(&disk).unwrap();
    let format = String::from_utf8(read_file(&disk, "FORMAT")).unwrap();
    let expected = format!(
        "{{\n  \"name\": \"minster\",\n  \"format\": 6,\n  \"chain_id\": 7,\n  \
         \"genesis_hash\": \"0x{}\"\n}}\n",
        "ab".repeat(32)
    );
    assert_eq!(format, expected);
    open(&disk).unwrap();
}

#[test]
fn a_directory_in_use_is_refused_until_its_last_part_is_dropped() {
    let root = tempfile::tempdir().unwrap();
    let directory = DataDir::open(real(root.path()), &IDENTITY).unwrap();
    let folder = directory.folder(WAL);
    drop(directory);
    let error = message(DataDir::open(real(root.path()), &IDENTITY));
    assert!(error.contains("in use by another process"), "{error}");
    drop(folder);
    DataDir::open(real(root.path()), &IDENTITY).unwrap();
}

#[test]
fn who_reads_a_directory_is_told_apart_from_who_uses_it() {
    let root = tempfile::tempdir().unwrap();
    drop(DataDir::open(real(root.path()), &IDENTITY).unwrap());
    let reader = ReadOnlyDisk::open(root.path()).unwrap();
    let share = reader.try_lock(LOCK).unwrap().unwrap();
    let error = DataDir::open(real(root.path()), &IDENTITY).err().unwrap();
    assert!(matches!(error, StorageError::BeingRead { .. }), "{error}");
    drop(share);
    DataDir::open(real(root.path()), &IDENTITY).unwrap();
}

#[test]
fn a_directory_is_looked_at_without_a_change() {
    let root = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(ReadOnlyDisk::open(root.path()).unwrap());
    inspect(&disk, &IDENTITY).unwrap();
    drop(DataDir::open(real(root.path()), &IDENTITY).unwrap());
    inspect(&disk, &IDENTITY).unwrap();
    let other = Identity { chain_id: 8, ..IDENTITY };
    assert!(matches!(inspect(&disk, &other), Err(StorageError::OtherChain { .. })));
    fs::remove_file(root.path().join("FORMAT")).unwrap();
    fs::write(root.path().join("thesis.txt"), "my only copy").unwrap();
    assert!(matches!(inspect(&disk, &IDENTITY), Err(StorageError::ForeignDirectory { .. })));
}

#[test]
fn a_foreign_directory_is_refused_and_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("thesis.txt"), "my only copy").unwrap();
    let error = message(DataDir::open(real(root.path()), &IDENTITY));
    assert!(error.contains("not a Minster data directory"), "{error}");
    assert!(error.contains("thesis.txt"), "{error}");
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn a_directory_that_lost_its_format_is_not_taken_for_an_empty_one() {
    let disk = MemoryDisk::default();
    open(&disk).unwrap();
    disk.remove("FORMAT").unwrap();
    // As after a creation that was interrupted.
    open(&disk).unwrap();
    disk.remove("FORMAT").unwrap();
    write_file(&disk, "wal/00000000000000000000.wal", b"records");
    assert!(matches!(open(&disk), Err(StorageError::ForeignDirectory { .. })));
}

#[test]
fn a_fresh_volume_counts_as_empty() {
    let disk = MemoryDisk::default();
    disk.create_folder("lost+found").unwrap();
    open(&disk).unwrap();
}

fn check_format(format: &str, expected: &str) {
    let disk = MemoryDisk::default();
    open(&disk).unwrap();
    write_file(&disk, "FORMAT", format.as_bytes());
    let error = message(open(&disk));
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_is_wrong_with_the_format_is_said() {
    // Only the head of a newer format need be readable.
    check_format(
        r#"{"name": "minster", "format": 7, "surprise": []}"#,
        "written by a newer Minster: format 7, this binary knows up to 6",
    );
    check_format(
        r#"{"name": "minster", "format": 1, "chain_id": 7, "genesis_hash": "0x"}"#,
        "written by an older Minster: format 1, this binary reads 6 alone",
    );
    check_format(r#"{"name": "another", "format": 6}"#, "FORMAT of another");
    check_format("", "not a valid FORMAT file");
    check_format(r#"{"name": "minster", "format": 6}"#, "missing field");
    check_format(
        r#"{"name": "minster", "format": 6, "chain_id": 8, "genesis_hash": "0x"}"#,
        "belongs to chain 8, not to chain 7",
    );
    check_format(
        r#"{"name": "minster", "format": 6, "chain_id": 7, "genesis_hash": "0xcd"}"#,
        "created from another genesis (0xcd, the configuration has 0xabab",
    );
}

#[test]
fn a_directory_without_a_part_is_refused() {
    let root = tempfile::tempdir().unwrap();
    DataDir::open(real(root.path()), &IDENTITY).unwrap();
    fs::remove_dir(root.path().join(WAL)).unwrap();
    let error = message(DataDir::open(real(root.path()), &IDENTITY));
    assert!(error.contains("wal is missing"), "{error}");
}

#[test]
fn a_creation_interrupted_anywhere_can_be_repeated() {
    for seed in 0..50 {
        for operations in 0.. {
            let disk = FaultyDisk::new(seed);
            disk.fail_after(operations, Fault::PowerCut);
            let created = DataDir::open(Arc::new(disk.clone()), &IDENTITY);
            if disk.take_fault() {
                created.unwrap();
                break;
            }
            drop(created);
            disk.crash();
            DataDir::open(Arc::new(disk.clone()), &IDENTITY).unwrap();
        }
    }
}
