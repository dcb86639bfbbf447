//! Snapshots: whole states, each under the sequence number where the log takes over from it.
//!
//! A snapshot of sequence `n` holds the effect of every log record before `n`; the node starts
//! from it by replaying from `n`. One file per snapshot; the README has the layout.
//!
//! A snapshot gets its name when it is durable, so no crash leaves a part of one. A snapshot that
//! fails its checksum is reported and never skipped silently: only the caller knows whether the
//! log reaches back to an older one.

#[cfg(test)]
mod tests;

use std::{io::Write, num::NonZeroUsize};

use crate::{
    Folder, Result, StorageError,
    document::{Document, DocumentReader, Documents, Kind},
};

/// The snapshots in a folder.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: Folder,
    documents: Documents,
}

/// What is known of one snapshot: a reader of its verified content, or why there is none.
#[derive(Debug)]
pub struct Candidate {
    /// Where the log takes over.
    pub sequence: u64,
    /// The content.
    pub content: Result<DocumentReader>,
}

impl Snapshots {
    /// Opens the folder and removes what a crash left of unfinished snapshots.
    pub fn open(folder: Folder) -> Result<Self> {
        let documents = Documents::open(folder.clone(), Kind::SNAPSHOT)?;
        Ok(Self { folder, documents })
    }

    /// The sequence numbers of all snapshots, newest first, none of them verified.
    pub fn sequences(&self) -> Result<Vec<u64>> {
        let mut sequences = self.documents.numbers()?;
        sequences.reverse();
        Ok(sequences)
    }

    /// Writes a snapshot; it exists as a whole when this returns, and not at all before.
    pub fn write(
        &self,
        sequence: u64,
        fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<()> {
        let mut draft = self.documents.draft(sequence)?;
        fill(&mut draft).map_err(|source| {
            let path = self.documents.locate(sequence);
            StorageError::Io { operation: "write the snapshot", path, source }
        })?;
        draft.keep().map(drop)
    }

    /// The newest snapshot, verified. One that is damaged is an error; see [`Self::candidates`].
    pub fn load_latest(&self) -> Result<Option<(u64, DocumentReader)>> {
        match self.candidates()?.next() {
            Some(Candidate { sequence, content }) => Ok(Some((sequence, content?))),
            None => Ok(None),
        }
    }

    /// One snapshot, verified.
    pub fn load(&self, sequence: u64) -> Result<DocumentReader> {
        let verified = |document: Document| document.verify().map(|()| document.reader());
        match self.documents.get(sequence).and_then(|found| found.map(verified).transpose()) {
            Ok(Some(reader)) => Ok(reader),
            Ok(None) => Err(StorageError::SnapshotMissing { path: self.folder.path(), sequence }),
            Err(StorageError::DocumentDamaged { path, reason }) => {
                Err(StorageError::SnapshotDamaged { path, reason })
            }
            Err(error) => Err(error),
        }
    }

    /// One snapshot whose content nobody has verified, for who wants a few bytes of it; `None` when
    /// there is none.
    pub fn look(&self, sequence: u64) -> Result<Option<DocumentReader>> {
        Ok(self.documents.get(sequence)?.map(|document| document.reader()))
    }

    /// All snapshots, newest first, each verified when it is asked for. A caller that passes over
    /// a damaged one must find the log from the older one's sequence on.
    pub fn candidates(&self) -> Result<impl Iterator<Item = Candidate> + '_> {
        let sequences = self.sequences()?.into_iter();
        Ok(sequences.map(|sequence| Candidate { sequence, content: self.load(sequence) }))
    }

    /// Removes a snapshot for good; one that is not there is fine.
    pub fn remove(&self, sequence: u64) -> Result<()> {
        self.documents.remove(sequence)
    }

    /// Removes all snapshots but the newest so many.
    pub fn keep(&self, count: NonZeroUsize) -> Result<()> {
        // Oldest first, so that a crash leaves no hole in what is kept.
        for sequence in self.sequences()?.into_iter().skip(count.get()).rev() {
            self.remove(sequence)?;
        }
        Ok(())
    }
}
