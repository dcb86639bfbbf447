#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use crate::{
    Result, StorageError, TornTail,
    archive::{Archive, ArchiveConfig},
    directory::{self, DataDir, Identity},
    disk::{Disk, MemoryDisk, RealDisk},
    document::{Documents, Kind},
    snapshot::Snapshots,
    wal::{Wal, WalConfig},
};

/// Where the storage of a node is and which chain it belongs to.
#[derive(Clone, Debug)]
pub struct StorageConfig {
    /// The data directory; `None` keeps everything in memory and the log nowhere.
    pub root: Option<PathBuf>,
    /// The chain.
    pub identity: Identity,
}

/// The open storage of a node. Its parts may move to different threads; the data directory stays
/// locked until the last of them is dropped.
#[derive(Debug)]
pub struct Storage {
    /// The write-ahead log.
    pub wal: Wal,
    /// Blocks by number.
    pub blocks: Arc<Archive>,
    /// State changes by block number.
    pub changes: Arc<Archive>,
    /// Where transactions and blocks are by their hashes: runs, by their first blocks. All of it
    /// can be made again from the blocks.
    pub index: Documents,
    /// Snapshots by log sequence.
    pub snapshots: Snapshots,
    /// Batches by number.
    pub batches: Arc<Archive>,
    /// What batches are proven from, by batch number.
    pub inputs: Documents,
    /// Proofs by batch number.
    pub proofs: Documents,
    /// What opening cut off archives after a crash, for the log of the node. The write-ahead log is
    /// cut by [`Wal::settle`].
    pub torn_tails: Vec<TornTail>,
}

impl Storage {
    /// Opens the storage, creating the data directory where there is none.
    pub fn open(config: StorageConfig) -> Result<Self> {
        let StorageConfig { root, identity } = config;
        match root {
            Some(root) => {
                let disk = RealDisk::open(&root).map_err(|source| StorageError::Io {
                    operation: "create the data directory",
                    path: root,
                    source,
                })?;
                Self::open_on(Arc::new(disk), &identity)
            }
            None => {
                let directory = DataDir::open(Arc::new(MemoryDisk::default()), &identity)?;
                Self::join(&directory, Wal::discarding())
            }
        }
    }

    /// Opens the storage on a given disk.
    pub fn open_on(disk: Arc<dyn Disk>, identity: &Identity) -> Result<Self> {
        let directory = DataDir::open(disk, identity)?;
        let wal = Wal::open(directory.folder(directory::WAL), WalConfig::default())?;
        Self::join(&directory, wal)
    }

    fn join(directory: &DataDir, wal: Wal) -> Result<Self> {
        let mut torn_tails = Vec::new();
        let mut archive = |name| -> Result<Arc<Archive>> {
            let (archive, torn) = Archive::open(directory.folder(name), ArchiveConfig::default())?;
            torn_tails.extend(torn);
            Ok(Arc::new(archive))
        };
        let blocks = archive(directory::BLOCKS)?;
        let changes = archive(directory::CHANGES)?;
        let batches = archive(directory::BATCHES)?;
        let documents = |name, kind| Documents::open(directory.folder(name), kind);
        let index = documents(directory::INDEX, Kind::INDEX)?;
        let inputs = documents(directory::INPUTS, Kind::INPUT)?;
        let proofs = documents(directory::PROOFS, Kind::PROOF)?;
        let folder = directory.folder(directory::SNAPSHOTS);
        let snapshots = Snapshots::open(folder)?;
        let next = wal.next_sequence();
        if let Some(&snapshot) = snapshots.sequences()?.first()
            && snapshot > next
        {
            let path = directory.folder(directory::WAL).path();
            return Err(StorageError::WalBehindSnapshot { path, next, snapshot });
        }
        Ok(Self { wal, blocks, changes, index, snapshots, batches, inputs, proofs, torn_tails })
    }
}
