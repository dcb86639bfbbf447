use super::*;

#[test]
fn sizes_are_added_up_by_folder() {
    let root = tempfile::tempdir().unwrap();
    for (folder, file, bytes) in [("wal", "1.wal", 10), ("wal", "2.wal", 5), ("proofs", "1", 7)] {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
        std::fs::write(root.path().join(folder).join(file), vec![0; bytes]).unwrap();
    }
    let found = folders(root.path());
    let bytes = |name| found.iter().find(|(folder, _)| *folder == name).unwrap().1;
    assert_eq!((bytes("wal"), bytes("proofs"), bytes("blocks")), (15, 7, 0));
    assert_eq!(found.len(), FOLDERS.len());
}

#[cfg(unix)]
#[test]
fn the_system_tells_of_the_disk() {
    let root = tempfile::tempdir().unwrap();
    let disk = disk(root.path()).unwrap();
    assert!(disk.free_bytes > 0 && !disk.is_read_only, "{disk:?}");
    assert_eq!(super::disk(&root.path().join("none")), None);
}
