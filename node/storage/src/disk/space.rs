//! What the system says of the disk under a directory.

use std::{io, path::Path};

use rustix::fs::{StatVfsMountFlags, statvfs};

/// A disk as whoever runs this process may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that may still be written.
    pub free_bytes: u64,
    /// Whether it takes no writes at all.
    pub is_read_only: bool,
}

/// Asks the system about the disk that a directory is on.
pub fn space(root: &Path) -> io::Result<Space> {
    let found = statvfs(root)?;
    Ok(Space {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        is_read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}
