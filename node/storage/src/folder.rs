use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Result, StorageError,
    disk::{Disk, DiskFile, DiskLock},
};

/// Ending of the name that a file has until it is complete.
const UNFINISHED: &str = ".tmp";

/// One folder of a data directory: the only way the rest of the crate reaches a [`Disk`]. It turns
/// system errors into errors with a path, and keeps the lock of the directory while it lives, so
/// that parts of a [`Storage`](crate::Storage) may outlive the whole.
#[derive(Clone)]
pub struct Folder {
    disk: Arc<dyn Disk>,
    name: &'static str,
    lock: Option<Arc<DiskLock>>,
}

impl Folder {
    /// A folder of a disk that nobody locks; it is created durably where it is missing.
    pub fn unlocked(disk: Arc<dyn Disk>, name: &'static str) -> Result<Self> {
        let folder = Self { disk, name, lock: None };
        if !name.is_empty() {
            folder.check("create", "", |disk, path| disk.create_folder(path))?;
            folder.check("sync the parent of", "", |disk, _| disk.sync_folder(""))?;
        }
        Ok(folder)
    }

    /// A folder of a disk that is only read, and that somebody else may be using.
    pub(crate) fn read_only(disk: Arc<dyn Disk>, name: &'static str) -> Self {
        Self { disk, name, lock: None }
    }

    /// A folder of a locked data directory.
    pub(crate) fn locked(disk: Arc<dyn Disk>, name: &'static str, lock: Arc<DiskLock>) -> Self {
        Self { disk, name, lock: Some(lock) }
    }

    /// How people find the folder.
    pub fn path(&self) -> PathBuf {
        self.disk.locate(self.name)
    }

    /// How people find a file of the folder.
    pub(crate) fn locate(&self, file: &str) -> PathBuf {
        self.disk.locate(&self.join(file))
    }

    /// Bytes that the disk still takes; `None` where nobody knows.
    pub(crate) fn free_bytes(&self) -> Result<Option<u64>> {
        let space = self.check("measure the disk of", "", |disk, _| disk.space())?;
        Ok(space.map(|space| space.free_bytes))
    }

    fn join(&self, file: &str) -> String {
        match (self.name, file) {
            ("", file) => file.to_owned(),
            (name, "") => name.to_owned(),
            (name, file) => format!("{name}/{file}"),
        }
    }

    fn check<T>(
        &self,
        operation: &'static str,
        file: &str,
        run: impl FnOnce(&dyn Disk, &str) -> io::Result<T>,
    ) -> Result<T> {
        let path = self.join(file);
        let wrap = |source| StorageError::Io { operation, path: self.disk.locate(&path), source };
        run(self.disk.as_ref(), &path).map_err(wrap)
    }

    pub(crate) fn open(&self, file: &str) -> Result<OpenFile> {
        let handle = self.check("open", file, |disk, path| disk.open(path))?;
        Ok(OpenFile { handle, path: self.locate(file).into() })
    }

