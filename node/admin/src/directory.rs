//! How much the data directory holds, and how much its disk still takes.

use std::path::Path;

use minster_storage::{directory::FOLDERS, disk};

/// The disk of the data directory.
pub(crate) use minster_storage::disk::Space as Disk;

/// Files of a folder that are looked at. There are a few thousand after years.
const FILES_MAX: usize = 100_000;

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
pub(crate) fn disk(root: &Path) -> Option<Disk> {
    disk::space(root).ok()
}

#[cfg(test)]
mod tests;
