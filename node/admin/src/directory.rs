//! How much the data directory holds, and how much its disk still takes.

use std::path::Path;

use minster_storage::directory::FOLDERS;

/// Files of a folder that are looked at. There are a few thousand after years.
const FILES_MAX: usize = 100_000;

/// The disk of the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Bytes that this user may still write.
    pub(crate) free_bytes: u64,
    pub(crate) is_read_only: bool,
}

/// Bytes of files by folder.
pub(crate) type Folders = Vec<(&'static str, u64)>;

/// Adds the sizes of files up. What is removed meanwhile counts nothing.
pub(crate) fn folders(root: &Path) -> Folders {
    FOLDERS.into_iter().map(|name| (name, bytes_in(&root.join(name)))).collect()
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(FILES_MAX);
    let sizes = entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len());
    sizes.fold(0, u64::saturating_add)
}

/// Asks the system; `None` where it does not say.
#[cfg(unix)]
pub(crate) fn disk(root: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(root).ok()?;
    Some(Disk {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        is_read_only: found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}

/// Asks the system; `None` where it does not say.
#[cfg(not(unix))]
pub(crate) fn disk(_root: &Path) -> Option<Disk> {
    None
}

#[cfg(test)]
mod tests;
