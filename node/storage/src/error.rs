use std::{io, path::PathBuf};

/// The result of every operation of this crate.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// Why storage refused or failed. Each message names the path, the reason and a way out.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The operating system refused an operation.
    #[error("cannot {operation} {path}: {source}", path = path.display())]
    Io {
        /// What was tried: a verb that reads well after "cannot".
        operation: &'static str,
        /// The file or directory it was tried on.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },

    /// Another process holds the data directory.
    #[error(
        "{path} is in use by another process; stop that one first or choose another directory",
        path = path.display()
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
    },

    /// Others read the data directory: they copy or check it.
    #[error(
        "{path} is being copied or checked; a node can start on it when that is over",
        path = path.display()
    )]
    BeingRead {
        /// The data directory.
        path: PathBuf,
    },

    /// A copy was to be made where something is.
    #[error(
        "{path} is not empty (it holds \"{found}\"); choose another directory, or empty this one \
         if it is what is left of a copy that was broken off",
        path = path.display()
    )]
    NotEmpty {
        /// The directory that was asked for.
        path: PathBuf,
        /// One name found in it.
        found: String,
    },

    /// The directory holds something, and Minster did not write it.
    #[error(
        "{path} is not empty and not a Minster data directory (it holds \"{found}\"); \
         choose an empty directory",
        path = path.display()
    )]
    ForeignDirectory {
        /// The directory that was asked for.
        path: PathBuf,
        /// One name found in it.
        found: String,
    },

    /// The directory was written by a version that this binary does not know.
    #[error(
        "{path} was written by a newer Minster: format {found}, this binary knows up to {known}; \
         upgrade the binary",
        path = path.display()
    )]
    NewerFormat {
        /// The data directory.
        path: PathBuf,
        /// The format number found.
        found: u64,
        /// The newest format this binary reads.
        known: u64,
    },

    /// The directory was written by a version whose format this binary no longer reads.
    #[error(
        "{path} was written by an older Minster: format {found}, this binary reads {known} alone; \
         before the first release nothing is converted: choose another directory, or go on with \
         the binary that wrote this one",
        path = path.display()
    )]
    OlderFormat {
        /// The data directory.
        path: PathBuf,
        /// The format number found.
        found: u64,
        /// The format this binary reads.
        known: u64,
    },

    /// The `FORMAT` file cannot be understood.
    #[error(
        "{path} is not a valid FORMAT file ({source}); restore it from a backup",
        path = path.display()
    )]
    FormatUnreadable {
        /// The `FORMAT` file.
        path: PathBuf,
        /// What is wrong with the JSON.
        source: serde_json::Error,
    },

    /// The directory belongs to another chain id.
    #[error(
        "{path} belongs to chain {found}, not to chain {expected}; \
         choose another directory or the configuration of chain {found}",
        path = path.display()
    )]
    OtherChain {
        /// The data directory.
        path: PathBuf,
        /// The chain id in it.
        found: u64,
        /// The chain id of the configuration.
        expected: u64,
    },

    /// The directory has the right chain id but another genesis.
    #[error(
        "{path} was created from another genesis ({found}, the configuration has {expected}); \
         choose another directory or the genesis it was created with",
        path = path.display()
    )]
    OtherGenesis {
        /// The data directory.
        path: PathBuf,
        /// The genesis hash in it.
        found: String,
        /// The genesis hash of the configuration.
        expected: String,
    },

    /// A part of the data directory is gone.
    #[error(
        "{path} is missing although its data directory was complete; restore it from a backup",
        path = path.display()
    )]
    Incomplete {
        /// The missing folder.
        path: PathBuf,
    },

    /// The write-ahead log holds damage that no crash can cause; nothing was changed.
    #[error(
        "the write-ahead log is damaged in {path} at byte {offset}: {reason}; nothing was changed; \
         restore the file from a backup or rebuild the node from L1",
        path = path.display()
    )]
    WalDamaged {
        /// The damaged segment.
        path: PathBuf,
        /// Where the damage begins.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },

    /// An archive holds damage that no crash can cause; nothing was changed.
    #[error(
        "the archive is damaged in {path} at byte {offset}: {reason}; nothing was changed; \
         restore the file from a backup or rebuild the node from L1",
        path = path.display()
    )]
    ArchiveDamaged {
        /// The damaged segment.
        path: PathBuf,
        /// Where the damage begins.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },

    /// A snapshot fails its checksum or its form.
    #[error(
        "the snapshot {path} is damaged: {reason}; \
         start from an older one if the write-ahead log still reaches back to it",
        path = path.display()
    )]
    SnapshotDamaged {
        /// The damaged snapshot.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// A document or a folder's note fails its checksum or its form.
    #[error("{path} is damaged: {reason}; restore it from a backup", path = path.display())]
    DocumentDamaged {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// There is no snapshot with this sequence number.
    #[error("{path} holds no snapshot of sequence {sequence}", path = path.display())]
    SnapshotMissing {
        /// The folder of snapshots.
        path: PathBuf,
        /// The sequence number asked for.
        sequence: u64,
    },

    /// The newest snapshot is ahead of the log: a part of the log was lost.
    #[error(
        "the write-ahead log in {path} ends at sequence {next}, before the snapshot of sequence \
         {snapshot}: segments were removed; restore them from a backup or rebuild from L1",
        path = path.display()
    )]
    WalBehindSnapshot {
        /// The folder of the log.
        path: PathBuf,
        /// The sequence number that the log would give out next.
        next: u64,
        /// The sequence number of the newest snapshot.
        snapshot: u64,
    },

    /// A replay was asked for from outside the log.
    #[error("sequence {requested} cannot be replayed: the log reaches from {first} to {next}")]
    SequenceUnavailable {
        /// Where the replay was to begin.
        requested: u64,
        /// The oldest record kept.
        first: u64,
        /// The sequence number that the next record gets.
        next: u64,
    },

    /// An earlier write failed, so what is on the disk is unknown until the next start.
    #[error(
        "{path} takes no more writes after a failure ({cause}); \
         free space or replace the disk, then restart the node",
        path = path.display()
    )]
    Poisoned {
        /// The folder whose writer stopped.
        path: PathBuf,
        /// The message of the first failure.
        cause: String,
    },

    /// A record or a group of records is over the limit; nothing was written.
    #[error("{size} bytes in one write are over the limit of {max}")]
    TooLarge {
        /// The size given.
        size: usize,
        /// The limit.
        max: usize,
    },

    /// An archive record does not continue the archive; nothing was written.
    #[error("record {found} does not follow: the archive continues with {expected}")]
    NotConsecutive {
        /// The number that comes next.
        expected: u64,
        /// The number given.
        found: u64,
    },

    /// Files of a data directory went again and again while they were copied.
    #[error(
        "files of {path} went away while they were copied, {tries} times; \
         copy when less is going on, or stop the node for it",
        path = path.display()
    )]
    NeverSettled {
        /// The data directory.
        path: PathBuf,
        /// How often it was tried.
        tries: usize,
    },

    /// The largest number is taken; an archive or a log of 2^64 records is a bug of the caller.
    #[error("the record numbers of {path} are used up", path = path.display())]
    NumbersUsedUp {
        /// The folder concerned.
        path: PathBuf,
    },
}

impl StorageError {
    /// Whether the system failed, which says nothing about what is on the disk.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Poisoned { .. })
    }
}
