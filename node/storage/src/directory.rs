//! The data directory: whose it is, which format it has, and that only one process uses it.
//!
//! A directory is Minster's when it holds a valid `FORMAT` file. That file is written last and
//! atomically, so a directory whose creation was interrupted still counts as empty.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Folder, Result, StorageError,
    disk::{Disk, DiskLock},
};

/// The on-disk format that this code reads and writes.
pub const FORMAT_VERSION: u64 = 6;

/// The file that makes a directory a data directory.
pub const FORMAT: &str = "FORMAT";
const FORMAT_UNFINISHED: &str = "FORMAT.tmp";
/// The file that who uses the directory has locked.
pub const LOCK: &str = "LOCK";
/// What the file system itself puts into the root of a fresh volume.
const VOLUME_OWN: &str = "lost+found";
const PRODUCT: &str = "minster";

/// Folder of the write-ahead log.
pub const WAL: &str = "wal";
/// Folder of the block archive.
pub const BLOCKS: &str = "blocks";
/// Folder of the archive of state changes.
pub const CHANGES: &str = "changes";
/// Folder of the index: transactions and blocks by hash, and blocks by what they changed.
pub const INDEX: &str = "index";
/// Folder of the snapshots.
pub const SNAPSHOTS: &str = "snapshots";
/// Folder of the archive of batches.
pub const BATCHES: &str = "batches";
/// Folder of what batches are proven from.
pub const INPUTS: &str = "inputs";
/// Folder of the proofs of batches.
pub const PROOFS: &str = "proofs";
/// All folders of a data directory.
pub const FOLDERS: [&str; 8] = [WAL, BLOCKS, CHANGES, INDEX, SNAPSHOTS, BATCHES, INPUTS, PROOFS];

/// Which chain a data directory belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The chain id.
    pub chain_id: u64,
    /// The hash of the genesis block.
    pub genesis_hash: [u8; 32],
}

/// An open data directory, locked until it and every [`Folder`] taken from it are dropped.
#[derive(Clone)]
pub struct DataDir {
    disk: Arc<dyn Disk>,
    lock: Arc<DiskLock>,
}

/// The content of `FORMAT` as far as every version of it promises to keep it.
#[derive(Deserialize)]
struct FormatHead {
    name: String,
    format: u64,
}

#[derive(Serialize, Deserialize)]
struct Format {
    name: String,
    format: u64,
    chain_id: u64,
    genesis_hash: String,
}

impl DataDir {
    /// Opens the data directory at the root of a disk, or makes one of an empty root.
    pub fn open(disk: Arc<dyn Disk>, identity: &Identity) -> Result<Self> {
        let root = Folder::unlocked(disk.clone(), "")?;
        // Before the lock file is created: a foreign directory is left exactly as it was.
        if !root.exists(FORMAT)? {
            refuse_foreign(&disk, &root)?;
        }
        let lock = lock(disk.as_ref())?;
        root.settle()?;
        // Looked at again: another process may have created the directory before we got the lock.
        if root.exists(FORMAT)? {
            check_format(&disk, &root, identity)?;
        } else {
            create(&disk, &root, identity)?;
        }
        Ok(Self { disk, lock: Arc::new(lock) })
    }

    /// One of the folders of the directory, with a share of its lock.
    pub fn folder(&self, name: &'static str) -> Folder {
        Folder::locked(self.disk.clone(), name, self.lock.clone())
    }
}

/// Takes the lock of a data directory.
pub(crate) fn lock(disk: &dyn Disk) -> Result<DiskLock> {
    let (operation, path) = ("lock", disk.locate(LOCK));
    let failed = |source| StorageError::Io { operation, path: path.clone(), source };
    if let Some(lock) = disk.try_lock(LOCK).map_err(failed)? {
        return Ok(lock);
    }
    let is_only_read = disk.try_lock_shared(LOCK).map_err(failed)?.is_some();
    let path = disk.locate("");
    Err(if is_only_read { StorageError::BeingRead { path } } else { StorageError::Locked { path } })
}

