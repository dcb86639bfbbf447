#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod archive;
pub mod backup;
pub mod directory;
pub mod disk;
pub mod document;
mod error;
mod folder;
pub mod snapshot;
mod storage;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wal;

pub use error::{Result, StorageError};
pub use folder::Folder;
pub use storage::{Storage, StorageConfig};

use std::path::PathBuf;

/// Largest record that a log or an archive accepts: far above any slice or block, far below what
/// a corrupted length field could ask the reader to allocate.
pub const RECORD_BYTES_MAX: usize = 64 << 20;

/// What opening cut off the end of a file: the remains of a write that a crash interrupted.
/// Nothing in it had been acknowledged; the caller says it in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The file that was shortened.
    pub path: PathBuf,
    /// Its length now.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
}
