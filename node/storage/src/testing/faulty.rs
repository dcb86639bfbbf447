//! A simulated disk that keeps what the contract in [`crate::disk`] promises and no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};

use super::Random;
use crate::disk::{Disk, DiskFile, DiskLock, Space};

const SECTOR: usize = 512;

/// What happens at a chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No space: a write gets only a part down.
    Full,
    /// The device fails: a sync loses what it was to make durable and will not try it again.
    Broken,
    /// The power goes: this and all later operations fail until the next start.
    PowerCut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    File(usize),
    Folder,
}

/// A change of a folder that is not durable yet.
#[derive(Clone, Debug)]
enum Change {
    Set(String, Node),
    Unset(String),
    Rename(String, String),
}

#[derive(Debug, Default)]
struct Content {
    current: Vec<u8>,
    durable: Vec<u8>,
    /// Sectors that the next sync makes durable.
    dirty: BTreeSet<usize>,
}

#[derive(Debug)]
struct State {
    random: Random,
    names: BTreeMap<String, Node>,
    durable_names: BTreeMap<String, Node>,
    changes: BTreeMap<String, Vec<Change>>,
    contents: Vec<Content>,
    locked: BTreeSet<String>,
    /// Counts starts; a handle from before the last one is dead.
    start: u64,
    fault: Option<(u64, Fault)>,
    off: bool,
    sync_time: Duration,
    /// What it says is free; nothing, when it was not told.
    free_bytes: Option<u64>,
}

/// A disk in RAM. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct FaultyDisk(Arc<Mutex<State>>);

impl FaultyDisk {
    /// An empty disk; what a crash loses is a function of the seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            random: Random::new(seed),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            changes: BTreeMap::new(),
            contents: Vec::new(),
            locked: BTreeSet::new(),
            start: 0,
            fault: None,
            off: false,
            sync_time: Duration::ZERO,
            free_bytes: None,
        })))
    }

    /// Lets the operation after so many others fail.
    pub fn fail_after(&self, operations: u64, fault: Fault) {
        self.0.lock().fault = Some((operations, fault));
    }

    /// Lets every sync take so long, also after a restart.
    pub fn slow_down(&self, sync_time: Duration) {
        self.0.lock().sync_time = sync_time;
    }

    /// Lets it say that so much is free, whatever it holds, also after a restart.
    pub fn say_free(&self, bytes: u64) {
        self.0.lock().free_bytes = Some(bytes);
    }

    /// Waits as long as a sync takes. Others go on meanwhile.
    fn take_time(&self) {
        let sync_time = self.0.lock().sync_time;
        thread::sleep(sync_time);
    }

    /// Takes the fault that was set back. Whether it had not happened.
    pub fn take_fault(&self) -> bool {
        self.0.lock().fault.take().is_some()
    }

    /// The process dies and starts again; the system keeps what it was given.
    ///
    /// # Panics
    /// After a power cut.
    pub fn restart(&self) {
        let mut state = self.0.lock();
        assert!(!state.off, "after a power cut only a crash brings the disk back");
        state.begin();
    }

    /// The machine dies and starts again.
    pub fn crash(&self) {
        let mut state = self.0.lock();
        state.lose_names();
        let State { contents, random, .. } = &mut *state;
        contents.iter_mut().for_each(|content| content.lose(random));
        state.begin();
    }
}

impl State {
    fn begin(&mut self) {
        self.start += 1;
        self.off = false;
        self.fault = None;
        self.locked.clear();
    }

    /// Of the changes of each folder the first few survive.
    fn lose_names(&mut self) {
        for (_, changes) in std::mem::take(&mut self.changes) {
            let kept = self.random.below(changes.len() as u64 + 1) as usize;
            for change in &changes[..kept] {
                change.apply(&mut self.durable_names);
            }
        }
        let folders: BTreeSet<String> = self
            .durable_names
            .iter()
            .filter(|(_, node)| **node == Node::Folder)
            .map(|(path, _)| path.clone())
            .collect();
        self.durable_names.retain(|path, _| {
            path.rsplit_once('/').is_none_or(|(parent, _)| folders.contains(parent))
        });
        self.names = self.durable_names.clone();
    }

