//! Documents: whole contents, each a file under a number.
//!
//! 1. A document gets its name when it is durable, so no crash leaves a part of one.
//! 2. Its trailer holds the BLAKE3 of the content, by which anybody may name it, and a CRC of all
//!    that is not content. [`Documents::get`] checks the second, which reads a few bytes;
//!    [`Document::verify`] also the first, which reads everything.
//! 3. Any number of readers and drafts at any time. Who has a document open keeps reading it after
//!    it is replaced or removed; of several drafts of a number the one that is kept last stays.
//! 4. When keeping, removing or noting fails, either state may be there after a crash. Nothing
//!    else suffers, and the same call repeated settles it.

mod file;
mod note;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use file::{Document, DocumentReader, Draft, LABEL_BYTES};

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Folder, Result, folder::numbered};

/// What the documents of a folder are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    ending: &'static str,
    magic: [u8; 8],
}

impl Kind {
    /// Whole states.
    pub const SNAPSHOT: Self = Self { ending: "snapshot", magic: *b"MNSTRSNP" };
    /// What a batch is proven from.
    pub const INPUT: Self = Self { ending: "input", magic: *b"MNSTRINP" };
    /// Where transactions and blocks are, by their hashes, and which blocks changed a key.
    pub const INDEX: Self = Self { ending: "run", magic: *b"MNSTRIDX" };
    /// Proofs of batches.
    pub const PROOF: Self = Self { ending: "proof", magic: *b"MNSTRPRF" };
}

/// The documents of one kind in a folder. Clones share the folder and the lock of its directory.
#[derive(Clone, Debug)]
pub struct Documents {
    folder: Folder,
    kind: Kind,
    /// How many drafts were begun: each has a file of its own.
    drafts: Arc<AtomicU64>,
}

impl Documents {
    /// Opens the folder and removes the drafts that a crash left.
    pub fn open(folder: Folder, kind: Kind) -> Result<Self> {
        folder.settle()?;
        Ok(Self { folder, kind, drafts: Arc::default() })
    }

    /// The numbers of all documents, ascending, none of them checked.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.folder.numbers(self.kind.ending)
    }

    /// How people find a document.
    pub(crate) fn locate(&self, number: u64) -> PathBuf {
        self.folder.locate(&numbered(number, self.kind.ending))
    }

    /// Bytes that the disk below still takes; `None` where nobody knows.
    pub fn free_bytes(&self) -> Result<Option<u64>> {
        self.folder.free_bytes()
    }

    /// Begins a document that nobody sees before [`Draft::keep`]. A draft that is dropped is gone.
    pub fn draft(&self, number: u64) -> Result<Draft> {
        let name = numbered(number, self.kind.ending);
        let serial = self.drafts.fetch_add(1, Ordering::Relaxed);
        Ok(Draft::new(self.folder.begin_serial(&name, serial)?, self.kind.magic, number))
    }

    /// Writes a document in one piece.
    pub fn write(&self, number: u64, content: &[u8]) -> Result<Document> {
        let mut draft = self.draft(number)?;
        draft.append(content)?;
        draft.keep()
    }

    /// A document whose form was found right; `None` when there is none.
    pub fn get(&self, number: u64) -> Result<Option<Document>> {
        let name = numbered(number, self.kind.ending);
        let found = self.folder.find(&name)?;
        found.map(|file| Document::open(file, self.kind.magic, number)).transpose()
    }

    /// Removes a document for good; one that is not there is fine.
    pub fn remove(&self, number: u64) -> Result<()> {
        let name = numbered(number, self.kind.ending);
        if self.folder.exists(&name)? { self.folder.remove(&name) } else { self.folder.sync() }
    }

    /// Notes that documents up to this one were removed, for whoever misses them. After a crash it
    /// is the old note or the new one.
    pub fn note_removed_through(&self, number: u64) -> Result<()> {
        note::write(&self.folder, number)
    }

    /// Up to which document some were removed; `None` when that was never noted.
    pub fn removed_through(&self) -> Result<Option<u64>> {
        note::read(&self.folder)
    }
}
