//! The file of a document: written in pieces, hashed on the way, read in ranges.

use std::io::{self, Read, Write};

use crate::{
    Result, StorageError,
    folder::{OpenFile, Unfinished},
};

const HEADER_BYTES: usize = 16;
/// The content begins behind the header.
const START: u64 = HEADER_BYTES as u64;
const LENGTH_BYTES: usize = 8;
const DIGEST_BYTES: usize = 32;
/// Bytes of a label.
pub const LABEL_BYTES: usize = 48;
const CHECKED_BYTES: usize = LENGTH_BYTES + DIGEST_BYTES + LABEL_BYTES;
const TRAILER_BYTES: usize = CHECKED_BYTES + 4;
/// How much is gathered before the file is asked.
const BUFFER_BYTES: usize = 1 << 20;
/// How much is left to the system before it is made durable. A sync of another file may wait for
/// all of it, and the log's syncs are what receipts wait for.
const UNSYNCED_MAX: u64 = PIECE_BYTES as u64;
/// How much is written at once.
const PIECE_BYTES: usize = 8 << 20;

/// The CRC of all that is not content.
fn checksum(header: &[u8; HEADER_BYTES], checked: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(checked);
    hasher.finalize().to_le_bytes()
}

fn header(magic: [u8; 8], number: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&magic);
    header[8..].copy_from_slice(&number.to_le_bytes());
    header
}

/// A document in the making, under a name that the next start would remove.
#[derive(Debug)]
pub struct Draft {
    unfinished: Unfinished,
    header: [u8; HEADER_BYTES],
    hasher: blake3::Hasher,
    /// What of the file is still to be written, the header at first.
    buffer: Vec<u8>,
    /// How many bytes of the file are written.
    written: u64,
    /// How many of them are durable.
    synced: u64,
    /// Why a sync failed. What it was about may be lost however often it is repeated.
    poisoned_by: Option<String>,
}

impl Draft {
    pub(super) fn new(unfinished: Unfinished, magic: [u8; 8], number: u64) -> Self {
        let header = header(magic, number);
        let hasher = blake3::Hasher::new();
        let (buffer, written, synced, poisoned_by) = (header.to_vec(), 0, 0, None);
        Self { unfinished, header, hasher, buffer, written, synced, poisoned_by }
    }

    /// Bytes of content so far.
    pub fn size(&self) -> u64 {
        self.written + self.buffer.len() as u64 - START
    }

    /// Adds to the content. After an error the content is what it was; after a failed sync nothing
    /// more is taken.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.refuse_poisoned()?;
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.pass_on()?;
        }
        if bytes.len() < BUFFER_BYTES {
            self.buffer.extend_from_slice(bytes);
        } else {
            let before = self.written;
            for piece in bytes.chunks(PIECE_BYTES) {
                if let Err(error) = self.write_piece(piece) {
                    self.written = before;
                    self.synced = self.synced.min(before);
                    return Err(error);
                }
            }
        }
        self.hasher.update(bytes);
        Ok(())
    }

    fn write_piece(&mut self, piece: &[u8]) -> Result<()> {
        self.sync_some()?;
        self.unfinished.file().write_at(self.written, piece)?;
        self.written += piece.len() as u64;
        Ok(())
    }

    fn pass_on(&mut self) -> Result<()> {
        self.sync_some()?;
        self.unfinished.file().write_at(self.written, &self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn refuse_poisoned(&self) -> Result<()> {
        let path = || self.unfinished.file().path().to_owned();
        match self.poisoned_by.clone() {
            Some(cause) => Err(StorageError::Poisoned { path: path(), cause }),
            None => Ok(()),
        }
    }

    /// Before more is written: makes durable what there is, when that is much.
    fn sync_some(&mut self) -> Result<()> {
        self.refuse_poisoned()?;
        if self.written - self.synced >= UNSYNCED_MAX {
            let result = self.unfinished.file().sync();
            if let Err(error) = &result {
                self.poisoned_by = Some(error.to_string());
            }
            result?;
            self.synced = self.written;
        }
        Ok(())
    }

    /// Reads what was added so far back from the file: so a reader can judge the very bytes that
    /// would be kept.
    pub fn reader(&mut self) -> Result<DocumentReader> {
        self.pass_on()?;
        Ok(DocumentReader::new(self.unfinished.file().clone(), self.written))
    }

    /// Makes a document of the draft; it exists as a whole when this returns.
    pub fn keep(self) -> Result<Document> {
        self.keep_labelled([0; LABEL_BYTES])
    }

    /// The same with a label: what the writer wants to know of the document beside its content.
    pub fn keep_labelled(mut self, label: [u8; LABEL_BYTES]) -> Result<Document> {
        let size = self.size();
        let digest = *self.hasher.finalize().as_bytes();
        let mut checked = size.to_le_bytes().to_vec();
        checked.extend_from_slice(&digest);
        checked.extend_from_slice(&label);
        checked.extend_from_slice(&checksum(&self.header, &checked));
        self.buffer.extend_from_slice(&checked);
        self.pass_on()?;
        Ok(Document { file: self.unfinished.finish()?, size, digest, label })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map_err(into_io)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on().map_err(into_io)
    }
}

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    file: OpenFile,
    size: u64,
    digest: [u8; DIGEST_BYTES],
    label: [u8; LABEL_BYTES],
}

