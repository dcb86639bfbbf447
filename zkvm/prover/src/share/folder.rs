//! Workers in a folder that all machines see.
//!
//! A worker makes a folder of its own in it; frames are files there, numbered in each direction.
//! A file has its name when it is whole, by renaming, and its reader removes it. Nothing else is
//! asked of the file system: no locks, and no clocks that agree.
//!
//! Workers may write what they like into their folders. So a draft is a new file, never one that is
//! there, and nothing is removed but files of a worker's folder, and then the folder if it is
//! empty.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::share::link::{Link, Listener, POLL, Received, Receiver, Sender, too_long};
use crate::share::message::{COORDINATOR_SIZE_MAX, WORKER_SIZE_MAX};

/// What all of this is in, so that nothing else in the user's folder can be taken for it.
const MEETING: &str = "minster-share";
/// The file that says that a coordinator is there.
const COORDINATOR: &str = "coordinator";
/// What the names of workers' folders start with.
const WORKER: &str = "worker-";
/// To the coordinator.
const UP: &str = "up";
/// To the worker.
const DOWN: &str = "down";
/// How long workers have to take what they were sent last.
const FAREWELL: Duration = Duration::from_secs(1);

/// Sends frames as files.
struct FileSender {
    folder: PathBuf,
    extension: &'static str,
    count: u64,
}

impl Sender for FileSender {
    fn send_while(&mut self, frame: &[u8], _goes_on: &dyn Fn() -> bool) -> io::Result<()> {
        let path = self.folder.join(format!("{}.{}", self.count, self.extension));
        let draft = self.folder.join(format!("{}.{}.part", self.count, self.extension));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
        file.write_all(frame)?;
        file.sync_all()?;
        drop(file);
        fs::rename(draft, path)?;
        self.count += 1;
        Ok(())
    }
}

/// Receives frames from files.
struct FileReceiver {
    folder: PathBuf,
    extension: &'static str,
    count: u64,
    size_max: usize,
    /// Whether the folder goes with the connection.
    owned: bool,
}

impl FileReceiver {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let path = self.folder.join(format!("{}.{}", self.count, self.extension));
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_file() => {}
            Ok(_) => return Err(no_file(&path)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::symlink_metadata(&self.folder)?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
        let file = open(&path)?;
        let size = file.metadata()?.len();
        // Its length may be another by now, so only so much is read.
        let mut frame = Vec::new();
        let limit = u64::try_from(self.size_max).unwrap_or(u64::MAX).saturating_add(1);
        file.take(limit).read_to_end(&mut frame)?;
        if frame.len() > self.size_max {
            return Err(too_long(size, self.size_max));
        }
        fs::remove_file(&path)?;
        self.count += 1;
        Ok(Some(frame))
    }
}

fn no_file(path: &Path) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{} is no file", path.display()))
}

/// Opens a file. A pipe may be in its place by now, and to open one for reading alone would wait
/// for somebody to write: for both, it does not.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file(path)) }
}

impl Receiver for FileReceiver {
    fn receive(&mut self) -> io::Result<Received> {
        if let Some(frame) = self.next()? {
            return Ok(Received::Frame(frame));
        }
        std::thread::sleep(POLL);
        Ok(self.next()?.map_or(Received::Nothing, Received::Frame))
    }
}

impl Drop for FileReceiver {
    fn drop(&mut self) {
        if self.owned {
            // If it cannot be removed, the coordinator does at its end.
            let _ = discard(&self.folder);
        }
    }
}

/// Removes a worker's folder: its files, then itself. It has no folders of its own.
fn discard(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    fs::remove_dir(folder)
}

/// Connects to the coordinator of a folder. Also gives the worker's own folder.
pub fn connect(folder: &Path) -> io::Result<(Link, PathBuf)> {
    let folder = folder.join(MEETING);
    fs::symlink_metadata(folder.join(COORDINATOR))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let name = format!("{WORKER}{}-{:x}", std::process::id(), now.as_nanos());
    let own = folder.join(&name);
    fs::create_dir(&own)?;
    let sender = FileSender { folder: own.clone(), extension: UP, count: 0 };
    let receiver = FileReceiver {
        folder: own.clone(),
        extension: DOWN,
        count: 0,
        size_max: COORDINATOR_SIZE_MAX,
        owned: true,
    };
    Ok((Link { name, sender: Box::new(sender), receiver: Box::new(receiver) }, own))
}

