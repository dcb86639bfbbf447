//! One suite for every implementation of the seam.

use std::sync::Arc;

use super::{Disk, MemoryDisk, OverlayDisk, ReadOnlyDisk, RealDisk};
use crate::testing::FaultyDisk;

fn names(disk: &dyn Disk, folder: &str) -> Vec<String> {
    let mut names = disk.list(folder).unwrap();
    names.sort();
    names
}

fn check_files(disk: &dyn Disk) {
    disk.create_folder("folder").unwrap();
    disk.create_folder("folder").unwrap();
    assert!(disk.create("missing/a").is_err());
    assert!(disk.open("folder/a").is_err());
    let file = disk.create("folder/a").unwrap();
    file.write_at(0, b"hello").unwrap();
    file.write_at(5, b" world").unwrap();
    file.sync_data().unwrap();
    let mut buffer = [0; 8];
    assert_eq!(file.read_at(6, &mut buffer).unwrap(), 5);
    assert_eq!(&buffer[..5], b"world");
    assert_eq!(file.read_at(100, &mut buffer).unwrap(), 0);
    file.truncate(4).unwrap();
    assert_eq!(file.length().unwrap(), 4);
    file.write_at(6, b"!").unwrap();
    let again = disk.open("folder/a").unwrap();
    assert_eq!(again.read_at(0, &mut buffer).unwrap(), 7);
    assert_eq!(&buffer[..7], b"hell\0\0!");
    assert_eq!(disk.create("folder/a").unwrap().length().unwrap(), 0);
}

fn check_names(disk: &dyn Disk) {
    disk.create_folder("names").unwrap();
    disk.create("names/a").unwrap().write_at(0, b"new").unwrap();
    disk.create("names/b").unwrap();
    disk.rename("names/a", "names/b").unwrap();
    disk.sync_folder("names").unwrap();
    assert_eq!(names(disk, "names"), ["b"]);
    assert_eq!(disk.open("names/b").unwrap().length().unwrap(), 3);
    assert!(disk.exists("names/b").unwrap() && !disk.exists("names/a").unwrap());
    assert!(disk.exists("names").unwrap());
    assert!(names(disk, "").contains(&"names".to_owned()));
    // A handle outlives the name.
    let file = disk.open("names/b").unwrap();
    disk.remove("names/b").unwrap();
    assert_eq!(file.length().unwrap(), 3);
    assert!(disk.remove("names/b").is_err() && disk.rename("names/b", "names/c").is_err());
    assert!(names(disk, "names").is_empty() && disk.list("missing").is_err());
}

fn check_lock(disk: &dyn Disk) {
    let lock = disk.try_lock("lock").unwrap();
    assert!(lock.is_some() && disk.exists("lock").unwrap());
    assert!(disk.try_lock("lock").unwrap().is_none());
    drop(lock);
    assert!(disk.try_lock("lock").unwrap().is_some());
}

fn check(disk: &dyn Disk) {
    check_files(disk);
    check_names(disk);
    check_lock(disk);
}

#[test]
fn real_disk_keeps_the_contract() {
    let root = tempfile::tempdir().unwrap();
    let disk = RealDisk::open(root.path().join("not/there/yet")).unwrap();
    check(&disk);
}

#[test]
fn memory_disk_keeps_the_contract() {
    check(&MemoryDisk::default());
}

#[test]
fn overlay_disk_keeps_the_contract_over_nothing() {
    check(&OverlayDisk::new(Arc::new(MemoryDisk::default())));
}

/// The same over files that are there: they can be read, changed and removed, and stay.
#[test]
fn overlay_disk_changes_nothing_below() {
    let below: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    below.create_folder("folder").unwrap();
    let content: Vec<u8> = (0..10_000_u32).map(|index| index as u8).collect();
    for name in ["folder/changed", "folder/cut", "folder/removed", "folder/renamed"] {
        below.create(name).unwrap().write_at(0, &content).unwrap();
    }
    let above = OverlayDisk::new(below.clone());
    let read = |path| crate::testing::read_file(&above, path);
    assert_eq!(read("folder/changed"), content);
    above.open("folder/changed").unwrap().write_at(4_090, &[0xff; 10]).unwrap();
    let expected = [&content[..4_090], &[0xff; 10], &content[4_100..]].concat();
    assert_eq!(read("folder/changed"), expected);
    let cut = above.open("folder/cut").unwrap();
    cut.truncate(5_000).unwrap();
    assert_eq!(read("folder/cut"), &content[..5_000]);
    cut.write_at(6_000, &[1]).unwrap();
    assert_eq!(read("folder/cut"), [&content[..5_000], &[0; 1_000], &[1]].concat());
    above.remove("folder/removed").unwrap();
    above.rename("folder/renamed", "folder/other").unwrap();
    assert_eq!(read("folder/other"), content);
    assert_eq!(names(&above, "folder"), ["changed", "cut", "other"]);
    assert!(above.open("folder/removed").is_err() && !above.exists("folder/renamed").unwrap());

    assert_eq!(names(below.as_ref(), "folder"), ["changed", "cut", "removed", "renamed"]);
    for name in ["folder/changed", "folder/cut", "folder/removed", "folder/renamed"] {
        assert_eq!(crate::testing::read_file(below.as_ref(), name), content);
    }
}