    /// Counts an operation that changes the disk; `Some` when it is the one to fail.
    fn strike(&mut self) -> io::Result<Option<Fault>> {
        self.alive()?;
        match &mut self.fault {
            Some((0, fault)) => {
                let fault = *fault;
                self.off = fault == Fault::PowerCut;
                self.fault = None;
                Ok(Some(fault))
            }
            Some((left, _)) => {
                *left -= 1;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn alive(&self) -> io::Result<()> {
        if self.off { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    fn change(&mut self, change: Change) -> io::Result<()> {
        // A power cut may come just after the change reached the journal.
        let fault = self.strike()?;
        if fault.is_none() || (fault == Some(Fault::PowerCut) && self.random.one_in(2)) {
            change.apply(&mut self.names);
            let (Change::Set(path, _) | Change::Unset(path) | Change::Rename(path, _)) = &change;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            self.changes.entry(folder).or_default().push(change);
        }
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, Node>) {
        match self {
            Self::Set(path, node) => drop(names.insert(path.clone(), *node)),
            Self::Unset(path) => drop(names.remove(path)),
            Self::Rename(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => io::ErrorKind::StorageFull.into(),
            Fault::Broken => Self::other("input/output error"),
            Fault::PowerCut => Self::other("the power is cut"),
        }
    }
}

impl Content {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if self.current.len() < end {
            self.current.resize(end, 0);
        }
        self.current[offset..end].copy_from_slice(bytes);
        self.dirty.extend(offset / SECTOR..end.div_ceil(SECTOR));
    }

    fn sync(&mut self) {
        self.durable.resize(self.current.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            let start = (sector * SECTOR).min(self.current.len());
            let end = (start + SECTOR).min(self.current.len());
            self.durable[start..end].copy_from_slice(&self.current[start..end]);
        }
    }

    /// Keeps any mixture of old and new sectors, one of them torn, and any length in between.
    fn lose(&mut self, random: &mut Random) {
        self.dirty.clear();
        if self.current == self.durable {
            return;
        }
        let (short, long) = (self.durable.len() as u64, self.current.len() as u64);
        let (short, long) = (short.min(long), short.max(long));
        let length = match random.below(3) {
            0 => long,
            1 => short,
            _ => short + random.below(long - short + 1),
        } as usize;
        let old_length = self.durable.len();
        self.durable.resize(length, 0);
        if length > old_length && random.one_in(4) {
            self.durable[old_length..].fill_with(|| random.number() as u8);
        }
        let sectors = length.div_ceil(SECTOR);
        let torn = random.below(sectors as u64) as usize;
        let odds = 1 + random.below(4);
        for sector in 0..sectors {
            let start = sector * SECTOR;
            let mut end = (start + SECTOR).min(length).min(self.current.len());
            if sector == torn {
                end = end.min(start + random.below(SECTOR as u64) as usize);
            }
            if start < end && random.below(4) < odds {
                self.durable[start..end].copy_from_slice(&self.current[start..end]);
            }
        }
        self.current = self.durable.clone();
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.0.lock();
        state.alive()?;
        let Some(Node::File(id)) = state.names.get(path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        Ok(Arc::new(FaultyFile { disk: self.clone(), id: *id, start: state.start }))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.0.lock();
        if let Some(Node::File(id)) = state.names.get(path).copied() {
            state.contents[id].current.clear();
        } else {
            if let Some((folder, _)) = path.rsplit_once('/')
                && state.names.get(folder) != Some(&Node::Folder)
            {
                return Err(io::ErrorKind::NotFound.into());
            }
            let id = state.contents.len();
            state.contents.push(Content::default());
            state.change(Change::Set(path.to_owned(), Node::File(id)))?;
        }
        drop(state);
        self.open(path)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.names.contains_key(path) {
            return state.alive();
        }
        state.change(Change::Set(path.to_owned(), Node::Folder))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        if !state.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change(Change::Rename(from.to_owned(), to.to_owned()))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change(Change::Unset(path.to_owned()))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.0.lock();
        state.alive()?;
        if !folder.is_empty() && state.names.get(folder) != Some(&Node::Folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let split = |path: &String| match path.rsplit_once('/') {
            Some((parent, name)) => (parent.to_owned(), name.to_owned()),
            None => (String::new(), path.clone()),
        };
        let paths = state.names.keys().map(split);
        Ok(paths.filter(|(parent, _)| parent == folder).map(|(_, name)| name).collect())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.take_time();
        let mut state = self.0.lock();
        if let Some(fault) = state.strike()? {
            return Err(fault.into());
        }
        for change in state.changes.remove(folder).unwrap_or_default() {
            change.apply(&mut state.durable_names);
        }
        Ok(())
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        let state = self.0.lock();
        state.alive()?;
        Ok(state.names.contains_key(path))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>> {
        if !self.exists(path)? {
            self.create(path)?;
        }
        let mut state = self.0.lock();
        if !state.locked.insert(path.to_owned()) {
            return Ok(None);
        }
        let (disk, start) = (self.clone(), state.start);
        Ok(Some(DiskLock::new(FaultyLock { disk, path: path.to_owned(), start })))
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let state = self.0.lock();
        state.alive()?;
        Ok(state.free_bytes.map(|free_bytes| Space { free_bytes, is_read_only: false }))
    }

    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("faulty:{path}"))
    }
}

struct FaultyLock {
    disk: FaultyDisk,
    path: String,
    start: u64,
}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        let mut state = self.disk.0.lock();
        if state.start == self.start {
            state.locked.remove(&self.path);
        }
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    id: usize,
    start: u64,
}

impl FaultyFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.0.lock();
        assert_eq!(state.start, self.start, "a handle was used after a restart");
        state.alive()?;
        Ok(state)
    }
}

impl DiskFile for FaultyFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.state()?;
        let bytes = &state.contents[self.id].current;
        let start = (offset as usize).min(bytes.len());
        let count = buffer.len().min(bytes.len() - start);
        buffer[..count].copy_from_slice(&bytes[start..start + count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state()?;
        let fault = state.strike()?;
        let mut written = bytes.len() as u64;
        if fault.is_some() {
            written = state.random.below(written + 1);
        }
        state.contents[self.id].write(offset as usize, &bytes[..written as usize]);
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.take_time();
        let mut state = self.state()?;
        match state.strike()? {
            None => state.contents[self.id].sync(),
            Some(fault) => {
                if fault != Fault::PowerCut {
                    state.contents[self.id].dirty.clear();
                }
                return Err(fault.into());
            }
        }
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut state = self.state()?;
        let fault = state.strike()?;
        if fault.is_none() {
            state.contents[self.id].current.truncate(length as usize);
        }
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.state()?.contents[self.id].current.len() as u64)
    }
}
