//! A disk that is only read: what would be written stays in memory.
//!
//! Opening a data directory repairs it, and a start goes on writing. Over this disk both run as
//! they always do, and the directory stays as it was: so it can be judged by the very code that
//! would start on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    path::PathBuf,
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};

use super::{Disk, DiskFile, DiskLock, memory::split};

/// What is kept of a file that was written to, in pieces of this size.
const PAGE_BYTES: usize = 4_096;

/// A disk below, and what was changed above it.
pub struct OverlayDisk {
    below: Arc<dyn Disk>,
    names: Mutex<Names>,
}

impl fmt::Debug for OverlayDisk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OverlayDisk({})", self.below.locate("").display())
    }
}

/// What is not as it is below.
#[derive(Default)]
struct Names {
    /// Files that somebody has open or that are not as below; `None` where one was removed.
    files: BTreeMap<String, Option<Arc<OverlayFile>>>,
    folders: BTreeSet<String>,
}

impl OverlayDisk {
    /// Over a disk that nobody writes meanwhile: the lock that is taken here is its lock.
    #[must_use]
    pub fn new(below: Arc<dyn Disk>) -> Self {
        Self { below, names: Mutex::default() }
    }

    /// The file of a name, opened below if it was not yet.
    fn file(&self, path: &str) -> io::Result<Arc<OverlayFile>> {
        let files = &mut self.names.lock().files;
        match files.get(path) {
            Some(Some(file)) => return Ok(Arc::clone(file)),
            Some(None) => return Err(io::ErrorKind::NotFound.into()),
            None => {}
        }
        // Else every file that was ever looked at would stay open, until the system has no more.
        files.retain(|_, file| file.as_ref().is_none_or(OverlayFile::is_needed));
        let below = self.below.open(path)?;
        let length = below.length()?;
        let state =
            State { length, below_length: length, pages: BTreeMap::new(), is_changed: false };
        let file = Arc::new(OverlayFile { below: Some(below), state: RwLock::new(state) });
        files.insert(path.to_owned(), Some(Arc::clone(&file)));
        Ok(file)
    }

    fn is_folder_below(&self, path: &str) -> bool {
        self.below.list(path).is_ok()
    }
}

impl Disk for OverlayDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(path)?)
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut names = self.names.lock();
        let (folder, _) = split(path);
        if !names.folders.contains(folder) && !self.is_folder_below(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let pages = BTreeMap::new();
        let state = State { length: 0, below_length: 0, pages, is_changed: true };
        let file = Arc::new(OverlayFile { below: None, state: RwLock::new(state) });
        names.files.insert(path.to_owned(), Some(Arc::clone(&file)));
        Ok(file)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        if !self.is_folder_below(path) {
            self.names.lock().folders.insert(path.to_owned());
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let file = self.file(from)?;
        file.state.write().is_changed = true;
        let files = &mut self.names.lock().files;
        files.insert(from.to_owned(), None);
        files.insert(to.to_owned(), Some(file));
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.file(path)?;
        self.names.lock().files.insert(path.to_owned(), None);
        Ok(())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let above = self.names.lock();
        let mut names = BTreeSet::new();
        if !above.folders.contains(folder) {
            names.extend(self.below.list(folder)?);
        }
        if folder.is_empty() {
            names.extend(above.folders.iter().cloned());
        }
        for (path, file) in &above.files {
            let (parent, name) = split(path);
            match file {
                _ if parent != folder => {}
                Some(_) => drop(names.insert(name.to_owned())),
                None => drop(names.remove(name)),
            }
        }
        Ok(names.into_iter().collect())
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        let above = self.names.lock();
        match above.files.get(path) {
            Some(file) => Ok(file.is_some()),
            None if above.folders.contains(path) => Ok(true),
            None => self.below.exists(path),
        }
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>> {
        self.below.try_lock(path)
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.below.locate(path)
    }
}

/// A file below, and the pages that were written since.
struct OverlayFile {
    below: Option<Arc<dyn DiskFile>>,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    length: u64,
    /// How much of the file below still counts; it never grows.
    below_length: u64,
    pages: BTreeMap<u64, Box<[u8; PAGE_BYTES]>>,
    /// Whether it is another file than the one of its name below.
    is_changed: bool,
}

/// The page of a position, the place in it, and how much of `wanted` bytes is in it.
fn place(position: u64, wanted: usize) -> (u64, usize, usize) {
    let page_bytes = PAGE_BYTES as u64;
    let within = (position % page_bytes) as usize;
    (position / page_bytes, within, wanted.min(PAGE_BYTES - within))
}

impl OverlayFile {
    /// Whether it cannot be opened anew: it was changed, or somebody has it open.
    fn is_needed(file: &Arc<Self>) -> bool {
        Arc::strong_count(file) > 1 || file.state.read().is_changed
    }

    /// Reads what is below; zeros where nothing is.
    fn read_below(&self, below_length: u64, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(0);
        let Some(below) = &self.below else { return Ok(()) };
        let there = below_length.saturating_sub(offset).min(buffer.len() as u64) as usize;
        match below.read_at(offset, &mut buffer[..there])? == there {
            true => Ok(()),
            // It became shorter below: somebody else writes there.
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl DiskFile for OverlayFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.state.read();
        let wanted = state.length.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let mut done = 0;
        // Long reads of what was never written take one call.
        if state.pages.is_empty() {
            self.read_below(state.below_length, offset, &mut buffer[..wanted])?;
            return Ok(wanted);
        }
        while done < wanted {
            let position = offset + done as u64;
            let (page, within, count) = place(position, wanted - done);
            let target = &mut buffer[done..done + count];
            match state.pages.get(&page) {
                Some(bytes) => target.copy_from_slice(&bytes[within..within + count]),
                None => self.read_below(state.below_length, position, target)?,
            }
            done += count;
        }
        Ok(wanted)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.write();
        state.is_changed = true;
        let mut done = 0;
        while done < bytes.len() {
            let (page, within, count) = place(offset + done as u64, bytes.len() - done);
            if !state.pages.contains_key(&page) {
                let mut fresh = Box::new([0; PAGE_BYTES]);
                let start = page * PAGE_BYTES as u64;
                self.read_below(state.below_length, start, fresh.as_mut_slice())?;
                state.pages.insert(page, fresh);
            }
            if let Some(target) = state.pages.get_mut(&page) {
                target[within..within + count].copy_from_slice(&bytes[done..done + count]);
            }
            done += count;
        }
        state.length = state.length.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut state = self.state.write();
        state.is_changed = true;
        state.below_length = state.below_length.min(length);
        state.length = length;
        let (page, within, _) = place(length, 0);
        let first_gone = if within == 0 { page } else { page + 1 };
        drop(state.pages.split_off(&first_gone));
        if let Some(bytes) = state.pages.get_mut(&page) {
            bytes[within..].fill(0);
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.state.read().length)
    }
}