/// What a coordinator makes in a folder to say that it is there.
pub fn mark(folder: &Path) -> PathBuf {
    folder.join(MEETING).join(COORDINATOR)
}

/// Waits for workers in a folder.
pub struct Folder {
    folder: PathBuf,
    known: Vec<PathBuf>,
}

impl Folder {
    /// Takes a folder, which is made if it does not exist; one coordinator at a time has it.
    pub fn bind(folder: &Path) -> io::Result<Self> {
        let meeting = folder.join(MEETING);
        fs::create_dir_all(&meeting)?;
        let mark = meeting.join(COORDINATOR);
        let mut mark = OpenOptions::new().write(true).create_new(true).open(mark)?;
        writeln!(mark, "{}", std::process::id())?;
        let taken = Self { folder: meeting, known: Vec::new() };
        for stale in taken.workers()? {
            discard(&stale)?;
        }
        Ok(taken)
    }

    fn workers(&self) -> io::Result<Vec<PathBuf>> {
        let mut workers = Vec::new();
        // A worker that leaves while the folder is read is no error.
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let is_worker = entry.file_name().to_str().is_some_and(|name| name.starts_with(WORKER));
            if is_worker && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                workers.push(entry.path());
            }
        }
        Ok(workers)
    }
}

impl Listener for Folder {
    fn accept(&mut self) -> io::Result<Option<Link>> {
        let workers = self.workers()?;
        self.known.retain(|known| workers.contains(known));
        let Some(own) = workers.into_iter().find(|worker| !self.known.contains(worker)) else {
            return Ok(None);
        };
        self.known.push(own.clone());
        let name = own.file_name().unwrap_or_default().to_string_lossy();
        let name = name.trim_start_matches(WORKER).replace(char::is_control, "?");
        let sender = FileSender { folder: own.clone(), extension: DOWN, count: 0 };
        let receiver = FileReceiver {
            folder: own,
            extension: UP,
            count: 0,
            size_max: WORKER_SIZE_MAX,
            owned: false,
        };
        Ok(Some(Link { name, sender: Box::new(sender), receiver: Box::new(receiver) }))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed here, the next coordinator removes or names.
        let _ = fs::remove_file(self.folder.join(COORDINATOR));
        let started = Instant::now();
        loop {
            let workers = self.workers().unwrap_or_default();
            if workers.is_empty() {
                break;
            }
            if started.elapsed() > FAREWELL {
                workers.iter().for_each(|worker| drop(discard(worker)));
                break;
            }
            std::thread::sleep(POLL);
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_others_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let precious = folder.path().join("worker-pool");
        fs::create_dir(&precious).expect("a folder");
        fs::write(precious.join("0.up"), "precious").expect("a file");
        drop(Folder::bind(folder.path()).expect("a place"));
        assert_eq!(fs::read(precious.join("0.up")).expect("it is there"), b"precious");
        assert!(!folder.path().join(MEETING).exists());
    }

    /// A worker may put a link where the coordinator's next draft will be.
    #[cfg(unix)]
    #[test]
    fn no_file_of_another_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let precious = folder.path().join("precious");
        fs::write(&precious, "precious").expect("a file");
        let mut listener = Folder::bind(folder.path()).expect("a place");
        let (_link, own) = connect(folder.path()).expect("a coordinator");
        std::os::unix::fs::symlink(&precious, own.join("0.down.part")).expect("a link");
        let mut link = listener.accept().expect("a listener").expect("a worker");
        assert!(link.sender.send(b"job").is_err());
        assert_eq!(fs::read(&precious).expect("it is there"), b"precious");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_a_frame_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("0.up");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert_eq!(open(&pipe).expect_err("a pipe").kind(), ErrorKind::InvalidData);
    }

    /// Both sides number their frames alike.
    #[test]
    fn both_sides_send_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut listener = Folder::bind(folder.path()).expect("a place");
        let (mut worker, _own) = connect(folder.path()).expect("a coordinator");
        let mut coordinator = listener.accept().expect("a listener").expect("a worker");
        std::thread::scope(|scope| {
            scope.spawn(|| (0..50).for_each(|_| worker.sender.send(b"up").expect("sent")));
            (0..50).for_each(|_| coordinator.sender.send(b"down").expect("sent"));
        });
        for _ in 0..50 {
            assert!(matches!(worker.receiver.receive(), Ok(Received::Frame(f)) if f == b"down"));
            assert!(matches!(coordinator.receiver.receive(), Ok(Received::Frame(f)) if f == b"up"));
        }
    }
}