/// Whether a directory is the one of this chain, or could become it; nothing is changed.
///
/// # Errors
/// As a start would refuse it.
pub fn inspect(disk: &Arc<dyn Disk>, identity: &Identity) -> Result<()> {
    let root = Folder::read_only(disk.clone(), "");
    match root.exists(FORMAT)? {
        true => check_format(disk, &root, identity),
        false => refuse_foreign(disk, &root),
    }
}

/// Refuses a root without `FORMAT` that holds anything but the leftovers of a creation.
fn refuse_foreign(disk: &Arc<dyn Disk>, root: &Folder) -> Result<()> {
    match occupant(disk, root)? {
        Some(found) => Err(StorageError::ForeignDirectory { path: root.path(), found }),
        None => Ok(()),
    }
}

/// Something in a root that is more than the leftovers of a creation.
pub(crate) fn occupant(disk: &Arc<dyn Disk>, root: &Folder) -> Result<Option<String>> {
    for name in root.list()? {
        if let Some(folder) = FOLDERS.into_iter().find(|folder| *folder == name) {
            let inside = disk.list(folder).unwrap_or_else(|_| vec![String::new()]);
            if let Some(file) = inside.first() {
                return Ok(Some(format!("{folder}/{file}")));
            }
        } else if ![LOCK, FORMAT_UNFINISHED, VOLUME_OWN].contains(&name.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn create(disk: &Arc<dyn Disk>, root: &Folder, identity: &Identity) -> Result<()> {
    // Durably, before FORMAT gets its name: a directory that has FORMAT has every folder.
    for name in FOLDERS {
        Folder::unlocked(disk.clone(), name)?;
    }
    let format = Format {
        name: PRODUCT.to_owned(),
        format: FORMAT_VERSION,
        chain_id: identity.chain_id,
        genesis_hash: hex(&identity.genesis_hash),
    };
    let mut text = serde_json::to_string_pretty(&format)
        .map_err(|source| StorageError::FormatUnreadable { path: root.locate(FORMAT), source })?;
    text.push('\n');
    root.replace(FORMAT, text.as_bytes())?;
    Ok(())
}

fn check_format(disk: &Arc<dyn Disk>, root: &Folder, identity: &Identity) -> Result<()> {
    let path = root.locate(FORMAT);
    let unreadable = |source| StorageError::FormatUnreadable { path: path.clone(), source };
    let file = root.open(FORMAT)?;
    // A FORMAT file is a few hundred bytes; what is cut off here fails to parse.
    let mut text = vec![0; 4096];
    let length = file.read_at(0, &mut text)?;
    text.truncate(length);

    let head: FormatHead = serde_json::from_slice(&text).map_err(unreadable)?;
    if head.name != PRODUCT {
        let found = format!("{FORMAT} of {}", head.name);
        return Err(StorageError::ForeignDirectory { path: root.path(), found });
    }
    if head.format > FORMAT_VERSION {
        let (path, found) = (root.path(), head.format);
        return Err(StorageError::NewerFormat { path, found, known: FORMAT_VERSION });
    }
    if head.format < FORMAT_VERSION {
        let (path, found) = (root.path(), head.format);
        return Err(StorageError::OlderFormat { path, found, known: FORMAT_VERSION });
    }
    let format: Format = serde_json::from_slice(&text).map_err(unreadable)?;
    if format.chain_id != identity.chain_id {
        let (found, expected) = (format.chain_id, identity.chain_id);
        return Err(StorageError::OtherChain { path: root.path(), found, expected });
    }
    let expected = hex(&identity.genesis_hash);
    if format.genesis_hash != expected {
        let found = format.genesis_hash;
        return Err(StorageError::OtherGenesis { path: root.path(), found, expected });
    }
    let names = root.list()?;
    match FOLDERS.into_iter().find(|folder| !names.iter().any(|name| name == folder)) {
        Some(missing) => Err(StorageError::Incomplete { path: disk.locate(missing) }),
        None => Ok(()),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
