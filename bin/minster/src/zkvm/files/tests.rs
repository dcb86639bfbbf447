use tempfile::TempDir;

use super::*;

#[test]
fn a_file_at_its_limit_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, [7; 10]).unwrap();
    let read = |size_max| read(Wanted { what: "it", path: &path, size_max });
    assert_eq!(read(10).unwrap(), [7; 10]);
    assert!(read(9).unwrap_err().to_string().starts_with("it: "));
}

#[test]
fn writing_replaces_a_file_and_leaves_nothing_else() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    for content in [&b"first"[..], b"second"] {
        write(&path, content).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_file_that_is_not_finished_is_gone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    let mut sink = Sink::create(&path).unwrap();
    sink.write_all(b"half").unwrap();
    assert!(sink.draft_path().unwrap().exists() && !path.exists());
    drop(sink);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_written_shows_at_the_start() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing").join("file");
    for path in [missing.as_path(), folder.path(), Path::new("..")] {
        assert!(Sink::create(path).is_err(), "{}", path.display());
    }
}

/// A rename would put a file in the place of the device, for a user who may do that.
#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_stays_one() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("null");
    symlink("/dev/null", &path).unwrap();
    write(&path, b"gone").unwrap();
    assert!(fs::metadata(&path).unwrap().file_type().is_char_device());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_a_killed_process_left_is_in_nobodys_way() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    let draft = Sink::create(&path).unwrap().draft_path().unwrap().to_owned();
    fs::write(&draft, b"left behind").unwrap();
    write(&path, b"whole").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"whole");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