    /// The same; `None` when there is no such file.
    pub(crate) fn find(&self, file: &str) -> Result<Option<OpenFile>> {
        match self.open(file) {
            Ok(file) => Ok(Some(file)),
            // Not looked for by itself: somebody may make or remove it in between.
            Err(StorageError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn list(&self) -> Result<Vec<String>> {
        self.check("list", "", |disk, path| disk.list(path))
    }

    pub(crate) fn exists(&self, file: &str) -> Result<bool> {
        self.check("look for", file, |disk, path| disk.exists(path))
    }

    /// Removes a file for good: when this returns, no crash brings it back.
    pub(crate) fn remove(&self, file: &str) -> Result<()> {
        self.check("remove", file, |disk, path| disk.remove(path))?;
        self.sync()
    }

    /// Makes the names in the folder durable.
    pub(crate) fn sync(&self) -> Result<()> {
        self.check("sync", "", |disk, path| disk.sync_folder(path))
    }

    /// Starts a file that has no name yet; see [`Unfinished::finish`]. One of a name at a time.
    pub(crate) fn begin(&self, name: &str) -> Result<Unfinished> {
        self.begin_as(name, format!("{name}{UNFINISHED}"))
    }

    /// The same with any number of a name at a time, if their serial numbers differ.
    pub(crate) fn begin_serial(&self, name: &str, serial: u64) -> Result<Unfinished> {
        self.begin_as(name, format!("{name}.{serial}{UNFINISHED}"))
    }

    fn begin_as(&self, name: &str, temporary: String) -> Result<Unfinished> {
        let handle = self.check("create", &temporary, |disk, path| disk.create(path))?;
        let path = self.locate(&temporary).into();
        let (file, name) = (OpenFile { handle, path }, name.to_owned());
        Ok(Unfinished { folder: self.clone(), file, temporary, name, is_finished: false })
    }

    /// Creates or replaces a small file: after a crash it holds the old content or the new.
    pub(crate) fn replace(&self, file: &str, content: &[u8]) -> Result<OpenFile> {
        let unfinished = self.begin(file)?;
        unfinished.file().write_at(0, content)?;
        unfinished.finish()
    }

    /// Makes the folder fit to be read: removes what a crash left of unfinished files, and makes
    /// durable what is there. A name that can be seen may not be on the disk yet, when the process
    /// before this one ended between a rename and the sync of the folder.
    pub(crate) fn settle(&self) -> Result<()> {
        for name in self.list()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
            self.remove(name)?;
        }
        self.sync()
    }

    /// The numbers of the files with this ending, ascending.
    pub(crate) fn numbers(&self, ending: &str) -> Result<Vec<u64>> {
        let names = self.list()?;
        let mut numbers: Vec<u64> =
            names.iter().filter_map(|name| parse_number(name, ending)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locked = self.lock.is_some();
        f.debug_struct("Folder").field("path", &self.path()).field("locked", &locked).finish()
    }
}

/// The name of a numbered file: twenty digits, so that names sort like numbers.
pub(crate) fn numbered(number: u64, ending: &str) -> String {
    format!("{number:020}.{ending}")
}

fn parse_number(name: &str, ending: &str) -> Option<u64> {
    let number = name.strip_suffix(ending)?.strip_suffix('.')?.parse().ok()?;
    (numbered(number, ending) == name).then_some(number)
}

/// A file that is being written under a temporary name. Dropped before it is finished, it goes.
#[derive(Debug)]
pub(crate) struct Unfinished {
    folder: Folder,
    file: OpenFile,
    temporary: String,
    name: String,
    is_finished: bool,
}

impl Unfinished {
    pub(crate) fn file(&self) -> &OpenFile {
        &self.file
    }

    /// Makes the content durable, then the name: a crash leaves the whole file or none of it.
    pub(crate) fn finish(mut self) -> Result<OpenFile> {
        self.file.sync()?;
        let target = self.folder.join(&self.name);
        self.folder.check("rename", &self.temporary, |disk, path| disk.rename(path, &target))?;
        self.is_finished = true;
        self.folder.sync()?;
        Ok(OpenFile {
            path: self.folder.locate(&self.name).into(),
            handle: self.file.handle.clone(),
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            // A failure to remove it is no matter: the next start removes leftovers.
            let _ = self.folder.remove(&self.temporary);
        }
    }
}

/// An open file that knows its path.
#[derive(Clone)]
pub(crate) struct OpenFile {
    handle: Arc<dyn DiskFile>,
    path: Arc<Path>,
}

impl OpenFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether both are the same opening of a file.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }

    fn check<T>(&self, operation: &'static str, result: io::Result<T>) -> Result<T> {
        result.map_err(|source| StorageError::Io {
            operation,
            path: self.path.to_path_buf(),
            source,
        })
    }

    pub(crate) fn length(&self) -> Result<u64> {
        self.check("measure", self.handle.length())
    }

    /// Fills the buffer, or as much of it as the file has; returns how much.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        self.check("read", self.handle.read_at(offset, buffer))
    }

    pub(crate) fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.check("write to", self.handle.write_at(offset, bytes))
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.check("sync", self.handle.sync_data())
    }

    /// Shortens the file for good.
    pub(crate) fn truncate(&self, length: u64) -> Result<()> {
        self.check("shorten", self.handle.truncate(length))?;
        self.sync()
    }
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenFile").field(&self.path).finish()
    }
}
