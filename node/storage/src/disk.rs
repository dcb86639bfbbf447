//! The seam between storage and the machine: a flat tree of files under one root.
//!
//! Rules that every implementation keeps, and that the rest of the crate relies on:
//! - a path is relative, `/`-separated, at most one folder deep;
//! - [`DiskFile::sync_data`] makes the bytes and the length of one file durable, and nothing else;
//! - [`Disk::sync_folder`] makes the names in one folder durable: files created, renamed, removed;
//! - without those calls a crash may keep any part of what was done, in any mixture;
//! - after a failed sync the bytes may look written and yet never reach the disk, so that a second
//!   sync of the same bytes proves nothing (they must be written again).

mod memory;
mod overlay;
mod read_only;
mod real;
mod space;
#[cfg(test)]
mod tests;

pub use memory::MemoryDisk;
pub use overlay::OverlayDisk;
pub use read_only::ReadOnlyDisk;
pub use real::RealDisk;
pub use space::{Space, space};

use std::{fmt, io, path::PathBuf, sync::Arc};

/// A root directory.
pub trait Disk: Send + Sync {
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Creates an empty file, or empties an existing one.
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Creates a folder; one that exists is fine.
    fn create_folder(&self, path: &str) -> io::Result<()>;
    /// Gives a file another name in the same folder, replacing what had that name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// The names in a folder, unordered; `""` is the root.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Makes the names in a folder durable; `""` is the root.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
    /// Whether the path names a file or a folder.
    fn exists(&self, path: &str) -> io::Result<bool>;
    /// Takes the exclusive lock on a file, creating it; `None` when somebody else holds it.
    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>>;
    /// Takes a share of that lock, which any number may have while nobody has the lock itself; on
    /// a disk whose lock is not shared, the lock.
    fn try_lock_shared(&self, path: &str) -> io::Result<Option<DiskLock>> {
        self.try_lock(path)
    }
    /// How much more it takes; `None` where nobody knows.
    fn space(&self) -> io::Result<Option<Space>> {
        Ok(None)
    }
    /// How people find the path: for messages only.
    fn locate(&self, path: &str) -> PathBuf;
}

/// An open file. Positions are explicit, so that readers and a writer share one handle.
pub trait DiskFile: Send + Sync {
    /// Reads at a position; fewer bytes than asked for only at the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all bytes at a position, growing the file.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes content and length durable.
    fn sync_data(&self) -> io::Result<()>;
    /// Shortens the file.
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// The length in bytes.
    fn length(&self) -> io::Result<u64>;
}

/// A lock or a share of one, given back when dropped.
pub struct DiskLock(#[expect(dead_code, reason = "held only to be dropped")] Box<dyn Send + Sync>);

impl DiskLock {
    /// Wraps whatever gives the lock back when it is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for DiskLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskLock")
    }
}
