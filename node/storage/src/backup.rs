//! Copies of a data directory, also of one that a node is using.
//!
//! Nothing is locked and nothing waits: files only grow, get their names when they are complete,
//! and go when nobody needs them. So a copy is right when it is made in this order, and when what
//! went in between is looked for again:
//!
//! 1. Snapshots, then the archives of blocks and changes. Of a file that is being written, as much
//!    is copied as it had when its copy began; its archive's watermark is copied before. A snapshot
//!    that went meanwhile is none of the copy, because old blocks may have gone after it.
//! 2. The heads of batches, which so include those for whose proofs old blocks went, and their
//!    inputs. Then the log, which so reaches at least as far as all of this. When a snapshot or a
//!    segment of the log or of an archive has gone meanwhile, again.
//! 3. Proofs last, but none of a later batch: an input that was missing has one, and so has what
//!    old blocks went for. Then the note, which names every proof that went meanwhile. When it is
//!    beyond the heads that were copied, all of this is done again.
//! 4. The index is not copied: the first start from the copy makes it again from the blocks.
//! 5. Again means what has changed: a file that is complete, and as long as its copy, is the same.
//!    So a second try is short, however much history there is, and sees less go than the first.
//! 6. `FORMAT` last: without it nothing is a data directory. What else belongs to a copy is put
//!    there before.
//!
//! What comes of it is a directory as a crash would leave it, at a moment between the beginning and
//! the end; opening it cuts a torn tail as after any crash.

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use crate::{
    Folder, Result, StorageError,
    archive::{Archive, ArchiveConfig},
    directory::{self, FORMAT},
    disk::{Disk, DiskLock},
    document::{Documents, Kind},
    folder::numbered,
};

/// How often a stage is done again because files went while it ran.
const TRIES_MAX: usize = 10;

/// Snapshots that there are when old blocks may go: see the README.
const SNAPSHOTS_PRUNED: usize = 2;

/// What is read in one piece.
const CHUNK_BYTES: usize = 1 << 20;

/// The file of an archive that says what is durable, and of documents which were removed.
const SYNCED: &str = "SYNCED";
const NOTE: &str = "NOTE";

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl Copied {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { files: self.files + other.files, bytes: self.bytes + other.bytes }
    }
}

/// Copies a data directory onto an empty disk, durably.
pub struct Copier {
    source: Arc<dyn Disk>,
    target: Arc<dyn Disk>,
    /// Of the target, so that no other copy is made there meanwhile.
    lock: DiskLock,
}

impl fmt::Debug for Copier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [source, target] = [&self.source, &self.target].map(|disk| disk.locate(""));
        write!(formatter, "Copier({} to {})", source.display(), target.display())
    }
}

impl Copier {
    /// Takes the target.
    ///
    /// # Errors
    /// When it holds something, is used, or fails.
    pub fn new(source: Arc<dyn Disk>, target: Arc<dyn Disk>) -> Result<Self> {
        let root = Folder::unlocked(target.clone(), "")?;
        let refuse_full = || match directory::occupant(&target, &root)? {
            Some(found) => Err(StorageError::NotEmpty { path: root.path(), found }),
            None => Ok(()),
        };
        // Before the lock file is created: what is refused is left as it was.
        refuse_full()?;
        let lock = directory::lock(target.as_ref())?;
        // Once more: another copy may have been made before we got the lock.
        refuse_full()?;
        Ok(Self { source, target, lock })
    }

    /// Copies everything but `FORMAT`.
    ///
    /// # Errors
    /// When either disk fails, or when files went so often while they were copied that there is
    /// no copy.
    pub fn copy(&self) -> Result<Copied> {
        for _ in 0..TRIES_MAX {
            if let Some(copied) = self.all()? {
                return Ok(copied);
            }
        }
        Err(StorageError::NeverSettled { path: self.source.locate(""), tries: TRIES_MAX })
    }

    /// Makes a data directory of the copy, and lets go of it.
    ///
    /// # Errors
    /// When either disk fails.
    pub fn finish(self) -> Result<Copied> {
        let format = self.file("", FORMAT)?.unwrap_or_default();
        drop(self.lock);
        Ok(format)
    }

    fn all(&self) -> Result<Option<Copied>> {
        let Some((state, last)) = self.state()? else { return Ok(None) };
        self.to(directory::INDEX)?;
        let proofs = self.documents(directory::PROOFS, "proof", last)?;
        let note = self.file(directory::PROOFS, NOTE)?.unwrap_or_default();
        let proofs_there = Documents::open(self.to(directory::PROOFS)?, Kind::PROOF)?;
        let is_settled = proofs_there.removed_through()?.filter(|removed| *removed > 0) <= last;
        Ok(is_settled.then(|| state.and(proofs).and(note)))
    }

    /// Heads of batches and their inputs, with the number of the last one.
    fn batches(&self) -> Result<Option<(Copied, Option<u64>)>> {
        let Some(heads) = self.archive(directory::BATCHES)? else { return Ok(None) };
        let (archive, _) = Archive::open(self.to(directory::BATCHES)?, ArchiveConfig::default())?;
        let last = archive.last();
        // One that has gone has a proof, or is noted; both are copied later.
        let inputs = self.documents(directory::INPUTS, "input", last)?;
        Ok(Some((heads.and(inputs), last)))
    }

