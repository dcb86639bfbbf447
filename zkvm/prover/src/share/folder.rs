//! Workers in a folder that all machines see.
//!
//! A worker makes a folder of its own in it; frames are files there, numbered in each direction.
//! A file has its name when it is whole, by renaming, and its reader removes it. Nothing else is
//! asked of the file system: no locks, and no clocks that agree.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::share::link::{Link, Listener, POLL, Received, Receiver, Sender, too_long};
use crate::share::message::{COORDINATOR_SIZE_MAX, WORKER_SIZE_MAX};

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
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let path = self.folder.join(format!("{}.{}", self.count, self.extension));
        let draft = path.with_extension("part");
        let mut file = File::create(&draft)?;
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
        let data = match fs::symlink_metadata(&path) {
            Ok(data) => data,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::symlink_metadata(&self.folder)?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if !data.is_file() {
            let what = format!("{} is no file", path.display());
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        if usize::try_from(data.len()).is_ok_and(|size| size <= self.size_max) {
            let frame = fs::read(&path)?;
            fs::remove_file(&path)?;
            self.count += 1;
            return Ok(Some(frame));
        }
        Err(too_long(data.len(), self.size_max))
    }
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
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Connects to the coordinator of a folder. Also gives the worker's own folder.
pub fn connect(folder: &Path) -> io::Result<(Link, PathBuf)> {
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
    folder.join(COORDINATOR)
}

/// Waits for workers in a folder.
pub struct Folder {
    folder: PathBuf,
    known: Vec<PathBuf>,
}

impl Folder {
    /// Takes a folder, which is made if it does not exist; one coordinator at a time has it.
    pub fn bind(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut mark = OpenOptions::new().write(true).create_new(true).open(mark(folder))?;
        writeln!(mark, "{}", std::process::id())?;
        let taken = Self { folder: folder.to_path_buf(), known: Vec::new() };
        for stale in taken.workers()? {
            fs::remove_dir_all(stale)?;
        }
        Ok(taken)
    }

    fn workers(&self) -> io::Result<Vec<PathBuf>> {
        let mut workers = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let is_worker = entry.file_name().to_str().is_some_and(|name| name.starts_with(WORKER));
            if is_worker && entry.file_type()?.is_dir() {
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
        let _ = fs::remove_file(mark(&self.folder));
        let started = Instant::now();
        loop {
            let workers = self.workers().unwrap_or_default();
            if workers.is_empty() {
                return;
            }
            if started.elapsed() > FAREWELL {
                workers.iter().for_each(|worker| drop(fs::remove_dir_all(worker)));
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}