impl Document {
    /// Checks all but the content.
    pub(super) fn open(file: OpenFile, magic: [u8; 8], number: u64) -> Result<Self> {
        let length = file.length()?;
        let Some(size) = length.checked_sub(START + TRAILER_BYTES as u64) else {
            return Err(damaged(&file, "it is too short"));
        };
        let (mut found, mut trailer) = ([0; HEADER_BYTES], [0; TRAILER_BYTES]);
        file.read_at(0, &mut found)?;
        file.read_at(START + size, &mut trailer)?;
        if !found.starts_with(&magic) {
            return Err(damaged(&file, "it does not begin as its name says"));
        }
        if found != header(magic, number) {
            return Err(damaged(&file, "its number is not that in its name"));
        }
        let (checked, crc) = trailer.split_at(CHECKED_BYTES);
        if checksum(&found, checked) != crc {
            return Err(damaged(&file, "its trailer does not fit its checksum"));
        }
        let (recorded, rest) = checked.split_at(LENGTH_BYTES);
        if recorded != size.to_le_bytes() {
            return Err(damaged(&file, "its length is not that in its trailer"));
        }
        let (mut digest, mut label) = ([0; DIGEST_BYTES], [0; LABEL_BYTES]);
        digest.copy_from_slice(&rest[..DIGEST_BYTES]);
        label.copy_from_slice(&rest[DIGEST_BYTES..]);
        Ok(Self { file, size, digest, label })
    }

    /// Bytes of content.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the file, which is the content and a little more.
    pub const fn size_on_disk(&self) -> u64 {
        self.size + (HEADER_BYTES + TRAILER_BYTES) as u64
    }

    /// BLAKE3 of the content, as recorded when it was written.
    pub const fn digest(&self) -> &[u8; DIGEST_BYTES] {
        &self.digest
    }

    /// What its writer noted beside the content; zeros when nothing.
    pub const fn label(&self) -> &[u8; LABEL_BYTES] {
        &self.label
    }

    /// Reads content at a position; fewer bytes than asked for only at its end. What is read in
    /// ranges is not checked against the digest.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let left = self.size.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let read = self.file.read_at(START + offset.min(self.size), &mut buffer[..left])?;
        if read < left { Err(self.shortened()) } else { Ok(read) }
    }

    /// Reads everything once and compares it with the digest.
    pub fn verify(&self) -> Result<()> {
        let mut hasher = blake3::Hasher::new();
        let mut chunk = vec![0; (self.size.min(BUFFER_BYTES as u64)) as usize];
        let mut offset = 0;
        while offset < self.size {
            let read = self.read_at(offset, &mut chunk)?;
            hasher.update(&chunk[..read]);
            offset += read as u64;
        }
        if hasher.finalize().as_bytes() != &self.digest {
            return Err(damaged(&self.file, "its content does not fit its checksum"));
        }
        Ok(())
    }

    /// Reads the content from its beginning, unchecked; see [`Self::verify`].
    pub fn reader(&self) -> DocumentReader {
        DocumentReader::new(self.file.clone(), START + self.size)
    }

    fn shortened(&self) -> StorageError {
        damaged(&self.file, "it became shorter while it was read")
    }
}

/// Reads content from its beginning, in large pieces.
#[derive(Debug)]
pub struct DocumentReader {
    file: OpenFile,
    /// What of the file is still to be read into the buffer.
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    /// What of the buffer was handed out.
    consumed: usize,
}

impl DocumentReader {
    fn new(file: OpenFile, end: u64) -> Self {
        Self { file, offset: START, end, buffer: Vec::new(), consumed: 0 }
    }

    /// The bytes of content that are still to be read.
    pub fn remaining(&self) -> u64 {
        self.end - self.offset + (self.buffer.len() - self.consumed) as u64
    }
}

impl Read for DocumentReader {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.consumed == self.buffer.len() {
            let wanted = (self.end - self.offset).min(BUFFER_BYTES as u64) as usize;
            self.buffer.resize(wanted, 0);
            self.consumed = 0;
            let filled = self.file.read_at(self.offset, &mut self.buffer).map_err(into_io)?;
            if filled < wanted {
                self.buffer.truncate(filled);
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.offset += wanted as u64;
        }
        let count = target.len().min(self.buffer.len() - self.consumed);
        target[..count].copy_from_slice(&self.buffer[self.consumed..self.consumed + count]);
        self.consumed += count;
        Ok(count)
    }
}

fn damaged(file: &OpenFile, reason: &'static str) -> StorageError {
    StorageError::DocumentDamaged { path: file.path().to_owned(), reason }
}

/// The system's error below one of ours, or ours in the system's clothes.
fn into_io(error: StorageError) -> io::Error {
    match error {
        StorageError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}