#[test]
fn a_read_only_disk_reads_and_refuses_the_rest() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("folder")).unwrap();
    std::fs::write(root.path().join("folder/file"), "content").unwrap();
    let disk = ReadOnlyDisk::open(root.path()).unwrap();
    assert_eq!(crate::testing::read_file(&disk, "folder/file"), b"content");
    assert_eq!(names(&disk, "folder"), ["file"]);
    let file = disk.open("folder/file").unwrap();
    assert!(file.write_at(0, b"other").is_err() && file.truncate(0).is_err());
    assert!(disk.create("folder/new").is_err() && disk.remove("folder/file").is_err());
    assert!(disk.rename("folder/file", "folder/new").is_err());
    assert!(disk.create_folder("other").is_err());
    assert!(disk.try_lock("folder/none").is_err());
    assert!(ReadOnlyDisk::open(root.path().join("none")).is_err());
}

/// Who only reads excludes who writes, and is told apart from one.
#[test]
fn readers_share_what_a_writer_wants_alone() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("lock"), "").unwrap();
    let reader = ReadOnlyDisk::open(root.path()).unwrap();
    let writer = RealDisk::open(root.path()).unwrap();
    let shares = [reader.try_lock("lock").unwrap(), reader.try_lock("lock").unwrap()];
    assert!(shares.iter().all(Option::is_some));
    assert!(writer.try_lock("lock").unwrap().is_none());
    assert!(writer.try_lock_shared("lock").unwrap().is_some());
    drop(shares);
    let whole = writer.try_lock("lock").unwrap();
    assert!(whole.is_some() && reader.try_lock("lock").unwrap().is_none());
    assert!(writer.try_lock_shared("lock").unwrap().is_none());
}

/// A directory with more files than a process may have open can be read to its end.
#[test]
fn what_nobody_has_open_is_not_kept_open() {
    let below = MemoryDisk::default();
    let above = OverlayDisk::new(Arc::new(below.clone()));
    let mut opened = Vec::new();
    for number in 0..100 {
        let path = format!("file{number}");
        below.create(&path).unwrap();
        let file = above.open(&path).unwrap();
        assert_eq!(file.length().unwrap(), 0);
        if number == 7 {
            file.write_at(0, b"changed").unwrap();
        }
        opened.push(Arc::downgrade(&file));
    }
    let kept = (0..100).filter(|index| opened[*index].strong_count() > 0);
    assert_eq!(kept.collect::<Vec<_>>(), [7, 99], "the changed one, and the last");
    assert_eq!(crate::testing::read_file(&above, "file7"), b"changed");
}

#[test]
fn faulty_disk_keeps_the_contract() {
    check(&FaultyDisk::new(0));
}

#[test]
fn a_file_in_the_place_of_the_root_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    std::fs::write(&path, "").unwrap();
    assert!(RealDisk::open(&path).is_err());
    assert!(RealDisk::open(path.join("below")).is_err());
}

#[test]
fn faulty_disk_keeps_what_is_synced_and_loses_the_rest_at_times() {
    let (mut lost, mut kept) = (0, 0);
    for seed in 0..64 {
        let disk: Arc<FaultyDisk> = Arc::new(FaultyDisk::new(seed));
        let file = disk.create("a").unwrap();
        file.write_at(0, &[1; 1000]).unwrap();
        file.sync_data().unwrap();
        disk.sync_folder("").unwrap();
        file.write_at(1000, &[2; 1000]).unwrap();
        disk.crash();
        let content = crate::testing::read_file(disk.as_ref(), "a");
        assert_eq!(content[..1000], [1; 1000]);
        if content[1000..] == [2; 1000] { kept += 1 } else { lost += 1 }
    }
    assert!(lost > 0 && kept > 0, "lost {lost}, kept {kept}");
}
