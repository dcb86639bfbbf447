use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};

use super::{Disk, DiskFile, DiskLock};

/// A disk in RAM: for a `dev` node without a data directory, and for tests. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    names: Arc<Mutex<Names>>,
}

#[derive(Debug, Default)]
struct Names {
    files: BTreeMap<String, Arc<MemoryFile>>,
    folders: BTreeSet<String>,
    locked: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct MemoryFile {
    bytes: RwLock<Vec<u8>>,
}

/// The folder part and the last part of a path.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

impl Disk for MemoryDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        match self.names.lock().files.get(path) {
            Some(file) => Ok(file.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut names = self.names.lock();
        let (folder, _) = split(path);
        if !folder.is_empty() && !names.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = names.files.entry(path.to_owned()).or_default().clone();
        file.bytes.write().clear();
        Ok(file)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.names.lock().folders.insert(path.to_owned());
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut names = self.names.lock();
        let file = names.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        names.files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let removed = self.names.lock().files.remove(path);
        removed.map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let names = self.names.lock();
        if !folder.is_empty() && !names.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let paths = names.files.keys().chain(names.folders.iter());
        let inside = paths.map(|path| split(path)).filter(|(parent, _)| *parent == folder);
        Ok(inside.map(|(_, name)| name.to_owned()).collect())
    }

    fn sync_folder(&self, _folder: &str) -> io::Result<()> {
        Ok(())
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        let names = self.names.lock();
        Ok(names.files.contains_key(path) || names.folders.contains(path))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>> {
        let mut names = self.names.lock();
        names.files.entry(path.to_owned()).or_default();
        if !names.locked.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(DiskLock::new(MemoryLock { disk: self.clone(), path: path.to_owned() })))
    }

    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("memory:{path}"))
    }
}

impl DiskFile for MemoryFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.bytes.read();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let count = buffer.len().min(bytes.len() - start);
        buffer[..count].copy_from_slice(&bytes[start..start + count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let end = start.checked_add(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        let mut content = self.bytes.write();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[start..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.bytes.write().truncate(length);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.bytes.read().len() as u64)
    }
}

struct MemoryLock {
    disk: MemoryDisk,
    path: String,
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.disk.names.lock().locked.remove(&self.path);
    }
}