    /// The documents of batches up to this one, as far as they are there.
    fn documents(
        &self,
        folder: &'static str,
        ending: &'static str,
        last: Option<u64>,
    ) -> Result<Copied> {
        let numbers = self.from(folder).numbers(ending)?.into_iter();
        let numbers = numbers.filter(|number| Some(*number) <= last);
        let names: Vec<String> = numbers.map(|number| numbered(number, ending)).collect();
        self.clear_but(folder, &names)?;
        let mut copied = Copied::default();
        for name in &names {
            copied = copied.and(self.complete(folder, name)?.unwrap_or_default());
        }
        Ok(copied)
    }

    /// Everything but proofs, and the number of the last batch.
    fn state(&self) -> Result<Option<(Copied, Option<u64>)>> {
        let mut copied = Copied::default();
        let snapshots = self.from(directory::SNAPSHOTS).numbers("snapshot")?;
        let names: Vec<String> = snapshots.iter().map(|n| numbered(*n, "snapshot")).collect();
        self.clear_but(directory::SNAPSHOTS, &names)?;
        let mut files = Vec::with_capacity(names.len());
        for (name, number) in names.iter().zip(&snapshots) {
            let Some(file) = self.complete(directory::SNAPSHOTS, name)? else { return Ok(None) };
            files.push((*number, file));
        }
        for folder in [directory::BLOCKS, directory::CHANGES] {
            let Some(archive) = self.archive(folder)? else { return Ok(None) };
            copied = copied.and(archive);
        }
        let Some((batches, last)) = self.batches()? else { return Ok(None) };
        copied = copied.and(batches);
        self.clear_but(directory::WAL, &[])?;
        let segments = self.from(directory::WAL).numbers("wal")?;
        for number in &segments {
            match self.file(directory::WAL, &numbered(*number, "wal"))? {
                Some(file) => copied = copied.and(file),
                None => return Ok(None),
            }
        }
        // Pruned behind a newer snapshot than was copied? The log and the archives are not, as long
        // as that one is there.
        let newest = snapshots.last();
        let reaches_back = segments.first() <= newest.or(Some(&0));
        let now = self.from(directory::SNAPSHOTS).numbers("snapshot")?;
        let is_there = newest.map_or(now.len() < SNAPSHOTS_PRUNED, |newest| now.contains(newest));
        for (number, file) in files {
            if now.contains(&number) {
                copied = copied.and(file);
            } else {
                self.to(directory::SNAPSHOTS)?.remove(&numbered(number, "snapshot"))?;
            }
        }
        Ok((reaches_back && is_there && !segments.is_empty()).then_some((copied, last)))
    }

    /// An archive: its watermark before its records. `None` when a segment went meanwhile.
    fn archive(&self, folder: &'static str) -> Result<Option<Copied>> {
        let watermark = self.file(folder, SYNCED)?;
        let numbers = self.from(folder).numbers("archive")?;
        let names: Vec<String> = numbers.iter().map(|n| numbered(*n, "archive")).collect();
        let synced = watermark.map(|_| SYNCED.to_owned());
        self.clear_but(folder, &names.iter().cloned().chain(synced).collect::<Vec<_>>())?;
        let mut copied = watermark.unwrap_or_default();
        // To the last one records are added, and cut from it after a crash.
        let Some((last, complete)) = names.split_last() else { return Ok(Some(copied)) };
        for name in complete {
            let Some(file) = self.complete(folder, name)? else { return Ok(None) };
            copied = copied.and(file);
        }
        Ok(self.file(folder, last)?.map(|file| copied.and(file)))
    }

    fn from(&self, folder: &'static str) -> Folder {
        Folder::read_only(self.source.clone(), folder)
    }

    fn to(&self, folder: &'static str) -> Result<Folder> {
        Folder::unlocked(self.target.clone(), folder)
    }

    /// Removes what an earlier try has copied, but for these files.
    fn clear_but(&self, folder: &'static str, names: &[String]) -> Result<()> {
        let target = self.to(folder)?;
        for name in target.list()?.into_iter().filter(|name| !names.contains(name)) {
            target.remove(&name)?;
        }
        Ok(())
    }

    /// Copies a file that does not change any more, unless an earlier try has; `None` when it is
    /// not there.
    fn complete(&self, folder: &'static str, name: &str) -> Result<Option<Copied>> {
        let copy = Folder::read_only(self.target.clone(), folder).find(name)?;
        if let (Some(from), Some(copy)) = (self.from(folder).find(name)?, copy) {
            let bytes = copy.length()?;
            if from.length()? == bytes {
                return Ok(Some(Copied { files: 1, bytes }));
            }
        }
        self.file(folder, name)
    }

    /// Copies a file as long as it is now; `None` when it is not there.
    fn file(&self, folder: &'static str, name: &str) -> Result<Option<Copied>> {
        let Some(from) = self.from(folder).find(name)? else { return Ok(None) };
        let length = from.length()?;
        let to = self.to(folder)?.begin(name)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut offset = 0;
        while offset < length {
            let wanted = (length - offset).min(CHUNK_BYTES as u64) as usize;
            let read = from.read_at(offset, &mut chunk[..wanted])?;
            if read == 0 {
                break;
            }
            to.file().write_at(offset, &chunk[..read])?;
            offset += read as u64;
        }
        to.finish()?;
        Ok(Some(Copied { files: 1, bytes: offset }))
    }
}
