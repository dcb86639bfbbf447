use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Disk, DiskFile, DiskLock, Space, space};

/// A directory of the operating system.
#[derive(Debug)]
pub struct RealDisk {
    root: PathBuf,
}

impl RealDisk {
    /// Opens the directory, creating it and its parents durably where they are missing.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = std::path::absolute(root.into())?;
        create_folder_durably(&root)?;
        Ok(Self { root })
    }

    fn open_lock(&self, path: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).open(self.locate(path))
    }
}

/// The lock that was tried for.
pub(super) fn into_lock(
    tried: Result<(), TryLockError>,
    file: File,
) -> io::Result<Option<DiskLock>> {
    match tried {
        Ok(()) => Ok(Some(DiskLock::new(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Creates a folder and the missing ones above it; each new name is synced in its parent, or a
/// power cut could take away a whole tree whose files were all synced.
fn create_folder_durably(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    create_folder_durably(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !folder.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    File::open(parent)?.sync_all()
}

impl Disk for RealDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).open(self.locate(path))?;
        Ok(Arc::new(file))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file =
            options.read(true).write(true).create(true).truncate(true).open(self.locate(path))?;
        Ok(Arc::new(file))
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        match fs::create_dir(self.locate(path)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.locate(from), self.locate(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.locate(path))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        fs::read_dir(self.locate(folder))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.locate(folder))?.sync_all()
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        fs::exists(self.locate(path))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>> {
        let file = self.open_lock(path)?;
        into_lock(file.try_lock(), file)
    }

    fn try_lock_shared(&self, path: &str) -> io::Result<Option<DiskLock>> {
        let file = self.open_lock(path)?;
        into_lock(file.try_lock_shared(), file)
    }

    fn space(&self) -> io::Result<Option<Space>> {
        space(&self.root).map(Some)
    }

    fn locate(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }
}

impl DiskFile for File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match FileExt::read_at(self, &mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}
